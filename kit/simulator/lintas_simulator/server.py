"""The simulator over HTTP: a server of threads on this machine, with the control addresses under /simulator."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from lintas_simulator import control
from lintas_simulator.messages import Answer, Request
from lintas_simulator.problems import Problem
from lintas_simulator.register import Register

MOST_BYTES: Final = 256 * 1024
HOST: Final = "127.0.0.1"


class _Handler(BaseHTTPRequestHandler):
    """Reads one request after another off a connection, and writes what the register answers."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    server: Simulator

    def _serve(self) -> None:
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        length = int(self.headers.get("Content-Length") or 0)
        target = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=target.path,
            query=tuple(parse_qsl(target.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            content=self.rfile.read(min(length, MOST_BYTES + 1)),
        )
        if target.path.startswith(control.PREFIX):
            self._write(control.handle(self.server.register, request))
        elif length > MOST_BYTES:
            self.close_connection = True
            self._write(Problem("body-too-large").answer(base_url=self.server.register.base_url, language="id"))
        else:
            self._write(self.server.register.handle(request))

    def _write(self, answer: Answer) -> None:
        if answer.cut == 0:
            self._hang_up()
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content[: answer.cut])
        if answer.cut is not None:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - named by the standard library

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the standard library
        """Say nothing: an address may hold what a log must not, and the record has every request."""


class Simulator(ThreadingHTTPServer):
    """A server with its register. `base_url` is where it answers."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *, port: int = 0, host: str = HOST, **settings: Any) -> None:
        super().__init__((host, port), _Handler)
        self.base_url = f"http://{host}:{self.server_address[1]}"
        self.register = Register(base_url=self.base_url, **settings)


@contextlib.contextmanager
def running(*, port: int = 0, **settings: Any) -> Iterator[Simulator]:
    """A simulator that answers until the block ends. `settings` are those of `Register`."""
    simulator = Simulator(port=port, **settings)
    thread = threading.Thread(target=simulator.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield simulator
    finally:
        simulator.shutdown()
        simulator.server_close()
        thread.join()


__all__ = ["Simulator", "running"]
