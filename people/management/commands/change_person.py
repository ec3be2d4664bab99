"""`manage.py change_person`: give somebody another role in the console, or let them in no more."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from audit.management.receipted import ReceiptedCommand
from people import persons
from people.models import ROLES


class Command(ReceiptedCommand):
    """Run as the owner."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Changes the role of a person who signs in to the console, or ends them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add who, and what becomes of them."""
        super().add_arguments(parser)
        parser.add_argument("email")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--role", choices=ROLES)
        which.add_argument("--end", action="store_true", help="they sign in no more, from their next request on")

    def handle(self, *args: Any, **options: Any) -> None:
        """Change, or say why not."""
        try:
            if options["end"]:
                persons.end(email=options["email"], now=timezone.now())
            else:
                persons.change_role(email=options["email"], role=options["role"], now=timezone.now())
        except persons.PersonRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write("Recorded in the log.")
