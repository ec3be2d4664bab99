"""How contents are doing, for the operator's monitoring: counts and ages, no content in particular."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection

from contents import storage

WARN_AFTER_S: Final = 600.0
"""Seconds that a content may wait for a scan without anybody being told."""


@dataclass(frozen=True, slots=True)
class Gauges:
    """Contents by status, and for how many seconds the oldest in quarantine has been waiting."""

    by_status: dict[str, int]
    waiting_s: float

    def complaints(self) -> list[str]:
        """What an operator must look at, as sentences; empty while all is well."""
        said = []
        if self.waiting_s > WARN_AFTER_S:
            said.append(
                f"contents have been waiting for a scan for {self.waiting_s:.0f} s: is the scanner up, and "
                f"manage.py scan_contents?"
            )
        if failed := self.by_status.get("scan_failed"):
            said.append(f"{failed} contents could not be judged: see the log, then manage.py scan_contents --again")
        return said


def read() -> Gauges:
    """By the database's clock; nothing where contents are not kept."""
    if not storage.is_offered():
        return Gauges(by_status={}, waiting_s=0.0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 "
            "FROM contents_content GROUP BY status ORDER BY status"
        )
        rows = cursor.fetchall()
    return Gauges(
        by_status={status: count for status, count, _ in rows},
        waiting_s=max((age for status, _, age in rows if status == "quarantined"), default=0.0),
    )
