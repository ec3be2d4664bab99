"""The guards of the database itself: unique indexes and append-only triggers that should be there, and are not.

A missing guard changes no row, so it is a note: rows are compared one by one whether it is there or not. Whoever may
drop it is the owner, and should say why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, LiteralString

import psycopg

from .report import Report

APPEND_ONLY: Final = (
    "audit_entry", "audit_leaf", "audit_node", "audit_checkpoint", "audit_cosignature", "audit_sighting",
    "audit_opening", "audit_access", "audit_accessday", "casefiles_transition", "casefiles_historicalcasefile",
    "casefiles_finding", "casefiles_document", "casefiles_attachment", "casefiles_prevention", "casefiles_zeroreport",
    "casefiles_catalogueversion", "agencies_historicalagency", "agencies_historicalmandate",
    "agencies_historicalclient",
)  # fmt: skip
"""Tables whose rows no trigger may let anybody change or take away."""

ROWS_ALONE: Final = {"casefiles_historicalcasefile", "casefiles_casefilegrant"}
"""Tables whose rows are asked for doubles, and which have no unique index for it."""

UNIQUE: LiteralString = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attname) FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = current_schema()::regnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
WHERE i.indisunique AND i.indisvalid GROUP BY i.indexrelid, c.relname
"""
TRIGGERS: LiteralString = """
SELECT c.relname FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid AND c.relnamespace = current_schema()::regnamespace
WHERE t.tgname IN ('rows_stay', 'table_stays') AND t.tgenabled = 'A' GROUP BY c.relname HAVING count(*) = 2
"""


def verify_guards(connection: psycopg.Connection[Any], unique: Mapping[str, Iterable[str]], *, report: Report) -> None:
    """Name the unique keys (`unique`: by table, joined by commas) and append-only triggers that are not there."""
    there = {(table, ", ".join(columns)) for table, columns in connection.execute(UNIQUE)}
    for table, keys in unique.items():
        for columns in () if table in ROWS_ALONE else keys:
            if (table, ", ".join(sorted(columns.split(", ")))) not in there:
                report.add("guard-missing", table=table, column=columns)
    guarded = {table for (table,) in connection.execute(TRIGGERS)}
    for table in APPEND_ONLY:
        if table not in guarded:
            report.add("guard-missing", table=table, why="its append-only triggers are gone or off")
