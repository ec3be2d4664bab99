"""Guards that several chapters share. Each returns the reason it refuses, or nothing."""

from __future__ import annotations

from typing import Any

from casefiles.flow.grammar import CaseView, Party, Refusal


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
        "Terlapor adalah pegawai otoritas pemeriksa sendiri; pemeriksa tidak boleh memutus. Alihkan dengan redirect.",
        "The subject is an officer of the examining agency itself, which may not decide. Use redirect.",
        pointer="#/employer",
        resolve_with=("redirect",),
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


def not_after_the_act(pointer: str, read: Any) -> Any:
    """A guard: a date that was given lies not after the day of the act."""

    def guard(case: CaseView, given: Any) -> Refusal | None:
        day = read(given)
        if day is None or day <= case.today:
            return None
        return Refusal(
            "date-in-the-future",
            "Tanggal ini lebih lambat daripada hari langkah ini dilakukan (occurred_at).",
            "This date is later than the day of this step (occurred_at).",
            pointer=pointer,
        )

    guard.__name__ = f"{pointer}_not_after_the_act"
    return guard
