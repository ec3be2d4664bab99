"""What time it is for casefiles: the real time, and in a sandbox on one's own machine so much later as somebody asked.

In earnest both are one, and the database is not asked. What meets other people's clocks keeps the real time always:
tokens, assertions, signatures, keys, webhooks, sessions, checkpoints.
A caller whose clock is right needs to know nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection

MOST: Final = timedelta(days=366)
"""How far a sandbox may be ahead: beyond it no calendar says which days are days off."""

_AHEAD: Final = "SELECT ahead FROM casefiles_tick"
_MOVE: Final = """
INSERT INTO casefiles_tick AS clock (id, ticked_at, ahead) VALUES (1, clock_timestamp(), make_interval(secs => %(by)s))
ON CONFLICT (id) DO UPDATE SET ahead = clock.ahead + excluded.ahead
WHERE clock.ahead + excluded.ahead <= make_interval(secs => %(most)s)
RETURNING ahead
"""


class TooFar(Exception):
    """The sandbox would be further ahead than `MOST`."""


def ahead() -> timedelta:
    """How far the register is ahead of the real time; nothing outside of a sandbox that may be moved."""
    if not settings.LINTAS_SANDBOX_CONTROL:
        return timedelta()
    with connection.cursor() as cursor:
        cursor.execute(_AHEAD)
        row = cursor.fetchone()
    return row[0] if row else timedelta()


def now() -> datetime:
    """The register's time, in UTC: the database's, and how far the register is ahead of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        real: datetime = cursor.fetchone()[0]
    return real + ahead()


def move(by: timedelta) -> timedelta:
    """Let the register be so much later from now on; returns how far it is ahead then. Raises `TooFar`."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"by": by.total_seconds(), "most": MOST.total_seconds()})
        row = cursor.fetchone()
    if row is None:
        raise TooFar
    moved: timedelta = row[0]
    return moved
