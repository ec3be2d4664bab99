"""`lintas-verify db DSN`: a whole database, read in one snapshot as the reader role.

The log part is here: entries, leaves, nodes, checkpoints, sightings, pending rows. What the entries say about casefiles
is compared in `records.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg

from ..tlog.notes import BadNote, VerifierKey, decode
from . import clock
from .accesses import verify_accesses
from .actors import Actors, keys_of, opened
from .anchors import HOW_TO_GET_A_KEY, Anchors, open_kept, stated_keys
from .answers import verify_answers
from .checkpoints import PROMISE, Checkpoints, Stated
from .clients import verify_clients
from .crew import EVERYTHING, WORTHWHILE, Connection, Crew, connected, processes
from .entries import Entry, Walk, is_whole, place, read_entry, without_collector
from .forms import opens
from .guards import verify_guards
from .kept import Kept
from .nodes import Nodes
from .progress import Progress, silent
from .ranges import acquit_log, bounds
from .records import verify_records
from .report import CannotDecide, Report
from .rows import same_instant
from .sight import Audiences
from .times import Times

LEAVES = """
SELECT l.index, l.leaf_hash, e.body, nullif(e.leaf_hash, l.leaf_hash), e.uuid || ' ' || e.stream || ' ' || e.seq,
    e.recorded_at, e.audience::text
FROM audit_leaf l LEFT JOIN audit_entry e ON e.id = l.entry_id ORDER BY l.index
"""
WITHOUT_LEAF = """
SELECT e.id, e.leaf_hash, e.body, e.uuid || ' ' || e.stream || ' ' || e.seq, e.recorded_at, e.audience::text,
    p.entry_id IS NOT NULL
FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry_id = e.id LEFT JOIN audit_pending p ON p.entry_id = e.id
WHERE l.entry_id IS NULL ORDER BY e.id
"""
CHECKPOINTS = """
SELECT c.number, c.size, c.note, ARRAY(
    SELECT s.line FROM audit_cosignature s WHERE s.checkpoint_id = c.number ORDER BY s.id
) FROM audit_checkpoint c ORDER BY c.number
"""
PARTIES = """
SELECT e.uuid::text, o.given, o.given_salt, o.state, o.state_salt FROM audit_opening o
JOIN audit_entry e ON e.id = o.entry_id WHERE o.state ?| '{clients,person}'
"""
SIGHTINGS = """
SELECT x.index, s.index, coalesce(x.agency, s.agency) FROM (
    SELECT a AS agency, l.index FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id
    CROSS JOIN LATERAL unnest(e.audience) a
) x FULL JOIN audit_sighting s ON s.agency = x.agency AND s.index = x.index WHERE x.agency IS NULL OR s.agency IS NULL
"""

LATE = """
SELECT e.id, e.body FROM audit_pending p JOIN audit_entry e ON e.id = p.entry_id
WHERE e.recorded_at < %s AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.id) ORDER BY e.id
"""


CLOSED: LiteralString = """
SELECT l.index, o.given FROM audit_leaf l JOIN audit_opening o ON o.entry_id = l.entry_id WHERE l.index = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Extent:
    """What of a database is looked at, and by how many processes."""

    contents: bool = True
    """Personal content, which not everybody may read."""
    guards: bool = True
    """Constraints and triggers, which a copy may never have had."""
    jobs: int | None = None
    """None: one for each core, where there is much to read."""


EXTENT: Final = Extent()


def verify_db(
    dsn: str,
    *,
    anchors: Anchors,
    report: Report,
    trust_genesis: bool = False,
    kept: Sequence[Path] = (),
    schema: str = "public",
    extent: Extent = EXTENT,
    progress: Progress = silent,
) -> None:
    """Verify a database. Raises `CannotDecide` where it cannot be read or no key was given."""
    contents = extent.contents
    with _snapshot(dsn, schema, report) as connection:
        if trust_genesis:
            anchors = anchors.with_keys(_keys_of_genesis(connection))
            report.add("genesis-key")
        if not anchors.keys:
            raise CannotDecide(HOW_TO_GET_A_KEY)
        now = clock.now()
        (total,) = _row(connection, "SELECT count(*) FROM audit_leaf")
        read = _streamed(connection, CHECKPOINTS)
        stated = (Stated(int(n), int(size), note, tuple(lines)) for n, size, note, lines in read)
        checkpoints = Checkpoints(
            report,
            stated,
            anchors=anchors,
            where={"table": "audit_checkpoint"},
            now=now,
            kept=[open_kept(file, anchors) for file in kept],
        )
        number = processes(extent.jobs, entries=total)
        with Crew(connection, dsn=dsn, schema=schema, jobs=number, has_much=total >= WORTHWHILE) as crew:
            acquitted = acquit_log(connection, crew, checkpoints, now=now, contents=contents, progress=progress)
            if acquitted is not None:
                report.checked.update(acquitted.checked)
                walk, states, hearing = acquitted.walk, acquitted.agencies, None
                _name_the_late(connection, report, now)
            else:
                hearing = Actors(report), Kept(report)
                with without_collector():
                    walk = _verify_leaves(
                        connection, checkpoints, report=report, total=total, now=now, hearing=hearing, progress=progress
                    )
                states = hearing[0].states()
            for index, given in connection.execute(CLOSED, [sorted(walk.closed)]).fetchall() if walk.closed else ():
                checkpoints.close(given, index=index)
            checkpoints.finish(walk, made_at=now)
            _verify_cosignature_rows(connection, report, anchors)
            _verify_queue(connection, report)
            Audiences(connection, report).readings()
            _verify_sightings(connection, report, are_equal=acquitted is not None and acquitted.are_seen)
            verify_clients(connection, states, report=report)
            if hearing is not None:
                hearing[1].compare(connection, contents=contents)
            verify_accesses(connection, report=report, now=now)
            if contents:
                verify_answers(connection, report=report)
            edges = [EVERYTHING] if acquitted is None else bounds(connection, entries=total, jobs=number)
            verify_records(
                connection, crew, edges=edges, report=report, contents=contents, progress=progress,
                keys=keys_of(states),
            )  # fmt: skip
            if extent.guards:
                verify_guards(connection, report=report)


@contextmanager
def _snapshot(dsn: str, schema: str, report: Report) -> Iterator[Connection]:
    try:
        with connected(dsn, schema) as connection:
            yield connection
            connection.rollback()
    except psycopg.errors.UndefinedTable as why:
        raise CannotDecide(f"This is no database of a Lintas register with a log: {_first_line(why)}") from None
    except psycopg.errors.InsufficientPrivilege as why:
        if "row-level security" in str(why):
            raise CannotDecide(
                f"{_first_line(why)}. No migration makes such a policy: it hides rows from this role. Ask the owner of "
                "the database why it is there, and verify again without it."
            ) from None
        raise CannotDecide(f"{_first_line(why)}. Sign in as the reader role (or give --no-content).") from None
    except psycopg.DataError:
        # A moment such as `infinity`: the register writes none, so somebody else did.
        report.add("value-unreadable")
    except psycopg.Error as why:
        raise CannotDecide(f"The database cannot be read: {_first_line(why)}") from None


def _first_line(why: Exception) -> str:
    return str(why).strip().partition("\n")[0]


def _row(connection: Connection, statement: LiteralString) -> Any:
    return connection.execute(statement).fetchone()


def _keys_of_genesis(connection: Connection) -> list[VerifierKey]:
    found: list[VerifierKey] = []
    rows = connection.execute(
        "SELECT e.body, o.state, o.state_salt FROM audit_opening o JOIN audit_entry e ON e.id = o.entry_id "
        "WHERE o.state ? 'log_key' ORDER BY e.id"
    )
    for body, state, salt in rows:
        entry = read_entry(body) or {}
        if str(entry.get("kind")).startswith("log.") and opens(entry.get("after"), salt=salt, value=state):
            found += stated_keys(state)
    return list(dict.fromkeys(found))


def _verify_leaves(
    connection: Connection,
    checkpoints: Checkpoints,
    *,
    report: Report,
    total: int,
    now: datetime,
    hearing: tuple[Actors, Kept],
    progress: Progress,
) -> Walk:
    nodes = Nodes(connection, report)
    walk = Walk(
        report,
        sizes=checkpoints.sizes,
        on_root=checkpoints.on_root,
        on_chunk=nodes.on_chunk,
        on_upper=nodes.on_upper,
    )
    walk.body_place = {"table": "audit_entry", "column": "body"}
    checkpoints.watch(walk)
    judging = _Judging(connection, report, hearing=hearing, times=Times(report, now=now, seen=checkpoints.seen))
    with connection.cursor(name="leaves", binary=True) as rows:
        rows.itersize = 2000
        for index, leaf, body, entrys_leaf, names, recorded_at, audience in rows.execute(LEAVES):
            if body is None:
                report.add("row-missing", table="audit_entry", index=index)
            elif entrys_leaf is not None:
                leaf = _true_leaf(index, leaf, entrys_leaf, body, report)
            entry = walk.take(index, leaf, body)
            if entry is not None:
                _compare_columns(entry, names, recorded_at, index=index, report=report)
                if not judging.take(entry, audience, index=index):
                    report.add("entry-shape", index=index, **place(entry))
            if not index % 4096:
                progress("log", index, total)
    walk.finish()
    nodes.finish(size=walk.next, leaves_are_signed=checkpoints.are_met)
    _verify_waiting(connection, walk, judging, report=report, now=now)
    return walk


class _Judging:
    """What is asked of each entry by itself, whether it stands in the tree or waits for its leaf."""

    def __init__(self, connection: Connection, report: Report, *, hearing: tuple[Actors, Kept], times: Times) -> None:
        (self._actors, self._kept), self._times = hearing, times
        self._audiences = Audiences(connection, report)
        self._openings = _openings_of_parties(connection)

    def take(self, entry: Entry, audience: str | None, *, index: int | None) -> bool:
        """Judge an entry; False where it is not whole, and nothing was asked of it."""
        if not is_whole(entry):
            return False
        self._audiences.check(entry, audience, index=index)
        self._actors.take(entry, opened(entry, self._openings.get(entry["entry"])), index=index)
        self._times.take(entry, index=index)
        self._kept.hear(entry, index=index)
        return True


def _verify_waiting(connection: Connection, walk: Walk, judging: _Judging, *, report: Report, now: datetime) -> None:
    """The entries that wait for their leaf: they go on where their streams stand in the tree."""
    for ident, leaf, body, names, recorded_at, audience, waits in _streamed(connection, WITHOUT_LEAF):
        if sha256(b"\x00" + body).digest() != leaf:
            report.add("leaf-hash", table="audit_entry", column="body", row=ident)
        entry = walk.chains.read(body, index=None)
        if entry is None:
            continue
        walk.chains.follow(entry, leaf, index=None)
        _compare_columns(entry, names, recorded_at, index=None, report=report)
        judging.take(entry, audience, index=None)
        if not waits:
            report.add("leafless", table="audit_pending", row=ident, **place(entry))
            for (index,) in connection.execute("SELECT index FROM audit_leaf WHERE leaf_hash = %s", [leaf]).fetchall():
                report.add("column-differs", table="audit_leaf", column="entry_id", index=index)
        elif recorded_at is None or recorded_at < now - PROMISE:
            report.add("pending-late", table="audit_pending", row=ident, **place(entry))


def _name_the_late(connection: Connection, report: Report, now: datetime) -> None:
    """Of a log that was acquitted, the entries that wait for their leaf longer than they were promised."""
    for ident, body in _streamed(connection, LATE, now - PROMISE):
        report.add("pending-late", table="audit_pending", row=ident, **place(read_entry(body)))


def _streamed(connection: Connection, statement: LiteralString, *values: object) -> Iterator[Any]:
    with connection.cursor(name="streamed", binary=True) as rows:
        rows.itersize = 500
        yield from rows.execute(statement, values or None)


def _openings_of_parties(connection: Connection) -> dict[str, dict[str, Any]]:
    """What the agencies' streams tell, by entry; whether it fits the entry is asked when the entry is read."""
    names = ("given", "given_salt", "state", "state_salt")
    rows = connection.execute(PARTIES, binary=True)
    return {entry: dict(zip(names, values, strict=True)) for entry, *values in rows}


def _true_leaf(index: int, leaf: bytes, entrys: bytes, body: bytes, report: Report) -> bytes:
    """Of two stored leaf hashes that differ, the one the bytes have; a finding names the other one's table."""
    digest = sha256(b"\x00" + body).digest()
    if digest != leaf:
        report.add("column-differs", table="audit_leaf", column="leaf_hash", index=index)
    if digest != entrys:
        report.add("column-differs", table="audit_entry", column="leaf_hash", index=index)
    return entrys if digest == entrys else leaf


def _compare_columns(
    entry: Entry, names: str | None, recorded_at: datetime | None, *, index: int | None, report: Report
) -> None:
    """The columns of an entry that repeat its bytes; `names` joins uuid, stream and seq (None: one is empty)."""
    where = {"table": "audit_entry", "index": index, **place(entry)}
    spelled = f"{entry['entry']} {entry['stream']} {entry['seq']}"
    if names != spelled:
        stored = names.split(" ") if names else [""] * 3
        for column, value, due in zip(("uuid", "stream", "seq"), stored, spelled.split(" "), strict=False):
            if value != due:
                report.add("column-differs", column=column, **where)
    if not same_instant(recorded_at, entry["recorded_at"]):
        report.add("column-differs", column="recorded_at", **where)


def _verify_cosignature_rows(connection: Connection, report: Report, anchors: Anchors) -> None:
    """The columns that repeat what a cosignature's line says: the policy's name for the witness, and when."""
    known = (
        {(witness.key.name, witness.key.id): witness.name for witness in anchors.policy.witnesses}
        if anchors.policy
        else {}
    )
    rows = connection.execute(
        "SELECT s.id, s.checkpoint_id, s.witness, s.line, s.cosigned_at, c.number IS NULL "
        "FROM audit_cosignature s LEFT JOIN audit_checkpoint c ON c.number = s.checkpoint_id ORDER BY s.id"
    )
    for ident, number, witness, line, cosigned_at, orphan in rows:
        where = {"table": "audit_cosignature", "row": ident, "checkpoint": number, "witness": witness}
        if orphan:
            report.add("row-extra", **where)
        try:
            name, blob = line.split(" ")[1], decode(line.split(" ")[2])
            time = int.from_bytes(blob[4:12])
        except (IndexError, AttributeError, BadNote):
            report.add("cosignature-bad", column="line", **where)
            continue
        # A key that is not in the policy has no known name: the witness may have another key by now.
        if known.get((name, blob[:4]), witness) != witness:
            report.add("column-differs", column="witness", **where)
        if cosigned_at is None or cosigned_at.timestamp() != time:
            report.add("column-differs", column="cosigned_at", **where)


def _verify_queue(connection: Connection, report: Report) -> None:
    rows = connection.execute(
        "SELECT p.entry_id, l.index, e.id IS NULL FROM audit_pending p "
        "LEFT JOIN audit_leaf l ON l.entry_id = p.entry_id LEFT JOIN audit_entry e ON e.id = p.entry_id "
        "WHERE l.index IS NOT NULL OR e.id IS NULL"
    )
    for ident, index, orphan in rows:
        report.add("row-extra" if orphan else "pending-and-leaf", table="audit_pending", row=ident, index=index)


def _verify_sightings(connection: Connection, report: Report, *, are_equal: bool) -> None:
    for due, stored, agency in () if are_equal else connection.execute(SIGHTINGS):
        code = "sighting-missing" if stored is None else "sighting-extra"
        report.add(code, table="audit_sighting", agency=agency, index=due if stored is None else stored)
    row = connection.execute("SELECT count(*) FROM audit_sighting").fetchone()
    report.checked["sightings"] += row[0] if row else 0
