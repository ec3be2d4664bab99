"""DPoP proofs (RFC 9449): what must be true before somebody is believed to hold the key to which a token is bound.

Pure: the clock, the address and the token are handed in. Whether a proof was used before is asked afterwards
(`agencies.tokens.spend_proof`). Which keys are good is what `agencies.keys` says of registered ones.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from agencies import keys

TYPE: Final = "dpop+jwt"
MAX_AGE_S: Final = 60
"""Seconds that `iat` may lie behind us."""
MAX_AHEAD_S: Final = 5
"""Seconds that `iat` may lie ahead of us."""
LATEST_S: Final = 120
"""Seconds that a request may take from its head to its turn: its proof is remembered for as long."""
MAX_LENGTH: Final = 8192
"""Characters of the header."""

_JTI = re.compile(r"[\x21-\x7e]{1,128}")
_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is wrong with a proof: a code of `problem_data.yaml`, and what its sentence names."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class ProofRefused(Exception):
    """The proof does not show that the sender holds the key, for these reasons."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(*(reason.code for reason in reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that holds. `thumbprint` is its key's (RFC 7638), `expires` when nobody can use it any more."""

    thumbprint: str
    jti: str
    expires: datetime
    nonce: str | None


def check(header: str, *, method: str, url: str, now: datetime, token: str | None = None) -> Proof:
    """The proof in that header, for a request with that method to that address (query and fragment do not count).

    With a `token` it must be for that token. Raises `ProofRefused` with all that is wrong.
    """
    claims, key, alg = _taken_apart(header)
    faults = list(_faults(claims, method=method, url=url, now=now.timestamp(), token=token))
    # What the claims lack is told beside what the signature lacks: whoever builds a client mends both at once.
    if not keys.verifies(header, key=keys.load(key.jwk), alg=alg):
        faults.append(Reason("dpop-signature"))
    if faults:
        raise ProofRefused(*faults)
    nonce = claims.get("nonce")
    return Proof(
        thumbprint=key.thumbprint,
        jti=str(claims["jti"]),
        expires=datetime.fromtimestamp(float(claims["iat"]), tz=UTC)
        + timedelta(seconds=MAX_AGE_S + MAX_AHEAD_S + LATEST_S),
        nonce=nonce if isinstance(nonce, str) else None,
    )


def hash_of(token: str) -> str:
    """What `ath` says of a token: its SHA-256 in base64url without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


def _taken_apart(header: str) -> tuple[Mapping[str, Any], keys.PublicKey, str]:
    """Claims, key and algorithm of the proof. Raises `ProofRefused` where one of them cannot be read."""
    if "," in header:
        # A header that was sent twice arrives joined by a comma, which no JWS holds.
        raise ProofRefused(Reason("dpop-twice"))
    if not 0 < len(header) <= MAX_LENGTH:
        raise ProofRefused(Reason("dpop-unreadable"))
    try:
        signed = jws.extract_compact(header.encode("ascii"), registry=keys.registry())
        told, claims = signed.headers(), orjson.loads(signed.payload)
    except (JoseError, ValueError, TypeError) as error:
        raise ProofRefused(Reason("dpop-unreadable")) from error
    if not isinstance(claims, dict):
        raise ProofRefused(Reason("dpop-unreadable"))
    faults: list[Reason] = []
    if told.get("typ") != TYPE:
        faults.append(Reason("dpop-type", {"type": TYPE}))
    alg = keys.SPELLINGS.get(told["alg"]) if isinstance(told.get("alg"), str) else None
    if alg is None:
        faults.append(Reason("dpop-algorithm", {"allowed": ", ".join(keys.ALGORITHMS)}))
    if "crit" in told:
        faults.append(Reason("dpop-unreadable"))
    key = _key_of(told, alg, faults)
    if faults or key is None or alg is None:
        raise ProofRefused(*faults)
    return claims, key, alg


def _key_of(told: Mapping[str, Any], alg: str | None, faults: list[Reason]) -> keys.PublicKey | None:
    """The key that the proof names; None, and a fault, where there is none that may be used with its algorithm."""
    if "jwk" not in told:
        faults.append(Reason("dpop-key-missing"))
        return None
    try:
        key = keys.accept(told["jwk"], kid="proof")
    except keys.KeyRefused as refused:
        faults.append(Reason("dpop-key", {"said": str(refused)}))
        return None
    if alg is not None and key.alg != alg:
        faults.append(Reason("dpop-other-algorithm", {"alg": key.alg}))
    return key


def _faults(claims: Mapping[str, Any], *, method: str, url: str, now: float, token: str | None) -> Iterator[Reason]:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not _JTI.fullmatch(jti):
        yield Reason("dpop-jti")
    if claims.get("htm") != method:
        yield Reason("dpop-method", {"method": method})
    if _address(claims.get("htu")) != _address(url):
        yield Reason("dpop-address", {"address": url})
    issued = claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float) or not math.isfinite(issued):
        yield Reason("dpop-iat")
    elif issued > now + MAX_AHEAD_S:
        yield Reason("dpop-ahead", {"limit": MAX_AHEAD_S})
    elif issued + MAX_AGE_S < now:
        yield Reason("dpop-too-old", {"limit": MAX_AGE_S})
    if token is not None and claims.get("ath") != hash_of(token):
        yield Reason("dpop-other-token")


def _address(url: object) -> tuple[str, str, int | None, str] | None:
    """Scheme, host, port and path, as two spellings of one address are compared (RFC 3986, 6.2); None for none."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None:
        return None
    return parts.scheme, parts.hostname, port, parts.path or "/"
