"""The record of reads against its seals: each finished day's rows, one by one, and that no finished day lacks its seal.

What a seal lists lies in `audit_accessday`; the entries of the stream commit to it (`audit.access` writes both). Reads
end after years, months at a time: an entry of a stream of its own says up to which day (`audit.months`). Seals stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, Final

import psycopg

from .entries import Entry, place
from .forms import is_digest, loads, opens
from .orders import order_fault
from .report import Report
from .rows import plain

STREAM: Final = "61636365-7373-4573-8000-000000000001"
ENDED_STREAM: Final = "61636365-7373-4573-8000-000000000002"

PATIENCE: Final = timedelta(days=1)
"""How long after its end a day may be without a seal; one is made an hour after it by a clock that goes."""

COLUMNS: Final = ("id", "at", "request_id", "agency", "client", "route", "purpose", "shown")
WIDTH: Final = 40
"""Bytes of a row in a day's list: 8 of its number, 32 of its digest."""

SEALS: Final = """
SELECT e.seq, e.body, l.index, d.day, d.salt, d.rows FROM audit_entry e
LEFT JOIN audit_leaf l ON l.entry_id = e.id LEFT JOIN audit_accessday d ON d.number = e.seq
WHERE e.stream = %s ORDER BY e.seq, e.id
"""
WITHOUT_ENTRY: Final = """
SELECT d.number FROM audit_accessday d
WHERE NOT EXISTS (SELECT FROM audit_entry e WHERE e.stream = %s AND e.seq = d.number)
"""
READS: Final = """
SELECT id, at, request_id::text, agency, client, route, purpose, shown::text[] FROM audit_access
WHERE at >= %s AND at < %s ORDER BY id
"""
IS_READ_LEFT: Final = "SELECT EXISTS (SELECT FROM audit_access WHERE at >= %s AND at < %s)"
# An opening that is not the entry's own was named when the openings were compared.
ENDED: Final = """
SELECT e.body, l.index, o.given, o.state FROM audit_entry e LEFT JOIN audit_opening o ON o.entry_id = e.id
LEFT JOIN audit_leaf l ON l.entry_id = e.id WHERE e.stream = %s ORDER BY e.seq
"""
UNSEALED: Final = """
SELECT (at AT TIME ZONE 'UTC')::date AS day, min(id), count(*) FROM audit_access
WHERE NOT (at AT TIME ZONE 'UTC')::date = ANY(%s) GROUP BY day ORDER BY day
"""


def verify_accesses(connection: psycopg.Connection[Any], *, report: Report, now: datetime) -> None:
    """Name each read that is missing, changed or put in since its day was sealed, and days that should be sealed."""
    days: set[date] = set()
    previous: str | None = None
    is_known, all_fit = True, True
    ended = _ended(connection, report)
    with connection.cursor(name="seals") as seals:
        seals.itersize = 1
        for seq, body, index, day, salt, rows in seals.execute(SEALS, [STREAM]):
            entry = _read(body)
            if entry is None:
                is_known, all_fit = False, False  # named where the log was read
                continue
            where: dict[str, Any] = {"table": "audit_accessday", "row": seq, "index": index, **place(entry)}
            if day is None or salt is None or rows is None:
                report.add("row-missing", **where)
                is_known, all_fit = False, False
                continue
            listed = sha256(rows).hexdigest()
            state = {"day": day.isoformat(), "count": len(rows) // WIDTH, "digest": listed, "previous": previous}
            # A seal names the one before. After a seal that does not fit, that part of the next one cannot be checked.
            fits = not is_known or is_digest(entry["record"], state)
            if not fits:
                report.add("record-differs", **where)
            elif is_known and not opens(entry["after"], salt=salt, value=state):
                report.add("column-differs", column="salt", **where)
            if fits:
                days.add(day)
            if fits and day < ended and not _is_read_left(connection, day):
                report.checked["ended"] += len(rows) // WIDTH
            elif fits:
                for code, ident in _differing(rows, _reads(connection, day)):
                    report.add(code, table="audit_access", row=ident, index=index, why=day.isoformat())
                report.checked["accesses"] += len(rows) // WIDTH
            previous, is_known, all_fit = listed, fits, all_fit and fits
    for (number,) in connection.execute(WITHOUT_ENTRY, [STREAM]).fetchall():
        report.add("row-extra", table="audit_accessday", row=number)
    _verify_unsealed(connection, days, report=report, now=now, all_fit=all_fit)


def _verify_unsealed(
    connection: psycopg.Connection[Any], days: set[date], *, report: Report, now: datetime, all_fit: bool
) -> None:
    newest = max(days, default=None)
    for day, ident, number in connection.execute(UNSEALED, [sorted(days)]).fetchall():
        where = {"table": "audit_access", "row": ident, "number": number, "why": day.isoformat()}
        if newest is not None and day < newest:
            # Days are sealed in order, so this day had no reads when later ones were sealed. Unless a seal was changed:
            # then this may be its day.
            if all_fit:
                report.add("row-extra", **where)
        elif datetime.combine(day, time(), UTC) + timedelta(days=1) + PATIENCE < now:
            report.add("accesses-unsealed", **where)


def _ended(connection: psycopg.Connection[Any], report: Report) -> date:
    """The first day whose reads have not ended, as the log says; names each end that no two persons ordered."""
    ended = date.min
    for body, index, given, state in connection.execute(ENDED, [ENDED_STREAM]).fetchall():
        entry = _read(body)
        if entry is None:
            continue  # named where the log was read
        if why := order_fault(entry, given, state):
            report.add("ended-unordered", table="audit_opening", index=index, why=why, **place(entry))
        try:
            ended = max(ended, date.fromisoformat(state["until"]))
        except (TypeError, ValueError, KeyError):
            continue
    return ended


def _is_read_left(connection: psycopg.Connection[Any], day: date) -> bool:
    begins = datetime.combine(day, time(), UTC)
    row = connection.execute(IS_READ_LEFT, [begins, begins + timedelta(days=1)]).fetchone()
    return bool(row and row[0])


def _read(body: bytes) -> Entry | None:
    try:
        entry = loads(body)
        return entry if isinstance(entry, dict) and {"record", "after", "stream", "seq"} <= entry.keys() else None
    except (ValueError, RecursionError):
        return None


def _reads(connection: psycopg.Connection[Any], day: date) -> Iterator[tuple[int, dict[str, Any]]]:
    begins = datetime.combine(day, time(), UTC)
    with connection.cursor(name="reads", binary=True) as rows:
        rows.itersize = 2000
        for row in rows.execute(READS, [begins, begins + timedelta(days=1)]):
            yield row[0], {name: plain(value) for name, value in zip(COLUMNS, row, strict=True)}


def _differing(listed: bytes, reads: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[str, int]]:
    """`(code, number)` of each read that is not what the list says."""
    digests = {
        int.from_bytes(listed[at : at + 8]): listed[at + 8 : at + WIDTH].hex() for at in range(0, len(listed), WIDTH)
    }
    for ident, row in reads:
        due = digests.pop(ident, None)
        if due is None:
            yield "row-extra", ident
        elif not is_digest(due, row):
            yield "record-differs", ident
    yield from (("row-missing", ident) for ident in digests)
