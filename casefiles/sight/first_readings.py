"""The first reading of a version by the party whose turn it is: the others see that it was opened. It has an entry.

It lies beside the casefile: no version, no state and no clock depends on it. Whoever wrote a version has not to open
it. Each fact is a stream of the log of its own, named by its id, and an item in the feed of all who see the casefile;
its entry names the agency and its system, or the console where a person read.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from agencies.actor import Actor
from agencies.naming import ZONE, day_of, name_on, name_then
from audit import ledger
from audit.ids import uuid7
from audit.recording import by_operator
from audit.requests import RequestFacts
from casefiles.models import FirstReading

KIND: Final = "first_reading.recorded"
COLUMNS: Final = ("id", "casefile_id", "version", "agency_id", "created_at")
"""The row's columns by which `record` is taken. `audit.verify.kept` reads the same."""
SCOPE: Final = "casefiles:read"
"""What the reading system may do: what it reads by another right opens nothing."""

# Only while that version is the newest, the turn is that agency's, and another wrote it. The casefile's row is held, so
# that no step comes in between: whoever sees the casefile now has the reading in their feed, and the next step comes
# after it in the log. A reader who waited for a step finds another version, and notes nothing.
_NOTE: Final = """
INSERT INTO casefiles_firstreading (id, casefile_id, version, agency_id, created_at, salt)
SELECT %(id)s, c.id, c.version, %(agency)s, %(now)s, %(salt)s
FROM casefiles_casefile c
JOIN casefiles_referral r ON r.id = c.open_referral_id AND r.to_agency_id = %(agency)s
JOIN casefiles_transition t ON t.casefile_id = c.id AND t.seq = c.version AND t.agency_id <> %(agency)s
WHERE c.id = %(casefile)s AND c.version = %(version)s
FOR SHARE OF c
ON CONFLICT (casefile_id, version, agency_id) DO NOTHING RETURNING ARRAY(
    SELECT g.agency_id FROM casefiles_casefilegrant g
    WHERE g.content_object_id = %(casefile)s AND g.until_entry_id IS NULL
    UNION SELECT a.id FROM agencies_agency a WHERE 'auditor' = ANY(a.roles) ORDER BY 1
)
"""
OPENS: Final = "casefiles_opens"
"""The database's function by which the console stores the same (migration 0022)."""
_THROUGH: Final = f"""
SELECT {OPENS}(%(id)s, %(casefile)s, %(version)s, %(agency)s, %(now)s, %(salt)s, %(entry)s, %(leaf)s, %(body)s)
"""
# The casefiles whose newest version brought that document, where the agency has the turn and has not opened it.
_BROUGHT: Final = """
SELECT c.id, c.version FROM casefiles_attachment x
JOIN casefiles_casefile c ON c.id = x.casefile_id AND c.version = x.seq
JOIN casefiles_referral r ON r.id = c.open_referral_id AND r.to_agency_id = %(agency)s
JOIN casefiles_transition t ON t.casefile_id = c.id AND t.seq = c.version AND t.agency_id <> %(agency)s
WHERE x.document_id = %(document)s AND NOT EXISTS (
    SELECT FROM casefiles_firstreading o
    WHERE o.casefile_id = c.id AND o.version = c.version AND o.agency_id = %(agency)s
) ORDER BY c.id
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


@dataclass(frozen=True, slots=True)
class Opening:
    """That an agency whose turn it was has read that version for the first time; the name is that of the day."""

    version: int
    agency_code: str
    agency_name: str
    at: datetime


_MOST_REMEMBERED: Final = 20_000
_remembered: set[tuple[UUID, int, int]] = set()


def note(*, casefile: UUID, version: int, actor: Actor, now: datetime, request: RequestFacts) -> dict[str, Any] | None:
    """Note that the actor's agency has read that version; returns it as `OPENED` does, None where there is nothing new.

    The caller has seen the casefile, and that the turn is its. What was noted once costs no statement afterwards.
    """
    if SCOPE not in actor.scopes:
        return None

    def store(given: dict[str, Any], row: dict[str, Any]) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, given)
            noted = cursor.fetchone()
        if noted is not None:
            ledger.append_committed(
                stream=given["id"],
                kind=KIND,
                state=ledger.commit(row, salt=given["salt"]),
                record=ledger.digest_of(row),
                now=now,
                author=actor.as_recorder(),
                request=request,
                is_first=True,
                audience=tuple(noted[0]),
            )
        return noted is not None

    return _once(casefile, version, actor=actor, now=now, store=store)


def note_by_person(*, casefile: UUID, version: int, actor: Actor, now: datetime) -> dict[str, Any] | None:
    """The same of what a person of the agency reads in the console, which may write it through `OPENS` alone."""

    def store(given: dict[str, Any], row: dict[str, Any]) -> bool:
        sealed = ledger.sealed_committed(
            stream=given["id"],
            kind=KIND,
            state=ledger.commit(row, salt=given["salt"]),
            record=ledger.digest_of(row),
            now=now,
            author=by_operator("console"),
            is_first=True,
        )
        parts: dict[str, Any] = {
            "entry": sealed.uuid,
            "leaf": sealed.leaf_hash,
            "body": sealed.body,
            "now": sealed.recorded_at,
        }
        with connection.cursor() as cursor:
            cursor.execute(_THROUGH, {**given, **parts})
            return bool(cursor.fetchone()[0])

    return _once(casefile, version, actor=actor, now=now, store=store)


def openings_of(casefile: UUID) -> list[Opening]:
    """Which agencies have first read which version of that casefile, oldest first. The caller has seen the casefile."""
    rows = FirstReading.objects.filter(casefile=casefile).select_related("agency").order_by("created_at", "version")
    return [
        Opening(
            version=row.version,
            agency_code=row.agency.code,
            agency_name=name_then(
                row.agency.name, row.agency.former_names, on=row.created_at.astimezone(ZoneInfo(ZONE)).date()
            ),
            at=row.created_at,
        )
        for row in rows
    ]


def note_document(*, document: UUID, actor: Actor, now: datetime, request: RequestFacts) -> None:
    """Note that the actor's agency has read a document: that opens each version which brought it.

    The caller has seen the document. A version of before is not opened by what came with it.
    """
    if SCOPE not in actor.scopes:
        return
    with connection.cursor() as cursor:
        cursor.execute(_BROUGHT, {"document": document, "agency": actor.agency_id})
        brought = cursor.fetchall()
    for casefile, version in brought:
        note(casefile=casefile, version=version, actor=actor, now=now, request=request)


def _once(
    casefile: UUID,
    version: int,
    *,
    actor: Actor,
    now: datetime,
    store: Callable[[dict[str, Any], dict[str, Any]], bool],
) -> dict[str, Any] | None:
    """Store what is not remembered. `store` is told the parameters and the row; it says whether it was new."""
    mark = (casefile, version, actor.agency_id)
    if mark in _remembered:
        return None
    ident = uuid7(now)
    row = {
        "id": str(ident), "casefile_id": str(casefile), "version": version, "agency_id": actor.agency_id,
        "created_at": ledger.instant(now),
    }  # fmt: skip
    given = {
        "id": ident,
        "casefile": casefile,
        "version": version,
        "agency": actor.agency_id,
        "now": now,
        "salt": secrets.token_bytes(32),
    }
    # Durable: what is remembered below must be stored for good, so that no transaction around it can undo it.
    with transaction.atomic(durable=True):
        is_new = store(given, row)
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    _remembered.add(mark)
    if not is_new:
        return None
    return {"agency": actor.agency_code, "name": actor.agency_name, "version": version, "at": ledger.instant(now)}
