"""What is due by the retention classes, month by month, and what a legal hold keeps of it. It changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import TruncMonth

from api.http.retention import HELD
from audit import holds, months
from audit.holds import Hold
from casefiles.models import Casefile, Payload
from casefiles.operations import ending, erasure, holding
from casefiles.operations.erasers import ErasureRefused, Order
from casefiles.operations.retention_classes import RetentionClass
from delivery import queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Of one class and month (UTC): how many are due, and how many of those are held, by which holds or why else."""

    retention_class: str
    month: str
    due: int
    held: int
    holds: tuple[int, ...] = ()
    why: str = ""

    def plain(self) -> dict[str, Any]:
        """The row as JSON."""
        row = asdict(self)
        return {"class": row.pop("retention_class"), **row, "holds": list(self.holds)}


def due(classes: Iterable[RetentionClass], *, now: datetime) -> list[Due]:
    """What of these classes is due at that moment, class by class, oldest month first. Needs the owner's role.

    Raises `CatalogueError` where a setting is shorter than its class allows.
    """
    standing = holds.standing()
    found: list[Due] = []
    for one in classes:
        cutoff = one.cutoff(now=now)
        if cutoff is not None and (counted := _COUNTED.get(one.code)) is not None:
            found += counted(one.code, cutoff, standing)
    return found


def orders(
    *,
    through: date | None,
    cutoff: datetime | None,
    reason: str,
    basis: str,
    origin: str,
    now: datetime,
    most: int,
) -> tuple[list[Order], list[tuple[str, str]]]:
    """An unsigned order of erasure for each closed casefile that is due, oldest first, `most` at the most; `through` is
    the first day whose casefiles are left out. And the numbers of those that are held or refused, with the reason.

    Raises `ErasureRefused` where nothing is due.
    """
    if cutoff is None:
        raise ErasureRefused("no-period", "LINTAS_CASEFILES_KEPT_MONTHS is not set: casefiles are kept for ever.")
    before = cutoff if through is None else min(cutoff, datetime.combine(through, time(), UTC))
    content = Payload.objects.filter(casefile=OuterRef("pk"), seq__gte=1, erased_at__isnull=True)
    rows = Casefile.objects.filter(Exists(content), state="closed", updated_at__lt=before)
    found: list[Order] = []
    skipped: list[tuple[str, str]] = []
    for number in rows.order_by("updated_at", "pk").values_list("number", flat=True).iterator(chunk_size=100):
        try:
            found.append(erasure.order(casefile=number, reason=reason, basis=basis, origin=origin, now=now))
        except ErasureRefused as why:
            skipped.append((number, f"{why} [{why.reason}]"))
        if len(found) == most:
            break
    if not found and not skipped:
        raise ErasureRefused("not-due", f"No closed casefile is from before {before:%Y-%m-%d}.")
    return found, skipped


# --- one class each -------------------------------------------------------------------------------------------------

# Casefiles by the month of their last step, which closed them or came after.
_CASEFILES: Final = f"""
SELECT to_char(k.updated_at AT TIME ZONE 'UTC', 'YYYY-MM'), count(*),
    count(*) FILTER (WHERE (k.legal_hold AND %(is_marked)s) OR (%(is_any_held)s AND EXISTS (
        SELECT FROM casefiles_casefile c WHERE c.finding_id = k.finding_id AND {holding.REACHES})))
FROM casefiles_casefile k
WHERE k.state = 'closed' AND k.updated_at < %(cutoff)s
    AND EXISTS (SELECT FROM casefiles_payload p WHERE p.casefile_id = k.id AND p.seq >= 1 AND p.erased_at IS NULL)
GROUP BY 1
"""  # noqa: S608 - constants
_ANSWERS: Final = f"""
SELECT to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM'), count(*),
    count(*) FILTER (WHERE %(is_any_held)s AND {HELD})
FROM api_idempotencyrecord r JOIN casefiles_payload p ON p.id = r.answer AND p.answer IS NOT NULL
WHERE r.created_at < %(cutoff)s
GROUP BY 1
"""  # noqa: S608 - constants
_EXPORTS: Final = """
SELECT to_char(made_at AT TIME ZONE 'UTC', 'YYYY-MM'), count(*), 0 FROM console_export
WHERE stored_as <> '' AND made_at < %(cutoff)s GROUP BY 1
"""

Counts = Mapping[str, tuple[int, int]]
"""By month: how many are due, and how many of those are held."""


def _stated(statement: str) -> Callable[[str, datetime, Sequence[Hold]], list[Due]]:
    """What counts a class by one statement."""

    def counted(code: str, cutoff: datetime, standing: Sequence[Hold]) -> list[Due]:
        def of(among: Sequence[Hold], *, is_marked: bool) -> Counts:
            given: dict[str, Any] = {"cutoff": cutoff, "is_any_held": bool(among), "is_marked": is_marked}
            with connection.cursor() as cursor:
                cursor.execute(statement, {**given, **holding.parameters(among)})
                return {month: (number, held) for month, number, held in cursor.fetchall()}

        return _named(code, of(standing, is_marked=True), standing, lambda hold: of([hold], is_marked=False))

    return counted


def _deliveries(code: str, cutoff: datetime, standing: Sequence[Hold]) -> list[Due]:
    over = queue.over(now=cutoff + queue.KEPT_FOR)

    def of(among: Sequence[Hold]) -> Counts:
        rows = (
            over.annotate(month=TruncMonth("created_at", tzinfo=UTC))
            .values("month")
            .annotate(number=Count("pk"), held=Count("pk", filter=queue.held(among)))
        )
        return {f"{row['month']:%Y-%m}": (row["number"], row["held"]) for row in rows.order_by("month")}

    return _named(code, of(standing), standing, lambda hold: of([hold]))


def _reads(code: str, cutoff: datetime, standing: Sequence[Hold]) -> list[Due]:
    found: list[Due] = []
    is_behind = False
    for part in months.may_end(before=cutoff):
        number = months.reads_in(part)
        keeps = ending.kept_by(part, standing)
        why = keeps.why or ("after a month that is held" if is_behind else "")
        is_behind = bool(why)
        found.append(
            Due(
                retention_class=code,
                month=ending.month_of(part),
                due=number,
                held=number if why else 0,
                holds=keeps.holds,
                why=why,
            )
        )
    return found


_COUNTED: Final[Mapping[str, Callable[[str, datetime, Sequence[Hold]], list[Due]]]] = {
    "casefiles": _stated(_CASEFILES),
    "answers": _stated(_ANSWERS),
    "deliveries": _deliveries,
    "exports": _stated(_EXPORTS),
    "reads": _reads,
}


def _named(code: str, counts: Counts, standing: Sequence[Hold], by_one: Callable[[Hold], Counts]) -> list[Due]:
    """The months of a class, each with the numbers of the holds that keep something of it."""
    by: dict[str, list[int]] = {}
    left: Counter[str] = Counter({month: held for month, (_, held) in counts.items()})
    if left.total():
        for hold in standing:
            for month, (_, held) in by_one(hold).items():
                if held:
                    by.setdefault(month, []).append(hold.number)
    return [
        Due(
            retention_class=code,
            month=month,
            due=number,
            held=held,
            holds=tuple(by.get(month, ())),
            why="" if not held or by.get(month) else "marked in the case",
        )
        for month, (number, held) in sorted(counts.items())
    ]
