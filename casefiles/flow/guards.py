"""Guards that several chapters share. Each returns the reason it refuses, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from casefiles import nip
from casefiles.flow.given import Official
from casefiles.flow.grammar import AgencyView, CaseView, MandateView, Party, Refusal, Requirement
from casefiles.flow.judging import reasons_of
from casefiles.names import name_key


def mandate_in_office(case: CaseView, given: Any) -> Refusal | None:
    """The examiner's mandate was in force on the day of the act, and has not ended since, be it a caretaker's."""
    mandate = case.mandate
    if mandate is None or not mandate.in_force(on=case.today):
        return Refusal(
            "mandate-not-in-force",
            "Mandat pemeriksa tidak berlaku pada hari langkah ini dilakukan (occurred_at). " + _in_office(case)[0],
            "The examiner's mandate was not in force on the day of this step (occurred_at). " + _in_office(case)[1],
            pointer="#/occurred_at",
            resolve_with=("hand-over",),
        )
    if not _ended_meanwhile(case, mandate):
        return None
    return Refusal(
        "mandate-not-in-force",
        f"Mandat pemeriksa ({mandate.code}) berakhir pada {mandate.valid_until}. Yang tidak dicatat selama mandat itu "
        "berlaku tidak dapat dicatat sesudahnya dengan tanggal mundur. " + _in_office(case)[0],
        f"The examiner's mandate ({mandate.code}) ended on {mandate.valid_until}. What was not recorded while it ran "
        "cannot be recorded afterwards by dating it back. " + _in_office(case)[1],
        pointer="#/occurred_at",
        resolve_with=("hand-over",),
    )


def _ended_meanwhile(case: CaseView, mandate: MandateView) -> bool:
    """Whether the mandate ended before this is recorded.

    A casefile that was itself recorded only after the end is a history written down late: the acts of its days belong
    to it. Any other was here while the mandate ran, and what its holder did had to be recorded then.
    """
    if mandate.valid_until is None or case.created_at is None:
        return False
    zone = ZoneInfo(case.acting.time_zone)
    recorded, created = (moment.astimezone(zone).date() for moment in (case.now, case.created_at))
    return created < mandate.valid_until <= recorded


def _in_office(case: CaseView) -> tuple[str, str]:
    """Who examines now and under which mandate, and what has to happen, in both languages."""
    office = case.in_office
    if office is None:
        return (
            "Sekarang tidak ada mandat yang berlaku; perkara diserahkan setelah operator mendaftarkannya.",
            "No mandate is in force now; the case is handed over once the operator has registered one.",
        )
    who = f"{office.agency_name or office.agency} ({office.agency}), {office.code}"
    return (
        f"Yang berwenang sekarang: {who}. Perkara perlu diserahkan kepada mandat itu.",
        f"In office now: {who}. The case has to be handed over to that mandate.",
    )


def examiner_in_office(by: tuple[Party, ...]) -> Any:
    """A guard: whoever acts as the examiner holds a mandate that is in force, on the day of the act and today.

    `by` are the parties of the row: an agency that may perform it as another of them needs no mandate.
    """
    others = frozenset(by) - {Party.EXAMINER}

    def guard(case: CaseView, given: Any) -> Refusal | None:
        as_examiner = Party.EXAMINER in case.acts_as and not others & case.acts_as
        return mandate_in_office(case, given) if as_examiner else None

    guard.__name__ = "examiner_in_office"
    return guard


def no_caretaker(case: CaseView, given: Any) -> Refusal | None:
    """A caretaker holds the cases of a gap; whether one is accepted, recommended or closed waits for its successor."""
    if case.mandate is None or not case.mandate.caretaker or mandate_in_office(case, given) is not None:
        return None
    return Refusal(
        "caretaker-may-not",
        "Pemegang mandat sementara tidak berwenang menerima, merekomendasikan, atau menutup perkara.",
        "A caretaker may neither accept, recommend nor close.",
        resolve_with=("hand-over",),
    )


def subject_identified(case: CaseView, given: Any) -> Refusal | None:
    """The officer is known: NIP, employer and kind of employment."""
    if case.facts["subject"].get("identified"):
        return None
    return Refusal(
        "subject-not-identified",
        "Terlapor belum teridentifikasi. Isi identitasnya dengan identify, atau tanyakan kepada instansinya dengan "
        "request-identity.",
        "The subject is not identified yet. Give the identity with identify, or ask with request-identity.",
        pointer="#/subject",
        resolve_with=("identify", "request-identity"),
    )


def employer_known(case: CaseView, given: Any) -> Refusal | None:
    """Somebody employs the officer. An agency that was asked after they had been identified may have disowned them."""
    if case.facts.get("employer") or not case.facts["subject"].get("identified"):
        return None
    return Refusal(
        "employer-unknown",
        "Instansi pegawai belum diketahui: instansi yang ditanya menyatakan terlapor bukan pegawainya. Isi dengan "
        "identify, tanyakan lagi dengan request-identity, atau alihkan dengan transfer.",
        "Nobody is known to employ the subject: the agency that was asked disowned them. Give the employer with "
        "identify, ask again with request-identity, or use transfer.",
        pointer="#/employer",
        resolve_with=("identify", "request-identity", "transfer"),
    )


def not_the_examiners_own_officer(case: CaseView, given: Any) -> Refusal | None:
    """An examiner never decides on its own officer."""
    employer = case.parties.get(Party.EMPLOYER)
    examiner = case.parties.get(Party.EXAMINER)
    if employer is None or examiner is None or employer.code != examiner.code:
        return None
    return Refusal(
        "own-officer",
        "Terlapor adalah pegawai otoritas pemeriksa sendiri; pemeriksa tidak boleh memutus. Alihkan dengan redirect.",
        "The subject is an officer of the examining agency itself, which may not decide. Use redirect.",
        pointer="#/employer",
        resolve_with=("redirect",),
    )


def receiver_is_not_the_subject(case: CaseView, given: Any) -> Refusal | None:
    """A recommendation is never received by the person it concerns, known by NIP, else by name."""
    receiver: Official | None = given.received_by
    subject = case.facts["subject"]
    if receiver is None:
        return None
    if receiver.nip is not None and nip.all_of(subject):
        if receiver.nip not in nip.all_of(subject):
            return None
        return Refusal(
            "receiver-is-the-subject",
            "Rekomendasi tidak boleh diterima oleh terlapor sendiri. Sebut penerima lain.",
            "The recommendation may not be received by the subject himself. Name another receiver.",
            pointer="#/received_by/nip",
        )
    name = subject.get("name")
    if not name or name_key(receiver.name) != name_key(name):
        return None
    return Refusal(
        "receiver-is-the-subject",
        "Penerima bernama sama dengan terlapor, dan rekomendasi tidak boleh diterima oleh terlapor sendiri. Sebut "
        "penerima lain; bila memang orang lain yang senama, sebut NIP-nya.",
        "The receiver bears the subject's name, and the recommendation may not be received by the subject. Name "
        "another receiver; if it is another person of that name, give the NIP.",
        pointer="#/received_by/name",
    )


def at_most(transition: str, times: int) -> Any:
    """A guard that refuses the transition once it has been performed that often."""

    def guard(case: CaseView, given: Any) -> Refusal | None:
        if case.done(transition) < times:
            return None
        return Refusal(
            "limit-reached",
            f"{transition} hanya boleh {times} kali untuk satu perkara.",
            f"{transition} is allowed {times} time(s) per casefile.",
        )

    guard.__name__ = f"{transition}_at_most_{times}"  # the digest of the flow names the limit
    return guard


def foreseen(values: Callable[[CaseView], Iterable[Any]], *guards: Requirement) -> Any:
    """A guard that knows before anything is given: the row is blocked where every choice would be refused.

    `values` are bodies with the decisive field only, `guards` those that judge it by itself. The reasons are those of
    the choice that is refused for the fewest; once a body is there, its own guards say what is wrong with it.
    """

    def guard(case: CaseView, given: Any) -> tuple[Refusal, ...]:
        if given is not None:
            return ()
        fewest: tuple[Refusal, ...] | None = None
        for value in values(case):
            reasons = tuple(reason for one in guards for reason in reasons_of(one(case, value)))
            if not reasons:
                return ()
            if fewest is None or len(reasons) < len(fewest):
                fewest = reasons
        return fewest or ()

    guard.__name__ = "foreseen_by_" + "_and_".join(getattr(one, "__name__", "") for one in guards)
    return guard


def is_agency(pointer: str, role: str) -> Any:
    """A guard: the agency named under `pointer` (a field of the body) takes part now, and has that role."""
    field = pointer.removeprefix("#/")

    def guard(case: CaseView, given: Any) -> Refusal | None:
        code = getattr(given, field)
        if code is None:
            return None
        agency = case.agencies.get(code)
        if agency is not None and agency.in_force and role in agency.roles:
            return None
        if agency is not None and not agency.in_force and agency.ended_on:
            return ended(agency, pointer=pointer)
        return Refusal(
            "agency-lacks-role",
            f"Instansi ini tidak berperan sebagai {role} pada hari ini.",
            f"That agency does not act as {role} on this day.",
            pointer=pointer,
        )

    guard.__name__ = f"{field}_is_{role}"
    return guard


def ended(agency: AgencyView, *, pointer: str, resolve_with: tuple[str, ...] = ()) -> Refusal:
    """An agency that is no longer there is asked for nothing; the refusal names its heirs."""
    heirs = ", ".join(agency.heirs)
    next_id = f"Penerusnya: {heirs}." if heirs else "Cari penggantinya dengan GET /api/v1/agencies?q="
    next_en = f"Its heirs: {heirs}." if heirs else "Look for another with GET /api/v1/agencies?q="
    return Refusal(
        "agency-ended",
        f"Instansi {agency.code} ({agency.name}) tidak ada lagi; berakhir pada {agency.ended_on}. {next_id}",
        f"The agency {agency.code} ({agency.name}) is gone; it ended on {agency.ended_on}. {next_en}",
        pointer=pointer,
        resolve_with=resolve_with,
    )


def addressee_is_there(case: CaseView, given: Any) -> Refusal | None:
    """Nothing is handed back to an addressee that ended in the meantime: a transfer names its heir first."""
    addressee = case.parties.get(Party.ADDRESSEE)
    if addressee is None or addressee.in_force or not addressee.ended_on:
        return None
    return ended(addressee, pointer="", resolve_with=("transfer",))
