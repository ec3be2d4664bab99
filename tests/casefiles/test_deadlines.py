"""Deadlines: the days counted, the local midnight, the pause, and the reason given."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.calendar import Calendar, seed_rows
from casefiles import deadlines
from casefiles.catalogue import load
from casefiles.catalogue_rows import DayBasis, DeadlineRule, Effect

catalogue = load()
CALENDAR = Calendar.from_rows("2026.1", seed_rows(range(2019, 2029)))
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")

days = st.dates(dt.date(2019, 1, 1), dt.date(2028, 6, 30))
numbers = st.integers(1, 70)
bases: st.SearchStrategy[DayBasis] = st.sampled_from(["calendar", "working"])


def rule(number: int, basis: DayBasis) -> DeadlineRule:
    return DeadlineRule(
        code="follow_up",
        label_id="tindak lanjut",
        label_en="follow-up",
        certainty="proposal",
        purpose="follow_up",
        starts_from="received",
        days=number,
        day_basis=basis,
    )


def due(start: dt.date, number: int, basis: DayBasis, zone: str = "Asia/Jakarta") -> deadlines.Due:
    return deadlines.due(rule=rule(number, basis), start=start, calendar=CALENDAR, time_zone=zone)


@pytest.mark.parametrize(
    ("start", "number", "expected"),
    [
        # Lebaran 2024: hand-checked. Without joint leave it would be 29 April.
        (dt.date(2024, 4, 5), 14, dt.date(2024, 5, 6)),
        # The vector of the agencies' own discipline application.
        (dt.date(2026, 7, 14), 15, dt.date(2026, 8, 4)),
        (dt.date(2024, 11, 26), 1, dt.date(2024, 11, 28)),  # voting day of the regional elections lies between
        (dt.date(2024, 9, 13), 1, dt.date(2024, 9, 17)),  # Friday; Monday was Maulid
    ],
)
def test_working_days_skip_weekends_holidays_and_joint_leave(start: dt.date, number: int, expected: dt.date) -> None:
    assert due(start, number, "working").due_on == expected


def test_calendar_days_skip_nothing() -> None:
    found = due(dt.date(2024, 4, 5), 14, "calendar")
    assert found.due_on == dt.date(2024, 4, 19)
    assert found.skipped == ()


def test_a_deadline_ends_with_the_midnight_of_the_office_that_is_obliged() -> None:
    instants = {zone: due(dt.date(2024, 4, 5), 14, "calendar", zone).due_at for zone in ZONES}
    assert instants == {
        "Asia/Jakarta": dt.datetime(2024, 4, 19, 17, tzinfo=dt.UTC),
        "Asia/Makassar": dt.datetime(2024, 4, 19, 16, tzinfo=dt.UTC),
        "Asia/Jayapura": dt.datetime(2024, 4, 19, 15, tzinfo=dt.UTC),
    }


def test_the_explanation_names_every_weekday_that_was_skipped() -> None:
    found = due(dt.date(2024, 4, 5), 14, "working")
    assert [day.date.day for day in found.skipped] == [8, 9, 10, 11, 12, 15, 1]
    assert "14 hari kerja sejak 5 April 2024" in found.explanation_id
    assert "8 April 2024 (Cuti Bersama Hari Raya Idul Fitri)" in found.explanation_id
    assert "1 Mei 2024 (Hari Buruh Internasional)" in found.explanation_id
    assert "14 working days from 5 April 2024" in found.explanation_en
    assert found.explanation_en.endswith("it ends with 6 May 2024. Calendar 2026.1.")
    assert found.calendar_version == "2026.1"


def test_a_deadline_carries_its_rule_and_mark() -> None:
    found = deadlines.due(
        rule=catalogue.deadline_rule("follow_up", mandate="examining-2014", on=dt.date(2023, 6, 1)),
        start=dt.date(2023, 6, 1),
        calendar=CALENDAR,
        time_zone="Asia/Jakarta",
    )
    assert (found.rule, found.days, found.day_basis, found.certainty) == ("follow_up", 14, "calendar", "seen")
    assert (found.clock_from, found.due_on) == (dt.date(2023, 6, 1), dt.date(2023, 6, 15))


def test_beyond_the_calendar_the_deadline_says_so() -> None:
    assert not due(dt.date(2028, 12, 1), 5, "working").beyond_calendar
    late = due(dt.date(2028, 12, 20), 14, "working")
    assert late.beyond_calendar
    assert "belum lengkap" in late.explanation_id
    assert "not all in the calendar" in late.explanation_en
    assert not due(dt.date(2040, 12, 20), 14, "calendar").beyond_calendar


@given(start=days, number=numbers)
def test_the_nth_working_day_is_what_counting_on_ones_fingers_gives(start: dt.date, number: int) -> None:
    day, left = start, number
    while left:
        day += dt.timedelta(days=1)
        left -= day.weekday() < 5 and day not in CALENDAR.days
    assert deadlines.nth_working_day(start, number, calendar=CALENDAR) == day


@given(start=days, number=numbers)
def test_a_working_deadline_never_falls_on_a_day_off(start: dt.date, number: int) -> None:
    assert CALENDAR.is_working_day(due(start, number, "working").due_on)


@given(start=days, later=st.integers(0, 30), number=numbers, more=st.integers(0, 30), basis=bases)
def test_a_later_start_or_more_days_never_give_an_earlier_deadline(
    start: dt.date, later: int, number: int, more: int, basis: DayBasis
) -> None:
    first = due(start, number, basis).due_on
    assert due(start + dt.timedelta(days=later), number, basis).due_on >= first
    assert due(start, number + more, basis).due_on >= first
    assert first > start


@given(start=days, number=numbers, basis=bases, zone=st.sampled_from(ZONES))
def test_due_at_is_the_local_midnight_after_the_due_day(
    start: dt.date, number: int, basis: DayBasis, zone: str
) -> None:
    found = due(start, number, basis, zone)
    local = found.due_at.astimezone(ZoneInfo(zone))
    assert local.time() == dt.time()
    assert local.date() == found.due_on + dt.timedelta(days=1)
    assert found.due_at.tzinfo is dt.UTC


@given(start=days, number=numbers, away=days, basis=bases)
def test_a_pause_of_no_days_changes_nothing(start: dt.date, number: int, away: dt.date, basis: DayBasis) -> None:
    due_on = due(start, number, basis).due_on
    assert deadlines.shift(due_on, away_from=away, away_until=away, basis=basis, calendar=CALENDAR) == due_on


@given(start=days, number=numbers, gone=st.integers(0, 60), away=st.integers(0, 60), basis=bases)
def test_after_a_pause_as_many_days_are_left_as_before(
    start: dt.date, number: int, gone: int, away: int, basis: DayBasis
) -> None:
    due_on = due(start, number, basis).due_on
    away_from = min(start + dt.timedelta(days=gone), due_on)
    away_until = away_from + dt.timedelta(days=away)
    new = deadlines.shift(due_on, away_from=away_from, away_until=away_until, basis=basis, calendar=CALENDAR)

    def left(day: dt.date, end: dt.date) -> int:
        return CALENDAR.working_days_between(day, end) if basis == "working" else (end - day).days

    assert left(away_until, new) == left(away_from, due_on)
    assert new >= due_on


def test_days_away_do_not_count() -> None:
    # Away from Tuesday to Thursday: a clock due on Friday is due on the Tuesday after.
    friday = dt.date(2026, 7, 24)
    new = deadlines.shift(
        friday, away_from=dt.date(2026, 7, 21), away_until=dt.date(2026, 7, 23), basis="working", calendar=CALENDAR
    )
    assert new == dt.date(2026, 7, 28)


def test_a_file_cannot_come_back_before_it_left() -> None:
    with pytest.raises(ValueError, match="before it left"):
        deadlines.shift(
            dt.date(2026, 7, 24),
            away_from=dt.date(2026, 7, 23),
            away_until=dt.date(2026, 7, 21),
            basis="working",
            calendar=CALENDAR,
        )


def test_lateness_is_counted_in_calendar_days_and_never_negative() -> None:
    friday = dt.date(2026, 7, 24)
    assert deadlines.days_late(friday, friday) == 0
    assert deadlines.days_late(friday, dt.date(2026, 7, 27)) == 3
    assert deadlines.days_late(friday, dt.date(2026, 7, 20)) == 0


def test_working_days_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        deadlines.nth_working_day(dt.date(2026, 7, 24), 0, calendar=CALENDAR)


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ("working_day_15_after_receipt", dt.date(2026, 8, 4)),
        ("on_execution", dt.date(2026, 4, 17)),
        ("as_decree_states", dt.date(2026, 9, 1)),
    ],
)
def test_a_sanction_takes_effect_by_its_own_rule(effect: Effect, expected: dt.date) -> None:
    delivered, executed, stated = dt.date(2026, 7, 14), dt.date(2026, 4, 17), dt.date(2026, 9, 1)
    found = deadlines.effective_on(
        effect, delivered_on=delivered, executed_on=executed, stated_on=stated, calendar=CALENDAR
    )
    assert found == expected
    unknown = deadlines.effective_on(effect, delivered_on=None, executed_on=None, stated_on=None, calendar=CALENDAR)
    assert unknown is None


def test_the_effect_rule_and_the_effect_code_say_the_same_number() -> None:
    number = catalogue.deadline_rule("effect", on=dt.date(2026, 7, 14)).days
    effects = {catalogue.sanction(code).effect for code in catalogue.codes("sanctions")}
    assert f"working_day_{number}_after_receipt" in effects
