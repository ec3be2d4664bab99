"""What stands beside the casefiles against its entries: findings, documents, preventions, zero reports, hand-overs to
SIASN, contents of documents, webhooks, snapshots of numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import psycopg
from psycopg import sql

from ..tlog.spelling import name_key
from .entries import Entry
from .forms import is_digest, opens
from .report import Report
from .rows import plain
from .spill import Spilled

COLUMNS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "finding": (
        "casefiles_finding",
        ("id", "office_id", "source", "election", "mandate_id", "known_on", "registered_on", "created_at"),
    ),
    "document": (
        "casefiles_document",
        ("id", "owner_id", "type", "number", "date", "media_type", "size", "sha256", "signature_status",
         "evidence_kind", "created_at"),
    ),
    "prevention": (
        "casefiles_prevention",
        ("id", "office_id", "kind", "held_on", "election", "region", "addressed_id", "created_at"),
    ),
    "zero_report": (
        "casefiles_zeroreport",
        ("id", "agency_id", "subject", "election", "period_from", "period_until", "reported_by_id", "created_at"),
    ),
    "hukdis": (
        "casefiles_hukdishandover",
        ("id", "casefile_id", "version", "sanction_version", "agency_id", "created_at"),
    ),
    "webhook": (
        "delivery_webhook",
        ("id", "client_id", "agency_id", "host", "url_digest", "types", "status", "secrets", "created_at"),
    ),
    "first_reading": ("casefiles_firstreading", ("id", "casefile_id", "version", "agency_id", "created_at")),
    "snapshot": ("casefiles_snapshot", ("id", "name", "index", "agency_id", "published", "content", "created_at")),
    "content": (
        "contents_content",
        ("id", "document_id", "agency_id", "name", "key", "size", "status", "finding", "flags", "created_at",
         "scanned_at", "signatures"),
    ),
}  # fmt: skip
"""Table and columns by noun, as the entries' `record` is taken over them (`casefiles.transitions.committing`,
`delivery.recording`, `contents.recording`, `casefiles.sight.first_readings`,
`casefiles.statistics.snapshots`)."""

WITHOUT_CONTENT: Final = frozenset({"webhook", "content", "first_reading", "snapshot"})
"""Nouns whose entries commit to the row and to nothing beside it; the salt lies in the row."""

LATER: Final = ("content", "signatures")
"""A column that stands in the record only where it is filled: entries of before do not know it."""

ADDRESSED: Final = "webhook"
"""The noun whose rows hold an address besides, of which the entry has the digest."""

ROWS: Final = """
SELECT {columns}, {contents} FROM {table} r {within} ORDER BY r.id
"""
CONTENTS: Final = """
(SELECT jsonb_agg(jsonb_build_object('row', p.id, 'given', p.given, 'salt', encode(p.facts_salt, 'hex'),
        'erased', p.erased_at IS NOT NULL, 'nip', p.nip, 'name_key', p.name_key) ORDER BY p.seq, p.id)
    FROM casefiles_payload p WHERE p.{key} = r.id AND p.seq >= 1 AND p.answer IS NULL)
"""
EVERYWHERE: Final = sql.SQL("")
DATES: Final = {"known_on", "registered_on", "date", "held_on", "period_from", "period_until"}
UUIDS: Final = {"id", "document_id", "casefile_id"}

OWNERS: Final[Mapping[str, str]] = {
    "document": "owner_id",
    "zero_report": "reported_by_id",
    "hukdis": "agency_id",
    "webhook": "agency_id",
    "first_reading": "agency_id",
    "snapshot": "agency_id",
    "content": "agency_id",
}
"""The column of the agency that recorded it. Of a finding and a prevention it is the office that they are about."""

Told = tuple[str, str, str, int | None, str]
"""Of a record's newest entry: its kind, `after`, `record`, and index; of its first one the agency that acted (empty
where the operator did), and after a blank whoever changed what only the first may."""


def told(entry: Entry, before: Told | None, *, index: int | None) -> Told:
    """A record's newest entry, after the one `before`."""
    actor, kind = entry["actor"], entry["kind"]
    is_own = actor.get("key") is not None or actor.get("person") is not None
    recorder = before[4] if before is not None else str(actor["agency"]) if is_own and entry["seq"] == 1 else ""
    if is_own and kind.startswith(f"{ADDRESSED}.") and recorder != actor["agency"] and " " not in recorder:
        recorder = f"{recorder} {actor['agency']}"
    return kind, str(entry["after"]), str(entry["record"]), index, recorder


class Kept:
    """Hears the records' entries while the log is read; `compare` then asks the tables."""

    def __init__(self, report: Report, newest: Mapping[str, Mapping[str, Told]] | None = None) -> None:
        self._report = report
        self._newest: dict[str, Spilled[Told]] = {noun: Spilled(decode=tuple) for noun in COLUMNS}
        for noun, by_stream in (newest or {}).items():
            for stream, last in by_stream.items():
                self._newest[noun].put(stream, last)
        self._first: str | None = None

    def hear(self, entry: Entry, *, index: int | None) -> None:
        """Take an entry; only the newest of each record counts."""
        noun = entry["kind"].partition(".")[0]
        if entry["to"] is None and noun in COLUMNS:
            newest = self._newest[noun]
            newest.put(entry["stream"], told(entry, newest.get(entry["stream"]), index=index))
            self._first = entry["recorded_at"] if self._first is None else min(self._first, entry["recorded_at"])

    def compare(
        self, connection: psycopg.Connection[Any], *, contents: bool, within: sql.Composable = EVERYWHERE
    ) -> None:
        """Compare every row, and its content where that may be read, with the newest entry of its stream.

        `within` is a condition on the rows (`r`), where the entries of some streams alone were heard.
        """
        codes = dict(connection.execute("SELECT id, code FROM agencies_agency").fetchall())
        for noun, (table, columns) in COLUMNS.items():
            met: Spilled[bool] = Spilled()
            for row in _streamed(connection, _query(noun, contents=contents, within=within)):
                record = {name: plain(value) for name, value in zip(columns, row, strict=False)}
                if noun == LATER[0] and record[LATER[1]] is None:
                    del record[LATER[1]]
                newest = self._newest[noun].get(str(record["id"]))
                self._compare(table, record, newest, report=self._report)
                if newest is not None and newest[4] and noun in OWNERS:
                    self._owner(table, record, newest, column=OWNERS[noun], codes=codes)
                is_first = not met.get(str(record["id"]))
                if newest is not None and is_first and noun in WITHOUT_CONTENT:
                    self._commitment(table, record, newest, salt=row[-1]["salt"])
                    if noun == ADDRESSED:
                        self._address(table, record, newest, url=row[-1]["url"])
                elif newest is not None and is_first and contents:
                    self._content(noun, record["id"], newest, row[-1] or [])
                met.put(str(record["id"]), True)
                self._report.checked["records"] += 1
            for ident, last in self._newest[noun].items():
                if not met.get(ident):
                    self._report.add("row-missing", table=table, row=ident, index=last[3])

    def _compare(self, table: str, record: Mapping[str, Any], newest: Told | None, *, report: Report) -> None:
        if newest is None:
            # A release that gave such records no entries may have stored it: then nobody can say.
            is_older = self._first is None or str(record["created_at"]) < self._first
            report.add("record-untold" if is_older else "row-extra", table=table, row=record["id"])
        elif not is_digest(newest[2], record):
            report.add("record-differs", table=table, row=record["id"], index=newest[3])

    def _owner(
        self, table: str, record: Mapping[str, Any], newest: Told, *, column: str, codes: Mapping[int, str]
    ) -> None:
        """Whoever recorded it is the agency that it belongs to: no key of one agency records for another."""
        if codes.get(record[column]) != newest[4]:
            where: dict[str, Any] = {"row": record["id"], "index": newest[3], "agency": newest[4]}
            self._report.add("record-owner", table=table, column=column, **where)

    def _commitment(self, table: str, record: Mapping[str, Any], newest: Told, *, salt: str) -> None:
        if not opens(newest[1], salt=bytes.fromhex(salt), value=record):
            self._report.add("commitment-differs", table=table, row=record["id"], index=newest[3], member="after")

    def _address(self, table: str, record: Mapping[str, Any], newest: Told, *, url: str) -> None:
        """An address is forgotten with its webhook; until then it is the one whose digest the entry commits to."""
        is_forgotten = newest[0] == "webhook.ended" and not url
        if not is_forgotten and hashlib.sha256(url.encode()).hexdigest() != record["url_digest"]:
            self._report.add("column-differs", table=table, row=record["id"], index=newest[3], column="url")

    def _content(self, noun: str, ident: str, newest: Told, rows: Sequence[Mapping[str, Any]]) -> None:
        kind, after, _, index, _ = newest
        where: dict[str, Any] = {"table": "casefiles_payload", "index": index, "member": f"{noun} {ident}"}
        given = [row["given"] for row in rows]
        if kind.endswith(".erased"):
            for row in rows:
                if row["given"] is not None or not row["erased"] or row["salt"] or row["nip"] or row["name_key"]:
                    self._report.add("erased-not-done", row=row["row"], **where)
            return
        salts = [bytes.fromhex(row["salt"]) for row in rows if row["salt"]]
        if not any(opens(after, salt=salt, value=given) for salt in salts):
            gone = not rows or (any(row["given"] is None for row in rows) and kind.endswith(".recorded"))
            self._report.add("erased-undeclared" if gone else "commitment-differs", **where)
        for row in rows if noun == "prevention" else ():
            for column, value in _searched(row["given"]):
                if row[column] != value:
                    self._report.add("column-differs", column=column, row=row["row"], **where)


def _searched(given: Any) -> tuple[tuple[str, str], ...]:
    """The columns by which an officer is found whom a prevention names; empty on the row of what was said."""
    if not isinstance(given, dict) or "nip" not in given:
        return ("nip", ""), ("name_key", "")
    return ("nip", given["nip"] or ""), ("name_key", "" if given["nip"] else name_key(given.get("name") or ""))


def _streamed(connection: psycopg.Connection[Any], query: sql.Composed) -> Iterator[Any]:
    with connection.cursor(name="kept") as rows:
        rows.itersize = 1000
        yield from rows.execute(query)


def _query(noun: str, *, contents: bool, within: sql.Composable) -> sql.Composed:
    table, columns = COLUMNS[noun]
    selected = [
        sql.SQL("r.{}::text" if name in UUIDS | DATES else "r.{}").format(sql.Identifier(name)) for name in columns
    ]
    if noun in WITHOUT_CONTENT:
        url = sql.SQL("r.url") if noun == ADDRESSED else sql.NULL
        beside: sql.Composable = sql.SQL("jsonb_build_object('salt', encode(r.salt, 'hex'), 'url', {})").format(url)
    else:
        beside = sql.SQL(CONTENTS).format(key=sql.Identifier(f"{noun}_id")) if contents else sql.NULL
    return sql.SQL(ROWS).format(
        columns=sql.SQL(", ").join(selected),
        contents=beside,
        table=sql.Identifier(table),
        within=within,
    )
