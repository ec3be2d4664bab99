"""`manage.py open_delivery`: put the courier's public keys on record, so that webhooks can be registered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from audit.management.receipted import ReceiptedCommand
from delivery import keys


class Command(ReceiptedCommand):
    """Run as the owner, once; again after a new courier's key was drawn. The key file must be readable here."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Puts the public halves of the courier's key on record as an entry of the log (run as the owner)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--draw-key`."""
        super().add_arguments(parser)
        parser.add_argument("--draw-key", action="store_true", help="draw the key if its file is not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        """Record, and say which key."""
        path = settings.LINTAS_COURIER_KEY_FILE
        try:
            if options["draw_key"] and path is not None:
                keys.draw(path)
            key = keys.read(path)
        except (keys.NoCourierKey, OSError) as why:
            raise CommandError(str(why)) from why
        with transaction.atomic():
            is_new = keys.record(key, now=datetime.now(UTC))
        self.stdout.write(f"{'Recorded' if is_new else 'On record already'}: {key.kid}")
