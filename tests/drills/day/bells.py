"""Where the counterparts' webhooks ring: each message is verified by the kit's client of the receiver's language."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from lintas_client import Store, Unanswered
from lintas_client.webhooks import NotGenuine
from lintas_client.webhooks import Receiver as Verifier
from tests.drills.service import free_port
from tests.kit.languages.programs import DONE, KIT, NOT_GENUINE, Program

Heard = tuple[int, bytes, Any]
"""What is answered (status and body), and the event that is taken up, if any."""
Hear = Callable[[Mapping[str, str], bytes], Heard]


@dataclass
class Bell:
    """One address on loopback. Without a secret it answers 503, as a system that is not ready yet."""

    folder: Path
    base_url: str
    program: Program | None = None
    rung: int = 0
    refused: int = 0
    events: list[Any] = field(default_factory=list)
    hear: Hear | None = None

    def __post_init__(self) -> None:
        bell = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = bell.ring(dict(self.headers.items()), body)
                with suppress(ConnectionError):  # a courier that was killed, or waits no longer, rings again
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Quietly."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._kept: list[Store] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        self._server.serve_forever()
        for store in self._kept:  # by the thread that opened it
            store.close()

    @property
    def url(self) -> str:
        """Where it rings."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def ring(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """One message: the answer."""
        if self.hear is None:
            return 503, b""
        status, answer, event = self.hear(headers, body)
        self.rung += 1
        self.refused += status == 401
        if event is not None:
            self.events.append(event)
        return status, answer

    def answer_with(self, secret: str) -> None:
        """From now on it verifies under that secret."""
        self.hear = _of_a_program(self.program, secret) if self.program else self._of_the_library(secret)

    def _of_the_library(self, secret: str) -> Hear:
        kept: list[Verifier] = []

        def hear(headers: Mapping[str, str], body: bytes) -> Heard:
            if not kept:  # by the thread that uses it
                store = Store(self.folder / "heard.sqlite")
                self._kept.append(store)
                kept.append(Verifier(store, secrets=[secret], jwks_url=f"{self.base_url}/.well-known/jwks.json"))
            try:
                reply = kept[0].receive(headers, body)
            except NotGenuine:
                return 401, b"", None
            except Unanswered:  # the register's keys could not be fetched
                return 503, b"", None
            return reply.status, reply.body, reply.event

        return hear

    def close(self) -> None:
        """Ring no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _of_a_program(program: Program, secret: str) -> Hear:
    """The command `webhook`, which has headers and body in two files, and prints a message that is new."""

    def hear(headers: Mapping[str, str], body: bytes) -> Heard:
        lines = program.file("headers", "".join(f"{name}: {value}\r\n" for name, value in headers.items()))
        content = program.folder / "message"
        content.write_bytes(body)
        said = program.run("webhook", lines, content, LINTAS_WEBHOOK_SECRET=secret)
        if said.code != DONE:
            return 401 if said.code == NOT_GENUINE else 503, b"", None
        if not said.out.strip():
            return 204, b"", None
        event = said.data
        if event["type"] == "lintas.webhook.challenge":
            return 200, json.dumps({"challenge": event["data"]["challenge"]}).encode(), None
        return 204, b"", event

    return hear


@dataclass
class PhpBell:
    """kit/php/webhook.php under PHP's own server, as the file says; it notes events in a file."""

    program: Program
    port: int = field(default_factory=free_port)
    refused: int = 0
    _serving: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it rings."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def rung(self) -> int:
        """How many messages it took up; repetitions it does not count."""
        return len(self.events)

    @property
    def events(self) -> list[Any]:
        """What it noted."""
        noted = self.program.state / "events.ndjson"
        return [json.loads(line) for line in noted.read_text().splitlines()] if noted.exists() else []

    def answer_with(self, secret: str) -> None:
        """Serve, with that secret."""
        with (self.program.folder / "php.log").open("w") as log:
            serving = replace(
                self.program, command=("php", "-S", f"127.0.0.1:{self.port}", str(KIT / "php" / "webhook.php"))
            )
            self._serving = subprocess.Popen(
                serving.command, cwd=serving.folder, env=serving.environment(LINTAS_WEBHOOK_SECRET=secret),
                stdout=log, stderr=log,
            )  # fmt: skip

    def close(self) -> None:
        """Ring no more."""
        if self._serving is not None:
            self._serving.terminate()
            self._serving.wait(30)
