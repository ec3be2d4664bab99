"""Who calls is what our own proxies saw, however many they are; what anybody else writes changes nothing. Real HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from config.roles import on_database
from config.settings import proxies
from tests.conftest import Copies
from tests.live_server import Server, serving
from tests.world import Sandbox, World

HOPS = "2"
FORGED: Mapping[str, str] = {
    "X-Forwarded-Host": "penipu.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "444",
    "X-Forwarded-Prefix": "/penipu", "X-Forwarded-Server": "penipu.example", "X-Forwarded-User": "bkn-system",
    "Forwarded": "for=203.0.113.9;host=penipu.example;proto=https", "X-Real-IP": "203.0.113.9",
    "True-Client-IP": "203.0.113.9", "X-Original-URL": "/api/v1/me", "X-Rewrite-URL": "/api/v1/me",
    "X-Original-Host": "penipu.example", "Remote-User": "bkn-system", "X_Forwarded_For": "203.0.113.9, 10.0.0.2",
}  # fmt: skip
"""What somebody may write who would like to be somebody else, or somewhere else."""
OPEN = "/api/v1/catalogue/classifications?form=social_media_engagement&act_date=2024-09-29"


@pytest.mark.parametrize(
    ("said", "counted"), [("", 0), ("0", 0), ("false", 0), ("true", 1), ("1", 1), (" 2 ", 2), ("8", 8)]
)
def test_proxies_are_counted(said: str, counted: int) -> None:
    assert proxies(said) == counted


@pytest.mark.parametrize("said", ["-1", "9", "1.5", "many", "²", "10.0.0.1"])
def test_what_is_no_number_of_proxies_stops_the_start(said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="Count those of yours"):
        proxies(said)


@pytest.fixture(scope="module")
def database(copies: Copies, world: World) -> Iterator[str]:
    name = copies.make(world.template)
    yield name
    copies.drop(name)


@pytest.fixture(scope="module")
def behind(copies: Copies, database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The API behind two proxies, with three calls for each address."""
    limits: dict[str, Any] = {"LINTAS_OPEN_BURST": "3", "LINTAS_OPEN_RATE_PER_SECOND": "0.001"}
    log = tmp_path_factory.mktemp("behind") / "log"
    with serving(copies.roles.on(database), log=log, LINTAS_BEHIND_PROXY=HOPS, **limits) as running:
        yield running


@pytest.fixture
def bare(sandbox: Sandbox) -> Server:
    """The API that callers reach by themselves."""
    return sandbox.server


def sources(server: Server, *headers: Mapping[str, str]) -> list[str]:
    """The digest of the caller's address that the security log has for a call with each of these headers."""
    before = len(_lines(server.log))
    for one in headers:
        answer = httpx.get(f"{server.base_url}/api/v1/me", headers={"Authorization": "Bearer " + "x" * 43, **one})
        assert answer.json()["code"] == "token-invalid"
    found = [line["source"] for line in _lines(server.log)[before:]]
    assert len(found) == len(headers)
    return found


def _lines(log: Path) -> list[Any]:
    found = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line for line in found if line["logger"] == "lintas.security"]


def seen(*addresses: str) -> dict[str, str]:
    return {"X-Forwarded-For": ", ".join(addresses)}


def test_the_logged_address_is_what_the_outermost_proxy_saw(behind: Server) -> None:
    honest, forged, more, other, short, port = sources(
        behind,
        seen("198.51.100.7", "10.0.0.2"),
        {**FORGED, **seen("203.0.113.9", "198.51.100.7", "10.0.0.2")},
        seen("203.0.113.1", "203.0.113.9", "198.51.100.7", "10.0.0.2"),
        seen("198.51.100.8", "10.0.0.2"),
        seen("198.51.100.7"),
        seen("198.51.100.7:5123", "10.0.0.2:80"),
    )
    assert honest == forged == more == port
    assert len({honest, other, short}) == 3
    # Who comes past a proxy is known by the connection alone.
    assert sources(behind, {}, FORGED, seen("203.0.113.1")) == [short] * 3


def test_without_proxies_nothing_that_is_written_moves_the_caller(bare: Server) -> None:
    forgeries: tuple[Mapping[str, str], ...] = (
        {},
        FORGED,
        seen("203.0.113.9"),
        seen("203.0.113.9", "10.0.0.2"),
        {**FORGED, **seen("203.0.113.9")},
    )
    assert len(set(sources(bare, *forgeries))) == 1


def test_a_limit_is_not_escaped_by_writing_another_address(behind: Server) -> None:
    def status(number: int, address: str) -> int:
        headers = {**FORGED, **seen(f"203.0.113.{number}", address, "10.0.0.2")}
        return httpx.get(behind.base_url + OPEN, headers=headers).status_code

    assert [status(number, "198.51.100.20") for number in range(5)] == [200, 200, 200, 429, 429]
    # Nor is anybody else held up by it.
    assert status(9, "198.51.100.21") == 200


def test_nobody_becomes_somebody_or_somewhere_else(behind: Server, bare: Server) -> None:
    for server in (behind, bare):
        with httpx.Client(base_url=server.base_url, headers={**FORGED, **seen("127.0.0.1", "127.0.0.1")}) as http:
            assert http.get("/api/v1/me").json()["code"] == "token-missing"
            told = http.get("/.well-known/oauth-authorization-server").json()
            assert told["issuer"] == server.base_url
            assert "penipu" not in json.dumps(told)
            missing = http.get("/api/v1/zzz")
            assert missing.json()["type"].startswith(f"{server.base_url}/problems/")
            assert "Location" not in missing.headers
            assert http.get("/api/v1", headers={"Host": "penipu.example"}).json()["code"] == "unknown-host"


def test_the_console_believes_no_more(copies: Copies, database: str, tmp_path: Path) -> None:
    own: dict[str, Any] = {"DJANGO_SETTINGS_MODULE": "config.console", "LINTAS_DB_ROLE": "console"}
    with (
        serving(copies.roles.on(database), log=tmp_path / "log", **own) as server,
        httpx.Client(base_url=server.base_url, headers={**FORGED, **seen("203.0.113.9", "10.0.0.2")}) as http,
    ):
        page = http.get("/masuk")
        assert page.status_code == 200
        assert "penipu" not in page.text
        hidden = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert hidden is not None
        form = {"login": "siapa@tidak.example", "password": "salah", "csrfmiddlewaretoken": hidden[1]}
        http.post("/masuk", data=form)
        closed = http.get("/perkara")
        assert closed.headers["Location"].startswith("/masuk")
        assert http.get("/masuk", headers={"Host": "penipu.example"}).status_code == 400
    with psycopg.connect(on_database(copies.roles.owner, database)) as owner:
        rows = owner.execute("SELECT ip_address::text FROM axes_accessattempt").fetchall()
    assert [str(row[0]).partition("/")[0] for row in rows] == ["127.0.0.1"]
