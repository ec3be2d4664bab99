"""COPY of the rows that an import wrote, into a register that is as the other one was before: the price of the rows."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

_TICK: Final = os.sysconf("SC_CLK_TCK")
# Rows that were there before are told from new ones by a number that is drawn in order.
NEW: Final[Mapping[str, str]] = {
    "audit_entry": "id", "audit_pending": "entry_id", "casefiles_finding": "", "casefiles_casefile": "",
    "casefiles_historicalcasefile": "", "casefiles_referral": "", "casefiles_transition": "", "casefiles_payload": "",
    "casefiles_document": "", "casefiles_attachment": "", "casefiles_casefilegrant": "",
}  # fmt: skip


@dataclass(frozen=True)
class Copied:
    """How many rows went over, and the seconds of processor (of the session that took them) and of time."""

    rows: int
    processor_s: float
    took_s: float


def counted(url: str) -> dict[str, int]:
    """How many rows each table has that is not the server's own."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname = 'public'"
        ).fetchall()
        return {name: _count(connection, name) for (name,) in names}


def _count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    return int(row[0]) if row else 0


def copied(source: str, target: str) -> Copied:
    """Copy in one transaction, constraints and triggers on, checks that wait for the commit included.

    But for the one that lets a casefile come by its first version only, and change by one step at a time.
    """
    began = time.monotonic()
    with psycopg.connect(source) as giving, psycopg.connect(target) as taking:
        row = taking.execute("SELECT pg_backend_pid()").fetchone()
        pid = int(row[0]) if row else 0
        taking.execute("ALTER TABLE casefiles_casefile DISABLE TRIGGER a_casefile_changes_by_transition_only")
        before, rows = _used(pid), 0
        for table, number in NEW.items():
            rows += _table(giving, taking, table, number)
        taking.commit()
        used = _used(pid) - before
    return Copied(rows, used, time.monotonic() - began)


def _table(giving: psycopg.Connection, taking: psycopg.Connection, table: str, number: str) -> int:
    columns = sql.SQL(", ").join(
        sql.Identifier(name)
        for (name,) in taking.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
            "AND attgenerated = ''",
            [table],
        ).fetchall()
    )
    name, where = sql.Identifier(table), sql.SQL("")
    if number:
        last: Any = taking.execute(sql.SQL("SELECT max({}) FROM {}").format(sql.Identifier(number), name)).fetchone()
        where = sql.SQL(" WHERE {} > {}").format(sql.Identifier(number), sql.Literal(last[0] or 0))
    asks = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT (FORMAT binary)").format(columns, name, where)
    puts = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(name, columns)
    with giving.cursor() as out, taking.cursor() as into:
        with out.copy(asks) as leaving, into.copy(puts) as coming:
            for block in leaving:
                coming.write(block)
        return into.rowcount


def _used(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK
