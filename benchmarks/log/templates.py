"""Walked cases as texts with holes: canonical bodies, canonical records, and the lines that COPY takes.

A walked case passed the real API, so a copy with ids, digests and a chain of its own passes every check that it passes.
The agencies, the finding and the documents of a case are shared by its copies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from audit.ledger import canonical
from audit.verify.rows import RECORD, record_of
from casefiles.transitions import columns

_HISTORY = (
    f"{columns.listed()}, history_date, history_change_reason, history_type, history_user_id, "
    "step_transition, step_agency, step_client, step_request"
)
_TRANSITION = (
    "casefile_id, seq, name, from_state, to_state, party, agency_id, client, occurred_at, recorded_at, legal_basis, "
    "request_id"
)
_REFERRAL = (
    "id, casefile_id, purpose, party, from_agency_id, to_agency_id, status, opened_at, opened_seq, clock_from, due_on, "
    "due_at, time_zone, rule, continues_id, answered_at, answered_seq, answered_by_id, answered_with, days_late, "
    "paused_days, original_due_on, missed_due_on, clock_at, clock_law"
)
_ENTRY_OF = "'@id' || (SELECT e.seq FROM audit_entry e WHERE e.id = {}) || '@'"

_ENTRY_ID = re.compile("@id([0-9]+)@")

# Table -> (columns to fill, the rows of one casefile as the same columns). Entry ids are holes of their own.
TABLES: Mapping[str, tuple[str, str]] = {
    "casefiles_casefile": (columns.listed(), f"SELECT {columns.listed()} FROM casefiles_casefile WHERE id = '{{0}}'"),
    "casefiles_historicalcasefile": (
        _HISTORY,
        f"SELECT {_HISTORY} FROM casefiles_historicalcasefile WHERE id = '{{0}}' ORDER BY version",
    ),
    "casefiles_transition": (
        f"{_TRANSITION}, entry_id",
        f"""SELECT {_TRANSITION}, {_ENTRY_OF.format("entry_id")} FROM casefiles_transition
        WHERE casefile_id = '{{0}}' ORDER BY seq""",
    ),
    "casefiles_referral": (
        _REFERRAL,
        f"SELECT {_REFERRAL} FROM casefiles_referral WHERE casefile_id = '{{0}}' ORDER BY opened_seq",
    ),
    "casefiles_attachment": (
        "document_id, casefile_id, seq",
        "SELECT document_id, casefile_id, seq FROM casefiles_attachment WHERE casefile_id = '{0}' ORDER BY seq",
    ),
    "casefiles_casefilegrant": (
        "content_object_id, agency_id, group_id, permission_id, from_entry_id, until_entry_id, reads_on",
        f"""SELECT content_object_id, agency_id, group_id, permission_id, {_ENTRY_OF.format("from_entry_id")},
            {_ENTRY_OF.format("until_entry_id")}, reads_on
        FROM casefiles_casefilegrant WHERE content_object_id = '{{0}}' ORDER BY id""",
    ),
}


@dataclass(frozen=True)
class Step:
    """One version: its entry's body and record in canonical form, the entry's audience and time as COPY has them."""

    body: str
    record: str
    audience: str
    recorded_at: str


@dataclass(frozen=True)
class Template:
    """A walked case. Holes are `%(name)s`, as `holes_of` names them; `lines` are the rows of each table."""

    steps: tuple[Step, ...]
    referrals: int
    lines: Mapping[str, str]


def read(casefile: str, cursor: Any) -> Template:
    """Take a walked case apart, by a cursor of the owner's that sends finished SQL text."""
    cursor.execute("SET TimeZone TO 'UTC'")
    cursor.execute("SELECT id::text FROM casefiles_referral WHERE casefile_id = %s ORDER BY opened_seq", [casefile])
    referrals = [row[0] for row in cursor.fetchall()]
    cursor.execute("SELECT number FROM casefiles_casefile WHERE id = %s", [casefile])
    holes = {casefile: "casefile", cursor.fetchone()[0]: "number"}
    holes |= {ident: f"referral{n}" for n, ident in enumerate(referrals, start=1)}
    cursor.execute(
        "SELECT convert_from(body, 'UTF8'), encode(leaf_hash, 'hex'), audience::text, recorded_at::text "
        "FROM audit_entry WHERE stream = %s ORDER BY seq",
        [casefile],
    )
    entries = cursor.fetchall()
    for seq, (body, leaf, _, _) in enumerate(entries, start=1):
        said = json.loads(body)
        own = {"entry": said["entry"], "request": said["request"]["id"], "leaf": leaf}
        own |= {name: said[name] for name in ("after", "payload", "record")}
        holes |= {value: f"{name}{seq}" for name, value in own.items()}
    cursor.execute(
        f"SELECT {', '.join(RECORD)} FROM casefiles_historicalcasefile WHERE id = %s ORDER BY version",
        [casefile],
    )
    records = [record_of({name: _text(value) for name, value in zip(RECORD, row, strict=True)}) for row in cursor]
    steps = []
    for (body, _, audience, recorded_at), row in zip(entries, records, strict=True):
        record = canonical(row).decode()
        if sha256(record.encode()).hexdigest() != json.loads(body)["record"]:
            raise ValueError("a walked case's record is not the digest of its row")
        if "\\" in body or not body.isascii():
            raise ValueError("a body that COPY would have to escape")
        steps.append(Step(_holed(body, holes), _holed(record, holes), audience, recorded_at))
    lines = {table: _holed(_copied(cursor, rows.format(casefile)), holes) for table, (_, rows) in TABLES.items()}
    return Template(steps=tuple(steps), referrals=len(referrals), lines=lines)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _copied(cursor: Any, query: str) -> str:
    with cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
        return b"".join(bytes(part) for part in copy).decode()


def _holed(text: str, holes: Mapping[str, str]) -> str:
    text = text.replace("%", "%%")
    for value in sorted(holes, key=len, reverse=True):
        text = text.replace(value, f"%({holes[value]})s")
    return _ENTRY_ID.sub(r"%(id\1)s", text)
