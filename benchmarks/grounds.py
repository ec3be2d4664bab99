"""Where a run takes place: fresh databases and the two servers, all gone when the run ends."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from audit import keys
from config import database
from config.roles import Roles, database_name

ROOT = Path(__file__).resolve().parent.parent
STARTS_WITHIN_S = 60
# As `./run serve` starts it; both sides get the same.
THREADS = 4
SERVER = ("--workers", "2", "--no-ws", "--http", "1", "--log-level", "warning")


@dataclass(frozen=True)
class Served:
    """A server: its port and the process that its workers are children of."""

    port: int
    pid: int


def roles() -> Roles:
    """The roles of this checkout's server."""
    return Roles.of(os.environ)


@contextmanager
def databases(sizes: tuple[int, ...], *, with_naive: bool = True) -> Iterator[dict[tuple[str, int], Roles]]:
    """A database for each side and size: `lintas` migrated as in production, `naive` empty. Dropped at the end.

    Without the naive one where nothing is asked of it: it takes as long to fill.
    """
    here, made = roles(), {}
    name = database_name(here.owner)
    with database.connected(here.owner) as owner:
        try:
            for size in sizes:
                ours = database.fresh_copy(here, root=ROOT, suffix=f"bench_{size}", environment=os.environ)
                made["lintas", size] = here.on(ours)
                if not with_naive:
                    continue
                naive = f"{name}_bench_naive_{size}"
                database.drop(owner, naive)
                database.create(owner, naive, guests=here.guests)
                made["naive", size] = here.on(naive)
            yield made
        finally:
            for on in made.values():
                database.drop(owner, database_name(on.owner))


def draw_receipt_key(folder: Path) -> None:
    """Let the servers of this run sign receipts with a key of their own, not with one the checkout may have or lack."""
    file = folder / "receipt_key.pem"
    keys.draw_receipt_key(file)
    os.environ["LINTAS_RECEIPT_KEY_FILE"] = str(file)


def environment(side: str, on: Roles, **more: str) -> dict[str, str]:
    """The environment of whatever works on that side's database; a variable given as empty is taken away."""
    settings = {
        "lintas": "benchmarks.settings",
        "naive": "benchmarks.naive.settings",
        "console": "config.console",
    }[side]
    own = {**on.environment(), "DJANGO_SETTINGS_MODULE": settings}
    fixed = {"LINTAS_BASE_URL": "http://127.0.0.1:8000", "LINTAS_LOG_LEVEL": "WARNING"}
    return {name: value for name, value in {**os.environ, **own, **fixed, **more}.items() if value != ""}


def python(side: str, on: Roles, *command: str, **more: str) -> None:
    """Run a module of ours on that side's database."""
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=environment(side, on, **more), check=True)


@contextmanager
def serving(side: str, on: Roles, *, log: Path, **more: str) -> Iterator[Served]:
    """The side's server on a free port of the loopback; `more` goes into its environment."""
    interface, application, *threads = {
        "lintas": ("asginl", "config.asgi:application"),
        "console": ("asginl", "config.asgi:application"),
        "naive": ("wsgi", "benchmarks.naive.wsgi:application", "--blocking-threads", str(THREADS)),
    }[side]
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        interface,
        application,
        "--port",
        str(port),
        *threads,
        *SERVER,
    ]
    with log.open("ab") as out:
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment(side, on, LINTAS_THREADS=str(THREADS), **more), stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not _answers(port):
            if child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The {side} server did not come up:\n{log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.05)
        yield Served(port=port, pid=child.pid)
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        asked.request("GET", "/livez")
        return asked.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()
