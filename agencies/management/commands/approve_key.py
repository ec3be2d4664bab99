"""`manage.py approve_key CLIENT_ID KID`."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from agencies import clients
from agencies.registration import RegistrationRefused
from audit.management.receipted import ReceiptedCommand


class Command(ReceiptedCommand):
    database_role = "owner"
    requires_system_checks = ()
    help = (
        "Lets a key serve that a client which reads everything asked for. Compare the thumbprint with what the "
        "client's own people tell you by another way."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("client_id")
        parser.add_argument("kid")
        parser.add_argument("--thumbprint", required=True, help="RFC 7638, as the client's people told it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            clients.approve_key(
                client_id=options["client_id"], kid=options["kid"], thumbprint=options["thumbprint"], now=timezone.now()
            )
        except RegistrationRefused as refused:
            raise CommandError("No key was approved.\n" + "\n".join(refused.reasons)) from refused
        self.stdout.write(f"{options['kid']} of {options['client_id']} may be used from now on")
