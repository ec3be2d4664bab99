"""`manage.py work`: the worker, until it is told to end."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from procrastinate.exceptions import ConnectorException

from jobs.worker import AWAY_S, Pace, logger, work


class Command(BaseCommand):
    """Run with LINTAS_DB_ROLE=worker; as many as one likes share the queue."""

    database_role = "worker"
    requires_system_checks = ()
    help = "Does what takes long (exports, scans, verifications) until it is told to end; several share the work."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add how many jobs at a time, and for how long a silent worker counts as alive."""
        usual = Pace()
        parser.add_argument("--at-once", type=int, default=usual.at_once, help="jobs done at a time")
        parser.add_argument(
            "--dead-after", type=float, default=usual.dead_after_s, metavar="SECONDS",
            help="a worker that says nothing for so long is dead; its jobs are taken up again",
        )  # fmt: skip
        parser.add_argument(
            "--ends-within", type=float, default=usual.ends_within_s, metavar="SECONDS",
            help="how long a job may go on once the worker is told to end",
        )  # fmt: skip

        parser.add_argument("--once", action="store_true", help="end when no job waits")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work; on SIGTERM or Ctrl-C finish what is under way. While the database is away, wait for it."""
        dead_after_s: float = options["dead_after"]
        pace = Pace(
            at_once=options["at_once"],
            beat_s=dead_after_s / 4,
            dead_after_s=dead_after_s,
            ends_within_s=options["ends_within"],
            look_every_s=min(Pace.look_every_s, dead_after_s / 4),
        )
        while True:
            try:
                asyncio.run(work(pace, once=options["once"]))
            except ConnectorException as why:
                logger.warning("the database is away: %s", (str(why).strip().splitlines() or ["no answer"])[0])
                time.sleep(AWAY_S)
            else:
                return
