"""Guards that several chapters share. Each returns the reason it refuses, or nothing."""

from __future__ import annotations

from typing import Any

from casefiles import nip
from casefiles.flow.given import Official
from casefiles.flow.grammar import CaseView, Party, Refusal
from casefiles.names import name_key


def mandate_in_office(case: CaseView, given: Any) -> Refusal | None:
    """The examiner's mandate was in force on the day of the act, be it a caretaker's."""
    if case.mandate is None or not case.mandate.in_force(on=case.today):
        return Refusal(
            "mandate-not-in-force",
            "Mandat pemeriksa tidak berlaku pada hari langkah ini dilakukan (occurred_at). Perkara perlu diserahkan "
            "kepada pemegang mandat yang baru.",
            "The examiner's mandate was not in force on the day of this step (occurred_at). The case has to be handed "
            "over to the holder of the new mandate.",
            pointer="#/occurred_at",
            resolve_with=("hand-over",),
        )
    return None


def mandate_in_force(case: CaseView, given: Any) -> Refusal | None:
    """The examiner's mandate was in force on the day of the act, and is no caretaker's."""
    if (out_of_office := mandate_in_office(case, given)) is not None:
        return out_of_office
    if case.mandate is None or not case.mandate.caretaker:
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
        "The subject is not identified yet. Give his identity with identify, or ask his agency with request-identity.",
        pointer="#/subject",
        resolve_with=("identify", "request-identity"),
    )


def not_the_examiners_own_officer(case: CaseView, given: Any) -> Refusal | None:
    """An examiner never decides on its own officer."""
    employer = case.parties.get(Party.EMPLOYER)
    examiner = case.parties.get(Party.EXAMINER)
    if employer is None or examiner is None or employer.code != examiner.code:
        return None
    return Refusal(
        "own-officer",
        "Terlapor adalah pegawai instansi pemeriksa sendiri; pemeriksa tidak boleh memutus. Alihkan dengan redirect.",
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
    if not subject.get("name") or name_key(receiver.name) != name_key(subject["name"]):
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
        return Refusal(
            "agency-lacks-role",
            f"Instansi ini tidak berperan sebagai {role} pada hari ini.",
            f"That agency does not act as {role} on this day.",
            pointer=pointer,
        )

    guard.__name__ = f"{field}_is_{role}"
    return guard
