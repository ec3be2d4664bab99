"""`manage.py declare_fork`: say for ever that the log broke, and go on under a new origin."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from audit import keys, log, sequencer


class Command(BaseCommand):
    """Run as the owner, with web and sequencer stopped and LINTAS_LOG_ORIGIN set to the new origin."""

    database_role = "owner"
    requires_system_checks = ()
    help = (
        "Declares a fork: after entries were lost (an older backup was restored) or the log key must be replaced, the "
        "log goes on under a new origin whose first entry records the old checkpoint. See docs/runbook.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what the declaration says."""
        parser.add_argument("--reason", required=True, help="why, in a sentence that stays for ever (no personal data)")
        parser.add_argument(
            "--lost-checkpoint",
            type=Path,
            help="the newest checkpoint that somebody kept, as `lintas-verify watch` or a proof file holds it",
        )
        parser.add_argument(
            "--draw-key", action="store_true", help="draw a log key if LINTAS_LOG_KEY_FILE is not there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Declare, and say what must happen now."""
        origin = settings.LINTAS_LOG_ORIGIN
        if settings.LINTAS_LOG_KEY_FILE is None:
            raise CommandError("Set LINTAS_LOG_KEY_FILE to the key of the new origin.")
        try:
            if options["draw_key"]:
                keys.draw_log_key(settings.LINTAS_LOG_KEY_FILE)
            lost = options["lost_checkpoint"].read_text(encoding="utf-8") if options["lost_checkpoint"] else None
            signer = sequencer.read_log_key(settings.LINTAS_LOG_KEY_FILE, origin=origin)
            with transaction.atomic():
                _nobody_sequences()
                made = log.fork(
                    origin=origin,
                    log_key=signer.vkey,
                    reason=options["reason"],
                    old_checkpoint=_last_checkpoint(),
                    lost_checkpoint=lost,
                    now=datetime.now(UTC),
                )
                sequencer.refuse("")
        except (log.LogRefused, sequencer.CannotSequence, OSError, UnicodeDecodeError) as why:
            raise CommandError(str(why)) from why
        self.stdout.write(f"The log goes on as {origin}, beginning with entry {made.uuid}.")
        self.stdout.write(f"Log key (give it to witnesses and verifiers): {signer.vkey}")
        self.stdout.write("Restart web and sequencer, and ask the agencies to resubmit what their receipts prove.")


def _nobody_sequences() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [sequencer.LOCK])
        if not cursor.fetchone()[0]:
            raise log.LogRefused("A sequencer is active. Stop web and sequencer first, then declare the fork.")


def _last_checkpoint() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM audit_checkpoint ORDER BY number DESC LIMIT 1")
        row = cursor.fetchone()
    if row is None:
        raise log.LogRefused("Nothing was signed yet, so nothing can be forked from.")
    return str(row[0])
