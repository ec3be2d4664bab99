"""`manage.py grant_web_role`: give the web's database role exactly the rights that the apps declare."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.database_roles import WEB, grant


class Command(BaseCommand):
    """Run as the owner after every `migrate`."""

    help = "Gives the web's database role exactly the table rights that the apps declare (run as the owner)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--role`."""
        parser.add_argument("--role", default=WEB)

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant, and say how many tables were opened."""
        self.stdout.write(f"{options['role']}: {grant(options['role'])} tables granted.")
