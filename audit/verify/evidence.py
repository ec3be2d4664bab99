"""Signed requests (RFC 9421) against the entries that commit to them: who signed, with which key, and what.

An entry's `request.signature` commits to the base that was signed, the signature, its algorithm and the public key. The
key must have been the client's when the entry was recorded, and the base must name the act that the entry tells.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .actors import Key
from .entries import Entry
from .forms import opens

MEMBERS: Final = ("base", "signature", "alg", "jwk")
"""What an entry commits to, under `salt`."""

TAG: Final = ';tag="lintas-v1"'
APART: Final = timedelta(minutes=15)
"""How far `created` may lie from when the entry was recorded: as far as two clocks are believed to differ."""

REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
    "RSA": ("e", "kty", "n"),
}
"""The members of a public key that its thumbprint is taken over (RFC 7638)."""

OTHER_HALVES: Final[Mapping[str, str]] = {"absorb": "merge", "release": "unmerge", "correct": "correct"}
"""Steps that an act on another casefile brings about, with that act."""

PLACES: Final[Mapping[str, str]] = {
    "submit": r"findings(/[0-9a-f-]{36}/subjects)?",
    "finding": r"(findings(/[0-9a-f-]{36}/subjects)?|casefiles/[0-9a-f-]{36}/correct)",
    "document": r"documents",
    "prevention": r"preventions",
    "zero_report": r"zero-reports(/[0-9a-f-]{36}/withdraw)?",
    "hukdis": r"casefiles/[0-9a-f-]{36}/hukdis",
    "snapshot": r"statistics/snapshots",
    "webhook": r"webhooks(/.*)?",
    "key": r"clients/me/keys(/.*)?",
    "delegation": r"delegations(/.*)?",
}
"""Of what is no step on a casefile, the path (after /api/v1/) by the first word of the kind."""

_LINE: Final = re.compile(r'"([^"]+)"((?:;[^:]*)?): (.*)')
_CREATED: Final = re.compile(r";created=(\d{1,12})(?=;|$)")
_STEP: Final = re.compile(r"/api/v1/casefiles/([0-9a-f-]{36})/([a-z-]+)")

Keys = Mapping[tuple[str, str], Key]
"""The keys by client and thumbprint, with the time in which each is live, as the agencies' streams tell them."""


def fault(stored: Mapping[str, Any], entry: Entry, *, salt: bytes | None, keys: Keys | None) -> str | None:
    """The code of what is wrong with the evidence of an entry; None where it proves the act.

    Without `keys` (None) nobody is asked whose key it was.
    """
    content = {name: stored.get(name) for name in MEMBERS}
    if not opens(entry["request"].get("signature"), salt=salt, value=content):
        return "evidence-differs"
    base, jwk, alg = content["base"], content["jwk"], content["alg"]
    try:
        signature = base64.b64decode(str(content["signature"]), validate=True)
    except (binascii.Error, ValueError):
        return "evidence-signature"
    if not isinstance(base, str) or not isinstance(jwk, dict) or not _verifies(base, signature, alg=alg, jwk=jwk):
        return "evidence-signature"
    key = (keys or {}).get((str(entry["actor"]["client"]), thumbprint(jwk) or ""))
    if keys is not None and (key is None or not key.is_live(entry["recorded_at"])):
        return "evidence-key"
    return None if _names(base, entry) else "evidence-other-act"


def thumbprint(jwk: Any) -> str | None:
    """RFC 7638; None for what is no public key, or holds more than one."""
    members = REQUIRED.get(str(jwk.get("kty"))) if isinstance(jwk, dict) else None
    if members is None or set(jwk) != set(members):
        return None
    spelled = json.dumps({name: jwk[name] for name in members}, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(sha256(spelled.encode()).digest()).decode().rstrip("=")


def _verifies(base: str, signature: bytes, *, alg: object, jwk: Mapping[str, Any]) -> bool:
    """Whether that key made the signature over the base."""
    try:
        message = base.encode("ascii")
        if alg == "ES256" and jwk.get("kty") == "EC" and len(signature) == 64:
            numbers = ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), ec.SECP256R1())
            der = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
            numbers.public_key().verify(der, message, ec.ECDSA(hashes.SHA256()))
        elif alg == "Ed25519" and jwk.get("kty") == "OKP":
            ed25519.Ed25519PublicKey.from_public_bytes(_bytes(jwk["x"])).verify(signature, message)
        elif alg in _PSS and jwk.get("kty") == "RSA":
            digest, salt = _PSS[str(alg)]
            rsa.RSAPublicNumbers(e=_number(jwk["e"]), n=_number(jwk["n"])).public_key().verify(
                signature, message, padding.PSS(mgf=padding.MGF1(digest), salt_length=salt), digest
            )
        else:
            return False
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return True


_PSS: Final[Mapping[str, tuple[hashes.HashAlgorithm, int]]] = {
    "PS256": (hashes.SHA256(), 32),
    "rsa-pss-sha512": (hashes.SHA512(), 64),
}


def _bytes(text: object) -> bytes:
    encoded = str(text)
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def _number(text: object) -> int:
    return int.from_bytes(_bytes(text))


def _names(base: str, entry: Entry) -> bool:
    """Whether what was signed is the act that the entry tells: its address, its key, and its time."""
    lines: dict[str, str] = {}
    for line in base.split("\n"):
        found = _LINE.fullmatch(line)
        if found is None or found[1] in lines:
            return False
        if not found[2]:  # a component with parameters says something else than the component
            lines[found[1]] = found[3]
    parameters = lines.get("@signature-params", "")
    created = _CREATED.search(parameters)
    path = lines.get("@path") or urlsplit(lines.get("@target-uri", "")).path
    if created is None or TAG not in parameters or not _is_place_of(path, entry):
        return False
    apart = datetime.fromisoformat(entry["recorded_at"]).timestamp() - int(created[1])
    if abs(apart) > APART.total_seconds():
        return False
    committed = entry["request"].get("idempotency")
    return committed is None or committed == _key_digest(lines.get("idempotency-key", ""), entry)


def _key_digest(key: str, entry: Entry) -> str:
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    actor = entry["actor"]
    # A vendor's client that acts for an employer keeps keys for each.
    under = f"{actor['client']}\n{actor['agency']}" if actor.get("vendor") is not None else actor["client"]
    return sha256(f"{under}\n{key}".encode()).hexdigest()


def _is_place_of(path: str, entry: Entry) -> bool:
    kind = str(entry["kind"])
    step = _STEP.fullmatch(path)
    if entry["to"] is not None and kind != "submit":
        if step is None:
            return False
        return step[2] == (kind if step[1] == entry["stream"] else OTHER_HALVES.get(kind))
    pattern = PLACES.get(kind.partition(".")[0])
    return pattern is not None and re.fullmatch(f"/api/v1/{pattern}", path) is not None
