"""`manage.py grant_roles`: give every database role that owns nothing exactly the rights that the apps declare."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.database_roles import MissingRole, grant


class Command(BaseCommand):
    """Run as the owner after every `migrate`."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Gives every role that owns nothing exactly the rights that the apps declare."

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant, and say how many tables were opened to whom."""
        try:
            opened = grant()
        except MissingRole as missing:
            raise CommandError(str(missing)) from None
        for name, tables in opened.items():
            self.stdout.write(f"{name}: {tables} tables granted.")
