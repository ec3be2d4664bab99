"""The private key of a client: what it signs assertions, requests and proofs of possession with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

ALGORITHMS: Final = ("ES256", "Ed25519", "PS256")
"""What a register accepts, by the kind of key: P-256, Ed25519, RSA of 3072 bits or more."""


class BadKey(ValueError):
    """The text is no private key that a register would take; the message says what to give."""


class SigningKey:
    """A private key with the `kid` under which the register knows it. Its text form never shows the key."""

    def __init__(self, key: ECKey | OKPKey | RSAKey, *, kid: str) -> None:
        self._key = key
        self.kid = kid
        self.algorithm = _algorithm(key.private_key)

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r}, algorithm={self.algorithm!r})"

    @classmethod
    def read(cls, source: Mapping[str, Any] | str | bytes, *, kid: str = "") -> SigningKey:
        """A key from a JWK (a mapping, or its JSON) or from PEM. PEM names no `kid`: give it. Raises `BadKey`."""
        text = source.decode("utf-8", errors="replace") if isinstance(source, bytes) else source
        return cls._of(text, kid=kid)

    @classmethod
    def _of(cls, source: Mapping[str, Any] | str, *, kid: str) -> SigningKey:
        if isinstance(source, str) and source.lstrip().startswith("{"):
            try:
                source = json.loads(source)
            except ValueError:
                raise BadKey("The key begins like a JWK and is no JSON.") from None
        if isinstance(source, Mapping):
            kid = kid or str(source.get("kid", ""))
        if not kid:
            raise BadKey("The key has no kid: give the one under which the operator registered it.")
        return cls(_imported(source), kid=kid)

    @classmethod
    def from_file(cls, path: str | Path, *, kid: str = "") -> SigningKey:
        """The key in a file, JWK or PEM. Raises `BadKey` or OSError."""
        return cls.read(Path(path).read_bytes(), kid=kid)

    @property
    def public_jwk(self) -> dict[str, Any]:
        """The public half, without `kid`."""
        public: dict[str, Any] = dict(self._key.as_dict(private=False))
        return {name: value for name, value in public.items() if name != "kid"}

    def jwt(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        """A compact JWT over these claims; `alg` is filled in."""
        return jwt.encode({"alg": self.algorithm, **header}, dict(claims), self._key, algorithms=[self.algorithm])

    def signature(self, message: bytes) -> bytes:
        """The raw signature of a message: r then s for ES256, as RFC 9421 and RFC 7518 want it."""
        private: Any = self._key.private_key
        if isinstance(private, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if isinstance(private, ed25519.Ed25519PrivateKey):
            return private.sign(message)
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
        signed: bytes = private.sign(message, pss, hashes.SHA256())
        return signed


def _algorithm(private: Any) -> str:
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1):
        return "ES256"
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return "Ed25519"
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size >= 3072:
        return "PS256"
    raise BadKey("A private key is needed: P-256, Ed25519, or RSA of 3072 bits or more.")


def _imported(source: Mapping[str, Any] | str) -> ECKey | OKPKey | RSAKey:
    if isinstance(source, Mapping):
        kinds: dict[Any, Any] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}
        kind = kinds.get(source.get("kty"))
        if kind is None or "d" not in source:
            raise BadKey("The JWK is no private key of kind EC, OKP or RSA.")
        return _made(kind, dict(source))
    try:
        private = serialization.load_pem_private_key(source.encode(), password=None)
    except (ValueError, TypeError):
        raise BadKey("The file holds neither a JWK nor a private key in PEM without a password.") from None
    kind = {"ES256": ECKey, "Ed25519": OKPKey, "PS256": RSAKey}[_algorithm(private)]
    return _made(kind, source)


def _made(kind: Any, source: Any) -> ECKey | OKPKey | RSAKey:
    try:
        key: ECKey | OKPKey | RSAKey = kind.import_key(source)
        return key
    except (JoseError, ValueError, KeyError, TypeError):
        # `from None`: what the library says may quote the key.
        raise BadKey("The key cannot be read; is a member of it cut?") from None
