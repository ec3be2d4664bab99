"""Until when: days counted from a fact, and why the count ends on that day.

Pure: the rule comes from the catalogue, the days off from the calendar, the first day from the caller; this module
never asks what time it is. A deadline is a local date for people (`due_on`) and an exclusive instant for machines
(`due_at`): the midnight with which the due day ends at the office that is obliged. The day of the fact itself is not
counted.

The second half works on the rule as a referral keeps it (`kept`), a plain mapping: what happens to a deadline later is
added to it, and it can be counted anew with another version of the calendar.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from agencies.calendar import Calendar, Day
from casefiles.catalogue import deadline_words
from casefiles.catalogue.rows import DayBasis, DeadlineRule, Effect
from casefiles.shapes import Certainty

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

    @property
    def explanation_id(self) -> str:
        """Why it ends on that day, in Indonesian."""
        return str(kept(self)["explanation_id"])

    @property
    def explanation_en(self) -> str:
        """The same in English."""
        return str(kept(self)["explanation_en"])


def due(*, rule: DeadlineRule, start: dt.date, calendar: Calendar, time_zone: str) -> Due:
    """When the rule's days are over, counted from `start` (the local date of the fact) for an office in `time_zone`.

    ZoneInfoNotFoundError for an unknown zone; OverflowError beyond the year 9999.
    """
    due_on = moved(start, rule.days, rule.day_basis, calendar)
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
        skipped=_skipped(start, due_on, rule.day_basis, calendar),
        beyond_calendar=_is_beyond(start, due_on, rule.day_basis, calendar),
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


# -- the rule as a referral keeps it -----------------------------------------------------------------------------------


def kept(due: Due) -> dict[str, Any]:
    """How a deadline was counted, as JSON: what a referral keeps as its `rule`.

    `counted_to` is the day that the count alone gives. What happens later is listed with the casefile's version `seq`:
    `resumed` (days the file was with somebody else), `pauses` (what was granted), `moved` (every move of the due day).
    """
    return deadline_words.explained(
        {
            "code": due.rule,
            "days": due.days,
            "day_basis": str(due.day_basis),
            "starts_from": str(due.starts_from),
            "clock_from": due.clock_from.isoformat(),
            "counted_to": due.due_on.isoformat(),
            "time_zone": due.time_zone,
            "source": due.source,
            "legal_basis": due.legal_basis,
            "certainty": str(due.certainty),
            "calendar_version": due.calendar_version,
            "skipped": _kept_days(due.skipped),
            "beyond_calendar": due.beyond_calendar,
            "resumed": [],
            "pauses": [],
            "moved": [],
        }
    )


def explain_pause(rule: Mapping[str, Any], *, until: dt.date, days: int, reason: str, seq: int) -> dict[str, Any]:
    """The rule after the examiner granted time until the end of that day; `reason` is a code, never free text."""
    return _having(rule, "pauses", {"seq": seq, "until": until.isoformat(), "days": days, "reason": reason})


def explain_resumed(
    rule: Mapping[str, Any], *, away_from: dt.date, away_until: dt.date, days: int, due_on: dt.date, seq: int
) -> dict[str, Any]:
    """The rule of a clock that resumes: `days` of its basis were spent away, and `due_on` is the due day since."""
    away = {"away_from": away_from.isoformat(), "away_until": away_until.isoformat()}
    return _having(rule, "resumed", {"seq": seq, **away, "days": days, "due_on": due_on.isoformat()})


def explain_moved(
    rule: Mapping[str, Any],
    *,
    before: Mapping[str, Any],
    due_from: dt.date,
    due_to: dt.date,
    seq: int,
    cause: str = "recompute",
) -> dict[str, Any]:
    """A rule whose due day moved by the transition `cause`, saying so; `before` is the rule as it was."""
    event = {
        "seq": seq,
        "cause": cause,
        "due_from": due_from.isoformat(),
        "due_to": due_to.isoformat(),
        "calendar_from": before["calendar_version"],
        "calendar_to": rule["calendar_version"],
        "before": {name: before[name] for name in _OF_THE_COUNT},
    }
    return _having(rule, "moved", event)


def recomputed(
    rule: Mapping[str, Any], *, clock_from: dt.date, time_zone: str, calendar: Calendar
) -> tuple[dt.date, dict[str, Any]]:
    """The due day of a kept rule by that version of the calendar, and the rule that says so.

    The days are counted again, then what happened since is applied in its order: days away are counted again too, and
    a day that the examiner granted stays: the deadline never falls before it. Calendar days do not know the calendar:
    such a rule is answered as it is. ValueError for a rule kept before rules said how they were counted.
    """
    if "counted_to" not in rule:
        raise ValueError(f"the rule {rule['code']} does not say how it was counted")
    basis: DayBasis = rule["day_basis"]
    counted = moved(clock_from, rule["days"], basis, calendar)
    due_on, resumed = counted, []
    for event in sorted((*rule["resumed"], *rule["pauses"]), key=lambda event: int(event["seq"])):
        if "until" in event:
            due_on = max(due_on, dt.date.fromisoformat(event["until"]))
            continue
        away_from, away_until = (dt.date.fromisoformat(event[name]) for name in ("away_from", "away_until"))
        days = days_away(away_from, away_until, basis=basis, calendar=calendar)
        if days < event["days"]:
            # A day off more in the absence moves the count too, except where the file was late when it left or a
            # granted day stood in between: then what it was given since stays.
            days = max(days, _days_until(dt.date.fromisoformat(event["due_on"]), due_on, calendar))
        due_on = moved(due_on, days, basis, calendar)
        resumed.append({**event, "days": days, "due_on": due_on.isoformat()})
    if basis == "calendar":
        return due_on, dict(rule)
    new = {
        **rule,
        "clock_from": clock_from.isoformat(),
        "counted_to": counted.isoformat(),
        "time_zone": time_zone,
        "calendar_version": calendar.version,
        "skipped": _kept_days(_skipped(clock_from, counted, basis, calendar)),
        "beyond_calendar": _is_beyond(clock_from, due_on, basis, calendar),
        "resumed": resumed,
    }
    return due_on, deadline_words.explained(new)


def as_it_stood(rule: Mapping[str, Any], *, seq: int) -> dict[str, Any]:
    """The rule as it was at that version of the casefile: nothing of what happened to the deadline later."""
    then = dict(rule)
    for event in reversed(rule.get("moved", ())):
        if event["seq"] > seq:
            then |= event["before"]
    events = {name: [event for event in then.get(name, ()) if event["seq"] <= seq] for name in _EVENTS}
    if all(events[name] == list(rule.get(name, ())) for name in _EVENTS):
        return dict(rule)
    return deadline_words.explained(then | events)


_EVENTS = ("resumed", "pauses", "moved")
# What counting anew changes in a rule.
_OF_THE_COUNT = ("clock_from", "counted_to", "calendar_version", "skipped", "beyond_calendar", "resumed")


def _days_until(wanted: dt.date, start: dt.date, calendar: Calendar) -> int:
    """The fewest working days after `start` that reach the day `wanted`."""
    number = calendar.working_days_between(start, wanted)
    return number if calendar.is_working_day(wanted) else number + 1


def _having(rule: Mapping[str, Any], name: str, event: dict[str, Any]) -> dict[str, Any]:
    return deadline_words.also({**rule, name: [*rule.get(name, ()), event]}, event)


def _kept_days(days: tuple[Day, ...]) -> list[dict[str, Any]]:
    return [
        {
            "date": day.date.isoformat(),
            "name_id": day.name_id,
            "kind": day.kind,
            "decree": day.decree or None,
            "source": day.source,
        }
        for day in days
    ]


def _is_beyond(start: dt.date, due_on: dt.date, basis: DayBasis, calendar: Calendar) -> bool:
    return basis == "working" and not (calendar.covers(start) and calendar.covers(due_on))


def _skipped(start: dt.date, due_on: dt.date, basis: DayBasis, calendar: Calendar) -> tuple[Day, ...]:
    if basis == "calendar":
        return ()
    passed = (start + dt.timedelta(days=number) for number in range(1, (due_on - start).days))
    return tuple(calendar.days[day] for day in passed if day.weekday() < 5 and day in calendar.days)
