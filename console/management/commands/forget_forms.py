"""`manage.py forget_forms`: delete what was typed at the desk and never sent, once it is a day old, and what was typed
into drafts that have expired. Run it daily.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from casefiles import register_time
from console.desk import drafting, kept


class Command(BaseCommand):
    """Run in the console's role, which keeps such content."""

    database_role = "console"
    requires_system_checks = ()
    help = "Deletes the kept content of forms of the desk that were not sent within a day, and of expired drafts."

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, and say how many."""
        now = timezone.now()
        self.stdout.write(f"{kept.forget_old(now=now)} forms forgotten.")
        # Drafts are dated as acts are, by the register's time.
        self.stdout.write(f"{drafting.forget_old(now=now + register_time.ahead())} drafts forgotten.")
