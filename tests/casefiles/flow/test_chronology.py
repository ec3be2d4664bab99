"""The one table of days: complete over every body, without circles, and the same for acts, corrections and files."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from typing import Any

import pytest

from casefiles.flow import FLOW, ROWS, DocumentView, Party, Refused, State, chronology, decide
from casefiles.flow.chronology import contradictions, held
from casefiles.flow.closing import Waiver
from casefiles.flow.corrections import CORRECTABLE
from casefiles.flow.dates import DEADLINE, OneOf, day_fields, days_told_by, documents, kinds_of, told
from casefiles.flow.days import KINDS, ORDERS, PAPERS, REMEDY_DOUBTS, SENTENCES, WARNINGS
from casefiles.flow.finding import FindingGiven
from casefiles.flow.given import Act, Decree, Letter
from casefiles.flow.sanction import Delivered, Examination
from casefiles.shapes import Member, members
from tests.casefiles.flow.views import BLOCK, DAY, SANCTION, facts_at, view_at
from tests.factories import finding_given, given

BEFORE_ALL = date(2020, 1, 1)
AFTER_ALL = date(2024, 12, 24)
FINDING = {
    "id": "f",
    "election": "pilkada-2024",
    "known_on": "2024-10-02",
    "registered_on": "2024-10-03",
    "clarified_on": "2024-10-05",
    "assessed_on": "2024-10-06",
    "forwarded_on": "2024-10-07",
    "arrived_on": "2024-10-08",
}
# A file in which everything happened, each on a day of its own.
FULL: Any = {
    **facts_at(State.CONTESTED),
    "violations": [{**facts_at(State.CONTESTED)["violations"][0], "act_until": "2024-09-30"}],
    "finding": FINDING,
    "accepted_on": "2024-10-10",
    "verification": {"held_on": "2024-10-09"},
    "recommendation": {"version": 1, "sanction": "discipline_medium", "letter": {"date": "2024-10-20"}},
    "received_on": "2024-10-22",
    "sanction": {
        **SANCTION,
        "examination": {"summoned_on": ["2024-10-23"], "examined_on": "2024-10-25", "attended": True},
        "delivered_on": "2024-10-29",
        "effective_stated": "2024-11-19",
        "executions": [{"executed_on": "2024-11-19"}],
    },
    "block": {**BLOCK, "letter": {"date": "2024-10-30"}},
    "merged": {"on": "2024-10-30"},
    "closing": {"contest_waived": {"on": "2024-11-02"}},
    "closed_on": "2024-11-03",
}


# --- the table is complete ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", FLOW, ids=lambda row: row.name)
def test_every_field_that_holds_a_day_says_what_day_it_is(row: Any) -> None:
    """Whoever adds a date to a body marks it with `Tells`, or this fails."""
    assert [path for path, kind in day_fields(row.takes) if kind is None] == []


def test_every_kind_of_day_has_its_words_and_every_word_is_used() -> None:
    told_of = {kind for row in FLOW if row.takes for kind in kinds_of(days_told_by(row.takes))}
    ordered = {kind for order in ORDERS for kind in (order.earlier, order.later)}
    assert told_of | ordered == set(KINDS)
    assert {order.code for order in ORDERS if not order.warns} == set(SENTENCES)
    assert REMEDY_DOUBTS | {code for *_, code in PAPERS} <= WARNINGS
    for order in ORDERS:
        assert order.id
        assert order.en
        assert order.id != order.en


def test_no_order_bites_its_tail() -> None:
    """What is refused has a way out: there are days that satisfy every order that is not only a warning."""
    left = {kind for order in ORDERS for kind in (order.earlier, order.later)}
    firm = [order for order in ORDERS if not order.warns]
    while left:
        free = {kind for kind in left if not any(one.later == kind and one.earlier in left for one in firm)}
        assert free, f"these wait for each other: {sorted(left)}"
        left -= free


@pytest.mark.parametrize("fact", [name for name, one in CORRECTABLE.items() if one.member.base is date])
def test_every_day_that_may_be_corrected_is_held_against_the_others(fact: str) -> None:
    assert fact in {kind.held for kind in KINDS.values()}


def test_every_day_of_a_full_file_is_read_and_in_order() -> None:
    stands = {kind for kind, meaning in KINDS.items() if meaning.held} - {"earlier_ruling"}
    assert {day.kind for day in held(FULL)} == stands | {"objected"}
    assert contradictions(FULL) == ()
    assert chronology.warnings(FULL) == ()


def test_an_old_file_that_lacks_days_is_compared_with_nothing() -> None:
    assert contradictions(facts_at(State.SUBMITTED)) == ()


# --- every act, every field -----------------------------------------------------------------------------------------

# Bodies that say all their days.
WHOLE: dict[str, Any] = {
    "redirect": {"letter": Letter(number="1", date=DAY)},
    "terminate": {
        "sanction": dataclasses.make_dataclass("Prior", ["sanction", "decision"])("x", Letter(number="1", date=DAY))
    },
    "report-sanction": {
        "examination": Examination(by="team", summoned_on=(DAY,), examined_on=DAY, attended=True),
        "delivery": Delivered(delivered_on=DAY, method="hand"),
    },
    "settle": {"delivery": Delivered(delivered_on=DAY, method="hand")},
    "reassign": {"letter": Letter(number="1", date=DAY)},
    "extend": {"letter": Letter(number="1", date=DAY)},
    "merge": {"letter": Letter(number="1", date=DAY)},
    "unmerge": {"letter": Letter(number="1", date=DAY)},
}


def _with_day(value: Any, path: list[str], day: date) -> Any:
    """The body with that day at that place."""
    if not path:
        return day
    if path[0] == "*":
        return (_with_day(value[0], path[1:], day), *value[1:])
    inner = getattr(value, path[0])
    if inner is None:
        assert len(path) == 1, path
    return dataclasses.replace(value, **{path[0]: _with_day(inner, path[1:], day)})


def _body(row: str) -> Any:
    body = given(row, day=DAY)
    return dataclasses.replace(body, **WHOLE.get(row, {}))


def _fields() -> list[tuple[str, str]]:
    return [
        (row.name, path)
        for row in FLOW
        if row.takes
        for path, kind in days_told_by(row.takes).items()
        if kind != DEADLINE and row.name != "submit"
    ]


def _guard(row: str) -> Any:
    (found,) = [guard for guard in ROWS[row].weighs if guard.__name__ == chronology.GUARD]  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize(("row", "path"), _fields())
def test_nothing_of_a_matter_lies_before_its_act(row: str, path: str) -> None:
    case = view_at(State.CONTESTED, facts=FULL)
    body = _with_day(_body(row), path.split("/"), BEFORE_ALL)

    found = {one.pointer: one for one in _guard(row)(case, body)}

    pointer = "#/" + path.replace("*", "0")
    if row == "hand-over":
        assert found == {}, "one protocol hands over many cases"
        return
    assert pointer in found
    assert BEFORE_ALL.isoformat() in found[pointer].en
    assert BEFORE_ALL.isoformat() in found[pointer].id
    compared = [
        day
        for day in (*held(FULL), *told(days_told_by(type(body)), body))
        if f"{day.day.isoformat()}, {day.pointer}" in found[pointer].en
    ]
    assert compared, "it says which day it is compared with, and where that day stands"


@pytest.mark.parametrize(("row", "path"), _fields())
def test_no_day_lies_after_the_act_that_tells_it(row: str, path: str) -> None:
    case = view_at(State.CONTESTED, facts=FULL)
    body = _with_day(_body(row), path.split("/"), AFTER_ALL)

    found = {(one.code, one.pointer): one for one in _guard(row)(case, body)}

    place = ("date-in-the-future", "#/" + path.replace("*", "0"))
    kind = days_told_by(ROWS[row].takes or object)[path]
    if not isinstance(kind, OneOf) and KINDS[kind].ahead:
        assert place not in found
        return
    assert place in found
    for words in (found[place].id, found[place].en):
        assert all(part in words for part in ("50", DAY.isoformat(), "Asia/Jakarta"))


def _document_places(shape: type[Any], path: str = "") -> list[str]:
    found = []
    for member in members(shape):
        found += _places_of(member, f"{path}{member.name}")
    return found


def _places_of(member: Member, path: str) -> list[str]:
    if member.item is not None:
        return _places_of(member.item, f"{path}/0")
    if member.is_object:
        return _document_places(member.base, f"{path}/")
    return [path] if any(getattr(mark, "kind", "") == "document" for mark in member.marks) else []


@pytest.mark.parametrize(
    "row", [row.name for row in FLOW if row.takes and not row.creates and _document_places(row.takes)]
)
def test_no_act_brings_a_paper_that_is_dated_after_it(row: str) -> None:
    body = _body(row)
    named = list(documents(body))
    papers = {ident: _paper(ident, AFTER_ALL) for _, ident in named}
    case = view_at(State.CONTESTED, facts=FULL, documents=papers)

    found = {one.pointer for one in _guard(row)(case, body) if one.code == "date-in-the-future"}

    assert found == {pointer for pointer, _ in named}


def _paper(ident: str, day: date | None, kind: str = "decision") -> DocumentView:
    return DocumentView(id=ident, type=kind, number="", date=day, sha256="", size=1, owner="pemkot-padang")


# --- where midnight lies --------------------------------------------------------------------------------------------


def test_today_is_never_too_early_for_an_office_where_the_day_has_not_begun_yet() -> None:
    """Received in Jayapura on the 5th, an hour after midnight; in Padang it is still the 4th."""
    facts = {**FULL, "received_on": "2024-11-05", "sanction": {**FULL["sanction"], "delivered_on": "2024-11-05"}}
    case = view_at(State.SANCTION_REPORTED, facts=facts)
    assert not list(_guard("close")(case, given("close", day=DAY)))
    waived = Waiver(on=DAY - timedelta(days=1), document=given("close").contest_waived.document)
    assert [one.code for one in _guard("close")(case, given("close", day=DAY, contest_waived=waived))] == [
        "waived-before-delivered"
    ]


# --- what is odd ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"received_on": "2024-10-28"}, None, None),
        ({"received_on": "2024-10-29"}, "decided-before-asked", "#/sanction/decision/date"),
        ({"sanction": {**FULL["sanction"], "effective_stated": "2024-10-28"}}, "effect-too-early",
         "#/sanction/effective_stated"),
        ({"sanction": {**FULL["sanction"], "executions": [{"executed_on": "2024-10-28"}]}}, "delivery-day-doubtful",
         "#/sanction/executions/0/executed_on"),
        ({"contest": {"kind": "appeal", "sanction_version": 1, "filed_on": "2024-10-28"}}, "delivery-day-doubtful",
         "#/contest/filed_on"),
        ({"verification": {"held_on": "2024-10-07"}}, "verified-before-arrival", "#/verification/held_on"),
        ({"finding": {**FINDING, "assessed_on": "2024-10-04"}}, "assessed-before-clarified", "#/finding/assessed_on"),
    ],
)  # fmt: skip
def test_what_is_odd_is_flagged_and_refuses_nothing(changed: Any, code: str | None, pointer: str | None) -> None:
    facts: Any = {**FULL, **changed}
    assert contradictions(facts) == ()
    assert [(one["code"], one["pointer"]) for one in chronology.warnings(facts)] == ([(code, pointer)] if code else [])


@pytest.mark.parametrize(("dated", "flagged"), [("2024-10-28", False), ("2024-10-27", True), (None, False)])
def test_a_decree_whose_document_bears_another_date_is_doubtful(dated: str | None, flagged: bool) -> None:
    facts: Any = {**FULL, "documents": [{"id": "d", "date": dated}]}
    codes = [one["code"] for one in chronology.warnings(facts)]
    assert codes == (["decision-day-doubtful"] if flagged else [])


def test_a_delivery_whose_proof_bears_another_date_keeps_the_case_open_until_it_is_cleared() -> None:
    facts = {**facts_at(State.SANCTION_REPORTED)}
    proof = str(given("record-execution").proof)
    body = dataclasses.replace(
        given("record-delivery", day=DAY), delivered_on=date(2024, 10, 29), document=given("record-execution").proof
    )
    case = view_at(
        State.SANCTION_REPORTED, Party.ADDRESSEE, facts=facts,
        documents={proof: _paper(proof, date(2024, 11, 2), "delivery_proof")},
    )  # fmt: skip
    done = decide(ROWS["record-delivery"], case, frozenset({Party.ADDRESSEE}), body)
    assert [one["code"] for one in done.changes["warnings"]] == ["delivery-day-doubtful"]

    later = {**facts, **done.changes, "documents": [{"id": proof, "date": "2024-11-02"}]}
    over = view_at(State.SANCTION_REPORTED, facts=later, today=date(2024, 12, 20))
    closing = given("close", day=DAY, contest_waived=None)
    with pytest.raises(Refused, match="remedy-doubtful"):
        decide(ROWS["close"], over, frozenset({Party.EXAMINER}), closing)
    for way in (
        given("close", day=DAY),
        dataclasses.replace(closing, remedy_judged="Tanda terima kurir ditulis kemudian."),
    ):
        closed = decide(ROWS["close"], over, frozenset({Party.EXAMINER}), way)
        assert closed.state is State.CLOSED

    # The addressee corrects the day to that of the proof, and nothing is doubtful any more.
    correction = given("correct", fact="#/sanction/delivered_on", violation=None, value="2024-11-02")
    corrected = decide(
        ROWS["correct"], view_at(State.SANCTION_REPORTED, Party.ADDRESSEE, facts=later), frozenset({Party.ADDRESSEE}),
        correction,
    )  # fmt: skip
    assert corrected.changes["warnings"] == []


def test_a_decree_before_the_recommendation_was_received_is_reported_with_a_warning() -> None:
    """An agency may have acted by itself before it was asked; that is told, not refused."""
    body = given("report-sanction", day=date(2024, 10, 30))
    case = view_at(State.AWAITING_SANCTION, Party.ADDRESSEE, facts={"received_on": "2024-11-01"})
    done = decide(ROWS["report-sanction"], case, frozenset({Party.ADDRESSEE}), body)
    assert [one["code"] for one in done.changes["warnings"]] == ["decided-before-asked"]


def test_an_officer_who_was_never_the_agencys_may_have_been_the_others_before_the_act() -> None:
    case = view_at(State.RECOMMENDED, facts=FULL)
    body = given("transfer", day=DAY, moved_on=BEFORE_ALL)
    assert [one.code for one in _guard("transfer")(case, body)] == ["dates-run-backwards"]
    wrong = dataclasses.replace(body, reason=dataclasses.replace(body.reason, code="misaddressed"))
    assert not list(_guard("transfer")(case, wrong))


def test_a_revised_recommendation_may_be_younger_than_the_receipt_of_the_first() -> None:
    revised = {**FULL["recommendation"], "version": 2, "letter": {"date": "2024-10-24"}, "revised": True}
    facts: Any = {**FULL, "recommendation": revised}
    assert contradictions(facts) == ()


def test_a_shape_of_letters_is_known_by_its_day() -> None:
    assert list(day_fields(Letter)) == [("date", None)]
    assert list(day_fields(Decree)) == [("date", None)]
    assert list(day_fields(Act)) == []
    assert [day.kind for day in told(days_told_by(FindingGiven), finding_given(documents=()))] == [
        "known", "registered", "clarified", "act"
    ]  # fmt: skip
