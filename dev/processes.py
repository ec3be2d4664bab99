"""The processes of a service: web server, sequencer, courier, worker, clock and witness, each until its block ends."""

from __future__ import annotations

import base64
import http.client
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from config.sandbox import Place
from dev.context import ENDS_WITH_US, Context
from dev.ground import PYTHON, ROOT, RUN_DIR
from dev.revived import Revived
from dev.screen import Stop, paint, say, step, tail

TICK_S = 60
EICAR = "WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo="
"""The file that every scanner knows, and that harms nobody; in base64, or a scanner would take this very file."""
# For a process that signs nothing.
NO_KEYS = {"LINTAS_LOG_KEY_FILE": "", "LINTAS_RECEIPT_KEY_FILE": "", "LINTAS_COURIER_KEY_FILE": ""}


def port_is_free(host: str, port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


@contextmanager
def web_server(context: Context, *, host: str, port: int, **more: str) -> Iterator[Revived]:
    """The API, or the console, on host:port until the block ends; yields the child once /livez answers."""
    is_console = more.get("DJANGO_SETTINGS_MODULE") == "config.console"
    command: list[object] = ["-m", "granian", "--interface", "asginl", "config.asgi:application"]
    command += ["--host", host, "--port", port]
    command += ["--workers", 1 if is_console else 2, "--no-ws", "--http", "1", "--log-level", "warning"]
    # Whoever sends half a request holds a socket and nothing else: let there be many.
    command += ["--backlog", 4096, "--backpressure", 4096, "--http1-header-read-timeout", 10_000]
    command += ["--respawn-failed-workers", "--workers-kill-timeout", 10]
    log = RUN_DIR / ("console.log" if is_console else "server.log")

    def start() -> subprocess.Popen[bytes]:
        with log.open("ab") as out:
            return context.started(*command, log=out, lasting=True, settings=more)

    first = start()
    child: subprocess.Popen[bytes] | Revived = first
    try:
        with step(f"Starting the {'console' if is_console else 'server'}"):
            deadline = time.monotonic() + 180
            while ask(host, port, "/livez")[0] != 200:
                if first.poll() is not None or time.monotonic() > deadline:
                    raise Stop(f"The server did not come up ({log}):\n{tail(log)}")
                time.sleep(0.05)
        child = revived = Revived(first, start)
        yield revived
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def ask(host: str, port: int, path: str) -> tuple[int, bytes]:
    """GET a path of a server nearby; `(0, b"")` while nobody answers."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


@contextmanager
def kept_running(context: Context, name: str, *command: object, **more: str) -> Iterator[Path]:
    """A process beside the server until the block ends, started again whenever it dies; its output is in .run."""
    over, log = threading.Event(), RUN_DIR / f"{name}.log"
    children: list[subprocess.Popen[bytes]] = []
    turn = threading.Lock()

    def keep() -> None:
        while True:
            with turn:  # none is started once the block has ended
                if over.is_set():
                    return
                with log.open("ab") as out:
                    children.append(context.started(*command, log=out, lasting=True, settings=more))
            children[-1].wait()
            over.wait(1)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield log
    finally:
        with turn:
            over.set()
        if children:
            children[-1].terminate()
        keeper.join(15)
        if children and children[-1].poll() is None:
            children[-1].kill()


def free_port(host: str) -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@contextmanager
def witness(context: Context, place: Place, *, log_key: str) -> Iterator[None]:
    """A witness of its own, as another agency would run it, on another port each time; the policy file asks for it."""
    port, home = free_port("127.0.0.1"), place.folder / "witness"
    if place.policy.exists():
        key: str | None = place.witness_key()
    else:
        made = subprocess.run(
            [str(PYTHON), "-m", "audit.witness", "init", "--name", "witness.localhost/w1", "--dir", str(home),
             "--log", log_key],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        key = next((word for word in made.stdout.split() if word.startswith("witness.localhost/w1+")), None)
        if made.returncode or key is None:
            raise Stop(f"The witness was not made:\n{made.stdout}")
    url = f"http://127.0.0.1:{port}"
    place.policy.write_text(f"log {log_key}\nwitness nearby {key} {url}\nquorum nearby\n")
    serving = ("-m", "audit.witness", "serve", "--dir", home, "--host", "127.0.0.1", "--port", port)
    with kept_running(context, "witness", *serving):
        yield


@contextmanager
def console(context: Context, *, after: int, **more: str) -> Iterator[str]:
    """The console until the block ends, in its own process and role; yields its address.

    On the first free port after that one, and on this machine alone: over plain HTTP nobody else may send a password.
    """
    host = "127.0.0.1"
    port = next(port for port in range(after + 1, after + 200) if port_is_free(host, port))
    base_url = f"http://{host}:{port}"
    own = {"DJANGO_SETTINGS_MODULE": "config.console", "LINTAS_CONSOLE_BASE_URL": base_url}
    # What people do at the desk is stored as another role, and answered with a receipt; no other key is its business.
    own |= {"LINTAS_LOG_KEY_FILE": "", "LINTAS_COURIER_KEY_FILE": ""}
    settings = {**more, **own, **context.roles.alone("console"), "DATABASE_DESK_URL": context.roles.desk}
    with web_server(context, host=host, port=port, **settings):
        yield base_url


@contextmanager
def service(context: Context, *, host: str, port: int, **more: str) -> Iterator[Revived]:
    """Web server, sequencer, courier and worker until the block ends; yields the server once /readyz is content."""
    # Each process gets its own role's password only, and no key that another one signs with.
    sequencing = {**more, **context.roles.alone("sequencer"), "LINTAS_COURIER_KEY_FILE": ""}
    delivering = {**more, **context.roles.alone("courier"), "LINTAS_LOG_KEY_FILE": "", "LINTAS_RECEIPT_KEY_FILE": ""}
    # The verifier that people start from the console reads as the reader.
    working = {**more, **context.roles.alone("worker"), **NO_KEYS, "DATABASE_READER_URL": context.roles.reader}
    serving = {**more, **context.roles.alone("web"), "LINTAS_LOG_KEY_FILE": "", "LINTAS_COURIER_KEY_FILE": ""}
    with (
        kept_running(context, "sequencer", "manage.py", "sequence", **sequencing),
        kept_running(context, "courier", "manage.py", "deliver", **delivering),
        kept_running(context, "worker", "manage.py", "work", **working),
        web_server(context, host=host, port=port, **serving) as child,
    ):
        with step("Waiting for the log"):
            deadline = time.monotonic() + 30
            status, said = ask(host, port, "/readyz")
            while status != 200 and time.monotonic() < deadline and child.poll() is None:
                time.sleep(0.1)
                status, said = ask(host, port, "/readyz")
        if status != 200:
            say(f"  {paint('red', 'Not ready:')} {said.decode(errors='replace')}  (see {RUN_DIR / 'sequencer.log'})")
        yield child


@contextmanager
def scanner(place: Place) -> Iterator[None]:
    """The scanner (clamd) of the sandbox's contents, on a database of our own that knows EICAR alone.

    Nothing where it is missing (Debian: apt-get install clamav-daemon): contents then stay in quarantine.
    """
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        yield
        return
    home = place.folder / "clamd"
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "lintas.ndb").write_text(f"Eicar-Test-Signature:0:*:{base64.b64decode(EICAR).hex()}\n")
    (home / "clamd.conf").write_text(
        f"LocalSocket {place.scanner}\nFixStaleSocket yes\nDatabaseDirectory {home}\nTemporaryDirectory {home}\n"
        "Foreground yes\nStreamMaxLength 60M\nMaxFileSize 60M\nMaxScanSize 200M\nAlertExceedsMax yes\nMaxThreads 2\n"
    )
    command = [str(PYTHON), "-I", "-S", "-c", ENDS_WITH_US, program, "-c", str(home / "clamd.conf")]
    with (RUN_DIR / "clamd.log").open("ab") as out:
        child = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        yield
    finally:
        child.terminate()
        child.wait(15)


def clock(context: Context, **more: str) -> AbstractContextManager[Path]:
    """The escalation clock, beside a service, until the block ends."""
    role = {**context.roles.alone("web"), "LINTAS_LOG_KEY_FILE": "", "LINTAS_COURIER_KEY_FILE": ""}
    return kept_running(context, "tick", "manage.py", "tick", "--loop", TICK_S, **more, **role)


def open_log(context: Context, **more: str) -> str:
    """Open the context's log, and put the courier's key on record; returns the log key as witnesses want it.

    Keys that are missing are drawn.
    """
    context.manage("Opening the log", "open_log", "--draw-keys", **more)
    context.manage("Recording the courier's key", "open_delivery", "--draw-key", "--quiet-receipts", **more)
    if more.get("LINTAS_CONTENTS"):
        context.manage("Opening the contents", "open_contents", "--draw-key", **more)
    said = (RUN_DIR / "open_log.log").read_text().splitlines()
    return next(line.split()[-1] for line in said if line.startswith("Log key"))
