"""Who imposed a sanction, and by which law: what the officer may file follows from both."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from casefiles import flow
from casefiles.file import there
from casefiles.flow import Party, Refused, State
from casefiles.flow.given import AmendReason, LighterReason
from casefiles.flow.sanction import Decision, Delivered, review_starts_at_once
from tests.casefiles.flow.test_effects import sight
from tests.casefiles.flow.views import SANCTION, allowed, view_at
from tests.factories import BOARD, PEMKOT, at, casefile_at, document, given, heard, letter

PPK, OTHER, PRESIDENT = "personnel_authority", "other_official", "president"
DISMISSAL, DELAY = "dismissal_honourable_not_own_request", "raise_delay_1y"
OLD, NEW = date(2020, 11, 2), date(2024, 10, 28)


def file_with(sanction: str, decided: date, imposed_by: str | None) -> dict[str, Any]:
    """A delivered sanction of that day by that official, for an act a month before."""
    act = {
        "number": 1,
        "form": "partisan_activity",
        "act_date": decided.replace(month=decided.month - 1).isoformat(),
        "contest": None,
        "confirmed": True,
    }
    decision = {**SANCTION["decision"], "date": decided.isoformat(), "imposed_by": imposed_by}
    delivered = decided.replace(day=decided.day + 1).isoformat()
    return {
        "violations": [act],
        "sanction": {**SANCTION, "sanction": sanction, "decision": decision, "delivered_on": delivered},
    }


def refused_for(kind: str, sanction: str, decided: date, imposed_by: str | None) -> set[str]:
    """Why that contest is refused two days after the decision; nothing where it is not."""
    facts, filed = file_with(sanction, decided, imposed_by), decided.replace(day=decided.day + 2)
    try:
        allowed("contest", State.SANCTION_REPORTED, Party.ADDRESSEE, facts=facts, kind=kind, filed_on=filed,
                letter=letter(day=filed), view={"today": filed})  # fmt: skip
    except Refused as refused:
        return {reason.code for reason in refused.reasons}
    return set()


@pytest.mark.parametrize(
    ("sanction", "decided", "imposed_by", "remedy"),
    [
        # PP 53/2010.
        ("oral_reprimand", OLD, OTHER, None),
        ("written_dissatisfaction", OLD, PPK, None),
        (DELAY, OLD, PPK, None),
        (DELAY, OLD, PRESIDENT, None),
        (DELAY, OLD, OTHER, "objection"),
        ("promotion_delay_1y", OLD, OTHER, "objection"),
        ("rank_down_1y", OLD, OTHER, None),
        ("rank_down_3y", OLD, PPK, None),
        (DISMISSAL, OLD, PPK, "appeal"),
        (DISMISSAL, OLD, PRESIDENT, None),
        ("dismissal_dishonourable_discipline", OLD, PPK, "appeal"),
        ("dismissal_dishonourable_discipline", OLD, PRESIDENT, None),
        # PP 94/2021 and PP 79/2021.
        ("oral_reprimand", NEW, OTHER, "objection"),
        ("allowance_cut_25_6m", NEW, PPK, "objection"),
        ("demotion_one_level_12m", NEW, None, "objection"),
        (DISMISSAL, NEW, PPK, "appeal"),
        (DISMISSAL, NEW, None, "appeal"),
        (DISMISSAL, NEW, OTHER, "objection"),
        ("dismissal_dishonourable", NEW, OTHER, "objection"),
    ],
)
def test_what_may_be_filed(sanction: str, decided: date, imposed_by: str | None, remedy: str | None) -> None:
    kinds = ("objection", "appeal", "lawsuit")
    found = {kind: refused_for(kind, sanction, decided, imposed_by) for kind in kinds}
    # Where there is no administrative remedy the officer goes to court at once.
    right = remedy or "lawsuit"
    assert found == {kind: set() if kind == right else {"not-the-remedy"} for kind in kinds}


@pytest.mark.parametrize(("imposed_by", "open_until"), [(PPK, None), (OTHER, "2020-11-23"), (None, "2020-11-23")])
def test_a_case_waits_for_the_remedy_there_is(imposed_by: str | None, open_until: str | None) -> None:
    """A raise delayed by the authority itself is final at once; nobody said who imposed it: it is waited for."""
    facts, view = file_with(DELAY, OLD, imposed_by), {"today": date(2020, 11, 5), "occurred_at": at(date(2020, 11, 5))}
    closing: dict[str, Any] = {"facts": facts, "view": {**view, "mandate": None}, "contest_waived": None}
    with pytest.raises(Refused) as refused:
        allowed("close", State.SANCTION_REPORTED, Party.EXAMINER, **closing)
    said = {reason.code: reason.en for reason in refused.value.reasons}
    assert ("remedy-still-open" in said) == (open_until is not None)
    assert (open_until or "") in said.get("remedy-still-open", "")


def test_an_appeal_is_counted_from_the_decision_and_an_objection_from_its_receipt() -> None:
    ends = [
        there(
            allowed(
                "contest",
                State.SANCTION_REPORTED,
                Party.ADDRESSEE,
                facts=file_with(DISMISSAL, NEW, by),
                kind=kind,
                filed_on=date(2024, 11, 1),
                letter=letter(day=date(2024, 11, 1)),
                view={"today": date(2024, 11, 1)},
            ).changes["contest"]
        )["last_day"]
        for by, kind in ((PPK, "appeal"), (OTHER, "objection"))
    ]
    assert ends == ["2024-11-15", "2024-11-18"]


DOCUMENT = UUID(int=1)


def decree(decided: date, imposed_by: str | None) -> Decision:
    """A decree of that day by that official."""
    return Decision(number="SK.1", date=decided, legal_basis="x", document=DOCUMENT, imposed_by=imposed_by)


def reported(sanction: str, decided: date, *, imposed_by: str | None) -> flow.Outcome:
    """That sanction as the addressee reports it three days after the decision."""
    facts = {**file_with(sanction, decided, None), "sanction": None}
    return allowed(
        "report-sanction", State.AWAITING_SANCTION, Party.ADDRESSEE, facts=facts, sanction=sanction,
        decision=decree(decided, imposed_by), examination=heard(decided), reason=LighterReason(code="mitigating"),
        view={"today": decided.replace(day=decided.day + 3)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sanction", "decided", "imposed_by", "warned"),
    [
        (DELAY, OLD, None, True),
        (DELAY, OLD, PPK, False),
        ("rank_down_3y", OLD, None, False),
        (DISMISSAL, NEW, None, False),
    ],
)
def test_a_remedy_that_hangs_on_who_imposed_it_asks_who_it_was(
    sanction: str, decided: date, imposed_by: str | None, warned: bool
) -> None:
    changes = reported(sanction, decided, imposed_by=imposed_by).changes
    codes = [one["code"] for one in changes["warnings"] if one["code"] != "decided-before-asked"]
    assert codes == ["imposer-not-stated"] * warned
    assert there(changes["sanction"])["decision"]["imposed_by"] == imposed_by


@pytest.mark.parametrize(("imposed_by", "board"), [(PPK, True), (None, True), (OTHER, False)])
def test_the_board_sees_what_it_may_be_called_on(imposed_by: str | None, board: bool) -> None:
    outcome = reported(DISMISSAL, NEW, imposed_by=imposed_by)
    assert (Party.APPEAL_BOARD in outcome.grants) == board


@pytest.mark.parametrize(("imposed_by", "starts"), [(PPK, OLD), (OTHER, date(2020, 11, 20)), (PRESIDENT, OLD)])
def test_the_review_waits_for_the_remedy_against_that_official(imposed_by: str, starts: date) -> None:
    told = given("report-sanction", sanction=DELAY, decision=decree(OLD, imposed_by),
                 delivery=Delivered(delivered_on=OLD, method="hand"))  # fmt: skip
    assert review_starts_at_once(view_at(State.AWAITING_SANCTION, Party.ADDRESSEE), told) == starts


@pytest.mark.parametrize(
    ("decided", "fits"), [(date(2021, 8, 30), True), (date(2021, 8, 31), False), (date(2010, 6, 5), False)]
)
def test_a_sanction_is_one_of_the_law_of_the_day_of_its_decree(decided: date, fits: bool) -> None:
    """Reported in September 2021: whether PP 53/2010 knew it is asked for the day of the decree."""
    facts = {**file_with(DELAY, date(2020, 11, 2), None), "sanction": None}
    said: set[str] = set()
    try:
        allowed("report-sanction", State.AWAITING_SANCTION, Party.ADDRESSEE, facts=facts, sanction=DELAY,
                decision=decree(decided, PPK), reason=LighterReason(code="mitigating"),
                view={"today": date(2021, 9, 6)})  # fmt: skip
    except Refused as refused:
        said = {reason.code for reason in refused.reasons}
    assert ("sanction-does-not-fit" in said) != fits


@pytest.mark.usefixtures("db", "world")
def test_who_imposed_it_may_be_corrected_and_the_board_sees_it_then() -> None:
    told = casefile_at(State.AWAITING_SANCTION)
    held = document(PEMKOT, "decision", now=at(told.day, 1))
    told.do(
        "report-sanction",
        sanction=DISMISSAL,
        decision=replace(decree(told.day, OTHER), document=held),
        examination=heard(told.day),
    )
    assert BOARD not in sight(told)
    told.do("record-delivery")
    from_receipt = told.open.clock_from
    told.do("correct", by=PEMKOT, fact="#/sanction/decision/imposed_by", violation=None, value=PPK,
            reason=AmendReason(code="clerical_error"))  # fmt: skip
    assert told.facts["sanction"]["decision"]["imposed_by"] == PPK
    assert BOARD in sight(told)
    assert told.open.clock_from < from_receipt, "an appeal is counted from the decision"
    told.do("contest", by=BOARD, kind="appeal")
    assert told.open.to_agency.code == BOARD
