"""Agencies and mandates against the newest opening that tells them: public facts, which no case names twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, LiteralString

import psycopg

from .report import Report

AGENCIES: LiteralString = """
SELECT a.stream::text, a.id, a.code, a.name, a.roles, a.level, a.region, p.code AS parent_id, a.time_zone,
    a.valid_from, a.valid_until
FROM agencies_agency a LEFT JOIN agencies_agency p ON p.id = a.parent_id ORDER BY a.id
"""
MANDATES: LiteralString = """
SELECT m.code, m.id, m.code, a.code AS agency_id, m.valid_from, m.valid_until, m.legal_basis, m.caretaker,
    m.verification_required
FROM agencies_mandate m LEFT JOIN agencies_agency a ON a.id = m.agency_id ORDER BY m.id
"""
# An opening that is not the entry's own was named when the openings were compared.
TOLD_AGENCIES: LiteralString = """
SELECT DISTINCT ON (e.stream) e.stream::text, o.state FROM audit_opening o JOIN audit_entry e ON e.id = o.entry_id
WHERE o.state ? 'roles' AND o.state ? 'time_zone' ORDER BY e.stream, e.seq DESC
"""
TOLD_MANDATES: LiteralString = """
SELECT DISTINCT ON (o.state->>'code') o.state->>'code', o.state FROM audit_opening o
JOIN audit_entry e ON e.id = o.entry_id
WHERE o.state ? 'caretaker' AND o.state ? 'legal_basis' ORDER BY o.state->>'code', e.seq DESC
"""


def verify_parties(connection: psycopg.Connection[Any], *, report: Report) -> None:
    """Compare `agencies_agency` and `agencies_mandate` with what the log says they are."""
    _compare(connection, AGENCIES, TOLD_AGENCIES, table="agencies_agency", report=report)
    _compare(connection, MANDATES, TOLD_MANDATES, table="agencies_mandate", report=report)


def _compare(
    connection: psycopg.Connection[Any], rows: LiteralString, told: LiteralString, *, table: str, report: Report
) -> None:
    due: dict[str, Mapping[str, Any]] = dict(connection.execute(told).fetchall())
    met = set()
    asked = connection.execute(rows)
    columns = [column.name for column in asked.description or ()]
    for key, ident, *values in asked:
        state = due.get(key)
        if state is None:
            report.add("row-extra", table=table, row=ident)
            continue
        met.add(key)
        for column, value in zip(columns[2:], values, strict=True):
            if _plain(value) != state.get(column.removesuffix("_id")):
                report.add("column-differs", table=table, column=column, row=ident)
    for key in due.keys() - met:
        report.add("row-missing", table=table, row=key)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return sorted(map(str, value)) if isinstance(value, list) else value
