"""Days that were told wrongly are put right by corrections, whichever of them are wrong, and nothing holds them."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import pytest

from casefiles.flow import ROWS, Party, Refused, State, chronology, decide
from casefiles.flow.chronology import contradictions, held, newly_contradicted
from casefiles.flow.corrections import CORRECTABLE, IN_THE_ROW, written
from casefiles.flow.days import KINDS, ORDERS
from tests.casefiles.flow.test_chronology import FINDING, FULL
from tests.casefiles.flow.views import DAY, SANCTION, facts_at, view_at
from tests.factories import given


def test_a_correction_is_refused_for_what_it_newly_contradicts_only() -> None:
    wrong: Any = {**FULL, "received_on": "2024-10-19"}
    assert [(one.earlier.kind, one.later.kind) for one in contradictions(wrong)] == [("recommended", "received")]
    # The letter moves, and is later than the receipt as it was before.
    better: Any = {**wrong, "recommendation": {**FULL["recommendation"], "letter": {"date": "2024-10-21"}}}
    assert newly_contradicted(wrong, better, pointer="#/value") == ()
    worse: Any = {**wrong, "recommendation": {**FULL["recommendation"], "letter": {"date": "2024-10-09"}}}
    (refused,) = newly_contradicted(wrong, worse, pointer="#/value")
    assert (refused.code, refused.pointer) == ("dates-run-backwards", "#/value")
    assert "2024-10-10, #/accepted_on" in refused.en


def test_two_days_that_may_be_corrected_are_in_any_order_and_the_file_warns_in_between() -> None:
    """The decree and its delivery were both recorded a year early: either may be put right first."""
    late = {"#/sanction/decision/date": "2025-10-28", "#/sanction/delivered_on": "2025-10-29"}
    for first, second in itertools.permutations(late):
        facts = facts_at(State.SANCTION_REPORTED) | {"sanction": {**SANCTION, "delivered_on": "2024-10-29"}}
        codes = []
        for fact in (first, second):
            case = view_at(State.SANCTION_REPORTED, Party.ADDRESSEE, facts=facts, today=date(2025, 12, 1))
            body = given("correct", fact=fact, violation=None, value=late[fact])
            facts |= decide(ROWS["correct"], case, frozenset({Party.ADDRESSEE}), body).changes
            codes.append([one["code"] for one in facts["warnings"] if one["code"] == "dates-run-backwards"])
        assert codes[1] == []
        assert codes[0] == (["dates-run-backwards"] if first == "#/sanction/decision/date" else [])


def test_a_case_is_not_closed_while_its_decree_and_delivery_contradict_each_other() -> None:
    facts = facts_at(State.SANCTION_REPORTED) | {"sanction": {**SANCTION, "delivered_on": "2024-10-14"}}
    facts["warnings"] = list(chronology.warnings(facts))
    assert [one["code"] for one in facts["warnings"]] == ["dates-run-backwards"]
    over = view_at(State.SANCTION_REPORTED, facts=facts, today=date(2024, 12, 20))
    with pytest.raises(Refused, match="remedy-doubtful"):
        decide(ROWS["close"], over, frozenset({Party.EXAMINER}), given("close", day=DAY, contest_waived=None))


# Days that `correct` does not reach, and how each is told anew.
TOLD_ANEW = {
    "assessed": "the document of the assessment is replaced, and bears its date",
    "summoned": "report-sanction, after require-correction",
    "heard": "report-sanction, after require-correction",
    "carried_out": "record-execution",
    "blocked": "block-data, after unblock-data",
    "objected": "settle as withdrawn, and contest",
    "waived": "reopen, and close",
}
CERTAIN = {kind for kind, meaning in KINDS.items() if meaning.certain}
FACTS_OF = {kind: meaning.held for kind, meaning in KINDS.items() if meaning.held in CORRECTABLE}


def _pairs() -> list[tuple[str, str]]:
    stand = {day.kind for day in held(FULL)}
    return [
        (order.earlier, order.later)
        for order in ORDERS
        if {order.earlier, order.later} <= stand and not {order.earlier, order.later} <= CERTAIN
    ]


def test_every_day_that_was_told_may_be_put_right() -> None:
    told_of = {day.kind for day in held(FULL)}
    assert told_of - CERTAIN - set(FACTS_OF) == set(TOLD_ANEW)
    assert {"arrived", "accepted", "merged", "closed"} == CERTAIN


@pytest.mark.parametrize("days", [-400, 400], ids=["too late", "too early"])
@pytest.mark.parametrize(("earlier", "later"), _pairs())
def test_from_two_wrong_days_a_sequence_of_corrections_leads_to_the_right_ones(
    earlier: str, later: str, days: int
) -> None:
    """Whichever of two days that follow each other were told wrongly: each is put right, in one order or the other."""
    places = {day.kind: day.pointer.removeprefix("#/").split("/") for day in held(FULL)}
    right = {day.kind: day.day for day in held(FULL) if day.kind in {earlier, later}}
    wrong = _only(places, earlier, later)
    for kind in {earlier, later} - CERTAIN:
        wrong = _moved(wrong, places[kind], right[kind] - timedelta(days=days))
    ways = [
        _put_right(wrong, order, right)
        for order in itertools.permutations([kind for kind in (earlier, later) if kind in FACTS_OF])
    ]
    reached = [facts for facts in ways if facts is not None]
    assert reached, "no order of the corrections is let through"
    for facts in reached:
        for kind in {earlier, later} & set(FACTS_OF):
            assert _read(facts, places[kind]) == right[kind].isoformat()
    if not {earlier, later} & set(TOLD_ANEW):
        assert [contradictions(facts) for facts in reached] == [()] * len(reached)
        assert len(reached) == len(ways) or {earlier, later} == {"known", "registered"}


def _put_right(facts: Any, kinds: tuple[str, ...], right: dict[str, date]) -> Any:
    """The file after these corrections, one after the other; None where one of them is refused."""
    for kind in kinds:
        fact, day = FACTS_OF[kind], right[kind].isoformat()
        after = facts | written(facts, fact, 1 if "*" in fact else None, day)
        if newly_contradicted(facts, after, pointer="#/value", in_order=IN_THE_ROW):
            return None
        facts = after
    return facts


def _read(facts: Any, path: list[str]) -> Any:
    for step in path:
        facts = facts[int(step)] if step.isdigit() else facts[step]
    return facts


def test_the_two_days_that_the_row_of_a_finding_keeps_in_order_say_which_goes_first() -> None:
    late: Any = {**FULL, "finding": {**FINDING, "known_on": "2024-10-04"}}
    (refused,) = newly_contradicted(FULL, late, pointer="#/value", in_order=IN_THE_ROW)
    assert "correct the other one first" in refused.en
    assert "betulkan tanggal yang lain itu dahulu" in refused.id


def _only(places: dict[str, list[str]], *kinds: str) -> dict[str, Any]:
    """A file that holds those days only."""
    facts: dict[str, Any] = {}
    for kind in kinds:
        value: Any = facts
        for step, following in itertools.pairwise(places[kind]):
            value = _step(value, step, [] if following.isdigit() else {})
        at_end = next(day for day in held(FULL) if day.kind == kind)
        _put(value, places[kind][-1], at_end.day.isoformat())
    for violation in facts.get("violations", ()):
        violation["number"] = 1
    if "contest" in facts:
        facts["contest"] |= {"kind": "objection", "sanction_version": None}
    return facts


def _step(value: Any, step: str, empty: Any) -> Any:
    if isinstance(value, list):
        if not value:
            value.append(empty)
        return value[0]
    return value.setdefault(step, empty)


def _put(value: Any, step: str, day: str) -> None:
    if isinstance(value, list):
        value[:] = [day]
    else:
        value[step] = day


def _moved(facts: Any, path: list[str], day: date) -> Any:
    if not path:
        return day.isoformat()
    if isinstance(facts, list):
        return [_moved(facts[0], path[1:], day), *facts[1:]]
    return {**facts, path[0]: _moved(facts[path[0]], path[1:], day)}
