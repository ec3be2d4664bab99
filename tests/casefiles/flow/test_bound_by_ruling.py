"""After a ruling every row is tried, and whatever follows it: nothing leads to another sanction but a court's verdict.

The walk is pure: from the file as the ruling left it, each row by each party with every body that could matter, and on
from whatever was permitted.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from casefiles import flow
from casefiles.flow import FLOW, CaseView, Outcome, Party, Refused, State, WrongParty, WrongState
from casefiles.flow.given import AmendReason, ReopenReason, TerminateReason
from tests.casefiles.flow.guards.broken import NEXT
from tests.casefiles.flow.test_effects import refused
from tests.casefiles.flow.views import CONTEST, DAY, MERGED, SANCTION, facts_at, view_at
from tests.factories import BKN, BOARD, PEMKOT, Story, casefile_at, given

S = State
DECISION = {"number": "PUT.1", "date": "2024-11-01", "legal_basis": "PP 79/2021", "document": "d"}
DISMISSAL, DEMOTION, OTHER = "dismissal_honourable_not_own_request", "demotion_one_level_12m", "written_reprimand"
GROUNDS = (
    "new_evidence", "ruling", "fraud", "wrong_person", "closure_error", "misaddressed_closure", "late_appeal", "other",
)  # fmt: skip
ENDINGS = (
    "subject_deceased", "retired", "already_sanctioned", "withdrawn_on_request", "insufficient_evidence",
    "not_followed_up", "expired", "court_order", "other",
)  # fmt: skip
BODIES: dict[str, tuple[Any, ...]] = {
    "contest": tuple({"kind": kind} for kind in ("objection", "appeal", "lawsuit")),
    "settle": (
        {}, {"ruling": "lightened", "sanction": OTHER}, {"ruling": "changed", "sanction": OTHER},
        {"ruling": "aggravated", "sanction": "dismissal_dishonourable"}, {"ruling": "deemed_granted"},
        {"ruling": "withdrawn"},
    ),
    "reopen": tuple({"ground": ReopenReason(code=code)} for code in GROUNDS),
    "terminate": tuple({"reason": TerminateReason(code=code, text="x")} for code in ENDINGS),
    "report-sanction": ({"sanction": OTHER}, {}),
    "correct": tuple(
        {"fact": fact, "violation": None, "value": value, "reason": AmendReason(code="clerical_error")}
        for fact, value in (
            ("#/sanction/decision/number", "SK.9"), ("#/sanction/decision/date", "2024-10-29"),
            ("#/sanction/decision/legal_basis", "PP 53/2010"), ("#/sanction/delivered_on", "2024-11-03"),
        )
    ),
    "hand-over": tuple({"disposition": code} for code in ("continue", "restart", "return", "report_to_ministry")),
}  # fmt: skip


def bound_file(*, ruling: str, state: State) -> CaseView:
    """A dismissal on which the board has ruled: upheld, lightened to a demotion, or annulled and closed."""
    binding = {"kind": "appeal", "ruling": ruling, "decision": DECISION}
    sanction = {
        **SANCTION, "sanction": DEMOTION if ruling == "lightened" else DISMISSAL, "version": 2, "bound_by": binding,
        "ruling": binding if ruling == "lightened" else None, "decision": DECISION, "delivered_on": "2024-11-02",
        "executions": [], "effective_stated": None, "remedy_until": None,
        "annulled_on": "2024-11-01" if ruling == "annulled" else None,
    }  # fmt: skip
    facts = {
        **facts_at(state),
        "sanction": sanction,
        "contests": [{**CONTEST, "kind": "appeal", "ruling": ruling, "decision": DECISION, "settled_on": "2024-11-01"}],
        "outcome": {"annulled": "annulled"}.get(ruling, "sanctioned") if state is S.CLOSED else None,
        "closed_from": "contested" if ruling == "annulled" else "sanction_reported",
        "merged": MERGED,
    }
    return view_at(state, facts=facts, named_mandate=NEXT["named_mandate"])


def steps_from(case: CaseView) -> Iterator[tuple[str, Party, Any, Outcome]]:
    """Whatever may be done on that file: by whom, with which body, and what comes of it."""
    for row in FLOW:
        if row.creates or not row.may_start_in(case.state):
            continue
        for party in row.by:
            for changed in BODIES.get(row.name, ({},)):
                for day in (DAY, date(2025, 6, 2)):
                    view = replace(
                        view_at(case.state, party, named_mandate=NEXT["named_mandate"]),
                        facts=case.facts, came_from=case.came_from, today=day,
                    )  # fmt: skip
                    try:
                        body = given(row.name, day=day, **changed)
                        yield row.name, party, changed, flow.decide(row, view, frozenset({party}), body)
                    except (Refused, WrongState, WrongParty):
                        continue


def standing(facts: Any) -> tuple[Any, ...]:
    """What a ruling settles of a sanction."""
    sanction = facts["sanction"] or {}
    return (
        sanction.get("sanction"), sanction.get("version"), sanction.get("annulled_on"),
        (sanction.get("bound_by") or {}).get("ruling"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ruling", "state"),
    [("upheld", S.SANCTION_REPORTED), ("lightened", S.SANCTION_REPORTED), ("upheld", S.CLOSED), ("annulled", S.CLOSED)],
)
def test_no_path_leads_from_a_ruling_to_another_sanction_but_the_one_through_a_court(ruling: str, state: State) -> None:
    start = bound_file(ruling=ruling, state=state)
    seen: set[Any] = set()
    tried: set[str] = set()
    waiting = [start]
    while waiting:
        case = waiting.pop()
        contest = (case.facts.get("contest") or {}).get("kind")
        for name, party, changed, outcome in steps_from(case):
            after: Any = {**case.facts, **outcome.changes, "outcome": outcome.outcome or None}
            tried.add(name)
            if outcome.state is S.CLOSED and case.state is not S.CLOSED:
                after |= {"closed_from": str(case.state), "closed_came_from": None}
            if standing(after) != standing(case.facts):
                by_a_court = contest == "lawsuit" and name in {"settle", "annul"}
                raised = name == "reopen" and changed["ground"].code == "ruling"
                assert by_a_court or raised, (name, party, changed, standing(case.facts), standing(after))
                if by_a_court:
                    continue
            assert outcome.state in {S.SANCTION_REPORTED, S.CONTESTED, S.CLOSED}, (name, changed)
            if outcome.state is S.CLOSED and case.state is not S.CLOSED and name != "close":
                assert name == "terminate"
                assert changed["reason"].code in {"subject_deceased", "court_order"}
            if (after.get("contest") or {}).get("kind") not in {None, "lawsuit"}:
                raise AssertionError(f"{name} by {party}: {after['contest']['kind']} against what was ruled")
            key = (
                outcome.state, after["outcome"], standing(after), (after.get("contest") or {}).get("kind"),
                after.get("closed_from"), len(after["contests"]),
            )  # fmt: skip
            if key not in seen:
                seen.add(key)
                waiting.append(replace(case, state=outcome.state, came_from=outcome.came_from, facts=after))
    assert {"contest", "settle", "annul", "close", "reopen", "record-execution", "extend"} <= tried


def appealed(ruling: str, **more: Any) -> Story:
    """A dismissal on which the board has ruled so."""
    told = casefile_at(S.AWAITING_SANCTION)
    told.do("report-sanction", sanction=DISMISSAL)
    told.do("record-delivery")
    told.do("contest", kind="appeal")
    if ruling == "annulled":
        told.do("annul", by=BOARD)
    else:
        told.do("settle", by=BOARD, ruling=ruling, **more)
    return told


@pytest.mark.usefixtures("db", "world")
def test_what_the_board_upheld_is_bound_although_its_version_stays() -> None:
    told = appealed("upheld")
    sanction = told.facts["sanction"]
    assert (sanction["version"], sanction["ruling"], sanction["bound_by"]["ruling"]) == (1, None, "upheld")
    assert refused(told, "require-correction") == ["bound-by-ruling"]
    assert refused(told, "terminate") == ["bound-by-ruling"]
    number: Any = {"fact": "#/sanction/decision/number", "violation": None, "value": "SK.7"}
    assert refused(told, "correct", by=PEMKOT, **number) == ["bound-by-ruling"]
    told.do("correct", by=BKN, **number)
    assert told.facts["sanction"]["decision"]["number"] == "SK.7"
    told.do("close", contest_waived=None)
    for ground in ("new_evidence", "fraud", "wrong_person", "other"):
        assert refused(told, "reopen", ground=ReopenReason(code=ground, text="x")) == ["bound-by-ruling"]
    told.do("reopen", ground=ReopenReason(code="late_appeal"))
    told.do("contest", kind="lawsuit")
    told.do("annul")
    assert told.facts["sanction"]["annulled_by"]["kind"] == "lawsuit"


@pytest.mark.usefixtures("db", "world")
@pytest.mark.parametrize("ruling", ["withdrawn", "inadmissible_late"])
def test_an_appeal_that_was_not_ruled_on_binds_nobody(ruling: str) -> None:
    told = appealed(ruling)
    assert told.facts["sanction"]["bound_by"] is None
    told.do("require-correction")
    assert told.row.state == "awaiting_sanction"


@pytest.mark.usefixtures("db", "world")
def test_what_the_board_annulled_is_raised_by_another_ruling_only() -> None:
    told = appealed("annulled")
    for ground in ("closure_error", "misaddressed_closure", "late_appeal", "new_evidence", "wrong_person"):
        assert refused(told, "reopen", ground=ReopenReason(code=ground)) == ["bound-by-ruling"]
    told.do("reopen", ground=ReopenReason(code="ruling"))
    assert (told.row.state, told.facts["sanction"]["annulled_on"]) == ("sanction_reported", None)
    assert refused(told, "require-correction") == ["bound-by-ruling"]
    assert refused(told, "contest", kind="appeal") == ["bound-by-ruling"]


@pytest.mark.usefixtures("db", "world")
def test_a_sanction_that_the_board_lightened_is_no_ground_for_a_measure() -> None:
    told = appealed("lightened", sanction=OTHER)
    told.do("record-delivery")
    assert told.facts["sanction"]["comparison"] == "lighter"
    assert refused(told, "measure", code="warning") == ["neither-overdue-nor-out-of-line"]
    told.do("close", conformity="lighter_accepted", contest_waived=None)
