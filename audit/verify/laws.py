"""The law as data against its entries: every version of the catalogues and of the working calendar.

A version of the catalogues is one row, whose content hashes to the digest that its load put into the log. A version of
the calendar is as many rows as it has days off, and the log holds one digest over them.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any, LiteralString

import psycopg

from .forms import is_digest, loads
from .report import Report
from .rows import same_instant

CATALOGUES: LiteralString = "SELECT version, digest, content, loaded_at FROM casefiles_catalogueversion ORDER BY id"
DAYS: LiteralString = """
SELECT version, date::text, kind, name_id, source, decree FROM agencies_calendarday ORDER BY version, id
"""
# The streams in which the register records what was loaded. Entries of other streams do not count.
CATALOGUE_STREAM, CALENDAR_STREAM = "63617461-6c6f-4775-8000-000000000001", "63616c65-6e64-4172-8000-000000000001"
# An opening that is not the entry's own was named when the openings were compared.
TOLD: LiteralString = """
SELECT e.body, o.state FROM audit_entry e JOIN audit_opening o ON o.entry_id = e.id
WHERE e.stream = %s ORDER BY e.seq, e.id
"""


def verify_laws(connection: psycopg.Connection[Any], *, report: Report) -> None:
    """Compare `casefiles_catalogueversion` and `agencies_calendarday` with what the log says was loaded."""
    _verify_catalogues(connection, report)
    _verify_calendars(connection, report)


def _verify_catalogues(connection: psycopg.Connection[Any], report: Report) -> None:
    where = {"table": "casefiles_catalogueversion"}
    logged = _first_logged(
        connection, CATALOGUE_STREAM, kinds={"catalogue.loaded"}, member="digest", report=report, **where
    )
    missing = set(logged)
    for version, digest, content, loaded_at in connection.execute(CATALOGUES):
        if version not in logged:
            report.add("row-extra", row=version, **where)
            continue
        missing.discard(version)
        due, at = logged[version]
        faults = {
            "digest": digest != due,
            "content": content is None or sha256(content).hexdigest() != due,
            "loaded_at": not same_instant(loaded_at, at),
        }
        for column, is_wrong in faults.items():
            if is_wrong:
                report.add("column-differs", column=column, row=version, **where)
        report.checked["laws"] += 1
    for version in sorted(missing):
        report.add("row-missing", row=version, **where)


def _verify_calendars(connection: psycopg.Connection[Any], report: Report) -> None:
    where = {"table": "agencies_calendarday"}
    kinds = {"calendar.loaded", "calendar.amended"}
    logged = _first_logged(connection, CALENDAR_STREAM, kinds=kinds, member="sha256", report=report, **where)
    missing = set(logged)
    for version, days in _by_version(connection):
        if version not in logged:
            report.add("row-extra", row=version, **where)
            continue
        missing.discard(version)
        if not is_digest(logged[version][0], days):
            report.add("calendar-differs", row=version, **where)
        report.checked["laws"] += 1
    for version in sorted(missing):
        report.add("row-missing", row=version, **where)


def _first_logged(
    connection: psycopg.Connection[Any], stream: str, *, kinds: set[str], member: str, report: Report, table: str
) -> dict[str, tuple[str, str]]:
    """Digest and moment of each version, as it was told first: a version is loaded once, whatever is said later."""
    first: dict[str, tuple[str, str]] = {}
    for body, state in connection.execute(TOLD, [stream]):
        try:
            entry = loads(body)
            kind, recorded_at = entry["kind"], entry["recorded_at"]
            version, digest = state["version"], state[member]
        except (ValueError, TypeError, KeyError, RecursionError):
            # It was named when the entries and the openings were read, or it tells of something else.
            continue
        if kind not in kinds or not all(isinstance(text, str) for text in (version, digest, recorded_at)):
            continue
        if version in first:
            report.add("told-twice", table=table, row=version)
        else:
            first[version] = digest, recorded_at
    return first


def _by_version(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, list[list[str | None]]]]:
    for version, rows in groupby(connection.execute(DAYS), key=itemgetter(0)):
        # A cell that an insider emptied must not break the order.
        yield version, sorted((list(row[1:]) for row in rows), key=lambda day: [cell or "" for cell in day])
