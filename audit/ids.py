"""Time-ordered identifiers (UUIDv7, RFC 9562), which Python gained only in 3.14 and PostgreSQL in 18."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime, timedelta

_EPOCH = datetime.fromtimestamp(0, UTC)


def uuid7(now: datetime) -> uuid.UUID:
    """A UUIDv7 for that millisecond; the remaining 74 bits are random, so order within one is not promised."""
    # In whole numbers: the float of `timestamp()` is a millisecond short now and then.
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= secrets.randbits(12) << 64
    value |= 0b10 << 62
    value |= secrets.randbits(62)
    return uuid.UUID(int=value)
