"""`manage.py register_agency agencies.yaml`.

code: bawaslu-kota-padang
name: Bawaslu Kota Padang
roles: [election_supervisor]
level: city
region: "13.71"                   # optional
parent: bawaslu-sumatera-barat    # optional
time_zone: Asia/Jakarta           # optional: this one
valid_from: 2018-08-15
"""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from agencies import registration, registration_files
from agencies.registration import RegistrationRefused
from audit.management.receipted import ReceiptedCommand


class Command(ReceiptedCommand):
    database_role = "owner"
    requires_system_checks = ()
    help = "Registers the agencies of a YAML or JSON file: all of them or none."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.epilog = __doc__
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            with transaction.atomic():
                for entry in registration_files.read_agencies(options["file"]):
                    done = registration.register_agency(entry, now=now)
                    self.stdout.write(f"registered agency {done.code}")
        except RegistrationRefused as refused:
            raise CommandError("Nothing was registered.\n" + "\n".join(refused.reasons)) from refused
