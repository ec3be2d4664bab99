"""Signed requests (RFC 9421) made by code of the tests' own, which shares nothing with the library that the API uses.

headers = signed(system, "POST", "/api/v1/documents", body, headers)      # adds the three headers of a signature
"""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict, Unpack
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.conf import settings
from django.test import Client as Browser

from agencies import clients
from tests import callers
from tests.partner import Partner
from tests.world import World

OFFICE = "bawaslu-kota-padang"
PATH = "/api/v1/documents"
BODY = orjson.dumps(
    {
        "type": "assessment", "title": "Kajian", "number": "7/2024", "date": "2024-10-06",
        "media_type": "application/pdf", "size": 18233, "sha256": "a" * 64, "signature_status": "unknown",
    }
)  # fmt: skip
PARTS = ("@method", "@authority", "@path", "@query", "authorization", "content-digest", "idempotency-key", "if-match")


def digest_of(body: bytes) -> str:
    """The header Content-Digest of a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def values(method: str, url: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The value of every part that can be covered; `url` is absolute."""
    target = urlsplit(url)
    found = {
        "@method": method,
        "@authority": target.netloc,
        "@path": target.path,
        "@query": f"?{target.query}",
        "@target-uri": url,
    }
    return found | {name.lower(): value for name, value in headers.items()}


def base_of(told: Mapping[str, str], covered: Sequence[str], parameters: str) -> str:
    """What is signed: a line for each part, and the line of parameters."""
    listed = " ".join(f'"{name}"' for name in covered)
    lines = [f'"{name}": {told[name]}' for name in covered]
    return "\n".join([*lines, f'"@signature-params": ({listed}){parameters}'])


def sign(base: str, private_jwk: Mapping[str, Any], alg: str = "ES256") -> bytes:
    """The signature over the base."""
    key: Any = callers.load(dict(private_jwk)).get_op_key("sign")
    message = base.encode()
    if alg == "ES256":
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)
    if alg == "Ed25519":
        return bytes(key.sign(message))
    return bytes(key.sign(message, padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32), hashes.SHA256()))


class Parameters(TypedDict, total=False):
    """What a test may want otherwise of a signature: how it is made, and what its parameters say."""

    alg: str
    created: int
    tag: str
    more: str


def signed(
    method: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    kid: str,
    private_jwk: Mapping[str, Any],
    base_url: str | None = None,
    covered: Sequence[str] | None = None,
    **otherwise: Unpack[Parameters],
) -> dict[str, str]:
    """The headers with those of a signature: over all parts that are there, unless told."""
    sent = dict(headers)
    if body:
        sent.setdefault("Content-Digest", digest_of(body))
    url = f"{base_url or settings.LINTAS_BASE_URL}{path}"
    told = values(method, url, sent)
    if covered is None:
        covered = [name for name in PARTS if name in told and (name != "@query" or "?" in path)]
    created, tag = otherwise.get("created", int(time.time())), otherwise.get("tag", "lintas-v1")
    parameters = f';created={created};keyid="{kid}"{otherwise.get("more", "")};tag="{tag}"'
    made = sign(base_of(told, covered, parameters), private_jwk, otherwise.get("alg", "ES256"))
    listed = " ".join(f'"{name}"' for name in covered)
    return {
        **sent,
        "Signature-Input": f"sig=({listed}){parameters}",
        "Signature": f"sig=:{base64.b64encode(made).decode()}:",
    }


class Signer:
    """A system of the sandbox's world that signs what it sends."""

    def __init__(self, world: World, agency: str = OFFICE) -> None:
        told = world.clients[agency]
        self.agency, self.jwk = agency, dict(told["private_jwk"])
        self.kid, self.client_id = str(self.jwk["kid"]), str(told["client_id"])
        self.token = Partner(agency).token

    def headers(self, **more: str) -> dict[str, str]:
        """What a write is sent with, unsigned."""
        told = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid.uuid4().hex}
        return told | {name.replace("_", "-"): value for name, value in more.items()}

    def sign(self, method: str, path: str, body: bytes, headers: Mapping[str, str], **more: Any) -> dict[str, str]:
        """The same, signed."""
        return signed(method, path, body, headers, **{"kid": self.kid, "private_jwk": self.jwk, **more})

    def post(self, path: str = PATH, body: bytes = BODY, *, send: bytes | None = None, **more: Any) -> Any:
        """A signed POST; `send` is another body than the one that was signed."""
        headers = self.sign("POST", path, body, self.headers(), **more)
        return sent("POST", path, body if send is None else send, headers)

    def must_sign(self, since: datetime | None = None) -> None:
        """From now on, as the owner's command says it. Only for tests that commit."""
        said = datetime.now(UTC) - clients.LEAD - timedelta(seconds=1)
        with callers.as_owner():
            clients.require_signatures(client_id=self.client_id, since=since or said + clients.LEAD, now=said)


def sent(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Any:
    """One request as it stands."""
    browser = Browser(raise_request_exception=False)
    return browser.generic(method, path, body, content_type="application/json", headers=dict(headers))
