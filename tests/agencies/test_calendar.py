"""The working calendar: what is off, how days are counted, and how it gets into its table."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from agencies import calendar, calendar_decrees, calendar_files, regions
from agencies.calendar import Calendar, Day, NoCalendarYet
from agencies.calendar_files import AmendmentRefused
from audit.models import Entry
from tests.callers import as_owner

ROWS = calendar.seed_rows(calendar.SEEDED_YEARS)
CALENDAR = Calendar.from_rows("2026.1", ROWS)
NOW = dt.datetime(2026, 11, 20, 3, 4, 5, tzinfo=dt.UTC)

days = st.dates(dt.date(2019, 1, 1), dt.date(2028, 12, 31))


def test_the_seed_knows_joint_leave_beside_public_holidays() -> None:
    in_2024 = Counter(day.kind for day in ROWS if day.date.year == 2024)
    assert in_2024 == {"public_holiday": 17, "joint_leave": 10, "election_day": 2}
    leave = {day.date.year: 0 for day in ROWS}
    for day in ROWS:
        leave[day.date.year] += day.kind == "joint_leave"
    assert (leave[2025], leave[2026], leave[2027]) == (11, 8, 8)


@pytest.mark.parametrize(
    ("date", "kind"),
    [
        (dt.date(2019, 4, 17), "election_day"),
        (dt.date(2020, 12, 9), "election_day"),
        (dt.date(2024, 2, 14), "election_day"),
        (dt.date(2024, 11, 27), "election_day"),
        (dt.date(2024, 4, 8), "joint_leave"),
        (dt.date(2024, 4, 10), "public_holiday"),
    ],
)
def test_days_off_say_what_they_are_in_indonesian(date: dt.date, kind: str) -> None:
    day = CALENDAR.days[date]
    assert day.kind == kind
    assert day.name_id.startswith(("Hari", "Cuti Bersama"))
    assert day.source.startswith("holidays ")
    assert not CALENDAR.is_working_day(date)


JOINT_LEAVE = {
    2024: "02-09 03-12 04-08 04-09 04-12 04-15 05-10 05-24 06-18 12-26",
    2025: "01-28 03-28 04-02 04-03 04-04 04-07 05-13 05-30 06-09 08-18 12-26",
    2026: "02-16 03-18 03-20 03-23 03-24 05-15 05-28 12-24",
}


@pytest.mark.parametrize("year", JOINT_LEAVE)
def test_joint_leave_is_that_of_the_decrees(year: int) -> None:
    seeded = {day.date for day in ROWS if day.date.year == year and day.kind == "joint_leave"}
    assert seeded == {dt.date.fromisoformat(f"{year}-{day}") for day in JOINT_LEAVE[year].split()}


@pytest.mark.parametrize(
    ("date", "decree"),
    [
        ("2024-04-10", "SKB Menag 855/2023, Menaker 3/2023, MenPANRB 4/2023"),
        ("2024-04-12", "Keppres 7/2024; SKB Menag 855/2023, Menaker 3/2023, MenPANRB 4/2023"),
        ("2025-03-31", "SKB Menag 1017/2024, Menaker 2/2024, MenPANRB 2/2024"),
        ("2025-04-02", "SKB Menag 1017/2024, Menaker 2/2024, MenPANRB 2/2024"),
        ("2025-08-18", "SKB Menag 933/2025, Menaker 1/2025, MenPANRB 3/2025 (perubahan)"),
        ("2026-03-21", "SKB Menag 1497/2025, Menaker 2/2025, MenPANRB 5/2025"),
        ("2026-12-24", "SKB Menag 1497/2025, Menaker 2/2025, MenPANRB 5/2025"),
        ("2024-11-27", ""),
        ("2023-04-21", ""),
        ("2027-03-09", ""),
    ],
)
def test_a_day_off_names_its_decree_or_none(date: str, decree: str) -> None:
    assert CALENDAR.days[dt.date.fromisoformat(date)].decree == decree


ONE = "year: 2024, kind: election_day, decree: A, source: x"
TWICE = f"{ONE}}}\n  - {{{ONE}"


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("year: 2024, kind: holiday, decree: SKB, source: x", "line 3"),
        ("year: 2024, kind: joint_leave, decree: SKB", "line 3"),
        ("year: 2024, kind: joint_leave, days: [2025-01-02], decree: SKB, source: x", "line 3"),
        (TWICE, "has its decree already"),
    ],
)
def test_a_faulty_list_of_decrees_is_refused(tmp_path: Path, entry: str, why: str) -> None:
    path = tmp_path / "decrees.yaml"
    path.write_text(f'version: "2026.1"\ndecrees:\n  - {{{entry}}}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=why):
        calendar_decrees.load(path)


def test_every_seeded_year_is_covered_and_no_other() -> None:
    assert all(CALENDAR.covers(dt.date(year, 6, 1)) for year in range(2019, 2029))
    assert not CALENDAR.covers(dt.date(2029, 1, 1))
    assert not CALENDAR.covers(dt.date(2018, 12, 31))


def test_a_day_off_for_two_reasons_is_one_day_with_both_names() -> None:
    date = dt.date(2026, 7, 14)
    found = Calendar.from_rows(
        "1.1", [Day(date, "joint_leave", "Cuti", "a decree"), Day(date, "public_holiday", "Hari Raya", "another")]
    )
    assert found.days[date] == Day(date, "public_holiday", "Hari Raya; Cuti", "another")
    assert found.working_days_between(dt.date(2026, 7, 13), date) == 0


@given(first=days, second=days)
def test_working_days_between_two_days_are_those_one_can_point_at(first: dt.date, second: dt.date) -> None:
    begin, end = min(first, second), max(first, second)
    passed = (begin + dt.timedelta(days=number) for number in range(1, (end - begin).days + 1))
    count = sum(CALENDAR.is_working_day(day) for day in passed)
    assert CALENDAR.working_days_between(begin, end) == count
    assert CALENDAR.working_days_between(end, begin) == -count


@given(start=days, number=st.integers(1, 80))
def test_counting_on_and_counting_back_agree(start: dt.date, number: int) -> None:
    end = CALENDAR.working_day_after(start, number)
    assert CALENDAR.is_working_day(end)
    assert CALENDAR.working_days_between(start, end) == number


def test_a_calendar_without_days_knows_weekends() -> None:
    empty = Calendar.from_rows("1.1", [])
    assert empty.working_day_after(dt.date(2026, 7, 17), 1) == dt.date(2026, 7, 20)


def test_the_regions_are_those_of_the_decree() -> None:
    found = regions.load()
    assert Counter(region.level for region in found.values()) == {"province": 38, "regency": 416, "city": 98}
    assert found["13.71"].level == "city"
    assert found["13.71"].province == "13"
    assert sum(not region.autonomous for region in found.values() if region.level != "province") == 6


@pytest.mark.parametrize(
    ("code", "above", "near"),
    [
        ("13", "13", None),
        ("13.71", "13.71", None),
        ("13.71.01", "13.71", None),
        ("13.71.01.1001", "13.71", None),
        ("13.71.00", None, ["13.71"]),
        ("13.71.01.0000", None, ["13.71"]),
        ("13.99", None, ["13.77", "13.76", "13.75"]),
        ("13.99.01", None, ["13.77", "13.76", "13.75"]),
        ("13.00", None, ["13", "13.01", "13.02"]),
        ("31.17", None, ["31.01", "31.71", "31.72"]),
        ("27.09", None, ["17.09", "72.09"]),
        ("27", None, ["21", "17", "72"]),
        ("99.99", None, []),
    ],
)
def test_a_code_is_listed_or_has_its_nearest(code: str, above: str | None, near: list[str] | None) -> None:
    place = regions.listed(code)
    assert (place.code if place else None) == above
    if near is not None:
        assert [region.code for region in regions.nearest(code)] == near


@pytest.fixture
def may_write(owner_connection: psycopg.Connection) -> Iterator[None]:
    """Seeding is the owner's: Django signs in as the owner, on this test's own and empty calendar."""
    owner_connection.execute("TRUNCATE agencies_calendarday")
    with as_owner():
        yield


@pytest.mark.django_db(transaction=True)
def test_seeding_writes_one_version_once(may_write: None) -> None:
    with pytest.raises(NoCalendarYet):
        calendar.load()
    assert calendar.seed(now=NOW) == len(ROWS)
    assert calendar.seed(now=NOW) == 0
    assert calendar.newest_version() == "2026.1"
    assert calendar.load() == CALENDAR
    assert calendar.load("2026.1") is calendar.load()
    entry = Entry.objects.get(stream=calendar.STREAM)
    assert json.loads(bytes(entry.body))["kind"] == "calendar.loaded"
    assert entry.opening.state["days"] == len(ROWS)


@pytest.mark.django_db(transaction=True)
def test_an_unknown_version_is_refused(may_write: None) -> None:
    calendar.seed(now=NOW)
    with pytest.raises(NoCalendarYet, match=r"2031\.7"):
        calendar.load("2031.7")


@pytest.mark.django_db(transaction=True)
def test_a_newer_package_makes_a_new_version_and_keeps_what_was_entered_by_hand(may_write: None) -> None:
    from agencies.models import CalendarDay

    calendar.seed(now=NOW)
    # As if an older package had been loaded, and a decree entered since.
    CalendarDay.objects.update(source="holidays 0.1, decrees 2025.1")
    by_hand = dt.date(2026, 7, 15)
    CalendarDay.objects.create(
        version="2026.1", date=by_hand, kind="joint_leave", name_id="Cuti Bersama", source="SKB", decree="SKB 3 Menteri"
    )
    assert calendar.seed(now=NOW) == len(ROWS) + 1
    assert calendar.newest_version() == "2026.2"
    assert calendar.load().days[by_hand].decree == "SKB 3 Menteri"
    assert not calendar.load("2026.1").is_working_day(by_hand)


@pytest.mark.django_db(transaction=True)
def test_the_command_says_what_it_did(may_write: None) -> None:
    first, second = StringIO(), StringIO()
    call_command("seed_calendar", stdout=first)
    call_command("seed_calendar", stdout=second)
    assert f"{len(ROWS)} days off" in first.getvalue()
    assert "Nothing to do" in second.getvalue()


def test_versions_follow_each_other_even_when_a_clock_is_behind() -> None:
    assert calendar._next_version(None, 2026) == "2026.1"
    assert calendar._next_version("2026.1", 2026) == "2026.2"
    assert calendar._next_version("2026.9", 2026) == "2026.10"
    assert calendar._next_version("2026.9", 2027) == "2027.1"
    assert calendar._next_version("2027.1", 2026) == "2027.2"


def test_estimated_feasts_are_marked_and_others_are_not() -> None:
    assert CALENDAR.days[dt.date(2027, 3, 10)].is_estimate
    assert not CALENDAR.days[dt.date(2024, 4, 10)].is_estimate


# -- amendments --------------------------------------------------------------------------------------------------------

AMENDED = """
decree: SKB 3 Menteri 1/2026 (perubahan)
source: setkab.go.id
reason: cuti bersama ditambah
add:
  - {date: 2026-07-15, kind: joint_leave, name_id: Cuti Bersama}
remove:
  - {date: 2026-12-24, kind: joint_leave}
"""


def written(folder: Path, text: str, name: str = "skb.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def amended(path: Path) -> str:
    out = StringIO()
    call_command("amend_calendar", str(path), stdout=out)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_an_amendment_is_a_new_version_and_the_old_one_stays(may_write: None, tmp_path: Path) -> None:
    calendar.seed(now=NOW)
    path = written(tmp_path, AMENDED)
    said = amended(path)
    new = calendar.newest_version()
    assert new is not None
    assert f"1 added, 1 removed: version {new}" in said
    assert "recompute_deadlines" in said
    assert said.count("receipt {") == 1
    added, removed = dt.date(2026, 7, 15), dt.date(2026, 12, 24)
    found = calendar.load()
    assert found.days[added] == Day(
        added, "joint_leave", "Cuti Bersama", "setkab.go.id", "SKB 3 Menteri 1/2026 (perubahan)"
    )
    assert found.is_working_day(removed)
    assert calendar.load("2026.1") == CALENDAR
    assert calendar.versions() == [new, "2026.1"]
    entry = Entry.objects.filter(stream=calendar.STREAM).latest("seq")
    assert json.loads(bytes(entry.body))["kind"] == "calendar.amended"
    assert (entry.opening.state["version"], entry.opening.state["days"]) == (new, len(ROWS))
    assert entry.opening.given["decree"] == "SKB 3 Menteri 1/2026 (perubahan)"
    assert entry.opening.given["added"] == [["2026-07-15", "joint_leave", "Cuti Bersama"]]
    assert entry.opening.given["removed"] == [["2026-12-24", "joint_leave"]]


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_changes_nothing(may_write: None, tmp_path: Path) -> None:
    calendar.seed(now=NOW)
    amended(written(tmp_path, AMENDED))
    version = calendar.newest_version()
    laid_out_otherwise = AMENDED.replace("decree:", "# the same again\ndecree:   ")
    assert f"applied before, as version {version}" in amended(written(tmp_path, laid_out_otherwise))
    assert calendar.newest_version() == version


@pytest.mark.django_db(transaction=True)
def test_an_estimate_is_confirmed_by_taking_it_away_and_adding_the_decreed_day(may_write: None, tmp_path: Path) -> None:
    calendar.seed(now=NOW)
    amended(
        written(
            tmp_path,
            """
            decree: SKB 3 Menteri 2027
            source: setkab.go.id
            reason: Idul Fitri ditetapkan
            add: [{date: 2027-03-10, kind: public_holiday, name_id: Hari Raya Idul Fitri}]
            remove: [{date: 2027-03-10, kind: public_holiday}]
            """,
        )
    )
    found = calendar.load().days[dt.date(2027, 3, 10)]
    assert (found.is_estimate, found.decree) == (False, "SKB 3 Menteri 2027")


@pytest.mark.django_db(transaction=True)
def test_a_newer_package_does_not_bring_back_what_a_decree_took_away(may_write: None, tmp_path: Path) -> None:
    from agencies.models import CalendarDay

    calendar.seed(now=NOW)
    amended(written(tmp_path, AMENDED))
    CalendarDay.objects.filter(decree="").update(source="holidays 0.1")
    calendar.seed(now=NOW)
    assert calendar.load().is_working_day(dt.date(2026, 12, 24))
    assert calendar.load().days[dt.date(2026, 7, 15)].decree


@pytest.mark.django_db(transaction=True)
def test_what_does_not_fit_the_calendar_is_refused_line_by_line(may_write: None, tmp_path: Path) -> None:
    calendar.seed(now=NOW)
    path = written(
        tmp_path,
        """decree: SKB
source: setkab.go.id
reason: uji
add:
  - {date: 2026-12-25, kind: joint_leave, name_id: Cuti}
  - {date: 2031-01-01, kind: public_holiday, name_id: Tahun Baru}
remove:
  - {date: 2026-07-15, kind: joint_leave}
""",
    )
    with pytest.raises(CommandError) as refused:
        amended(path)
    said = str(refused.value).splitlines()
    assert said[0] == "The calendar was not changed."
    assert [line.split(": ")[0] for line in said[1:]] == [f"skb.yaml, baris/line {line}" for line in (5, 6, 8)]
    assert "2026-12-25 sudah libur / is off already (public_holiday)." in said[1]
    assert "the year is not loaded yet: 2031-01-01 (2019-2028)." in said[2]
    assert "is no joint_leave in the calendar" in said[3]
    assert calendar.versions() == ["2026.1"]


@pytest.mark.django_db(transaction=True)
def test_an_empty_calendar_cannot_be_amended(may_write: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="seed_calendar"):
        amended(written(tmp_path, AMENDED))


def test_every_fault_of_a_file_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """source: setkab.go.id
source: twice
reason:
keputusan: SKB
add:
  - {date: 15 Juli 2026, kind: joint_leave, name_id: Cuti}
  - {date: 2026-07-15, kind: libur, name_id: Cuti}
  - {date: 2026-07-16, kind: joint_leave}
  - {date: 2026-07-17, kind: joint_leave, name_id: Cuti}
  - {date: 2026-07-17, kind: public_holiday, name_id: Hari}
  - cuti
remove: 2026-12-24
""",
    )
    with pytest.raises(AmendmentRefused) as refused:
        calendar_files.read(path)
    lines = [int(reason.split("line ")[1].split(":")[0]) for reason in refused.value.reasons]
    assert lines == [1, 2, 3, 4, 6, 7, 8, 10, 11, 12]
    told = "\n".join(refused.value.reasons)
    for part in (
        "decree tidak ada",
        "stands twice",
        "reason harus",
        "keputusan tidak dikenal",
        "is not a date",
        "kind",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must have the members"),
        ("- a list", "must have the members"),
        ("decree: [", "is not YAML"),
        ("decree: SKB\nsource: s\nreason: r", "no day stands under add or remove"),
        ("decree: SKB\nsource: s\nreason: r\nadd: []\n", "no day stands"),
        (f"decree: {'x' * 201}\nsource: s\nreason: r\nadd: []\n", "200 letters at most"),
    ],
)
def test_a_file_that_says_nothing_is_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(AmendmentRefused, match=said):
        calendar_files.read(written(tmp_path, text))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AmendmentRefused, match="cannot be read"):
        calendar_files.read(tmp_path / "nowhere.yaml")
