"""The flow: the legal instrument. A lawyer should be able to check it against the regulation with a pencil.

1.  Bawaslu forwards a clarified finding; every officer named becomes one casefile (`submitted`).
2.  The examining authority verifies it; who the officer is may be asked of their agency (`identity_requested`).
3.  An incomplete file goes back with a numbered list, at most three times (`returned`), and comes again completed.
4.  The authority accepts (`under_examination`), or rejects, redirects, terminates; Bawaslu may withdraw before that.
5.  It examines again by itself: not proven closes the case; proven becomes a recommendation (`recommended`).
6.  The agency it obliges acknowledges receipt; from that day it has its time to act (`awaiting_sanction`).
7.  It may dispute (`disputed`); the authority upholds, revises or retracts.
8.  It imposes and reports a sanction (`sanction_reported`), delivers it, and every difference from the
    recommendation carries its reason.
9.  The officer may contest it (`contested`); whoever rules upholds, changes or annuls it, and it is carried out.
10. The authority reviews: it may require one correction, and closes when the officer's remedy has passed.
11. Whose turn it is, since when and until when is always one open referral. Whoever is late climbs the ladder: the
    clock reaches its levels, people remind, warn, block, reprimand, report. Nothing closes by the clock alone.
12. Officer and file may change hands on the way (`transfer`, `reassign`), a silent addressee is served with proof, and
    the examiner may grant time.

Chapters: `intake` (1-4), `examination` (5), `follow_up` (6-7), `sanction` (8, 10), `remedy` and `execution` (9),
`oversight` and `blocking` (11), `custody` (12), `joining` (the same matter twice), `afterwards` (opened again,
corrected; `corrections` lists what may be, `correcting` says what follows, `replacing` puts a document in another's
place); `upkeep` says what a new calendar or a new authority does to open cases.
The rows of a chapter stand in it; what they take, require and record may stand beside it: `identity` (of intake),
`closing` (of sanction), `contesting` (of remedy), `transfer` (of custody), `absorption` (of joining) and `reopening`
(of afterwards).
`grammar` says what a row can say, `judging` what it leads to or why not, `routing` whom a recommendation obliges,
`ladder` what follows when somebody is late; `given`, `guards` and `versions` hold what chapters share; `days` is the
one table of which day may follow which, `chronology` judges by it, `dates` has the mark by which a field tells what.

SKB 2/2022, PKS Bawaslu-KASN 2023, UU 5/2014 art. 33, UU 20/2023, PP 94/2021, PP 42/2004, PP 79/2021, Perpres 116/2022.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from casefiles.file import CaseFile, Changes
from casefiles.flow import chronology, digesting
from casefiles.flow.absorption import taken_for_its_own
from casefiles.flow.afterwards import AFTERWARDS
from casefiles.flow.blocking import BLOCKING, reminded_of_block
from casefiles.flow.custody import CUSTODY
from casefiles.flow.days import ORDERS
from casefiles.flow.examination import EXAMINATION
from casefiles.flow.execution import EXECUTION
from casefiles.flow.follow_up import FOLLOW_UP
from casefiles.flow.grammar import (
    OPEN,
    AgencyView,
    CaseView,
    Clock,
    DocumentView,
    DuplicateView,
    LadderLevel,
    MandateView,
    NewDue,
    OutcomeName,
    Pair,
    Party,
    Referral,
    ReferralView,
    Refusal,
    State,
    Target,
    Transition,
    Turn,
)
from casefiles.flow.guards import examiner_in_office
from casefiles.flow.intake import INTAKE
from casefiles.flow.joining import JOINING
from casefiles.flow.judging import Outcome, Refused, WrongParty, WrongState, acting_party, decide, refusals
from casefiles.flow.judging import available_to as rows_available_to
from casefiles.flow.ladder import missed_due_day, standing
from casefiles.flow.oversight import OVERSIGHT, escalation_of
from casefiles.flow.remedy import REMEDY
from casefiles.flow.routing import is_province_above
from casefiles.flow.sanction import SANCTION
from casefiles.flow.upkeep import UPKEEP

CHAPTERS: tuple[Transition, ...] = (
    INTAKE
    + EXAMINATION
    + FOLLOW_UP
    + SANCTION
    + REMEDY
    + EXECUTION
    + OVERSIGHT
    + BLOCKING
    + CUSTODY
    + JOINING
    + AFTERWARDS
    + UPKEEP
)


def _in_office(row: Transition) -> Transition:
    """The row as it stands in the table: an examiner performs any of them only while its mandate is in force."""
    if Party.EXAMINER not in row.by:
        return row
    return replace(row, requires=(examiner_in_office(row.by), *row.requires))


# Every row is held to the one table of days, whatever its chapter says besides.
FLOW: tuple[Transition, ...] = tuple(chronology.held_to_order(_in_office(row)) for row in CHAPTERS)

ROWS: Mapping[str, Transition] = {row.name: row for row in FLOW}

# Whose turn a state is. `sanction_reported` is the addressee's while the decree is undelivered, and `contested` the
# appeal board's where the contest is an appeal (`turn_in`).
TURNS: Mapping[State, Turn] = {
    State.SUBMITTED: Turn(Party.EXAMINER, "verify"),
    State.IDENTITY_REQUESTED: Turn(Party.EMPLOYER, "identify"),
    State.RETURNED: Turn(Party.SUBMITTER, "complete"),
    State.UNDER_EXAMINATION: Turn(Party.EXAMINER, "examine"),
    State.RECOMMENDED: Turn(Party.ADDRESSEE, "acknowledge"),
    State.AWAITING_SANCTION: Turn(Party.ADDRESSEE, "follow_up"),
    State.DISPUTED: Turn(Party.EXAMINER, "answer"),
    State.SANCTION_REPORTED: Turn(Party.EXAMINER, "review"),
    State.CONTESTED: Turn(Party.ADDRESSEE, "settle"),
}


def turn_in(state: State, facts: CaseFile | Changes) -> Turn | None:
    """Whose turn it is in that state, given the file; none once it is closed."""
    if state is State.SANCTION_REPORTED and (facts.get("sanction") or {}).get("delivered_on") is None:
        return Turn(Party.ADDRESSEE, "deliver")
    if state is State.CONTESTED and (facts.get("contest") or {}).get("kind") == "appeal":
        return Turn(Party.APPEAL_BOARD, "settle")
    return TURNS.get(state)


def available_to(case: CaseView, parties: frozenset[Party]) -> tuple[tuple[Transition, tuple[Refusal, ...]], ...]:
    """The transitions these parties may try now, each with every reason that blocks it."""
    return rows_available_to(FLOW, case, parties)


@cache
def expected_of(party: Party, state: State) -> tuple[str, ...]:
    """What a referral expects: the rows its holder may perform from that state; those that move the file come first."""
    rows = [row for row in FLOW if row.routed and state in row.source and party in row.by]
    return tuple(row.name for row in sorted(rows, key=lambda row: row.target is Target.SAME))


@cache
def digest(rows: tuple[Transition, ...] = FLOW) -> str:
    """SHA-256 of the table (states, parties, clocks, what guards and changes do): every entry names its rules by it."""
    return digesting.digest((*(digesting.of_row(row) for row in rows), ORDERS, TURNS))


__all__ = (
    "FLOW",
    "OPEN",
    "ROWS",
    "TURNS",
    "AgencyView",
    "CaseView",
    "Clock",
    "DocumentView",
    "DuplicateView",
    "LadderLevel",
    "MandateView",
    "NewDue",
    "Outcome",
    "OutcomeName",
    "Pair",
    "Party",
    "Referral",
    "ReferralView",
    "Refusal",
    "Refused",
    "State",
    "Target",
    "Transition",
    "Turn",
    "WrongParty",
    "WrongState",
    "acting_party",
    "available_to",
    "decide",
    "digest",
    "escalation_of",
    "expected_of",
    "is_province_above",
    "missed_due_day",
    "refusals",
    "reminded_of_block",
    "standing",
    "taken_for_its_own",
    "turn_in",
)
