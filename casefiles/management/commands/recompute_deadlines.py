"""`manage.py recompute_deadlines`: after `amend_calendar`, count the open deadlines again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from casefiles import recounting


class Command(BaseCommand):
    help = "Counts every open deadline again under the newest calendar; each that moves is a transition of its case."

    def handle(self, *args: Any, **options: Any) -> None:
        done = recounting.recount(now=datetime.now(UTC))
        self.stdout.write(f"{done.looked_at} open deadlines looked at, {done.moved} moved.")
