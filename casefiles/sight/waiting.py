"""What waits, for whom and how late: the casefiles an agency sees, counted and paged as people look at them.

Every number is counted over the same rows as the list that shows them (`casefiles_seen`), so that the two agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import BooleanField, Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, Value

from agencies.actor import Actor
from casefiles.flow import Party, State
from casefiles.models import Payload, Transition
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
TURN_TELLS: Final = ("code", "name", "waiting", "late", "soon")
MOST_TURNS: Final = 10
"""Agencies whose turn it is, of which the overview tells: those with most that is late."""

ENTERED: Final = "entered"
"""Where a casefile comes from that was just forwarded: no state."""
NATIONAL: Final = "national"
"""In place of a province: offices that belong to none."""

# What an order goes by, upwards; the id breaks ties. `newest` goes by the id alone, downwards.
_BY: Final[Mapping[str, str]] = {"waiting": "open_referral__opened_at", "due": "open_referral__due_at"}


@dataclass(frozen=True, kw_only=True)
class WaitingFilters(CasefileFilters):
    """What people ask of a list beside what systems ask. Days late are whole days since the due day ended.

    `party` is whoever has the turn; `due_from` and `due_until` are due days where it sits, both included. All other
    days are where the reader sits, both included as well: `submitted_from` and `submitted_until` of being recorded,
    `moved_since` and `moved_until` of a change of state, from `moved_from` (`ENTERED`: none) to `moved_to` where they
    are told. `province` is that of the submitting office, by its code, or `NATIONAL`. `is_compared`: a sanction is
    on file beside a recommendation; `comparison` says how the two compare.
    """

    is_open: bool = False
    party: Party | None = None
    due_from: date | None = None
    due_until: date | None = None
    late_from: int | None = None
    late_until: int | None = None
    due_within: int | None = None
    submitted_from: date | None = None
    submitted_until: date | None = None
    moved_from: str | None = None
    moved_to: State | None = None
    moved_since: date | None = None
    moved_until: date | None = None
    province: str | None = None
    blocked: bool = False
    is_compared: bool = False
    comparison: str | None = None
    position_kind: str | None = None


@dataclass(frozen=True, slots=True)
class PartyDelay:
    """What waits for one party, and how late its late ones are on average, in days.

    `net` counts from the due day as it stands, which pauses and later laws have moved; `gross` from the day that was
    counted first.
    """

    party: str
    waiting: int
    late: int
    net: float | None
    gross: float | None


@dataclass(frozen=True, slots=True)
class Overview:
    """How many wait, by state and by whose turn it is: `waiting`, `late`, `soon` and one count per age of `AGES`."""

    by_state: Mapping[str, Mapping[str, int]]
    by_turn: Sequence[Mapping[str, Any]]
    by_party: Sequence[PartyDelay]
    closed: int
    blocked: int

    def total(self, name: str) -> int:
        """The sum over all states."""
        return sum(counts[name] for counts in self.by_state.values())


def waiting_seen(actor: Actor, asked: WaitingFilters, *, now: datetime) -> CasefileQuerySet:
    """The casefiles that the actor sees and that match what was asked."""
    rows = casefiles_seen(actor, asked, now=now)
    return rows.filter(
        is_late(asked.late_from, asked.late_until, now=now),
        _is_due(asked, now=now),
        _is_of(asked, zone=actor.time_zone),
        _has_moved(asked, zone=actor.time_zone),
        _says(asked),
    )


def between(column: str, first: date | None, last: date | None, zone: str) -> dict[str, datetime]:
    """The conditions that a moment lies within these days of that zone, both included; None: without that bound."""
    conditions = {}
    if first is not None:
        conditions[f"{column}__gte"] = datetime.combine(first, time(), ZoneInfo(zone))
    if last is not None:
        conditions[f"{column}__lt"] = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(zone))
    return conditions


def overview(actor: Actor, *, now: datetime) -> Overview:
    """What waits, of all that the actor sees, in two statements: what is open, and what is closed or blocked."""
    groups = _groups_of_open(actor, now=now)
    # Those that are counted and no others: of each it is asked whether its content is still there.
    counts = waiting_seen(actor, WaitingFilters(), now=now).order_by()
    whole = counts.filter(Q(state=State.CLOSED) | Q(data_block="active")).aggregate(
        closed=Count("pk", filter=Q(state=State.CLOSED)), blocked=Count("pk", filter=Q(data_block="active"))
    )
    by_party, by_turn = (
        sorted(groups[by], key=lambda row: (-row["late"], -row["waiting"], row[by])) for by in ("party", "code")
    )
    return Overview(
        by_state={row["state"]: {name: row[name] for name in _counted(now)} for row in groups["state"]},
        by_turn=[{name: row[name] for name in TURN_TELLS} for row in by_turn[:MOST_TURNS]],
        by_party=[
            PartyDelay(row["party"], row["waiting"], row["late"], _days(row["net"]), _days(row["gross"]))
            for row in by_party
        ],
        closed=whole["closed"],
        blocked=whole["blocked"],
    )


def _counted(now: datetime) -> Mapping[str, Q]:
    """What is counted of each group, and of which of its rows."""
    return {
        "waiting": Q(),
        "late": is_late(1, None, now=now),
        "soon": _is_due(WaitingFilters(due_within=SOON), now=now),
        **{name: is_late(first, last, now=now) for name, first, last in AGES},
    }


def _groups_of_open(actor: Actor, *, now: datetime) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The open casefiles by state, by the party and by the agency (`code`, `name`) whose turn it is, read once.

    Django has no GROUPING SETS; the rows, and of which it is so, are those of the lists.
    """
    today = now.astimezone(ZoneInfo(actor.time_zone)).date()
    counted = {name: condition for name, condition in _counted(now).items() if condition}
    rows = (
        waiting_seen(actor, WaitingFilters(is_open=True), now=now)
        .order_by()
        .annotate(
            party=F("open_referral__party"),
            turn=F("open_referral__to_agency"),
            net=ExpressionWrapper(now - F("open_referral__due_at"), output_field=DurationField()),
            gross=ExpressionWrapper(Value(today) - F("open_referral__original_due_on"), output_field=DurationField()),
            **{
                f"is_{number}": ExpressionWrapper(condition, output_field=BooleanField())
                for number, condition in enumerate(counted.values())
            },
        )
        .values("state", "party", "turn", "net", "gross", *(f"is_{number}" for number in range(len(counted))))
    )
    open_rows, given = rows.query.sql_with_params()
    counts = ", ".join(f'count(*) FILTER (WHERE is_{number}) AS "{name}"' for number, name in enumerate(counted))
    late = f"is_{list(counted).index('late')}"
    statement = f"""
SELECT found.*, agency.code, agency.name FROM (
    SELECT state, party, turn, count(*) AS waiting, {counts},
        avg(net) FILTER (WHERE {late}) AS net, avg(gross) FILTER (WHERE {late}) AS gross
    FROM ({open_rows}) AS open GROUP BY GROUPING SETS ((state), (party), (turn))
) AS found LEFT JOIN agencies_agency AS agency ON agency.id = found.turn
"""  # noqa: S608 - our own columns, and what Django composed
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        names = [column.name for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {by: [row for row in found if row[by] is not None] for by in ("state", "party", "code")}


def _days(value: timedelta | None) -> float | None:
    return None if value is None else round(value / timedelta(days=1), 1)


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


def is_late(first: int | None, last: int | None, *, now: datetime) -> Q:
    """Late by `first` to `last` days. `due_at` is the end of the due day where its holder sits: the first late day."""
    condition = Q()
    if first is not None:
        condition &= Q(open_referral__due_at__lte=now - timedelta(days=first - 1))
    if last is not None:
        condition &= Q(open_referral__due_at__gt=now - timedelta(days=last))
    return condition


def _is_of(asked: WaitingFilters, *, zone: str) -> Q:
    """Of the province, recorded on these days, blocked."""
    condition = Q(**between("created_at", asked.submitted_from, asked.submitted_until, zone))
    if asked.province is not None:
        mine = (
            Q(submitter__region="") if asked.province == NATIONAL else Q(submitter__region__startswith=asked.province)
        )
        condition &= mine
    if asked.blocked:
        condition &= Q(data_block="active")
    return condition


def _says(asked: WaitingFilters) -> Q:
    """What the file says now of the sanction and of the officer's position."""
    lookups: dict[str, Any] = {}
    if asked.is_compared:
        lookups["facts__sanction__comparison__isnull"] = False
    if asked.comparison is not None:
        lookups["facts__sanction__comparison"] = asked.comparison
    if asked.position_kind is not None:
        lookups["facts__subject__position_kind"] = asked.position_kind
    if not lookups:
        return Q()
    found = Q(Exists(Payload.objects.filter(casefile=OuterRef("pk"), seq=OuterRef("version"), seq__gte=1, **lookups)))
    if asked.is_compared or asked.comparison is not None:
        # Told by an index, so that only files with a sanction are opened.
        found &= Q(Exists(Transition.objects.filter(casefile=OuterRef("pk"), name="report-sanction")))
    return found


def _has_moved(asked: WaitingFilters, *, zone: str) -> Q:
    """Changed its state so, on these days."""
    asks = (asked.moved_from, asked.moved_to, asked.moved_since, asked.moved_until)
    if all(filter_value is None for filter_value in asks):
        return Q()
    steps = Transition.objects.filter(
        casefile=OuterRef("pk"), **between("recorded_at", asked.moved_since, asked.moved_until, zone)
    ).exclude(from_state=F("to_state"))
    if asked.moved_from is not None:
        steps = steps.filter(from_state="" if asked.moved_from == ENTERED else asked.moved_from)
    if asked.moved_to is not None:
        steps = steps.filter(to_state=asked.moved_to)
    # Whatever moved since a day has changed since then, for which there is an index.
    return Q(Exists(steps)) & Q(**between("updated_at", asked.moved_since, None, zone))


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
