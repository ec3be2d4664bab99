"""The server's own door: a request is whole before a thread takes it, and says one thing once."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from demo.client import clients
from tests.conftest import Copies
from tests.live_server import Server, serving
from tests.world import World

BODY_WITHIN_S = 2
THREADS = 2

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(scope="module")
def server(copies: Copies, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two threads and little patience, alone on its database."""
    name, folder = copies.make(world.template), tmp_path_factory.mktemp("server")
    roles = copies.roles.on(name)
    with serving(roles, log=folder / "log", threads=THREADS, LINTAS_BODY_WITHIN_S=str(BODY_WITHIN_S)) as running:
        yield running
    copies.drop(name)


@pytest.fixture(scope="module")
def token(server: Server, world: World, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The submitting office's token."""
    keys: Path = tmp_path_factory.mktemp("keys") / "sandbox.json"
    keys.write_text(json.dumps({"base_url": server.base_url, "clients": list(world.clients.values())}))
    with httpx.Client(base_url=server.base_url, timeout=20) as http:
        return clients(keys, http)["bawaslu-kota-padang"].token()


def opened(server: Server, raw: bytes) -> socket.socket:
    """A connection on which these bytes were sent."""
    made = socket.create_connection(("127.0.0.1", server.port), timeout=BODY_WITHIN_S + 10)
    made.sendall(raw)
    return made


def answer(connection: socket.socket) -> tuple[int, dict[str, object]]:
    """Status and problem of the one answer on this connection."""
    received = b""
    while b"\r\n\r\n" not in received or not received.rstrip().endswith(b"}"):
        part = connection.recv(65536)
        if not part:
            break
        received += part
    connection.close()
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def post(path: str = "/api/v1/documents", *headers: str) -> bytes:
    """The head of a POST, without its last line."""
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *headers, ""]).encode()


def test_a_body_that_never_comes_holds_no_thread(server: Server, token: str) -> None:
    """Two threads, sixty callers who sent one byte each: everybody else is answered, and the sixty are told."""
    heads = [
        post("/api/v1/documents", "Content-Length: 100", "Content-Type: application/json"),
        post("/api/v1/documents", "Transfer-Encoding: chunked", f"Authorization: Bearer {token}"),
        post("/oauth/token", "Content-Length: 100"),
    ]
    began = time.monotonic()
    stalled = [opened(server, head + b"\r\n" + (b"1\r\n{" if b"chunked" in head else b"{")) for head in heads * 20]
    with httpx.Client(base_url=server.base_url, timeout=BODY_WITHIN_S) as http:
        assert http.get("/livez").text == "ok\n"
        assert http.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert time.monotonic() - began < BODY_WITHIN_S, "they were answered only after the deadline"
    answers = [answer(connection) for connection in stalled]
    assert {status for status, _ in answers} == {408}
    assert {problem["code"] for _, problem in answers} == {"request-timeout"}


@pytest.mark.parametrize("chunks", [b"5\r\nab", b"2\r\n{}\r\n", b"zz\r\n{}\r\n", b""])
def test_a_body_cut_short_is_refused_whatever_it_says_so_far(server: Server, token: str, chunks: bytes) -> None:
    head = post("/api/v1/documents", "Transfer-Encoding: chunked", f"Authorization: Bearer {token}")
    connection = opened(server, head + b"\r\n" + chunks)
    connection.shutdown(socket.SHUT_WR)
    status, problem = answer(connection)
    assert (status, problem["code"]) == (400, "body-cut")


def test_a_body_shorter_than_it_said_is_refused(server: Server) -> None:
    connection = opened(server, post("/api/v1/documents", "Content-Length: 10") + b"\r\n{}")
    connection.shutdown(socket.SHUT_WR)
    status, problem = answer(connection)
    assert (status, problem["code"]) == (400, "body-cut")


@pytest.mark.parametrize("header", ["Content-Length: 2", "Transfer-Encoding: chunked"])
def test_get_takes_no_body(server: Server, header: str) -> None:
    head = f"GET /api/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}\r\n\r\n".encode()
    status, problem = answer(opened(server, head))
    assert (status, problem["code"]) == (400, "body-not-expected")


@pytest.mark.parametrize(
    "name", ["Idempotency-Key", "If-Match", "Authorization", "Content-Type", "X-Request-Id", "DPoP", "X-Whatever"]
)
def test_a_header_given_twice_is_refused_by_its_name(server: Server, name: str) -> None:
    """Even where both lines say the same: the server would join them into another value."""
    head = post("/api/v1/documents", "Content-Length: 2", f"{name}: k", f"{name}: k")
    status, problem = answer(opened(server, head + b"\r\n{}"))
    assert (status, problem["code"]) == (400, "header-repeated")
    assert name.lower() in str(problem["detail"])


def test_lists_may_come_in_several_lines(server: Server) -> None:
    head = b"GET /api/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/plain\r\nAccept: application/json\r\n"
    assert answer(opened(server, head + b"Accept-Language: id\r\nAccept-Language: en;q=0.9\r\n\r\n"))[0] == 200


def test_an_encoded_slash_separates_nothing(server: Server) -> None:
    status, problem = answer(opened(server, b"GET /api%2Fv1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
    assert (status, problem["code"]) == (404, "unknown-route")


def test_a_head_request_for_life_has_no_body(server: Server) -> None:
    answered = httpx.head(f"{server.base_url}/livez")
    assert (answered.status_code, answered.content) == (200, b"")


def test_a_long_poll_that_is_cut_frees_its_place_at_once(server: Server, token: str) -> None:
    """The client's one place is free again, so that its next poll waits instead of being refused."""
    poll = f"GET /api/v1/events?wait=30 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    server.does("open_log", role="owner")
    for _ in range(3):
        connection = opened(server, poll)
        time.sleep(0.3)
        connection.close()
        time.sleep(0.3)
    with httpx.Client(base_url=server.base_url, timeout=60) as http:
        again = http.get("/api/v1/events?wait=1", headers={"Authorization": f"Bearer {token}"})
    assert again.status_code == 200, again.text


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"no request at all\r\n\r\n", b"400"),
        (b"GET /api/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nNo colon\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: two\r\n\r\n", b"400"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: y\r\n" * 101 + b"\r\n", b"431"),
    ],
)
def test_what_is_no_request_is_refused_by_the_parser_with_an_empty_answer(
    server: Server, raw: bytes, status: bytes
) -> None:
    """As the runbook and the contract say: no line of ours runs, and the connection is closed."""
    connection = opened(server, raw)
    received = b""
    while part := connection.recv(65536):
        received += part
    connection.close()
    head, _, body = received.partition(b"\r\n\r\n")
    assert (head.split()[1], body) == (status, b"")
