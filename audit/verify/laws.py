"""The law as data against its entries: every version of the catalogues and of the working calendar.

A version of the catalogues is one row, whose content hashes to the digest that its load put into the log. A version of
the calendar is as many rows as it has days off, and the log holds one digest over them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any, LiteralString

import psycopg

from .forms import is_digest
from .report import Report

CATALOGUES: LiteralString = "SELECT version, digest, content, loaded_at FROM casefiles_catalogueversion ORDER BY id"
DAYS: LiteralString = """
SELECT version, date::text, kind, name_id, source, decree FROM agencies_calendarday ORDER BY version, id
"""
# An opening that is not the entry's own was named when the openings were compared.
TOLD_CATALOGUES: LiteralString = """
SELECT o.state->>'version', o.state->>'digest', e.recorded_at FROM audit_opening o
JOIN audit_entry e ON e.id = o.entry_id WHERE o.state ? 'lists' AND o.state ? 'digest'
"""
TOLD_CALENDARS: LiteralString = """
SELECT o.state->>'version', o.state->>'sha256' FROM audit_opening o WHERE o.state ? 'days' AND o.state ? 'sha256'
"""


def verify_laws(connection: psycopg.Connection[Any], *, report: Report) -> None:
    """Compare `casefiles_catalogueversion` and `agencies_calendarday` with what the log says was loaded."""
    _verify_catalogues(connection, report)
    _verify_calendars(connection, report)


def _verify_catalogues(connection: psycopg.Connection[Any], report: Report) -> None:
    where = {"table": "casefiles_catalogueversion"}
    told = {version: (digest, at) for version, digest, at in connection.execute(TOLD_CATALOGUES).fetchall()}
    missing = set(told)
    for version, digest, content, loaded_at in connection.execute(CATALOGUES):
        if version not in told:
            report.add("row-extra", row=version, **where)
            continue
        missing.discard(version)
        due, at = told[version]
        faults = {
            "digest": digest != due,
            "content": content is None or sha256(content).hexdigest() != due,
            "loaded_at": not _is_that_moment(loaded_at, at),
        }
        for column, is_wrong in faults.items():
            if is_wrong:
                report.add("column-differs", column=column, row=version, **where)
        report.checked["laws"] += 1
    for version in sorted(missing):
        report.add("row-missing", row=version, **where)


def _verify_calendars(connection: psycopg.Connection[Any], report: Report) -> None:
    where = {"table": "agencies_calendarday"}
    told: dict[str, str] = dict(connection.execute(TOLD_CALENDARS).fetchall())
    missing = set(told)
    for version, days in _by_version(connection):
        if version not in told:
            report.add("row-extra", row=version, **where)
            continue
        missing.discard(version)
        if not is_digest(told[version], days):
            report.add("calendar-differs", row=version, **where)
        report.checked["laws"] += 1
    for version in sorted(missing):
        report.add("row-missing", row=version, **where)


def _by_version(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, list[list[str | None]]]]:
    for version, rows in groupby(connection.execute(DAYS), key=itemgetter(0)):
        # A cell that an insider emptied must not break the order.
        yield version, sorted((list(row[1:]) for row in rows), key=lambda day: [cell or "" for cell in day])


def _is_that_moment(said: datetime | None, told: datetime) -> bool:
    # An entry holds milliseconds.
    return said is not None and abs((said - told).total_seconds()) < 0.001
