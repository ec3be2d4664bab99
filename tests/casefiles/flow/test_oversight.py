"""Who oversees, and what: measures by role, their new due day, blocks and their reminder, the end of the ladder."""

import dataclasses
from datetime import date, timedelta
from typing import Any

import pytest

from casefiles.catalogue import book
from casefiles.flow import Party, Refused, State, is_province_above
from casefiles.flow.given import BlockReason, LighterReason, TerminateReason, UnblockReason
from casefiles.flow.ladder import REPORTS
from casefiles.flow.oversight import MEASURES_OF
from casefiles.models import CasefileGrant
from tests.casefiles.flow.views import AGENCIES, DAY, MANDATE, OVERDUE, RECOMMENDATION, SANCTION, allowed, law
from tests.factories import BKN, HOME_AFFAIRS, MINISTRY, PEMKOT, PEMPROV, Story, casefile_at
from tests.warned import others

S = State


# --- pure -----------------------------------------------------------------------------------------------------------


def test_every_measure_has_somebody_who_may_take_it_and_none_is_unknown() -> None:
    known = set(book.load().codes("reasons/measure"))
    assert set().union(*MEASURES_OF.values()) == known


def test_whoever_the_ladder_names_may_do_what_it_asks() -> None:
    for step in book.load().ladder:
        if step.act is not None and step.by_role in MEASURES_OF:
            assert step.act in MEASURES_OF[step.by_role], step.code


def test_only_the_last_level_asks_for_a_report_that_ends_the_ladder() -> None:
    last = [step for step in book.load().ladder if step.last]
    assert {step.act for step in last} <= REPORTS
    assert last


def test_the_governor_is_the_province_above_a_regency_or_city_and_nobody_else() -> None:
    province = dataclasses.replace(AGENCIES["pemprov-sumatera-barat"], region="13")
    city = dataclasses.replace(AGENCIES["pemkot-padang"], region="13.71")
    elsewhere = dataclasses.replace(city, region="62.02")
    assert is_province_above(province, city)
    assert not is_province_above(province, elsewhere)
    assert not is_province_above(province, province)
    assert not is_province_above(city, city)
    assert not is_province_above(dataclasses.replace(province, region=""), city)


def test_levels_are_reckoned_in_whole_working_days_around_the_due_day() -> None:
    """Monday 28 October 2024: three working days before it, and five, ten and twenty after it."""
    found = law().ladder(OVERDUE, regional=True, mandate=MANDATE.code, on=DAY)
    assert [(level.level, level.reached_on.isoformat()) for level in found] == [
        (1, "2024-10-24"),
        (2, "2024-10-29"),
        (3, "2024-11-05"),
        (4, "2024-11-12"),
        (5, "2024-11-26"),
    ]
    assert found[1].reached_at == OVERDUE.due_at
    central = law().ladder(OVERDUE, regional=False, mandate=MANDATE.code, on=DAY)
    assert [level.level for level in central] == [1, 2, 3, 5], "no central agency is reprimanded by home affairs"


def test_a_central_agency_goes_from_the_block_to_the_report() -> None:
    central = dataclasses.replace(OVERDUE, to="kemenpanrb", due_on=date(2024, 10, 1), clock_from=date(2024, 9, 17))
    outcome = allowed(
        "escalate", S.AWAITING_SANCTION, Party.CLOCK, facts={"overdue_level": 3}, view={"referral": central},
        level=5, ladder="follow_up_report", due_on=date(2024, 10, 1), reached_on=date(2024, 10, 30),
    )  # fmt: skip
    assert outcome.changes["overdue_level"] == 5
    assert [agency.code for agency in outcome.grants if not isinstance(agency, Party)] == ["kemenpanrb"]


def test_a_sanction_out_of_line_is_a_ground_although_nothing_is_late() -> None:
    lighter = {"sanction": {**SANCTION, "comparison": "lighter"}, "recommendation": RECOMMENDATION}
    outcome = allowed("measure", S.SANCTION_REPORTED, Party.OVERSIGHT, facts=lighter, code="reprimand")
    assert outcome.moves is None, "there is no follow-up to move"
    assert outcome.changes["measures"][0]["new_due"] is None


def test_a_reprimand_gives_three_days_and_a_named_day_wins() -> None:
    late = {"referral": OVERDUE}
    three = allowed("measure", S.AWAITING_SANCTION, Party.OVERSIGHT, view=late, code="reprimand").moves
    assert three is not None
    assert (three.due_on, three.paused_days) == (DAY + timedelta(days=3), 0)
    assert three.rule is not None
    assert "3 hari kalender" in three.rule["explanation_id"]
    named = allowed(
        "measure", S.AWAITING_SANCTION, Party.OVERSIGHT, view=late, code="reprimand", due_on=date(2024, 11, 18)
    ).moves
    assert named is not None
    assert named.due_on == date(2024, 11, 18)
    assert "R-1/2024" in (named.rule or {})["explanation_en"]
    assert allowed("measure", S.AWAITING_SANCTION, Party.OVERSIGHT, view=late).moves is None, "a reminder gives none"


def test_a_recount_of_the_calendar_never_takes_back_what_a_reprimand_gave() -> None:
    given = allowed("measure", S.AWAITING_SANCTION, Party.OVERSIGHT, view={"referral": OVERDUE}, code="reprimand").moves
    assert given is not None
    moved = dataclasses.replace(OVERDUE, due_on=given.due_on, rule=given.rule or {})
    assert law().recounted(moved)[0] == given.due_on


# --- on PostgreSQL --------------------------------------------------------------------------------------------------

stored = pytest.mark.usefixtures("db", "world")


def late(told: Story, days: int) -> date:
    """The day that many days after the open referral was due."""
    due_on: date = told.open.due_on
    return due_on + timedelta(days=days)


def refused(told: Story, name: str, **said: Any) -> list[str]:
    with pytest.raises(Refused) as why:
        told.do(name, **said)
    return [reason.code for reason in why.value.reasons]


@stored
def test_a_measure_is_listed_for_every_party_and_leaves_the_turn_where_it_is() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    turn = told.open.pk
    told.do("measure", on=late(told, 1), code="warning")
    (measure,) = told.facts["measures"]
    assert (measure["code"], measure["by"]["code"], measure["addressed_to"]) == (
        "warning", BKN, {"code": PEMKOT, "name": "Pemerintah Kota Padang"},
    )  # fmt: skip
    assert (told.open.pk, told.row.state) == (turn, "awaiting_sanction")


@stored
def test_the_governor_reprimands_the_mayor_and_the_follow_up_gets_its_new_day() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    due_on = told.open.due_on
    day = late(told, 6)
    assert refused(told, "measure", by=PEMPROV, on=day, code="warning") == ["measure-of-another"]
    told.do("measure", by=PEMPROV, on=day, code="reprimand")
    assert (told.open.due_on, told.open.paused_days) == (day + timedelta(days=3), 0)
    assert told.facts["turn"]["due_on"] == (day + timedelta(days=3)).isoformat()
    assert told.open.rule["code"] == "follow_up"
    assert (told.open.original_due_on, told.open.missed_due_on) == (due_on, due_on)
    assert [(one["cause"], one["due_from"], one["due_to"]) for one in told.open.rule["moved"]] == [
        ("measure", due_on.isoformat(), (day + timedelta(days=3)).isoformat())
    ]
    # It was late and stays so: a reprimand hinders neither another measure nor the block.
    told.do("measure", on=day, code="warning")
    told.do("block-data", on=day, reason=BlockReason(code="no_follow_up"), scope="full", services=())
    told.do("report-sanction", on=day + timedelta(days=1))
    answered = told.referral("follow_up")
    assert (answered.days_late, answered.due_on) == (7, day + timedelta(days=3))


@stored
def test_a_block_is_active_until_it_is_lifted_whatever_becomes_of_the_case() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    told.do("block-data", on=late(told, 1), reason=BlockReason(code="no_follow_up"), scope="full", services=())
    assert (told.row.data_block, told.facts["block"]["scope"], told.facts["block"]["lifted"]) == (
        "active", "full", None,
    )  # fmt: skip
    assert refused(told, "block-data") == ["blocked-already"]
    for name in ("report-sanction", "record-delivery", "close"):
        told.do(name)
    assert [one["code"] for one in others(told.facts["warnings"])] == ["block-active"]
    assert (told.row.state, told.row.data_block) == ("closed", "active")

    told.do("unblock-data")
    assert (told.row.state, told.row.outcome, told.row.data_block) == ("closed", "sanctioned", "lifted")
    assert others(told.facts["warnings"]) == []
    assert told.facts["block"]["lifted"]["reason"]["code"] == "followed_up"
    assert refused(told, "unblock-data") == ["not-blocked"]


@stored
def test_any_way_of_closing_reminds_of_the_block() -> None:
    told = casefile_at(S.RECOMMENDED)
    told.do("block-data")
    told.do("terminate")
    assert [one["code"] for one in others(told.facts["warnings"])] == ["block-active"]
    told.do("unblock-data", reason=UnblockReason(code="case_ended"))
    assert others(told.facts["warnings"]) == []


@stored
def test_a_lifted_block_may_follow_another() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    for name in ("block-data", "unblock-data", "block-data"):
        told.do(name)
    assert (told.row.data_block, told.facts["block"]["lifted"]) == ("active", None)


@stored
def test_a_report_before_the_last_level_exhausts_nothing() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    day = late(told, 60)
    told.do("measure", by=MINISTRY, on=day, code="report_to_president")
    reason = TerminateReason(code="not_followed_up")
    assert refused(told, "terminate", reason=reason) == ["ladder-not-exhausted"]
    assert not CasefileGrant.objects.filter(content_object=told.casefile, agency__code=HOME_AFFAIRS).exists()


@pytest.mark.usefixtures("db", "world")
def test_a_measure_never_takes_away_time_that_is_left() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    told.do("report-sanction", sanction="moral_open", reason=LighterReason(code="mitigating"))
    told.do("record-delivery")
    told.do("require-correction")
    due_on = told.open.due_on
    told.do("measure", by=HOME_AFFAIRS, code="reprimand")
    assert told.open.due_on == due_on
    assert told.facts["measures"][0]["new_due"] is None
    assert refused(told, "measure", by=HOME_AFFAIRS, code="reprimand", due_on=due_on) == ["not-after-the-due-day"]
