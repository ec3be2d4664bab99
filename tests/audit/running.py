"""The log's commands within the test's own process, and entries to sequence, for the tests beside this file."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from django.core.management import call_command
from pytest_django import Settings

from audit.tlog.notes import Signer
from tests.callers import as_owner
from tests.drills.bare_entries import append
from tests.sequencing import as_sequencer

SignIn = Callable[[str], psycopg.Connection]


def written(sign_in: SignIn, count: int, *, stream: UUID | None = None, audience: tuple[int, ...] = ()) -> None:
    """That many entries, all of one stream."""
    web, one = sign_in("web"), stream or uuid4()
    for _ in range(count):
        append(web, stream=one, audience=audience)


def by_the_owner(command: str, **options: object) -> str:
    """A command as the owner; returns its output."""
    said = StringIO()
    with as_owner():
        call_command(command, stdout=said, **options)
    return said.getvalue()


def pem(key: Signer | PrivateKeyTypes, path: Path, *, passphrase: bytes | None = None) -> Path:
    """The private key in a PEM file."""
    private = key.private if isinstance(key, Signer) else key
    locked = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    path.write_bytes(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))
    return path


@contextmanager
def told_to_end(after: Callable[[], object], *, within_s: float = 60) -> Iterator[None]:
    """Send this process SIGTERM as soon as it is so, or the time is over; outside of a command it does nothing."""
    kept = {name: signal.signal(name, lambda *_: None) for name in (signal.SIGTERM, signal.SIGINT)}
    left, faults = threading.Event(), list[str]()

    def watch() -> None:
        until = time.monotonic() + within_s
        try:
            while not left.is_set() and not after():
                assert time.monotonic() < until, f"in {within_s} s it did not come about"
                time.sleep(0.02)
        except Exception as why:
            faults.append(repr(why))
        # Again and again: the first one may come before the command listens.
        while not left.is_set():
            os.kill(os.getpid(), signal.SIGTERM)
            left.wait(0.2)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        left.set()
        watcher.join()
        for name, handler in kept.items():
            signal.signal(name, handler)
    assert faults == []


def sequence(until: Callable[[], object] = lambda: False) -> None:
    """`manage.py sequence` as the sequencer's role with the settings of now, until it is so. Raises CommandError."""
    with as_sequencer(), told_to_end(until):
        call_command("sequence")


def use(settings: Settings, signer: Signer, folder: Path) -> None:
    """Set the settings as an operator would who has this key."""
    settings.LINTAS_LOG_ORIGIN = signer.name
    settings.LINTAS_LOG_KEY_FILE = pem(signer, folder / f"{uuid4().hex}.pem")


@contextmanager
def unlocked(owner: psycopg.Connection, table: str) -> Iterator[psycopg.Connection]:
    """The owner's own way around the triggers: what the log is there to find."""
    owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        yield owner
    finally:
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER rows_stay")
        owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER table_stays")
