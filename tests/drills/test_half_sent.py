"""A thousand callers who send half a request each: the others hardly notice, and the thousand are told in time."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from demo.client import clients
from tests.api.http.test_whole_requests import answer, opened, post
from tests.conftest import Copies
from tests.drills.conftest import LONG
from tests.live_server import Server, serving
from tests.world import World

pytestmark = pytest.mark.drill

CALLERS = 1_000 if LONG else 100
ASKED = 400 if LONG else 40
BODY_WITHIN_S = 10 if LONG else 3


@pytest.fixture
def server(copies: Copies, world: World, tmp_path: Path) -> Iterator[Server]:
    """The server as `./run serve` starts it, with a deadline that outlasts the asking."""
    name = copies.make(world.template)
    roles, within = copies.roles.on(name), str(BODY_WITHIN_S)
    with serving(roles, log=tmp_path / "log", threads=16, LINTAS_BODY_WITHIN_S=within) as running:
        yield running
    copies.drop(name)


def asked(http: httpx.Client, headers: dict[str, str]) -> list[float]:
    """Milliseconds that each of some requests took."""
    took = []
    for number in range(ASKED):
        began = time.perf_counter()
        path = "/livez" if number % 4 == 0 else "/api/v1/casefiles?limit=10"
        assert http.get(path, headers=headers).status_code == 200
        took.append((time.perf_counter() - began) * 1000)
    return took


def test_half_sent_requests_leave_the_others_alone(
    server: Server, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "sandbox.json"
    keys.write_text(json.dumps({"base_url": server.base_url, "clients": list(world.clients.values())}))
    with ExitStack() as stack:
        http = stack.enter_context(httpx.Client(base_url=server.base_url, timeout=20))
        headers = {"Authorization": f"Bearer {clients(keys, http)['bkn'].token()}"}
        quiet = asked(http, headers)
        known = f"Authorization: {headers['Authorization']}"
        heads = [
            post("/api/v1/documents", "Content-Length: 100", "Content-Type: application/json"),
            post("/api/v1/documents", "Transfer-Encoding: chunked", known),
            post("/oauth/token", "Content-Length: 100"),
            post("/api/v1/findings", "Content-Length: 100", known),
        ]
        sent = [b"1\r\n{" if b"chunked" in head else b"{" for head in heads]
        began = time.monotonic()
        stalled = [
            opened(server, heads[number % len(heads)] + b"\r\n" + sent[number % len(heads)])
            for number in range(CALLERS)
        ]
        beside = asked(http, headers)
        assert time.monotonic() - began < BODY_WITHIN_S, "the asking outlasted those it was to be measured beside"
        answers = [answer(connection) for connection in stalled]
    assert {(status, problem["code"]) for status, problem in answers} == {(408, "request-timeout")}
    with capsys.disabled():
        for name, took in (("alone", quiet), (f"beside {CALLERS:,} half-sent requests", beside)):
            cuts = statistics.quantiles(took, n=100)
            print(f"\n  {name}: p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms", end="")
        print()
