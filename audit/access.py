"""The record of reads: one row per request, with the ids that were shown, the purpose and the client.

Reads are sealed day by day (UTC), oldest first: the list of a day's rows, each with its digest, becomes an entry of the
log, and each seal names the one before. A seal is made after the day has ended, so that no read waits for another.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from audit import ledger
from audit.models import Access, AccessDay

STREAM: Final = UUID("61636365-7373-4573-8000-000000000001")
KIND: Final = "accesses.sealed"

GRACE: Final = timedelta(hours=1)
"""How long after its end a day is sealed. A request that reads is over within seconds, or the database ends it."""

COLUMNS: Final = ("id", "at", "request_id", "agency", "client", "route", "purpose", "shown")
"""The row's columns by which its digest is taken. `audit.verify.accesses` reads the same."""

# A clock that runs behind must not put a read into a day that is sealed: the first moment that is open counts then.
_RECORD: Final = """
INSERT INTO audit_access (at, request_id, agency, client, route, purpose, shown, caller_request_id)
SELECT greatest(%s, (SELECT max(day) + 1 FROM audit_accessday)::timestamp AT TIME ZONE 'UTC'),
    %s, %s, %s, %s, %s, %s, %s
"""
# The same in a statement that shows something, named so that it can stand beside whatever parameters that has.
_NOTED: Final = """
noted AS (
    INSERT INTO audit_access (at, request_id, agency, client, route, purpose, shown, caller_request_id)
    SELECT greatest(%(read_at)s, (SELECT max(day) + 1 FROM audit_accessday)::timestamp AT TIME ZONE 'UTC'),
        %(read_request)s, %(read_agency)s, %(read_client)s, %(read_route)s, %(read_purpose)s, {shown}, %(read_caller)s
    FROM {source}
)
"""
_FIRST_UNSEALED: Final = """
SELECT (min(at) AT TIME ZONE 'UTC')::date FROM audit_access
WHERE at < %s
    AND at >= coalesce((SELECT max(day) + 1 FROM audit_accessday)::timestamp AT TIME ZONE 'UTC', '-infinity')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A reading request, to be recorded by the very statement that shows what was asked for."""

    at: datetime
    request_id: UUID
    agency: int
    client: str
    route: str
    purpose: str
    shown: tuple[UUID, ...] = ()
    caller_request_id: str = ""
    """The id that the caller chose. It is kept in the row; no seal commits to it."""


def noted(source: str, *, shown: str = "%(read_shown)s::uuid[]") -> str:
    """A table of a statement that records a read where `source`, a FROM clause with its condition, has a row.

    `shown` is an expression of what is shown; else it is what the `Read` says. `parameters_of` has its parameters.
    """
    return _NOTED.format(source=source, shown=shown)


def parameters_of(read: Read) -> dict[str, Any]:
    """The parameters of `noted`."""
    return {
        "read_at": read.at,
        "read_request": read.request_id,
        "read_agency": read.agency,
        "read_client": read.client,
        "read_route": read.route,
        "read_purpose": read.purpose,
        "read_shown": list(read.shown),
        "read_caller": read.caller_request_id,
    }


def record(
    *,
    at: datetime,
    request_id: UUID,
    agency: int,
    client: str,
    route: str,
    purpose: str,
    shown: Iterable[UUID],
    caller_request_id: str = "",
) -> None:
    """Record one reading request. `route` is the path's template, never the path: no id, no search term."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [at, request_id, agency, client, route, purpose, list(shown), caller_request_id])


def seal(*, now: datetime) -> int:
    """Seal every finished day that has reads and no seal, oldest first, each in its own transaction; returns how many.

    `now` is the database's time.
    """
    done = 0
    while _sealed_next(now):
        done += 1
    return done


@transaction.atomic
def _sealed_next(now: datetime) -> bool:
    today = datetime.combine((now - GRACE).astimezone(UTC).date(), time(), UTC)
    with connection.cursor() as cursor:
        # Two rounds at once seal nothing twice: the second one looks after the first has committed.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"stream:{STREAM}"])
        cursor.execute(_FIRST_UNSEALED, [today])
        day: date | None = cursor.fetchone()[0]
        cursor.execute("SELECT sha256(rows) FROM audit_accessday ORDER BY number DESC LIMIT 1")
        newest = cursor.fetchone()
    if day is None:
        return False
    rows = _listed(day)
    salt = secrets.token_bytes(32)
    state = state_of(day, rows, previous=bytes(newest[0]).hex() if newest else None)
    entry = ledger.append_committed(
        stream=STREAM, kind=KIND, state=ledger.commit(state, salt=salt), record=ledger.digest_of(state), now=now
    )
    AccessDay.objects.create(number=entry.seq, day=day, salt=salt, rows=rows)
    return True


def state_of(day: date, rows: bytes, *, previous: str | None) -> dict[str, Any]:
    """What a seal commits to: the day, how many reads, the digest of their list, and that of the seal before."""
    return {
        "day": day.isoformat(),
        "count": len(rows) // 40,
        "digest": hashlib.sha256(rows).hexdigest(),
        "previous": previous,
    }


def _listed(day: date) -> bytes:
    """The day's rows in the order of their numbers: 8 bytes of number, 32 of digest each."""
    begins = datetime.combine(day, time(), UTC)
    rows = Access.objects.filter(at__gte=begins, at__lt=begins + timedelta(days=1)).order_by("id").values_list(*COLUMNS)
    # When a server-side cursor is closed, Django does not translate psycopg's error into its own. `tick --loop` needs
    # Django's error to go on after a lost connection.
    with connection.wrap_database_errors:
        return b"".join(row[0].to_bytes(8) + ledger.digest_of(_plain(row)) for row in rows.iterator(chunk_size=2000))


def _plain(row: tuple[Any, ...]) -> dict[str, Any]:
    ident, at, request_id, agency, client, route, purpose, shown = row
    values = (ident, ledger.instant(at), str(request_id), agency, client, route, purpose, [str(pk) for pk in shown])
    return dict(zip(COLUMNS, values, strict=True))
