"""A server of its own to be fuzzed: no rate limit, real casefiles in it, and a client for each kind of party."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx
import pytest
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from demo.client import Client, clients
from tests.conftest import Copies
from tests.journeys import paths
from tests.live_server import Server, serving
from tests.world import World

LONG = os.environ.get("LINTAS_FUZZ") == "long"


@pytest.fixture(autouse=True)
def _the_same_values_in_every_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A short run throws the same requests wherever it runs.

    Hypothesis draws some values from the sources of whatever the process has imported, and reading those took a tenth
    of the time.
    """
    if not LONG:
        monkeypatch.setattr(providers, "_get_local_constants", Constants)
    yield
    providers.CONSTANTS_CACHE.cache.clear()


@dataclass(frozen=True)
class Fuzzed:
    """The server, everyone's clients, and ids that exist: random ones would only ever meet 404."""

    server: Server
    parties: Mapping[str, Client]
    ids: Mapping[str, tuple[str, ...]]


@pytest.fixture(scope="session")
def fuzzed(copies: Copies, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    """One server for all fuzzing, with casefiles at several stages."""
    name, folder = copies.make(world.template), tmp_path_factory.mktemp("fuzz")
    # Without a rate, and without places to wait for events: a valid `wait` would take half a minute.
    with serving(
        copies.roles.on(name), log=folder / "server.log", LINTAS_RATE_PER_SECOND="0", LINTAS_FEED_WAITERS="0"
    ) as server:
        keys = folder / "sandbox.json"
        keys.write_text(json.dumps({"base_url": server.base_url, "clients": list(world.clients.values())}))
        logging.getLogger("httpx").setLevel(logging.WARNING)
        with httpx.Client(base_url=server.base_url, timeout=20) as http:
            parties = clients(keys, http)
            yield Fuzzed(server=server, parties=parties, ids=_ids(parties))
    copies.drop(name)


def _ids(parties: Mapping[str, Client]) -> Mapping[str, tuple[str, ...]]:
    journeys = [paths.submitted(parties) for _ in range(3)]
    examiner = parties[paths.EXAMINER]
    files = [examiner.casefile(journey.casefile) for journey in journeys]
    return {
        "casefile": tuple(file["id"] for file in files),
        "finding": tuple(file["finding"]["id"] for file in files),
        "document": tuple(document["id"] for file in files for document in file["documents"]),
    }
