"""Receipts: the signed promise that an accepted write is in the tree within a minute.

A compact JWS (RFC 7515), ES256, typ `lintas-receipt+jwt`, by the web's receipt key, whose public half is in the log and
in /.well-known/jwks.json. Whoever keeps one can prove the operator's fault if the leaf is not in the tree by
`in_tree_by`. It holds ids and hashes only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from joserfc import jws
from joserfc.jwk import ECKey

from audit.ledger import Sealed, canonical, instant

TYPE = "lintas-receipt+jwt"
WITHIN = timedelta(seconds=60)


class NoReceiptKey(Exception):
    """The receipt key cannot be read; the message says which file and what to type."""


@dataclass(frozen=True, slots=True, repr=False)
class ReceiptKey:
    """The private key, and its public half as JWK with `kid` (RFC 7638 thumbprint), `use` and `alg`."""

    private: ECKey
    public: dict[str, str]

    @property
    def kid(self) -> str:
        """The RFC 7638 thumbprint."""
        return self.public["kid"]


def signing_key() -> ReceiptKey | None:
    """The key this process signs receipts with, or None where none is configured. Raises `NoReceiptKey`."""
    path: Path | None = settings.LINTAS_RECEIPT_KEY_FILE
    return _read(path) if path else None


@cache
def _read(path: Path) -> ReceiptKey:
    remedy = "Draw one with `manage.py open_log --draw-keys`."
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as why:
        raise NoReceiptKey(f"LINTAS_RECEIPT_KEY_FILE={path} cannot be read: {why.strerror}. {remedy}") from why
    except (ValueError, TypeError, UnsupportedAlgorithm) as why:  # TypeError: it wants a passphrase
        raise NoReceiptKey(
            f"LINTAS_RECEIPT_KEY_FILE={path} holds no private key in PEM without a passphrase. {remedy}"
        ) from why
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise NoReceiptKey(f"LINTAS_RECEIPT_KEY_FILE={path} holds no P-256 key. {remedy}")
    key = ECKey.import_key(private)
    public: dict[str, Any] = key.as_dict(private=False)
    kid = key.thumbprint()
    return ReceiptKey(
        private=key,
        public={name: str(public[name]) for name in ("kty", "crv", "x", "y")}
        | {"kid": kid, "use": "sig", "alg": "ES256"},
    )


def stated(sealed: Sealed) -> dict[str, Any]:
    """The receipt as it is handed out: what the promise says, and the signed promise itself (None without a key)."""
    key = signing_key()
    return {
        "entry": str(sealed.uuid),
        "stream": str(sealed.stream),
        "seq": sealed.seq,
        "leaf_hash": sealed.leaf_hash.hex(),
        "accepted_at": instant(sealed.recorded_at),
        "in_tree_by": instant(sealed.recorded_at + WITHIN),
        "jws": sign(sealed, key=key) if key else None,
    }


def sign(sealed: Sealed, *, key: ReceiptKey) -> str:
    """The promise for that entry, as a compact JWS."""
    payload = {
        "iss": settings.LINTAS_BASE_URL,
        "origin": settings.LINTAS_LOG_ORIGIN,
        "entry": str(sealed.uuid),
        "stream": str(sealed.stream),
        "seq": sealed.seq,
        "leaf_hash": sealed.leaf_hash.hex(),
        "accepted_at": instant(sealed.recorded_at),
        "in_tree_by": instant(sealed.recorded_at + WITHIN),
    }
    header = {"alg": "ES256", "kid": key.kid, "typ": TYPE}
    return jws.serialize_compact(header, canonical(payload), key.private)
