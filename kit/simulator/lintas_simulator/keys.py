"""Keys and signatures: what clients sign with, and what the simulator itself signs. Only `cryptography` is needed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

SPELLINGS: Final[Mapping[str, str]] = {"ES256": "ES256", "PS256": "PS256", "Ed25519": "Ed25519", "EdDSA": "Ed25519"}
"""The algorithms that a register takes, by the names under which they come."""
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
    "RSA": ("e", "kty", "n"),
}


class BadKey(ValueError):
    """A key cannot be used; the message says what to give."""


def b64u(raw: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64u(text: str) -> bytes:
    """Base64url, with or without padding. Raises ValueError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as why:
        raise ValueError("This is no base64url.") from why


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """The RFC 7638 thumbprint of a public key (SHA-256, base64url). Raises `BadKey`."""
    members = _MEMBERS.get(str(jwk.get("kty")))
    if members is None or any(name not in jwk for name in members):
        raise BadKey("A JWK of kind EC, OKP or RSA is needed.")
    canonical = json.dumps({name: jwk[name] for name in members}, separators=(",", ":"), sort_keys=True)
    return b64u(hashlib.sha256(canonical.encode()).digest())


@dataclass(frozen=True)
class PublicKey:
    """A client's public key. `alg` is the one algorithm that it verifies."""

    kid: str
    jwk: Mapping[str, str]
    alg: str
    key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey = field(repr=False)

    @classmethod
    def of_pem(cls, pem: bytes, *, kid: str) -> PublicKey:
        """The public half of a key in PEM, private or public. Raises `BadKey`."""
        try:
            if b"PRIVATE" in pem:
                private = serialization.load_pem_private_key(pem, password=None)
                return cls.of_key(private.public_key(), kid=kid)
            return cls.of_key(serialization.load_pem_public_key(pem), kid=kid)
        except (ValueError, TypeError):
            raise BadKey("The file holds no key in PEM without a password.") from None

    @classmethod
    def of_key(cls, key: Any, *, kid: str) -> PublicKey:
        """A key of `cryptography`. Raises `BadKey`."""
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            numbers = key.public_numbers()
            place = {"x": b64u(numbers.x.to_bytes(32, "big")), "y": b64u(numbers.y.to_bytes(32, "big"))}
            return cls(kid=kid, jwk={"kty": "EC", "crv": "P-256", **place}, alg="ES256", key=key)
        if isinstance(key, ed25519.Ed25519PublicKey):
            jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64u(key.public_bytes_raw())}
            return cls(kid=kid, jwk=jwk, alg="Ed25519", key=key)
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 3072:
            rsa_numbers = key.public_numbers()
            parts = {"n": rsa_numbers.n, "e": rsa_numbers.e}
            written = {name: b64u(one.to_bytes((one.bit_length() + 7) // 8, "big")) for name, one in parts.items()}
            return cls(kid=kid, jwk={"kty": "RSA", **written}, alg="PS256", key=key)
        raise BadKey("A key of P-256, Ed25519, or RSA of 3072 bits or more is needed.")

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature (r then s for ES256) is this key's over the message."""
        try:
            if isinstance(self.key, ec.EllipticCurvePublicKey):
                if len(signature) != 64:
                    return False
                pair = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
                self.key.verify(pair, message, ec.ECDSA(hashes.SHA256()))
            elif isinstance(self.key, ed25519.Ed25519PublicKey):
                self.key.verify(signature, message)
            else:
                pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
                self.key.verify(signature, message, pss, hashes.SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, repr=False)
class SigningKey:
    """A P-256 key that signs compact JWS (RFC 7515, ES256). Its text form never shows the key."""

    private: ec.EllipticCurvePrivateKey
    kid: str
    jwk: Mapping[str, str]

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r})"

    @classmethod
    def draw(cls) -> SigningKey:
        """A new key, named by its thumbprint."""
        return cls.of(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def of(cls, private: Any, *, kid: str = "") -> SigningKey:
        """A private key of `cryptography`. Raises `BadKey`."""
        if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
            raise BadKey("A private key of P-256 is needed.")
        jwk = PublicKey.of_key(private.public_key(), kid=kid).jwk
        return cls(private=private, kid=kid or thumbprint(jwk), jwk=jwk)

    @classmethod
    def of_pem(cls, pem: bytes, *, kid: str = "") -> SigningKey:
        """A private key in PEM without a password. Raises `BadKey`."""
        try:
            return cls.of(serialization.load_pem_private_key(pem, password=None), kid=kid)
        except (ValueError, TypeError):
            raise BadKey("The file holds no private key of P-256 in PEM without a password.") from None

    @property
    def pem(self) -> bytes:
        """The private key in PEM (PKCS #8), for a file that its owner alone reads."""
        kind = serialization.PrivateFormat.PKCS8
        return self.private.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())

    @property
    def published(self) -> dict[str, str]:
        """The public half as jwks.json has it."""
        return {**self.jwk, "kid": self.kid, "use": "sig", "alg": "ES256"}

    def jws(self, payload: bytes, **header: Any) -> str:
        """A compact JWS over these bytes."""
        said = {"alg": "ES256", "kid": self.kid, **header}
        signed = f"{b64u(json.dumps(said, separators=(',', ':')).encode())}.{b64u(payload)}"
        r, s = decode_dss_signature(self.private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{b64u(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def opened(jws: str, key: PublicKey) -> bytes | None:
    """The payload of a compact JWS by that key, None where the signature does not fit. Raises ValueError."""
    head, body, signature = jws.split(".")
    return unb64u(body) if key.verifies(f"{head}.{body}".encode(), unb64u(signature)) else None
