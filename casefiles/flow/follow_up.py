"""Follow-up: the addressee acknowledges the recommendation, or disputes it; the examiner answers a dispute.

The personnel authority has fourteen days from *receipt* (KASN practice; the rule is a dated row), and a dispute does
not stop them. UU 5/2014 art. 33; UU 30/2014.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated

from casefiles.file import there
from casefiles.flow.binding import not_bound
from casefiles.flow.dates import Tells
from casefiles.flow.examination import (
    ViolationNumbers,
    confirmed,
    letter_of,
    recommended_warnings,
    sanction_fits_employment,
    shared_with_it,
    violations_are_of_this_subject,
)
from casefiles.flow.given import (
    Act,
    ClearReason,
    DisputeReason,
    Letter,
    NumberedLetter,
    Official,
    UpholdReason,
)
from casefiles.flow.grammar import CaseView, Changes, Clock, Party, Referral, Refusal, State, Target, Transition
from casefiles.flow.guards import addressee_is_there, no_caretaker, receiver_is_not_the_subject
from casefiles.shapes import Code, Date, Doc, DocumentId, Items, NotAfterToday, Text

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement(Act):
    """acknowledge: who received the recommendation, and when; the follow-up clock starts after that day."""

    received_on: Annotated[
        Date, NotAfterToday(), Tells("received"), Doc(id="Tanggal diterima", en="Day of receipt", example="2024-10-22")
    ]
    received_by: Annotated[Official, Doc(id="Penerima", en="Receiver")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute(Act):
    """dispute: the addressee objects, with reasons; the follow-up clock runs on."""

    reason: Annotated[DisputeReason, Doc(id="Alasan", en="Reason")]
    letter: Annotated[Letter, Tells("disputed"), Doc(id="Surat sanggahan", en="Letter")]
    documents: Annotated[tuple[DocumentId, ...], Items(0, 50), Doc(id="Dokumen", en="Documents")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an upheld recommendation says from now on."""

    violations: ViolationNumbers
    sanction: Annotated[str, Code("sanctions-and-levels"), Doc(id="Hukuman", en="Sanction", example="discipline_light")]
    reasoning: Annotated[str, Text(20_000), Doc(id="Pertimbangan", en="Reasoning", example="Direvisi karena …")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upholding(Act):
    """uphold: the dispute is answered; the recommendation stands, revised or not."""

    letter: Annotated[NumberedLetter, Tells("answered"), Doc(id="Surat jawaban", en="Answer letter")]
    reason: Annotated[UpholdReason, Doc(id="Alasan", en="Reason")]
    revised: Annotated[Revision, Doc(id="Rekomendasi yang direvisi", en="Revised recommendation")] | None = None
    clock: Annotated[
        str, Code("uphold_clock"), Doc(id="Tenggat: berjalan terus atau baru", en="Clock", example="runs_on")
    ] = "runs_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction(Act):
    """retract: the dispute is right; the recommendation is taken back."""

    letter: Annotated[NumberedLetter, Tells("answered"), Doc(id="Surat", en="Letter")]
    reason: Annotated[ClearReason, Doc(id="Alasan", en="Reason")]
    official: Annotated[Official, Doc(id="Pejabat yang memutus", en="Official who decided")]


# --- what each requires ---------------------------------------------------------------------------------------------


def revision_stands_like_a_first_one(case: CaseView, given: Upholding) -> Iterable[Refusal]:
    """What is revised is judged as a recommendation is; the reasons point under `revised`."""
    if given.revised is None:
        return
    unfit = sanction_fits_employment(case, given.revised)
    for reason in (*violations_are_of_this_subject(case, given.revised), *([unfit] if unfit else [])):
        yield replace(reason, pointer=reason.pointer.replace("#/", "#/revised/", 1))
    # What is revised is recommended anew, which a caretaker may not.
    caretaker = no_caretaker(case, given)
    if caretaker is not None:
        yield replace(caretaker, pointer="#/revised")


# --- what becomes of the file ---------------------------------------------------------------------------------------


def acknowledged(case: CaseView, given: Acknowledgement) -> Changes:
    """The day of receipt; the receiver stays with the transition."""
    return {"received_on": given.received_on.isoformat()}


def upheld(case: CaseView, given: Upholding) -> Changes:
    """A revised recommendation is a new version; otherwise nothing changes but the turn."""
    if given.revised is None:
        return {}
    earlier = there(case.facts["recommendation"])
    violations = confirmed(case, given.revised.violations)
    return {
        **shared_with_it(case),
        "violations": violations,
        "warnings": recommended_warnings(case, violations, given.revised.sanction, case.facts.get("warnings", ())),
        "recommendation": {
            "version": earlier["version"] + 1,
            "letter": letter_of(given.letter),
            "violations": list(given.revised.violations),
            "sanction": given.revised.sanction,
            "reasoning": given.revised.reasoning,
            # This letter may be younger than the receipt of the one it revises.
            "revised": True,
        },
    }


def retracted(case: CaseView, given: Retraction) -> Changes:
    """Nothing stays confirmed; the recommendation remains in the history."""
    return {
        "violations": confirmed(case, ()),
        "closing": {"letter": letter_of(given.letter), "reason": {"code": given.reason.code}},
    }


# --- the rows -------------------------------------------------------------------------------------------------------


FOLLOW_UP = (
    Transition(
        name="acknowledge",
        title_id="Rekomendasi diterima",
        title_en="Recommendation received",
        source=(State.RECOMMENDED,),
        target=State.AWAITING_SANCTION,
        by=(Party.ADDRESSEE,),
        takes=Acknowledgement,
        weighs=(receiver_is_not_the_subject,),
        records=acknowledged,
        opens=Referral(to=Party.ADDRESSEE, purpose="follow_up", runs_from=lambda case, given: given.received_on),
        announces="casefile.acknowledged",
        article="SKB 2/2022; UU 5/2014 pasal 33",
    ),
    Transition(
        name="dispute",
        title_id="Rekomendasi disanggah",
        title_en="Recommendation disputed",
        source=(State.RECOMMENDED, State.AWAITING_SANCTION),
        target=State.DISPUTED,
        by=(Party.ADDRESSEE,),
        takes=Dispute,
        requires=(not_bound,),
        opens=Referral(to=Party.EXAMINER, purpose="answer"),
        announces="casefile.disputed",
        article="UU 30/2014",
    ),
    Transition(
        name="uphold",
        title_id="Rekomendasi dipertahankan",
        title_en="Recommendation upheld",
        source=(State.DISPUTED,),
        target=Target.CAME_FROM,
        target_states=(State.RECOMMENDED, State.AWAITING_SANCTION),
        by=(Party.EXAMINER,),
        takes=Upholding,
        requires=(not_bound, addressee_is_there),
        weighs=(revision_stands_like_a_first_one,),
        records=upheld,
        opens=Referral(clock=lambda given: Clock(given.clock), again=Clock.RUNS_ON),
        announces="casefile.upheld",
        article="UU 30/2014",
    ),
    Transition(
        name="retract",
        title_id="Rekomendasi dicabut",
        title_en="Recommendation retracted",
        source=(State.DISPUTED,),
        target=State.CLOSED,
        outcome="not_proven",
        by=(Party.EXAMINER,),
        takes=Retraction,
        requires=(not_bound,),
        records=retracted,
        announces="casefile.retracted",
        article="UU 30/2014",
    ),
)
