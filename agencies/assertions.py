"""Client assertions (RFC 7523, `private_key_jwt`): what must be true before a client is believed.

Pure: the clock, the issuer and the registered key are handed in. The order is chosen so that nobody learns who is
registered: first what can be said about any assertion (`read`, `check_claims`), each with its own reason; then the
signature, where a client, a `kid`, an `alg` and a signature that do not fit together give one and the same refusal.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode

from agencies import keys

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_LENGTH: Final = 8192
MAX_LIFETIME: Final = 120  # seconds that `exp` may lie ahead
CLOCK_TOLERANCE: Final = 60  # seconds between `iat` and our clock

# They let the sender choose the key, or say which rules the reader has to know.
FORBIDDEN_HEADERS: Final = ("jwk", "jku", "x5u", "x5c", "crit", "b64", "zip")

_CLIENT_ID = re.compile(r"[A-Za-z0-9._~:-]{1,100}")
_JTI = re.compile(r"[\x21-\x7e]{1,128}")


class AssertionRefused(Exception):
    """The assertion does not prove who is calling.

    `reason` is a stable code; `facts` fill the sentence that the door says about it. No fact is taken from the
    assertion except differences between clocks.
    """

    def __init__(self, reason: str, **facts: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an assertion says of itself. Nothing in it is believed before `check_signature` has returned."""

    token: str
    alg: str
    kid: str
    claims: Mapping[str, Any]

    @property
    def client_id(self) -> str:
        """Who it says it is from (`sub`, which equals `iss`)."""
        return str(self.claims["sub"])

    @property
    def jti(self) -> str:
        """The assertion's own id, good for one use."""
        return str(self.claims["jti"])

    @property
    def expires(self) -> float:
        """`exp` in seconds since 1970 UTC."""
        return float(self.claims["exp"])


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """The key on file under the assertion's client and `kid`."""

    alg: str
    jwk: Mapping[str, str]
    valid_from: datetime
    valid_until: datetime | None
    revoked_at: datetime | None
    client_active: bool


def read(token: str) -> Claimed:
    """Takes an assertion apart, believing nothing. Raises `AssertionRefused`."""
    if len(token) > MAX_LENGTH:
        raise AssertionRefused("too-long", limit=MAX_LENGTH)
    segments = token.split(".")
    if len(segments) != 3:
        raise AssertionRefused("not-a-jws")
    header = _json_object(segments[0])
    claims = _json_object(segments[1])
    if forbidden := [name for name in FORBIDDEN_HEADERS if name in header]:
        raise AssertionRefused("header-forbidden", header=forbidden[0])
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in keys.SPELLINGS:
        raise AssertionRefused("alg-not-allowed", allowed=", ".join(keys.ALGORITHMS))
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= 100 or not kid.isascii() or not kid.isprintable():
        raise AssertionRefused("kid-missing")
    return Claimed(token=token, alg=keys.SPELLINGS[alg], kid=kid, claims=claims)


def check_claims(claimed: Claimed, *, issuer: str, token_url: str, now: datetime) -> None:
    """Raises `AssertionRefused` for the first claim that breaks a rule."""
    claims = claimed.claims
    _check_parties(claims)
    _check_audience(claims.get("aud"), issuer=issuer, token_url=token_url)
    _check_times(claims, now=now.timestamp())
    jti = claims.get("jti")
    if not isinstance(jti, str) or not _JTI.fullmatch(jti):
        raise AssertionRefused("jti-missing")


def check_signature(claimed: Claimed, *, registered: RegisteredKey | None, now: datetime) -> None:
    """Raises `AssertionRefused` unless the registered key made the assertion and may make it now.

    Without a registered key the same work is done on a key nobody uses, so that the time taken tells nothing.
    """
    fits = registered is not None and registered.alg == claimed.alg
    key = keys.load(registered.jwk) if registered is not None and fits else _nobodys_key(claimed.alg)
    genuine = keys.verifies(claimed.token, key=key, alg=claimed.alg)
    if registered is None or not fits or not genuine:
        raise AssertionRefused("not-recognised")
    # From here on the sender has shown that it holds the key, and may be told what became of it.
    if registered.revoked_at is not None and registered.revoked_at <= now:
        raise AssertionRefused("key-revoked")
    if now < registered.valid_from:
        raise AssertionRefused("key-not-yet-valid", valid_from=_instant(registered.valid_from))
    if registered.valid_until is not None and registered.valid_until <= now:
        raise AssertionRefused("key-expired", valid_until=_instant(registered.valid_until))
    if not registered.client_active:
        raise AssertionRefused("client-inactive")


def _json_object(segment: str) -> Mapping[str, Any]:
    try:
        raw = urlsafe_b64decode(segment.encode("ascii"))
        # orjson refuses NaN, infinities, lone surrogates, deep nesting and anything that is not UTF-8.
        value = orjson.loads(raw)
    except ValueError as error:
        raise AssertionRefused("not-a-jws") from error
    if not isinstance(value, dict):
        raise AssertionRefused("not-a-jws")
    return value


def _check_parties(claims: Mapping[str, Any]) -> None:
    issued_by, subject = claims.get("iss"), claims.get("sub")
    if not isinstance(issued_by, str) or not isinstance(subject, str) or not _CLIENT_ID.fullmatch(subject):
        raise AssertionRefused("iss-sub-missing")
    if issued_by != subject:
        raise AssertionRefused("iss-is-not-sub")


def _check_audience(audience: object, *, issuer: str, token_url: str) -> None:
    if isinstance(audience, list):
        raise AssertionRefused("aud-is-a-list", issuer=issuer)
    if audience == token_url:
        raise AssertionRefused("aud-is-token-url", issuer=issuer)
    if isinstance(audience, str) and audience.rstrip("/") == issuer:
        if audience != issuer:
            raise AssertionRefused("aud-has-a-slash", issuer=issuer)
        return
    raise AssertionRefused("aud-not-issuer", issuer=issuer)


def _check_times(claims: Mapping[str, Any], *, now: float) -> None:
    expires, issued = _numeric_date(claims.get("exp")), _numeric_date(claims.get("iat"))
    if expires is None:
        raise AssertionRefused("exp-missing", limit=MAX_LIFETIME)
    if issued is None:
        raise AssertionRefused("iat-missing")
    # The clock comes first: a wrong clock breaks `exp` too, and the clock is what has to be mended.
    if issued - now > CLOCK_TOLERANCE:
        raise AssertionRefused("clock-ahead", seconds=round(issued - now), limit=CLOCK_TOLERANCE)
    if now - issued > CLOCK_TOLERANCE:
        raise AssertionRefused("clock-behind", seconds=round(now - issued), limit=CLOCK_TOLERANCE)
    if expires <= now:
        raise AssertionRefused("expired", seconds=round(now - expires))
    if expires - now > MAX_LIFETIME:
        raise AssertionRefused("lives-too-long", seconds=round(expires - now), limit=MAX_LIFETIME)
    if "nbf" in claims:
        not_before = _numeric_date(claims["nbf"])
        if not_before is None or not_before - now > CLOCK_TOLERANCE:
            raise AssertionRefused("not-yet-valid")


def _numeric_date(value: object) -> float | None:
    """Seconds since 1970 UTC (RFC 7519, 2), or None for what is no such number or lies beyond the year 9999."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = float(value)
    return seconds if math.isfinite(seconds) and 0 <= seconds < 253402300800 else None


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def _nobodys_key(alg: str) -> keys.Key:
    """A key of the right kind to spend the usual time on. What it says is never listened to."""
    if alg == "ES256":
        return ECKey.import_key(ec.derive_private_key(7, ec.SECP256R1()).public_key())
    if alg == "Ed25519":
        return OKPKey.import_key(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key())
    return RSAKey.import_key(rsa.RSAPublicNumbers(e=65537, n=2**3072 - 2**1536 + 1).public_key())
