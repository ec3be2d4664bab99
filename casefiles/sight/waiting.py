"""What waits, for whom and how late: the casefiles an agency sees, counted and paged as people look at them.

Every number is counted over the same rows as the list that shows them (`casefiles_seen`), so that the two agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from django.db.models import Count, Q

from agencies.actor import Actor
from casefiles.flow import Party, State
from casefiles.queries import CasefileQuerySet
from casefiles.sight.casefiles import CasefileFilters, ListedCasefile, casefiles_seen, with_facts

Order: TypeAlias = Literal["newest", "waiting", "due"]
Position: TypeAlias = tuple[str, ...]

COUNTED_TO: Final = 10_000
AGES: Final[tuple[tuple[str, int, int | None], ...]] = (
    ("1-7", 1, 7),
    ("8-30", 8, 30),
    ("31-90", 31, 90),
    ("91", 91, None),
)
"""How late, in days: from and until, both included."""
SOON: Final = 7
"""Days ahead within which a due day is near."""

# What an order goes by, upwards; the id breaks ties. `newest` goes by the id alone, downwards.
_BY: Final[Mapping[str, str]] = {"waiting": "open_referral__opened_at", "due": "open_referral__due_at"}


@dataclass(frozen=True, kw_only=True)
class WaitingFilters(CasefileFilters):
    """What people ask of a list beside what systems ask. Days late are whole days since the due day ended.

    `party` is whoever has the turn; `due_from` and `due_until` are due days where it sits, both included.
    """

    is_open: bool = False
    party: Party | None = None
    due_from: date | None = None
    due_until: date | None = None
    late_from: int | None = None
    late_until: int | None = None
    due_within: int | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """How many wait, by state and by whose turn it is: `waiting`, `late`, `soon` and one count per age of `AGES`."""

    by_state: Mapping[str, Mapping[str, int]]
    by_turn: Sequence[Mapping[str, Any]]
    closed: int

    def total(self, name: str) -> int:
        """The sum over all states."""
        return sum(counts[name] for counts in self.by_state.values())


def waiting_seen(actor: Actor, asked: WaitingFilters, *, now: datetime) -> CasefileQuerySet:
    """The casefiles that the actor sees and that match what was asked."""
    rows = casefiles_seen(actor, asked, now=now)
    return rows.filter(_is_late(asked.late_from, asked.late_until, now=now), _is_due(asked, now=now))


def overview(actor: Actor, *, now: datetime) -> Overview:
    """What waits, of all that the actor sees, in three statements."""
    rows = waiting_seen(actor, WaitingFilters(is_open=True), now=now)
    counted = {
        "waiting": Count("pk"),
        "late": Count("pk", filter=_is_late(1, None, now=now)),
        "soon": Count("pk", filter=_is_due(WaitingFilters(due_within=SOON), now=now)),
    }
    ages = {name: Count("pk", filter=_is_late(first, last, now=now)) for name, first, last in AGES}
    by_state = {row.pop("state"): row for row in rows.order_by().values("state").annotate(**counted, **ages)}
    by_turn = (
        rows.order_by()
        .values("open_referral__to_agency__code", "open_referral__to_agency__name")
        .annotate(**counted)
        .order_by("-late", "-waiting", "open_referral__to_agency__code")[:10]
    )
    closed = waiting_seen(actor, WaitingFilters(state=(State.CLOSED,)), now=now)
    return Overview(
        by_state=by_state,
        by_turn=[
            {
                "code": row["open_referral__to_agency__code"],
                "name": row["open_referral__to_agency__name"],
                **{name: row[name] for name in counted},
            }
            for row in by_turn
        ],
        closed=closed.order_by().count(),
    )


def count(rows: CasefileQuerySet) -> tuple[int, bool]:
    """How many rows, and whether there are more than were counted."""
    found = rows.order_by().values("pk")[: COUNTED_TO + 1].count()
    return min(found, COUNTED_TO), found > COUNTED_TO


def page(
    rows: CasefileQuerySet, *, order: Order, after: Position | None, most: int
) -> tuple[Sequence[ListedCasefile], Position | None]:
    """A page of those rows in that order, and the position after it where more follow. Orders by due skip the closed.

    Raises ValueError where the position is none of this order.
    """
    by = _BY.get(order)
    names = (by, "pk") if by else ("pk",)
    ordered = rows.filter(open_referral__isnull=False).order_by(*names) if by else rows.order_by("-pk")
    if after is not None:
        ordered = ordered.filter(_beyond(by, after))
    found = list(ordered.values_list(*names)[: most + 1])
    shown = [row[-1] for row in found[:most]]
    facts = {row.id: row for row in with_facts(rows.filter(pk__in=shown).order_by("-pk"), most=len(shown))}
    position = tuple(_written(value) for value in found[most - 1]) if len(found) > most else None
    return [facts[ident] for ident in shown if ident in facts], position


def _beyond(by: str | None, after: Position) -> Q:
    if by is None:
        (ident,) = after
        return Q(pk__lt=ident)
    moment, ident = after
    then = datetime.fromisoformat(moment)
    return Q(**{f"{by}__gt": then}) | Q(**{by: then, "pk__gt": ident})


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _is_late(first: int | None, last: int | None, *, now: datetime) -> Q:
    """Late by `first` to `last` days. `due_at` is the end of the due day where its holder sits: the first late day."""
    condition = Q()
    if first is not None:
        condition &= Q(open_referral__due_at__lte=now - timedelta(days=first - 1))
    if last is not None:
        condition &= Q(open_referral__due_at__gt=now - timedelta(days=last))
    return condition


def _is_due(asked: WaitingFilters, *, now: datetime) -> Q:
    condition = Q(open_referral__isnull=False) if asked.is_open else Q()
    if asked.party is not None:
        condition &= Q(open_referral__party=asked.party)
    if asked.due_from is not None:
        condition &= Q(open_referral__due_on__gte=asked.due_from)
    if asked.due_until is not None:
        condition &= Q(open_referral__due_on__lte=asked.due_until)
    if asked.due_within is not None:
        condition &= Q(open_referral__due_at__gt=now, open_referral__due_at__lte=now + timedelta(days=asked.due_within))
    return condition
