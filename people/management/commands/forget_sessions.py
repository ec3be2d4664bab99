"""`manage.py forget_sessions`: delete what signing in leaves behind once it has run out. Run it daily."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

REMEMBERED: Final = timedelta(days=1)
"""How long a failed attempt is kept; it counts for a quarter of an hour."""


class Command(BaseCommand):
    """Run in the console's role, whose tables these are."""

    database_role = "console"
    requires_system_checks = ()
    help = "Deletes sessions, used codes and failed attempts that have run out."

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, and say how many."""
        now = timezone.now()
        sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
        attempts, _ = AccessAttempt.objects.filter(attempt_time__lt=now - REMEMBERED).delete()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM people_cache WHERE expires < %s", [now])
        self.stdout.write(f"{sessions} sessions and {attempts} failed attempts forgotten.")
