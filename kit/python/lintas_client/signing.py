"""What a request is signed with (RFC 9421, RFC 9530) and what shows that a token's holder has its key (RFC 9449)."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from lintas_client.keys import SigningKey

TAG: Final = "lintas-v1"
COVERED: Final = ("authorization", "idempotency-key", "if-match")
"""Headers that are signed where they are sent."""


def content_digest(content: bytes) -> str:
    """The header `Content-Digest` of these bytes."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def signed(
    method: str, url: str, content: bytes, headers: Mapping[str, str], *, key: SigningKey, created: int
) -> dict[str, str]:
    """The headers to add to a request: `Signature-Input`, `Signature`, and `Content-Digest` where there is a body.

    `url` is whole and begins with the base URL of the service, not with that of a gateway; `created` in POSIX seconds.
    A signature is good for a minute, so each attempt is signed anew.
    """
    target = urlsplit(url)
    parts = {"@method": method, "@authority": target.netloc, "@path": target.path}
    if target.query:
        parts["@query"] = f"?{target.query}"
    parts |= {name.lower(): value for name, value in headers.items() if name.lower() in COVERED}
    if content:
        parts["content-digest"] = content_digest(content)
    names = " ".join(f'"{name}"' for name in parts)
    parameters = f'({names});created={created};keyid="{key.kid}";tag="{TAG}"'
    base = "".join(f'"{name}": {value}\n' for name, value in parts.items()) + f'"@signature-params": {parameters}'
    signature = base64.b64encode(key.signature(base.encode())).decode()
    added = {"Signature-Input": f"sig={parameters}", "Signature": f"sig=:{signature}:"}
    return added | ({"Content-Digest": parts["content-digest"]} if content else {})


def dpop_proof(method: str, url: str, *, key: SigningKey, now: int, token: str = "", nonce: str = "") -> str:
    """The header `DPoP` of one request: a new proof each time. `token` is empty where the token is bought."""
    target = urlsplit(url)
    claims: dict[str, str | int] = {
        "jti": str(uuid.uuid4()), "htm": method, "iat": now,
        "htu": f"{target.scheme}://{target.netloc}{target.path}",
    }  # fmt: skip
    if token:
        digest = hashlib.sha256(token.encode()).digest()
        claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if nonce:
        claims["nonce"] = nonce
    return key.jwt({"typ": "dpop+jwt", "jwk": key.public_jwk}, claims)
