"""Kept answers, which are handed out again on a retry: the receipts in them, and what they say of the file.

No entry commits to an answer: it is rendered for one viewer, and holds the receipt of the entry. But its receipt names
an entry, and whatever the file of that version says under the same name, the answer must say too.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import psycopg

from .forms import loads
from .report import Report

BATCH: Final = 500

ANSWERS: Final = """
SELECT p.id, p.answer, p.casefile_id::text, p.finding_id::text,
    coalesce(p.casefile_id, p.finding_id, p.document_id, p.prevention_id, p.zero_report_id, p.snapshot_id,
        p.hukdis_id)::text,
    CASE WHEN d.id IS NOT NULL
        THEN jsonb_build_object('type', d.type, 'media_type', d.media_type, 'size', d.size, 'sha256', d.sha256) END
FROM casefiles_payload p LEFT JOIN casefiles_document d ON d.id = p.document_id
WHERE p.answer IS NOT NULL ORDER BY p.id
"""
ENTRIES: Final = """
SELECT e.uuid::text, e.stream::text, e.seq, e.leaf_hash, e.body, p.facts, p.erased_at IS NOT NULL
FROM audit_entry e LEFT JOIN casefiles_payload p ON p.casefile_id = e.stream AND p.seq = e.seq AND p.seq >= 1
WHERE e.uuid = ANY(%s::uuid[])
"""
PLAIN: Final = (str, int, bool)

Answer = tuple[int, bytes, str | None, str | None, str, Mapping[str, Any] | None]
Told = tuple[Any, ...]
"""What a receipt names: stream, seq, leaf hash, the entry's bytes, the version's facts, whether they were erased."""


def verify_answers(connection: psycopg.Connection[Any], *, report: Report) -> None:
    """Name each kept answer that does not say what the log and the file of its version say."""
    with connection.cursor(name="answers", binary=True) as rows:
        rows.itersize = BATCH
        reading = iter(rows.execute(ANSWERS))
        while batch := list(islice(reading, BATCH)):
            _verify_batch(connection, batch, report=report)


def _verify_batch(connection: psycopg.Connection[Any], batch: Sequence[Answer], *, report: Report) -> None:
    read = [(row, _object(row[1])) for row in batch]
    named = {
        str(part["receipt"]["entry"])
        for row, answer in read
        for part in _parts(row, answer)
        if isinstance(part.get("receipt"), dict) and _is_uuid(part["receipt"].get("entry"))
    }
    entries = {entry: rest for entry, *rest in connection.execute(ENTRIES, [sorted(named)], binary=True)}
    for row, answer in read:
        where: dict[str, Any] = {"table": "casefiles_payload", "row": row[0], "casefile": row[2]}
        for code, member in _faults(row, answer, entries):
            report.add(code, column="answer", member=member, **where)
        report.checked["answers"] += 1


def _faults(
    row: Answer, answer: dict[str, Any] | None, entries: Mapping[str, Sequence[Any]]
) -> Iterator[tuple[str, str | None]]:
    _, _, _, finding, owner, document = row
    if answer is None:
        yield "column-differs", None
        return
    if answer.get("id") != owner:
        yield "column-differs", "id"
    for name, value in (document or {}).items():
        if answer.get(name) != value:
            yield "column-differs", name
    parts = _parts(row, answer)
    if finding is not None and not parts:
        yield "column-differs", "casefiles"
    for part in parts:
        receipt = part.get("receipt")
        entry = entries.get(str(receipt.get("entry"))) if isinstance(receipt, dict) else None
        if entry is None or (finding is None and entry[0] != owner):
            yield "column-differs", "receipt.entry"
            continue
        yield from (("column-differs", member) for member in _differing(part, entry))
        facts, is_erased = entry[4:]
        if is_erased:
            yield "erased-not-done", None
        elif isinstance(facts, dict):
            yield from (("column-differs", member) for member in _otherwise(part, facts))


def _parts(row: Answer, answer: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The casefiles that an answer tells of, each with its receipt; of another record the answer, where it has one."""
    if answer is None:
        return []
    if row[2] is not None or (row[3] is None and isinstance(answer.get("receipt"), dict)):
        return [answer]
    made = answer.get("casefiles") if row[3] is not None else None
    return [part for part in made if isinstance(part, dict)] if isinstance(made, list) else []


def _differing(part: Mapping[str, Any], entry: Sequence[Any]) -> Iterator[str]:
    """Members of a casefile in an answer, and of its receipt, that are not what the entry says."""
    stream, seq, leaf, body = entry[:4]
    members, receipt = _object(body) or {}, part["receipt"]
    own = {"id": stream, "version": seq, "state": members.get("to")}
    yield from (name for name, value in own.items() if name in part and part[name] != value)
    due = {
        "casefile" if "casefile" in receipt else "stream": stream,
        "seq": seq,
        "leaf_hash": leaf.hex(),
        "accepted_at": members.get("recorded_at"),
    }
    yield from (f"receipt.{name}" for name, value in due.items() if receipt.get(name) != value)
    if str(receipt.get("proof")).partition("leaf_hash=")[2] != leaf.hex():
        yield "receipt.proof"
    if receipt.get("jws") is not None:
        promised = _promised(receipt["jws"])
        promise = {**due, "stream": stream, "entry": members.get("entry")}
        if any(promised.get(name) != value for name, value in promise.items() if name != "casefile"):
            yield "receipt.jws"
        elif promised.get("in_tree_by") != receipt.get("in_tree_by"):
            yield "receipt.in_tree_by or receipt.jws"


def _otherwise(part: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[str]:
    """Plain members that an answer and the file of its version both name, and tell differently; null is withheld."""
    for prefix, shown, held in (("", part, facts), ("turn.", part.get("turn"), facts.get("turn"))):
        if isinstance(shown, dict) and isinstance(held, dict):
            for name in sorted(shown.keys() & held.keys()):
                if type(shown[name]) in PLAIN and type(held[name]) in PLAIN and shown[name] != held[name]:
                    yield prefix + name


def _promised(jws: object) -> dict[str, Any]:
    """What a promise says, unverified: `lintas-verify receipt` checks its signature."""
    try:
        payload = str(jws).split(".")[1]
        return _object(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))) or {}
    except (IndexError, ValueError):
        return {}


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        parsed = loads(bytes(text))
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _is_uuid(text: object) -> bool:
    return isinstance(text, str) and len(text) == 36 and all(char in "0123456789abcdef-" for char in text)
