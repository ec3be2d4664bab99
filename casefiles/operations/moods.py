"""Automatic counterparts of a sandbox: how each party acts when a turn comes to it, round by round of the clock.

A party without a mood does nothing: its steps are somebody's own. A mood is about turns that come after it was set, so
that cases which wait already stay as they are. One round takes one step of a case.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias, get_args
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from casefiles.operations import counterparts

logger = logging.getLogger("lintas.sandbox")

Role: TypeAlias = Literal["submitter", "examiner", "employer", "addressee"]
Mood: TypeAlias = Literal["prompt", "late", "silent", "disputes"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
LATE_BY: Final = timedelta(days=3)
"""How long after the due moment a late party acts."""
_TOGETHER: Final = 200

_SET: Final = """
INSERT INTO casefiles_tick AS clock (id, ticked_at, moods) VALUES (1, clock_timestamp(), %(moods)s::jsonb)
ON CONFLICT (id) DO UPDATE SET moods = clock.moods || excluded.moods
RETURNING moods::text
"""
_COME: Final = """
SELECT r.casefile_id, p.value->>'mood'
FROM casefiles_tick t CROSS JOIN jsonb_each(t.moods) p JOIN casefiles_referral r ON r.party = p.key
JOIN casefiles_transition s ON s.casefile_id = r.casefile_id AND s.seq = r.opened_seq
WHERE r.status = 'open' AND s.recorded_at >= (p.value->>'since')::timestamptz
    AND (p.value->>'mood' IN ('prompt', 'disputes') OR p.value->>'mood' = 'late' AND r.due_at <= %(late)s)
ORDER BY r.opened_at, r.id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Acted:
    """What a round's counterparts did, and how many of their steps were refused."""

    steps: int = 0
    refused: int = 0


def moods() -> Mapping[str, Mapping[str, str]]:
    """The mood of each party that has one, and since when."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT moods::text FROM casefiles_tick")
        row = cursor.fetchone()
    found: Mapping[str, Mapping[str, str]] = orjson.loads(row[0]) if row else {}
    return found


def take(role: Role, mood: Mood, *, now: datetime) -> Mapping[str, Mapping[str, str]]:
    """That party acts so from now on; returns every party's mood."""
    said = orjson.dumps({role: {"mood": mood, "since": now.isoformat()}}).decode()
    with connection.cursor() as cursor:
        cursor.execute(_SET, {"moods": said})
        found: Mapping[str, Mapping[str, str]] = orjson.loads(cursor.fetchone()[0])
    return found


def act(*, now: datetime) -> Acted:
    """One step of each case whose turn came to a party that acts by now; nothing outside of a sandbox."""
    if not settings.LINTAS_SANDBOX_CONTROL:
        return Acted()
    with connection.cursor() as cursor:
        cursor.execute(_COME, {"late": now - LATE_BY, "most": _TOGETHER})
        come: list[tuple[UUID, str]] = cursor.fetchall()
    steps = refused = 0
    for casefile, mood in come:
        try:
            counterparts.answer(casefile, disputes=mood == "disputes", now=now)
        except counterparts.REFUSALS as why:
            logger.info("a counterpart's step on %s was refused: %s", casefile, type(why).__name__)
            refused += 1
        else:
            steps += 1
    return Acted(steps=steps, refused=refused)
