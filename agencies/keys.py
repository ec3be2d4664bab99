"""Which public keys a client may bring, and how it shows that it holds the private half.

Pure: no model, no clock, no HTTP. Accepted are ES256 (P-256; the one to suggest to vendors), Ed25519 and PS256 (RSA of
3072 to 4096 bits). A key arrives as a JWK (RFC 7517) together with a *proof*: a compact JWS made with its private half
over the client's id, the issuer and the key's thumbprint (`prove` makes one). Without it anybody could register a key
that is not theirs and later disown what was signed with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode

from agencies import personal_numbers

Key: TypeAlias = ECKey | OKPKey | RSAKey

ALGORITHMS: Final = ("ES256", "Ed25519", "PS256")
# RFC 9864 renames EdDSA over edwards25519 to "Ed25519"; most libraries still write the older name.
SPELLINGS: Final[Mapping[str, str]] = {"ES256": "ES256", "Ed25519": "Ed25519", "EdDSA": "Ed25519", "PS256": "PS256"}
PROOF_TYPE: Final = "lintas-key-proof+jwt"

_KID = re.compile(r"[A-Za-z0-9._~:+=-]{1,100}")
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "EC": ("kty", "crv", "x", "y"),
    "OKP": ("kty", "crv", "x"),
    "RSA": ("kty", "n", "e"),
}
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

_P25519: Final = 2**255 - 19
# The y coordinates of the points whose order divides 8: 0 (order 4), 1 (the neutral element), -1 (order 2) and the two
# of order 8. With both signs and the spellings y + p that makes the 14 encodings under which a constant signature
# verifies every message.
_SMALL_ORDER_Y: Final = frozenset(
    {
        0,
        1,
        _P25519 - 1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    }
)


class KeyRefused(ValueError):
    """The key cannot be registered. `reason` is a stable code, the message says how to mend it."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that may be registered. `jwk` holds the public members and nothing else; `thumbprint` is RFC 7638."""

    kid: str
    alg: str
    jwk: Mapping[str, str]
    thumbprint: str


def accept(jwk: Mapping[str, Any], *, kid: str | None = None) -> PublicKey:
    """The public key in `jwk`, or `KeyRefused`. The `kid` falls back to the JWK's own, then to the thumbprint."""
    if not isinstance(jwk, Mapping):
        raise KeyRefused("not-a-jwk", "The key must be a JWK, which is a JSON object with the member kty.")
    if held := sorted(_PRIVATE & set(jwk)):
        raise KeyRefused(
            "private-key",
            f"The JWK carries private members ({', '.join(held)}). Send the public half only, and make a new key: "
            "this one has left your machine.",
        )
    kty = jwk.get("kty")
    if not isinstance(kty, str) or kty not in _MEMBERS:
        raise KeyRefused("key-type", "kty must be EC (P-256), OKP (Ed25519) or RSA (3072 bits or more).")
    public = _public_members(jwk, kty)
    alg = _CHECKS[kty](public)
    _declared_use(jwk, alg)
    key = _import(public)
    thumbprint = str(key.thumbprint())
    named = kid if kid is not None else jwk.get("kid", thumbprint)
    if not isinstance(named, str) or not _KID.fullmatch(named):
        raise KeyRefused("kid", "kid must be 1 to 100 characters of A-Z a-z 0-9 . _ ~ : + = -")
    if personal_numbers.is_or_could_be_in(named):
        raise KeyRefused(
            "kid", "kid holds 16 or 18 digits like a NIK or NIP; the log keeps it for ever. Choose another."
        )
    return PublicKey(kid=named, alg=alg, jwk=public, thumbprint=thumbprint)


def thumbprint(jwk: Mapping[str, str]) -> str:
    """RFC 7638, taken over a registered public JWK."""
    return str(_import(jwk).thumbprint())


def prove(private_jwk: Mapping[str, Any], *, client_id: str, audience: str, nonce: str | None = None) -> str:
    """The proof of possession that a registration file carries: a compact JWS made with `private_jwk`.

    Any JOSE library can make the same: header `{"typ": "lintas-key-proof+jwt", "alg": …}`, payload
    `{"client_id": …, "aud": the issuer, "jkt": RFC 7638 thumbprint of the key}`, and `nonce` where one was given.
    """
    members = {name: str(private_jwk[name]) for name in _MEMBERS[str(private_jwk["kty"])]}
    public = accept(members)
    claims = {"client_id": client_id, "aud": audience, "jkt": public.thumbprint}
    payload = orjson.dumps(claims if nonce is None else {**claims, "nonce": nonce})
    key = _import(members | {name: str(private_jwk[name]) for name in _PRIVATE & set(private_jwk)})
    return jws.serialize_compact(
        {"alg": public.alg, "typ": PROOF_TYPE}, payload, key, registry=_registry((public.alg,))
    )


def check_proof(proof: object, *, key: PublicKey, client_id: str, audience: str, nonce: str | None = None) -> None:
    """Raises `KeyRefused` unless `proof` was made with the private half of `key` for this client and this server.

    Where a `nonce` was given, it names that, too.
    """
    if not isinstance(proof, str) or not proof:
        raise KeyRefused(
            "proof-missing",
            "The key comes without a proof of possession: a compact JWS made with it, with the header "
            f'typ "{PROOF_TYPE}", over client_id, aud (the issuer, {audience}) and jkt (the key\'s thumbprint).',
        )
    try:
        signed = jws.extract_compact(proof.encode("ascii"), registry=registry())
        header, claims = signed.headers(), orjson.loads(signed.payload)
    except (JoseError, ValueError, TypeError) as error:
        raise KeyRefused("proof-malformed", "The proof is not a compact JWS with a JSON payload.") from error
    if header.get("typ") != PROOF_TYPE:
        raise KeyRefused("proof-type", f'The proof\'s header must say typ "{PROOF_TYPE}".')
    if not verifies(proof, key=_import(key.jwk), alg=key.alg):
        raise KeyRefused("proof-signature", "The proof was not made with the private half of this key.")
    wanted = {"client_id": client_id, "aud": audience, "jkt": key.thumbprint}
    if nonce is not None:
        wanted["nonce"] = nonce
    if not isinstance(claims, dict) or any(claims.get(name) != value for name, value in wanted.items()):
        raise KeyRefused(
            "proof-claims",
            "The proof must say exactly: " + ", ".join(f"{name} = {value}" for name, value in wanted.items()),
        )


def verifies(token: str, *, key: Key, alg: str) -> bool:
    """Whether the compact JWS `token` carries a signature by `key` under `alg`, one of `ALGORITHMS`."""
    spellings = tuple(spelling for spelling, name in SPELLINGS.items() if name == alg)
    try:
        jws.deserialize_compact(token, key, registry=_registry(spellings))
    except (JoseError, ValueError, TypeError):
        return False
    return True


def registry() -> jws.JWSRegistry:
    """What takes a compact JWS apart that was signed in one of the ways that we know; nothing is believed by it."""
    return _registry(tuple(SPELLINGS))


def load(jwk: Mapping[str, str]) -> Key:
    """A registered public JWK as a key to verify with."""
    return _import(jwk)


class _Registry(jws.JWSRegistry):
    """Knows that EdDSA is Ed25519 spelled the older way; joserfc by itself would warn, and take Ed448 for it too."""

    max_header_length = 2048

    def get_alg(self, name: str) -> Any:
        return super().get_alg(SPELLINGS.get(name, name))


def _registry(algorithms: tuple[str, ...]) -> jws.JWSRegistry:
    # Unknown header members are ignored (RFC 7515, 4.1); the dangerous ones are refused by name before we get here.
    return _Registry(algorithms=algorithms, strict_check_header=False)


def _import(members: Mapping[str, str]) -> Key:
    kinds: dict[str, type[ECKey | OKPKey | RSAKey]] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}
    try:
        return kinds[members["kty"]].import_key(cast("dict[str, Any]", dict(members)))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise KeyRefused("key-unreadable", "The JWK's numbers do not make a public key of its type.") from error


def _public_members(jwk: Mapping[str, Any], kty: str) -> dict[str, str]:
    public = {name: jwk.get(name) for name in _MEMBERS[kty]}
    if absent := [name for name, value in public.items() if not isinstance(value, str) or not value]:
        raise KeyRefused("member-missing", f"A JWK of type {kty} needs the text member(s) {', '.join(absent)}.")
    return cast("dict[str, str]", public)


def _decoded(public: Mapping[str, str], name: str) -> bytes:
    # The decoder takes the canonical spelling only: two spellings of one number would have two thumbprints, and so
    # slip past "a key belongs to one client".
    try:
        return urlsafe_b64decode(public[name].encode("ascii"))
    except ValueError as error:
        raise KeyRefused("member-encoding", f"{name} must be base64url without padding.") from error


def _check_ec(public: Mapping[str, str]) -> str:
    if public["crv"] != "P-256":
        raise KeyRefused("curve", "An EC key must be on P-256 (ES256).")
    if any(len(_decoded(public, name)) != 32 for name in ("x", "y")):
        raise KeyRefused("coordinate-length", "x and y of a P-256 key are 32 bytes each.")
    return "ES256"


def _check_okp(public: Mapping[str, str]) -> str:
    if public["crv"] != "Ed25519":
        raise KeyRefused("curve", "An OKP key must be Ed25519.")
    raw = _decoded(public, "x")
    if len(raw) != 32:
        raise KeyRefused("coordinate-length", "x of an Ed25519 key is 32 bytes.")
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y % _P25519 in _SMALL_ORDER_Y:
        raise KeyRefused("small-order", "This Ed25519 point has a small order: one signature would fit every message.")
    if y >= _P25519:
        raise KeyRefused("not-canonical", "x is not the canonical encoding of an Ed25519 point.")
    return "Ed25519"


def _check_rsa(public: Mapping[str, str]) -> str:
    raw = _decoded(public, "n"), _decoded(public, "e")
    if any(number.startswith(b"\0") for number in raw):
        raise KeyRefused("not-canonical", "n and e are written without leading zero bytes.")
    n, e = (int.from_bytes(number, "big") for number in raw)
    if not 3072 <= n.bit_length() <= 4096:
        raise KeyRefused("rsa-size", f"An RSA key has 3072 to 4096 bits; this one has {n.bit_length()}.")
    if n % 2 == 0 or e % 2 == 0 or not 65537 <= e < 2**32:
        raise KeyRefused("rsa-numbers", "n and e must be odd, and e between 65537 and 2^32.")
    return "PS256"


_CHECKS: Final = {"EC": _check_ec, "OKP": _check_okp, "RSA": _check_rsa}


def _declared_use(jwk: Mapping[str, Any], alg: str) -> None:
    if "alg" in jwk and (not isinstance(jwk["alg"], str) or SPELLINGS.get(jwk["alg"]) != alg):
        raise KeyRefused("alg", f"This key signs with {alg}; its member alg says otherwise.")
    if jwk.get("use", "sig") != "sig":
        raise KeyRefused("use", 'The JWK\'s use must be "sig".')
    ops = jwk.get("key_ops", ["verify"])
    if not isinstance(ops, list) or "verify" not in ops:
        raise KeyRefused("use", 'The JWK\'s key_ops must name "verify".')
