"""`manage.py recompute_deadlines`: after `amend_calendar`, count again whatever was counted with the calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from casefiles.operations import recounting


class Command(BaseCommand):
    database_role = "web"
    requires_system_checks = ()
    help = "Counts every day of every case again under the newest calendar; where one moves, it is a step of that case."

    def handle(self, *args: Any, **options: Any) -> None:
        done = recounting.recount(now=datetime.now(UTC))
        self.stdout.write(f"{done.looked_at} casefiles looked at, {done.moved} moved.")
