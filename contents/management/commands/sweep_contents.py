"""`manage.py sweep_contents`: take away what no row names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contents import storage, sweeping
from contents.errors import ContentError


class Command(BaseCommand):
    database_role = "web"
    requires_system_checks = ()
    help = "Takes away uploads that were cut off and files of erased contents; says whether a file is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--after`."""
        parser.add_argument(
            "--after", type=float, default=sweeping.AFTER.total_seconds(), metavar="SECONDS", help="what is older"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep, and say what went; fails where a file is missing."""
        if not storage.is_offered():
            self.stdout.write("No contents are kept here (LINTAS_CONTENTS).")
            return
        try:
            swept = sweeping.sweep(before=datetime.now(UTC) - timedelta(seconds=options["after"]))
        except (ContentError, OSError) as why:
            raise CommandError(f"{type(why).__name__}: {why}") from why
        self.stdout.write(f"{swept.drafts} drafts and {swept.files} files taken away")
        if swept.missing:
            raise CommandError(f"{swept.missing} contents have no file: restore the store from a backup.")
