"""The record of reads in months: parts of `audit_access`, made ahead, that go as a whole when their time is over.

A read that falls into no month lies in the last part, so that none is ever refused; that part becomes the months it
spans when the next ones are made. All of it is the owner's. Whoever makes or drops a part waits `PATIENCE` for the
table and no longer, because readers and writers wait behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql

from audit import ledger
from audit.models import Opening

TABLE: Final = "audit_access"
REST: Final = "audit_access_rest"
AHEAD: Final = 3
"""Months made ahead, beside the present one."""
PATIENCE: Final = "2s"

STREAM: Final = UUID("61636365-7373-4573-8000-000000000002")
KIND: Final = "accesses.ended"

_PARTS: Final = r"""
SELECT c.relname::text, (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'audit_access'::regclass ORDER BY 2 NULLS LAST
"""


_HEAD: Final = """
SELECT encode(sha256(rows), 'hex') FROM audit_accessday WHERE day < %s ORDER BY day DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A part by its name; `until` is the first moment after it, None of the last part."""

    name: str
    until: datetime | None


def parts() -> list[Part]:
    """The parts, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS)
        return [Part(name, until and until.astimezone(UTC)) for name, until in cursor.fetchall()]


def make_ahead(*, now: datetime, ahead: int = AHEAD) -> list[str]:
    """Make the present month's part and those of the next ones, where they are not there; returns their names.

    Raises OperationalError where the table is too busy; a later call goes on.
    """
    made: list[str] = []
    last = month_after(now, ahead)
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
            begins = max(part.until for part in parts() if part.until is not None)
            if begins > last:
                return made
            cursor.execute("SELECT max(at) FROM audit_access_rest")
            (newest,) = cursor.fetchone()
            if newest is None:
                name = _named(begins)
                _execute("CREATE TABLE {0} (LIKE audit_access INCLUDING DEFAULTS)", name)
                _guard(name)
                _attach(name, begins, month_after(begins, 1))
            else:
                # What lies there has no month yet: it becomes a part of all the months it spans.
                name = _named(begins)
                _execute("ALTER TABLE audit_access DETACH PARTITION audit_access_rest")
                _execute("ALTER TABLE audit_access_rest RENAME TO {0}", name)
                _attach(name, begins, month_after(max(newest, begins), 1))
                _execute("CREATE TABLE audit_access_rest PARTITION OF audit_access DEFAULT")
                _guard(REST)
        made.append(name)


def may_end(*, before: datetime) -> list[Part]:
    """The parts whose last day lies before that moment and all of whose days are sealed, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (max(day) + 1)::timestamp AT TIME ZONE 'UTC' FROM audit_accessday")
        (sealed_until,) = cursor.fetchone()
    if sealed_until is None:
        return []
    bound = min(before, sealed_until)
    return [part for part in parts() if part.until is not None and part.until <= bound]


def shows_one_of(part: Part, records: Sequence[UUID]) -> bool:
    """Whether a read of that part showed one of these records."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT EXISTS (SELECT FROM {0} WHERE shown && %s)")
            .format(sql.Identifier(part.name))
            .as_string(cursor.connection),
            [list(records)],
        )
        return bool(cursor.fetchone()[0])


@transaction.atomic
def end(part: Part, *, order: Mapping[str, Any], now: datetime) -> ledger.Sealed:
    """Let the oldest part go, with an entry of the log that says up to when reads have ended, and on which order.

    `order` is whole, with its `id` and the signatures of two persons: whoever reads the entry can verify them, and
    `lintas-verify` does. The seals of the part's days stay. Raises ValueError where an older part is there,
    OperationalError where it is in use.
    """
    oldest = parts()[0]
    if part != oldest or part.until is None:
        raise ValueError(f"{oldest.name} is older than {part.name}: reads end from the oldest on.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
    until = part.until.date().isoformat()
    _execute("DROP TABLE {0}", part.name)
    state = {"until": until, "order": order["id"]}
    return ledger.append_open(stream=STREAM, kind=KIND, given=order, state=state, now=now)


def reads_in(part: Part) -> int:
    """How many reads lie in that part."""
    with connection.cursor() as cursor:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(part.name))
        cursor.execute(query.as_string(cursor.connection))
        return int(cursor.fetchone()[0])


def head_before(until: date) -> str | None:
    """The digest (hex) of the list of the last sealed day before that one; None where none is sealed."""
    with connection.cursor() as cursor:
        cursor.execute(_HEAD, [until])
        row: tuple[str] | None = cursor.fetchone()
    return row[0] if row else None


def has_begun(order: str) -> bool:
    """Whether a part has ended on the order of that id."""
    return Opening.objects.filter(entry__stream=STREAM, state__order=order).exists()


def _attach(name: str, begins: datetime, ends: datetime) -> None:
    bounds = (sql.Literal(begins.isoformat()), sql.Literal(ends.isoformat()))
    _execute("ALTER TABLE audit_access ATTACH PARTITION {0} FOR VALUES FROM ({1}) TO ({2})", name, *bounds)


def _guard(name: str) -> None:
    """What a part has of its own: it may not be emptied. Everything else it has as a part of the table."""
    _execute(
        "CREATE TRIGGER table_stays BEFORE TRUNCATE ON {0} FOR EACH STATEMENT EXECUTE FUNCTION lintas_refuse_change()",
        name,
    )
    _execute("ALTER TABLE {0} ENABLE ALWAYS TRIGGER table_stays", name)


def _named(begins: datetime) -> str:
    return f"{TABLE}_{begins:%Y_%m}"


def month_after(moment: datetime, months: int) -> datetime:
    """The beginning of the month that many months after that of the moment, in UTC."""
    moment = moment.astimezone(UTC)
    number = moment.year * 12 + moment.month - 1 + months
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def _execute(statement: str, name: str | None = None, *values: Any) -> None:
    parts_of = [] if name is None else [sql.Identifier(name), *values]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*parts_of).as_string(cursor.connection))
