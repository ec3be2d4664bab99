"""A register of any size, made of a few cases that walked the real API: every copy is sound.

The walked cases become templates: their canonical texts with holes for whatever is a case's own (ids, number, office,
employer, name, digests). PostgreSQL fills the holes, hashes leaves and commitments, and chains the entries, so a copy
passes every check that a walked case passes. What is left out: kept answers, idempotency rows, reading records of the
past, and the tree with its queue (`benchmarks.log` has one).

Lots of a few thousand copies are made by several sessions side by side, each lot in one transaction, into tables
without indexes, constraints and triggers, which are put back at the end. No statement reads what was copied before, so
the time is proportional to the number of copies.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any

import psycopg
from django.db import connection

from audit.ledger import canonical
from benchmarks import world
from benchmarks.copies import (
    ATTACHED_FROM,
    CASES,
    DOCUMENTS_FROM,
    FINDINGS,
    MOST_DOCUMENTS,
    MOST_REFERRALS,
    REFERRALS_FROM,
    ROWS,
    STEP,
    STEP_HOLES,
    WALKED,
)
from benchmarks.spread import busy_until
from benchmarks.tables import bare_tables

# What fits into memory, texts and all; a hundred thousand at once would go through temporary files.
LOT = 2_000
MOST_SESSIONS = 4

HEAVY = (
    "audit_entry", "casefiles_finding", "casefiles_casefile", "casefiles_historicalcasefile",
    "casefiles_referral", "casefiles_transition", "casefiles_document", "casefiles_attachment", "casefiles_payload",
    "casefiles_casefilegrant",
)  # fmt: skip


@dataclass(frozen=True)
class Template:
    """A walked case: its id, and how many of a hundred copies are made of it."""

    casefile: str
    share: float


@dataclass(frozen=True)
class Spread:
    """How many copies there shall be, over how many offices and employers, numbered from where, as of when."""

    copies: int
    offices: int
    employers: int
    numbered_from: int
    now: datetime

    def lot(self, first: int) -> dict[str, Any]:
        """What the statements of the lot that begins with that copy are given."""
        return {
            "copies": self.copies,
            "offices": self.offices,
            "employers": self.employers,
            "numbered_from": self.numbered_from,
            "now": self.now,
            "busy": busy_until(self.copies),
            "first": first,
            "last": min(first + LOT - 1, self.copies),
        }


def multiply(
    templates: Sequence[Template],
    *,
    copies: int,
    offices: int,
    employers: int,
    now: datetime,
    numbered_from: int | None = None,
) -> None:
    """Make that many copies of the walked cases, then VACUUM ANALYZE. Needs the owner's role and no transaction.

    The copies are numbered from `numbered_from`, or from the number after the last.
    """
    with world.cursor() as cursor:
        cursor.execute("SELECT max(substr(number, 10)::int) + 1 FROM casefiles_casefile")
        first_number = numbered_from or cursor.fetchone()[0]
        spread = Spread(copies, offices, employers, first_number, now)
        lots: SimpleQueue[int] = SimpleQueue()
        for first in range(1, copies + 1, LOT):
            lots.put(first)
        sessions = [_session(templates) for _ in range(min(os.cpu_count() or 1, MOST_SESSIONS, lots.qsize()))]
        with bare_tables(cursor, HEAVY, keys=True), ThreadPoolExecutor(MOST_SESSIONS) as pool:
            for copied in [pool.submit(_copy_lots, session, spread, lots) for session in sessions]:
                copied.result()
        cursor.execute("SELECT setval('casefiles_number', %s)", [first_number + copies + 1])
        cursor.execute("VACUUM (ANALYZE)")


def _session(templates: Sequence[Template]) -> psycopg.Connection:
    """A session of the owner's role that knows what was walked."""
    made: psycopg.Connection = connection.get_new_connection(connection.get_connection_params())
    made.autocommit = True
    cursor = psycopg.ClientCursor(made)
    # Rows that a crash of the server would take are made again anyway.
    cursor.execute("SET synchronous_commit = off; SET work_mem = '128MB'")
    upto, bounds = 0.0, []
    for template in templates:
        upto += template.share
        bounds.append(upto)
    cursor.execute(WALKED, {"templates": [template.casefile for template in templates], "upto": bounds})
    for template in templates:
        _read_texts(cursor, template.casefile)
    cursor.execute("ANALYZE seed_template, seed_text, walked_casefile, walked_entry, walked_payload")
    return made


def _copy_lots(session: psycopg.Connection, spread: Spread, lots: SimpleQueue[int]) -> None:
    """Make lots until there are none left."""
    with closing(session), psycopg.ClientCursor(session) as cursor:
        cursor.execute("SELECT max(seq) FROM seed_text")
        (steps,) = cursor.fetchone() or (0,)
        while True:
            try:
                given = spread.lot(lots.get_nowait())
            except Empty:
                return
            with session.transaction():
                cursor.execute("TRUNCATE seed_case, seed_chain")
                cursor.execute(CASES, given)
                cursor.execute("ANALYZE seed_case (i, template, casefile)")
                cursor.execute(FINDINGS)
                for seq in range(1, steps + 1):
                    cursor.execute(STEP, {"seq": seq})
                    if seq == 1:
                        cursor.execute("ANALYZE seed_chain (i, seq)")
                cursor.execute(ROWS)


def _read_texts(cursor: Any, casefile: str) -> None:
    """Store the canonical texts of a walked case with holes in place of whatever is its own."""
    cursor.execute(
        """
        SELECT c.finding_id::text, c.number, p.facts #>> '{finding,register_number}', f.id, f.given::text
        FROM casefiles_casefile c JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = 1
        JOIN casefiles_payload f ON f.finding_id = c.finding_id AND f.seq = 1 WHERE c.id = %s
        """,
        [casefile],
    )
    finding, number, register, _, finding_given = cursor.fetchone()
    holes = {
        casefile: 1, finding: 2, number: 3, "bawaslu-kota-padang": 4, "bawaslu-sumatera-barat": 5,
        "pemkot-padang": 6, register: 7, "Pegawai Contoh": 8, "198501012010011001": 9,
        # The number in the other system: each copy has one of its own, or all would be suspected duplicates.
        register.split("/", maxsplit=1)[0]: 3,
    }  # fmt: skip
    cursor.execute("SELECT id::text FROM casefiles_referral WHERE casefile_id = %s ORDER BY opened_seq", [casefile])
    referrals = [row[0] for row in cursor.fetchall()]
    cursor.execute("SELECT document_id::text FROM casefiles_attachment WHERE casefile_id = %s ORDER BY seq", [casefile])
    documents = [row[0] for row in cursor.fetchall()]
    if len(referrals) > MOST_REFERRALS or len(documents) > MOST_DOCUMENTS:
        raise ValueError("a template has more referrals or documents than there are holes for")
    holes |= {ident: REFERRALS_FROM + n for n, ident in enumerate(referrals)}
    holes |= {ident: DOCUMENTS_FROM + n for n, ident in enumerate(documents)}
    cursor.execute("INSERT INTO seed_finding VALUES (%s, %s)", [casefile, _holed(finding_given, holes)])
    cursor.execute(
        """
        SELECT p.seq, p.facts::text, p.given::text, p.attachments::text, convert_from(e.body, 'UTF8')
        FROM casefiles_payload p JOIN casefiles_transition t ON t.casefile_id = p.casefile_id AND t.seq = p.seq
        JOIN audit_entry e ON e.id = t.entry_id WHERE p.casefile_id = %s AND p.seq >= 1
        """,
        [casefile],
    )
    for seq, facts, given, attachments, body in cursor.fetchall():
        said = json.loads(body)
        own = {said["entry"]: STEP_HOLES["entry"], said["request"]["id"]: STEP_HOLES["request"]}
        own |= {said[name]: STEP_HOLES[name] for name in ("prev", "before", "after", "payload") if said[name]}
        own |= {item["digest"]: ATTACHED_FROM + n for n, item in enumerate(said["attachments"])}
        named = {item["id"]: item["sha256"] for item in json.loads(facts)["documents"]}
        digests = [
            {"document": holes[item["document"]], "sha256": named[item["document"]]} for item in json.loads(attachments)
        ]
        cursor.execute(
            "INSERT INTO seed_text VALUES (%s, %s, %s, %s, %s, %s)",
            [
                casefile,
                seq,
                _holed(canonical(json.loads(facts)).decode(), holes),
                _holed(canonical(json.loads(given)).decode(), holes),
                _holed(body, {**holes, **own}),
                json.dumps(digests),
            ],
        )


def _holed(text: str, holes: Mapping[str, int]) -> str:
    """The text as a template for PostgreSQL's format(); longer values first, so that none hides in another."""
    text = text.replace("%", "%%")
    for value in sorted(holes, key=len, reverse=True):
        text = text.replace(value, f"%{holes[value]}$s")
    return text
