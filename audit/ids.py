"""Time-ordered identifiers (UUIDv7, RFC 9562), which Python gained only in 3.14 and PostgreSQL in 18."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime, timedelta

_EPOCH = datetime.fromtimestamp(0, UTC)


def uuid7(now: datetime) -> uuid.UUID:
    """A UUIDv7 for that millisecond; the remaining 74 bits are random, so order within one is not promised."""
    value = _begins(now)
    value |= secrets.randbits(12) << 64
    value |= 0b10 << 62
    value |= secrets.randbits(62)
    return uuid.UUID(int=value)


def first_id(now: datetime) -> uuid.UUID:
    """An id that is not above any that `uuid7` draws for that moment or a later one."""
    return uuid.UUID(int=_begins(now))


def _begins(now: datetime) -> int:
    # In whole numbers: the float of `timestamp()` is a millisecond short now and then.
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
    return (max(milliseconds, 0) & ((1 << 48) - 1)) << 80 | 0x7 << 76
