"""Sight of a casefile and its lock, asked for in the statement that claims a key.

The lock comes in the same breath as sight, and what the guards need is read after it. A caller that sees nothing, or is
no party any more, locks nothing.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from agencies.actor import Actor
from casefiles.queries import Sight, sight_in_sql, sight_read
from casefiles.transitions.load import LOCK
from casefiles.transitions.unit import Question

_SIGHT = sight_in_sql(auditor="%(auditor)s::bool", group="%(group)s::bigint")
# The lock is waited for only once sight was found, and only if the caller sees the casefile now.
_SIGHT_AND_LOCK = f"""
(SELECT json_build_object('sight', sight.found, 'held', CASE
    WHEN %(locks)s::bool AND sight.found IS NOT NULL AND sight.found->>'ended' IS NULL THEN ({LOCK})
    END IS NOT NULL)::text
FROM (SELECT {_SIGHT} AS found OFFSET 0) sight)
"""  # noqa: S608 - composed of constants only


def sight_and_lock(actor: Actor, casefile: UUID, *, locks: bool) -> Question[tuple[Sight | None, bool]]:
    """How the actor reads that casefile, and whether its row is locked now, which `locks` asks for."""

    def read(found: Any) -> tuple[Sight | None, bool]:
        return sight_read(found["sight"]), bool(found["held"])

    asked = {"casefile": casefile, "auditor": actor.is_auditor, "group": actor.group_pk, "locks": locks}
    return Question(_SIGHT_AND_LOCK, asked, read)
