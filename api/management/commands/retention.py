"""`manage.py retention`: what is due by the retention classes and what is held. Without an act nothing is changed.

    manage.py retention                              a table: class, month, how many are due, how many of them are held
    manage.py retention --json --class reads         the same for machines, of one class
    manage.py retention --check                      the file of the classes and the settings alone; no database
    manage.py retention end --class answers          end what needs no two persons, in short batches
    manage.py retention order reads --through 2024-10 --basis "..." --out order.json
    manage.py retention order casefiles --through 2020-12 --basis "..." --out orders/

`order` ends nothing: it writes orders, for two persons to sign and one to perform (`manage.py erase sign|perform`).

`docs/retention.md` says which class ends how.
"""

from __future__ import annotations

import json
import logging
from argparse import ArgumentTypeError
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from api import retaining
from api.http import retention
from api.retaining import Due
from audit import holds, months
from casefiles import register_time
from casefiles.catalogue.files import CatalogueError
from casefiles.operations import ending, retention_classes
from casefiles.operations.erasers import ErasureRefused, SignedOrder
from casefiles.operations.pacing import teller
from casefiles.operations.retention_classes import RetentionClass
from delivery import queue

logger = logging.getLogger("lintas.retention")
REASON: Final = "retention_elapsed"
ORDERED: Final = ("reads", "casefiles")
"""The classes that two persons end, on orders that `order` writes."""
ENDS: Final = ("answers", "deliveries")
"""The classes that `end` ends: they hold no evidence, and what is personal in them is a copy."""


class Command(BaseCommand):
    """As the owner of the tables; the report reads only."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Shows what is due by the retention classes and what is held, and ends what needs no two persons."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the report's options, and the acts."""
        parser.add_argument("--class", dest="one", choices=retention_classes.CODES, help="this class alone")
        parser.add_argument("--json", action="store_true", help="one JSON object")
        parser.add_argument(
            "--check", action="store_true", help="look at the file of the classes and the settings alone"
        )
        acts = parser.add_subparsers(dest="act", metavar="ACT")
        act = acts.add_parser("end", help="end what is due and not held of a class that needs no two persons")
        act.add_argument("--class", dest="ended", required=True, choices=ENDS)
        act = acts.add_parser("order", help="write orders, for two persons to sign, to end what is due and not held")
        act.add_argument("ordered", choices=ORDERED)
        act.add_argument("--through", type=_month, help="the last month, as 2024-10; else all that is due")
        act.add_argument("--basis", required=True, help="the legal basis, naming nobody: it stays in the log")
        act.add_argument(
            "--out", required=True, type=Path, help="a file (reads) or a folder (casefiles), not there yet"
        )
        act.add_argument("--most", type=int, default=100, help="casefiles at most (100), oldest first")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show, or do the act."""
        try:
            classes = retention_classes.load()
            for one in classes.values():
                one.cutoff(now=timezone.now())
            if options["check"]:
                self.stdout.write(f"{len(classes)} classes; the file and the settings are in order.")
            elif options["act"] == "end":
                self._end(classes[options["ended"]])
            elif options["act"] == "order":
                self._order(classes[options["ordered"]], options)
            else:
                self._show([one for one in classes.values() if options["one"] in (None, one.code)], options)
        except CatalogueError as why:
            raise CommandError(str(why)) from why
        except ErasureRefused as refused:
            raise CommandError(f"{refused} [{refused.reason}] No order was written.") from refused
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error

    def _show(self, classes: Sequence[RetentionClass], options: Mapping[str, Any]) -> None:
        rows = retaining.due(classes, now=register_time.now())
        if options["json"]:
            self.stdout.write(json.dumps(_plain(classes, rows), ensure_ascii=False, indent=1))
            return
        self.stdout.write(f"{'class':<12} {'month':<8} {'due':>10} {'held':>10}  why")
        for row in rows:
            why = row.why or ", ".join(f"hold {number}" for number in row.holds)
            self.stdout.write(
                f"{row.retention_class:<12} {row.month:<8} {row.due:>10,} {row.held:>10,}  {why}".rstrip()
            )
        if not rows:
            self.stdout.write("Nothing is due.")
        for one in classes:
            self.stdout.write(
                f"# {one.code}: {one.period}, since {one.since}; {one.persons} persons; {one.certainty}: {one.source}"
            )

    def _end(self, one: RetentionClass) -> None:
        now = timezone.now()
        cutoff = one.cutoff(now=now)
        if cutoff is None:
            self.stdout.write(f"{one.code}: kept for ever, nothing ended.")
            return
        if one.code == "answers":
            done = retention.end_answers(before=cutoff, progress=teller(logger, "%d answers ended so far"))
        else:
            done = queue.forget(now=now)
        self.stdout.write(f"{one.code}: {done} ended, what is held stays.")

    def _order(self, one: RetentionClass, options: Mapping[str, Any]) -> None:
        now = register_time.now()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        asked: dict[str, Any] = {
            "through": options["through"],
            "cutoff": one.cutoff(now=now),
            "basis": options["basis"],
            "reason": REASON,
            "origin": settings.LINTAS_LOG_ORIGIN,
            "now": now,
        }
        out: Path = options["out"]
        if one.code == "reads":
            order = ending.order(**asked)
            _write_new(out, order)
            self.stdout.write(f"{out}: ends {order.reads} reads, all before {order.until}.")
        else:
            orders, skipped = retaining.orders(**asked, most=options["most"])
            out.mkdir()
            for number, one_of_them in enumerate(orders, start=1):
                _write_new(out / f"{number:04}.json", one_of_them)
            self.stdout.write(f"{out}: {len(orders)} orders, each erases one casefile.")
            for number_of, why in skipped:
                self.stdout.write(f"no order for {number_of}: {why}")
        self.stdout.write("Two persons sign: manage.py erase sign. Then: manage.py erase perform.")


def _month(text: str) -> date:
    """The first day after the month that is written as `2024-10`."""
    try:
        return months.month_after(datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC), 1).date()
    except ValueError:
        raise ArgumentTypeError(f"{text} is no month; write it as 2024-10") from None


def _write_new(path: Path, order: SignedOrder) -> None:
    with path.open("x", encoding="utf-8") as file:
        file.write(json.dumps(order.plain(), indent=2, ensure_ascii=False) + "\n")


def _plain(classes: Sequence[RetentionClass], rows: Sequence[Due]) -> dict[str, Any]:
    return {
        "classes": [
            {
                "class": one.code,
                "period": one.period,
                "since": one.since,
                "ends_by": one.ends_by,
                "persons": one.persons,
                "certainty": one.certainty,
                "source": one.source,
                "months": [row.plain() for row in rows if row.retention_class == one.code],
            }
            for one in classes
        ],
        "holds": [hold.plain() for hold in holds.standing()],
    }
