"""Whose requests take turns: a client's own, and those of an address until their token was looked at."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from api.http.arriving import ARRIVED
from config.asgi import AT_ONCE_EACH, HEAVY_AT_ONCE_EACH, HEAVY_BYTES, Door


def scope(token: str, *, address: str = "192.0.2.1") -> dict[str, Any]:
    headers = [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {token}".encode())]
    return {
        "type": "http", "method": "GET", "path": "/api/v1/me", "raw_path": b"/api/v1/me", "query_string": b"",
        "http_version": "1.1", "headers": headers, "client": (address, 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip


class Working:
    """An application that works for a while, and knows how many requests it worked on at once."""

    def __init__(self, knows: Callable[[str], str | None] = lambda _: None) -> None:
        self.now = self.most = 0
        self._knows = knows
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        client = self._knows(environ["HTTP_AUTHORIZATION"])
        if client is not None and "lintas.turn" in environ:
            environ["lintas.turn"].is_of(client)
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.1)
        with self._lock:
            self.now -= 1
        start("200 OK", [])
        return [b""]


def ask(door: Door, scopes: list[dict[str, Any]], *, body: bytes = b"") -> list[int]:
    statuses: list[int] = []

    async def one(asked: dict[str, Any]) -> None:
        never, sent = asyncio.Event(), [body] if asked["method"] == "POST" else []

        async def receive() -> dict[str, Any]:
            if sent:
                return {"type": "http.request", "body": sent.pop()}
            await never.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await door(asked, receive, send)

    async def everything() -> None:
        await asyncio.gather(*(one(asked) for asked in scopes))

    asyncio.run(everything())
    return statuses


def test_when_a_request_came_is_noted_before_its_body_is_waited_for() -> None:
    """How old its signature is, is taken then: a body may be slow, and the request has to wait for its turn."""
    noted: list[datetime] = []

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        noted.append(environ[ARRIVED])
        start("200 OK", [])
        return [b""]

    async def receive() -> dict[str, Any]:
        if not noted:
            noted.append(datetime.now(UTC))
            return {"type": "http.request", "body": b"{}"}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(_: Any) -> None:
        pass

    asyncio.run(Door(application)({**scope("x"), "method": "POST"}, receive, send))
    body_came, request_came = noted
    assert request_came < body_came


def test_a_stranger_with_many_tokens_has_the_places_of_one() -> None:
    working = Working()
    assert ask(Door(working, threads=16), [scope(f"made-up-{number}") for number in range(15)]) == [200] * 15
    assert working.most == AT_ONCE_EACH


def test_who_comes_from_elsewhere_does_not_wait_for_them() -> None:
    working = Working()
    scopes = [scope(f"made-up-{number}", address=f"192.0.2.{number}") for number in range(12)]
    assert ask(Door(working, threads=16), scopes) == [200] * 12
    assert working.most == 12


def test_who_has_proven_to_be_a_client_leaves_the_strangers_lane() -> None:
    """Twelve clients behind one gateway, each with a fresh token: none waits until another's long poll is over."""
    working = Working(knows=lambda token: token)
    assert ask(Door(working, threads=16), [scope(f"client-{number}") for number in range(12)]) == [200] * 12
    assert working.most == 12


def test_a_client_with_many_known_tokens_has_the_places_of_one() -> None:
    working = Working(knows=lambda _: "one-client")
    door = Door(working, threads=16)
    scopes = [scope(f"token-{number}") for number in range(12)]
    for each in scopes:
        assert ask(door, [each]) == [200]
    working.most = 0
    assert ask(door, scopes) == [200] * 12
    assert working.most == AT_ONCE_EACH


def test_heavy_requests_of_one_client_come_one_by_one_and_leave_room_for_its_others() -> None:
    working = Working(knows=lambda _: "one-client")
    door = Door(working, threads=16)
    heavy = [{**scope("token"), "method": "POST"} for _ in range(4)]
    for _ in ("nobody knows the token", "it is known"):
        working.most = 0
        assert ask(door, heavy, body=b"x" * (HEAVY_BYTES + 1)) == [200] * 4
        assert working.most == HEAVY_AT_ONCE_EACH
    working.most = 0
    assert ask(door, [*heavy, *(scope("token") for _ in range(4))], body=b"x" * (HEAVY_BYTES + 1)) == [200] * 8
    assert working.most == 5
    working.most = 0
    assert ask(door, heavy, body=b"x" * HEAVY_BYTES) == [200] * 4
    assert working.most == 4


def test_strangers_who_stall_batches_leave_places_to_who_has_a_token() -> None:
    """From however many addresses they come: a batch of a client whose token was looked at is read meanwhile."""
    faults: dict[str, str | None] = {}

    def working(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            environ["lintas.turn"].is_of("client")
        faults[environ["REMOTE_ADDR"]] = environ["lintas.fault"]
        start("200 OK", [])
        return [b""]

    def batch(token: str, address: str) -> dict[str, Any]:
        path = "/api/v1/batches"
        return {**scope(token, address=address), "method": "POST", "path": path, "raw_path": path.encode()}

    async def send(message: Any) -> None:
        pass

    async def everything() -> None:
        door = Door(working, body_within_s=0.05)

        sent = [b"{}"]

        async def whole() -> dict[str, Any]:
            return {"type": "http.request", "body": sent.pop()} if sent else await never()

        async def never() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {}

        await door(scope("known"), never, send)
        stalled = [
            asyncio.create_task(door(batch("made-up", f"192.0.2.{number}"), never, send)) for number in range(11, 15)
        ]
        await asyncio.sleep(0)
        await door(batch("known", "192.0.2.20"), whole, send)
        await asyncio.gather(*stalled)

    asyncio.run(everything())
    assert faults["192.0.2.20"] is None
    assert [faults[f"192.0.2.{number}"] for number in range(11, 15)] == [
        *["request-timeout"] * 2,
        *["too-many-at-once"] * 2,
    ]
