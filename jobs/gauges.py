"""How the queue is doing, for monitoring and for pages that wait: counts and ages, no job in particular."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection

WARN_AFTER_S: Final = 60.0
"""Seconds that a job may wait for a worker before somebody is told."""
SILENT_AFTER_S: Final = 30.0
"""Seconds without a heartbeat after which a worker counts as none."""

QUERY: Final = """
SELECT
    (SELECT count(*) FROM procrastinate_workers
        WHERE last_heartbeat > clock_timestamp() - make_interval(secs => %(silent_s)s)),
    count(*) FILTER (WHERE j.status = 'todo'),
    count(*) FILTER (WHERE j.status = 'doing'),
    coalesce(max(extract(epoch FROM clock_timestamp() - greatest(j.scheduled_at, told.at)))
        FILTER (WHERE j.status = 'todo'), 0)::float8
FROM procrastinate_jobs j
LEFT JOIN LATERAL (
    SELECT max(e.at) AS at FROM procrastinate_events e
    WHERE e.job_id = j.id AND e.type IN ('deferred', 'deferred_for_retry', 'retried')
) told ON true
WHERE j.status IN ('todo', 'doing') AND (j.scheduled_at IS NULL OR j.scheduled_at <= clock_timestamp())
"""
"""What `Gauges` holds, in its order."""


@dataclass(frozen=True, slots=True)
class Gauges:
    """Workers that live, jobs that could be begun and are not, jobs being done."""

    workers: int
    waiting: int
    doing: int
    waiting_s: float
    """For how long the oldest of those that wait has been waiting."""

    def complaints(self) -> list[str]:
        """What an operator must look at, as sentences; empty while all is well."""
        if self.waiting_s <= WARN_AFTER_S:
            return []
        jobs = f"{self.waiting} {'job waits' if self.waiting == 1 else 'jobs wait'}"
        if not self.workers:
            return [f"no worker runs, and {jobs}, for {self.waiting_s:.0f} s: start manage.py work"]
        return [f"{jobs}, for {self.waiting_s:.0f} s: start another worker (manage.py work)"]


def read() -> Gauges:
    """By the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(QUERY, {"silent_s": SILENT_AFTER_S})
        workers, waiting, doing, waiting_s = cursor.fetchone()
    return Gauges(workers=workers, waiting=waiting, doing=doing, waiting_s=waiting_s)
