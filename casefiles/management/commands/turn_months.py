"""`manage.py turn_months`: makes the next months of the record of reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from audit import months


class Command(BaseCommand):
    """Once a day or once a month, by a timer or a person."""

    database_role = "owner"
    requires_system_checks = ()
    help = (
        "Makes the parts of audit_access for this month and the next ones. Months whose time is over end on an order "
        "of two persons: `manage.py retention` shows them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make, and say what was made."""
        try:
            made = months.make_ahead(now=datetime.now(UTC))
        except OperationalError as why:
            raise CommandError("The record of reads is in use; nothing is lost, type this again later.") from why
        self.stdout.write(f"{len(made)} months made: {', '.join(made) or 'none was missing'}.")
