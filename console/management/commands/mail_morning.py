"""`manage.py mail_morning`: tell officers who want it what waits for their agency this morning. Run it daily."""

from __future__ import annotations

import time
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from agencies.calendar import NoCalendarYet
from console.desk import morning
from delivery import mail

WAITS: Final = (60, 300, 900, 1500)
"""Seconds until the next round, where the mail server did not take all; together less than an hour."""


class Command(BaseCommand):
    """Run in the console's role, which alone reads people's addresses. Typed again, it sends what was not sent."""

    database_role = "console"
    requires_system_checks = ()
    help = "Mails each officer who wants it what waits for their agency, once on each working morning."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the switch for who does not want to wait."""
        parser.add_argument("--once", action="store_true", help="do not try again where the mail server is away")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send, try again what was not taken, and say how many; fails where some wait still."""
        if not mail.is_offered():
            self.stdout.write("LINTAS_SMTP_URL names no mail server: nobody is mailed.")
            return
        sent = refused = 0
        for wait in (*(() if options["once"] else WAITS), None):
            try:
                done = morning.mail_all(now=timezone.now())
            except NoCalendarYet as why:
                raise CommandError(f"{why}: type `manage.py seed_calendar` first.") from why
            sent, refused = sent + done.sent, refused + done.refused
            if not done.put_off or wait is None:
                break
            time.sleep(wait)
        said = f"{sent} mailed, {refused} refused by the mail server."
        if done.put_off:
            raise CommandError(
                f"{said} {done.put_off} wait still: the mail server of LINTAS_SMTP_URL was away or put us off (see the "
                "log). Type `manage.py mail_morning` again today; otherwise tomorrow's mail tells what waits then."
            )
        self.stdout.write(said)
