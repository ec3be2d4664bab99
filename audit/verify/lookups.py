"""Rows that no entry tells of, and rows that are there twice: whole tables, asked of the database itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .crew import Connection
from .report import Report

ORPHANS = {
    "casefiles_transition": "SELECT t.id::text, t.casefile_id::text, t.seq FROM casefiles_transition t "
    "LEFT JOIN audit_entry e ON e.stream = t.casefile_id AND e.seq = t.seq WHERE e.id IS NULL",
    "casefiles_historicalcasefile": "SELECT h.history_id::text, h.id::text, h.version "
    "FROM casefiles_historicalcasefile h LEFT JOIN audit_entry e ON e.stream = h.id AND e.seq = h.version "
    "WHERE e.id IS NULL",
    "casefiles_casefile": "SELECT c.id::text, c.id::text, c.version FROM casefiles_casefile c "
    "WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.stream = c.id)",
    "casefiles_attachment": "SELECT a.id::text, a.casefile_id::text, a.seq FROM casefiles_attachment a "
    "LEFT JOIN audit_entry e ON e.stream = a.casefile_id AND e.seq = a.seq WHERE e.id IS NULL",
    "casefiles_casefilegrant": "SELECT g.id::text, g.content_object_id::text, NULL FROM casefiles_casefilegrant g "
    "WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.stream = g.content_object_id AND e.seq = 1)",
    "casefiles_referral": "SELECT r.id::text, r.casefile_id::text, r.opened_seq FROM casefiles_referral r "
    "WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.stream = r.casefile_id AND e.seq = 1)",
    "audit_opening": "SELECT o.entry_id::text, NULL, NULL FROM audit_opening o "
    "LEFT JOIN audit_entry e ON e.id = o.entry_id WHERE e.id IS NULL",
}
CONTENT_ORPHANS = (
    # Rows without facts are kept answers, which no entry commits to, and what `kept` compares.
    "SELECT p.id::text, p.casefile_id::text, p.seq FROM casefiles_payload p "
    "LEFT JOIN audit_entry e ON e.stream = p.casefile_id AND e.seq = p.seq "
    "WHERE e.id IS NULL "
    "AND ((p.casefile_id IS NOT NULL AND (p.seq <> 0 OR p.facts_salt IS NOT NULL)) OR p.facts IS NOT NULL)"
)

# What a unique index promises, asked of the rows: who owns a table can drop its indexes.
DOUBLES = {
    "audit_entry": ("id", "uuid", "stream, seq"),
    "audit_leaf": ("index", "entry_id"),
    "audit_node": ("level, index",),
    "audit_sighting": ("agency, index",),
    "audit_checkpoint": ("number",),
    "audit_cosignature": ("checkpoint_id, witness",),
    "audit_opening": ("entry_id",),
    "audit_access": ("id",),
    "audit_accessday": ("number", "day"),
    "casefiles_casefile": ("id",),
    "casefiles_historicalcasefile": ("id, version",),
    "casefiles_transition": ("casefile_id, seq", "entry_id"),
    "casefiles_attachment": ("casefile_id, seq, document_id",),
    "casefiles_document": ("id",),
    "casefiles_finding": ("id",),
    "casefiles_prevention": ("id",),
    "casefiles_zeroreport": ("id",),
    "casefiles_snapshot": ("id", "name"),
    "casefiles_hukdishandover": ("id",),
    "delivery_webhook": ("id",),
    "contents_content": ("id", "document_id"),
    "casefiles_firstreading": ("id", "casefile_id, version, agency_id"),
    "casefiles_casefilegrant": ("content_object_id, agency_id, from_entry_id",),
    "casefiles_referral": ("id",),
    "agencies_agency": ("code",),
    "agencies_mandate": ("code",),
    "agencies_clientkey": ("thumbprint",),
    "agencies_delegation": ("id",),
    "agencies_calendarday": ("version, date, kind",),
    "casefiles_catalogueversion": ("version",),
}
CONTENT_DOUBLES = "SELECT casefile_id, seq FROM casefiles_payload WHERE seq >= 1 AND casefile_id IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Lookup:
    """How the rows of a query are named: an extra row by its id, casefile and number, one that is twice by its key."""

    code: str
    table: str
    column: str | None = None

    def name(self, row: Sequence[Any], report: Report) -> None:
        """Add the finding for a row."""
        ident, casefile, seq = row if self.column is None else (row[0], None, None)
        report.add(self.code, table=self.table, column=self.column, row=ident, casefile=casefile, seq=seq)


def is_there(connection: Connection, query: str) -> bool:
    """Whether the query finds a row."""
    return connection.execute(f"SELECT EXISTS ({query})".encode()).fetchone() == (True,)


def lookups(*, contents: bool) -> list[tuple[str, Lookup]]:
    """The queries for rows that no entry tells of and for rows that are there twice."""
    orphans = {**ORPHANS, **({"casefiles_payload": CONTENT_ORPHANS} if contents else {})}
    looking = [(query, Lookup("row-extra", table)) for table, query in orphans.items()]
    for table, keys in DOUBLES.items():
        looking += [_doubles(table, columns, f"SELECT {columns} FROM {table}") for columns in keys]  # noqa: S608 - constants
    if contents:
        looking.append(_doubles("casefiles_payload", "casefile_id, seq", CONTENT_DOUBLES))
    return looking


def _doubles(table: str, columns: str, rows: str) -> tuple[str, Lookup]:
    query = f"SELECT concat_ws(' ', {columns}) FROM ({rows}) x GROUP BY {columns} HAVING count(*) > 1"  # noqa: S608
    return query, Lookup("row-twice", table, columns)
