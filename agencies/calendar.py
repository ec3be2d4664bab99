"""The working calendar: which days the offices of the state are closed.

Monday to Friday, less public holidays, joint leave (cuti bersama) and election days. A version of the calendar is a
whole set of days and never changes once a deadline has been counted with it: an amendment by a new decree is a new
version. Regional holidays and offices with six working days are not covered.

The first half is pure; `load`, `seed` and `amend` at the end speak to the table.
"""

import datetime as dt
import hashlib
import uuid
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib import metadata
from itertools import groupby
from types import MappingProxyType
from typing import Any, Self
from zoneinfo import ZoneInfo

from agencies import calendar_decrees
from agencies.calendar_files import Amendment, AmendmentRefused

SEEDED_YEARS = range(2019, 2029)
# The newest version, by its number; the index `calendar_by_number` has its days last.
NEWEST = """
SELECT version FROM agencies_calendarday
ORDER BY split_part(version, '.', 1)::int DESC, split_part(version, '.', 2)::int DESC LIMIT 1
"""
_PACKAGE = "holidays"
_ESTIMATE = "(perkiraan)"
# Every version loaded is an entry of the calendar's own stream in the log.
STREAM = uuid.UUID("63616c65-6e64-4172-8000-000000000001")
# Versions are named after the year in which the calendar was changed, as people in the capital count it.
_CAPITAL = ZoneInfo("Asia/Jakarta")


class NoCalendarYet(LookupError):
    """No such version of the calendar is loaded: type `manage.py seed_calendar`."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day off. `kind`: `public_holiday`, `joint_leave`, `election_day`; `decree` is empty where none is recorded."""

    date: dt.date
    kind: str
    name_id: str
    source: str
    decree: str = ""

    @property
    def is_estimate(self) -> bool:
        """Whether the date is an estimate. The package marks the feasts whose day no decree has fixed yet."""
        return _ESTIMATE in self.name_id


@dataclass(frozen=True)
class Calendar:
    """One version of the working calendar."""

    version: str
    days: Mapping[dt.date, Day]

    @classmethod
    def from_rows(cls, version: str, rows: Iterable[Day]) -> Self:
        """A calendar from its days; a day that is off for two reasons carries both names."""
        ordered = sorted(rows, key=lambda row: (row.date, row.kind != "public_holiday", row.kind))
        days: dict[dt.date, Day] = {}
        for date, same_day in groupby(ordered, key=lambda row: row.date):
            first, *others = same_day
            names = dict.fromkeys([first.name_id, *(row.name_id for row in others)])
            days[date] = replace(first, name_id="; ".join(names))
        return cls(version, MappingProxyType(days))

    def is_working_day(self, date: dt.date) -> bool:
        """Monday to Friday, and nothing in the calendar."""
        return date.weekday() < 5 and date not in self.days

    def working_days_between(self, after: dt.date, until: dt.date) -> int:
        """The working days after the first day, up to and including the second; negative when that lies before."""
        return self._count(until.toordinal()) - self._count(after.toordinal())

    def working_day_after(self, start: dt.date, number: int) -> dt.date:
        """The number-th working day after `start` (which is not counted), for a number of at least 1."""
        wanted = self._count(start.toordinal()) + number
        # Go to the weekday of that number. Each day off on the way asks for one weekday more; repeat until none is new.
        met = bisect_right(self._weekdays_off, start.toordinal())
        while True:
            weeks, rest = divmod(wanted + met - 1, 5)
            ordinal = 7 * weeks + rest + 1
            now_met = bisect_right(self._weekdays_off, ordinal)
            if now_met == met:
                return dt.date.fromordinal(ordinal)
            met = now_met

    def covers(self, date: dt.date) -> bool:
        """Whether the year of that day has been entered; beyond, only weekends are known to be off."""
        return date.year in self._years

    def _count(self, ordinal: int) -> int:
        """Working days since the first of January of the year 1, which was a Monday."""
        weeks, rest = divmod(ordinal, 7)
        return 5 * weeks + min(rest, 5) - bisect_right(self._weekdays_off, ordinal)

    @cached_property
    def _weekdays_off(self) -> tuple[int, ...]:
        return tuple(sorted(date.toordinal() for date in self.days if date.weekday() < 5))

    @cached_property
    def _years(self) -> frozenset[int]:
        return frozenset(date.year for date in self.days)


def seed_rows(years: Iterable[int]) -> list[Day]:
    """The public holidays and joint leave of those years as the package `holidays` knows them, by date.

    Dates of Islamic feasts yet to be decreed are estimates, and their names say so: `(perkiraan)`. The decrees are
    those of `calendar_decrees`; the source names both.
    """
    # Imported here: only seeding needs the package, and it takes a while to load.
    import holidays

    decrees = calendar_decrees.load()
    source = f"{_PACKAGE} {metadata.version(_PACKAGE)}, decrees {decrees.version}"
    wanted = list(years)
    found: list[Day] = []
    # Without the category `government` (cuti bersama) every deadline around a feast would be wrong.
    for category, kind in (("public", "public_holiday"), ("government", "joint_leave")):
        # The language is named, or the names would follow the locale of the machine.
        listed = holidays.country_holidays("ID", years=wanted, categories=(category,), language="id")
        for date, name in listed.items():
            of_kind = "election_day" if name.startswith("Hari Pemilihan") else kind
            found.append(Day(date, of_kind, name, source, decrees.decree_of(date, of_kind)))
    return sorted(found, key=lambda day: (day.date, day.kind))


def load(version: str | None = None) -> Calendar:
    """That version of the calendar, or the newest. NoCalendarYet when it is not in the table.

    The days are read once per process and version; asking for the newest costs one small query.
    """
    # Imported here so that the pure half can be used, and tested, without a configured Django.
    from django.db import connection

    wanted = version or newest_version()
    if wanted is None:
        raise NoCalendarYet("the calendar is empty")
    return _load(str(connection.settings_dict["NAME"]), wanted)


def newest_version() -> str | None:
    """The version of the calendar that deadlines are counted with today, or None before the first seeding."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        row = cursor.fetchone()
    return row[0] if row else None


def versions() -> list[str]:
    """Every version that was ever loaded, the newest first."""
    from agencies.models import CalendarDay

    return sorted(CalendarDay.objects.values_list("version", flat=True).distinct(), key=_order, reverse=True)


def seed(*, now: dt.datetime) -> int:
    """Write a new version with the package's days, once for each version of it and of the decrees; the rows written.

    The load is an entry in the log. Days that were entered by hand stay in the new version, and days that a decree took
    away stay away. Nothing is written when both have been loaded before, whatever was amended since.
    """
    from django.db import transaction

    from agencies.models import CalendarDay

    package = seed_rows(SEEDED_YEARS)
    source = package[0].source
    with transaction.atomic():
        _one_writer()
        if CalendarDay.objects.filter(source=source).exists():
            return 0
        newest, taken = newest_version(), _taken_away()
        rows = {(day.date, day.kind): day for day in package if (day.date, day.kind) not in taken}
        by_hand = CalendarDay.objects.filter(version=newest).exclude(source__startswith=f"{_PACKAGE} ")
        for row in by_hand:
            rows[row.date, row.kind] = Day(row.date, row.kind, row.name_id, row.source, row.decree)
        given = {"source": source, "years": [SEEDED_YEARS[0], SEEDED_YEARS[-1]]}
        _write(rows.values(), after=newest, kind="calendar.loaded", given=given, now=now)
    return len(rows)


def amend(amendment: Amendment, *, now: dt.datetime) -> tuple[str, bool]:
    """Write what a decree changed as a new version. Returns the version, and False where it was written before.

    The version before stays as it is. The change is an entry in the log. NoCalendarYet; AmendmentRefused with every
    reason at once.
    """
    from django.db import transaction

    from agencies.models import CalendarDay
    from audit.models import Opening

    with transaction.atomic():
        _one_writer()
        newest = newest_version()
        if newest is None:
            raise NoCalendarYet("the calendar is empty")
        made = Opening.objects.filter(entry__stream=STREAM, given__sha256=amendment.sha256).first()
        if made is not None:
            return str(made.state["version"]), False
        rows = {
            (row.date, row.kind): Day(row.date, row.kind, row.name_id, row.source, row.decree)
            for row in CalendarDay.objects.filter(version=newest)
        }
        _change(rows, amendment)
        given = {
            "decree": amendment.decree,
            "source": amendment.source,
            "reason": amendment.reason,
            "added": [[day.date.isoformat(), day.kind, day.name_id] for day in amendment.add],
            "removed": [[day.date.isoformat(), day.kind] for day in amendment.remove],
            "sha256": amendment.sha256,
        }
        return _write(rows.values(), after=newest, kind="calendar.amended", given=given, now=now), True


def _change(rows: dict[tuple[dt.date, str], Day], amendment: Amendment) -> None:
    """Take away, then add. AmendmentRefused where a day is not off, is off already, or lies in a year not entered."""
    faults: list[tuple[int, str]] = []
    years = {date.year for date, _ in rows}
    for day in amendment.remove:
        if rows.pop((day.date, day.kind), None) is None:
            reason = f"{day.date} bukan {day.kind} dalam kalender / is no {day.kind} in the calendar."
            faults.append((day.line, reason))
    off = dict(rows.keys())
    for day in amendment.add:
        if day.date in off:
            kind = off[day.date]
            faults.append((day.line, f"{day.date} sudah libur / is off already ({kind})."))
        elif day.date.year not in years:
            # A year with a single day would look as if all its days had been entered.
            entered = f"{min(years)}-{max(years)}"
            faults.append((day.line, f"tahun belum dimuat / the year is not loaded yet: {day.date} ({entered})."))
        rows[day.date, day.kind] = Day(day.date, day.kind, day.name_id, amendment.source, amendment.decree)
    if faults:
        raise AmendmentRefused(*(f"{amendment.name}, baris/line {line}: {reason}" for line, reason in sorted(faults)))


def _taken_away() -> set[tuple[dt.date, str]]:
    """The days that amendments removed, by the log: a package does not know of them."""
    from audit.models import Opening

    amendments = Opening.objects.filter(entry__stream=STREAM, given__has_key="removed")
    removed = (day for given in amendments.values_list("given", flat=True) for day in given["removed"])
    return {(dt.date.fromisoformat(date), kind) for date, kind in removed}


def _write(days: Iterable[Day], *, after: str | None, kind: str, given: Mapping[str, Any], now: dt.datetime) -> str:
    """Store the days as the version that follows `after`, with its entry in the log; the version."""
    from agencies.models import CalendarDay
    from audit import ledger

    version, written = _next_version(after, now.astimezone(_CAPITAL).year), list(days)
    CalendarDay.objects.bulk_create(
        CalendarDay(
            version=version,
            date=day.date,
            kind=day.kind,
            name_id=day.name_id,
            source=day.source,
            decree=day.decree,
        )
        for day in written
    )
    rows = [[day.date.isoformat(), day.kind, day.name_id, day.source, day.decree] for day in written]
    facts = {
        "version": version,
        "days": len(rows),
        "sha256": hashlib.sha256(ledger.canonical(sorted(rows))).hexdigest(),
    }
    ledger.append_open(stream=STREAM, kind=kind, given=given, state=facts, now=now)
    return version


def _one_writer() -> None:
    """Until the transaction ends nobody else writes a version; who reads is not held up."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE agencies_calendarday IN SHARE ROW EXCLUSIVE MODE")


@lru_cache(maxsize=16)
def _load(database: str, version: str) -> Calendar:  # part of the cache's key: versions differ by database
    from agencies.models import CalendarDay

    rows = CalendarDay.objects.filter(version=version)
    days = [Day(row.date, row.kind, row.name_id, row.source, row.decree) for row in rows]
    if not days:
        raise NoCalendarYet(f"no version {version} of the calendar")
    return Calendar.from_rows(version, days)


def _order(version: str) -> tuple[int, int]:
    year, _, number = version.partition(".")
    return int(year), int(number)


def _next_version(newest: str | None, year: int) -> str:
    """`2026.1`, `2026.2`, ...: always later than the newest, even on a machine whose clock is behind."""
    if newest is None or _order(newest) < (year, 0):
        return f"{year}.1"
    newest_year, number = _order(newest)
    return f"{newest_year}.{number + 1}"
