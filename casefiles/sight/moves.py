"""How casefiles moved from state to state in a span of days, and how those ended that were closed in it.

Counted over the same rows as the list that shows them (`casefiles.sight.waiting`), so that the two agree: a casefile
that made the same move twice is one casefile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F

from agencies.actor import Actor
from casefiles.flow import State
from casefiles.models import Transition
from casefiles.sight.waiting import ENTERED, WaitingFilters, between, waiting_seen


@dataclass(frozen=True, slots=True)
class Move:
    """How many casefiles went from one state to another; `source` is `ENTERED` where they were forwarded."""

    source: str
    target: str
    casefiles: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The moves, and the outcome that those have now that were closed in the span; empty: opened again since."""

    moves: Sequence[Move]
    outcomes: Mapping[str, int]


def moved(actor: Actor, *, first: date, last: date, now: datetime) -> Moved:
    """What the actor sees of the moves from that day to that day, both included, in two statements."""
    seen = waiting_seen(actor, WaitingFilters(moved_since=first, moved_until=last), now=now).order_by().values("pk")
    steps = Transition.objects.filter(casefile__in=seen, **between("recorded_at", first, last, actor.time_zone))
    rows = (
        steps.exclude(from_state=F("to_state"))
        .values_list("from_state", "to_state")
        .annotate(Count("casefile", distinct=True))
    )
    closed = WaitingFilters(moved_to=State.CLOSED, moved_since=first, moved_until=last)
    ends = waiting_seen(actor, closed, now=now).order_by().values_list("outcome").annotate(Count("pk"))
    return Moved(
        moves=sorted(
            (Move(source or ENTERED, target, number) for source, target, number in rows),
            key=lambda move: (move.source != ENTERED, move.source, move.target),
        ),
        outcomes=dict(ends.order_by("-pk__count", "outcome")),
    )
