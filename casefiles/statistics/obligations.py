"""Who was asked for what, how long it took, and how late it was: counted over the turns (referrals), as of now.

A turn that was addressed wrongly counts for nobody. Days are whole calendar days in the zone of the agency whose turn
it is; of the time that an answer took the days are taken off for which the examiner granted a pause. A turn may be late
by two due days: the one that was set first, and the one that was set last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from django.db import connection

from agencies.actor import Actor
from casefiles.errors import TooManyRows
from casefiles.models import Referral

By: TypeAlias = Literal["purpose", "party", "agency"]
MOST_ROWS: Final = 5_000
_KEYS: Final[dict[By, str]] = {"purpose": "r.purpose", "party": "r.party", "agency": "a.code"}
_READ: Final = (
    "id", "casefile_id", "purpose", "party", "to_agency_id", "status", "opened_at", "answered_at", "due_on",
    "original_due_on", "time_zone", "paused_days",
)  # fmt: skip

# `late` is by how many days a turn is, or was answered, after its due day; `late_at_first` after the one set first.
_COUNTED: Final = """
SELECT {keys},
    count(*) FILTER (WHERE t.is_open) AS open,
    count(*) FILTER (WHERE t.is_open AND t.late > 0) AS overdue,
    count(*) FILTER (WHERE t.is_open AND t.late_at_first > 0) AS overdue_at_first,
    coalesce(max(t.late_at_first) FILTER (WHERE t.is_open AND t.late_at_first > 0), 0) AS longest_overdue,
    count(*) FILTER (WHERE NOT t.is_open) AS answered,
    count(*) FILTER (WHERE NOT t.is_open AND t.late > 0) AS answered_late,
    count(*) FILTER (WHERE NOT t.is_open AND t.late_at_first > 0) AS answered_late_at_first,
    coalesce(sum(t.late) FILTER (WHERE t.late > 0), 0)::bigint AS days_late,
    coalesce(sum(t.late_at_first) FILTER (WHERE t.late_at_first > 0), 0)::bigint AS days_late_at_first,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY t.took) FILTER (WHERE NOT t.is_open) AS median_days,
    percentile_disc(0.9) WITHIN GROUP (ORDER BY t.took) FILTER (WHERE NOT t.is_open) AS p90_days,
    coalesce(sum(t.paused_days), 0)::bigint AS paused_days
FROM (
    SELECT {keyed}, r.status = 'open' AS is_open, r.paused_days,
        greatest(0, d.until - (r.opened_at AT TIME ZONE r.time_zone)::date - r.paused_days) AS took,
        greatest(0, d.until - r.due_on) AS late, greatest(0, d.until - r.original_due_on) AS late_at_first
    FROM ({seen}) r JOIN agencies_agency a ON a.id = r.to_agency_id
    CROSS JOIN LATERAL (SELECT (coalesce(r.answered_at, %s) AT TIME ZONE r.time_zone)::date AS until) d
    WHERE r.status <> 'voided'
) t
GROUP BY {keys}
ORDER BY overdue DESC, longest_overdue DESC, days_late DESC, {keys}
LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Obligation:
    """The turns of one key: its parts in the order of the question, and the name where one is an agency."""

    key: tuple[str, ...]
    name: str | None
    open: int
    overdue: int
    overdue_at_first: int
    longest_overdue: int
    answered: int
    answered_late: int
    answered_late_at_first: int
    days_late: int
    days_late_at_first: int
    median_days: int | None
    p90_days: int | None
    paused_days: int


def obligations(actor: Actor, *, by: Sequence[By], now: datetime) -> Sequence[Obligation]:
    """The turns of the casefiles that the actor sees, the most overdue first, in one statement.

    Raises `TooManyRows` beyond `MOST_ROWS`.
    """
    seen, seeing = Referral.objects.visible_to(actor).values(*_READ).query.sql_with_params()
    names = ["k1", "k2"][: len(by)]
    is_by_agency = "agency" in by
    keyed = [f"{_KEYS[one]} AS {name}" for one, name in zip(by, names, strict=True)]
    keyed += ["a.name AS agency_name"] if is_by_agency else []
    keys = [*names, *(["agency_name"] if is_by_agency else [])]
    statement = _COUNTED.format(keys=", ".join(keys), keyed=", ".join(keyed), seen=seen)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*seeing, now, MOST_ROWS + 1])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    if len(rows) > MOST_ROWS:
        raise TooManyRows(MOST_ROWS)
    width = len(keys)
    return [Obligation(row[: len(by)], row[width - 1] if is_by_agency else None, *row[width:]) for row in rows]
