"""Client assertions (RFC 7523, `private_key_jwt`): what must be true before a client is believed.

Pure: the clock, the issuer and the registered key are handed in. The order is chosen so that nobody learns who is
registered: first what can be said about any assertion, all of it at once (`examine`); then the signature, where a
client, a `kid`, an `alg` and a signature that do not fit together give one and the same refusal.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.jwk import ECKey, OKPKey, RSAKey

from agencies import keys
from agencies.assertion_text import Reason, take_apart

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_LIFETIME: Final = 120  # seconds that `exp` may lie ahead
CLOCK_TOLERANCE: Final = 60  # seconds between `iat` and our clock

_CLIENT_ID = re.compile(r"[A-Za-z0-9._~:-]{1,100}")
_JTI = re.compile(r"[\x21-\x7e]{1,128}")


class AssertionRefused(Exception):
    """The assertion does not prove who is calling, for these reasons: all that show without a key, or one that a key
    shows.
    """

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(*(reason.code for reason in reasons))
        self.reasons = reasons


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


def examine(token: str, *, issuer: str, token_url: str, now: datetime) -> Claimed:
    """Takes an assertion apart, believing nothing. Raises `AssertionRefused` with all that is wrong without a key.

    No register is asked, so nothing that is told here, and no time it takes, says who is registered.
    """
    parts = take_apart(token)
    faults = [*parts.faults]
    if parts.claims is not None:
        faults += _faults_of_claims(parts.claims, issuer=issuer, token_url=token_url, now=now.timestamp())
    if faults or parts.header is None or parts.claims is None:
        raise AssertionRefused(*faults)
    return Claimed(
        token=token, alg=keys.SPELLINGS[parts.header["alg"]], kid=str(parts.header["kid"]), claims=parts.claims
    )


def check_signature(claimed: Claimed, *, registered: RegisteredKey | None, now: datetime) -> None:
    """Raises `AssertionRefused` unless the registered key made the assertion and may make it now.

    Without a registered key the same work is done on a key nobody uses, so that the time taken tells nothing.
    """
    fits = registered is not None and registered.alg == claimed.alg
    key = keys.load(registered.jwk) if registered is not None and fits else _nobodys_key(claimed.alg)
    genuine = keys.verifies(claimed.token, key=key, alg=claimed.alg)
    if registered is None or not fits or not genuine:
        raise AssertionRefused(Reason("not-recognised"))
    # From here on the sender has shown that it holds the key, and may be told what became of it.
    if registered.revoked_at is not None:
        raise AssertionRefused(Reason("key-revoked"))
    if now < registered.valid_from:
        raise AssertionRefused(Reason("key-not-yet-valid", {"valid_from": _instant(registered.valid_from)}))
    if registered.valid_until is not None and registered.valid_until <= now:
        raise AssertionRefused(Reason("key-expired", {"valid_until": _instant(registered.valid_until)}))
    if not registered.client_active:
        raise AssertionRefused(Reason("client-inactive"))


def _faults_of_claims(claims: Mapping[str, Any], *, issuer: str, token_url: str, now: float) -> Iterator[Reason]:
    issued_by, subject = claims.get("iss"), claims.get("sub")
    if not all(isinstance(name, str) and _CLIENT_ID.fullmatch(name) for name in (issued_by, subject)):
        yield Reason("iss-sub-missing")
    elif issued_by != subject:
        yield Reason("iss-is-not-sub")
    if (fault := _fault_of_audience(claims.get("aud"), issuer=issuer, token_url=token_url)) is not None:
        yield fault
    yield from _faults_of_times(claims, now=now)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not _JTI.fullmatch(jti):
        yield Reason("jti-missing")


def _fault_of_audience(audience: object, *, issuer: str, token_url: str) -> Reason | None:
    if audience == issuer:
        return None
    code = "aud-not-issuer"
    if isinstance(audience, list):
        code = "aud-is-a-list"
    elif audience == token_url:
        code = "aud-is-token-url"
    elif isinstance(audience, str) and audience.rstrip("/") == issuer:
        code = "aud-has-a-slash"
    return Reason(code, {"issuer": issuer})


def _faults_of_times(claims: Mapping[str, Any], *, now: float) -> Iterator[Reason]:
    """What is wrong with `iat`, `exp` and `nbf`.

    A clock that is wrong breaks `exp` too, and the clock is what has to be mended: then `exp` is measured against the
    sender's own clock.
    """
    issued, expires = _numeric_date(claims.get("iat")), _numeric_date(claims.get("exp"))
    if in_milliseconds := [name for name in ("iat", "exp", "nbf") if _is_in_milliseconds(claims.get(name), now=now)]:
        yield Reason("in-milliseconds", {"claims": ", ".join(in_milliseconds)})
    if issued is None and "iat" not in in_milliseconds:
        yield Reason("iat-missing")
    if expires is None and "exp" not in in_milliseconds:
        yield Reason("exp-missing", {"limit": MAX_LIFETIME})
    sent = now
    if issued is not None and issued - now > CLOCK_TOLERANCE:
        sent = issued
        yield Reason("clock-ahead", {"seconds": round(issued - now), "limit": CLOCK_TOLERANCE})
    elif issued is not None and now - issued > CLOCK_TOLERANCE:
        sent = issued
        yield Reason("clock-behind", {"seconds": round(now - issued), "limit": CLOCK_TOLERANCE})
    if expires is not None and expires <= sent:
        yield Reason("expired", {"seconds": round(sent - expires)})
    elif expires is not None and expires - sent > MAX_LIFETIME:
        yield Reason("lives-too-long", {"seconds": round(expires - sent), "limit": MAX_LIFETIME})
    if "nbf" in claims and "nbf" not in in_milliseconds:
        not_before = _numeric_date(claims["nbf"])
        if not_before is None or not_before - sent > CLOCK_TOLERANCE:
            yield Reason("not-yet-valid")


def _is_in_milliseconds(value: object, *, now: float) -> bool:
    """Whether a number lies within ten years of now if it counts milliseconds, as JavaScript and Java do."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    return abs(value / 1000 - now) < 10 * 365 * 86_400


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
