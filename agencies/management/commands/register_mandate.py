"""`manage.py register_mandate mandate.yaml`: who examines from when until when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from agencies import mandates
from agencies.registration import RegistrationRefused
from audit.management.receipted import ReceiptedCommand

FIELDS = {"code", "agency", "valid_from", "valid_until", "legal_basis", "caretaker", "verification_required"}
REQUIRED = {"code", "agency", "valid_from", "legal_basis"}


class Command(ReceiptedCommand):
    """Run as the owner."""

    help = "Registers the mandates of a YAML or JSON file (a list): all of them or none."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Register, or say what is wrong with the file."""
        try:
            entries = yaml.safe_load(options["file"].read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}") from error
        if not isinstance(entries, list) or not entries:
            raise CommandError(f"{options['file']} must hold a list of mandates.")
        try:
            with transaction.atomic():
                for number, entry in enumerate(entries, start=1):
                    if not isinstance(entry, dict) or not REQUIRED <= entry.keys() <= FIELDS:
                        raise CommandError(
                            f"Mandate {number} needs {', '.join(sorted(REQUIRED))} and may have "
                            f"{', '.join(sorted(FIELDS - REQUIRED))}; nothing else. Nothing was registered."
                        )
                    done = mandates.register(**entry, now=timezone.now())
                    self.stdout.write(f"registered mandate {done.code} of {entry['agency']}")
        except RegistrationRefused as refused:
            raise CommandError("Nothing was registered.\n" + "\n".join(refused.reasons)) from refused
