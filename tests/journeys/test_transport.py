"""What the real server does with HTTP itself: chunks, over-long lines, foreign hosts; always a problem, never HTML."""

from __future__ import annotations

import socket

import orjson
import pytest

from tests.live_server import Server


def raw(server: Server, *lines: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """Send a request byte by byte as written; status, headers and body of the answer."""
    head = "\r\n".join((*lines, "Connection: close", "", "")).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as link:
        link.sendall(head + body)
        received = b""
        while part := link.recv(65_536):
            received += part
    top, _, content = received.partition(b"\r\n\r\n")
    first, *rest = top.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    return int(first.split()[1]), headers, content


def test_a_chunked_body_is_read(server: Server) -> None:
    """.NET sends JSON in chunks; the body is read, so the refusal is about the token and not about an empty body."""
    form = b"grant_type=password"
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(form), form)
    status, _, content = raw(
        server,
        "POST /oauth/token HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "Content-Type: application/x-www-form-urlencoded",
        "Transfer-Encoding: chunked",
        body=chunks,
    )
    assert (status, orjson.loads(content)["code"]) == (400, "unsupported-grant-type")


@pytest.mark.parametrize(
    ("line", "header", "status", "code"),
    [
        (f"GET /api/v1/casefiles?x={'a' * 20_000} HTTP/1.1", "X-A: a", 414, "uri-too-long"),
        ("GET /api/v1/me HTTP/1.1", f"X-A: {'a' * 40_000}", 431, "headers-too-long"),
        ("GET /api/v1/casefiles/ HTTP/1.1", "X-A: a", 404, "unknown-route"),
        ("GET /nowhere HTTP/1.1", "X-A: a", 404, "unknown-route"),
        ("OPTIONS /api/v1/casefiles HTTP/1.1", "X-A: a", 405, "method-not-allowed"),
        ("GET /api/v1/casefiles/%ff%fe HTTP/1.1", "X-A: a", 401, "token-missing"),
    ],
)
def test_odd_requests_get_problems(server: Server, line: str, header: str, status: int, code: str) -> None:
    """Over-long, unknown, odd: a problem of the right status, with a length, and nothing of a browser's."""
    answered, headers, content = raw(server, line, f"Host: 127.0.0.1:{server.port}", header)
    assert (answered, orjson.loads(content)["code"]) == (status, code)
    assert headers["content-type"] == "application/problem+json"
    assert int(headers["content-length"]) == len(content)
    assert headers["content-security-policy"].startswith("default-src 'none'")


def test_a_foreign_host_is_refused(server: Server) -> None:
    """A request for another host is no request of ours."""
    status, _, content = raw(server, "GET /api/v1 HTTP/1.1", "Host: somewhere.example")
    assert (status, orjson.loads(content)["code"]) == (400, "unknown-host")
