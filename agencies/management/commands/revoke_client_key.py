"""`manage.py revoke_client_key CLIENT_ID KID`."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from agencies import clients
from agencies.registration import RegistrationRefused
from audit.management.receipted import ReceiptedCommand


class Command(ReceiptedCommand):
    database_role = "owner"
    requires_system_checks = ()
    help = "Revokes a key of a client at once: tokens bought with it are refused from the next request on."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("client_id")
        parser.add_argument("kid")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = clients.revoke_key(client_id=options["client_id"], kid=options["kid"], now=timezone.now())
        except RegistrationRefused as refused:
            raise CommandError("No key was revoked.\n" + "\n".join(refused.reasons)) from refused
        self.stdout.write(f"revoked {options['kid']}; {done.client_id} has {len(done.thumbprints)} live key(s) left")
