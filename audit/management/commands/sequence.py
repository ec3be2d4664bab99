"""`manage.py sequence`: the sequencer, until it is told to end."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection

from audit import sequencer
from audit.cosigning import Cosigning, TreeRefused, read_policy
from audit.tlog.notes import Signer

logger = logging.getLogger("lintas.sequencer")

STAND_BY = 1.0
"""Seconds between two tries to become the active one."""


class Command(BaseCommand):
    """Run with LINTAS_DB_ROLE=sequencer and LINTAS_LOG_KEY_FILE; as many as one likes, one of them is active."""

    help = "Gives every entry its place in the log, signs checkpoints and asks the witnesses, until it is told to end."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Stand by, become active, go on after a lost database; end on SIGTERM or Ctrl-C."""
        if settings.LINTAS_LOG_KEY_FILE is None:
            raise CommandError("LINTAS_LOG_KEY_FILE is not set. Draw the keys: manage.py open_log --draw-keys")
        over = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: over.set())
        active = told = False
        try:
            signer = sequencer.read_log_key(settings.LINTAS_LOG_KEY_FILE, origin=settings.LINTAS_LOG_ORIGIN)
            rule = read_policy(settings.LINTAS_WITNESS_POLICY_FILE)
            while not over.is_set():
                try:
                    active = sequencer.try_to_be_active()
                    if active:
                        self._be_active(signer, Cosigning(rule), over)
                    elif not told:
                        logger.info("another sequencer is active; standing by")
                        told = True
                except (DatabaseError, InterfaceError) as why:
                    # The lock went with the connection; whoever gets it next goes on from what the tables say.
                    logger.warning("the database is away: %s", str(why).strip().splitlines()[0] if str(why) else why)
                    connection.close()
                over.wait(STAND_BY)
        except sequencer.CannotSequence as why:
            # One that is misconfigured and not active must not stop what the active one does well.
            if active:
                self._say_refused(str(why))
            raise CommandError(str(why)) from why

    def _be_active(self, signer: Signer, cosigning: Cosigning, over: threading.Event) -> None:
        sequencer.must_match(signer)
        logger.info("active as %s", signer.name)
        try:
            # Before anything grows: does a witness know of more than is here? What was refused before stays refused
            # until every witness has agreed.
            before = sequencer.refused()
            if cosigning.ask_all() or not before:
                sequencer.grow()
                sequencer.checkpoint(signer)
                sequencer.refuse("")
            else:
                cosigning.refused = before
        except TreeRefused as why:
            logger.critical("%s", why)
            cosigning.refused = str(why)
            sequencer.refuse(str(why))
        cosigning.start()
        try:
            sequencer.run(signer=signer, over=over.is_set, held=lambda: bool(cosigning.refused), signed=cosigning.wake)
        finally:
            cosigning.stop()

    @staticmethod
    def _say_refused(reason: str) -> None:
        try:
            sequencer.refuse(reason)
        except (DatabaseError, InterfaceError):
            logger.warning("the database could not be told")
