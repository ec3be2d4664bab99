"""The courier's key: it signs webhooks, and it alone opens the secrets that others only seal.

One file holds an Ed25519 key. The X25519 key that secrets are sealed for (HPKE, RFC 9180) is derived from it, so both
are lost and replaced together. Their public halves are entries of a stream of their own: the web seals with what the
log names, and jwks.json publishes it. Neither the web nor a reader of the database can sign as a subscription.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, hpke, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import connection

from audit import keys, ledger
from delivery.errors import NotOffered

STREAM: Final = UUID("64656c69-7665-4279-8000-000000000001")
ADDED: Final = "delivery.key_added"

_SUITE: Final = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
_DERIVED: Final = b"lintas courier: sealing key 1"


class NoCourierKey(Exception):
    """The courier's key cannot be read, or does not open what was sealed; the message says what to type."""


@dataclass(frozen=True, slots=True, repr=False)
class CourierKey:
    """The private keys of `manage.py deliver`."""

    signing: Ed25519PrivateKey
    opening: X25519PrivateKey

    @property
    def public(self) -> dict[str, dict[str, str]]:
        """The public halves as they stand on record: `sign` and `seal`, each a JWK (RFC 8037)."""
        sign, seal = _jwk("Ed25519", self.signing.public_key()), _jwk("X25519", self.opening.public_key())
        return {"sign": {**sign, "use": "sig", "alg": "EdDSA"}, "seal": {**seal, "use": "enc"}}

    @property
    def kid(self) -> str:
        """The RFC 7638 thumbprint of the key that signs."""
        return self.public["sign"]["kid"]

    def open(self, sealed: bytes, *, webhook: UUID) -> bytes:
        """The secret of that subscription. Raises `NoCourierKey` where it was sealed for another key or row."""
        try:
            return _SUITE.decrypt(sealed, self.opening, info=webhook.bytes)
        except (InvalidTag, ValueError) as why:
            raise NoCourierKey("The secret was sealed for another courier's key: rotate it.") from why


def draw(path: Path) -> bool:
    """Write a fresh key to that file, readable by this user only; False where the file is there already."""
    return keys.write_new(path, Ed25519PrivateKey.generate())


def read(path: Path | None) -> CourierKey:
    """The key of that file. Raises `NoCourierKey`."""
    if path is None:
        raise NoCourierKey("LINTAS_COURIER_KEY_FILE is not set: where the courier's key lies or shall lie.")
    remedy = "Draw one: manage.py open_delivery --draw-key"
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as why:
        raise NoCourierKey(f"LINTAS_COURIER_KEY_FILE={path} cannot be read: {why.strerror}. {remedy}") from why
    except (ValueError, TypeError, UnsupportedAlgorithm) as why:  # TypeError: it wants a passphrase
        raise NoCourierKey(f"LINTAS_COURIER_KEY_FILE={path} holds no private key in PEM. {remedy}") from why
    if not isinstance(private, Ed25519PrivateKey):
        raise NoCourierKey(f"LINTAS_COURIER_KEY_FILE={path} holds no Ed25519 key. {remedy}")
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_DERIVED).derive(private.private_bytes_raw())
    return CourierKey(signing=private, opening=X25519PrivateKey.from_private_bytes(derived))


# -- on record --------------------------------------------------------------------------------------------------------


def on_record() -> Sequence[Mapping[str, Mapping[str, str]]]:
    """The public keys that the log names, the newest last; empty before the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.state FROM audit_entry e JOIN audit_opening o ON o.entry_id = e.id "
            "WHERE e.stream = %s ORDER BY e.seq DESC LIMIT 1",
            [STREAM],
        )
        row = cursor.fetchone()
    if row is None:
        return ()
    state: dict[str, Any] = json.loads(row[0]) if isinstance(row[0], str) else row[0]
    return tuple(state["keys"])


def record(key: CourierKey, *, now: datetime) -> bool:
    """Put the public halves on record, inside the caller's transaction; False where they are the newest already.

    The owner's: nobody else may write what an entry of this stream opens to.
    """
    known = list(on_record())
    if known and known[-1] == key.public:
        return False
    ledger.append_open(
        stream=STREAM, kind=ADDED, given={"key": key.public}, state={"keys": [*known, key.public]}, now=now
    )
    return True


def seal(secret: bytes, *, webhook: UUID) -> bytes:
    """The secret, sealed for the newest courier on record and for that subscription. Raises `NotOffered`."""
    known = on_record()
    if not known:
        raise NotOffered
    raw = _decoded(known[-1]["seal"]["x"])
    return _SUITE.encrypt(secret, X25519PublicKey.from_public_bytes(raw), info=webhook.bytes)


def _jwk(curve: str, public: Ed25519PublicKey | X25519PublicKey) -> dict[str, str]:
    members = {"crv": curve, "kty": "OKP", "x": _encoded(public.public_bytes_raw())}
    thumbprint = hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
    return {**members, "kid": _encoded(thumbprint)}


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
