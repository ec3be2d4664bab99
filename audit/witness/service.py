"""The witness over HTTP: POST /add-checkpoint, GET / for people, GET /livez for machines.

Bounded on purpose: 64 KB a body, ten seconds a request (waiting for it included), 32 connections. Bodies are never
logged. TLS is the reverse proxy's, and not needed for safety: everything that counts is signed.
"""

from __future__ import annotations

import base64
import logging
import re
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from .deciding import MAX_BODY, Answer, Witness, refusal
from .store import TWO_ROOTS

PATIENCE_S = 10.0
MOST_CONNECTIONS = 32

_journal = logging.getLogger("lintas.witness")


class Service(ThreadingHTTPServer):
    """The server of one witness. `start`, then `stop`; `port` is the one it got."""

    daemon_threads = False  # `stop` waits for answers under way
    request_queue_size = 64

    def __init__(
        self, witness: Witness, *, host: str, port: int, clock: Callable[[], float] = time.time,
        patience: float = PATIENCE_S, most_connections: int = MOST_CONNECTIONS,
    ) -> None:  # fmt: skip
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.witness = witness
        self.clock = clock
        self.patience = patience
        self._slots = threading.BoundedSemaphore(most_connections)
        self._until: dict[socket.socket, float] = {}
        self._until_lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="accepting")
        super().__init__((host, port), Handler)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Begin to answer, in threads of its own."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether it still takes connections."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Take nothing new, finish the answers under way, close."""
        self.shutdown()
        with self._until_lock:
            waiting = list(self._until)
        for connection in waiting:
            _hang_up(connection, socket.SHUT_RD)
        self.server_close()
        self._thread.join()

    def give_time(self, connection: socket.socket) -> None:
        """Count this connection's ten seconds from now."""
        with self._until_lock:
            self._until[connection] = time.monotonic() + self.patience

    def server_bind(self) -> None:
        """Listen, without asking the DNS for a name that nobody needs."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.port

    # -- socketserver's own hooks --------------------------------------------------------------------------------------

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, unless too many are answered already."""
        if not self._slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        self.give_time(request)
        try:
            super().process_request(request, client_address)
        except BaseException:  # no thread could be started: the caller closes the connection
            self._slots.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Give the place back, whatever happens."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection and close it."""
        with self._until_lock:
            self._until.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Hang up on whoever sends a byte now and then: a socket's timeout alone would wait for each."""
        now = time.monotonic()
        with self._until_lock:
            late = [connection for connection, until in self._until.items() if until < now]
        for connection in late:
            _hang_up(connection, socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Name a connection's fault by its type only; its text could hold what was sent."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            _journal.error("A request ended in %s.", type(error).__name__)


def _hang_up(connection: socket.socket, how: int) -> None:
    try:
        connection.shutdown(how)
    except OSError:
        return  # gone already


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Service
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(code)d %(message)s\n"

    def setup(self) -> None:
        """A read waits no longer than a request may take."""
        super().setup()
        self.connection.settimeout(self.server.patience)

    def handle_one_request(self) -> None:
        """Each request of a kept connection has its own ten seconds."""
        self.server.give_time(self.connection)
        super().handle_one_request()

    def parse_request(self) -> bool:
        """Refuse HTTP/0.9, which http.server would answer without a status."""
        parsed = super().parse_request()
        if parsed and self.request_version == "HTTP/0.9":
            self.send_error(400)
            return False
        return parsed

    def do_GET(self) -> None:
        """Say who this is and how far it has seen each log."""
        if self.path == "/livez":
            self._answer(Answer(200, "ok\n"))
        elif self.path == "/":
            try:
                self._answer(Answer(200, described(self.server.witness)))
            except sqlite3.Error as why:
                self._answer(_unavailable(why))
        else:
            self._answer(_not_here())

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def do_POST(self) -> None:
        """Take a checkpoint."""
        body = self._body()
        if isinstance(body, Answer):
            self.close_connection = True  # where the next request would begin is not known
            self._answer(body)
        elif self.path != "/add-checkpoint":
            self._answer(_not_here())
        else:
            try:
                self._answer(self.server.witness.add_checkpoint(body, now=int(self.server.clock())))
            except sqlite3.Error as why:
                self._answer(_unavailable(why))

    def _body(self) -> bytes | Answer:
        lengths = self.headers.get_all("Content-Length", [])
        if "Transfer-Encoding" in self.headers or not lengths:
            return refusal(411, "Sertakan Content-Length.", "Send a Content-Length, not chunks.")
        if len(lengths) > 1 or not re.fullmatch("[0-9]{1,9}", lengths[0], re.ASCII):
            return refusal(400, "Content-Length tidak sah.", "The Content-Length is no number.")
        if int(lengths[0]) > MAX_BODY:
            return refusal(413, "Badan permintaan melebihi 64 KB.", "The body is larger than 64 KB.")
        body = self.rfile.read(int(lengths[0]))
        if len(body) < int(lengths[0]):
            return refusal(400, "Badan permintaan terpotong.", "The body ended early.")
        return body

    def _answer(self, answer: Answer) -> None:
        body = answer.text.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is not HTTP, or not ours: always the sender's fault, and nothing of it is repeated."""
        mine, text = {501: (405, "GET, HEAD or POST"), 505: (400, "HTTP/1.1, please")}.get(code, (code, "bad request"))
        self.close_connection = True
        self.request_version = "HTTP/1.1"  # until then it is HTTP/0.9, without a status line
        super().send_error(mine, text, explain)

    def version_string(self) -> str:
        """Name the program, not the versions of what it is made of."""
        return "lintas-witness"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Nothing: what was asked is nobody's business, and what went wrong is logged where it did."""


def _not_here() -> Answer:
    return refusal(404, "Tidak ada apa-apa di sini.", "There is nothing here; checkpoints go to /add-checkpoint.")


def _unavailable(why: sqlite3.Error) -> Answer:
    _journal.error("The state file did not take it, nothing was signed: %s", why)
    return refusal(
        503,
        "Saksi tidak dapat menyimpan ingatannya; tidak menandatangani.",
        "The witness cannot store its memory; it does not sign.",
    )


def described(witness: Witness) -> str:
    """Who this witness is and how far it has seen each log, for people to read."""
    seen = witness.store.logs()
    lines = [
        "lintas-witness",
        f"name   {witness.signer.name}",
        f"vkey   {witness.signer.vkey}",
        f"since  {_instant(witness.store.since)}",
    ]
    for origin in sorted({key.name for key in witness.logs} | set(seen)):
        known = "" if any(key.name == origin for key in witness.logs) else " (no longer trusted)"
        if latest := seen.get(origin):
            root, at = base64.b64encode(latest.root).decode(), _instant(latest.cosigned_at)
            lines.append(f"log    {origin} size {latest.size} root {root} cosigned {at}{known}")
        else:
            lines.append(f"log    {origin} size 0")
    lines.append(f"logs that signed two roots for one size: {witness.store.count(TWO_ROOTS)}")
    return "\n".join(lines) + "\n"


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
