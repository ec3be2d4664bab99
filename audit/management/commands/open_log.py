"""`manage.py open_log`: write the entry that opens the log, or record a new receipt key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audit import keys, log, receipts, sequencer


class Command(BaseCommand):
    """Run as the owner, once; again after a new receipt key was drawn. Both key files must be readable here."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Opens the verifiable log: records origin, log key and receipt key as its first entry (run as the owner)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--draw-keys`."""
        parser.add_argument("--draw-keys", action="store_true", help="draw the keys whose files are not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open, and say under which keys."""
        log_file, receipt_file = settings.LINTAS_LOG_KEY_FILE, settings.LINTAS_RECEIPT_KEY_FILE
        if log_file is None or receipt_file is None:
            raise CommandError(
                "Set LINTAS_LOG_KEY_FILE and LINTAS_RECEIPT_KEY_FILE: where the two keys lie or shall lie."
            )
        try:
            if options["draw_keys"]:
                keys.draw_log_key(log_file)
                keys.draw_receipt_key(receipt_file)
            signer = sequencer.read_log_key(log_file, origin=settings.LINTAS_LOG_ORIGIN)
            receipt_key = receipts.signing_key()
            if receipt_key is None:
                raise CommandError("LINTAS_RECEIPT_KEY_FILE is not set.")
            with transaction.atomic():
                made = log.open_log(
                    origin=settings.LINTAS_LOG_ORIGIN,
                    log_key=signer.vkey,
                    receipt_key=receipt_key.public,
                    now=datetime.now(UTC),
                )
                sequencer.beat()
        except (log.LogRefused, sequencer.CannotSequence, receipts.NoReceiptKey, OSError) as why:
            raise CommandError(str(why)) from why
        self.stdout.write(f"{'Recorded' if made else 'Open already'}: {settings.LINTAS_LOG_ORIGIN}")
        self.stdout.write(f"Log key (give it to witnesses and verifiers): {signer.vkey}")
        self.stdout.write(f"Receipt key: {receipt_key.kid}")
