"""The client library against a real server: one client for an agency, with a store of its own."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client as Browser

from demo.client import Client as Counterpart
from demo.client import clients
from lintas_client import Client, Identity, Patience, SigningKey, Store
from tests.world import Sandbox

Open = Callable[..., Client]


def in_this_process(request: httpx.Request) -> httpx.Response:
    """The register within the test's own process, whose settings a test may change."""
    kind = request.headers.get("Content-Type", "")
    address = request.url.raw_path.decode()
    answer = Browser(raise_request_exception=False).generic(
        request.method, address, request.content, content_type=kind, headers=dict(request.headers)
    )
    return httpx.Response(answer.status_code, content=answer.content, headers=dict(answer.headers))


@pytest.fixture(scope="session")
def counterparts(sandbox: Sandbox) -> Iterator[Mapping[str, Counterpart]]:
    """Everyone's plain client, by which files are brought to where a test begins."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with httpx.Client(base_url=sandbox.base_url, timeout=20) as http:
        yield clients(sandbox.keys, http)


def registered(sandbox: Sandbox, agency: str) -> dict[str, Any]:
    """The entry of sandbox.json of an agency's client."""
    listed = json.loads(sandbox.keys.read_text(encoding="utf-8"))["clients"]
    return next(client for client in listed if client["agency"] == agency)


def identity_of(sandbox: Sandbox, agency: str, **changed: Any) -> Identity:
    """The identity of an agency's client."""
    client = registered(sandbox, agency)
    key = SigningKey.read(client["private_jwk"])
    return Identity(base_url=sandbox.base_url, client_id=client["client_id"], key=key, **changed)


@pytest.fixture
def opened(sandbox: Sandbox, tmp_path: Path) -> Iterator[Open]:
    """Opens a client of an agency; `store` names its file, so that a second one finds what the first has left."""
    made: list[Client] = []

    def open_(
        agency: str = "bkn",
        *,
        store: str = "store",
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        patience: Patience | None = None,
        policy: Path | None = None,
        **changed: Any,
    ) -> Client:
        http = httpx.Client(transport=transport or httpx.HTTPTransport(), timeout=30)
        identity = identity_of(sandbox, agency, **{"language": "en", **changed})
        kept = Store(tmp_path / f"{store}.sqlite")
        made.append(Client(identity, kept, http=http, sleep=sleep, patience=patience, policy=policy))
        return made[-1]

    yield open_
    for client in made:
        client.close()
