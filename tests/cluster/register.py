"""The register on the cluster: web through pgbouncer, the others at the primary, watched by three witnesses."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from audit.tlog.notes import VerifierKey
from config import roles as database_roles
from config.database import fingerprint
from config.roles import VARIABLES, Roles
from dev.ground import ROOT, RUN_DIR
from tests.cluster.ground import DATABASE, Cluster, run
from tests.drills.service import Installation, Witness, witness

POOLED = "127.0.0.1:6432"


@dataclass
class Pooled(Installation):
    """An installation whose web comes through the pooler."""

    witnesses: list[Witness] = field(default_factory=list)

    def _keep(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        told = dict(environment)
        if name == "web":
            told[VARIABLES["web"]] = self.roles.web.replace("127.0.0.1:5000", POOLED)
            told["LINTAS_PREPARED_STATEMENTS"] = "false"
            # Each worker takes seconds of the processor to start, which the nodes need.
            command = [*command[: (place := command.index("--workers") + 1)], "1", *command[place + 1 :]]
        super()._keep(name, command, told)

    def environment(self, role: str, **more: str) -> dict[str, str]:
        """As ever, and nothing is published before its quorum."""
        return super().environment(role, **{"LINTAS_LOG_PUBLISH": "witnessed", **more})


def made_roles(cluster: Cluster) -> Roles:
    """The eight roles and the database; those of the pooler with the passwords of the cluster's file."""
    given = {role: cluster.passwords[role.upper()] for role in ("web", "console", "desk")}
    urls = {VARIABLES[role]: cluster.url(role=f"lintas_{role}", password=word) for role, word in given.items()}
    made = database_roles.make(cluster.url(), database=DATABASE, environment=urls)
    with psycopg.connect(cluster.url(database=DATABASE), autocommit=True) as admin:
        admin.execute((ROOT / "deploy/cluster/pooled-roles.sql").read_bytes())
    return made


@contextmanager
def register(cluster: Cluster, folder: Path) -> Iterator[tuple[Pooled, VerifierKey]]:
    """A register with the sandbox's world and an open log; sequencer and web run."""
    here = Pooled(roles=made_roles(cluster), folder=folder, clients={}, origin=os.environ["LINTAS_LOG_ORIGIN"])
    keys = folder / "sandbox.json"
    with ExitStack() as stack:
        stack.enter_context(here)
        _fill(here, keys)
        key = here.open_log()
        here.clients = {one["agency"]: one for one in json.loads(keys.read_text())["clients"]}
        here.witnesses = [
            stack.enter_context(witness(folder / f"witness-{n}", log=key, name=f"witness-{n}.example/w1"))
            for n in (1, 2, 3)
        ]
        here.policy = folder / "witnesses.policy"
        here.policy.write_text(policy(key, here.witnesses))
        here.start_sequencer()
        here.tick()
        here.start_web()
        here.wait_until_ready()
        yield here, key


def _fill(here: Pooled, keys: Path) -> None:
    """The sandbox's world: made once for each state of the code, and restored from its dump afterwards."""
    kept = RUN_DIR / "cluster"
    name = f"{fingerprint(ROOT)}-{datetime.now(UTC):%y%m%d}"
    backup, clients = kept / f"{name}.dump", kept / f"{name}.json"
    if backup.exists():
        _postgres("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "-d", here.roles.owner, backup)
        shutil.copy(clients, keys)
    else:
        here.manage("migrate", "--no-input", "-v", "0")
        here.manage("load_catalogue", "--quiet-receipts")
        here.manage("seed_sandbox", "--base-url", here.base_url, "--out", keys)
        shutil.copy(keys, clients)
        _postgres("pg_dump", "--format=custom", "-f", backup, here.roles.owner)
    here.manage("grant_roles")


def _postgres(program: str, *arguments: object) -> None:
    run(f"/usr/lib/postgresql/15/bin/{program}", *arguments)


def policy(key: VerifierKey, witnesses: list[Witness]) -> str:
    """Two of three: no two quorums without a common witness."""
    lines = [f"log {key}", *(f"witness w{n} {one.vkey} {one.url}" for n, one in enumerate(witnesses, start=1))]
    names = " ".join(f"w{n}" for n in range(1, len(witnesses) + 1))
    return "\n".join([*lines, f"group outside 2 {names}", "quorum outside"]) + "\n"
