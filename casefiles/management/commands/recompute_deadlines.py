"""`manage.py recompute_deadlines`: after `amend_calendar`, count again whatever was counted with the calendar."""

from __future__ import annotations

import logging
from typing import Any

from django.core.management.base import BaseCommand

from casefiles import register_time
from casefiles.operations import recounting
from casefiles.operations.pacing import teller

logger = logging.getLogger("lintas.recount")


class Command(BaseCommand):
    database_role = "web"
    requires_system_checks = ()
    help = "Counts every day of every case again under the newest calendar; where one moves, it is a step of that case."

    def handle(self, *args: Any, **options: Any) -> None:
        progress = teller(logger, "%d casefiles looked at so far")
        done = recounting.recount(now=register_time.now(), progress=progress)
        self.stdout.write(f"{done.looked_at} casefiles looked at, {done.moved} moved.")
