"""What steps of ours wrote in one database, written again in its copy by bare SQL: the price of the rows alone.

The rows come out of the first database ready, down to their keys, and lie in temporary tables of the second before the
clock runs. What is timed is one INSERT or UPDATE for each table. Nothing is locked first, read, decided or sealed, and
no value is sent by a client.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

_STEPS = "JOIN casefiles_transition t ON t.casefile_id = {0} WHERE t.entry_id > %(after)s AND t.entry_id <= %(upto)s"


@dataclass(frozen=True)
class Part:
    """One statement of the bare side: on which table, the rows it finds ready, and what is set unless they are new."""

    table: str
    ready: str
    sets: tuple[str, ...] = ()

    def write(self, ready: str) -> bytes:
        """The statement, with its rows in that table."""
        if not self.sets:
            return f"INSERT INTO {self.table} SELECT * FROM {ready}".encode()
        columns = ", ".join(f"{column} = n.{column}" for column in self.sets)
        return f"UPDATE {self.table} o SET {columns} FROM {ready} n WHERE o.id = n.id".encode()


def _of_entries(column: str) -> str:
    return f"WHERE {column} > %(after)s AND {column} <= %(upto)s"


# In an order that foreign keys and the one open referral of a casefile allow.
PARTS = (
    Part("audit_entry", _of_entries("o.id")),
    Part("audit_pending", _of_entries("o.entry_id")),
    Part("audit_opening", _of_entries("o.entry_id")),
    Part(
        "casefiles_casefile",
        _STEPS.format("o.id"),
        ("version", "state", "came_from", "outcome", "forms", "violation_class", "overdue_level", "data_block",
         "legal_hold", "updated_at", "addressee_id", "employer_id", "examiner_id", "mandate_id", "submitter_id",
         "open_referral_id"),
    ),
    Part("casefiles_historicalcasefile", _STEPS.format("o.id") + " AND o.version = t.seq"),
    Part("casefiles_transition", _of_entries("o.entry_id")),
    Part("casefiles_payload", _STEPS.format("o.casefile_id") + " AND o.seq = t.seq"),
    Part(
        "casefiles_referral",
        _STEPS.format("o.casefile_id") + " AND o.answered_seq = t.seq",
        ("status", "answered_at", "answered_seq", "answered_by_id", "answered_with", "days_late"),
    ),
    Part("casefiles_referral", _STEPS.format("o.casefile_id") + " AND o.opened_seq = t.seq"),
    Part(
        "casefiles_referral",
        _STEPS.format("o.casefile_id") + " AND o.status = 'open' AND t.name = 'recompute'",
        ("due_on", "missed_due_on", "due_at", "paused_days", "clock_from", "rule", "clock_at", "clock_law"),
    ),
    Part(
        "casefiles_referral",
        _STEPS.format("o.casefile_id") + " AND o.status = 'open' AND t.name = 'escalate'",
        ("clock_at", "clock_law"),
    ),
    Part("casefiles_casefilegrant", _of_entries("o.from_entry_id")),
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """How many rows the bare side wrote, and how long that took."""

    rows: int
    seconds: float


class Bare:
    """Both databases, as their owner. What is written again comes later than this object."""

    def __init__(self, ours: str, bare: str) -> None:
        self._open = ExitStack()
        self._ours = self._open.enter_context(psycopg.connect(ours, autocommit=True))
        self._bare = self._open.enter_context(psycopg.connect(bare, autocommit=True))
        for number, part in enumerate(PARTS):
            self._bare.execute(f"CREATE TEMP TABLE ready_{number} (LIKE {part.table})".encode())
        self._after = self._newest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, why: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def again(self, *, batch: int | None = None) -> Written:
        """Write whatever is new in one transaction: all at once, or so many entries at a time."""
        newest = self._newest()
        after, self._after = self._after, newest
        ends = [*range(after + batch, newest, batch), newest] if batch else [newest]
        rows, seconds, began = 0, 0.0, 0.0
        with self._bare.transaction():
            for upto in ends:
                filled = self._make_ready(after, upto)
                began = time.perf_counter()
                rows += sum(self._bare.execute(PARTS[n].write(f"ready_{n}")).rowcount for n in filled)
                seconds += time.perf_counter() - began
                after = upto
            began = time.perf_counter()
        return Written(rows, seconds + time.perf_counter() - began)

    def _make_ready(self, after: int, upto: int) -> Sequence[int]:
        """Fill the temporary tables; the numbers of those that hold anything."""
        filled = []
        for number, part in enumerate(PARTS):
            self._bare.execute(f"TRUNCATE ready_{number}".encode())
            wanted = sql.SQL("COPY (SELECT o.* FROM {} o {}) TO STDOUT (FORMAT binary)").format(
                sql.Identifier(part.table),
                sql.SQL(part.ready.replace("%(after)s", str(after)).replace("%(upto)s", str(upto))),
            )
            taking, giving = self._ours.cursor(), self._bare.cursor()
            with (
                taking.copy(wanted) as out,
                giving.copy(f"COPY ready_{number} FROM STDIN (FORMAT binary)".encode()) as into,
            ):
                for block in out:
                    into.write(block)
            if giving.rowcount:
                self._bare.execute(f"ANALYZE ready_{number}".encode())
                filled.append(number)
        return filled

    def _newest(self) -> int:
        row = self._ours.execute("SELECT coalesce(max(id), 0) FROM audit_entry").fetchone()
        return int(row[0]) if row else 0
