"""`manage.py end_answers`: takes away the kept answers that are older than `LINTAS_ANSWERS_KEPT_DAYS`."""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from api.http import retention
from casefiles.operations.pacing import teller

logger = logging.getLogger("lintas.retention")
FEWEST_DAYS = 7


class Command(BaseCommand):
    """Once a day or once a month, by a timer or a person."""

    database_role = "owner"
    requires_system_checks = ()
    help = (
        "Takes away the answers that were kept for repeated requests longer than LINTAS_ANSWERS_KEPT_DAYS. Their keys "
        "stay used: who repeats one is told that the answer has ended (410 answer-ended)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Another number of days."""
        parser.add_argument(
            "--days", type=int, default=settings.LINTAS_ANSWERS_KEPT_DAYS, help="instead of the setting"
        )

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        """End them, and say how many."""
        if days < FEWEST_DAYS:
            raise CommandError(
                f"A partner may repeat a request for {FEWEST_DAYS} days at least; --days {days} is fewer."
            )
        before = datetime.now(UTC) - timedelta(days=days)
        done = retention.end_answers(before=before, progress=teller(logger, "%d answers ended so far"))
        self.stdout.write(f"{done} answers from before {before.isoformat(timespec='seconds')} ended.")
