"""`manage.py register_client client.yaml`."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from agencies import many_clients, registration_files
from agencies.keys import KeyRefused
from agencies.registration import RegistrationRefused
from audit.management.receipted import ReceiptedCommand


class Command(ReceiptedCommand):
    database_role = "owner"
    requires_system_checks = ()
    help = "Registers the clients of a YAML or JSON file, with their public keys and proofs: all of them or none."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            with transaction.atomic():
                for entry in registration_files.read_clients(options["file"]):
                    done = many_clients.register_one(entry, issuer=settings.LINTAS_BASE_URL, now=now)
                    self.stdout.write(f"registered client {done.client_id} of {done.agency_code}")
                    for thumbprint in done.thumbprints:
                        self.stdout.write(f"  key {thumbprint}")
        except RegistrationRefused as refused:
            raise CommandError("Nothing was registered.\n" + "\n".join(refused.reasons)) from refused
        except KeyRefused as refused:
            raise CommandError(f"Nothing was registered.\n{refused}") from refused
