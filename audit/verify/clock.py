"""The verifier's own clock: patience and moments are measured by it, never by what a file or a database says."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """This machine's time, in UTC."""
    return datetime.now(UTC)
