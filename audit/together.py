"""Many entries of streams that are no casefiles, appended at once: `ledger.append_open`, by one statement for many."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from audit import ledger, owed
from audit.ledger import Author, Head, Sealed


@dataclass(frozen=True, slots=True)
class Told:
    """What `append_together` makes an entry of. `is_new`: the stream's id was drawn in this transaction."""

    stream: UUID
    kind: str
    given: Mapping[str, Any]
    state: Mapping[str, Any]
    is_new: bool = False


def append_together(
    told: Sequence[Told], *, now: datetime, author: Author | None = None, step: int = 500
) -> list[Sealed]:
    """Append many entries as `ledger.append_open` does, in their order, by one statement for each `step` of them.

    One stream may have several. Must run inside the transaction that makes the changes.
    """
    heads = _held_heads({item.stream for item in told if not item.is_new})
    made: list[Sealed] = []
    for start in range(0, len(told), step):
        rows = []
        for item in told[start : start + step]:
            given, state = ledger.commit(item.given), ledger.commit(item.state)
            draft = ledger.following(
                item.stream, head=heads.get(item.stream), kind=item.kind, state=state, given=given, now=now,
                author=author, request=None,
            )  # fmt: skip
            sealed = ledger.seal(draft)
            heads[item.stream] = Head(seq=sealed.seq, leaf_hash=sealed.leaf_hash, after=state.digest)
            rows.append((sealed, json.dumps(item.given), given.salt, json.dumps(item.state), state.salt))
            made.append(sealed)
        with connection.cursor() as cursor:
            cursor.execute(_TOGETHER, _columns_together(rows))
    for sealed in made:
        owed.collect(sealed)
    return made


def _columns_together(rows: Sequence[tuple[Sealed, str, bytes, str, bytes]]) -> dict[str, Any]:
    entries = [row[0] for row in rows]
    return {
        "uuids": [entry.uuid for entry in entries],
        "streams": [entry.stream for entry in entries],
        "seqs": [entry.seq for entry in entries],
        "leaves": [entry.leaf_hash for entry in entries],
        "bodies": [entry.body for entry in entries],
        "at": entries[0].recorded_at,
        "given": [row[1] for row in rows],
        "given_salts": [row[2] for row in rows],
        "states": [row[3] for row in rows],
        "state_salts": [row[4] for row in rows],
    }


# Ids are drawn in the order of the rows, so that of one stream the later entry has the higher id.
_TOGETHER = """
WITH told AS (
    SELECT * FROM unnest(%(uuids)s::uuid[], %(streams)s::uuid[], %(seqs)s::int[], %(leaves)s::bytea[],
        %(bodies)s::bytea[], %(given)s::text[], %(given_salts)s::bytea[], %(states)s::text[], %(state_salts)s::bytea[])
    WITH ORDINALITY AS t(uuid, stream, seq, leaf, body, given, given_salt, state, state_salt, place)
), entry AS (
    INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at, caller_request_id)
    SELECT uuid, stream, seq, leaf, body, '{}', %(at)s, '' FROM told ORDER BY place RETURNING id, uuid
), waits AS (
    INSERT INTO audit_pending (entry_id) SELECT id FROM entry
)
INSERT INTO audit_opening (entry_id, given, given_salt, state, state_salt)
SELECT entry.id, told.given::jsonb, told.given_salt, told.state::jsonb, told.state_salt
FROM entry JOIN told USING (uuid)
"""


def _held_heads(streams: Collection[UUID]) -> dict[UUID, Head]:
    """The heads of those streams, held until the transaction ends; in one order, so that none waits in a circle."""
    if not streams:
        return {}
    names = sorted(streams, key=str)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_advisory_xact_lock(hashtextextended(name, 0))) FROM unnest(%s::text[]) name",
            [[ledger.turn_of(stream) for stream in names]],
        )
        cursor.execute(
            "SELECT DISTINCT ON (stream) stream, leaf_hash, body FROM audit_entry WHERE stream = ANY(%s)"
            " ORDER BY stream, seq DESC",
            [names],
        )
        return {stream: ledger.head_of(bytes(body), leaf=bytes(leaf)) for stream, leaf, body in cursor.fetchall()}
