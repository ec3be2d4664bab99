"""The log's own ground in a run: keys, the opened log, sequencer and witness, and the bench's databases."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.tlog import notes
from audit.tlog.notes import Signer
from benchmarks import grounds
from config import database
from config.roles import Roles, database_name

ORIGIN = "bench.localhost/log/1"


@contextmanager
def fresh(suffix: str, folder: Path) -> Iterator[Roles]:
    """A migrated database with an open log, whose keys are in the folder; dropped at the end."""
    here = grounds.roles()
    name = database.fresh_copy(here, root=grounds.ROOT, suffix=f"bench_{suffix}", environment=os.environ)
    on = here.on(name)
    try:
        manage(on, "open_log", "--draw-keys", role="owner", folder=folder)
        yield on
    finally:
        with database.connected(here.owner) as owner:
            database.drop(owner, name)


@contextmanager
def copy_of(on: Roles, suffix: str) -> Iterator[Roles]:
    """The same database again, under another name."""
    here = grounds.roles()
    name = f"{database_name(here.owner)}_bench_{suffix}"
    with database.connected(here.owner) as owner:
        database.drop(owner, name)
        database.create(owner, name, guests=here.guests, template=database_name(on.owner))
        try:
            yield here.on(name)
        finally:
            database.drop(owner, name)


def log_environment(folder: Path, **more: str) -> dict[str, str]:
    """Where the log of this run has its keys."""
    return {
        "LINTAS_LOG_ORIGIN": ORIGIN,
        "LINTAS_LOG_KEY_FILE": str(folder / "log_key.pem"),
        "LINTAS_RECEIPT_KEY_FILE": str(folder / "receipt_key.pem"),
        **more,
    }


def manage(on: Roles, *command: str, role: str, folder: Path) -> str:
    """Run a management command; its output."""
    environment = grounds.environment("lintas", on, LINTAS_DB_ROLE=role, **log_environment(folder))
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=grounds.ROOT, env=environment, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"manage.py {command[0]}: {done.stdout}")
    return done.stdout


class Beside:
    """A process beside the server: can be held still while the other side is measured."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        with log.open("ab") as out:
            self._child = subprocess.Popen(command, cwd=grounds.ROOT, env=environment, stdout=out, stderr=out)
        self.pid = self._child.pid

    def hold(self) -> None:
        """Stand still."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Go on."""
        os.kill(self.pid, signal.SIGCONT)

    def must_live(self) -> None:
        """Raise where it has ended."""
        if self._child.poll() is not None:
            raise RuntimeError(f"a process beside the server ended with {self._child.returncode}")

    def end(self) -> None:
        """End it."""
        self.go_on() if self._child.poll() is None else None
        self._child.terminate()
        try:
            self._child.wait(10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


@contextmanager
def sequencing(on: Roles, folder: Path, *, log: Path, policy: Path | None = None) -> Iterator[Beside]:
    """The sequencer of that database, as `./run serve` starts it."""
    more = log_environment(folder, **({"LINTAS_WITNESS_POLICY_FILE": str(policy)} if policy else {}))
    environment = grounds.environment("lintas", on, LINTAS_DB_ROLE="sequencer", **more)
    child = Beside([sys.executable, "manage.py", "sequence"], environment, log)
    try:
        yield child
    finally:
        child.end()


@contextmanager
def witnessing(folder: Path, *, vkey: str, log: Path) -> Iterator[tuple[Beside, Path]]:
    """A witness as another agency would run it, and the policy file that asks for it."""
    home, port = folder / "witness", _free_port()
    home.mkdir()
    made = subprocess.run(
        [sys.executable, "-m", "audit.witness", "init", "--name", "witness.localhost/w1", "--dir", str(home), "--log",
         vkey],
        cwd=grounds.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True,
    )  # fmt: skip
    key = next(word for word in made.stdout.split() if word.startswith("witness.localhost/w1+"))
    policy = folder / "witnesses.policy"
    policy.write_text(f"log {vkey}\nwitness nearby {key} http://127.0.0.1:{port}\nquorum nearby\n")
    serving = [sys.executable, "-m", "audit.witness", "serve", "--dir", str(home), "--host", "127.0.0.1", "--port"]
    child = Beside([*serving, str(port)], dict(os.environ), log)
    try:
        yield child, policy
    finally:
        child.end()


def vkey(folder: Path) -> str:
    """The verifier key of the log whose keys are in the folder."""
    private = serialization.load_pem_private_key((folder / "log_key.pem").read_bytes(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError("the log key is no Ed25519 key")
    return str(Signer(name=ORIGIN, type=notes.LOG, private=private).vkey)


def wait_until(on: Roles, condition: str, *, seconds: float, while_living: Beside) -> None:
    """Wait until a condition on the database is true. Raises after so many seconds, or when the process has ended."""
    deadline = time.monotonic() + seconds
    with psycopg.connect(on.owner, autocommit=True) as owner:
        while not (row := owner.execute(f"SELECT {condition}".encode()).fetchone()) or not row[0]:
            while_living.must_live()
            if time.monotonic() > deadline:
                raise RuntimeError(f"after {seconds:.0f} s this is not so: {condition}")
            time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
