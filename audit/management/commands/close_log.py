"""`manage.py close_log`: end the log's name, as at the end of a year, and go on under another with nothing lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import closing, keys, log, sequencer


def _now() -> datetime:
    return datetime.now(UTC)


class Command(BaseCommand):
    """Run as the owner, with everything stopped that writes, and LINTAS_LOG_ORIGIN set to the next name."""

    database_role = "owner"
    requires_system_checks = ()
    help = (
        "Closes the log's name (its origin): the final checkpoint is witnessed and covers every entry, and the log "
        "goes on under LINTAS_LOG_ORIGIN, whose first entry names the old one. Indexes go on. See docs/runbook.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add why, and whether it is only looked at."""
        parser.add_argument("--reason", required=True, help="why, in a sentence that stays for ever: 'end of 2026'")
        parser.add_argument("--dry-run", action="store_true", help="say what stands in the way, and change nothing")
        parser.add_argument(
            "--draw-key", action="store_true", help="draw the next log key if LINTAS_LOG_KEY_FILE is not there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Close it, and say what must happen now."""
        origin, file = settings.LINTAS_LOG_ORIGIN, settings.LINTAS_LOG_KEY_FILE
        if file is None:
            raise CommandError("Set LINTAS_LOG_KEY_FILE to the key of the next name, LINTAS_LOG_ORIGIN to that name.")
        try:
            if options["draw_key"]:
                keys.draw_log_key(file)
            signer = sequencer.read_log_key(file, origin=origin)
            if options["dry_run"]:
                self._look(signer.vkey)
                return
            made = closing.close(log_key=signer.vkey, reason=options["reason"], clock=_now)
        except closing.NotNow as why:
            raise CommandError("\n".join(("The log was not closed:", *why.reasons))) from why
        except (log.LogRefused, sequencer.CannotSequence, OSError) as why:
            raise CommandError(str(why)) from why
        self.stdout.write(f"The log goes on as {origin}, beginning with entry {made.uuid}.")
        self.stdout.write(f"Log key (witnesses and verifiers need it beside the old one): {signer.vkey}")
        self.stdout.write("Start everything with the new LINTAS_LOG_ORIGIN, and destroy the old log key.")

    def _look(self, vkey: object) -> None:
        # Witnesses need the key before the day comes.
        self.stdout.write(f"Next log key: {vkey}")
        if found := list(closing.reasons()):
            raise CommandError("\n".join(("The log could not be closed now:", *found)))
        self.stdout.write("Nothing stands in the way. This would be final:")
        self.stdout.write(closing.final(), ending="")
