"""`manage.py seed_calendar`: the days off, from the package `holidays`, as a version of the calendar."""

import datetime as dt
from typing import Any

from agencies import calendar
from audit.management.receipted import ReceiptedCommand


class Command(ReceiptedCommand):
    database_role = "owner"
    requires_system_checks = ()
    help = "Load public holidays, joint leave and election days as a new version of the calendar (once per package)."

    def handle(self, *args: Any, **options: Any) -> None:
        written = calendar.seed(now=dt.datetime.now(dt.UTC))
        if written:
            self.stdout.write(f"{written} days off loaded as version {calendar.newest_version()}.")
        else:
            self.stdout.write("Nothing to do: this version of the package has been loaded before.")
