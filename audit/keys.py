"""Drawing the log's two keys: Ed25519 for checkpoints (the sequencer's), P-256 for receipts (the web's)."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519


def draw_log_key(path: Path) -> bool:
    """Write a fresh Ed25519 key to that file, readable by this user only; False where the file is there already."""
    return write_new(path, ed25519.Ed25519PrivateKey.generate())


def draw_receipt_key(path: Path) -> bool:
    """Write a fresh P-256 key to that file, readable by this user only; False where the file is there already."""
    return write_new(path, ec.generate_private_key(ec.SECP256R1()))


def write_new(path: Path, key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bool:
    """Write that key to a file, readable by this user only; False where the file is there already."""
    if path.exists():
        return False
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_bytes(pem)
    # Never over a key that another process drew meanwhile.
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
