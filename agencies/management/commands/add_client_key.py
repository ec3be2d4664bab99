"""`manage.py add_client_key CLIENT_ID key.yaml`."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from agencies import clients, registration_files
from agencies.keys import KeyRefused
from agencies.registration import RegistrationRefused
from audit.management.receipted import ReceiptedCommand


class Command(ReceiptedCommand):
    database_role = "owner"
    requires_system_checks = ()
    help = "Adds a public key to a client, from a YAML or JSON file with jwk, proof and, if wanted, its validity."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("client_id")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = clients.add_key(
                client_id=options["client_id"],
                offer=registration_files.read_key(options["file"]),
                issuer=settings.LINTAS_BASE_URL,
                now=timezone.now(),
            )
        except RegistrationRefused as refused:
            raise CommandError("No key was added.\n" + "\n".join(refused.reasons)) from refused
        except KeyRefused as refused:
            raise CommandError(f"No key was added.\n{refused}") from refused
        self.stdout.write(f"{done.client_id} now has {len(done.thumbprints)} live key(s):")
        for thumbprint in done.thumbprints:
            self.stdout.write(f"  {thumbprint}")
