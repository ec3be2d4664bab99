"""How deliveries are doing, for the operator's monitoring: counts and ages, no subscription in particular."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection

from agencies import delegations
from delivery import messages

WARN_AFTER_S: Final = 60.0
"""Seconds that something due may wait; a courier that lives takes it within one."""

# As the pump claims them (`delivery.queue`): what a client off the register has waiting is nobody's fault.
_WAITING: Final = f"""
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - greatest(w.due_at, e.recorded_at))), 0)::float8
FROM delivery_webhook w
JOIN agencies_client c ON c.id = w.client_id AND c.active AND 'webhooks:write' = ANY (c.scopes)
LEFT JOIN LATERAL (
    SELECT least(
        (SELECT index FROM audit_sighting WHERE agency = w.agency_id AND index > w.cursor ORDER BY index LIMIT 1),
        (SELECT min(s.index) FROM agencies_delegation d, agencies_agency e CROSS JOIN LATERAL (
            SELECT index FROM audit_sighting WHERE agency = e.id AND index > w.cursor ORDER BY index LIMIT 1
        ) s WHERE {delegations.SERVES.replace("%(now)s", "clock_timestamp()")})
    ) AS index
) following ON w.status = 'active'
LEFT JOIN audit_leaf l ON l.index = following.index
LEFT JOIN audit_entry e ON e.id = l.entry_id
WHERE w.due_at <= clock_timestamp() AND w.leased_until <= clock_timestamp()
    AND (w.status = 'unproven' OR following.index IS NOT NULL)
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Gauges:
    """Subscriptions by status, and for how many seconds the one that has failed longest has."""

    by_status: dict[str, int]
    failing: int
    failing_s: float
    waiting_s: float
    """For how long something that is due has been waiting for a courier."""

    def complaints(self) -> list[str]:
        """What an operator must look at, as sentences; empty while all is well."""
        if self.waiting_s <= WARN_AFTER_S:
            return []
        return [f"webhooks have been waiting for {self.waiting_s:.0f} s: is the courier up (manage.py deliver)?"]


def read() -> Gauges:
    """By the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, count(*), count(failing_since), "
            "coalesce(extract(epoch FROM clock_timestamp() - min(failing_since)), 0)::float8 "
            "FROM delivery_webhook WHERE status <> 'deleted' GROUP BY status ORDER BY status"
        )
        rows = cursor.fetchall()
        cursor.execute(_WAITING, {"scope": messages.SCOPE})
        waiting_s: float = cursor.fetchone()[0]
    return Gauges(
        by_status={status: count for status, count, _, _ in rows},
        failing=sum(failing for _, _, failing, _ in rows),
        failing_s=max((seconds for _, _, _, seconds in rows), default=0.0),
        waiting_s=waiting_s,
    )
