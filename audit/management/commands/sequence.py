"""`manage.py sequence`: the sequencer, until it is told to end."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, ProgrammingError, connection

from audit import quorum, sequencer
from audit.cosigning import Cosigning
from audit.nodes import LogBroken
from audit.tlog.notes import Signer
from audit.tlog.policy import Policy

logger = logging.getLogger("lintas.sequencer")

STAND_BY = 1.0
"""Seconds between two tries to become the active one."""


class Command(BaseCommand):
    """Run with LINTAS_DB_ROLE=sequencer and LINTAS_LOG_KEY_FILE; as many as one likes, one of them is active."""

    database_role = "sequencer"
    help = "Gives every entry its place in the log, signs checkpoints and asks the witnesses, until it is told to end."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Stand by, become active, go on after a lost database; end on SIGTERM or Ctrl-C."""
        if settings.LINTAS_LOG_KEY_FILE is None:
            raise CommandError("LINTAS_LOG_KEY_FILE is not set. Draw the keys: manage.py open_log --draw-keys")
        stopping: list[int] = []
        for name in (signal.SIGTERM, signal.SIGINT):
            # A list, not an event: a handler must not wait for a lock that it may have interrupted.
            signal.signal(name, lambda number, _: stopping.append(number))
        active = False
        try:
            signer = sequencer.read_log_key(settings.LINTAS_LOG_KEY_FILE, origin=settings.LINTAS_LOG_ORIGIN)
            rule = quorum.read(settings.LINTAS_WITNESS_POLICY_FILE)
            last_holder: str | None = None
            while not stopping:
                try:
                    active = sequencer.try_to_be_active()
                    if active:
                        self._be_active(signer, rule, over=lambda: bool(stopping))
                    else:
                        last_holder = self._stand_by(last_holder)
                except (IntegrityError, DataError, ProgrammingError) as why:
                    # Not away: a right is missing, or the tables hold something that cannot be sequenced.
                    raise sequencer.CannotSequence(
                        f"The database refuses what waits for its place: {_first_line(why)}"
                    ) from why
                except (DatabaseError, InterfaceError) as why:
                    # The lock went with the connection; whoever gets it next goes on from what the tables say.
                    logger.warning("the database is away: %s", _first_line(why))
                    connection.close()
                time.sleep(STAND_BY)
        except (LogBroken, quorum.BadPolicyFile) as why:
            # One that is misconfigured and not active must not stop what the active one does well.
            if active:
                self._say_refused(str(why))
            raise CommandError(str(why)) from why

    def _be_active(self, signer: Signer, rule: Policy, *, over: Callable[[], bool]) -> None:
        sequencer.must_match(signer)
        logger.info("active as %s", signer.name)
        before = sequencer.refused()
        if before and not before.startswith(sequencer.BY_A_WITNESS):
            # What we refused ourselves is tried again before anything is lifted.
            sequencer.grow()
            sequencer.checkpoint(signer)
            before = ""
        elif before:
            # Whoever starts it reads its log.
            logger.critical("%s", before)
        cosigning = Cosigning(rule, refused=before)
        # Before anything grows: does a witness know of more than is here?
        cosigning.ask_all()
        cosigning.start()
        try:
            sequencer.run(signer=signer, over=over, held=lambda: bool(cosigning.refused), signed=cosigning.wake)
        finally:
            cosigning.stop()

    @staticmethod
    def _stand_by(last_holder: str | None) -> str | None:
        """Say once who is active; loudly where it is nobody's business to be."""
        role = sequencer.holder()
        if role is not None and role != last_holder:
            if role == connection.settings_dict["USER"]:
                logger.info("another sequencer is active; standing by")
            else:
                logger.critical("the sequencer's lock is held by the database role %s: end that session", role)
        return role or last_holder

    @staticmethod
    def _say_refused(reason: str) -> None:
        try:
            sequencer.refuse_ourselves(reason)
        except (DatabaseError, InterfaceError):
            logger.warning("the database could not be told")


def _first_line(why: Exception) -> str:
    """The first line of what the database said: names of tables and constraints, no content."""
    return (str(why).strip().splitlines() or [type(why).__name__])[0]
