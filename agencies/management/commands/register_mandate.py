"""`manage.py register_mandate mandates.yaml`: who examines from when until when.

- code: examining-2027            # never used before
  agency: badan-pengawas          # registered, with the role examiner
  valid_from: 2027-10-16
  valid_until: 2032-10-16         # optional: the first day it no longer holds
  legal_basis: UU 1/2027
  caretaker: true                 # optional: may do everything but accept, recommend and close
  verification_required: true     # optional: accept only with the minutes of a verification
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from agencies import mandates, registration_files
from agencies.registration import RegistrationRefused
from audit.management.receipted import ReceiptedCommand


class Command(ReceiptedCommand):
    """Run as the owner."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Registers the mandates of a YAML or JSON file: all of them or none."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file."""
        super().add_arguments(parser)
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.epilog = __doc__
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Register, or say what is wrong with the file."""
        try:
            with transaction.atomic():
                for entry in registration_files.read_mandates(options["file"]):
                    done = mandates.register(
                        code=entry.code,
                        agency=entry.agency,
                        valid_from=entry.valid_from,
                        valid_until=entry.valid_until,
                        legal_basis=entry.legal_basis,
                        caretaker=entry.caretaker,
                        verification_required=entry.verification_required,
                        now=timezone.now(),
                    )
                    self.stdout.write(f"registered mandate {done.code} of {entry.agency}")
        except RegistrationRefused as refused:
            raise CommandError("Nothing was registered.\n" + "\n".join(refused.reasons)) from refused
