"""`manage.py constrain_sender CLIENT_ID`, or `--lift`."""

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
        "Binds the tokens of a client to a key that it proves with every request (DPoP, RFC 9449), and puts that into "
        "the log. Its tokens that are not bound end at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("client_id")
        parser.add_argument("--lift", action="store_true", help="tokens need not be bound any more")

    def handle(self, *args: Any, **options: Any) -> None:
        constrained = not options["lift"]
        try:
            clients.constrain_sender(client_id=options["client_id"], constrained=constrained, now=timezone.now())
        except RegistrationRefused as refused:
            raise CommandError("Nothing was changed.\n" + "\n".join(refused.reasons)) from refused
        outcome = "must be bound to a key" if constrained else "need not be bound to a key"
        self.stdout.write(f"tokens of {options['client_id']} {outcome}")
