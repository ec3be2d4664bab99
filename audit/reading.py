"""What is read of the log from outside: checkpoints, proofs, and entries as far as the caller had sight of them.

Hashes and indexes are everybody's. The bytes of an entry are shown to whoever had it in their feed (`Sighting`), to
whoever reads everything, and to all where its stream is public.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection

from audit import quorum
from audit.nodes import node_hashes
from audit.tlog import notes, tree
from audit.tlog.notes import BadNote
from audit.tlog.policy import Policy
from audit.tlog.proof import ProofFile

# -- checkpoints -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint as others keep it: `text` is the note with the log's signature and every cosignature."""

    size: int
    text: str


COSIGNED_WITHIN_S: Final = 60.0
"""For how many seconds a proof waits for the witnesses; after that it is given without them."""

# Of the checkpoints that count as cosigned by enough witnesses, how many are tried until the signatures fit as well.
_TRIED: Final = 5

# A quorum is not looked for in the log's whole past: six hours of checkpoints at one a second.
_CHECKPOINTS: Final = """
SELECT number, size, note, enough, (
    SELECT coalesce(array_agg(s.line ORDER BY s.id), '{{}}') FROM audit_cosignature s WHERE s.checkpoint_id = number
), (SELECT extract(epoch FROM clock_timestamp() - waiting_since)::float8 FROM audit_logstatus) FROM (
    (
        SELECT number, size, note, true AS enough FROM audit_checkpoint c
        WHERE number > (SELECT max(number) FROM audit_checkpoint) - 21600 AND {enough} ORDER BY number DESC LIMIT %s
    )
    UNION ALL (SELECT number, size, note, false FROM audit_checkpoint ORDER BY number DESC LIMIT 1)
) found ORDER BY enough DESC, number DESC
"""


def checkpoint(*, covering: int | None = None) -> SignedCheckpoint | None:
    """The newest checkpoint that enough witnesses cosigned, else the newest; None before there is one.

    Where LINTAS_LOG_PUBLISH is `witnessed`, never one that too few cosigned: another server could have signed another.

    With `covering`, the index of a leaf, only checkpoints that cover it count, and for the first minute only cosigned
    ones. One statement.
    """
    asked = policy()
    enough, parameters = _enough(asked)
    with connection.cursor() as cursor:
        cursor.execute(_CHECKPOINTS.format(enough=enough), [*parameters, _TRIED])
        rows = cursor.fetchall()
    if not rows:
        return None
    newest = rows[-1]
    origin = _origin(newest[2])
    least = 0 if covering is None else covering + 1
    for _, size, note, counts, lines, _ in rows:
        text = note + "".join(f"{line}\n" for line in lines)
        # After a fork the old origin's checkpoints are the past, however many witnesses saw them.
        if counts and size >= least and _origin(note) == origin and _is_met(asked, text):
            return SignedCheckpoint(size=size, text=text)
    if settings.LINTAS_LOG_PUBLISH == "witnessed":
        return None
    _, size, note, _, lines, waited = newest
    if covering is not None and asked.quorum != "none" and (waited or 0.0) < COSIGNED_WITHIN_S:
        # The witnesses are being asked: a proof without them would be kept for ever.
        return None
    return SignedCheckpoint(size=size, text=note + "".join(f"{line}\n" for line in lines)) if size >= least else None


def policy() -> Policy:
    """The policy of this installation. Raises `quorum.BadPolicyFile`."""
    return quorum.read_once(settings.LINTAS_WITNESS_POLICY_FILE)


def _enough(asked: Policy, name: str | None = None) -> tuple[str, list[Any]]:
    """The policy's quorum as a condition on checkpoint `c`, so that none need be fetched to be counted."""
    name = name or asked.quorum
    if name == "none":
        return "true", []
    if name in asked.groups:
        needed, members = asked.groups[name]
        parts = [_enough(asked, member) for member in members]
        votes = " + ".join(f"({condition})::int" for condition, _ in parts)
        return f"{votes} >= %s", [*(value for _, parameters in parts for value in parameters), needed]
    witness = next(witness for witness in asked.witnesses if witness.name == name)
    return (
        "EXISTS (SELECT FROM audit_cosignature x WHERE x.checkpoint_id = c.number AND x.witness = ANY(%s::text[]))",
        [[witness.name, witness.key.name]],
    )


def _is_met(asked: Policy, text: str) -> bool:
    try:
        return asked.is_met(notes.read_note(text))
    except BadNote:
        return False


def _origin(note: str) -> str:
    return note.partition("\n")[0]


# -- proofs ------------------------------------------------------------------------------------------------------------


def size() -> int:
    """How many leaves the tree has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(index) + 1, 0) FROM audit_leaf")
        found: int = cursor.fetchone()[0]
    return found


def root(size: int) -> bytes:
    """The root of the tree of that many leaves; there are as many at least."""
    nodes = tree.peaks(size)
    with connection.cursor() as cursor:
        return tree.root_from(size, node_hashes(cursor, nodes))


def consistency(first: int, second: int) -> list[bytes]:
    """The proof that the tree of `first` leaves is the beginning of that of `second`; 0 <= first <= second <= size."""
    return _hashes(tree.consistency(first, second))


def receipt(index: int, *, reader: Reader) -> str | None:
    """The C2SP tlog-proof of that leaf, with the entry's bytes where the reader had sight of it.

    None while no checkpoint covers the leaf. Three statements, however large the tree is.
    """
    return receipts([index], reader=reader).get(index)


def receipts(indexes: Sequence[int], *, reader: Reader) -> dict[int, str]:
    """The same of many leaves, by index: four statements at most, however many leaves. One without proof is left out.

    What the newest witnessed checkpoint covers is proved by it, and only what came later by a newer one.
    """
    under = _covering(indexes)
    if not under:
        return {}
    proven = {index: tree.inclusion(index, signed.size) for index, signed in under.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.index, CASE WHEN {_SEEN} THEN e.body END "  # noqa: S608 - constants
            "FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id WHERE l.index = ANY(%(indexes)s)",
            {**reader.parameters, "indexes": list(proven)},
        )
        bodies = dict(cursor.fetchall())
        needed = {node for proof in proven.values() for node in proof.needs}
        known = node_hashes(cursor, sorted(needed)) if needed else {}
    return {
        index: str(
            ProofFile(
                index=index,
                path=tuple(proof.hashes(known)),
                checkpoint=under[index].text,
                extra=None if bodies[index] is None else bytes(bodies[index]),
            )
        )
        for index, proof in proven.items()
    }


def _covering(indexes: Sequence[int]) -> dict[int, SignedCheckpoint]:
    """For each of those leaves the checkpoint that proves it, where there is one."""
    older = checkpoint(covering=min(indexes)) if indexes else None
    if older is None:
        return {}
    newer = older if max(indexes) < older.size else checkpoint(covering=max(indexes))
    found = {index: older if index < older.size else newer for index in indexes}
    return {index: signed for index, signed in found.items() if signed is not None and index < signed.size}


def _hashes(proof: tree.Proof) -> list[bytes]:
    if not proof.needs:
        return []
    with connection.cursor() as cursor:
        return proof.hashes(node_hashes(cursor, proof.needs))


# -- entries -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: an agency by number and code, whether it reads everything, and the streams it may read besides."""

    agency: int
    code: str
    reads_all: bool
    streams: tuple[UUID, ...]

    def with_streams(self, streams: tuple[UUID, ...]) -> Reader:
        """The same reader, who may read these as well."""
        return replace(self, streams=(*self.streams, *streams))

    @property
    def parameters(self) -> dict[str, Any]:
        """What `_SEEN` asks for."""
        left = [f'{{"agency":"{self.code}","sight":"{how}"}}' for how in ("ended", "revoked")]
        return {
            "agency": self.agency,
            "reads_all": self.reads_all,
            "streams": list(self.streams),
            "ended": left[0],
            "revoked": left[1],
        }


# An agency whose sight ends with an entry learns that from the feed. It does not get the entry itself, which may name
# the next agency. Entries are in their canonical spelling, so a search in the bytes finds a member.
_SEEN: Final = """(
    %(reads_all)s::boolean OR e.stream = ANY(%(streams)s::uuid[])
    OR EXISTS (SELECT FROM audit_sighting s WHERE s.agency = %(agency)s AND s.index = l.index)
        AND position(convert_to(%(ended)s, 'UTF8') IN e.body) = 0
        AND position(convert_to(%(revoked)s, 'UTF8') IN e.body) = 0
)"""

_MEMBERS: Final = f"""
    'index', l.index, 'leaf_hash', encode(l.leaf_hash, 'hex'),
    'entry', CASE WHEN {_SEEN} THEN e.uuid END,
    'kind', CASE WHEN {_SEEN} THEN convert_from(e.body, 'UTF8')::json ->> 'kind' END,
    'stream', CASE WHEN {_SEEN} THEN e.stream END,
    'seq', CASE WHEN {_SEEN} THEN e.seq END,
    'body', CASE WHEN {_SEEN} THEN convert_from(e.body, 'UTF8') END,
    'proof', %(receipts)s::text || l.index || '/receipt'
"""
_ITEM: Final = f"json_build_object({_MEMBERS})"

_SIZE: Final = "(SELECT coalesce(max(index) + 1, 0) FROM audit_leaf)"

_RANGE: Final = f"""
SELECT {_SIZE}, count(*), coalesce(json_agg({_ITEM} ORDER BY l.index), '[]')::text
FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id
WHERE l.index >= %(first)s AND l.index < %(first)s::bigint + %(limit)s::bigint
"""  # noqa: S608 - constants

_STREAM: Final = f"""
SELECT {_SIZE}, count(*), coalesce(json_agg({_ITEM} ORDER BY l.index), '[]')::text
FROM audit_entry e JOIN audit_leaf l ON l.entry_id = e.id
WHERE e.stream = %(stream)s AND {_SEEN}
"""  # noqa: S608 - constants

# With what its commitments open to, and the salts, so that nobody need believe us.
_OPENED: Final = f"""
SELECT {_SIZE}, count(*), coalesce(json_agg(json_build_object({_MEMBERS}, 'opened', json_build_object(
    'given', o.given, 'given_salt', encode(o.given_salt, 'hex'),
    'state', o.state, 'state_salt', encode(o.state_salt, 'hex')
)) ORDER BY l.index), '[]')::text
FROM audit_entry e JOIN audit_leaf l ON l.entry_id = e.id JOIN audit_opening o ON o.entry_id = e.id
WHERE e.stream = ANY(%(asked)s::uuid[]) AND {_SEEN}
"""  # noqa: S608 - constants

# A person's stream is known by what it opens to: the table of people is the console's.
_PEOPLE: Final = """
SELECT DISTINCT e.stream FROM audit_opening o JOIN audit_entry e ON e.id = o.entry_id
WHERE o.state ? 'person' AND o.state ->> 'agency' = %s
"""

_LEAF: Final = f"""
SELECT {_SIZE}, e.recorded_at, l.index IS NOT NULL, json_build_array({_ITEM})::text
FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry_id = e.id
WHERE e.leaf_hash = %(leaf)s
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries as JSON text (an array), how many they are, and the size of the tree at that moment."""

    items: str
    count: int
    size: int


class NotSequenced(Exception):
    """The entry is known and has no place in the tree yet; `since` is when it was recorded."""

    def __init__(self, since: datetime) -> None:
        super().__init__(since)
        self.since = since


def entries(*, reader: Reader, first: int, limit: int, receipts: str) -> Entries:
    """Up to `limit` entries from that index on. `receipts` is the address before an index and `/receipt`."""
    found = _row(_RANGE, reader, first=first, limit=limit, receipts=receipts)
    return Entries(size=found[0], count=found[1], items=found[2])


def entries_of(stream: UUID, *, reader: Reader, receipts: str) -> Entries:
    """The sequenced entries of a stream that the reader may read, oldest first; of the others nothing is told."""
    found = _row(_STREAM, reader, stream=stream, receipts=receipts)
    return Entries(size=found[0], count=found[1], items=found[2])


def opened_entries_of(streams: Sequence[UUID], *, reader: Reader, receipts: str) -> Entries:
    """As `entries_of`, each with `opened`: what was given, the state after it, and the salts of both commitments.

    For streams whose facts their reader may know; what opens a casefile's entries lies elsewhere, and is not.
    """
    found = _row(_OPENED, reader, asked=list(streams), receipts=receipts)
    return Entries(size=found[0], count=found[1], items=found[2])


def streams_of_people(agency: str) -> tuple[UUID, ...]:
    """The streams of everybody whom the log told of as a person of that agency (a code)."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [agency])
        return tuple(row[0] for row in cursor.fetchall())


def entry_of(leaf: bytes, *, reader: Reader, receipts: str) -> Entries | None:
    """The entry with that leaf hash; None for a hash nobody knows. Raises `NotSequenced`."""
    found = _row(_LEAF, reader, leaf=leaf, receipts=receipts)
    if found is None:
        return None
    tree_size, recorded_at, is_placed, items = found
    if not is_placed:
        raise NotSequenced(recorded_at)
    return Entries(size=tree_size, count=1, items=items)


def _row(statement: str, reader: Reader, **parameters: Any) -> Sequence[Any] | Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**reader.parameters, **parameters})
        return cursor.fetchone()
