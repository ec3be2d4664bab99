"""Commands whose changes are entries of the log: each prints the receipts of what it did."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import owed, receipts


class ReceiptedCommand(BaseCommand):
    """After its work is committed, prints one receipt per entry: a signed promise that it will be in the tree."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--quiet-receipts`."""
        parser.add_argument("--quiet-receipts", action="store_true", help="do not print the receipts of the entries")

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Do the work, then print what is owed for it; nothing is owed for what failed.

        Raises CommandError where there is no key to sign with, which says that the work is done all the same.
        """
        with owed.collecting() as made:
            output = super().execute(*args, **options)
        if not options.get("quiet_receipts"):
            try:
                for sealed in made:
                    self.stdout.write(f"receipt {json.dumps(receipts.stated(sealed))}")
            except receipts.NoReceiptKey as why:
                raise CommandError(
                    f"The work is done and its {len(made)} entries are kept; only their receipts are not. {why} Do not "
                    "repeat the command for that. With --quiet-receipts it asks for none."
                ) from why
        return output
