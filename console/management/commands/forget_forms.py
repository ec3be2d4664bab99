"""`manage.py forget_forms`: delete what was typed at the desk and never sent, once it is a day old. Run it daily."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from console.desk import kept


class Command(BaseCommand):
    """Run in the console's role, which keeps such content."""

    database_role = "console"
    requires_system_checks = ()
    help = "Deletes the kept content of forms of the desk that were not sent within a day."

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, and say how many."""
        self.stdout.write(f"{kept.forget_old(now=timezone.now())} forms forgotten.")
