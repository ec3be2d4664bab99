"""Webhooks that the simulator sends: signed as the register signs or, when told so, forged, old, or changed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lintas_simulator.keys import PublicKey, thumbprint
from lintas_simulator.log import instant

How = Literal["genuine", "old", "forged", "forged-v1", "forged-v1a", "unknown-key", "changed-body", "no-signature"]
CHALLENGE: Final = "lintas.webhook.challenge"
PING: Final = "lintas.webhook.ping"
TIMEOUT_S: Final = 10.0


@dataclass(frozen=True)
class Reply:
    """What a receiver answered: status 0 where nobody did; `seconds` is how long it took."""

    status: int
    content: bytes
    seconds: float


@dataclass(frozen=True)
class Delivery:
    """One message as it was sent, and what came back."""

    message: str
    how: str
    event: Mapping[str, Any]
    reply: Reply


@dataclass
class Webhook:
    """One subscription."""

    url: str
    client: str
    agency: str
    created_at: datetime
    types: tuple[str, ...] = ()
    contact: str | None = None
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "unproven"
    after: int = -1

    @property
    def told_secret(self) -> str:
        """The secret as its holder writes it."""
        return "whsec_" + base64.b64encode(self.secret).decode()

    def shown(self) -> dict[str, Any]:
        """What answers say of it, without the secret."""
        return {
            "id": self.id,
            "url": self.url,
            "types": list(self.types),
            "status": self.status,
            "after": self.after,
            "contact": self.contact,
            "created_at": instant(self.created_at),
            "changed_at": instant(self.created_at),
            "href": f"/api/v1/webhooks/{self.id}",
        }


class Courier:
    """Signs and sends. Its key can be changed for another; the former is not published any more then."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._key = Ed25519PrivateKey.generate()
        self.sent: list[Delivery] = []

    @property
    def published(self) -> dict[str, str]:
        """The public half as jwks.json has it."""
        jwk = dict(PublicKey.of_key(self._key.public_key(), kid="").jwk)
        return {**jwk, "kid": thumbprint(jwk), "use": "sig", "alg": "EdDSA"}

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self._key = Ed25519PrivateKey.generate()

    def challenge(self, webhook: Webhook) -> bool:
        """Have the address prove itself; whether it did."""
        token = secrets.token_urlsafe(24)
        event = self.notice(webhook, CHALLENGE, {"challenge": token})
        reply = self.send(webhook, event).reply
        try:
            echoed = json.loads(reply.content or b"null")
        except ValueError:
            echoed = None
        webhook.status = "active" if reply.status == 200 and echoed == {"challenge": token} else "unproven"
        return webhook.status == "active"

    def notice(self, webhook: Webhook, kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """A message that is no event of the log."""
        moment = instant(datetime.fromtimestamp(self._clock(), UTC))
        return {"specversion": "1.0", "id": str(uuid.uuid4()), "type": kind, "time": moment, "data": dict(data)}

    def send(self, webhook: Webhook, event: Mapping[str, Any], *, how: How = "genuine") -> Delivery:
        """Send one message, rightly signed or as `how` says, and keep what came back."""
        body = json.dumps(event, ensure_ascii=False, separators=(", ", ": ")).encode()
        message = str(event["id"])
        at = int(self._clock()) - (3600 if how == "old" else 0)
        signed = b".".join((message.encode(), str(at).encode(), body))
        secret = secrets.token_bytes(32) if how in {"forged", "forged-v1"} else webhook.secret
        key = Ed25519PrivateKey.generate() if how in {"forged", "forged-v1a", "unknown-key"} else self._key
        v1 = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
        v1a = base64.b64encode(key.sign(signed)).decode()
        kid = thumbprint(PublicKey.of_key(key.public_key(), kid="").jwk) if how == "unknown-key" else None
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message,
            "webhook-timestamp": str(at),
            "webhook-signature": f"v1,{v1} v1a,{v1a}",
            "lintas-webhook-key": kid or self.published["kid"],
        }
        if how == "no-signature":
            del headers["webhook-signature"]
        if how == "changed-body":
            body = body.replace(b'"specversion": "1.0"', b'"specversion": "1.1"')
        delivery = Delivery(message, how, event, _posted(webhook.url, body, headers))
        self.sent.append(delivery)
        return delivery


def _posted(url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    if urlsplit(url).scheme not in {"http", "https"}:
        return Reply(0, b"", 0.0)
    began = time.monotonic()
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310 - looked at above
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - looked at above
            return Reply(answer.status, answer.read(65536), time.monotonic() - began)
    except urllib.error.HTTPError as refused:
        with refused:
            return Reply(refused.code, refused.read(65536), time.monotonic() - began)
    except OSError:
        return Reply(0, b"", time.monotonic() - began)
