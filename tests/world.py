"""The sandbox's world, seeded once per state of the code: a database to copy, and the keys of everyone's client.

    def test_the_examiner_sees_it(db, world): ...          # Django's connection is on a seeded copy, rolled back after
    def test_both_commit(transactional_db, world): ...     # on a seeded copy of this test's own, dropped after
    def test_over_http(sandbox): ...                       # a real server on a seeded copy, one for the session

The clients' private keys lie in a file that `manage.py seed_sandbox` writes, as for any other script: `sandbox.keys`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from config import database
from config.roles import Roles, database_name
from tests.live_server import ROOT, Server, sequencing, serving

if TYPE_CHECKING:
    from tests.conftest import Copies

# The keys are proved for this issuer when they are registered; a server asks only for the signature.
ISSUER = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class World:
    """`template` is the name of a seeded database; `clients` are the entries of sandbox.json by agency."""

    template: str
    clients: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Sandbox:
    """A running server on a seeded database, and the file with its clients' keys."""

    server: Server
    keys: Path

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return self.server.base_url


@pytest.fixture(scope="session")
def world(copies: Copies) -> World:
    """The world to copy; asking for it puts `db` and `transactional_db` on a seeded database.

    Named by the server too: each has worlds of its own, and the file of keys is found by the name alone.
    """
    prefix = f"{database_name(copies.roles.owner)}_world_"
    name = f"{prefix}{copies.owner.info.server_version}_{_fingerprint()}"
    keys = Path(os.environ["LINTAS_RUN_DIR"]) / f"{name}.json"
    with database.exclusively(copies.owner, prefix):
        database.claim(copies.owner, name)
        if not (database.exists(copies.owner, name) and keys.exists()):
            database.drop_abandoned(copies.owner, prefix)
            for old in keys.parent.glob(f"{prefix}*.json"):
                old.unlink()
            draft = f"{prefix}draft"
            database.create(copies.owner, draft, guests=copies.roles.guests, template=copies.template)
            _seed(copies.roles.on(draft), keys=keys)
            database.rename(copies.owner, draft, name)
    clients = json.loads(keys.read_text())["clients"]
    return World(template=name, clients={client["agency"]: client for client in clients})


@pytest.fixture(scope="session")
def world_copy(copies: Copies, world: World) -> Iterator[str]:
    """One seeded copy for all the tests of this process that roll back."""
    name = copies.make(world.template)
    yield name
    copies.drop(name)


@pytest.fixture(scope="session")
def sandbox(copies: Copies, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The real web server and sequencer on a seeded database of their own, one for the whole session."""
    with sandboxed(copies, world, tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@contextmanager
def sandboxed(copies: Copies, world: World, folder: Path) -> Iterator[Sandbox]:
    """A sandbox for whoever must be alone in it; `folder` takes its logs and keys."""
    name = copies.make(world.template)
    # Of the sandbox's own calls `advance` alone is used here: whoever moves the clock has a sandbox apart.
    with (
        serving(copies.roles.on(name), log=folder / "server.log", threads=8, LINTAS_SANDBOX_CONTROL="1") as server,
        sequencing(server),
    ):
        keys = folder / "sandbox.json"
        keys.touch(mode=0o600)
        keys.write_text(json.dumps({"base_url": server.base_url, "clients": list(world.clients.values())}))
        yield Sandbox(server=server, keys=keys)
    copies.drop(name)


def _fingerprint() -> str:
    """Twelve hex digits that change with the code that seeds, and every day, because keys and mandates have dates."""
    digest = hashlib.sha256(datetime.now(UTC).date().isoformat().encode())
    for folder in ("agencies", "api", "audit", "casefiles", "config", "contents", "delivery"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".yaml", ".csv"}:
                digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    digest.update((ROOT / "requirements.lock").read_bytes())
    return digest.hexdigest()[:12]


def _seed(roles: Roles, *, keys: Path) -> None:
    own = {**roles.environment(), "LINTAS_DB_ROLE": "owner", "DJANGO_SETTINGS_MODULE": "config.settings"}
    commands = (
        ("load_catalogue",),
        ("open_delivery", "--quiet-receipts"),
        ("seed_sandbox", "--base-url", ISSUER, "--out", str(keys)),
    )
    # All in one process: each of its own takes two seconds to start, and every test of every process waits for them.
    done = subprocess.run(
        [sys.executable, "-m", "tests.commanding", *(json.dumps(command) for command in commands)],
        cwd=ROOT, env={**os.environ, **own}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"The world was not seeded:\n{done.stderr}"
