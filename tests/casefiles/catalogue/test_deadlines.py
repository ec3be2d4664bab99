"""Deadlines: the days counted, the local midnight, the pause, and the reason given."""

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.calendar import Calendar, Day, seed_rows
from casefiles.catalogue import deadlines
from casefiles.catalogue.book import load
from casefiles.catalogue.rows import DayBasis, DeadlineRule, Effect

catalogue = load()
KASN, BKN = "examining-2014", "examining-2024"
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
    assert "8 April 2024 (Cuti Bersama Hari Raya Idul Fitri, Keppres 7/2024; SKB Menag 855/2023" in found.explanation_id
    assert "1 Mei 2024 (Hari Buruh Internasional, SKB Menag 855/2023" in found.explanation_id
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


# -- 14, 10 or 3 days: sources that disagree are rows, chosen by mandate and day ---------------------------------------


@pytest.mark.parametrize(
    ("name", "mandate", "start", "expected"),
    [
        ("follow_up", KASN, dt.date(2019, 12, 31), (14, "calendar", "seen", dt.date(2020, 1, 14))),
        ("follow_up", KASN, dt.date(2020, 1, 1), (10, "calendar", "seen", dt.date(2020, 1, 11))),
        ("follow_up", KASN, dt.date(2020, 12, 31), (10, "calendar", "seen", dt.date(2021, 1, 10))),
        ("follow_up", KASN, dt.date(2021, 1, 1), (14, "calendar", "seen", dt.date(2021, 1, 15))),
        ("follow_up", BKN, dt.date(2024, 10, 16), (14, "calendar", "proposal", dt.date(2024, 10, 30))),
        ("follow_up_after_reprimand", KASN, dt.date(2020, 10, 27), (3, "calendar", "seen", dt.date(2020, 10, 30))),
        ("follow_up_after_reprimand", BKN, dt.date(2024, 10, 16), (3, "calendar", "seen", dt.date(2024, 10, 19))),
        # The flow of the shared system: seven days of an unknown kind, three working days.
        ("verify", BKN, dt.date(2024, 10, 16), (7, "calendar", "seen", dt.date(2024, 10, 23))),
        ("validate", BKN, dt.date(2024, 10, 16), (3, "working", "seen", dt.date(2024, 10, 21))),
    ],
)
def test_the_rule_is_chosen_by_mandate_and_day(
    name: str, mandate: str, start: dt.date, expected: tuple[int, str, str, dt.date]
) -> None:
    row = catalogue.deadline_rule(name, on=start, mandate=mandate)
    found = deadlines.due(rule=row, start=start, calendar=CALENDAR, time_zone="Asia/Jakarta")
    assert (found.days, found.day_basis, found.certainty, found.due_on) == expected


@pytest.mark.parametrize(
    ("zone", "hour"), [("Asia/Jakarta", 17), ("Asia/Makassar", 16), ("Asia/Jayapura", 15)], ids=["WIB", "WITA", "WIT"]
)
@pytest.mark.parametrize(
    ("start", "number", "due_on"),
    [
        (dt.date(2024, 4, 5), 14, dt.date(2024, 5, 6)),
        (dt.date(2026, 7, 14), 15, dt.date(2026, 8, 4)),
    ],
)
def test_a_deadline_is_over_at_the_office_s_midnight_and_not_a_moment_before(
    start: dt.date, number: int, due_on: dt.date, zone: str, hour: int
) -> None:
    found = due(start, number, "working", zone)
    assert (found.due_on, found.due_at) == (due_on, dt.datetime.combine(due_on, dt.time(hour), tzinfo=dt.UTC))
    last = (found.due_at - dt.timedelta(milliseconds=1)).astimezone(ZoneInfo(zone))
    assert (last.date(), last.hour, last.minute, last.second) == (due_on, 23, 59, 59)


# -- the rule as a referral keeps it -----------------------------------------------------------------------------------


def test_a_kept_rule_says_all_that_the_count_rests_on() -> None:
    kept = deadlines.kept(due(dt.date(2024, 4, 5), 14, "working", "Asia/Makassar"))
    assert json.loads(json.dumps(kept)) == kept
    skipped, explained = kept.pop("skipped"), [kept.pop("explanation_id"), kept.pop("explanation_en")]
    assert kept == {
        "code": "follow_up",
        "days": 14,
        "day_basis": "working",
        "starts_from": "received",
        "clock_from": "2024-04-05",
        "counted_to": "2024-05-06",
        "time_zone": "Asia/Makassar",
        "source": None,
        "legal_basis": None,
        "certainty": "proposal",
        "calendar_version": "2026.1",
        "beyond_calendar": False,
        "resumed": [],
        "pauses": [],
        "moved": [],
    }
    assert len(skipped) == 7
    assert skipped[0] == {
        "date": "2024-04-08",
        "name_id": "Cuti Bersama Hari Raya Idul Fitri",
        "kind": "joint_leave",
        "decree": "Keppres 7/2024; SKB Menag 855/2023, Menaker 3/2023, MenPANRB 4/2023",
        "source": CALENDAR.days[dt.date(2024, 4, 8)].source,
    }
    # Its first and its last day, the seven that were skipped, and the decree of their joint leave (Keppres 7/2024).
    assert all(text.count("2024") - text.count("7/2024") == 2 + 7 for text in explained)


def test_a_decree_is_named_where_a_day_was_skipped_by_it() -> None:
    decreed = Day(dt.date(2026, 7, 15), "joint_leave", "Cuti Bersama", "setkab.go.id", "SKB 3 Menteri 1/2026")
    found = deadlines.kept(
        deadlines.due(
            rule=rule(1, "working"), start=dt.date(2026, 7, 14), calendar=with_day(decreed), time_zone="Asia/Jakarta"
        )
    )
    assert found["skipped"][0]["decree"] == "SKB 3 Menteri 1/2026"
    assert "15 Juli 2026 (Cuti Bersama, SKB 3 Menteri 1/2026)" in found["explanation_id"]
    assert found["explanation_en"].startswith("1 working day from 14 July 2026")


def test_what_happens_to_a_deadline_is_told_after_the_count() -> None:
    first = deadlines.kept(due(dt.date(2024, 10, 10), 14, "working"))
    left, back = dt.date(2024, 10, 14), dt.date(2024, 10, 24)
    resumed = deadlines.explain_resumed(
        first, away_from=left, away_until=back, days=8, due_on=dt.date(2024, 11, 11), seq=6
    )
    paused = deadlines.explain_pause(resumed, until=dt.date(2024, 12, 3), days=22, reason="subject_absent", seq=9)
    assert resumed["explanation_id"] == first["explanation_id"] + (
        " Berkas berada pada pihak lain sejak 14 Oktober 2024 sampai 24 Oktober 2024; 8 hari kerja itu tidak dihitung, "
        "sehingga berakhir pada akhir 11 November 2024."
    )
    assert paused["explanation_id"] == resumed["explanation_id"] + (
        " Perpanjangan oleh pemeriksa sampai 3 Desember 2024 (22 hari)."
    )
    assert paused["explanation_en"].endswith("Extended by the examiner until 3 December 2024 (22 days).")
    assert paused["pauses"] == [{"seq": 9, "until": "2024-12-03", "days": 22, "reason": "subject_absent"}]
    assert paused["resumed"] == [
        {"seq": 6, "away_from": "2024-10-14", "away_until": "2024-10-24", "days": 8, "due_on": "2024-11-11"}
    ]
    assert first["resumed"] == [], "what was kept is never changed in place"
    assert deadlines.as_it_stood(paused, seq=5) == first
    assert deadlines.as_it_stood(paused, seq=8) == resumed
    assert deadlines.as_it_stood(paused, seq=9) == paused


def test_a_day_off_more_moves_a_deadline_and_says_so() -> None:
    before = deadlines.kept(due(dt.date(2026, 7, 14), 15, "working"))
    decreed = Day(dt.date(2026, 7, 20), "joint_leave", "Cuti Bersama", "setkab.go.id", "SKB 3 Menteri 1/2026")
    due_on, counted = recomputed(before, with_day(decreed))
    assert (due_on, counted["counted_to"], counted["calendar_version"]) == (dt.date(2026, 8, 5), "2026-08-05", "2026.2")
    assert [day["date"] for day in counted["skipped"]] == ["2026-07-20"]
    moved = deadlines.explain_moved(counted, before=before, due_from=dt.date(2026, 8, 4), due_to=due_on, seq=7)
    assert moved["explanation_id"].endswith(
        "berakhir pada akhir 5 Agustus 2026. Kalender 2026.2. Dihitung ulang karena kalender berubah (2026.1 -> "
        "2026.2): tenggat berpindah dari 4 Agustus 2026 ke 5 Agustus 2026."
    )
    assert moved["explanation_en"].endswith("the due day moved from 4 August 2026 to 5 August 2026.")
    assert deadlines.as_it_stood(moved, seq=6) == before
    assert deadlines.as_it_stood(moved, seq=7) == moved


def test_what_the_examiner_granted_stays_under_every_calendar() -> None:
    start, until = dt.date(2026, 7, 14), dt.date(2026, 8, 6)
    paused = deadlines.explain_pause(
        deadlines.kept(due(start, 15, "working")), until=until, days=2, reason="subject_absent", seq=4
    )
    kept_day, _ = recomputed(paused, with_day(Day(dt.date(2026, 7, 20), "joint_leave", "Cuti", "a decree")))
    assert kept_day == until
    # Without its feasts the calendar counts to an earlier day; the day granted is not taken back.
    assert recomputed(paused, Calendar.from_rows("2026.2", []))[0] == until


def test_what_an_absence_gave_stays_when_one_of_its_days_becomes_off() -> None:
    # Due on Friday, gone that evening, back on Monday the 27th: one working day away, due on that Monday.
    friday, monday = dt.date(2026, 7, 24), dt.date(2026, 7, 27)
    first = deadlines.kept(due(dt.date(2026, 7, 23), 1, "working"))
    kept = deadlines.explain_resumed(first, away_from=friday, away_until=monday, days=1, due_on=monday, seq=3)
    found, told = recomputed(kept, with_day(Day(monday, "joint_leave", "Cuti Bersama", "a decree")))
    assert found == dt.date(2026, 7, 28)
    assert told["resumed"] == [{**kept["resumed"][0], "due_on": "2026-07-28"}]


def test_a_rule_that_does_not_say_how_it_was_counted_is_not_counted_anew() -> None:
    old = {"code": "follow_up", "days": 14, "day_basis": "working", "calendar_version": "2026.1"}
    with pytest.raises(ValueError, match="does not say how"):
        deadlines.recomputed(old, clock_from=dt.date(2026, 7, 14), time_zone="Asia/Jakarta", calendar=CALENDAR)


def recomputed(kept: dict[str, Any], calendar: Calendar) -> tuple[dt.date, dict[str, Any]]:
    start = dt.date.fromisoformat(kept["clock_from"])
    return deadlines.recomputed(kept, clock_from=start, time_zone=kept["time_zone"], calendar=calendar)


def with_day(*more: Day) -> Calendar:
    return Calendar.from_rows("2026.2", [*CALENDAR.days.values(), *more])


@st.composite
def histories(draw: st.DrawFn, basis: st.SearchStrategy[DayBasis] = bases) -> tuple[dt.date, dict[str, Any]]:
    """A deadline as it stands after absences and extensions, as the engine would have counted it."""
    start, chosen = draw(days), draw(basis)
    first = due(start, draw(numbers), chosen)
    due_on, kept, left = first.due_on, deadlines.kept(first), start
    for seq in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            left = left + dt.timedelta(days=draw(st.integers(0, 40)))
            back = left + dt.timedelta(days=draw(st.integers(0, 40)))
            away = deadlines.days_away(left, back, basis=chosen, calendar=CALENDAR)
            due_on = deadlines.shift(due_on, away_from=left, away_until=back, basis=chosen, calendar=CALENDAR)
            kept = deadlines.explain_resumed(
                kept, away_from=left, away_until=back, days=away, due_on=due_on, seq=seq + 2
            )
            left = back
        else:
            granted = draw(st.integers(1, 30))
            due_on += dt.timedelta(days=granted)
            kept = deadlines.explain_pause(kept, until=due_on, days=granted, reason="subject_absent", seq=seq + 2)
    return due_on, kept


@given(history=histories())
def test_counting_anew_with_the_same_calendar_changes_nothing(history: tuple[dt.date, dict[str, Any]]) -> None:
    assert recomputed(history[1], CALENDAR) == history


@given(history=histories(st.just("working")), added=st.lists(days, max_size=4))
def test_a_day_off_more_never_makes_a_deadline_earlier(
    history: tuple[dt.date, dict[str, Any]], added: list[dt.date]
) -> None:
    calendar = with_day(*(Day(day, "joint_leave", "Cuti Bersama", "a decree") for day in added))
    found, kept = recomputed(history[1], calendar)
    assert found >= history[0]
    assert recomputed(kept, calendar) == (found, kept)


@given(history=histories(st.just("calendar")), added=st.lists(days, max_size=4))
def test_calendar_days_do_not_know_the_calendar(history: tuple[dt.date, dict[str, Any]], added: list[dt.date]) -> None:
    calendar = with_day(*(Day(day, "joint_leave", "Cuti Bersama", "a decree") for day in added))
    assert recomputed(history[1], calendar) == history
