"""Three nodes on one machine: each a network namespace with etcd, Patroni and PostgreSQL, on one bridge with us.

We run in a network and a process namespace of our own (`deploy/try-cluster`), so nothing of the machine is taken and
nothing outlives us. The settings are those of deploy/cluster, written by its configure.sh.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from dev.ground import ROOT

NODES: Final = ("node1", "node2", "node3")
HERE: Final = "10.77.0.254"
DATABASE: Final = "lintas"
REST: Final = 8008
SECRETS: Final = ("SUPERUSER", "REPLICATION", "REWIND", "WEB", "CONSOLE", "DESK")


def address(node: str) -> str:
    """Its address on the bridge."""
    return f"10.77.0.{NODES.index(node) + 1}"


def run(*command: object, env: Mapping[str, str] | None = None) -> str:
    """A command's output. Raises RuntimeError with what it said."""
    words = [str(word) for word in command]
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=env, timeout=120)
    if done.returncode:
        raise RuntimeError(f"{words[:6]} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def wait_for(condition: Callable[[], object], what: str, *, seconds: float = 180) -> float:
    """Wait until it is so; seconds that it took. Raises RuntimeError."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise RuntimeError(f"in {seconds:.0f} s there was no {what}")
        time.sleep(0.1)
    return time.monotonic() - began


@dataclass
class Cluster:
    """The nodes, and haproxy and pgbouncer on our side."""

    folder: Path
    patroni: Path
    synchronous: str = "quorum"
    passwords: dict[str, str] = field(default_factory=lambda: {name: secrets.token_hex(24) for name in SECRETS})
    ours: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    # -- making it -----------------------------------------------------------------------------------------------------

    def make(self) -> None:
        """Networks, settings, processes; until all three nodes are there and one is primary."""
        run("ip", "link", "set", "lo", "up")
        run("mount", "-t", "tmpfs", "tmpfs", "/run/netns") if Path("/run/netns").is_dir() else None
        run("ip", "link", "add", "br0", "type", "bridge")
        run("ip", "addr", "add", f"{HERE}/24", "dev", "br0")
        run("ip", "link", "set", "br0", "up")
        for node in NODES:
            run("ip", "netns", "add", node)
            run("ip", "link", "add", f"v-{node}", "type", "veth", "peer", "name", "eth0", "netns", node)
            run("ip", "link", "set", f"v-{node}", "master", "br0", "up")
            self._in(node, "ip", "addr", "add", f"{address(node)}/24", "dev", "eth0")
            self._in(node, "ip", "link", "set", "eth0", "up")
            self._in(node, "ip", "link", "set", "lo", "up")
        self.folder.mkdir(parents=True)
        for folder in (self.folder.parent, self.folder):
            folder.chmod(0o755)
        for machine in (*NODES, "application"):
            self._configure(machine)
        for node in NODES:
            self._etcd(node)
        for node in NODES:
            self._patroni(node)
        wait_for(self.is_whole, "whole cluster", seconds=240)

    def serve_clients(self) -> None:
        """haproxy and pgbouncer, as on an application machine. The roles are there, with the passwords of the file."""
        place = self.folder / "application"
        self._begin("haproxy", "haproxy", "-db", "-f", place / "haproxy.cfg", log=place / "haproxy.log")
        self._begin(
            "pgbouncer", *self._as_postgres(), "pgbouncer", place / "pgbouncer.ini", log=place / "pgbouncer.out"
        )
        # Until its first checks have failed, haproxy takes every node for the primary.
        time.sleep(3)
        wait_for(self.is_reached, "primary behind haproxy", seconds=60)

    def is_reached(self) -> bool:
        """Whether haproxy leads to a server that takes writes."""
        try:
            psycopg.connect(f"{self.url()}?target_session_attrs=read-write", connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def _configure(self, machine: str) -> None:
        place = self.folder / machine
        place.mkdir()
        answers = place / "cluster.env"
        lines = {f"NODE{number}": address(node) for number, node in enumerate(NODES, start=1)}
        lines |= {f"{name}_PASSWORD": password for name, password in self.passwords.items()}
        lines |= {"NETWORK": "10.77.0.0/24", "SYNCHRONOUS_MODE": self.synchronous, "SHARED_BUFFERS": "64MB"}
        lines |= {"POSTGRES_BIN": "/usr/lib/postgresql/15/bin", "DATA": str(place), "CONFIG": str(place)}
        answers.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        run(ROOT / "deploy/cluster/configure.sh", machine, answers)
        for path in (place, *place.iterdir()):
            shutil.chown(path, "postgres", "postgres")

    def stop_waiting(self) -> None:
        """Have commits wait for no other node, as an operator must never do: `patronictl edit-config`."""
        connection = http.client.HTTPConnection(address(self.primary()), REST, timeout=10)
        connection.request("PATCH", "/config", json.dumps({"synchronous_mode": False}))
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"Patroni answered {answer.status}")
        connection.close()
        self.synchronous = "off"
        wait_for(self.is_whole, "asynchronous cluster")

    # -- processes -----------------------------------------------------------------------------------------------------

    def _in(self, node: str, *command: object) -> str:
        return run("ip", "netns", "exec", node, *command)

    @staticmethod
    def _as_postgres() -> tuple[str, ...]:
        return ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups")

    def _begin(self, name: str, *command: object, log: Path) -> None:
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(self.folder)}
        with log.open("ab") as out:
            self.ours[name] = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment,
                cwd=self.folder, start_new_session=True,
            )  # fmt: skip

    def _etcd(self, node: str) -> None:
        place = self.folder / node
        command = ("ip", "netns", "exec", node, *self._as_postgres(), "etcd", "--config-file", place / "etcd.conf.yml")
        self._begin(f"etcd {node}", *command, log=place / "etcd.log")

    def _patroni(self, node: str) -> None:
        place = self.folder / node
        command = ("ip", "netns", "exec", node, *self._as_postgres(), self.patroni, place / "patroni.yml")
        self._begin(f"patroni {node}", *command, log=place / "patroni.log")

    def pids(self, node: str) -> list[int]:
        """Every process of that node."""
        return [int(pid) for pid in run("ip", "netns", "pids", node).split()]

    def stop(self) -> None:
        """End everything at once: what is in the nodes, and ours."""
        for node in NODES:
            with contextlib.suppress(RuntimeError):
                self._signal(node, signal.SIGKILL)
        for child in self.ours.values():
            child.kill()
            child.wait()

    # -- what it says --------------------------------------------------------------------------------------------------

    def asked(self, node: str, path: str) -> tuple[int, Any]:
        """What Patroni of that node answers; (0, None) while it does not."""
        connection = http.client.HTTPConnection(address(node), REST, timeout=2)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (OSError, http.client.HTTPException, ValueError):
            return 0, None
        finally:
            connection.close()

    def primary(self, *, but: str = "") -> str:
        """The node that says it is primary (and holds the lock); empty where none does."""
        return next((node for node in NODES if node != but and self.asked(node, "/primary")[0] == 200), "")

    def is_whole(self) -> bool:
        """One primary, and two standbys that follow it and are counted for the quorum where one is asked for."""
        found = self.primary()
        if not found:
            return False
        members = (self.asked(found, "/cluster")[1] or {}).get("members", [])
        following = {"quorum_standby"} if self.synchronous == "quorum" else {"replica"}
        standbys = [one for one in members if one["role"] in following and one["state"] == "streaming"]
        return len(standbys) == 2

    def url(self, *, role: str = "postgres", password: str = "", database: str = "postgres") -> str:
        """Where an administrator signs in, at the primary, through haproxy."""
        return f"postgresql://{role}:{password or self.passwords['SUPERUSER']}@127.0.0.1:5000/{database}"

    def said(self, node: str, statement: str, *, database: str = DATABASE) -> str:
        """What the PostgreSQL of that very node answers to its administrator, asked from the node itself."""
        url = f"postgresql://postgres@{address(node)}/{database}?connect_timeout=3"
        environment = {"PATH": os.environ["PATH"], "PGPASSWORD": self.passwords["SUPERUSER"]}
        return run("ip", "netns", "exec", node, "psql", "-qAtX", url, "-c", statement, env=environment).strip()

    # -- what is done to it --------------------------------------------------------------------------------------------

    def _signal(self, node: str, what: signal.Signals) -> None:
        for pid in self.pids(node):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, what)

    def kill_machine(self, node: str) -> None:
        """etcd, Patroni and every process of PostgreSQL, at once."""
        self._signal(node, signal.SIGKILL)

    def revive_machine(self, node: str) -> None:
        """The machine is switched on again."""
        self._etcd(node)
        self._patroni(node)

    def kill_postgres(self, node: str) -> None:
        """The postmaster alone; Patroni lives."""
        pid = int((self.folder / node / "postgres/postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def leave(self, node: str) -> None:
        """Nothing to mend: Patroni starts it again as a standby."""

    def unplug(self, node: str) -> None:
        """Nobody reaches the machine, and it reaches nobody."""
        run("ip", "link", "set", f"v-{node}", "down")

    def plug(self, node: str) -> None:
        """The cable is back."""
        run("ip", "link", "set", f"v-{node}", "up")

    def cut(self, node: str) -> None:
        """The other nodes are out of reach; clients still reach it."""
        for other in NODES:
            if other != node:
                self._in(node, "ip", "route", "add", "blackhole", f"{address(other)}/32")

    def join(self, node: str) -> None:
        """The other nodes are in reach again."""
        for other in NODES:
            if other != node:
                self._in(node, "ip", "route", "del", "blackhole", f"{address(other)}/32")

    def pause(self, node: str) -> None:
        """Every process of the machine stands still, as when a virtual machine is moved."""
        self._signal(node, signal.SIGSTOP)

    def go_on(self, node: str) -> None:
        """They go on, not knowing that they stood still."""
        self._signal(node, signal.SIGCONT)
