"""How deliveries are doing, for the operator's monitoring: counts and ages, no subscription in particular."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Gauges:
    """Subscriptions by status, and for how many seconds the one that has failed longest has."""

    by_status: dict[str, int]
    failing: int
    failing_s: float


def read() -> Gauges:
    """One statement, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, count(*), count(failing_since), "
            "coalesce(extract(epoch FROM clock_timestamp() - min(failing_since)), 0)::float8 "
            "FROM delivery_webhook WHERE status <> 'deleted' GROUP BY status ORDER BY status"
        )
        rows = cursor.fetchall()
    return Gauges(
        by_status={status: count for status, count, _, _ in rows},
        failing=sum(failing for _, _, failing, _ in rows),
        failing_s=max((seconds for _, _, _, seconds in rows), default=0.0),
    )
