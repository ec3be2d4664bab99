"""`manage.py board [FOLDER] [--check]`: brings the register to the directory of offices.

FOLDER holds CSV files; without it the directory that the register ships (agencies/directory, see its README.md).
What changes is an entry of the log for each agency: registered, renamed, changed, ended. A second time nothing changes.
With one fault in the folder nothing is boarded, and every fault is listed with file and line.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from agencies import boarding, directory_checks, directory_files
from agencies.directory_files import DirectoryRefused
from audit.management.receipted import ReceiptedCommand
from audit.verify.progress import showing

CAPITAL = ZoneInfo("Asia/Jakarta")
"""The day on which a vanished row ends its agency is counted here."""


class Command(ReceiptedCommand):
    """Run as the owner."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Registers, renames, changes and ends agencies as a folder of CSV files says: all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the folder, and what is asked about it."""
        super().add_arguments(parser)
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.epilog = __doc__
        parser.add_argument("folder", type=Path, nargs="?", default=directory_files.FOLDER)
        parser.add_argument("--check", action="store_true", help="say what would change, and change nothing")
        parser.add_argument(
            "--ending", type=int, metavar="N", help="confirm that N agencies whose rows vanished are to be ended"
        )
        parser.add_argument("--progress", action="store_true", help="show progress without a terminal too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Board the folder, or say what would change."""
        now = timezone.now()
        today = now.astimezone(CAPITAL).date()
        try:
            found = directory_files.read(options["folder"])
            directory, corrections = directory_checks.checked(found), directory_checks.corrections(found)
            if options["check"]:
                made = boarding.plan(directory, corrections=corrections, today=today, ending=options["ending"])
            else:
                with showing(options["progress"]) as progress:
                    made = boarding.carry_out(
                        directory,
                        corrections=corrections,
                        today=today,
                        now=now,
                        ending=options["ending"],
                        progress=progress,
                    )
        except DirectoryRefused as refused:
            raise CommandError(
                f"Tidak ada yang dimuat ({len(refused.faults)} kesalahan). / "
                f"Nothing was boarded ({len(refused.faults)} faults).\n{refused}"
            ) from refused
        for line in boarding.told_lines(made):
            self.stdout.write(line)
        self.stdout.write(_summary(made, is_check=options["check"]))


def _summary(made: boarding.Plan, *, is_check: bool) -> str:
    kinds = Counter(change.kind.removeprefix("agency.") for change in made.changes)
    parts = [
        f"{len(made.registered):,} registered",
        *(f"{kinds[kind]:,} {kind}" for kind in ("renamed", "changed", "ended")),
    ]
    would = "Would be: " if is_check else ""
    return f"{would}{', '.join(parts)}, {made.unchanged:,} unchanged."
