"""Twelve weeks, week by week: how many casefiles came, were closed, waited and were late.

Counted over the same rows as the lists that show them (`casefiles.sight.waiting`). Where a number stood at the end of a
past week is reckoned from how it stands now and what has happened since, which the casefiles that have changed since
tell; nothing older is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, DateTimeField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Greatest, TruncWeek

from agencies.actor import Actor
from casefiles.flow import State
from casefiles.models import Referral, Transition
from casefiles.sight.waiting import WaitingFilters, waiting_seen

WEEKS: Final = 12
"""The present one, which is not over, and those before it."""
KINDS: Final = ("submitted", "closed", "reopened")
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Weeks:
    """A number per week, the oldest first: what happened in it, or how it stood at its end (the present one: now)."""

    mondays: Sequence[date]
    submitted: Sequence[int]
    closed: Sequence[int]
    waiting: Sequence[int]
    late: Sequence[int]


def weeks(actor: Actor, *, waiting: int, now: datetime) -> Weeks:
    """What the actor sees of the last weeks, given how many wait now, in three statements."""
    zone = ZoneInfo(actor.time_zone)
    today = now.astimezone(zone).date()
    this_monday = today - timedelta(days=today.weekday())
    mondays = [this_monday - timedelta(weeks=WEEKS - 1 - number) for number in range(WEEKS)]
    begins = [datetime.combine(monday, time(), zone) for monday in mondays]
    ends = [*begins[1:], now]
    recent = waiting_seen(actor, WaitingFilters(), now=now).order_by().filter(updated_at__gte=begins[0]).values("pk")
    moved = _moved(recent, mondays, begins[0], now=now)
    left = [0] * WEEKS
    for number in range(WEEKS - 2, -1, -1):
        after = number + 1
        opened = moved[f"submitted_{after}"] + moved[f"reopened_{after}"] - moved[f"closed_{after}"]
        left[number] = left[after] + opened
    return Weeks(
        mondays=mondays,
        submitted=[moved[f"submitted_{number}"] for number in range(WEEKS)],
        closed=[moved[f"closed_{number}"] for number in range(WEEKS)],
        waiting=[waiting - since for since in left],
        late=_late(actor, recent, begins, ends, now=now),
    )


def _moved(recent: Any, mondays: Sequence[date], begin: datetime, *, now: datetime) -> Mapping[str, int]:
    """Steps of those casefiles by week: forwarded, closed, opened again."""
    # Steps that change no state are left out.
    steps = (
        Transition.objects.filter(casefile__in=recent, recorded_at__gte=begin, recorded_at__lt=now)
        .exclude(from_state=F("to_state"))
        .values(week=TruncWeek("recorded_at", tzinfo=begin.tzinfo))
        .annotate(
            submitted=Count("pk", filter=Q(from_state="")),
            closed=Count("pk", filter=Q(to_state=State.CLOSED)),
            reopened=Count("pk", filter=Q(from_state=State.CLOSED)),
        )
        .order_by()
    )
    found = dict.fromkeys((f"{kind}_{number}" for kind in KINDS for number in range(WEEKS)), 0)
    for row in steps:
        number = mondays.index(row["week"].date())
        found |= {f"{kind}_{number}": row[kind] for kind in KINDS}
    return found


def _late(
    actor: Actor, recent: Any, begins: Sequence[datetime], ends: Sequence[datetime], *, now: datetime
) -> list[int]:
    """How many had a turn past its due moment at the end of each week, by the due moments of today.

    Turns that are open and turns that were answered are two statements: asked together, sight would be looked up for
    each turn of the register.
    """
    begin = begins[0]
    due = Value(begin + _TICK)
    still = (
        waiting_seen(actor, WaitingFilters(is_open=True, late_from=1), now=now)
        .order_by()
        .filter(open_referral__opened_at__lte=now)
        .values(since=_week(Greatest("open_referral__opened_at", "open_referral__due_at", due), begin))
        .annotate(number=Count("pk"))
    )
    answered = (
        Referral.objects.filter(answered_at__gte=ends[0], casefile__in=recent, due_at__lte=now, opened_at__lte=now)
        .exclude(status="open")
        .values(since=_week(Greatest("opened_at", "due_at", due), begin), until=_week(F("answered_at"), begin))
        .annotate(number=Count("pk"))
        .order_by()
    )
    late = [0] * WEEKS
    numbers = {start.date(): number for number, start in enumerate(begins)}
    for row in (*still, *answered):
        until = numbers.get(row["until"].date(), WEEKS) if "until" in row else WEEKS
        for number in range(numbers[row["since"].date()], until):
            late[number] += row["number"]
    return late


def _week(moment: Any, begin: datetime) -> TruncWeek:
    """The week at whose end that moment is past, or just reached: the end of one is no part of the next."""
    return TruncWeek(ExpressionWrapper(moment - Value(_TICK), output_field=DateTimeField()), tzinfo=begin.tzinfo)
