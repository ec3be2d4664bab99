"""Standard Webhooks 1.0.0: three headers, and two kinds of signature in one of them.

`v1` (HMAC-SHA256 under the subscription's secret) is what every stock library verifies; `v1a` (Ed25519, key in
jwks.json) cannot be denied later, because no receiver can make it. While a secret is being rotated there are two `v1`.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from standardwebhooks.webhooks import Webhook as Standard

from delivery.keys import CourierKey

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
KEY_HEADER: Final = "lintas-webhook-key"
"""Names the key of jwks.json that made `v1a`."""


def draw_secret() -> str:
    """A new secret as its holder writes it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(
    body: bytes, *, message: str, at: datetime, subscribed: Sequence[str], key: CourierKey
) -> list[tuple[str, str]]:
    """The headers of one message, signed under each of the secrets in force and with the courier's key."""
    text, timestamp = body.decode(), int(at.timestamp())
    signatures = [Standard(secret).sign(message, at, text) for secret in subscribed]
    signed = f"{message}.{timestamp}.".encode() + body
    signatures.append("v1a," + base64.b64encode(key.signing.sign(signed)).decode())
    return [
        ("webhook-id", message),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", " ".join(signatures)),
        (KEY_HEADER, key.kid),
    ]
