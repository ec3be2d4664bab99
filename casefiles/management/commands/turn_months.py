"""`manage.py turn_months`: makes the next months of the record of reads, and lets those go whose time is over."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from audit import months
from casefiles.models import Casefile

FEWEST_MONTHS = 24


class Command(BaseCommand):
    """Once a day or once a month, by a timer or a person."""

    database_role = "owner"
    requires_system_checks = ()
    help = (
        "Makes the parts of audit_access for this month and the next ones. Where LINTAS_READS_KEPT_MONTHS is set, lets "
        "sealed months go that are older, each with an entry of the log; a month in which somebody read a casefile "
        "under legal hold stays, and so do all after it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Another number of months."""
        parser.add_argument(
            "--keep", type=int, default=settings.LINTAS_READS_KEPT_MONTHS, help="instead of the setting; 0: for ever"
        )

    def handle(self, *args: Any, keep: int, **options: Any) -> None:
        """Make, end, and say what was done."""
        if keep and keep < FEWEST_MONTHS:
            raise CommandError(
                f"Reads are kept for {FEWEST_MONTHS} months at least; {keep} are fewer. Give {FEWEST_MONTHS} or more, "
                "or 0 for ever (--keep, or LINTAS_READS_KEPT_MONTHS)."
            )
        now = datetime.now(UTC)
        try:
            made = months.make_ahead(now=now)
            self.stdout.write(f"{len(made)} months made: {', '.join(made) or 'none was missing'}.")
            if keep:
                self._end(before=months.month_after(now, -keep), now=now)
        except OperationalError as why:
            raise CommandError("The record of reads is in use; nothing is lost, type this again later.") from why

    def _end(self, *, before: datetime, now: datetime) -> None:
        held = list(Casefile.objects.filter(legal_hold=True).values_list("pk", flat=True))
        ended = 0
        for part in months.may_end(before=before):
            if held and months.shows_one_of(part, held):
                self.stdout.write(f"{part.name} stays: it shows a casefile under legal hold.")
                break
            months.end(part, now=now)
            ended += 1
        self.stdout.write(f"{ended} months ended.")
