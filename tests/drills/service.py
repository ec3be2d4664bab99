"""The real things, started as an operator starts them: PostgreSQL of its own, web server, sequencer, witness, verifier.

    with Installation(roles=..., folder=..., clients=world.clients) as here:
        here.open_log()
        here.start_sequencer()
        here.start_web()
        here.tick()
        here.wait_until_ready()

Processes are kept running as systemd would keep them, so that a drill may kill what it likes.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psycopg
from django.conf import settings
from psycopg import sql

from audit.tlog.notes import VerifierKey, read_vkey
from config.postgres import Cluster
from config.roles import Roles
from demo.client import Client, clients
from tests.audit.verify.logs import Verdict, at_its_word
from tests.drills.conftest import wait_for
from tests.live_server import ROOT

logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request would bury the failure

STARTS_WITHIN_S = 300


# -- a machine with nothing but PostgreSQL -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Machine:
    """A PostgreSQL server that no other test uses: it may be crashed, stopped, and run out of disk."""

    cluster: Cluster

    @property
    def roles(self) -> Roles:
        """The roles on the server's main database."""
        return self.cluster.roles()

    @property
    def admin_url(self) -> str:
        """Where its administrator signs in."""
        return self.cluster.url("superuser", "postgres")

    def crash(self) -> None:
        """The server dies at once; what it had not written is only in its log."""
        self.cluster._pg("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", self.cluster.data)

    def start(self) -> None:
        """Start it, through recovery where it crashed."""
        self.cluster.start()


@contextmanager
def machine(folder: Path, *, disk_mb: int | None = None) -> Iterator[Machine]:
    """A fresh server, on a disk of its own of that many megabytes where one is given; nothing is left of it after.

    Raises PermissionError where such a disk may not be had.
    """
    (folder / ".run").mkdir(parents=True)
    cluster = Cluster(checkout=folder, run_dir=folder / ".run")
    cluster.home.mkdir(mode=0o700)
    try:
        if disk_mb is not None:
            _mount(cluster.home, disk_mb)
        if cluster.os_user:
            os.chown(cluster.home, cluster.os_user.pw_uid, cluster.os_user.pw_gid)
            cluster.home.chmod(0o700)
        cluster.start()
        yield Machine(cluster)
    finally:
        if cluster.answers():
            cluster._pg("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", cluster.data)
        if disk_mb is not None and os.path.ismount(cluster.home):
            subprocess.run(["umount", str(cluster.home)], check=True)
        shutil.rmtree(cluster.home)
        if cluster.socket_dir != cluster.home:
            shutil.rmtree(cluster.socket_dir, ignore_errors=True)


def _mount(where: Path, size_mb: int) -> None:
    mount = shutil.which("mount") or "mount"
    try:
        subprocess.run(
            [mount, "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", where], check=True, capture_output=True
        )
    except (subprocess.CalledProcessError, FileNotFoundError) as why:
        raise PermissionError("no file system may be mounted here") from why


def dump(owner_url: str, into: Path) -> Path:
    """`pg_dump` of a live database, as docs/runbook.md says."""
    _postgres("pg_dump", "--format=custom", f"--file={into}", owner_url)
    return into


def restore(owner_url: str, backup: Path) -> None:
    """`pg_restore` into an empty database, as docs/runbook.md says."""
    _postgres("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={owner_url}", str(backup))


def _postgres(program: str, *arguments: str) -> None:
    from config.postgres import bindir

    done = subprocess.run([bindir() / program, *arguments], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# -- processes ---------------------------------------------------------------------------------------------------------


class Kept:
    """A process that is started again whenever it dies, as by systemd, until it is told to end."""

    def __init__(self, command: list[str], *, environment: Mapping[str, str], log: Path, code: Path = ROOT) -> None:
        self.log, self._code = log, code
        self._command, self._environment = command, environment
        self._over = threading.Event()
        self._child = self._begin()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    @property
    def pid(self) -> int:
        """Of the process that runs now."""
        return self._child.pid

    def _begin(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as out:
            return subprocess.Popen(self._command, cwd=self._code, env=self._environment, stdout=out, stderr=out)

    def _keep(self) -> None:
        while not self._over.is_set():
            self._child.wait()
            if not self._over.wait(0.5):
                self._child = self._begin()

    def tell(self, what: signal.Signals) -> None:
        """Send it a signal."""
        self._child.send_signal(what)

    def stop(self) -> None:
        """Tell it to end, and leave it ended."""
        self._over.set()
        # The keeper may be between two of them; it begins none any more.
        self._child.terminate()
        try:
            self._child.wait(15)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._keeper.join(5)
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()


def children_of(pid: int) -> list[int]:
    """The process ids of its children."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            text = stat.read_text()
            # `pid (name) state ppid ...`, and the name may hold anything.
            if int(text.rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return sorted(found)


def free_port() -> int:
    """A port on loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# -- an installation ---------------------------------------------------------------------------------------------------


@dataclass
class Installation:
    """One register: its database, its keys, its settings, its processes. Leaving the block ends them."""

    roles: Roles
    folder: Path
    clients: Mapping[str, Mapping[str, Any]]
    port: int = field(default_factory=free_port)
    # The one under which the world's entries were written.
    origin: str = settings.LINTAS_LOG_ORIGIN
    log_key_file: Path = Path()
    receipt_key_file: Path = Path()
    policy: Path | None = None
    code: Path = ROOT  # of the checkout that runs
    running: dict[str, Kept] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.log_key_file == Path():
            self.log_key_file = self.folder / "log_key.pem"
            self.receipt_key_file = self.folder / "receipt_key.pem"
        keys = self.folder / "sandbox.json"
        keys.touch(mode=0o600)
        keys.write_text(json.dumps({"base_url": self.base_url, "clients": list(self.clients.values())}))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is not None:
            for log in sorted(self.folder.glob("*.log")):
                print(f"== {log.name}\n{log.read_text(errors='replace')[-3000:]}")
        for name in tuple(self.running):
            self.stop(name)

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self, role: str, **more: str) -> dict[str, str]:
        """What a process of that role is told: its own password only, and the log's key for those who need it."""
        told = {
            "LINTAS_BASE_URL": self.base_url,
            "LINTAS_SANDBOX": "1",
            "LINTAS_LOG_ORIGIN": self.origin,
            "LINTAS_LOG_KEY_FILE": str(self.log_key_file) if role in {"owner", "sequencer"} else "",
            "LINTAS_RECEIPT_KEY_FILE": str(self.receipt_key_file),
            "LINTAS_WITNESS_POLICY_FILE": str(self.policy) if self.policy else "",
        }
        alone = self.roles.alone(role) if role != "owner" else {"LINTAS_DB_ROLE": "owner"}
        given = {name: value for name, value in told.items() if value}
        withheld = {name for name, value in told.items() if not value}
        inherited = {name: value for name, value in os.environ.items() if name not in withheld}
        return {**inherited, **self.roles.environment(), **alone, **given, **more}

    def manage(self, *command: object, role: str = "owner", **more: str) -> str:
        """Run a management command; returns what it said."""
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, command)], cwd=self.code, env=self.environment(role, **more),
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def open_log(self) -> VerifierKey:
        """Open the log, its keys drawn; returns the log's key as witnesses and verifiers want it."""
        return _key_in(self.manage("open_log", "--draw-keys"))

    def declare_fork(self, *, reason: str, lost: Path) -> VerifierKey:
        """Declare a fork to the origin that is set now, its key drawn; returns that key."""
        return _key_in(self.manage("declare_fork", "--draw-key", "--reason", reason, "--lost-checkpoint", lost))

    def seen_by(self, witness: Witness, *keys: VerifierKey) -> None:
        """From the next start on this witness has to cosign (the policy of docs/runbook.md)."""
        self.policy = self.folder / "witnesses.policy"
        logs = "".join(f"log {key}\n" for key in keys)
        self.policy.write_text(f"{logs}witness outside {witness.vkey} {witness.url}\nquorum outside\n")

    # -- its processes -------------------------------------------------------------------------------------------------

    def start_web(self) -> None:
        """The server with the flags of deploy/systemd/lintas-web.service, less patient at its end."""
        command = [sys.executable, "-m", "granian", "--interface", "asginl", "config.asgi:application"]
        command += ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "2"]
        command += ["--no-ws", "--http", "1", "--log-level", "warning", "--respawn-failed-workers"]
        self._keep("web", [*command, "--workers-kill-timeout", "2"], self.environment("web"))
        wait_for(lambda: self.ask("/livez")[0] == 200, "web server", seconds=STARTS_WITHIN_S)

    def start_sequencer(self) -> None:
        """`manage.py sequence`, as deploy/systemd/lintas-sequencer.service runs it."""
        self._keep("sequencer", [sys.executable, "manage.py", "sequence"], self.environment("sequencer"))

    def tick(self) -> None:
        """One round of the clock, as lintas-tick.timer begins it; without any, /readyz complains."""
        assert "escalated" in self.manage("tick", role="web")

    def _keep(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        self.running[name] = Kept(command, environment=environment, log=self.folder / f"{name}.log", code=self.code)

    def stop(self, name: str) -> None:
        """End `web` or `sequencer`."""
        self.running.pop(name).stop()

    def workers(self) -> list[int]:
        """The process ids of the web server's workers."""
        return children_of(self.running["web"].pid)

    # -- what it says --------------------------------------------------------------------------------------------------

    def ask(self, path: str) -> tuple[int, Any]:
        """GET a path; `(0, None)` while nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            is_json = "json" in (answer.headers["Content-Type"] or "")
            return answer.status, json.loads(body) if is_json else body.decode()
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            connection.close()

    def complaint(self) -> str:
        """What ails the log, as the alarms of /readyz say it; empty where nothing does."""
        status, said = self.ask("/readyz")
        assert status in {200, 503}
        return "; ".join(_but_alone(said["alarms"]))

    def wait_until_ready(self, *, seconds: float = STARTS_WITHIN_S) -> float:
        """Wait for 200 from /readyz without an alarm; returns how long it took."""
        return wait_for(self._is_well, "readiness", seconds=seconds)

    def _is_well(self) -> bool:
        status, said = self.ask("/readyz")
        return status == 200 and _but_alone(said["alarms"]) == []

    def wait_until_signed(self, *, cosigned: bool = False) -> None:
        """Wait until nothing waits, all is signed, and where asked the newest checkpoint is cosigned."""
        witnessed = "EXISTS (SELECT FROM audit_cosignature WHERE checkpoint_id = (SELECT max(number) FROM newest))"
        asked = sql.SQL(
            "WITH newest AS (SELECT max(number) AS number, max(size) AS size FROM audit_checkpoint) "
            "SELECT NOT EXISTS (SELECT FROM audit_pending) AND (SELECT size FROM newest) = "
            "(SELECT max(index) + 1 FROM audit_leaf) AND ({})"
        ).format(sql.SQL(witnessed if cosigned else "true"))
        with self.owner() as owner:
            wait_for(lambda: owner.execute(asked).fetchone() == (True,), "signed tree", seconds=60)

    @contextmanager
    def owner(self) -> Iterator[psycopg.Connection]:
        """The owner's session (autocommit) to the database."""
        with psycopg.connect(self.roles.owner, autocommit=True) as session:
            yield session

    def size(self) -> int:
        """How many leaves the tree has."""
        with self.owner() as owner:
            row = owner.execute("SELECT count(*) FROM audit_leaf").fetchone()
        assert row is not None
        return int(row[0])

    @contextmanager
    def parties(self) -> Iterator[Mapping[str, Client]]:
        """A client for every agency, by its code."""
        with httpx.Client(base_url=self.base_url, timeout=20) as session:
            yield clients(self.folder / "sandbox.json", session)

    def verify(self, *keys: VerifierKey, kept: Path | None = None) -> Verdict:
        """`lintas-verify db` as an auditor runs it: the reader's URL, the log's keys, a checkpoint he kept."""
        return verify("db", self.roles.reader, *at_its_word(*keys), *(("--checkpoint", kept) if kept else ()))


def _but_alone(alarms: list[str]) -> list[str]:
    """The alarms, but for the one that no witness is asked, as in most drills."""
    return [alarm for alarm in alarms if not alarm.startswith("no witness is asked")]


def verify(*arguments: object) -> Verdict:
    """Run `lintas-verify --json --all` in a process of its own."""
    command = [sys.executable, "-m", "audit.verify", *map(str, arguments), "--json", "--all"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode in {0, 1, 2}, done.stderr
    return Verdict(exit=done.returncode, said=json.loads(done.stdout))


def _key_in(said: str) -> VerifierKey:
    line = next(line for line in said.splitlines() if line.startswith("Log key"))
    return read_vkey(line.split()[-1])


# -- a witness ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Witness:
    """A witness in a process of its own, as another agency runs it."""

    folder: Path
    url: str
    vkey: str
    process: Kept

    def trust(self, key: VerifierKey) -> None:
        """`lintas-witness trust`, then SIGHUP."""
        self._command("trust", "--log", str(key))
        before = self.process.log.read_text().count("log keys trusted")
        self.process.tell(signal.SIGHUP)
        wait_for(lambda: self.process.log.read_text().count("log keys trusted") > before, "reloaded witness")

    def status(self) -> tuple[int, str]:
        """`lintas-witness status`: its exit code and what it prints."""
        done = _witness("status", "--dir", str(self.folder))
        return done.returncode, done.stdout

    def _command(self, name: str, *arguments: str) -> None:
        done = _witness(name, "--dir", str(self.folder), *arguments)
        assert done.returncode == 0, done.stderr


def _witness(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "audit.witness", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


@contextmanager
def witness(folder: Path, *, log: VerifierKey, name: str = "witness.example/w1") -> Iterator[Witness]:
    """A witness made by `init` and run by `serve`, that trusts this log."""
    made = _witness("init", "--name", name, "--dir", str(folder), "--log", str(log))
    assert made.returncode == 0, made.stderr
    vkey = next(line.split()[1] for line in made.stdout.splitlines() if line.startswith("vkey "))
    with witnessing(folder, vkey=vkey) as running:
        yield running


@contextmanager
def witnessing(folder: Path, *, vkey: str) -> Iterator[Witness]:
    """A witness that `init` has made, run by `serve`."""
    port = free_port()
    serve = [sys.executable, "-m", "audit.witness", "serve", "--dir", str(folder), "--port", str(port)]
    process = Kept(serve, environment=dict(os.environ), log=folder.with_suffix(".log"))
    try:
        wait_for(lambda: f":{port}" in process.log.read_text(), "witness")
        yield Witness(folder=folder, url=f"http://127.0.0.1:{port}", vkey=vkey, process=process)
    finally:
        process.stop()
