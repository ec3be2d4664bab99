"""`manage.py scan_contents`: show what is in quarantine to the scanner."""

from __future__ import annotations

import signal
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contents import scanning
from contents.clamd import ScannerDown
from contents.errors import StoreDown


class Command(BaseCommand):
    database_role = "web"
    requires_system_checks = ()
    help = "Shows contents in quarantine to the scanner, the oldest first: what the worker does, by hand."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--loop` and `--again`."""
        parser.add_argument("--loop", type=float, metavar="SECONDS", help="look again every so many seconds")
        parser.add_argument("--again", action="store_true", help="also what could not be judged before")

    def handle(self, *args: Any, **options: Any) -> None:
        """Scan once, or until told to end."""
        stopping: list[int] = []
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda number, _: stopping.append(number))
        while True:
            try:
                found = self._round(stopping, again=options["again"])
            except (ScannerDown, StoreDown) as why:
                told = f"The {'scanner' if isinstance(why, ScannerDown) else 'store'} does not answer: {why}"
                if options["loop"] is None:
                    raise CommandError(told) from why
                self.stderr.write(told)
                found = Counter()
            if found or options["loop"] is None:
                self.stdout.write(", ".join(f"{count} {status}" for status, count in found.items()) or "none waits")
                self.stdout.flush()
            until = time.monotonic() + (options["loop"] or 0.0)
            while not stopping and time.monotonic() < until:
                time.sleep(0.2)
            if stopping or options["loop"] is None:
                return

    @staticmethod
    def _round(stopping: list[int], *, again: bool) -> Counter[str]:
        found: Counter[str] = Counter()
        for ident in scanning.waiting(also_failed=again):
            if stopping:
                break
            found[scanning.scan(ident, now=lambda: datetime.now(UTC))] += 1
        return found
