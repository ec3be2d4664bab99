"""JSON as the log commits to it: fast where `orjson` is installed, and the same verdict without it."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import rfc8785

SALT = 32
"""Bytes of a commitment's salt."""

loads: Callable[[bytes | str], Any]
spelled: Callable[[Any], bytes]

try:
    import orjson
except ImportError:

    def spelled(value: Any) -> bytes:
        """JSON with sorted keys: the RFC 8785 form but for floats and keys beyond the BMP. Raises ValueError."""
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    loads = json.loads
else:

    def spelled(value: Any) -> bytes:
        """JSON with sorted keys: the RFC 8785 form but for floats and keys beyond the BMP. Raises TypeError."""
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)

    loads = orjson.loads


def canonical(value: Any) -> bytes:
    """The RFC 8785 form. Raises ValueError for what has none."""
    return rfc8785.dumps(value)


def is_canonical(body: bytes, value: Any) -> bool:
    """Whether the bytes are the RFC 8785 form of their value."""
    # The short cut differs from RFC 8785 in floats and keys beyond the BMP only, of which an entry has none.
    try:
        return spelled(value) == body or canonical(value) == body
    except (ValueError, TypeError, RecursionError):
        return False


def digest(value: Any) -> str:
    """SHA-256 over the RFC 8785 form, in hex. Raises ValueError for what has none."""
    return sha256(canonical(value)).hexdigest()


def is_digest(stated: object, value: Any) -> bool:
    """Whether `stated` is the hex SHA-256 over the RFC 8785 form of the value."""
    return _hashes_to(stated, b"", value)


def opens(commitment: object, *, salt: bytes | None, value: Any) -> bool:
    """Whether salt (32 bytes) and value open the commitment (hex): SHA-256(salt || RFC 8785 form)."""
    # Salt and value are hashed as one text. With a fixed length nobody can move bytes from one to the other.
    if salt is None or len(salt) != SALT:
        return False
    return _hashes_to(commitment, salt, value)


def _hashes_to(commitment: object, salt: bytes, value: Any) -> bool:
    if not isinstance(commitment, str):
        return False
    # A digest that fits proves the bytes, whoever wrote them; only a misfit needs the slow form.
    try:
        if sha256(salt + spelled(value)).hexdigest() == commitment:
            return True
        return sha256(salt + canonical(value)).hexdigest() == commitment
    except (ValueError, TypeError, RecursionError):
        return False
