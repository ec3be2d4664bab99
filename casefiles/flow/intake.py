"""Intake: from the forwarded finding to an accepted case.

Bawaslu forwards what it has clarified; the examining authority verifies form and substance, asks the officer's agency
who they are, sends an incomplete file back, and accepts or rejects. PKS 2023 art. on handling; SKB 2/2022; SBT practice
of 2024 (seven days to verify, three working days to complete).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from casefiles.file import ReturnedItem
from casefiles.file import Verification as VerificationHeld
from casefiles.flow.dates import Tells
from casefiles.flow.finding import FindingGiven
from casefiles.flow.given import Act, Official, RejectReason, WithdrawReason
from casefiles.flow.grammar import (
    AgencyView,
    CaseView,
    Changes,
    Clock,
    Party,
    Referral,
    Refusal,
    State,
    Target,
    Transition,
)
from casefiles.flow.guards import (
    at_most,
    employer_known,
    is_agency,
    no_caretaker,
    not_the_examiners_own_officer,
    subject_identified,
)
from casefiles.flow.identity import (
    Disownment,
    Identity,
    IdentityRequest,
    Recall,
    asked,
    asked_in_vain,
    disowned,
    employer_so_far,
    identified,
    identified_as_our_own,
    identified_by_whoever_has_the_turn,
    names_another_agency,
    not_asked_of_his_own_desk,
    recalled,
)
from casefiles.flow.ladder import lapsed_where_the_clock_recalls
from casefiles.flow.offices import above
from casefiles.shapes import (
    Between,
    Code,
    Date,
    Doc,
    DocumentId,
    Identifier,
    Items,
    NotAfterToday,
    Ref,
    Text,
)

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnItem:
    """One thing that is missing or unclear."""

    code: Annotated[
        str, Code("reasons/return"), Doc(id="Yang kurang", en="What is missing", example="missing_evidence")
    ]
    text: Annotated[str, Text(4000), Doc(id="Penjelasan", en="Explanation", example="Lampirkan tangkapan layar.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Return(Act):
    """return: the numbered list of what the submitter has to supply."""

    items: Annotated[tuple[ReturnItem, ...], Items(1, 20), Doc(id="Daftar kekurangan", en="Items")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one returned item, by its number (from 1)."""

    item: Annotated[int, Between(1, 20), Doc(id="Nomor butir", en="Item number", example=1)]
    text: Annotated[str, Text(8000), Doc(id="Jawaban", en="Answer", example="Terlampir.")]
    documents: Annotated[tuple[DocumentId, ...], Items(0, 50), Doc(id="Dokumen", en="Documents")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion(Act):
    """complete: one answer per item."""

    answers: Annotated[tuple[Answer, ...], Items(1, 20), Doc(id="Jawaban per butir", en="One answer per item")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Act):
    """withdraw: the submitter takes the matter back before it was accepted."""

    reason: Annotated[WithdrawReason, Doc(id="Alasan", en="Reason", example={"code": "double_entry"})]
    documents: Annotated[tuple[DocumentId, ...], Items(0, 20), Doc(id="Dokumen", en="Documents")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection(Act):
    """reject: the matter cannot be taken in."""

    reason: Annotated[RejectReason, Doc(id="Alasan", en="Reason", example={"code": "not_asn"})]
    official: Annotated[Official, Doc(id="Pejabat yang memutus", en="Official who decided")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The joint verification before acceptance."""

    held_on: Annotated[
        Date,
        NotAfterToday(),
        Tells("verified"),
        Doc(id="Tanggal verifikasi", en="Day of the verification", example="2024-10-14"),
    ]
    result: Annotated[str, Code("verification_result"), Doc(id="Hasil", en="Result", example="complete")]
    members: Annotated[
        tuple[Annotated[str, Text(200)], ...], Items(0, 30), Doc(id="Peserta", en="Members", example=["bkn"])
    ] = ()
    minutes: Annotated[DocumentId, Doc(id="Berita acara", en="Minutes")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance(Act):
    """accept: the file goes under examination."""

    examiner_reference: (
        Annotated[str, Text(120), Identifier(), Doc(id="Nomor perkara", en="Reference", example="W-112/2024")] | None
    ) = None
    unit: (
        Annotated[str, Text(200), Doc(id="Unit pemeriksa", en="Examining unit", example="Direktorat Wasdal")] | None
    ) = None
    verification: Annotated[Verification, Doc(id="Verifikasi bersama", en="Joint verification")] | None = None
    not_duplicate_of: Annotated[
        tuple[Annotated[UUID, Ref("casefile")], ...],
        Items(0, 100, unique=True),
        Doc(
            id="Perkara dari suspected_duplicates yang dinilai bukan perkara yang sama",
            en="Casefiles of suspected_duplicates that were judged to be another matter",
            example=[],
        ),
    ] = ()


# --- what each requires ---------------------------------------------------------------------------------------------


def every_item_answered(case: CaseView, given: Completion) -> Iterable[Refusal]:
    """One answer per returned item, none beside them."""
    asked = {item["number"] for item in (case.facts.get("returned") or {}).get("items", ())}
    answered = [answer.item for answer in given.answers]
    for number in sorted(asked - set(answered)):
        yield Refusal(
            "item-unanswered",
            f"Butir {number} belum dijawab.",
            f"Item {number} has no answer.",
            pointer="#/answers",
        )
    for index, number in enumerate(answered):
        if number not in asked or number in answered[:index]:
            yield Refusal(
                "item-unknown",
                "Butir ini tidak diminta atau sudah dijawab di atas.",
                "This item was not asked, or is answered above already.",
                pointer=f"#/answers/{index}/item",
            )


def verification_held(case: CaseView, given: Acceptance) -> Refusal | None:
    """Joint verification comes before acceptance where the mandate's row requires it."""
    if case.mandate is None or not case.mandate.verification_required or given.verification is not None:
        return None
    return Refusal(
        "verification-missing",
        "Mandat ini mensyaratkan verifikasi bersama sebelum perkara diterima. Isi verification.",
        "This mandate requires a joint verification before acceptance. Give verification.",
        pointer="#/verification",
    )


def duplicates_judged(case: CaseView, given: Acceptance) -> Iterable[Refusal]:
    """Every casefile that may be the same matter was merged, or is named as another matter."""
    named = {str(one) for one in given.not_duplicate_of}
    for one in case.duplicates:
        if one.id not in named:
            yield Refusal(
                "duplicates-not-judged",
                f"Perkara {one.number} mungkin perkara yang sama. Gabungkan dengan merge, atau sebut {one.id} dalam "
                "not_duplicate_of.",
                f"Casefile {one.number} may be the same matter. Merge it, or name {one.id} in not_duplicate_of.",
                pointer="#/not_duplicate_of",
                resolve_with=("merge",),
            )


# --- what becomes of the file ---------------------------------------------------------------------------------------


def closed_for_its_reason(case: CaseView, given: Withdrawal | Rejection) -> Changes:
    """Why the matter ended before it was taken in; the words stay with the step."""
    return {"closing": {"reason": {"code": given.reason.code}}}


def returned(case: CaseView, given: Return) -> Changes:
    """The numbered list the submitter answers."""
    items: list[ReturnedItem] = [
        {"number": n, "code": item.code, "text": item.text} for n, item in enumerate(given.items, start=1)
    ]
    return {"returned": {"round": case.done("return") + 1, "items": items}}


def completed(case: CaseView, given: Completion) -> Changes:
    """The list is settled; the answers stay with the transition that gave them."""
    return {"returned": None}


def accepted(case: CaseView, given: Acceptance) -> Changes:
    """Reference, unit, verification, the day, and which casefiles were judged to be other matters."""
    verification: VerificationHeld | None = None
    if given.verification is not None:
        held = given.verification
        verification = {
            "held_on": held.held_on.isoformat(),
            "result": held.result,
            "members": list(held.members),
            "minutes": str(held.minutes) if held.minutes else None,
        }
    return {
        "examiner_reference": given.examiner_reference,
        "unit": given.unit,
        "accepted_on": case.today.isoformat(),
        "verification": verification,
        "not_duplicate_of": [str(one) for one in given.not_duplicate_of],
    }


def completion_rule(given: Return) -> str:
    """Three working days where Bawaslu is asked to validate, else the ordinary completion rule."""
    return "validate" if any(item.code == "validation_requested" for item in given.items) else "complete"


def the_submitting_side(case: CaseView, given: Any) -> tuple[AgencyView, ...]:
    """The office that submits and those above it see the file from its first step on."""
    office = case.parties[Party.SUBMITTER]
    return (office, *above(office, case.agencies.values()))


# --- the rows -------------------------------------------------------------------------------------------------------

INTAKE = (
    Transition(
        name="submit",
        title_id="Temuan diteruskan",
        title_en="Finding forwarded",
        source=(),
        creates=True,
        target=State.SUBMITTED,
        by=(Party.SUBMITTER,),
        takes=FindingGiven,
        opens=Referral(to=Party.EXAMINER, purpose="verify"),
        grants=the_submitting_side,
        announces="casefile.submitted",
        article="SKB 2/2022; PKS Bawaslu-KASN 2023",
    ),
    Transition(
        name="request-identity",
        title_id="Identitas diminta",
        title_en="Identity asked",
        source=(State.SUBMITTED,),
        target=State.IDENTITY_REQUESTED,
        by=(Party.EXAMINER,),
        takes=IdentityRequest,
        weighs=(not_asked_of_his_own_desk, is_agency("#/employer", "employer")),
        records=asked,
        opens=Referral(to=Party.EMPLOYER, purpose="identify"),
        ends=employer_so_far,
        announces="casefile.identity_requested",
        article="SKB 2/2022",
    ),
    Transition(
        name="identify",
        title_id="Pegawai diidentifikasi",
        title_en="Officer identified",
        source=(State.IDENTITY_REQUESTED, State.SUBMITTED),
        target=State.SUBMITTED,
        by=(Party.EMPLOYER, Party.EXAMINER),
        takes=Identity,
        requires=(identified_by_whoever_has_the_turn,),
        weighs=(is_agency("#/employer", "employer"), identified_as_our_own),
        records=identified,
        opens=lambda case, given: Referral(clock=Clock.RESUMES) if case.state is State.IDENTITY_REQUESTED else None,
        ends=employer_so_far,
        announces="casefile.identified",
        article="SKB 2/2022",
    ),
    Transition(
        name="disown",
        title_id="Bukan pegawai kami",
        title_en="Officer disowned",
        source=(State.IDENTITY_REQUESTED,),
        target=State.SUBMITTED,
        by=(Party.EMPLOYER,),
        takes=Disownment,
        weighs=(is_agency("#/employer", "employer"), names_another_agency),
        records=disowned,
        opens=Referral(clock=Clock.RESUMES),
        ends=(Party.EMPLOYER,),
        forgets=True,
        announces="casefile.disowned",
        article="SKB 2/2022",
    ),
    Transition(
        name="recall",
        title_id="Berkas ditarik kembali",
        title_en="File recalled",
        source=(State.IDENTITY_REQUESTED, State.RETURNED),
        target=Target.CAME_FROM,
        target_states=(State.SUBMITTED, State.UNDER_EXAMINATION),
        by=(Party.EXAMINER, Party.CLOCK),
        takes=Recall,
        requires=(lapsed_where_the_clock_recalls,),
        records=recalled,
        opens=Referral(clock=Clock.RESUMES),
        ends=asked_in_vain,
        announces="casefile.recalled",
        article="SKB 2/2022",
    ),
    Transition(
        name="return",
        title_id="Berkas dikembalikan",
        title_en="File returned",
        source=(State.SUBMITTED, State.UNDER_EXAMINATION),
        target=State.RETURNED,
        by=(Party.EXAMINER,),
        takes=Return,
        requires=(at_most("return", 3),),
        records=returned,
        opens=Referral(to=Party.SUBMITTER, purpose="complete", rule=completion_rule),
        announces="casefile.returned",
        article="SBT 2024: Bawaslu melengkapi dalam 3 hari kerja",
    ),
    Transition(
        name="complete",
        title_id="Berkas dilengkapi",
        title_en="File completed",
        source=(State.RETURNED,),
        target=Target.CAME_FROM,
        target_states=(State.SUBMITTED, State.UNDER_EXAMINATION),
        by=(Party.SUBMITTER,),
        takes=Completion,
        weighs=(every_item_answered,),
        records=completed,
        opens=Referral(clock=Clock.RESUMES),
        announces="casefile.completed",
        article="SBT 2024: Bawaslu melengkapi dalam 3 hari kerja",
    ),
    Transition(
        name="withdraw",
        title_id="Temuan dicabut",
        title_en="Finding withdrawn",
        source=(State.SUBMITTED, State.IDENTITY_REQUESTED, State.RETURNED),
        target=State.CLOSED,
        outcome="withdrawn",
        by=(Party.SUBMITTER,),
        takes=Withdrawal,
        requires=(
            lambda case, given: (
                None
                if not case.done("accept")
                else Refusal(
                    "accepted-already",
                    "Perkara sudah diterima pemeriksa. Kirim note berkode withdrawal_requested; pemeriksa memutus.",
                    "The case was accepted already. Send a note with code withdrawal_requested; the examiner decides.",
                    resolve_with=("note",),
                )
            ),
        ),
        records=closed_for_its_reason,
        announces="casefile.withdrawn",
        article="Perbawaslu 7/2022",
    ),
    Transition(
        name="reject",
        title_id="Temuan ditolak",
        title_en="Finding rejected",
        source=(State.SUBMITTED,),
        target=State.CLOSED,
        outcome="rejected",
        by=(Party.EXAMINER,),
        takes=Rejection,
        requires=(not_the_examiners_own_officer,),
        records=closed_for_its_reason,
        announces="casefile.rejected",
        article="SKB 2/2022",
    ),
    Transition(
        name="accept",
        title_id="Temuan diterima",
        title_en="Finding accepted",
        source=(State.SUBMITTED,),
        target=State.UNDER_EXAMINATION,
        by=(Party.EXAMINER,),
        takes=Acceptance,
        requires=(no_caretaker, subject_identified, employer_known, not_the_examiners_own_officer),
        weighs=(
            verification_held,
            duplicates_judged,
        ),
        records=accepted,
        judges_duplicates=True,
        opens=Referral(to=Party.EXAMINER, purpose="examine"),
        announces="casefile.accepted",
        article="SKB 2/2022; UU 20/2023",
    ),
)
