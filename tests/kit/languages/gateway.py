"""A gateway before the register that misbehaves as it is told, once for each thing told, and notes what came by."""

from __future__ import annotations

import base64
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

NOT_PASSED_ON = {"connection", "content-length", "host", "transfer-encoding", "upgrade", "http2-settings"}


@dataclass(frozen=True)
class Came:
    """One request, and when it came (monotonic seconds)."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Passing = Callable[[Came], Answer]
Mood = Callable[[Came, Passing], Answer | None]
"""What is done to one request, with the way to pass it on. None: the line goes dead without an answer."""


@dataclass
class Gateway:
    """Where it listens, what it does to the next requests whose address ends so, what came."""

    port: int
    url: str = ""
    moods: list[tuple[str, Mood]] = field(default_factory=list)
    came: list[Came] = field(default_factory=list)

    def will(self, *moods: Mood, at: str) -> None:
        """Do these, one each, to the next requests whose path ends so."""
        self.moods += [(at, mood) for mood in moods]

    def took(self, *, at: str) -> list[Came]:
        """What came for a path that ends so."""
        return [one for one in self.came if one.path.partition("?")[0].endswith(at)]

    def answer(self, came: Came) -> Answer | None:
        """Pass it on, or do what was told."""
        self.came.append(came)
        for place, (ending, mood) in enumerate(self.moods):
            if came.path.partition("?")[0].endswith(ending):
                del self.moods[place]
                return mood(came, self.passed_on)
        return self.passed_on(came)

    def passed_on(self, came: Came) -> Answer:
        """The register's own answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {name: value for name, value in came.headers.items() if name.lower() not in NOT_PASSED_ON}
            line.request(came.method, came.path, came.body or None, headers)
            said = line.getresponse()
            kept = {name: value for name, value in said.getheaders() if name.lower() not in NOT_PASSED_ON}
            return Answer(said.status, kept, said.read())
        finally:
            line.close()


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """A write, or a token."""
        gateway: Gateway = self.server.gateway  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = gateway.answer(Came(self.command, self.path, dict(self.headers.items()), body, time.monotonic()))
        if said is None:
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        self.wfile.write(said.body)

    def do_GET(self) -> None:
        """A read."""
        self.do_POST()

    def log_message(self, *args: Any) -> None:
        """Quietly."""


class Listening(ThreadingHTTPServer):
    """Clients are killed here: a line that goes dead is nothing to tell."""

    daemon_threads = True

    def handle_error(self, *args: Any) -> None:
        """Quietly."""


@contextmanager
def standing_before(port: int) -> Iterator[Gateway]:
    """A gateway before the register on that port, until the block ends."""
    gateway, server = Gateway(port), Listening(("127.0.0.1", 0), Handler)
    server.gateway = gateway  # type: ignore[attr-defined]
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()


# -- moods ------------------------------------------------------------------------------------------------------------


def refuse(status: int, code: str, *, retry_after: int) -> Mood:
    """Not now: the register's own words for it, without asking the register."""
    problem = {"code": code, "title": "Coba lagi", "detail": "Nanti.", "status": status}
    headers = {"Content-Type": "application/problem+json", "Retry-After": str(retry_after)}
    return lambda came, pass_on: Answer(status, headers, json.dumps(problem).encode())


def lose(came: Came, pass_on: Passing) -> None:
    """The register acts, and the line goes dead before its answer."""
    pass_on(came)


def stop(until: threading.Event) -> Mood:
    """The register acts; the answer is held back from who asked, and `until` says that it is so."""

    def held(came: Came, pass_on: Passing) -> None:
        pass_on(came)
        until.set()

    return held


def spelled_in_der(came: Came, pass_on: Passing) -> Answer:
    """The assertion's signature as OpenSSL, PHP and Java write it by themselves."""
    form = {name: values[0] for name, values in parse_qs(came.body.decode()).items()}
    signed, _, signature = form["client_assertion"].rpartition(".")
    form["client_assertion"] = f"{signed}.{in_der(signature)}"
    return pass_on(Came(came.method, came.path, came.headers, urlencode(form).encode(), came.at))


def in_der(signature: str) -> str:
    """A base64url of r and s as one of DER."""
    raw = base64.urlsafe_b64decode(signature + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    return base64.urlsafe_b64encode(der).rstrip(b"=").decode()


def leave_out(number: int) -> Mood:
    """A page of the feed without one of its events."""

    def cut(came: Came, pass_on: Passing) -> Answer:
        said = pass_on(came)
        page = json.loads(said.body)
        del page["data"][number]
        return Answer(said.status, said.headers, json.dumps(page).encode())

    return cut


def from_the_beginning(came: Came, pass_on: Passing) -> Answer:
    """A page of the feed that came before, as a cache might give it."""
    return pass_on(Came(came.method, "/api/v1/events?after=-1", came.headers, came.body, came.at))
