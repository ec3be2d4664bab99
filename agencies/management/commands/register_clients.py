"""`manage.py register_clients FOLDER`: the clients of many files, each file by itself.

FOLDER holds YAML or JSON files as `register_client` takes them (*.yaml, *.yml, *.json): clients with their public keys,
each key with a proof of possession. Of each file all clients are registered, or none; the other files go on. A file
whose clients are there already, with these scopes and keys, changes nothing: the same folder may be given again.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from agencies import many_clients
from agencies.entries import both
from audit.management.receipted import ReceiptedCommand


class Command(ReceiptedCommand):
    """Run as the owner."""

    database_role = "owner"
    requires_system_checks = ()
    help = (
        "Registers the clients of every file of a folder, with their public keys and proofs: of each file all or none."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the folder."""
        super().add_arguments(parser)
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.epilog = __doc__
        parser.add_argument("folder", type=Path)
        parser.add_argument("--check", action="store_true", help="try every file, and register nothing")

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Do the work and print what is owed for the files that were registered; then fail where one was refused."""
        self.refused = ""
        output = super().execute(*args, **options)
        if self.refused:
            raise CommandError(self.refused)
        return output

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer for each file; fail where one was refused."""
        files = many_clients.files_of(options["folder"])
        if not files:
            raise CommandError(
                both(
                    f"{options['folder']}: tidak ada berkas .yaml, .yml, atau .json di folder ini.",
                    "there is no file .yaml, .yml or .json in this folder.",
                )
            )
        refused = 0
        for file in files:
            answer = many_clients.register(
                file, issuer=settings.LINTAS_BASE_URL, now=timezone.now(), is_check=options["check"]
            )
            refused += bool(answer.reasons)
            self.stdout.write(f"{file.name}: {answer.outcome}")
            for line in (*answer.lines, *answer.reasons):
                self.stdout.write(f"  {line}")
        if refused:
            self.refused = both(
                f"{refused} dari {len(files)} berkas ditolak; yang lain tetap didaftarkan. Perbaiki, lalu ketik lagi.",
                f"{refused} of {len(files)} files were refused; the others stand. Mend them and type this again.",
            )
