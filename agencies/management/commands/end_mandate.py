"""`manage.py end_mandate examining-2024 --on 2027-10-01 --legal-basis "UU …"`: the day a mandate no longer holds."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from agencies import mandates
from agencies.registration import RegistrationRefused
from audit.management.receipted import ReceiptedCommand


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{written!r} is no date such as 2027-10-16.") from None


class Command(ReceiptedCommand):
    """Run as the owner."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Ends a mandate whose end was open. Its cases wait for `hand_over`."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the mandate, the day and its basis."""
        super().add_arguments(parser)
        parser.add_argument("mandate", help="the mandate's code")
        parser.add_argument(
            "--on", required=True, type=_day, help="the first day it no longer holds, such as 2027-10-16"
        )
        parser.add_argument("--legal-basis", required=True, help="the law or decree that ends it")

    def handle(self, *args: Any, **options: Any) -> None:
        """End it, or say why not."""
        try:
            ended = mandates.end(
                code=options["mandate"], on=options["on"], legal_basis=options["legal_basis"], now=timezone.now()
            )
        except RegistrationRefused as refused:
            raise CommandError("\n".join(refused.reasons)) from refused
        self.stdout.write(f"{ended.code} holds until {options['on'].isoformat()}, that day excluded.")
