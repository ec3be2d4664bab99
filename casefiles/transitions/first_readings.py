"""The first reading of a version by the party whose turn it is: the others see that it was opened. It has an entry.

It lies beside the casefile: no version, no state and no clock depends on it. Whoever wrote a version has not to open
it. Each fact is a stream of the log of its own, named by its id; its entry names the agency and its system.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from agencies.actor import Actor
from agencies.naming import day_of, name_on
from audit import ledger
from audit.ids import uuid7
from audit.requests import RequestFacts
from casefiles.transitions.committing import fresh_salt

KIND: Final = "first_reading.recorded"
COLUMNS: Final = ("id", "casefile_id", "version", "agency_id", "created_at")
"""The row's columns by which `record` is taken. `audit.verify.kept` reads the same."""
SCOPE: Final = "casefiles:read"
"""What the reading system may do: what it reads by another right opens nothing."""

# Only while that version is the newest, the turn is that agency's, and another wrote it.
_NOTE: Final = """
INSERT INTO casefiles_firstreading (id, casefile_id, version, agency_id, created_at, salt)
SELECT %(id)s, c.id, c.version, %(agency)s, %(now)s, %(salt)s
FROM casefiles_casefile c
JOIN casefiles_referral r ON r.id = c.open_referral_id AND r.to_agency_id = %(agency)s
JOIN casefiles_transition t ON t.casefile_id = c.id AND t.seq = c.version AND t.agency_id <> %(agency)s
WHERE c.id = %(casefile)s AND c.version = %(version)s
ON CONFLICT (casefile_id, version, agency_id) DO NOTHING RETURNING id
"""
# Of one casefile, oldest first; `c` is the casefile.
OPENED: Final = f"""
(
    SELECT coalesce(json_agg(json_build_object('agency', a.code, 'name', {name_on("a", day_of("o.created_at"))},
        'version', o.version, 'at', o.created_at) ORDER BY o.created_at, o.version), '[]')
    FROM casefiles_firstreading o JOIN agencies_agency a ON a.id = o.agency_id
    WHERE o.casefile_id = c.id {{further}}
)
"""  # noqa: S608 - composed of constants only

_MOST_REMEMBERED: Final = 20_000
_remembered: set[tuple[UUID, int, int]] = set()


def note(*, casefile: UUID, version: int, actor: Actor, now: datetime, request: RequestFacts) -> dict[str, Any] | None:
    """Note that the actor's agency has read that version; returns it as `OPENED` does, None where there is nothing new.

    The caller has seen the casefile, and that the turn is its. What was noted once costs no statement afterwards.
    """
    mark = (casefile, version, actor.agency_id)
    if mark in _remembered or SCOPE not in actor.scopes:
        return None
    ident, salt = uuid7(now), fresh_salt()
    given: dict[str, Any] = {
        "id": ident,
        "casefile": casefile,
        "version": version,
        "agency": actor.agency_id,
        "now": now,
        "salt": salt,
    }
    # Durable: what is remembered below must be stored for good, so that no transaction around it can undo it.
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, given)
            is_new = cursor.fetchone() is not None
        if is_new:
            row = {
                "id": str(ident), "casefile_id": str(casefile), "version": version, "agency_id": actor.agency_id,
                "created_at": ledger.instant(now),
            }  # fmt: skip
            ledger.append_committed(
                stream=ident,
                kind=KIND,
                state=ledger.commit(row, salt=salt),
                record=ledger.digest_of(row),
                now=now,
                author=actor.as_recorder(),
                request=request,
                is_first=True,
            )
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    _remembered.add(mark)
    if not is_new:
        return None
    return {"agency": actor.agency_code, "name": actor.agency_name, "version": version, "at": ledger.instant(now)}
