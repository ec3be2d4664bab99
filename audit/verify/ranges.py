"""The log of a database by ranges of streams, each acquitted by itself; the tree is grown beside them.

What no range can say alone is asked of the database: whether ids are unique, leaves dense, moments in their order.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import psycopg
from psycopg import sql

from .actors import Standing, opened
from .checkpoints import Checkpoints
from .crew import Bounds, Connection, Crew, within
from .entries import CONTINUED, OPENED, RENAMED, Entry, Walk, is_whole, read_entry, without_collector
from .kept import Kept
from .nodes import Nodes
from .ordinary import ROW, Acquitted, Law, NotOrdinary, acquit, cells
from .progress import Progress
from .report import Report
from .sight import Sights
from .tellings import KINDS
from .times import APART, MILLISECOND, milliseconds
from .trees import CHUNK, Regrown

RANGE: Final = 16_384
"""Entries of a range: some 20 MB to sort in the server, a second of work."""

BOUNDS: Final = """
SELECT stream::text FROM (SELECT stream, row_number() OVER (ORDER BY stream) AS number FROM audit_entry) x
WHERE number %% %s = 0 AND stream IS NOT NULL ORDER BY stream
"""
COUNTS: Final = """
SELECT (SELECT count(*) FROM audit_entry), (SELECT count(*) FROM audit_leaf),
    NOT EXISTS (SELECT FROM (SELECT index, row_number() OVER (ORDER BY index) AS number FROM audit_leaf) x
        WHERE index IS DISTINCT FROM number - 1)
"""
TWICE: Final = "SELECT EXISTS (SELECT FROM audit_entry GROUP BY uuid HAVING count(*) > 1)"
BACKWARDS: Final = """
SELECT EXISTS (SELECT FROM (
    SELECT at, max(at) OVER (ORDER BY index NULLS LAST, id ROWS UNBOUNDED PRECEDING) AS latest
    FROM (SELECT date_trunc('milliseconds', e.recorded_at) AS at, l.index, e.id
        FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry_id = e.id WHERE l.index IS DISTINCT FROM 0) y
) x WHERE at < latest - %s)
"""
SUMS: Final = """
WITH due AS (
    SELECT a AS agency, count(*), sum(coalesce(hashint8extended(l.index, %s), 0)),
        sum(coalesce(hashint8extended(l.index, %s), 0))
    FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id CROSS JOIN LATERAL unnest(e.audience) a GROUP BY a
), stored AS (
    SELECT agency, count(*), sum(coalesce(hashint8extended(index, %s), 1)),
        sum(coalesce(hashint8extended(index, %s), 1))
    FROM audit_sighting GROUP BY agency
)
SELECT NOT EXISTS (TABLE due EXCEPT ALL TABLE stored) AND NOT EXISTS (TABLE stored EXCEPT ALL TABLE due)
"""
PARTIES: Final = """
SELECT l.index, e.body, o.given, o.given_salt, o.state, o.state_salt FROM audit_opening o
JOIN audit_entry e ON e.id = o.entry_id JOIN audit_leaf l ON l.entry_id = e.id
WHERE o.state ?| '{clients,person}' ORDER BY l.index
"""
# The log tells of itself in one stream, that of its first entry.
FORKS: Final = """
SELECT l.index, e.body FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id WHERE e.stream = (
    SELECT g.stream FROM audit_leaf f JOIN audit_entry g ON g.id = f.entry_id WHERE f.index = 0
) ORDER BY l.index
"""
ONE: Final = "SELECT e.body FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id WHERE l.index = %s"
LEAVES: Final = "SELECT leaf_hash FROM audit_leaf ORDER BY index"


@dataclass(slots=True)
class Acquittal:
    """A log in which every entry was acquitted: what the long way would have left behind."""

    walk: Walk
    agencies: list[Mapping[str, Any]]
    """With their clients and keys, as told last."""
    checked: Mapping[str, int]
    are_seen: bool
    """Whether the feeds are known to hold the entries' audiences."""


def bounds(connection: Connection, *, entries: int, jobs: int) -> list[Bounds]:
    """Ranges of streams that hold about as many entries each, several for each job."""
    size = max(1, min(RANGE, entries // (4 * jobs) if jobs > 1 else RANGE))
    rows = connection.execute(BOUNDS, [size]).fetchall()
    edges: list[str | None] = [None, *dict.fromkeys(stream for (stream,) in rows), None]
    return list(pairwise(edges))


def acquit_log(
    connection: Connection,
    crew: Crew,
    checkpoints: Checkpoints,
    *,
    now: datetime,
    contents: bool,
    progress: Progress,
) -> Acquittal | None:
    """Acquit the whole log, entries and records beside the casefiles; None where the long way must be gone.

    Grows the tree, and compares its roots and nodes.
    """
    try:
        with connection.transaction():
            return _acquit(connection, crew, checkpoints, now=now, contents=contents, progress=progress)
    except (NotOrdinary, psycopg.Error):
        crew.drop()
        return None


def _acquit(
    connection: Connection,
    crew: Crew,
    checkpoints: Checkpoints,
    *,
    now: datetime,
    contents: bool,
    progress: Progress,
) -> Acquittal:
    entries, leaves, is_dense = connection.execute(COUNTS).fetchone() or (0, 0, False)
    if not is_dense or not leaves:
        raise NotOrdinary
    law = _law(connection, checkpoints, now)
    ranges = bounds(connection, entries=entries, jobs=crew.jobs)
    # What takes longest and cannot be divided first, so that nobody waits for it in the end.
    are_seen, are_unique = crew.beside(audiences_are_seen), crew.beside(ids_are_unique)
    found = crew.each(acquit_range, [(law, edges, contents) for edges in ranges])
    nodes = _grow(connection, checkpoints, leaves)
    whole = Acquitted()
    for part in found:
        whole.merge(part)
        progress("log", whole.leaves, leaves)
    if (whole.entries, whole.leaves) != (entries, leaves) or not are_unique():
        raise NotOrdinary
    if not whole.is_in_order(law.apart) and (connection.execute(BACKWARDS, [APART]).fetchone() or (True,))[0]:
        raise NotOrdinary
    walk = Walk(Report())
    walk.next, walk.origins, walk.closed = leaves, list(law.origins), set(law.closed)
    for (body,) in connection.execute(ONE, [checkpoints.covered], binary=True):
        walk.watched[checkpoints.covered] = read_entry(body)
    checked = {
        "entries": leaves, "streams": whole.streams, "actors": whole.acts, "records": whole.records, "nodes": nodes,
    }  # fmt: skip
    return Acquittal(walk, law.standing.states, checked, are_seen=are_seen())


def acquit_range(connection: Connection, law: Law, edges: Bounds, contents: bool) -> Acquitted:
    """Acquit the entries of a range of streams, and the records beside the casefiles among them."""
    query = sql.SQL("COPY ({} {} ORDER BY e.stream, e.seq, e.id) TO STDOUT (FORMAT BINARY)").format(
        sql.SQL(ROW), within("e.stream", edges)
    )
    # A hash or merge join would read all leaves of the log for every range.
    for setting in ("enable_hashjoin", "enable_mergejoin"):
        connection.execute(sql.SQL("SET LOCAL {} TO off").format(sql.Identifier(setting)))
    connection.execute("SET LOCAL work_mem TO '64MB'")
    with without_collector(), connection.cursor().copy(query) as copy:
        found = acquit(cells(copy), law)
    for setting in ("enable_hashjoin", "enable_mergejoin", "work_mem"):
        connection.execute(sql.SQL("SET LOCAL {} TO DEFAULT").format(sql.Identifier(setting)))
    report = Report()
    Kept(report, found.newest).compare(connection, contents=contents, within=within("r.id", edges))
    if report.counts:
        raise NotOrdinary
    found.newest, found.records = {}, report.checked["records"]
    return found


def ids_are_unique(connection: Connection) -> bool:
    """Whether no two entries have the same id."""
    return connection.execute(TWICE).fetchone() == (False,)


def audiences_are_seen(connection: Connection) -> bool:
    """Whether the feeds hold the entries' audiences and nothing else.

    Each (agency, leaf) counts by two digests under seeds drawn here and now, so that whoever changed a row could not
    choose another that makes up for it; by comparing sums nothing is sorted, joined or held.
    """
    seeds = [secrets.randbits(63), secrets.randbits(63)]
    return connection.execute(SUMS, seeds * 2).fetchone() == (True,)


def _grow(connection: Connection, checkpoints: Checkpoints, leaves: int) -> int:
    """Grow the tree over the stored leaf hashes and compare roots and nodes; how many nodes there are."""
    report = Report()
    nodes = Nodes(connection, report)

    def on_root(size: int, root: bytes) -> None:
        if not checkpoints.agrees(size, root):
            raise NotOrdinary
        checkpoints.on_root(size, root)

    tree = Regrown(sizes=checkpoints.sizes, on_root=on_root, on_chunk=nodes.on_chunk, on_upper=nodes.on_upper)
    with connection.cursor(name="tree", binary=True) as rows:
        rows.execute(LEAVES)
        while lot := rows.fetchmany(CHUNK):
            for (leaf,) in lot:
                tree.append(leaf)
            if report.counts:
                raise NotOrdinary
    tree.flush()
    nodes.finish(size=leaves, leaves_are_signed=checkpoints.are_met)
    if report.counts:
        raise NotOrdinary
    return report.checked["nodes"]


def _law(connection: Connection, checkpoints: Checkpoints, now: datetime) -> Law:
    origins, forks, closed = _origins(connection)
    standing = Standing.of(_parties(connection))
    if standing is None:
        raise NotOrdinary
    apart = APART // MILLISECOND
    return Law(
        origins,
        forks,
        closed,
        standing,
        Sights.read(connection),
        checkpoints.seen,
        ahead=milliseconds(now) + apart,
        apart=apart,
    )


def _origins(connection: Connection) -> tuple[list[tuple[int, str]], list[str], set[int]]:
    origins: list[tuple[int, str]] = []
    forks: list[str] = []
    closed: set[int] = set()
    for index, body in connection.execute(FORKS, binary=True).fetchall():
        entry = read_entry(body) or {}
        kind, origin = entry.get("kind"), entry.get("origin")
        if (kind == OPENED) != (index == 0) or not isinstance(origin, str):
            raise NotOrdinary
        if kind == OPENED or kind in RENAMED:
            if any(origin == known for _, known in origins):
                raise NotOrdinary
            origins.append((index, origin))
            forks += [str(entry.get("recorded_at"))] if index else []
            closed |= {index} if kind == CONTINUED else set()
    if not origins:
        raise NotOrdinary
    return origins, forks, closed


def _parties(connection: Connection) -> Iterator[tuple[int, Entry, Any]]:
    names = ("given", "given_salt", "state", "state_salt")
    for index, body, *opening in connection.execute(PARTIES, binary=True).fetchall():
        entry = read_entry(body)
        if entry is None or not is_whole(entry):
            raise NotOrdinary
        if entry["to"] is None and entry["kind"] in KINDS:
            yield index, entry, opened(entry, dict(zip(names, opening, strict=True)))
