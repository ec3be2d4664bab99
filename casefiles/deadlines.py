"""Until when: days counted from a fact, and why the count ends on that day.

Pure: the rule comes from the catalogue, the days off from the calendar, the first day from the caller; this module
never asks what time it is. A deadline is a local date for people (`due_on`) and an exclusive instant for machines
(`due_at`): the midnight with which the due day ends at the office that is obliged. The day of the fact itself is not
counted.
"""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from agencies.calendar import Calendar, Day
from casefiles.catalogue_rows import Certainty, DayBasis, DeadlineRule, Effect

_MONTHS_ID = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

# Peraturan BKN 6/2022 art. 50(1); the effect `working_day_15_after_receipt` has the number in its name.
_EFFECT_WORKING_DAYS = 15


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline and how it came about.

    `skipped` are the weekdays that were off. `beyond_calendar` says that a year of the count has not been entered yet,
    so that only its weekends were known.
    """

    due_on: dt.date
    due_at: dt.datetime
    rule: str
    days: int
    day_basis: DayBasis
    starts_from: str
    clock_from: dt.date
    time_zone: str
    source: str | None
    legal_basis: str | None
    certainty: Certainty
    calendar_version: str
    skipped: tuple[Day, ...]
    beyond_calendar: bool
    explanation_id: str
    explanation_en: str


def due(*, rule: DeadlineRule, start: dt.date, calendar: Calendar, time_zone: str) -> Due:
    """When the rule's days are over, counted from `start` (the local date of the fact) for an office in `time_zone`.

    ZoneInfoNotFoundError for an unknown zone; OverflowError beyond the year 9999.
    """
    due_on = moved(start, rule.days, rule.day_basis, calendar)
    skipped = _skipped(start, due_on, calendar) if rule.day_basis == "working" else ()
    beyond = rule.day_basis == "working" and not (calendar.covers(start) and calendar.covers(due_on))
    return Due(
        due_on=due_on,
        due_at=end_of_day(due_on, time_zone=time_zone),
        rule=rule.code,
        days=rule.days,
        day_basis=rule.day_basis,
        starts_from=rule.starts_from,
        clock_from=start,
        time_zone=time_zone,
        source=rule.source,
        legal_basis=rule.legal_basis,
        certainty=rule.certainty,
        calendar_version=calendar.version,
        skipped=skipped,
        beyond_calendar=beyond,
        explanation_id=_explain_id(rule, start, due_on, skipped, calendar, beyond),
        explanation_en=_explain_en(rule, start, due_on, skipped, calendar, beyond),
    )


def end_of_day(day: dt.date, *, time_zone: str) -> dt.datetime:
    """The instant with which that local day ends, in UTC: the next local midnight, no longer part of the day."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=ZoneInfo(time_zone))
    return midnight.astimezone(dt.UTC)


def nth_working_day(start: dt.date, number: int, *, calendar: Calendar) -> dt.date:
    """The number-th working day after `start`, which is not counted. ValueError for a number below 1."""
    if number < 1:
        raise ValueError("working days are counted from 1")
    return calendar.working_day_after(start, number)


def moved(start: dt.date, days: int, basis: DayBasis, calendar: Calendar) -> dt.date:
    """The day that lies so many days of that basis after `start`; before it for a negative number, itself for none."""
    if days == 0:
        return start
    if days < 0 and basis == "working":
        return _working_day_before(start, -days, calendar)
    return nth_working_day(start, days, calendar=calendar) if basis == "working" else start + dt.timedelta(days=days)


def _working_day_before(start: dt.date, number: int, calendar: Calendar) -> dt.date:
    day = start
    while number:
        day -= dt.timedelta(days=1)
        number -= calendar.is_working_day(day)
    return day


def days_away(away_from: dt.date, away_until: dt.date, *, basis: DayBasis, calendar: Calendar) -> int:
    """The days of that basis a file spent with somebody else. As for a deadline, the first day is not counted.

    ValueError when it came back before it left.
    """
    if away_until < away_from:
        raise ValueError("the file came back before it left")
    if basis == "calendar":
        return (away_until - away_from).days
    return calendar.working_days_between(away_from, away_until)


def shift(due_on: dt.date, *, away_from: dt.date, away_until: dt.date, basis: DayBasis, calendar: Calendar) -> dt.date:
    """The due date of a clock that resumes: after the return as many days are left as when the file went away."""
    return moved(due_on, days_away(away_from, away_until, basis=basis, calendar=calendar), basis, calendar)


def days_late(due_on: dt.date, answered_on: dt.date) -> int:
    """Calendar days after the due date; 0 in time."""
    return max(0, (answered_on - due_on).days)


def effective_on(
    effect: Effect,
    *,
    delivered_on: dt.date | None,
    executed_on: dt.date | None,
    stated_on: dt.date | None,
    calendar: Calendar,
) -> dt.date | None:
    """The day on which a sanction takes effect, or None while the fact it depends on is missing.

    By the sanction's effect: the 15th working day after the officer received the decision (PP 94/2021), the day a moral
    sanction was carried out (PP 42/2004), or the day the decree itself states.
    """
    match effect:
        case "working_day_15_after_receipt":
            return delivered_on and nth_working_day(delivered_on, _EFFECT_WORKING_DAYS, calendar=calendar)
        case "on_execution":
            return executed_on
        case "as_decree_states":
            return stated_on


def _skipped(start: dt.date, due_on: dt.date, calendar: Calendar) -> tuple[Day, ...]:
    passed = (start + dt.timedelta(days=number) for number in range(1, (due_on - start).days))
    return tuple(calendar.days[day] for day in passed if day.weekday() < 5 and day in calendar.days)


def _explain_id(
    rule: DeadlineRule, start: dt.date, due_on: dt.date, skipped: tuple[Day, ...], calendar: Calendar, beyond: bool
) -> str:
    kind = "hari kerja" if rule.day_basis == "working" else "hari kalender"
    text = [f"{rule.days} {kind} sejak {_day_id(start)} (hari itu tidak dihitung)"]
    if rule.day_basis == "working":
        text.append("Sabtu dan Minggu dilewati")
    if skipped:
        text.append("juga dilewati: " + ", ".join(f"{_day_id(day.date)} ({_reason(day)})" for day in skipped))
    text.append(f"berakhir pada akhir {_day_id(due_on)}")
    end = f" Kalender {calendar.version}." if rule.day_basis == "working" else ""
    gap = " Hari libur untuk tahun itu belum lengkap dalam kalender." if beyond else ""
    return "; ".join(text) + "." + end + gap


def _explain_en(
    rule: DeadlineRule, start: dt.date, due_on: dt.date, skipped: tuple[Day, ...], calendar: Calendar, beyond: bool
) -> str:
    kind = "working" if rule.day_basis == "working" else "calendar"
    text = [f"{rule.days} {kind} days from {_day_en(start)} (that day is not counted)"]
    if rule.day_basis == "working":
        text.append("Saturdays and Sundays are skipped")
    if skipped:
        text.append("also skipped: " + ", ".join(f"{_day_en(day.date)} ({_reason(day)})" for day in skipped))
    text.append(f"it ends with {_day_en(due_on)}")
    end = f" Calendar {calendar.version}." if rule.day_basis == "working" else ""
    gap = " The days off of that year are not all in the calendar yet." if beyond else ""
    return "; ".join(text) + "." + end + gap


def _reason(day: Day) -> str:
    return f"{day.name_id}, {day.decree}" if day.decree else day.name_id


def _day_id(day: dt.date) -> str:
    return f"{day.day} {_MONTHS_ID[day.month - 1]} {day.year}"


def _day_en(day: dt.date) -> str:
    return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"
