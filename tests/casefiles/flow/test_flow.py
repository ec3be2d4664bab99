"""The flow drawn a second time, by hand, and crossed with every state and every party. No database."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from casefiles import flow
from casefiles.file import there
from casefiles.flow import (
    FLOW,
    ROWS,
    CaseView,
    Clock,
    Party,
    Refused,
    State,
    Target,
    Transition,
    WrongParty,
    WrongState,
    guards,
    silence,
)
from casefiles.flow.follow_up import Revision
from tests.casefiles.flow.views import (
    AGENCIES,
    BLOCK,
    CONTEST,
    DAY,
    MANDATE,
    MERGED,
    OVERDUE,
    SANCTION,
    allowed,
    facts_at,
    late_view,
    view_at,
)
from tests.factories import at, given

S = State
DISMISSAL = "dismissal_honourable_not_own_request"
REVISED = Revision(violations=(1,), sanction="discipline_light", reasoning="x")

# As the agreement's table has it: transition | from | to | by. `back` is where the file came from, `same` stays,
# `chosen` depends on what is given (the ordinary body stays).
DRAWN = """
submit             | -                  | submitted          | submitter
request-identity   | submitted          | identity_requested | examiner
identify           | identity_requested | submitted          | employer
identify           | submitted          | submitted          | examiner
disown             | identity_requested | submitted          | employer
recall             | identity_requested | back               | examiner
recall             | returned           | back               | examiner, clock
return             | submitted          | returned           | examiner
return             | under_examination  | returned           | examiner
complete           | returned           | back               | submitter
withdraw           | submitted          | closed/withdrawn   | submitter
withdraw           | identity_requested | closed/withdrawn   | submitter
withdraw           | returned           | closed/withdrawn   | submitter
reject             | submitted          | closed/rejected    | examiner
accept             | submitted          | under_examination  | examiner
clear              | under_examination  | closed/not_proven  | examiner
recommend          | under_examination  | recommended        | examiner
redirect           | submitted          | closed/redirected  | examiner
redirect           | under_examination  | closed/redirected  | examiner
terminate          | any open           | closed/terminated  | examiner
acknowledge        | recommended        | awaiting_sanction  | addressee
note               | any open           | same               | submitter, examiner, employer, addressee
dispute            | recommended        | disputed           | addressee
dispute            | awaiting_sanction  | disputed           | addressee
uphold             | disputed           | back               | examiner
retract            | disputed           | closed/not_proven  | examiner
report-sanction    | awaiting_sanction  | sanction_reported  | addressee
record-delivery    | sanction_reported  | same               | addressee
require-correction | sanction_reported  | awaiting_sanction  | examiner
close              | sanction_reported  | closed/sanctioned  | examiner
recompute          | any                | same               | clock
hand-over          | any                | chosen             | operator
serve              | recommended        | awaiting_sanction  | examiner
transfer           | any open           | same               | employer, examiner
reassign           | any open           | same               | submitter, superior_office
extend             | any open           | same               | examiner
contest            | sanction_reported  | contested          | addressee, appeal_board
settle             | contested          | as ruled/annulled  | addressee, appeal_board
annul              | contested          | closed/annulled    | addressee, appeal_board
record-execution   | sanction_reported  | same               | addressee
record-execution   | closed             | same               | addressee
merge              | submitted          | closed/merged      | examiner
merge              | identity_requested | closed/merged      | examiner
merge              | returned           | closed/merged      | examiner
merge              | under_examination  | closed/merged      | examiner
merge              | recommended        | closed/merged      | examiner
merge              | awaiting_sanction  | closed/merged      | examiner
merge              | disputed           | closed/merged      | examiner
absorb             | any open           | same               | examiner
unmerge            | closed             | where it stood     | examiner
release            | any                | same               | examiner
reopen             | closed             | by its ground      | examiner
correct            | any                | same               | submitter, examiner, employer, addressee
escalate           | any open           | same               | clock
measure            | any open           | same               | oversight
block-data         | any open           | same               | civil_service_agency
unblock-data       | any open           | same               | civil_service_agency
unblock-data       | closed             | same               | civil_service_agency
"""

# Rows after which the open referral is the same as before.
KEEPS_THE_TURN = {
    "note",
    "recompute",
    "hand-over",
    "extend",
    "record-execution",
    "absorb",
    "release",
    "correct",
    "escalate",
    "measure",
    "block-data",
    "unblock-data",
}

# Rows that only another row, the clock or an operator brings about; and rows whose state is chosen, as it is for the
# ordinary file and body.
UNROUTED = {"absorb", "release", "recompute", "hand-over", "escalate"}
CHOSEN = {
    "where it stood": State.UNDER_EXAMINATION,
    "by its ground": State.UNDER_EXAMINATION,
    "as ruled": State.SANCTION_REPORTED,
}

OPEN = [state for state in State if state is not State.CLOSED]
STAGES: list[State | None] = [None, *State]


@dataclass(frozen=True)
class Arrow:
    """One line of the drawing, for one state and one party."""

    name: str
    source: State | None
    to: str
    party: Party


def _drawn() -> Iterable[Arrow]:
    for line in DRAWN.strip().splitlines():
        name, source, to, by = (cell.strip() for cell in line.split("|"))
        several: dict[str, list[State | None]] = {"any open": [*OPEN], "any": [*State], "-": [None]}
        states = several.get(source) or [State(source)]
        for state, party in itertools.product(states, by.split(", ")):
            yield Arrow(name, state, to, Party(party))


ARROWS = {(arrow.name, arrow.source, arrow.party): arrow for arrow in _drawn()}


def _view(state: State | None, party: Party, **changed: Any) -> Any:
    facts: dict[str, Any] = {}
    if state is State.SANCTION_REPORTED and "facts" not in changed:
        facts = {"sanction": {**SANCTION, "delivered_on": None}}
    return view_at(state, party, **{"facts": facts, **changed})


def _ordinary(name: str, party: Party, state: State | None = None) -> Any:
    """A body that the guards accept from that party, on a file in that state."""
    if name == "recompute" and state is State.CLOSED:
        return given(name, day=DAY, old_due=None, new_due=None)
    if name == "identify":
        return given(name, day=DAY, employer=AGENCIES["pemkot-padang"].code)
    if name == "contest" and party is Party.APPEAL_BOARD:
        return given(name, day=DAY, kind="appeal")
    if name == "correct" and party is not Party.SUBMITTER:
        fact = "#/sanction/decision/number" if party is Party.ADDRESSEE else "#/subject/work_unit"
        return given(name, day=DAY, fact=fact, violation=None)
    return given(name, day=DAY) if name != "submit" else object()


# Rows for when somebody is late or blocked: their ordinary file is.
LATE = {"escalate": {}, "measure": {}, "unblock-data": {"data_block": "active", "block": BLOCK}}


def _ordinary_view(name: str, state: State | None, party: Party) -> Any:
    if name == "hand-over":
        return _view(state, party, named_mandate=replace(MANDATE, code="examining-2027", agency="kemendagri"))
    if name == "recompute" and state is State.CLOSED:
        # Fifteen working days after 29 October end on 19 November.
        counted = {**SANCTION, "delivered_on": "2024-10-29", "effective_on": "2024-11-18"}
        return _view(state, party, facts={"sanction": counted})
    if name == "recompute":
        return _counted_with_an_older_calendar(_view(state, party))
    if name in LATE:
        return late_view(state, party, facts=LATE[name])
    if name == "recall" and party is Party.CLOCK:
        lapsed = replace(OVERDUE, party=Party.SUBMITTER, purpose="complete", due_on=date(2024, 10, 25))
        return view_at(state, party, referral=replace(lapsed, to="bawaslu-kota-padang"))
    if name == "close":
        return _view(state, party, facts={"sanction": {**SANCTION, "delivered_on": "2024-10-29"}})
    if name == "contest":
        code = DISMISSAL if party is Party.APPEAL_BOARD else SANCTION["sanction"]
        return _view(state, party, facts={"sanction": {**SANCTION, "sanction": code, "delivered_on": "2024-10-29"}})
    if state is State.CONTESTED and party is Party.APPEAL_BOARD:
        return _view(state, party, facts={"contest": {**CONTEST, "kind": "appeal"}})
    if name == "correct" and party is Party.ADDRESSEE:
        return _view(state, party, facts={"sanction": SANCTION})
    if name == "merge" and state is not None:
        return _view(state, party, other=view_at(state))
    if name == "unmerge":
        return _view(state, party, facts={"outcome": "merged", "merged": MERGED}, other=view_at(S.UNDER_EXAMINATION))
    return _view(state, party)


def _counted_with_an_older_calendar(case: CaseView) -> CaseView:
    """Fourteen working days after 21 October end on 8 November; the older calendar had said the 7th."""
    if case.referral is None:
        return case
    rule = case.law.counted("examine", start=date(2024, 10, 21), time_zone="Asia/Jakarta", mandate=None)[1]
    return replace(case, referral=replace(case.referral, rule=rule, due_on=date(2024, 11, 7)))


# --- the table ------------------------------------------------------------------------------------------------------


def test_the_flow_holds_the_drawn_transitions_and_no_other() -> None:
    assert [row.name for row in FLOW] == list(dict.fromkeys(row.name for row in FLOW)), "a name twice"
    assert set(ROWS) == {arrow.name for arrow in ARROWS.values()}


@pytest.mark.parametrize("row", FLOW, ids=lambda row: row.name)
def test_a_row_leaves_from_where_it_is_drawn_for_whom_it_is_drawn(row: Transition) -> None:
    mine = [arrow for arrow in ARROWS.values() if arrow.name == row.name]
    assert {*row.source, *([None] if row.creates else [])} == {arrow.source for arrow in mine}
    assert set(row.by) == {arrow.party for arrow in mine}
    (to,) = {arrow.to for arrow in mine}
    reached = to.partition("/")[0]
    if reached in CHOSEN:
        assert callable(row.target)
        assert CHOSEN[reached] in row.target_states
    elif to == "chosen":
        assert callable(row.target)
    else:
        expected = {"same": Target.SAME, "back": Target.CAME_FROM}.get(to) or State(reached)
        assert row.target == expected
    assert row.outcome == to.partition("/")[2]
    assert row.announces.startswith("casefile.")
    assert row.routed is (row.name not in UNROUTED)


@pytest.mark.parametrize("state", STAGES, ids=str)
@pytest.mark.parametrize("row", FLOW, ids=lambda row: row.name)
def test_a_transition_happens_only_where_it_is_drawn(row: Transition, state: State | None) -> None:
    for party in Party:
        case = _ordinary_view(row.name, state, party)
        body = _ordinary(row.name, party, state)
        arrow = ARROWS.get((row.name, state, party))
        if arrow is not None:
            _happens(row, case, body, arrow)
            continue
        with pytest.raises((WrongParty, WrongState, Refused)) as refused:
            flow.decide(row, case, frozenset({party}), body)
        if party not in row.by:
            assert refused.type is WrongParty
        elif not row.may_start_in(state):
            assert refused.type is WrongState


def _happens(row: Transition, case: CaseView, body: Any, arrow: Arrow) -> None:
    outcome = flow.decide(row, case, frozenset({arrow.party}), body)

    reached, _, closed_as = arrow.to.partition("/")
    expected = {"same": case.state, "chosen": case.state, "back": case.came_from, **CHOSEN}.get(reached) or State(
        reached
    )
    stays_closed = str(case.facts["outcome"]) if expected is case.state is State.CLOSED else ""
    if expected is not State.CLOSED:
        closed_as = ""  # a ruling closes only what silence annulled
    assert (outcome.state, outcome.outcome, outcome.party) == (expected, closed_as or stays_closed, arrow.party)
    assert outcome.keeps_turn is (
        (row.name in KEEPS_THE_TURN and expected is not State.CLOSED)
        or (row.name == "identify" and case.state is State.SUBMITTED)
        # Custody takes the turn along where it was the old party's; in these views it is whoever acts that has it.
        or (row.name, arrow.party) in {("transfer", Party.EXAMINER), ("reassign", Party.SUPERIOR_OFFICE)}
    )
    assert outcome.opens is None or outcome.state is not State.CLOSED


@pytest.mark.parametrize("state", OPEN, ids=str)
def test_what_is_offered_is_what_is_drawn(state: State) -> None:
    for party in Party:
        offered = {row.name for row, _ in flow.available_to(_view(state, party), frozenset({party}))}
        drawn = {name for name, source, by in ARROWS if source is state and by is party} - UNROUTED
        if (party is Party.EMPLOYER and state is State.SUBMITTED) or (
            party is Party.EXAMINER and state is State.IDENTITY_REQUESTED
        ):
            drawn |= {"identify"}  # offered, and blocked with its reason
        if party is Party.CLOCK and state is State.IDENTITY_REQUESTED:
            drawn |= {"recall"}  # the row leaves from here, for the examiner only
        assert offered == drawn


def test_only_these_leave_a_closed_casefile() -> None:
    assert {row.name for row in FLOW if State.CLOSED in row.source} == {
        "recompute",
        "hand-over",
        "record-execution",
        "unmerge",
        "release",
        "reopen",
        "correct",
        "unblock-data",
    }


def test_nothing_closes_by_the_clock_alone() -> None:
    of_the_clock = [row for row in FLOW if Party.CLOCK in row.by]
    assert {row.name for row in of_the_clock} >= {"escalate", "recall", "recompute"}
    for row, state in itertools.product(of_the_clock, STAGES):
        reached = {row.target, *row.target_states}
        assert State.CLOSED not in reached
        assert row.outcome == ""
        if row.may_start_in(state):
            case = _ordinary_view(row.name, state, Party.CLOCK)
            try:
                outcome = flow.decide(row, case, frozenset({Party.CLOCK}), _ordinary(row.name, Party.CLOCK))
            except Refused:
                continue
            assert outcome.state is not State.CLOSED


@pytest.mark.parametrize("state", State, ids=str)
def test_every_open_stage_has_somebody_whose_turn_it_is_and_who_may_move_it_on(state: State) -> None:
    turn = flow.turn_in(state, facts_at(state))
    if state is State.CLOSED:
        assert turn is None
        return
    assert turn is not None
    assert set(flow.expected_of(turn.party, state)) - {"note", "correct"}


def test_a_reported_sanction_is_first_the_addressees_to_deliver_and_then_the_examiners_to_review() -> None:
    undelivered = flow.turn_in(State.SANCTION_REPORTED, {"sanction": {"delivered_on": None}})
    delivered = flow.turn_in(State.SANCTION_REPORTED, {"sanction": {"delivered_on": "2024-11-01"}})
    assert (undelivered, delivered) == (
        flow.Turn(Party.ADDRESSEE, "deliver"),
        flow.Turn(Party.EXAMINER, "review"),
    )


def test_a_contest_is_its_ruler_s_to_settle() -> None:
    turns = {kind: flow.turn_in(State.CONTESTED, {"contest": {"kind": kind}}) for kind in silence.RULES}
    assert turns == {
        "objection": flow.Turn(Party.ADDRESSEE, "settle"),
        "appeal": flow.Turn(Party.APPEAL_BOARD, "settle"),
        "lawsuit": flow.Turn(Party.ADDRESSEE, "settle"),
    }
    for turn in turns.values():
        assert turn is not None
        assert flow.expected_of(turn.party, State.CONTESTED)[:2] == ("settle", "annul")


def test_whoever_never_does_this_learns_nothing_about_the_state() -> None:
    with pytest.raises(WrongParty):
        flow.decide(ROWS["close"], _view(State.SUBMITTED, Party.EMPLOYER), frozenset({Party.EMPLOYER}), None)


def test_an_agency_that_is_two_parties_acts_as_the_one_the_row_names_first() -> None:
    both = frozenset({Party.EMPLOYER, Party.ADDRESSEE, Party.CIVIL_SERVICE_AGENCY})
    assert flow.acting_party(ROWS["note"], both) is Party.ADDRESSEE
    assert flow.acting_party(ROWS["accept"], both) is None


def test_a_caretaker_may_do_everything_but_accept_recommend_and_close() -> None:
    refused = set()
    for name, state, party in ARROWS:
        if party is not Party.EXAMINER or state is None:
            continue
        case = replace(_ordinary_view(name, state, party), mandate=replace(MANDATE, caretaker=True))
        reasons = flow.refusals(ROWS[name], case, _ordinary(name, party))
        assert {reason.code for reason in reasons} <= {"caretaker-may-not"}
        refused |= {name for _ in reasons}
    assert refused == {"accept", "recommend", "close"}


@pytest.mark.parametrize("row", [row for row in FLOW if Party.EXAMINER in row.by], ids=lambda row: row.name)
def test_an_ended_mandate_acts_no_more(row: Transition) -> None:
    """Every row of the examiner is refused, and the refusal says who is in office now."""
    successor = replace(MANDATE, code="examining-2027", agency="body", agency_name="Badan Baru", valid_from=DAY)
    ended = replace(MANDATE, valid_until=DAY)
    for state in row.source:
        case = _ordinary_view(row.name, state, Party.EXAMINER)
        for mandate in (ended, None):
            reasons = flow.refusals(row, replace(case, mandate=mandate, in_office=successor))
            (ending,) = [reason for reason in reasons if reason.code == "mandate-not-in-force"]
            assert "Badan Baru (body), examining-2027" in ending.id
            assert "Badan Baru (body), examining-2027" in ending.en
        # Recorded after the end, in a case that was there before it, no earlier day helps.
        late = replace(case, mandate=replace(MANDATE, valid_until=date(2024, 12, 1)), created_at=at(date(2024, 10, 7)))
        assert "mandate-not-in-force" in {reason.code for reason in flow.refusals(row, late)}
        in_time = replace(late, now=at(date(2024, 11, 30)))
        assert "mandate-not-in-force" not in {reason.code for reason in flow.refusals(row, in_time)}


def test_other_parties_act_whatever_became_of_the_mandate() -> None:
    ended = replace(MANDATE, valid_until=DAY)
    for name, state, party in ARROWS:
        if party is not Party.EXAMINER and state is not None:
            case, body = _ordinary_view(name, state, party), _ordinary(name, party)
            assert flow.refusals(ROWS[name], replace(case, mandate=ended), body) == flow.refusals(
                ROWS[name], case, body
            )


def test_an_examiner_that_is_another_party_of_the_row_too_acts_as_that_one() -> None:
    both = frozenset({Party.EXAMINER, Party.EMPLOYER})
    case = replace(_view(S.RECOMMENDED, Party.EMPLOYER), mandate=None, acts_as=both)
    assert not flow.refusals(ROWS["transfer"], case)
    assert [reason.code for reason in flow.refusals(ROWS["extend"], case)] == ["mandate-not-in-force"]


# --- what becomes of the file ---------------------------------------------------------------------------------------


def test_each_return_and_correction_up_to_the_limit_is_allowed() -> None:
    assert (
        there(allowed("return", S.SUBMITTED, Party.EXAMINER, facts={"steps": {"return": 2}}).changes["returned"])[
            "round"
        ]
        == 3
    )


def test_returned_items_are_numbered_from_one() -> None:
    items = given("return").items * 2
    changes = allowed("return", S.SUBMITTED, Party.EXAMINER, items=items).changes
    assert [item["number"] for item in there(changes["returned"])["items"]] == [1, 2]


def test_a_recall_gives_the_employer_back_as_he_was_claimed() -> None:
    facts = {"employer": "pemkot-padang", "claimed_employer": "pemprov-sumatera-barat"}
    changes = allowed("recall", S.IDENTITY_REQUESTED, Party.EXAMINER, facts=facts).changes
    assert changes == {"employer": "pemprov-sumatera-barat", "claimed_employer": None}


def test_an_upheld_recommendation_runs_on_unless_the_examiner_grants_a_fresh_clock() -> None:
    for word, clock in (("runs_on", Clock.RUNS_ON), ("fresh", Clock.FRESH)):
        outcome = allowed("uphold", S.DISPUTED, Party.EXAMINER, clock=word)
        assert outcome.opens is not None
        assert callable(outcome.opens.clock)
        assert outcome.opens.clock(given("uphold", clock=word)) is clock
    assert given("uphold").clock == "runs_on"


def test_a_revised_recommendation_is_a_new_version_and_keeps_its_addressee() -> None:
    changes = allowed("uphold", S.DISPUTED, Party.EXAMINER, revised=REVISED).changes
    assert (there(changes["recommendation"])["version"], there(changes["recommendation"])["sanction"]) == (
        2,
        "discipline_light",
    )
    assert "addressee" not in changes


def test_recommending_confirms_the_named_violations_and_computes_their_class() -> None:
    two = [*facts_at(None)["violations"], {**facts_at(None)["violations"][0], "number": 2}]
    changes = allowed(
        "recommend", S.UNDER_EXAMINATION, Party.EXAMINER, facts={"violations": two}, violations=(2,)
    ).changes
    assert [one["confirmed"] for one in changes["violations"]] == [False, True]
    assert {one["violation_class"] for one in changes["violations"]} == {"discipline"}
    assert changes["addressee"] == "pemkot-padang"


def test_clearing_and_retracting_leave_nothing_confirmed() -> None:
    for name, state in (("clear", S.UNDER_EXAMINATION), ("retract", S.DISPUTED)):
        changes = allowed(name, state, Party.EXAMINER).changes
        assert [one["confirmed"] for one in changes["violations"]] == [False]


def test_the_end_of_a_long_path_is_marked_only_where_the_file_was_away() -> None:
    assert allowed("return", S.UNDER_EXAMINATION, Party.EXAMINER).came_from is S.UNDER_EXAMINATION
    assert allowed("dispute", S.RECOMMENDED, Party.ADDRESSEE).came_from is S.RECOMMENDED
    assert allowed("accept", S.SUBMITTED, Party.EXAMINER).came_from is None
    assert allowed("note", S.DISPUTED, Party.EXAMINER).came_from is S.AWAITING_SANCTION
    assert allowed("complete", S.RETURNED, Party.SUBMITTER).came_from is None


# --- what names the rules -------------------------------------------------------------------------------------------


def test_the_digest_names_every_rule_of_the_table() -> None:
    """Any change to a row changes the digest that entries name, limits and clocks included."""
    row = ROWS["return"]
    changed = (
        replace(row, name="give-back"),
        replace(row, source=(State.SUBMITTED,)),
        replace(row, target=State.SUBMITTED),
        replace(row, by=(Party.SUBMITTER,)),
        replace(row, requires=()),
        replace(row, requires=(guards.at_most("return", 4),)),
        replace(row, opens=None),
        replace(row, opens=replace(row.opens, clock=Clock.RUNS_ON)),  # type: ignore[type-var]  # a Referral here
        replace(row, article="another"),
        replace(row, ends=(Party.EMPLOYER,)),
        replace(row, grants=(Party.APPEAL_BOARD,)),
        replace(row, outcome="rejected"),
    )
    digests = {flow.digest(rows=(one,)) for one in (row, *changed)}
    assert len(digests) == 1 + len(changed)
    assert flow.digest() == flow.digest(rows=FLOW)
