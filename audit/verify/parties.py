"""Agencies and mandates against the openings that tell them: public facts, which no case names twice.

The tables hold the newest; their histories, and the clients', every change in its order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any, LiteralString

import psycopg

from .report import Report

AGENCIES: LiteralString = """
SELECT a.stream::text, a.id, a.code, a.name, a.roles, a.level, a.region, p.code AS parent_id, a.time_zone,
    a.valid_from, a.valid_until, nullif(a.former_names, '[]') AS former_names, nullif(a.heirs, '[]') AS heirs,
    nullif(a.legal_basis, '') AS legal_basis, nullif(a.source, '') AS source, nullif(a.certainty, '') AS certainty
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
HISTORIES: dict[str, LiteralString] = {
    "agencies_historicalagency": """
SELECT h.code, h.history_id, h.history_type, h.code, h.name, h.roles, h.level, h.region, p.code AS parent_id,
    h.time_zone, h.valid_from, h.valid_until, h.stream::text, nullif(h.former_names, '[]') AS former_names,
    nullif(h.heirs, '[]') AS heirs, nullif(h.legal_basis, '') AS legal_basis, nullif(h.source, '') AS source,
    nullif(h.certainty, '') AS certainty
FROM agencies_historicalagency h LEFT JOIN agencies_agency p ON p.id = h.parent_id ORDER BY h.code, h.history_id
""",
    "agencies_historicalmandate": """
SELECT h.code, h.history_id, h.history_type, h.code, a.code AS agency_id, h.valid_from, h.valid_until, h.legal_basis,
    h.caretaker, h.verification_required
FROM agencies_historicalmandate h LEFT JOIN agencies_agency a ON a.id = h.agency_id ORDER BY h.code, h.history_id
""",
    "agencies_historicalclient": """
SELECT h.client_id, h.history_id, h.history_type, a.code AS agency_id, h.scopes, h.default_purpose, h.active,
    to_char(h.signatures_required_from AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS signatures_required_from,
    CASE WHEN h.sender_constrained THEN true END AS sender_constrained
FROM agencies_historicalclient h LEFT JOIN agencies_agency a ON a.id = h.agency_id ORDER BY h.client_id, h.history_id
""",
}
TOLD_EVER: LiteralString = """
SELECT e.stream::text, o.state FROM audit_opening o JOIN audit_entry e ON e.id = o.entry_id
WHERE o.state ? 'roles' AND o.state ? 'time_zone' OR o.state ? 'caretaker' AND o.state ? 'legal_basis'
ORDER BY e.stream, e.seq
"""


def verify_parties(connection: psycopg.Connection[Any], *, report: Report) -> None:
    """Compare `agencies_agency` and `agencies_mandate` with what the log says they are."""
    _compare(connection, AGENCIES, TOLD_AGENCIES, table="agencies_agency", report=report)
    _compare(connection, MANDATES, TOLD_MANDATES, table="agencies_mandate", report=report)
    changes = _changes(connection.execute(TOLD_EVER))
    for table, rows in HISTORIES.items():
        _compare_history(connection, rows, changes[table], table=table, report=report)


def _changes(openings: Iterable[tuple[str, Any]]) -> dict[str, dict[str, list[Mapping[str, Any]]]]:
    """What each history must hold, by key: the states that were told, each once as long as nothing in it changed."""
    found: dict[str, dict[str, list[Mapping[str, Any]]]] = {table: {} for table in HISTORIES}

    def add(table: str, key: Any, state: Mapping[str, Any]) -> None:
        states = found[table].setdefault(str(key), [])
        if not states or states[-1] != state:
            states.append(state)

    for stream, state in openings:
        if "caretaker" in state:
            add("agencies_historicalmandate", state.get("code"), state)
            continue
        agency = {name: value for name, value in state.items() if name not in {"clients", "delegations"}}
        add("agencies_historicalagency", agency.get("code"), {**agency, "stream": stream})
        for client in _objects(state.get("clients")):
            own = {name: value for name, value in client.items() if name != "keys"}
            add("agencies_historicalclient", client.get("client"), {**own, "agency": agency.get("code")})
    return found


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _compare_history(
    connection: psycopg.Connection[Any],
    rows: LiteralString,
    changes: Mapping[str, list[Mapping[str, Any]]],
    *,
    table: str,
    report: Report,
) -> None:
    asked, met = connection.execute(rows), set()
    columns = [column.name for column in asked.description or ()][3:]
    for key, versions in groupby(asked, key=lambda row: row[0]):
        states = changes.get(key, [])
        met.add(key)
        number = 0
        for number, (_, ident, kind, *values) in enumerate(versions, start=1):
            if number > len(states):
                report.add("row-extra", table=table, row=ident)
                continue
            if kind != ("+" if number == 1 else "~"):
                report.add("column-differs", table=table, column="history_type", row=ident)
            for column, value in zip(columns, values, strict=True):
                if _plain(value) != states[number - 1].get(column.removesuffix("_id")):
                    report.add("column-differs", table=table, column=column, row=ident)
        if number < len(states):
            report.add("row-missing", table=table, row=key)
    for key in changes.keys() - met:
        report.add("row-missing", table=table, row=key)


def _compare(
    connection: psycopg.Connection[Any], rows: LiteralString, stated: LiteralString, *, table: str, report: Report
) -> None:
    due: dict[str, Mapping[str, Any]] = dict(connection.execute(stated).fetchall())
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
    if isinstance(value, list) and not any(isinstance(item, dict) for item in value):
        return sorted(map(str, value))
    return value
