"""When deadlines fall: open casefiles by whoever is obliged and by the week of their due day.

Counted over the same rows as the list that shows them (`casefiles.sight.waiting`), so that the two agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from django.db.models import Count, Q

from agencies.actor import Actor
from casefiles.sight.waiting import WaitingFilters, waiting_seen

By: TypeAlias = Literal["party", "agency"]

WEEKS: Final = 8
"""Weeks drawn one by one, the present one first."""
MOST_ROWS: Final = 20
"""Agencies shown, those with most deadlines first; there are few parties."""

_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "party": ("open_referral__party",),
    "agency": ("open_referral__to_agency__code", "open_referral__to_agency__name"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included; None: without that bound."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Row:
    """One obliged party or agency: its code, its name (a code again for parties), a number per span, and their sum."""

    code: str
    name: str
    numbers: Sequence[int]
    total: int


@dataclass(frozen=True, slots=True)
class Heat:
    """The rows over those spans; `has_more` where there are more agencies than rows."""

    spans: Sequence[Span]
    rows: Sequence[Row]
    has_more: bool


def spans_from(today: date) -> list[Span]:
    """All before this week (which begins on Monday), each of `WEEKS` weeks, and all after them."""
    monday = today - timedelta(days=today.weekday())
    week, day = timedelta(days=7), timedelta(days=1)
    weeks = [Span(monday + number * week, monday + (number + 1) * week - day) for number in range(WEEKS)]
    return [Span(None, monday - day), *weeks, Span(monday + WEEKS * week, None)]


def heat(actor: Actor, *, by: By, today: date, now: datetime) -> Heat:
    """What the actor sees of open deadlines, in one statement."""
    spans = spans_from(today)
    counted: dict[str, Any] = {f"span_{number}": Count("pk", filter=_within(span)) for number, span in enumerate(spans)}
    rows = waiting_seen(actor, WaitingFilters(is_open=True), now=now).order_by()
    names = _BY[by]
    found = list(
        rows.values(*names).annotate(total=Count("pk"), **counted).order_by("-total", names[0])[: MOST_ROWS + 1]
    )
    return Heat(
        spans=spans,
        rows=[
            Row(row[names[0]], row[names[-1]], [row[name] for name in counted], row["total"])
            for row in found[:MOST_ROWS]
        ],
        has_more=len(found) > MOST_ROWS,
    )


def _within(span: Span) -> Q:
    condition = Q()
    if span.first is not None:
        condition &= Q(open_referral__due_on__gte=span.first)
    if span.last is not None:
        condition &= Q(open_referral__due_on__lte=span.last)
    return condition
