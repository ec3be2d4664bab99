"""Opening again: on what ground a closed case is reopened, where it goes on, and what becomes of its file.

The row stands in `afterwards`. What was decided stays in the history, under `reopened`. UU 30/2014 art. 63.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from casefiles.file import Reopened, there
from casefiles.flow import versions
from casefiles.flow.binding import not_bound
from casefiles.flow.dates import Tells
from casefiles.flow.given import Act, Letter, Official, ReopenReason
from casefiles.flow.grammar import (
    CaseView,
    Changes,
    Facts,
    Party,
    Refusal,
    State,
)
from casefiles.shapes import Doc

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopening(Act):
    """reopen: on what ground, by which letter, decided by whom. The ground says where the case goes on."""

    ground: Annotated[ReopenReason, Doc(id="Dasar", en="Ground", example={"code": "new_evidence"})]
    letter: Annotated[Letter, Tells("reopened"), Doc(id="Surat", en="Letter")]
    official: Annotated[Official, Doc(id="Pejabat yang memutus", en="Official who decided")]


# --- reopen: what it requires ---------------------------------------------------------------------------------------


def not_merged(case: CaseView, given: Any) -> Refusal | None:
    """What was merged is parted again, not reopened."""
    if case.facts.get("outcome") != "merged":
        return None
    return Refusal(
        "merged-not-reopened",
        "Perkara ini digabungkan, bukan diputus. Batalkan penggabungannya dengan unmerge.",
        "This casefile was merged, not decided. Undo the merge with unmerge.",
        pointer="#/outcome",
        resolve_with=("unmerge",),
    )


def sanction_to_appeal(case: CaseView, given: Reopening) -> Refusal | None:
    """An appeal that became known late needs a sanction it is made against."""
    if given.ground.code != "late_appeal" or case.facts.get("sanction") is not None:
        return None
    return Refusal(
        "no-sanction",
        "Pada perkara ini tidak ada hukuman yang dilaporkan, sehingga tidak ada yang dapat digugat. Pilih dasar lain.",
        "No sanction was reported in this casefile, so there is nothing to appeal. Choose another ground.",
        pointer="#/ground/code",
    )


def undoes_no_ruling(case: CaseView, given: Reopening) -> Refusal | None:
    """What a ruling binds stays as it was ruled: only another ruling opens it to change, or raises what was annulled.

    On other grounds the case may go on where the sanction is delivered, contested in court and reviewed.
    """
    sanction = case.facts.get("sanction") or {}
    stays = by_ground(case, given) is State.SANCTION_REPORTED and sanction.get("annulled_on") is None
    return None if given.ground.code == "ruling" or stays else not_bound(case, given)


# What a file must hold for its turn in that state to be somebody's.
NEEDS: dict[State, tuple[str, ...]] = {
    State.IDENTITY_REQUESTED: ("employer",),
    State.RETURNED: ("returned",),
    State.RECOMMENDED: ("addressee", "recommendation"),
    State.AWAITING_SANCTION: ("addressee", "recommendation"),
    State.DISPUTED: ("addressee", "recommendation"),
    State.SANCTION_REPORTED: ("addressee", "recommendation", "sanction"),
}


def goes_on_where_it_can(case: CaseView, given: Reopening) -> Refusal | None:
    """The file holds what the state it goes on in needs: whose turn it is, and what they are to act on."""
    state = by_ground(case, given)
    # Without a sanction a late appeal is refused for that reason already.
    if sanction_to_appeal(case, given) or all(case.facts.get(name) for name in NEEDS.get(state, ())):
        return None
    return Refusal(
        "target-incomplete",
        f"Dengan dasar ini perkara berlanjut pada tahap {state}, tetapi berkasnya tidak memuat yang diperlukan di "
        "sana. Pilih dasar lain, misalnya new_evidence.",
        f"On this ground the case would go on in the state {state}, but the file lacks what is needed there. Choose "
        "another ground, for example new_evidence.",
        pointer="#/ground/code",
    )


def by_ground(case: CaseView, given: Reopening) -> State:
    """Where the case goes on: for an error where it was, for a wrong person at the beginning, else examined again."""
    imposed = case.facts.get("sanction") is not None
    match given.ground.code:
        case "closure_error" | "misaddressed_closure":
            stood = State(case.facts.get("closed_from") or State.SUBMITTED)
            # A remedy that was pending is filed anew.
            return State.SANCTION_REPORTED if stood is State.CONTESTED else stood
        case "wrong_person":
            return State.SUBMITTED
        case "late_appeal":
            return State.SANCTION_REPORTED
        case "ruling" if imposed:
            return State.SANCTION_REPORTED
        case _:
            return State.UNDER_EXAMINATION if was_accepted(case.facts) else State.SUBMITTED


def was_accepted(facts: Facts) -> bool:
    """Whether the case had been accepted when it was closed: what never was is verified first, as any other."""
    before = {str(State.SUBMITTED), str(State.IDENTITY_REQUESTED)}
    stood = facts.get("closed_from")
    return (facts.get("closed_came_from") if stood == str(State.RETURNED) else stood) not in before


# --- reopen: what becomes of the file -------------------------------------------------------------------------------


def reopened(case: CaseView, given: Reopening) -> Changes:
    """The former outcome and how it came about stay under `reopened`; the case itself is undecided again."""
    former: Reopened = {
        "ground": given.ground.code,
        "outcome": there(case.facts.get("outcome")),
        "closing": case.facts.get("closing"),
        "on": case.today.isoformat(),
    }
    changes: Changes = {"closing": None, "reopened": [*case.facts.get("reopened", ()), former]}
    if case.facts.get("contest"):
        # What was pending when the case ended is filed anew.
        changes |= {"contest": None, "warnings": versions.warned(case.facts, ("contest-late",))}
    if given.ground.code == "wrong_person":
        return {**changes, **_nobody_yet(case)}
    sanction = case.facts.get("sanction") or {}
    if sanction.get("annulled_on") and by_ground(case, given) is State.SANCTION_REPORTED:
        # The annulment fell, so the sanction stands; how it was annulled stays among the contests.
        changes["sanction"] = {**sanction, "annulled_on": None, "annulled_by": None}
    if "recommendation" in NEEDS.get(by_ground(case, given), ()):
        # A retraction had taken back what the recommendation, now in force again, confirms.
        found = there(case.facts["recommendation"])["violations"]
        changes["violations"] = [{**one, "confirmed": one["number"] in found} for one in case.facts["violations"]]
    return changes


# What a file says of the officer and their agencies besides: whoever is identified next has no part in it.
OF_THE_WRONG_ONE = ("served", "contest")
LISTS_OF_THE_WRONG_ONE = ("contests", "sanction_versions", "measures", "ladder", "not_duplicate_of", "former_employers")


def _nobody_yet(case: CaseView) -> Changes:
    """The file without the officer it was wrongly about, and without what was recommended and imposed on them.

    A block of the officer's data stays until it is lifted.
    """
    emptied: Any = {name: None for name in OF_THE_WRONG_ONE if case.facts.get(name)}
    emptied |= {name: [] for name in LISTS_OF_THE_WRONG_ONE if case.facts.get(name)}
    changes: Changes = emptied
    return {
        **changes,
        "subject": {
            "identified": False,
            "position_roles": [],
            "violations": case.facts["subject"].get("violations", []),
        },
        "employer": None,
        "claimed_employer": None,
        "addressee": None,
        "recommendation": None,
        "received_on": None,
        "sanction": None,
        "withheld_documents": [],
        "violations": [{**one, "confirmed": None} for one in case.facts["violations"]],
        "warnings": [],
    }


def whose_officer_it_never_was(case: CaseView, given: Reopening) -> tuple[Party, ...]:
    """The wrong person's employer, and whoever had to act on them, have no part in the case any more."""
    return (Party.EMPLOYER, Party.ADDRESSEE) if given.ground.code == "wrong_person" else ()
