"""A real web server on loopback for the tests that speak HTTP."""

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

from config.roles import Roles
from tests import commanding

ROOT = Path(__file__).resolve().parent.parent
STARTS_WITHIN_S = 120


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, on which database, and what it has logged."""

    base_url: str
    port: int
    pid: int
    roles: Roles
    log: Path

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of anything that works on this server's database."""
        return _environment(self.roles, self.base_url) | more

    def manage(self, *command: str, **more: str) -> str:
        """Run a management command on this server's database (as the web role unless told); returns its output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=self.environment(**more), check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"manage.py {' '.join(command)} failed:\n{done.stderr}"
        return done.stdout

    def does(self, *command: str, role: str = "web") -> str:
        """Run a management command on this server's database within this process; returns its output.

        A process of its own, as `manage` has one, takes two seconds to start.
        """
        return commanding.within(self.roles, role, command, base_url=self.base_url)


def _environment(roles: Roles, base_url: str) -> dict[str, str]:
    own = {**roles.environment(), "LINTAS_BASE_URL": base_url}
    local = {"LINTAS_WEBHOOKS_TO_LOOPBACK": "1", "LINTAS_WEBHOOK_SCHEDULE": "0,0.3,0.5,1,2,5,5,5,5,5"}
    return {**os.environ, **own, **local, "LINTAS_DB_ROLE": "web", "LINTAS_SANDBOX": "1"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        asked.request("GET", "/livez")
        return asked.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


@contextmanager
def serving(roles: Roles, *, log: Path, workers: int = 1, threads: int = 4, **more: str) -> Iterator[Server]:
    """Start the server that production uses on a free port, wait until it answers, stop it at the end.

    `more` goes into its environment.
    """
    port = _free_port()
    base_url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "config.asgi:application", "--port", str(port)]
    command += ["--workers", str(workers), "--no-ws", "--http", "1", "--backpressure", "4096"]
    command += ["--log-level", "warning", "--workers-kill-timeout", "5"]
    with log.open("wb") as out:
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(roles, base_url) | {"LINTAS_THREADS": str(threads)} | more,
            stdout=out,
            stderr=out,
        )
    try:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not _answers(port):
            if child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not come up:\n{log.read_text()[-4000:]}")
            time.sleep(0.03)
        yield Server(base_url=base_url, port=port, pid=child.pid, roles=roles, log=log)
    finally:
        child.terminate()
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def sequencing(server: Server) -> Iterator[None]:
    """Open the log of the server's database and run its sequencer beside it."""
    server.does("open_log", role="owner")
    with _beside(server, "sequence", role="sequencer"):
        yield


@contextmanager
def couriering(server: Server) -> Iterator[None]:
    """Run the courier of the server's database beside it."""
    with _beside(server, "deliver", role="courier"):
        yield


@contextmanager
def _beside(server: Server, command: str, *, role: str) -> Iterator[None]:
    with server.log.with_name(f"{role}.log").open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, "manage.py", command], cwd=ROOT,
            env=server.environment(LINTAS_DB_ROLE=role), stdout=out, stderr=out,
        )  # fmt: skip
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
