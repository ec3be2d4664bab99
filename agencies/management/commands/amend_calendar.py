"""`manage.py amend_calendar FILE`: days that a decree adds or takes away, as a new version of the calendar."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from agencies import calendar, calendar_files
from agencies.calendar_files import AmendmentRefused
from audit.management.receipted import ReceiptedCommand


class Command(ReceiptedCommand):
    database_role = "owner"
    requires_system_checks = ()
    help = "Add and take away days off by a decree, as a new version of the calendar (see agencies/calendar_files.py)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="a YAML file: decree, source, reason, add, remove")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            amendment = calendar_files.read(options["file"])
            version, is_new = calendar.amend(amendment, now=dt.datetime.now(dt.UTC))
        except AmendmentRefused as refused:
            raise CommandError("The calendar was not changed.\n" + "\n".join(refused.reasons)) from refused
        except calendar.NoCalendarYet as refused:
            raise CommandError(f"{refused}. Type: manage.py seed_calendar") from refused
        if not is_new:
            self.stdout.write(f"Nothing to do: this file was applied before, as version {version}.")
            return
        self.stdout.write(
            f"{len(amendment.add)} added, {len(amendment.remove)} removed: version {version} of the calendar.\n"
            "New deadlines are counted with it. Open referrals keep the due day they have until you type:\n"
            "  ./run manage recompute_deadlines"
        )
