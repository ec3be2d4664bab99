"""What the entries say against the tables that people read: transitions, history, casefiles, content, sight."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from . import evidence
from .accesses import STREAM as ACCESSES
from .contents import CONTENT, Erasures, content_faults, document_faults
from .crew import Bounds, Connection, Crew, within
from .entries import ERASED, Entry, is_whole, place, read_entry
from .evidence import Keys
from .forms import loads, opens
from .kept import COLUMNS as RECORDS
from .laws import verify_laws
from .lookups import is_there, lookups
from .parties import verify_parties
from .progress import Progress
from .referrals import Step, due_referrals, referral_faults
from .report import Report
from .rows import CASEFILE, HISTORY, TRANSITION, casefile_faults, history_faults, same_instant, transition_faults

# Each with its alias in the query, the columns that are UUIDs (read as text), and how findings name a row.
UUIDS = {
    "id",
    "casefile_id",
    "finding_id",
    "document_id",
    "prevention_id",
    "zero_report_id",
    "snapshot_id",
    "hukdis_id",
    "open_referral_id",
    "request_id",
    "step_request",
}

VERSIONS = """
SELECT e.id, e.body, l.index, {transition}, {history}, {casefile}, {content}, {opening},
    (SELECT jsonb_agg(jsonb_build_object('row', a.id, 'id', a.document_id, 'there', d.id IS NOT NULL,
            'sha256', d.sha256, 'size', d.size, 'type', d.type, 'number', nullif(d.number, ''), 'date', d.date,
            'owner', o.code) ORDER BY a.id)
        FROM casefiles_attachment a LEFT JOIN casefiles_document d ON d.id = a.document_id
        LEFT JOIN agencies_agency o ON o.id = d.owner_id
        WHERE a.casefile_id = e.stream AND a.seq = e.seq),
    CASE WHEN e.seq = 1 THEN (SELECT jsonb_agg(jsonb_build_object('row', g.id, 'agency', g.agency_id,
            'group', g.group_id, 'from', g.from_entry_id, 'until', g.until_entry_id, 'reads_on', g.reads_on))
        FROM casefiles_casefilegrant g WHERE g.content_object_id = e.stream) END,
    CASE WHEN e.seq = 1 THEN (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.opened_seq, r.id)
        FROM casefiles_referral r WHERE r.casefile_id = e.stream) END
FROM audit_entry e
LEFT JOIN audit_leaf l ON l.entry_id = e.id
LEFT JOIN casefiles_transition t ON t.casefile_id = e.stream AND t.seq = e.seq
LEFT JOIN casefiles_historicalcasefile h ON h.id = e.stream AND h.version = e.seq
LEFT JOIN casefiles_casefile c ON c.id = e.stream AND e.seq = (SELECT max(seq) FROM audit_entry WHERE stream = e.stream)
{join_content}
LEFT JOIN audit_opening op ON op.entry_id = e.id
{within}
ORDER BY e.stream, e.seq, e.id
"""

EVIDENCE: LiteralString = """
SELECT request_id::text, base, signature, alg, jwk, salt, created_at, erased_at, settled FROM audit_settledevidence
WHERE request_id = ANY(%s::text[]::uuid[])
"""
ERASED_EVIDENCE: LiteralString = """
SELECT e.body, o.state, o.state_salt FROM audit_opening o JOIN audit_entry e ON e.id = o.entry_id
WHERE o.state ? 'evidence' AND o.state ? 'erased_through'
"""

OPENING = ("entry_id", "given", "given_salt", "state", "state_salt")


@dataclass(slots=True)
class Compared:
    """What was found in a range; `is_unreadable` where a column held a moment that no calendar has."""

    report: Report
    entries: int = 0
    erased: int = 0
    is_unreadable: bool = False


class Version:
    """The rows of one entry as the query brings them; a part that is not there is None."""

    __slots__ = (
        "casefile",
        "content",
        "documents",
        "entry",
        "entry_id",
        "grants",
        "history",
        "index",
        "opening",
        "referrals",
        "transition",
    )  # fmt: skip

    def __init__(self, row: Sequence[Any]) -> None:
        cells = iter(row)
        self.entry_id: int = next(cells)
        self.entry: Entry = loads(next(cells))
        self.index: int | None = next(cells)
        self.transition = _part(TRANSITION, cells, key="id")
        self.history = _part(HISTORY, cells, key="history_id")
        self.casefile = _part(CASEFILE, cells, key="id")
        self.content = _part(CONTENT, cells, key="id")
        self.opening = _part(OPENING, cells, key="entry_id")
        self.documents: list[dict[str, Any]] = next(cells) or []
        self.grants: list[dict[str, Any]] | None = next(cells)
        self.referrals: list[dict[str, Any]] | None = next(cells)


def verify_records(
    connection: Connection,
    crew: Crew,
    *,
    edges: Sequence[Bounds],
    report: Report,
    contents: bool,
    progress: Progress,
    keys: Keys,
) -> None:
    """Compare every table that the log commits to with its entries, casefile by casefile, a range at a time.

    `keys` are all that the agencies' streams tell of.
    """
    total = (connection.execute("SELECT count(*) FROM audit_entry").fetchone() or (0,))[0]
    looking = lookups(contents=contents)
    compared = crew.each(compare_range, [(edge, contents, report.keep, keys) for edge in edges])
    found = crew.each(is_there, [(query,) for query, _ in looking])
    done, erased = 0, 0
    for part in compared:
        report.merge(part.report)
        done, erased = done + part.entries, erased + part.erased
        progress("records", done, total)
        if part.is_unreadable:
            raise psycopg.DataError
    for is_found, (query, named) in zip(found, looking, strict=True):
        for row in connection.execute(query.encode()) if is_found else ():
            named.name(row, report)
    verify_parties(connection, report=report)
    verify_laws(connection, report=report)
    if erased:
        report.add("erased", number=erased)
    if not contents:
        report.add("content-unread", number=report.checked["versions"])


def compare_range(connection: Connection, edges: Bounds, contents: bool, keep: int | None, keys: Keys) -> Compared:
    """Compare the streams of a range."""
    report = Report(keep=keep)
    comparing = Comparing(connection, report, contents=contents, edges=edges)
    proving = Proving(connection, report, keys=keys)
    found = Compared(report)
    try:
        with connection.cursor(name="versions", binary=True) as rows:
            rows.itersize = 500
            read = _readable(rows.execute(_query(contents=contents, edges=edges)))
            for _, versions in groupby(read, key=lambda version: version.entry["stream"]):
                stream = list(versions)
                comparing.stream(stream)
                if contents:
                    proving.take(stream)
                found.entries += len(stream)
            proving.finish()
    except psycopg.DataError:
        found.is_unreadable = True
    found.erased = comparing.erased
    return found


def _query(*, contents: bool, edges: Bounds) -> sql.Composed:
    join = "LEFT JOIN casefiles_payload p ON p.casefile_id = e.stream AND p.seq = e.seq AND p.seq >= 1"
    return sql.SQL(VERSIONS).format(
        transition=_columns("t", TRANSITION),
        history=_columns("h", HISTORY),
        casefile=_columns("c", CASEFILE),
        content=_columns("p", CONTENT) if contents else sql.SQL(", ").join([sql.NULL] * len(CONTENT)),
        opening=_columns("op", OPENING),
        join_content=sql.SQL(join if contents else ""),
        within=within("e.stream", edges),
    )


def _columns(alias: str, names: Sequence[str]) -> sql.Composed:
    # Casefile ids are UUIDs, as text in the entries; the numbers of transitions and payloads are cast back below.
    def one(name: str) -> sql.Composed:
        cast = "::text" if name in UUIDS and (name != "id" or alias in {"h", "c"}) else ""
        return sql.SQL("{}.{}" + cast).format(sql.Identifier(alias), sql.Identifier(name))

    return sql.SQL(", ").join(map(one, names))


def _part(names: Sequence[str], cells: Iterator[Any], *, key: str) -> dict[str, Any] | None:
    found = {name: next(cells) for name in names}
    return found if found[key] is not None else None


def _readable(rows: Iterator[Any]) -> Iterator[Version]:
    """Entries that can be read; the others were named when the log itself was verified."""
    for row in rows:
        try:
            version = Version(row)
        except (ValueError, RecursionError):
            continue
        if is_whole(version.entry):
            yield version


class Proving:
    """Compares the evidence of signed requests with the entries that commit to it, some hundred at a time."""

    AT_ONCE = 500

    def __init__(self, connection: Connection, report: Report, *, keys: Keys) -> None:
        self._connection, self._report, self._keys = connection, report, keys
        self._waiting: list[Version] = []
        self._erased: set[str] | None = None

    def take(self, versions: Sequence[Version]) -> None:
        """Take the entries of a stream."""
        self._waiting += [version for version in versions if version.entry["request"].get("signature") is not None]
        if len(self._waiting) >= self.AT_ONCE:
            self.finish()

    def finish(self) -> None:
        """Compare what was taken."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        asked = [str(version.entry["request"]["id"]) for version in waiting]
        rows = {row[0]: row[1:] for row in self._connection.execute(EVIDENCE, [asked], binary=True)}
        for version in waiting:
            code = self._fault(version.entry, rows.get(str(version.entry["request"]["id"])))
            if code is not None:
                self._report.add(code, table="audit_evidence", index=version.index, **place(version.entry))
            self._report.checked["signatures"] += code is None

    def _fault(self, entry: Entry, row: Sequence[Any] | None) -> str | None:
        if row is None:
            return "evidence-missing"
        base, signature, alg, jwk, salt, created_at, erased_at, is_settled = row
        if erased_at is not None:
            return None if entry["request"]["id"] in self._erased_lawfully() else "evidence-missing"
        if not is_settled:
            # The evidence may still be hidden where the entry, too, says that the act is that young.
            is_young = same_instant(created_at, entry["recorded_at"])
            return "evidence-young" if is_young else "evidence-missing"
        if base is None or signature is None:
            return "evidence-missing"
        stored = {"base": base, "signature": base64.b64encode(signature).decode(), "alg": alg, "jwk": jwk}
        return evidence.fault(stored, entry, salt=salt, keys=self._keys)

    def _erased_lawfully(self) -> set[str]:
        """The requests whose evidence went with a casefile, by the log's own word."""
        if self._erased is None:
            self._erased = set()
            for body, state, salt in self._connection.execute(ERASED_EVIDENCE, binary=True):
                entry = read_entry(body) or {}
                if entry.get("kind") == ERASED and opens(entry.get("after"), salt=salt, value=state):
                    self._erased.update(map(str, state["evidence"]))
        return self._erased


class Comparing:
    """Compares stream by stream; holds what must be known about all agencies."""

    def __init__(self, connection: Connection, report: Report, *, contents: bool, edges: Bounds) -> None:
        self._report, self._contents = report, contents
        agencies = connection.execute("SELECT code, id, group_id FROM agencies_agency").fetchall()
        self._codes = {code: ident for code, ident, _ in agencies}
        self._groups = {ident: group for _, ident, group in agencies}
        self._erasures = Erasures(connection, edges)
        self.erased = 0
        """How many versions were erased lawfully."""

    def stream(self, versions: list[Version]) -> None:
        """Compare all versions of one stream, oldest first."""
        if versions[0].entry["to"] is None:
            for version in versions:
                self._public(version)
            return
        versions = self._without_doubles(versions)
        facts = [self._content(version) for version in versions]
        pasts = [version.history for version in versions if version.history is not None]
        newest = next((version.casefile for version in versions[::-1] if version.casefile), None)
        steps: list[Step] = []
        for version, known in zip(versions, facts, strict=True):
            self._transition(version)
            others = [past for past in pasts if past is not version.history]
            record = self._history(version, known, [*others, *([newest] if newest else [])])
            steps.append(Step(version.entry, record, known))
        self._casefile(versions[-1], newest, steps[-1].record)
        self._sight(versions)
        self._referrals(versions[0], steps)
        self._report.checked["casefiles"] += 1
        self._report.checked["versions"] += len(versions)

    # -- one version ---------------------------------------------------------------------------------------------------

    def _public(self, version: Version) -> None:
        entry, where = version.entry, self._where(version)
        for table, part, key in (
            ("casefiles_transition", version.transition, "id"),
            ("casefiles_historicalcasefile", version.history, "history_id"),
            ("casefiles_payload", version.content, "id"),
        ):
            if part is not None:
                self._report.add("row-extra", table=table, row=part[key], **where)
        if entry["kind"].partition(".")[0] in RECORDS or entry["stream"] == ACCESSES:
            # What it commits to lies with the record, or with the day's seal, and is compared there.
            if version.opening is not None:
                self._report.add("row-extra", table="audit_opening", row=version.entry_id, **where)
            return
        if version.opening is None:
            self._report.add("row-missing", table="audit_opening", row=version.entry_id, **where)
            return
        for member, column in (("payload", "given"), ("after", "state")):
            salt = version.opening[f"{column}_salt"]
            if not opens(entry[member], salt=salt, value=version.opening[column]):
                columns = f"{column} or {column}_salt"
                self._report.add("commitment-differs", table="audit_opening", column=columns, member=member, **where)
        self._report.checked["openings"] += 1

    def _transition(self, version: Version) -> None:
        where = {"table": "casefiles_transition", **self._where(version)}
        if version.opening is not None:
            self._report.add("row-extra", **{**where, "table": "audit_opening"})
        if version.transition is None:
            self._report.add("row-missing", **where)
            return
        faults = transition_faults(version.transition, version.entry, codes=self._codes, entry_id=version.entry_id)
        for column in faults:
            self._report.add("column-differs", column=column, row=version.transition["id"], **where)

    def _history(
        self, version: Version, facts: Mapping[str, Any] | None, others: list[dict[str, Any]]
    ) -> Mapping[str, Any] | None:
        where = {"table": "casefiles_historicalcasefile", **self._where(version)}
        if version.history is None:
            self._report.add("row-missing", **where)
            return None
        columns, record = history_faults(version.history, version.entry, codes=self._codes, facts=facts, others=others)
        for column in columns:
            code, named = ("column-differs", column) if column else ("record-differs", None)
            self._report.add(code, column=named, row=version.history["history_id"], **where)
        return record

    def _casefile(self, version: Version, row: dict[str, Any] | None, record: Mapping[str, Any] | None) -> None:
        where = {"table": "casefiles_casefile", **self._where(version)}
        if row is None:
            self._report.add("row-missing", **where)
        elif record is not None:
            for column in casefile_faults(row, version.entry, newest=record):
                self._report.add("column-differs", column=column, row=row["id"], **where)
        elif row["version"] != version.entry["seq"]:
            self._report.add("column-differs", column="version", row=row["id"], **where)

    def _content(self, version: Version) -> Mapping[str, Any] | None:
        """Check the content; returns the facts where they are what the entry commits to."""
        entry, where = version.entry, self._where(version)
        facts: Mapping[str, Any] | None = None
        salts: list[dict[str, Any]] | None = None
        if self._contents:
            erased = self._erasures.of(entry)
            if version.content is None:
                self._report.add("row-missing", table="casefiles_payload", **where)
            else:
                faults, facts, salts = content_faults(version.content, entry, erased=erased)
                for code, column, member in faults:
                    self._report.add(
                        code,
                        table="casefiles_payload",
                        column=column,
                        member=member,
                        row=version.content["id"],
                        **where,
                    )
                self.erased += bool(erased and not faults)
                self._report.checked["contents"] += not erased
        for code, table, named, row in document_faults(version.documents, entry, salts=salts, facts=facts):
            self._report.add(code, table=table, column=named, row=row, **where)
        return facts

    def _sight(self, versions: list[Version]) -> None:
        """The rows by which agencies see a casefile, against the grants in its entries."""
        expected: dict[tuple[int | None, int], tuple[int | None, bool]] = {}
        open_since: dict[int | None, int] = {}
        for version in versions:
            for grant in version.entry["grants"]:
                agency = self._codes.get(grant["agency"])
                if grant["sight"] == "given":
                    open_since[agency] = version.entry_id
                    expected[agency, version.entry_id] = (None, False)
                elif agency in open_since:
                    since = open_since.pop(agency)
                    expected[agency, since] = (version.entry_id, grant["sight"] == "ended")
        where = {"table": "casefiles_casefilegrant", "casefile": versions[0].entry["stream"]}
        for row in versions[0].grants or []:
            due = expected.pop((row["agency"], row["from"]), None)
            if due is None:
                self._report.add("row-extra", row=row["row"], agency=row["agency"], **where)
                continue
            columns = {"until": due[0], "reads_on": due[1], "group": self._groups.get(row["agency"])}
            for name, column in (("until", "until_entry_id"), ("reads_on", "reads_on"), ("group", "group_id")):
                if row[name] != columns[name]:
                    self._report.add("column-differs", column=column, row=row["row"], agency=row["agency"], **where)
        for agency, _ in expected:
            self._report.add("row-missing", agency=agency, **where)

    def _referrals(self, first: Version, steps: list[Step]) -> None:
        """The rows by which agencies are asked to act, against the turns in the casefile's versions."""
        due = due_referrals(steps)
        if due is None:
            return  # a version's record was changed beyond recognition, which was named
        where = {"table": "casefiles_referral", "casefile": first.entry["stream"]}
        missing = dict(due)
        for row in first.referrals or []:
            missing.pop(row["id"], None)
            if row["id"] not in due:
                self._report.add("row-extra", row=row["id"], seq=row["opened_seq"], **where)
                continue
            for column in referral_faults(row, due[row["id"]], codes=self._codes):
                self._report.add("column-differs", column=column, row=row["id"], seq=row["opened_seq"], **where)
        for ident, referral in missing.items():
            self._report.add("row-missing", row=ident, seq=referral.open_in[0].entry["seq"], **where)
        self._report.checked["referrals"] += len(due)

    @staticmethod
    def _without_doubles(versions: list[Version]) -> list[Version]:
        """One version of each entry. The join repeats an entry that has two rows; those are reported elsewhere."""
        return list({version.entry_id: version for version in versions}.values())

    @staticmethod
    def _where(version: Version) -> dict[str, Any]:
        return {"index": version.index, **place(version.entry)}
