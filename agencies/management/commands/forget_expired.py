"""`manage.py forget_expired`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from agencies import tokens


class Command(BaseCommand):
    database_role = "web"
    requires_system_checks = ()
    help = "Deletes spent assertions that have run out, and tokens that ran out a day ago. Run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        spent, old = tokens.forget_expired(now=timezone.now())
        self.stdout.write(f"forgot {spent} spent assertion(s) and {old} token(s)")
