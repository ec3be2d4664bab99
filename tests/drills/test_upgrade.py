"""An upgrade by day: the release before on the new schema, both at once, the new one, and back. No 5xx, none lost.

`LINTAS_UPGRADE_FROM` names the release before: a tag or a commit; otherwise it is what `deploy/try` upgrades from. It
runs in `./run drill` alone: `./run drill -s tests/drills/test_upgrade.py` prints what it measured.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from audit.tlog.notes import read_vkey
from demo.client import Client
from dev.trial.__main__ import previous
from tests.audit.verify.logs import at_its_word
from tests.drills.conftest import LONG, wait_for
from tests.drills.service import Installation, free_port, machine, verify
from tests.drills.soundness import assert_sound
from tests.drills.test_crashes import Stubborn, Writers
from tests.factories import PADANG
from tests.live_server import ROOT

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(not LONG, reason="two releases are served one after the other: ./run drill"),
]

LONGEST_LOCK_S = 1.0
"""For which a migration may hold a lock that requests wait for (docs/operating.md, Upgrade)."""
SERVED_FOR_S = 4.0
"""Seconds of load on each combination of code and schema."""
STRONG = ("AccessExclusiveLock", "ExclusiveLock", "ShareRowExclusiveLock", "ShareLock")
"""Modes of a table's lock for which writes wait."""


class Balancer(httpx.BaseTransport):
    """Sends each request to the next of the addresses that serve now, and notes how it was answered."""

    def __init__(self, ports: list[int]) -> None:
        self._ports, self._turn = ports, itertools.count()
        self._wires: dict[int, httpx.HTTPTransport] = defaultdict(httpx.HTTPTransport)
        self.seen: list[tuple[int, int, float]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        port = self._ports[next(self._turn) % len(self._ports)]
        request.url = request.url.copy_with(port=port)
        began = time.monotonic()
        answer = self._wires[port].handle_request(request)
        self.seen.append((port, answer.status_code, time.monotonic() - began))
        return answer

    def close(self) -> None:
        """End the connections to all of them."""
        for wire in self._wires.values():
            wire.close()


@dataclass
class Rolling(Writers):
    """Writers before a balancer whose list of servers may change under them."""

    ports: list[int] = field(default_factory=list)
    identity: Any = None
    wires: list[Balancer] = field(default_factory=list)

    @contextmanager
    def client(self) -> Iterator[Client]:
        wire = Balancer(self.ports)
        self.wires.append(wire)
        with httpx.Client(base_url=self.here.base_url, timeout=30, transport=wire) as session:
            made = Stubborn(self.identity, session)
            yield made
            self.outages += made.outages

    def since(self, moments: Mapping[Balancer, int]) -> list[tuple[int, int, float]]:
        """What was answered after a moment, by port, status and seconds."""
        return [one for wire in self.wires for one in wire.seen[moments.get(wire, 0) :]]

    def now(self) -> dict[Balancer, int]:
        return {wire: len(wire.seen) for wire in self.wires}


@dataclass
class Release(Installation):
    """A release of the code on the one database; behind a balancer both are reached at one address."""

    issuer: str = ""

    def environment(self, role: str, **more: str) -> dict[str, str]:
        return super().environment(role, **{"LINTAS_BASE_URL": self.issuer or self.base_url, **more})


class Locks:
    """How long the owner's sessions hold locks that writes wait for, looked at every few milliseconds."""

    def __init__(self, url: str) -> None:
        self._session = psycopg.connect(url, autocommit=True)
        self._over = threading.Event()
        self._held: dict[tuple[int, str, str, Any], tuple[float, float]] = {}
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Locks:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._session.close()

    def _look(self) -> None:
        asked = (
            "SELECT l.pid, c.relname, l.mode, a.xact_start FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " JOIN pg_class c ON c.oid = l.relation WHERE a.application_name = 'lintas-owner' AND l.granted"
            " AND c.relkind IN ('r', 'p') AND l.mode = ANY(%s)"
        )
        while not self._over.is_set():
            rows = self._session.execute(asked, [list(STRONG)]).fetchall()
            moment = time.monotonic()
            for pid, table, mode, transaction in rows:
                first, _ = self._held.get((pid, table, mode, transaction), (moment, moment))
                self._held[pid, table, mode, transaction] = (first, moment)
            self._over.wait(0.004)

    def longest(self, tables: set[str]) -> tuple[float, str]:
        """Seconds, and which table in which mode, of the tables that were there before."""
        held = [
            (last - first, f"{table}, {mode}")
            for (_, table, mode, _), (first, last) in self._held.items()
            if table in tables
        ]
        return max(held, default=(0.0, "none"))


def pending(here: Installation) -> list[tuple[str, str]]:
    """The migrations that the database lacks, in their order, as app and name."""
    plan = here.manage("showmigrations", "--plan").splitlines()
    names = [line.split()[-1] if line.startswith("[ ]") else "" for line in plan]
    return [(app, name) for app, _, name in (whole.partition(".") for whole in names if whole)]


def told(phase: str, seen: list[tuple[int, int, float]]) -> None:
    """Print a phase's answers, and hold them to what an upgrade promises."""
    statuses = Counter(f"{status // 100}xx" for _, status, _ in seen)
    longest = max((took for _, _, took in seen), default=0.0)
    print(f"  {phase:<44} {len(seen):>6} answers {dict(statuses)}, longest {longest:.2f} s")
    assert len(seen) > 0
    assert statuses["5xx"] == 0, Counter(status for _, status, _ in seen)


def before(folder: Path) -> tuple[str, Path]:
    """The release before, and where its code lies."""
    release = os.environ.get("LINTAS_UPGRADE_FROM") or previous()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", f"{release}^{{commit}}"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()
    code = folder / "before"
    code.mkdir()
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", code], input=packed.stdout, check=True)
    return commit, code


def test_an_upgrade_by_day_and_the_way_back_lose_nothing(tmp_path: Path) -> None:
    commit, code = before(tmp_path)
    with machine(tmp_path / "machine") as server:
        old = Release(
            roles=server.roles, folder=tmp_path / "old", clients={}, origin="upgraded.example/log/1", code=code
        )
        with old:
            for command in (
                "migrate --no-input",
                "grant_roles",
                "open_log --draw-keys",
                "load_catalogue --quiet-receipts",
            ):
                said = old.manage(*command.split())
                if command.startswith("open_log"):
                    key = read_vkey(next(line.split()[-1] for line in said.splitlines() if line.startswith("Log key")))
            old.manage("seed_sandbox", "--base-url", old.base_url, "--out", old.folder / "sandbox.json")
            new = replace(old, folder=tmp_path / "new", port=free_port(), code=ROOT, running={}, issuer=old.base_url)
            old.start_sequencer()
            old.start_web()
            old.tick()
            old.wait_until_ready()
            with old.parties() as known:
                identity = known[PADANG].identity
            with Rolling(old, number=4, ports=[old.port], identity=identity) as writers, new:
                told_by = _walk(old, new, writers, server.admin_url)
            acknowledged = writers.acknowledged
            print(f"  from {commit}: {len(acknowledged)} writes acknowledged, {writers.outages} sent again; {told_by}")
            assert len({intention.key for intention, _ in acknowledged}) == len(acknowledged)
            with old.owner() as owner:
                old.wait_until_signed()
                assert_sound(owner, keys=[key], drained=True)
                stored = {str(row[0]) for row in owner.execute("SELECT id FROM casefiles_casefile").fetchall()}
                assert {one["id"] for _, answer in acknowledged for one in answer.data.get("casefiles", ())} <= stored
                versions = dict(owner.execute("SELECT id::text, version FROM casefiles_casefile").fetchall())
            for _, answer in acknowledged:
                if "version" in answer.data and "number" in answer.data:
                    assert versions[answer.data["id"]] >= answer.data["version"]
            verdict = verify("db", server.roles.reader, *at_its_word(key))
            assert verdict.exit == 0, verdict.said


def _walk(old: Release, new: Release, writers: Rolling, admin_url: str) -> str:
    """The upgrade and the way back, under load; each phase is told and held to what it promises."""

    def phase(name: str, *ports: int) -> None:
        """Serve at these addresses for a while."""
        if ports:
            # Never empty: who asks meanwhile finds one.
            writers.ports[:] = ports
            # What was on its way to the others has arrived.
            time.sleep(1.0)
        moments = writers.now()
        time.sleep(SERVED_FOR_S)
        told(name, writers.since(moments))

    wait_for(lambda: len(writers.acknowledged) > 8, "first writes")
    phase("old code, old schema")
    with old.owner() as owner:
        tables = {str(row[0]) for row in owner.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')")}
    waiting = pending(new)
    worst = 0.0
    for app, name in waiting:
        moments = writers.now()
        with Locks(admin_url.rpartition("/")[0] + "/" + old.roles.owner.rpartition("/")[2]) as locks:
            new.manage("migrate", "--no-input", app, name)
        held, which = locks.longest(tables)
        worst = max(worst, held)
        told(f"while {app}.{name} runs", writers.since(moments))
        print(f"    held {held * 1000:.0f} ms: {which}")
        assert held < LONGEST_LOCK_S
    for command in ("migrate --no-input", "grant_roles", "load_catalogue --quiet-receipts"):
        new.manage(*command.split())
    phase("old code, new schema")
    new.start_web()
    phase("both at once, new schema", old.port, new.port)
    phase("new code, new schema", new.port)
    old.stop("web")
    old.stop("sequencer")
    new.start_sequencer()
    phase("new code and sequencer")
    new.stop("sequencer")
    old.start_sequencer()
    old.start_web()
    phase("both at once, on the way back", old.port, new.port)
    phase("back: old code, new schema", old.port)
    new.stop("web")
    return f"{len(waiting)} migrations, longest lock {worst * 1000:.0f} ms"
