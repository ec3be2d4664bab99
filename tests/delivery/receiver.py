"""A partner's receiver on loopback, and a pump that a test winds by hand, by a clock of the test's own."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.conf import settings
from django.utils import timezone

from delivery import keys
from delivery.pump import Pump
from tests.callers import as_courier

Answer = Callable[["Handler", dict[str, Any]], None]


def echo(handler: Handler, said: dict[str, Any]) -> None:
    """What a well-behaved receiver does: a challenge comes back, everything else is taken."""
    token = said["data"].get("challenge")
    handler.answers(200, json.dumps({"challenge": token}).encode()) if token else handler.answers(204)


class Handler(BaseHTTPRequestHandler):
    """Notes what came and answers as the test says."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = json.loads(body)
        receiver.got.append(Got(self.path, dict(self.headers.items()), body, said))
        receiver.answer(self, said)

    def answers(self, status: int, body: bytes = b"", **headers: str) -> None:
        """One whole answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Quietly."""


@dataclass(frozen=True)
class Got:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    said: Mapping[str, Any]


@dataclass
class Receiver:
    """Where it listens, what it got, how it answers."""

    url: str = ""
    answer: Answer = echo
    got: list[Got] = field(default_factory=list)

    @property
    def events(self) -> list[Mapping[str, Any]]:
        """The events among what came, in the order in which they came."""
        return [one.said for one in self.got if "logindex" in one.said]


@contextmanager
def listening() -> Iterator[Receiver]:
    """A receiver on loopback until the block ends."""
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.receiver = receiver  # type: ignore[attr-defined]
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def raw(behaves: Callable[[socket.socket], None]) -> Iterator[str]:
    """A receiver that is no HTTP server: each connection is handed to `behaves`. Yields its URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=_quietly, args=(behaves, connection), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/hook"
        over.set()


def _quietly(behaves: Callable[[socket.socket], None], connection: socket.socket) -> None:
    try:
        with connection:
            behaves(connection)
    except OSError:
        pass


@dataclass
class Wound:
    """Time as the pump sees it: the real one, and as much later as the test says."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """The moment."""
        return timezone.now() + self.ahead

    def passes(self, seconds: float) -> None:
        """Let so much time pass."""
        self.ahead += timedelta(seconds=seconds)

    def turns(self, rounds: int = 1) -> int:
        """So many rounds of a pump that was started for them, in the role it has; how many subscriptions it served."""

        async def serve(pump: Pump) -> int:
            return sum([await pump.round() for _ in range(rounds)])

        return self._with_a_pump(serve)

    def warns(self) -> int:
        """A round of mails to contacts; how many were handed over."""
        return self._with_a_pump(Pump.warn)

    def _with_a_pump(self, act: Callable[[Pump], Awaitable[int]]) -> int:
        async def run() -> int:
            pump = Pump(key=keys.read(settings.LINTAS_COURIER_KEY_FILE), clock=self.now)
            try:
                return await act(pump)
            finally:
                await pump.close()

        with as_courier():
            return asyncio.run(run())
