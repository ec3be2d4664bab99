"""`manage.py invite_person`: let somebody of an agency sign in to the console, by a link that lives a day."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from audit.management.receipted import ReceiptedCommand
from people import persons
from people.models import ROLES


class Command(ReceiptedCommand):
    """Run as the owner. The link is printed once and kept nowhere."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Registers a person of an agency and prints the link by which they set password and second factor."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add who, of which agency, as what."""
        super().add_arguments(parser)
        parser.add_argument("email")
        parser.add_argument("--agency", help="the agency's code")
        parser.add_argument("--name", help="as it is shown in the console")
        parser.add_argument("--role", choices=ROLES, default="reader")
        parser.add_argument(
            "--again", action="store_true", help="a new link for a person whose password, device or codes are lost"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Invite, and print the link."""
        try:
            if options["again"]:
                made = persons.invite_again(email=options["email"], now=timezone.now())
            elif not options["agency"] or not options["name"]:
                raise CommandError("Say of which agency (--agency CODE) and who they are (--name NAME).")
            else:
                made = persons.invite(
                    agency=options["agency"],
                    email=options["email"],
                    name=options["name"],
                    role=options["role"],
                    now=timezone.now(),
                )
        except persons.PersonRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{settings.LINTAS_CONSOLE_BASE_URL}/undangan/{made.token}")
        self.stdout.write(f"The link works once, until {made.expires_at:%Y-%m-%d %H:%M} UTC. It is shown here only.")
