"""The sequencer: gives every entry its place in the one order, grows the tree, signs checkpoints, asks witnesses.

A process of its own, with a database role that can write leaves, nodes and checkpoints and read no casefile. One is
active by an advisory lock, others stand by. Each batch is one transaction on the connection that holds the lock: a
crash before any statement leaves the tree as it was, and the next active one goes on from what the table says. Nothing
is kept in memory that the tables do not say.

It polls rather than being notified by writers: NOTIFY takes one lock for the whole database at commit, so it would put
all writers into one queue again, which the sequencer exists to avoid.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from audit import log
from audit.nodes import LogBroken, node_hashes, tree_size
from audit.tlog import notes, tree
from audit.tlog.notes import BadNote, Checkpoint, Signer

logger = logging.getLogger("lintas.sequencer")

# Any number will do; it is the same for every sequencer on one database.
LOCK = 0x4C696E746173  # "Lintas"
BATCH = 1000
TICK = 0.025
"""Seconds between two looks at the queue while nothing waits there."""
CHECKPOINT_EVERY = 1.0
"""Seconds between two signed checkpoints, at least."""
BEAT_EVERY = 2.0
"""Seconds between two beats of the pulse, at most."""


class CannotSequence(LogBroken):
    """The sequencer must not go on; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Grown:
    """What one batch did: the tree's size after it, and how many leaves were new."""

    size: int
    new: int


def read_log_key(path: Path, *, origin: str) -> Signer:
    """The log key (Ed25519, PEM) as the signer of that origin. Raises `CannotSequence`."""
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as why:
        raise CannotSequence(f"LINTAS_LOG_KEY_FILE={path} cannot be read: {why.strerror}.") from why
    except (ValueError, TypeError, UnsupportedAlgorithm) as why:  # TypeError: it wants a passphrase
        raise CannotSequence(f"LINTAS_LOG_KEY_FILE={path} holds no private key in PEM without a passphrase.") from why
    if not isinstance(private, Ed25519PrivateKey):
        raise CannotSequence(f"LINTAS_LOG_KEY_FILE={path} holds no Ed25519 key.")
    signer = Signer(name=origin, type=notes.LOG, private=private)
    try:
        _ = signer.vkey
    except BadNote as why:
        raise CannotSequence(f"LINTAS_LOG_ORIGIN={origin!r} cannot name a log: {why}.") from why
    return signer


def try_to_be_active() -> bool:
    """Take the one lock, for as long as this connection lives; False where another sequencer holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def holder() -> str | None:
    """The database role whose session holds the lock; None while nobody does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.usename FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' "
            "AND l.granted AND l.objsubid = 1 AND (l.classid::bigint << 32) + l.objid::bigint = %s "
            "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [LOCK],
        )
        row = cursor.fetchone()
    return row[0] if row else None


# -- growing the tree --------------------------------------------------------------------------------------------------

# Whoever may put an entry into the queue could put it there twice: one that has its place is taken out, and told.
# Each entry is looked up (`OFFSET 0` keeps it so): joined, PostgreSQL may merge the queue with all entries.
WAITING = """
SELECT e.id, e.leaf_hash, e.audience, EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.id OFFSET 0)
FROM (SELECT entry_id FROM audit_pending ORDER BY entry_id LIMIT %s) p
CROSS JOIN LATERAL (SELECT id, leaf_hash, audience FROM audit_entry WHERE id = p.entry_id OFFSET 0) e
ORDER BY p.entry_id
"""

# The first leaf is the entry that opened the log, whatever was written before it was opened.
GENESIS = """
SELECT e.id, e.leaf_hash, e.audience, false FROM audit_pending p JOIN audit_entry e ON e.id = p.entry_id
WHERE e.stream = %s AND e.seq = 1
"""

LEAVES = """
INSERT INTO audit_leaf (index, entry_id, leaf_hash)
SELECT %s::bigint + n - 1, id, hash FROM unnest(%s::bigint[], %s::bytea[]) WITH ORDINALITY AS l(id, hash, n)
"""

NODES = """
INSERT INTO audit_node (level, index, hash) SELECT * FROM unnest(%s::int[], %s::bigint[], %s::bytea[])
"""

SIGHTINGS = """
INSERT INTO audit_sighting (agency, index) SELECT * FROM unnest(%s::bigint[], %s::bigint[])
"""

PLACED = "DELETE FROM audit_pending WHERE entry_id = ANY(%s)"


def grow(*, limit: int = BATCH) -> Grown:
    """Give the waiting entries their indexes, in one transaction. Raises `LogBroken` on a tree that is not whole.

    Entry ids are drawn while the stream is locked, so an entry that is visible here has all of its stream's earlier
    ones visible too, under smaller ids: ordering by id keeps every stream's own order.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        size = tree_size(cursor)
        cursor.execute(*((WAITING, [limit]) if size else (GENESIS, [log.STREAM])))
        rows = cursor.fetchall()
        if not rows:
            return Grown(size=size, new=0)
        frontier = _frontier(cursor, size)
        fresh = [(ident, bytes(leaf), audience) for ident, leaf, audience, is_placed in rows if not is_placed]
        if len(fresh) < len(rows):
            logger.critical("%s entries were queued that have their place already", len(rows) - len(fresh))
        nodes = [node for _, leaf, _ in fresh for node in frontier.append(leaf)]
        cursor.execute(LEAVES, [size, [ident for ident, _, _ in fresh], [leaf for _, leaf, _ in fresh]])
        if nodes:
            levels, indexes = zip(*(node for node, _ in nodes), strict=True)
            cursor.execute(NODES, [list(levels), list(indexes), [digest for _, digest in nodes]])
        seen = [(agency, size + n) for n, (_, _, audience) in enumerate(fresh) for agency in dict.fromkeys(audience)]
        if seen:
            cursor.execute(SIGHTINGS, [[agency for agency, _ in seen], [index for _, index in seen]])
        cursor.execute(PLACED, [[row[0] for row in rows]])
        if cursor.rowcount != len(rows):
            raise CannotSequence("Another hand took entries from the queue. Nothing was sequenced.")
    return Grown(size=frontier.size, new=len(fresh))


def _frontier(cursor: Any, size: int) -> tree.Frontier:
    peaks = tree.peaks(size)
    known = node_hashes(cursor, peaks)
    return tree.Frontier(size, [known[node] for node in peaks])


# -- checkpoints -------------------------------------------------------------------------------------------------------


def checkpoint(signer: Signer) -> Checkpoint | None:
    """Sign the tree as it stands, unless it was signed at this size already, or a fork to this signer's origin still
    waits for its leaf.

    Before signing it proves to itself that the tree grew out of the last checkpoint. Raises `CannotSequence` where it
    did not, where the leaves are fewer than were signed (somebody changed the tables, or an older backup was restored),
    and where the log was forked away from this signer.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        must_match(signer)
        placed = log.current(placed=True)
        if placed is None or (placed.origin, placed.log_key) != (signer.name, signer.vkey):
            return None
        size = tree_size(cursor)
        cursor.execute("SELECT number, size, note FROM audit_checkpoint ORDER BY number DESC LIMIT 1")
        last = cursor.fetchone()
        number, before, note = last or (0, 0, None)
        if size == before:
            return None
        if size < before:
            raise CannotSequence(f"The tree has {size} leaves and {before} were signed: leaves were taken away.")
        peaks = tree.peaks(size)
        root = tree.root_from(size, node_hashes(cursor, peaks))
        if note is not None:
            _prove_growth(cursor, _stated(note), size=size, root=root)
        new = Checkpoint(origin=signer.name, size=size, root=root)
        cursor.execute(
            "INSERT INTO audit_checkpoint (number, size, note) VALUES (%s, %s, %s)",
            [number + 1, size, str(new.signed(signer))],
        )
    return new


def _stated(note: str) -> Checkpoint:
    try:
        return notes.read_checkpoint(notes.read_note(note).text)
    except BadNote as why:
        raise CannotSequence(f"The newest checkpoint is none any more: {why}. Run lintas-verify.") from why


def _prove_growth(cursor: Any, earlier: Checkpoint, *, size: int, root: bytes) -> None:
    proof = tree.consistency(earlier.size, size)
    try:
        tree.verify_consistency(
            first=earlier.size,
            second=size,
            first_root=earlier.root,
            second_root=root,
            proof=proof.hashes(node_hashes(cursor, proof.needs)),
        )
    except tree.Unproven as why:
        raise CannotSequence(
            f"The tree did not grow out of the checkpoint of size {earlier.size}: {why}. lintas-verify names the row."
        ) from why


# -- the pulse ---------------------------------------------------------------------------------------------------------

BEAT = """
INSERT INTO audit_logstatus (id, beat_at, size, checkpoint_size, origin, refused, contested)
SELECT 1, clock_timestamp(), coalesce((SELECT max(index) + 1 FROM audit_leaf), 0),
    coalesce((SELECT max(size) FROM audit_checkpoint), 0), %s, '', ''
ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at, size = excluded.size,
    checkpoint_size = excluded.checkpoint_size, origin = excluded.origin
"""


def beat() -> None:
    """Say that the sequencer lives, how far it is, and under which name entries belong into this log."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [settings.LINTAS_LOG_ORIGIN])


def refuse(reason: str, *, contested: str = "") -> None:
    """Tell the web that nothing may be accepted, and why; an empty reason lifts it. `contested` is an alarm only."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [settings.LINTAS_LOG_ORIGIN])
        cursor.execute(
            "UPDATE audit_logstatus SET refused = %s, contested = %s WHERE (refused, contested) <> (%s, %s)",
            [reason, contested, reason, contested],
        )


BY_A_WITNESS = "witness "
"""How a reason begins that a witness gave (`audit.cosigning`); the others are faults of our own."""


def refuse_ourselves(reason: str) -> None:
    """Refuse for a fault of our own. What a witness refused stays said: a restart lifts our own faults only."""
    if not refused().startswith(BY_A_WITNESS):
        refuse(reason)


def refused() -> str:
    """Why the tree was refused, or an empty text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT refused FROM audit_logstatus")
        row = cursor.fetchone()
    return row[0] if row else ""


# -- the loop ----------------------------------------------------------------------------------------------------------


def run(*, signer: Signer, over: Callable[[], bool], held: Callable[[], bool], signed: Callable[[], None]) -> None:
    """Sequence until `over()`; the caller holds the lock. Nothing grows while `held()`, as when a witness refused the
    tree; `signed()` is told of every new checkpoint.

    Raises `CannotSequence`, and whatever the database raises: a fresh connection, or a fresh process, goes on then.
    """
    last_signed = last_beat = -CHECKPOINT_EVERY - BEAT_EVERY
    unsigned = True
    while not over():
        grown = Grown(size=0, new=0) if held() else grow()
        unsigned = unsigned or grown.new > 0
        moment = time.monotonic()
        if unsigned and not held() and moment - last_signed >= CHECKPOINT_EVERY:
            made = checkpoint(signer)
            last_signed, unsigned = moment, False
            if made is not None:
                last_beat = -BEAT_EVERY
                signed()
        if moment - last_beat >= BEAT_EVERY:
            beat()
            last_beat = moment
        if grown.new < BATCH:
            time.sleep(TICK)


def must_match(signer: Signer) -> None:
    """Refuse to work with another key or origin than the log's own stream names. Raises `CannotSequence`."""
    state = log.current()
    if state is None:
        raise CannotSequence("The log has not been opened. As the owner: manage.py open_log --draw-keys")
    if state.origin != signer.name:
        raise CannotSequence(
            f"The log is {state.origin}, and LINTAS_LOG_ORIGIN says {signer.name}. After a restore that lost entries "
            f"declare a fork: manage.py declare_fork"
        )
    if state.log_key != signer.vkey:
        raise CannotSequence(f"The log's key is {state.log_key}; LINTAS_LOG_KEY_FILE holds {signer.vkey}.")
