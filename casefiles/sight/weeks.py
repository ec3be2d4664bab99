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

from django.db.models import Count, F, Q

from agencies.actor import Actor
from casefiles.flow import State
from casefiles.models import Referral, Transition
from casefiles.sight.waiting import WaitingFilters, waiting_seen

WEEKS: Final = 12
"""The present one, which is not over, and those before it."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """A number per week, the oldest first: what happened in it, or how it stood at its end (the present one: now)."""

    mondays: Sequence[date]
    submitted: Sequence[int]
    closed: Sequence[int]
    waiting: Sequence[int]
    late: Sequence[int]


def weeks(actor: Actor, *, waiting: int, now: datetime) -> Weeks:
    """What the actor sees of the last weeks, given how many wait now, in two statements."""
    zone = ZoneInfo(actor.time_zone)
    today = now.astimezone(zone).date()
    this_monday = today - timedelta(days=today.weekday())
    mondays = [this_monday - timedelta(weeks=WEEKS - 1 - number) for number in range(WEEKS)]
    begins = [datetime.combine(monday, time(), zone) for monday in mondays]
    ends = [*begins[1:], now]
    recent = waiting_seen(actor, WaitingFilters(), now=now).order_by().filter(updated_at__gte=begins[0]).values("pk")
    moved = _moved(recent, begins, ends)
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
        late=_late(actor, recent, ends, now=now),
    )


def _moved(recent: Any, begins: Sequence[datetime], ends: Sequence[datetime]) -> Mapping[str, int]:
    """Steps of those casefiles by week: forwarded, closed, opened again."""
    counted = {}
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        within = Q(recorded_at__gte=begin, recorded_at__lt=end)
        counted[f"submitted_{number}"] = Count("pk", filter=within & Q(from_state=""))
        # Steps that change no state are left out below.
        counted[f"closed_{number}"] = Count("pk", filter=within & Q(to_state=State.CLOSED))
        counted[f"reopened_{number}"] = Count("pk", filter=within & Q(from_state=State.CLOSED))
    steps = Transition.objects.filter(casefile__in=recent, recorded_at__gte=begins[0]).exclude(from_state=F("to_state"))
    found: Mapping[str, int] = steps.aggregate(**counted)
    return found


def _late(actor: Actor, recent: Any, ends: Sequence[datetime], *, now: datetime) -> list[int]:
    """How many had a turn past its due moment at the end of each week, by the due moments of today."""
    counted = {
        f"late_{number}": Count(
            "pk",
            filter=Q(opened_at__lte=end, due_at__lte=end) & (Q(answered_at__isnull=True) | Q(answered_at__gt=end)),
        )
        for number, end in enumerate(ends)
    }
    seen = waiting_seen(actor, WaitingFilters(), now=now).order_by().values("pk")
    mine = Q(status="open", casefile__in=seen) | Q(answered_at__gte=ends[0], casefile__in=recent)
    found: Mapping[str, int] = Referral.objects.filter(mine, due_at__lte=now).aggregate(**counted)
    return [found[f"late_{number}"] for number in range(WEEKS)]
