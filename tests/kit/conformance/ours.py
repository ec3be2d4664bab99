"""Our own client library as a partner would build upon it: what the kit must find nothing wrong with."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from lintas_client import Client, FeedGap, Identity, LintasError, NotGenuine, Receiver, SigningKey, Store
from lintas_conformance import Act, Outcome
from lintas_conformance.acts import VERBS
from lintas_simulator import Register
from lintas_simulator.keys import PublicKey
from lintas_simulator.keys import SigningKey as Drawn
from tests.kit.conformance.clocks import Clock

KEY = Drawn.draw()


class Heard(logging.Handler):
    """Everything that anybody logs."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Ours:
    """Every verb by `lintas_client`, one client for each agency."""

    def __init__(self, register: Register, folder: Path, *, agencies: tuple[str, ...], clock: Clock) -> None:
        self.agencies = agencies
        self.verbs = frozenset(VERBS)
        self.hook = ""
        self.clock = clock
        self.base_url = register.base_url
        self.heard: list[str] = []
        self._hooks = folder / "hooks.sqlite"
        self._secret = ""
        self._receiver: Receiver | None = None
        self._clients: dict[str, Client] = {}
        for agency in agencies:
            ident = register.enrol(agency, PublicKey.of_key(KEY.private.public_key(), kid="k")).id
            identity = Identity(register.base_url, ident, SigningKey.read(KEY.pem, kid="k"))
            self._clients[ident] = Client(identity, Store(folder / f"{agency}.sqlite"), sleep=clock.sleep)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def take_secret(self, secret: str) -> None:
        self._secret, self._receiver = secret, None

    def do(self, act: Act) -> Outcome:
        log = Heard()
        logging.getLogger().addHandler(log)
        handled: list[str] = []
        try:
            self._do(self._clients[act.client], act, handled)
            code = 0
        except LintasError as why:
            log.lines.append(str(why))
            code = 1
        finally:
            logging.getLogger().removeHandler(log)
        return Outcome(code, "\n".join(log.lines), tuple(handled))

    def _do(self, client: Client, act: Act, handled: list[str]) -> None:
        body: Any = act.body
        if act.verb == "submit":
            client.submit_finding(body, reference=act.reference)
        elif act.verb == "document":
            client.register_document(body, reference=act.reference)
        elif act.verb == "transition":
            client.act(act.casefile, act.transition, body, reference=act.reference)
        elif act.verb == "inbox":
            list(client.referrals(status="open"))
        elif act.verb == "follow":
            with contextlib.suppress(FeedGap):
                while client.feed.at_least_once(client.store, "feed", lambda event: handled.append(event["id"])):
                    pass
        elif act.verb == "heard":
            handled += self.heard
        elif act.verb == "receipts":
            client.receipts.redeem()

    def receive(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """What the receiver answers to a message."""
        if self._receiver is None:  # in the thread that listens, to which its store belongs
            keys = f"{self.base_url}/.well-known/jwks.json"
            self._receiver = Receiver(Store(self._hooks), secrets=[self._secret], jwks_url=keys, clock=self.clock)
        try:
            reply = self._receiver.receive(headers, body, lambda event: self.heard.append(event["id"]))
        except NotGenuine:
            return 401, b""
        return reply.status, reply.body


@contextlib.contextmanager
def listening(integration: Any) -> Iterator[None]:
    """Let its `receive` answer at an address of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = integration.receive(dict(self.headers.items()), body)
            self.send_response_only(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the standard library
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        integration.hook = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            integration.hook = ""
