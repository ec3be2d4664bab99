"""`manage.py tick`: one round of the clock, or one every so many seconds until it is told to end."""

from __future__ import annotations

import logging
import signal
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection

from agencies.calendar import NoCalendarYet
from agencies.system import NoOperator
from casefiles import register_time
from casefiles.operations import clock, moods

logger = logging.getLogger("lintas.clock")


class Command(BaseCommand):
    """Started by lintas-tick.timer; as often and on as many machines as one likes."""

    database_role = "web"
    help = (
        "Reaches the levels of the escalation ladder that are due, gives lapsed returns back to the examiner, "
        "and seals the reads of finished days."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How often, how many at once, and whether a time that jumped is right."""
        parser.add_argument("--loop", type=float, metavar="SECONDS", help="go on, a round every so many seconds")
        parser.add_argument("--batch", type=int, default=clock.MOST, help="casefiles per transaction, at most")
        parser.add_argument("--force", action="store_true", help="the database's time is right although it jumped")

    def handle(self, *args: Any, loop: float | None, batch: int, force: bool, **options: Any) -> None:
        """One round and its sentence; in a loop, what ails one round is logged, and the next one tries again."""
        if batch < 1 or (loop is not None and loop <= 0):
            raise CommandError("--batch and --loop take positive numbers.")
        if loop is None:
            try:
                self.stdout.write(summary(clock.tick(now=clock.moment(force=force), batch=batch)))
                moods.act(now=register_time.now())
            except (clock.Adrift, NoOperator, NoCalendarYet) as why:
                raise CommandError(str(why)) from why
            return
        stopping: list[int] = []
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda number, _: stopping.append(number))
        while not stopping:
            self._round(batch, force=force)
            force = False
            _wait(loop, over=lambda: bool(stopping))

    @staticmethod
    def _round(batch: int, *, force: bool) -> None:
        try:
            logger.info("%s", summary(clock.tick(now=clock.moment(force=force), batch=batch)))
            moods.act(now=register_time.now())
        except (clock.Adrift, NoOperator, NoCalendarYet) as why:
            logger.critical("%s", why)
        except (DatabaseError, InterfaceError) as why:
            logger.warning("the database is away: %s", (str(why).strip().splitlines() or [type(why).__name__])[0])
            connection.close()


def summary(done: clock.Ticked) -> str:
    """What a round did, in a sentence."""
    if done.busy:
        return "Another clock is at work; nothing to do here."
    if done.paused:
        return f"Writes are paused, the log is {done.paused}; nothing was done."
    return (
        f"{done.at.isoformat(timespec='seconds')}: {done.escalated} escalated, {done.given_back} given back, "
        f"{done.refused} refused, {done.sealed} days of reads sealed."
    )


def _wait(seconds: float, *, over: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not over() and time.monotonic() < until:
        time.sleep(min(0.2, seconds))
