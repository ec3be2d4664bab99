"""Content against commitments: what opens, what was erased lawfully, and which documents a step attached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, LiteralString

import psycopg

from ..tlog.spelling import name_key, rekeyed
from .crew import Bounds
from .entries import ERASED, Entry, read_entry
from .forms import opens
from .rows import same_instant

CONTENT = (
    "id", "given", "given_salt", "facts", "facts_salt", "attachments", "answer", "nip", "name_key", "reference_keys",
    "created_at", "erased_at", "finding_id", "document_id", "prevention_id",
    "zero_report_id", "snapshot_id", "hukdis_id",
)  # fmt: skip
OTHERS = ("finding_id", "document_id", "prevention_id", "zero_report_id", "snapshot_id", "hukdis_id")
"""Whose content it may be, beside a casefile's."""
ATTACHMENT, DOCUMENT = "casefiles_attachment", "casefiles_document"
OPENS = ("given", "given_salt", "facts", "facts_salt", "attachments")

Fault = tuple[str, str, str | None]
"""Code, column, member of the entry."""

ERASURES: LiteralString = """
SELECT e.body, o.state, o.state_salt FROM audit_opening o JOIN audit_entry e ON e.id = o.entry_id
WHERE o.state ? 'erased_through' AND (%(first)s::text IS NULL OR o.state->>'casefile' >= %(first)s::text COLLATE "C")
    AND (%(beyond)s::text IS NULL OR o.state->>'casefile' < %(beyond)s::text COLLATE "C")
ORDER BY e.id
"""
"""Of the casefiles of a range."""


class Erasures:
    """Which casefiles the log says were erased, and up to which version: two people signed, and an entry tells it."""

    def __init__(self, connection: psycopg.Connection[Any], edges: Bounds = (None, None)) -> None:
        self._through: dict[str, int] = {}
        rows = connection.execute(ERASURES, {"first": edges[0], "beyond": edges[1]}, binary=True)
        for body, state, salt in rows:
            entry = read_entry(body)
            if not entry or entry.get("kind") != ERASED or not opens(entry.get("after"), salt=salt, value=state):
                continue  # named where the log itself and its openings are verified
            if isinstance(state.get("erased_through"), int):
                self._through[str(state.get("casefile"))] = state["erased_through"]

    def of(self, entry: Entry) -> bool:
        """Whether the content of that version was erased lawfully."""
        return bool(entry["seq"] <= self._through.get(entry["stream"], 0))


def content_faults(
    row: Mapping[str, Any], entry: Entry, *, erased: bool
) -> tuple[list[Fault], Mapping[str, Any] | None, list[dict[str, Any]] | None]:
    """What is wrong with a version's content; its facts and its documents' salts, where they can be trusted."""
    faults: list[Fault] = [
        ("column-differs", column, None) for column in ("answer", *OTHERS) if row[column] is not None
    ]
    if not same_instant(row["created_at"], entry["recorded_at"]):
        faults.append(("column-differs", "created_at", None))
    if erased:
        left = [
            column for column in (*OPENS, *(name for name, _ in _searched({}))) if row[column] not in (None, "", [])
        ]
        faults += [("erased-not-done", column, None) for column in left]
        if row["erased_at"] is None:
            faults.append(("erased-not-done", "erased_at", None))
        return faults, None, None
    if row["erased_at"] is not None or row["facts"] is None or row["given"] is None:
        gone = "facts" if row["facts"] is None else "given" if row["given"] is None else "erased_at"
        faults.append(("erased-undeclared", gone, None))
    facts = row["facts"] if isinstance(row["facts"], dict) else None
    if row["facts"] is not None and not opens(entry["after"], salt=row["facts_salt"], value=row["facts"]):
        faults.append(("commitment-differs", "facts or facts_salt", "after"))
        facts = None
    if row["given"] is not None and not opens(entry["payload"], salt=row["given_salt"], value=row["given"]):
        faults.append(("commitment-differs", "given or given_salt", "payload"))
    if facts is not None:
        for column, value in _searched(facts):
            if row[column] != value:
                faults.append(("column-differs", column, None))
    salts = row["attachments"]
    if not _are_salts(salts) or len(salts) != len(entry["attachments"]):
        faults.append(("column-differs", "attachments", "attachments"))
        salts = None
    return faults, facts, salts


def _searched(facts: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The columns by which a version is found, as they follow from its facts."""
    subject = facts.get("subject") or {}
    return (
        ("nip", subject.get("nip") or ""),
        ("name_key", name_key(subject.get("name") or "")),
        ("reference_keys", _keys(facts.get("reference_keys") or [])),
    )


def _keys(kept: Any) -> Any:
    """The references of a file as they are compared; None where it keeps none that could be."""
    return rekeyed(kept) if isinstance(kept, list) and all(isinstance(key, str) for key in kept) else None


def _are_salts(value: Any) -> bool:
    if not isinstance(value, list):
        return False
    for salt in value:
        if not isinstance(salt, dict) or salt.keys() != {"document", "salt"}:
            return False
        try:
            bytes.fromhex(salt["salt"])
        except (ValueError, TypeError):
            return False
    return True


def document_faults(
    documents: Sequence[Mapping[str, Any]],
    entry: Entry,
    *,
    salts: Sequence[Mapping[str, Any]] | None,
    facts: Mapping[str, Any] | None,
) -> Iterator[tuple[str, str, str | None, str | None]]:
    """`(code, table, column, row)` for what a step attached and the documents it names.

    Without salts (erased, unread, broken) only number and sizes can be compared.
    """
    attachment, document = ATTACHMENT, DOCUMENT
    for stored in documents:
        if not stored["there"]:
            yield "row-missing", document, None, stored["id"]
    if salts is None:
        yield from _faults_of_sizes(documents, entry)
        return
    by_id: dict[str, Mapping[str, Any]] = {}
    for stored in documents:
        if stored["id"] in by_id:
            yield "row-twice", attachment, None, str(stored["row"])
        by_id[stored["id"]] = stored
    for salt, committed in zip(salts, entry["attachments"], strict=True):
        found = by_id.pop(str(salt["document"]), None)
        if found is None:
            yield "row-missing", attachment, "document_id", str(salt["document"])
            continue
        value = {"document": found["id"], "sha256": found["sha256"]}
        if not opens(committed["digest"], salt=bytes.fromhex(salt["salt"]), value=value):
            named = _listed(facts, found["id"])
            column = "attachments" if named and named.get("sha256") == found["sha256"] else "sha256"
            yield "column-differs", "casefiles_payload" if column == "attachments" else document, column, found["id"]
        if found["size"] != committed["size"]:
            yield "column-differs", document, "size", found["id"]
        for column in _otherwise_listed(found, _listed(facts, found["id"]) or {}):
            yield "column-differs", document, column, found["id"]
    for extra in by_id.values():
        yield "row-extra", attachment, "document_id", str(extra["row"])


def _faults_of_sizes(
    documents: Sequence[Mapping[str, Any]], entry: Entry
) -> Iterator[tuple[str, str, str | None, str | None]]:
    committed = entry["attachments"]
    if len(documents) != len(committed):
        yield "row-missing" if len(documents) < len(committed) else "row-extra", ATTACHMENT, None, None
    elif sorted(stored["size"] or 0 for stored in documents) != sorted(one["size"] for one in committed):
        yield "column-differs", DOCUMENT, "size", None


def _otherwise_listed(found: Mapping[str, Any], listed: Mapping[str, Any]) -> Iterator[str]:
    """The columns of a document's row that the file of that version tells otherwise."""
    for column, name in (("type", "type"), ("number", "number"), ("date", "date"), ("owner_id", "owner")):
        if name in listed and listed[name] != found[name]:
            yield column


def _listed(facts: Mapping[str, Any] | None, ident: str) -> Mapping[str, Any] | None:
    listed = facts.get("documents") if facts else None
    for listing in listed if isinstance(listed, list) else ():
        if isinstance(listing, dict) and listing.get("id") == ident:
            return listing
    return None
