"""The ground of the drills: a log opened on the test's own database, and its sequencers as real processes.

Short by default, as CI runs them; `./run drill` sets LINTAS_DRILL=long.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from audit import sequencer
from audit.tlog.notes import VerifierKey
from config.roles import Roles
from tests.callers import as_owner
from tests.conftest import Copies
from tests.live_server import ROOT

LONG = os.environ.get("LINTAS_DRILL") == "long"
HELD = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND (classid::bigint << 32) + objid::bigint = %s"
)


def wait_for(condition: Callable[[], object], what: str, *, seconds: float = 60) -> float:
    """Wait until it is so; returns how long it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + seconds, f"in {seconds} s there was no {what}"
        time.sleep(0.01)
    return time.monotonic() - began


@dataclass
class Ground:
    """One database with an open log: its roles, the owner's connection, the log's key file and key."""

    roles: Roles
    owner: psycopg.Connection
    key_file: Path
    key: VerifierKey
    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def web(self) -> psycopg.Connection:
        """A new session of the web's."""
        return psycopg.connect(self.roles.web, autocommit=True)

    def environment(self, **more: str) -> dict[str, str]:
        """What a sequencer on this database needs to be told."""
        own = {"LINTAS_DB_ROLE": "sequencer", "LINTAS_LOG_KEY_FILE": str(self.key_file)}
        return {**os.environ, **self.roles.environment(), **own, **more}

    def sequence(self, **more: str) -> Sequencer:
        """Start one more `manage.py sequence`."""
        log = self.folder / f"sequencer-{uuid4().hex[:6]}.log"
        with log.open("wb") as out:
            child = subprocess.Popen(
                [sys.executable, "manage.py", "sequence"],
                cwd=ROOT,
                env=self.environment(**more),
                stdout=out,
                stderr=out,
            )
        self.started.append(child)
        return Sequencer(child, log)

    def active(self) -> int | None:
        """The process id of the session that holds the sequencer's lock."""
        row = self.owner.execute(HELD, [sequencer.LOCK]).fetchone()
        return int(row[0]) if row else None

    def count(self, table: str) -> int:
        """How many rows there are."""
        row = self.owner.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        assert row is not None
        return int(row[0])

    def drained(self) -> bool:
        """Nothing waits, and all is signed."""
        row = self.owner.execute(
            "SELECT NOT EXISTS (SELECT FROM audit_pending) AND (SELECT max(size) FROM audit_checkpoint) = "
            "(SELECT max(index) + 1 FROM audit_leaf)"
        ).fetchone()
        return bool(row and row[0])


@dataclass
class Sequencer:
    """A running `manage.py sequence`."""

    child: subprocess.Popen[bytes]
    log: Path

    @property
    def is_active(self) -> bool:
        """It became active, and lives."""
        return self.child.poll() is None and "active as" in self.log.read_text()

    @property
    def stands_by(self) -> bool:
        """It found another one active."""
        return "standing by" in self.log.read_text()

    def kill(self) -> None:
        """End it with no chance to say a word."""
        self.child.kill()
        self.child.wait(10)

    def stop(self) -> None:
        """Tell it to end; it must end well. One that still starts would die of the signal, so that is waited for."""
        wait_for(lambda: self.child.poll() is not None or self.is_active or self.stands_by, "sequencer that is up")
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(15) == 0, self.log.read_text()


@pytest.fixture
def ground(
    transactional_db: None,
    copies: Copies,
    owner_connection: psycopg.Connection,
    settings: Settings,
    tmp_path: Path,
) -> Iterator[Ground]:
    """A log opened on this test's own database, with keys of its own; with `world` requested too, on a copy of the
    sandbox's world. Whatever sequencer is left at the end is killed.
    """
    settings.LINTAS_LOG_KEY_FILE = tmp_path / "log_key.pem"
    settings.LINTAS_RECEIPT_KEY_FILE = tmp_path / "receipt_key.pem"
    with as_owner():
        call_command("open_log", draw_keys=True, stdout=StringIO())
    signer = sequencer.read_log_key(settings.LINTAS_LOG_KEY_FILE, origin=settings.LINTAS_LOG_ORIGIN)
    made = Ground(
        roles=copies.roles.on(connection.settings_dict["NAME"]),
        owner=owner_connection,
        key_file=settings.LINTAS_LOG_KEY_FILE,
        key=signer.vkey,
        folder=tmp_path,
    )
    try:
        yield made
    finally:
        for child in made.started:
            if child.poll() is None:
                child.kill()
            child.wait(10)
