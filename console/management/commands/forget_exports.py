"""`manage.py forget_exports`: delete exports whose day is over, where no worker did it. Run it daily."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from console.exports import making


class Command(BaseCommand):
    """Run in the worker's role, on the machine where the files lie."""

    database_role = "worker"
    requires_system_checks = ()
    help = "Deletes the files of exports whose day is over, and what dead workers left in their folder."

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, and say how many."""
        self.stdout.write(f"{making.forget_old(now=timezone.now())} files deleted.")
