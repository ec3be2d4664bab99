"""What must hold of leaves, nodes, checkpoints and sightings at any moment, computed anew from the entries alone.

Nothing of `audit.tlog.tree` is used here: hashes are taken with hashlib, by the definitions of RFC 9162.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

import psycopg

from audit.tlog import notes
from audit.tlog.notes import BadNote, VerifierKey

Hashes = list[list[bytes]]
"""By level: the hash of every complete subtree; level 0 are the leaves."""


@dataclass
class Found:
    """How much of the log there is, and everything that is wrong with it."""

    size: int = 0
    pending: int = 0
    signed: int = 0
    faults: list[str] = field(default_factory=list)


def assert_sound(connection: psycopg.Connection, *, keys: Iterable[VerifierKey], drained: bool = False) -> Found:
    """Assert everything, in one snapshot, so that it may be asked under load; `drained`: nothing may wait, and the
    newest checkpoint covers all.
    """
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        found = examine(connection, keys=tuple(keys))
    if drained and (found.pending or found.signed != found.size):
        found.faults.append(f"{found.pending} wait, {found.signed} of {found.size} are signed")
    assert found.faults == []
    return found


def examine(connection: psycopg.Connection, *, keys: tuple[VerifierKey, ...]) -> Found:
    """All faults of what this connection sees, as sentences."""
    found = Found()
    leaves = connection.execute("SELECT index, entry_id, leaf_hash FROM audit_leaf ORDER BY index").fetchall()
    found.size = len(leaves)
    if [index for index, _, _ in leaves] != list(range(len(leaves))):
        found.faults.append("the leaves' indexes have gaps")
    entries = {
        ident: (stream, seq, bytes(digest), bytes(body), audience)
        for ident, stream, seq, digest, body, audience in connection.execute(
            "SELECT id, stream, seq, leaf_hash, body, audience FROM audit_entry"
        ).fetchall()
    }
    _places(connection, leaves, set(entries), found)
    seen_seq: dict[object, int] = {}
    for index, ident, digest in leaves:
        stream, seq, committed, body, _ = entries[ident]
        if not bytes(digest) == committed == sha256(b"\x00" + body).digest():
            found.faults.append(f"leaf {index} is not the hash of its entry")
        if seq != seen_seq.get(stream, 0) + 1:
            found.faults.append(f"leaf {index}: entry {seq} of its stream comes after {seen_seq.get(stream, 0)}")
        seen_seq[stream] = seq
    levels = complete_subtrees([bytes(digest) for _, _, digest in leaves])
    _nodes(connection, levels, found)
    _checkpoints(connection, levels, keys, found)
    _sightings(connection, [(index, entries[ident][4]) for index, ident, _ in leaves], found)
    return found


def _places(connection: psycopg.Connection, leaves: list[tuple[int, int, bytes]], known: set[int], to: Found) -> None:
    waiting = [row[0] for row in connection.execute("SELECT entry_id FROM audit_pending").fetchall()]
    placed = [ident for _, ident, _ in leaves]
    to.pending = len(waiting)
    if len(set(placed)) != len(placed):
        to.faults.append("an entry has two leaves")
    if set(waiting) & set(placed):
        to.faults.append("an entry waits and has a leaf")
    if set(waiting) | set(placed) != known:
        to.faults.append("an entry neither waits nor has a leaf")


def _nodes(connection: psycopg.Connection, levels: Hashes, to: Found) -> None:
    stored = {
        (level, index): bytes(digest)
        for level, index, digest in connection.execute("SELECT level, index, hash FROM audit_node").fetchall()
    }
    due = {(level, index): digest for level, row in enumerate(levels) if level for index, digest in enumerate(row)}
    for node in sorted(stored.keys() | due.keys()):
        if stored.get(node) != due.get(node):
            to.faults.append(f"node {node} is {'wrong' if node in stored and node in due else 'missing or too many'}")


def _checkpoints(connection: psycopg.Connection, levels: Hashes, keys: tuple[VerifierKey, ...], to: Found) -> None:
    last = 0
    rows = connection.execute("SELECT number, size, note FROM audit_checkpoint ORDER BY number").fetchall()
    if [number for number, _, _ in rows] != list(range(1, len(rows) + 1)):
        to.faults.append("the checkpoints' numbers have gaps")
    for number, size, note in rows:
        try:
            signed, _ = notes.open_checkpoint(note, keys=keys)
        except BadNote as why:
            to.faults.append(f"checkpoint {number}: {why}")
            continue
        if not last < size == signed.size <= len(levels[0]):
            to.faults.append(f"checkpoint {number} of size {size} ({signed.size}) follows one of {last}")
        elif signed.root != root(levels, 0, size):
            to.faults.append(f"checkpoint {number} has another root")
        last = size
    to.signed = last


def _sightings(connection: psycopg.Connection, audiences: list[tuple[int, list[int]]], to: Found) -> None:
    stored = connection.execute("SELECT agency, index FROM audit_sighting").fetchall()
    if sorted(stored) != sorted((agency, index) for index, audience in audiences for agency in audience):
        to.faults.append("the sightings are not the audiences of the sequenced entries")


def complete_subtrees(leaves: list[bytes]) -> Hashes:
    """Every complete subtree's hash, level by level."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = range(0, len(below) - 1, 2)
        levels.append([sha256(b"\x01" + below[i] + below[i + 1]).digest() for i in pairs])
    return levels


def root(levels: Hashes, start: int, end: int) -> bytes:
    """MTH of RFC 9162, 2.1.1, over the leaves from `start` up to `end`."""
    width = end - start
    if width == 0:
        return sha256(b"").digest()
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return levels[level][start >> level]
    middle = start + (1 << (width.bit_length() - 1))
    return sha256(b"\x01" + root(levels, start, middle) + root(levels, middle, end)).digest()
