"""The bell: a partner's receiver that verifies both signatures by itself, breaks down, and is rung again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from demo.client import Client
from demo.printing import Said
from demo.story import EXAMINER_NOW
from demo.walk import Surprise, Walk

RINGS_WITHIN_S: Final = 60.0
FRESH_S: Final = 300
"""Seconds by which a message's timestamp may be off."""


@dataclass
class Receiver:
    """What the partner's program knows: its secret, the service's keys, and what came so far."""

    keys: Mapping[str, Ed25519PublicKey]
    secret: bytes = b""
    url: str = ""
    is_broken: bool = False
    challenged: bool = False
    took: list[Mapping[str, Any]] = field(default_factory=list)
    turned_away: int = 0
    forged: int = 0

    def receive(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """What a receiver has to do: verify, answer the challenge, take each event once."""
        if not self._is_genuine(headers, body):
            self.forged += 1
            return 401, b""
        event = json.loads(body)
        if event["type"] == "lintas.webhook.challenge":
            self.challenged = True
            return 200, json.dumps({"challenge": event["data"]["challenge"]}).encode()
        if self.is_broken:
            self.turned_away += 1
            return 503, b"database penuh"
        if event["id"] not in [one["id"] for one in self.took]:
            self.took.append(event)
        return 204, b""

    def _is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Both signatures: the shared secret's, and the one that nobody but the service can have made."""
        stamp = headers["webhook-timestamp"]
        if abs(time.time() - int(stamp)) > FRESH_S:
            return False
        signed = b".".join((headers["webhook-id"].encode(), stamp.encode(), body))
        made = dict(one.split(",", 1) for one in headers["webhook-signature"].split(" "))
        shared = base64.b64encode(hmac.new(self.secret, signed, hashlib.sha256).digest()).decode()
        # The challenge may come before the answer that told the secret was read.
        if self.secret and not hmac.compare_digest(made["v1"], shared):
            return False
        try:
            self.keys[headers["lintas-webhook-key"]].verify(base64.b64decode(made["v1a"]), signed)
        except InvalidSignature:
            return False
        return True


def ringing(walk: Walk) -> None:
    """Register a receiver, let it be told of the last events, break it, and see that nothing is lost."""
    walk.screen.chapter(Said("Webhook: log membunyikan bel penerima", "Webhooks: the log rings the bell of a receiver"))
    client = walk[EXAMINER_NOW]
    before, first, last = _newest(client)
    with _listening(_published(client.download("/.well-known/jwks.json"))) as receiver:
        made = client.post("/webhooks", {"url": receiver.url, "after": before["logindex"]})
        receiver.secret = base64.b64decode(made.data["secret"].removeprefix("whsec_"))
        home = f"/webhooks/{made.data['id']}"
        walk.tells(
            EXAMINER_NOW,
            Said(
                "BKN mendaftarkan penerima; secret sekali ini saja", "BKN registers a receiver; its secret, this once"
            ),
            made,
            {"status": (made.status, 201), "state": (made.data["status"], "unproven")},
            [receiver.url],
        )
        _until(lambda: len(receiver.took) == 2, "two events arrived")
        walk.reads(
            EXAMINER_NOW,
            home,
            Said(
                "Tantangan dijawab; dua peristiwa tiba, kedua tanda tangan cocok (HMAC dan Ed25519)",
                "The challenge was echoed; two events arrived, both signatures hold (HMAC and Ed25519)",
            ),
            lambda seen: {
                "status": (seen["status"], "active"),
                "events": ([one["logindex"] for one in receiver.took], [first["logindex"], last["logindex"]]),
                "forged": (receiver.forged, 0),
            },
            shows=lambda _: [f"{one['logindex']}: {one['type']}" for one in receiver.took],
        )
        _broken(walk, receiver, home, last)
        ended = client.delete(home)
        walk.tells(
            EXAMINER_NOW,
            Said("Webhook diakhiri", "The webhook is ended"),
            ended,
            {"status": (ended.status, 204)},
            [],
        )


def _newest(client: Client) -> list[Mapping[str, Any]]:
    """The last three events of the client's feed, however long it is."""
    newest: list[Mapping[str, Any]] = []
    page = client.get("/events", limit="500").data["data"]
    while page:
        newest = [*newest, *page][-3:]
        page = client.get("/events", limit="500", after=str(newest[-1]["logindex"])).data["data"]
    return newest


def _broken(walk: Walk, receiver: Receiver, home: str, last: Mapping[str, Any]) -> None:
    """The receiver is down when it is rung; it is rung again, with the same id, when it is back."""
    client = walk[EXAMINER_NOW]
    receiver.is_broken, receiver.took = True, []
    replayed = client.post(f"{home}/replay", {"from_index": last["logindex"]})
    walk.tells(
        EXAMINER_NOW,
        Said("Penerima rusak, dan peristiwa terakhir diminta lagi", "The receiver breaks, and the last event is due"),
        replayed,
        {"status": (replayed.status, 200)},
        [],
    )
    _until(lambda: receiver.turned_away >= 2, "the broken receiver was tried twice")
    receiver.is_broken = False
    _until(lambda: len(receiver.took) == 1, "the event came again")
    _until(lambda: client.get(f"{home}/deliveries").data["data"][0]["status"] == "delivered", "it was noted")
    walk.reads(
        EXAMINER_NOW,
        f"{home}/deliveries",
        Said("Dicoba lagi sampai diterima; tidak ada yang hilang", "Tried again until it was taken; nothing is lost"),
        lambda page: {
            "event": (page["data"][0]["webhook_id"], receiver.took[0]["id"]),
            "the last attempt": (page["data"][0]["attempts"][-1]["outcome"], "delivered"),
            "refused before": (page["data"][0]["attempts"][-2]["answer"], "database penuh"),
        },
        shows=lambda page: [
            f"{one['number']}: {one['outcome']} {one['status']}, {one['latency_ms']} ms"
            for one in page["data"][0]["attempts"]
        ],
    )


def _published(jwks: bytes) -> dict[str, Ed25519PublicKey]:
    """The keys of `v1a` by their ids, as anybody reads them from jwks.json."""
    return {
        key["kid"]: Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
        for key in json.loads(jwks)["keys"]
        if key.get("alg") == "EdDSA"
    }


def _until(true: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + RINGS_WITHIN_S
    while not true():
        if time.monotonic() > ends:
            raise Surprise(f"In {RINGS_WITHIN_S:.0f} s it did not come about that {what}.")
        time.sleep(0.05)


@contextmanager
def _listening(keys: Mapping[str, Ed25519PublicKey]) -> Iterator[Receiver]:
    receiver = Receiver(keys=keys)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Hand it to the receiver, and answer as it says."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = receiver.receive({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            """Quietly: the screen tells it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/lintas"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
