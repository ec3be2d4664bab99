"""Entries without a casefile, written as the product writes them: the stream locked, its head read, the entry sealed,
entry and queue row in one transaction. Fast, so that a drill can have many.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg

from audit import ledger
from audit.ledger import Author, Draft

HELD_S = 0.03
ROLLED_BACK = 0.2


class ChangedMind(Exception):
    """The writer rolls back."""


def append(
    web: psycopg.Connection,
    *,
    stream: UUID,
    audience: Sequence[int] = (),
    held_s: float = 0.0,
    commits: bool = True,
) -> UUID | None:
    """Append one entry, hold the stream's lock a while longer, commit; or roll back and return None."""
    try:
        with web.transaction():
            web.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"stream:{stream}"])
            row = web.execute(
                "SELECT leaf_hash, body FROM audit_entry WHERE stream = %s ORDER BY seq DESC LIMIT 1", [stream]
            ).fetchone()
            head = ledger.head_of(bytes(row[1]), leaf=bytes(row[0])) if row else None
            sealed = ledger.seal(_draft(stream, head, tuple(audience)))
            web.execute(
                """
                WITH written AS (
                    INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at)
                    VALUES (%s, %s, %s, %s, %s, %s::bigint[], %s) RETURNING id
                ) INSERT INTO audit_pending (entry_id) SELECT id FROM written
                """,
                [
                    sealed.uuid,
                    stream,
                    sealed.seq,
                    sealed.leaf_hash,
                    sealed.body,
                    list(audience),
                    sealed.recorded_at,
                ],
            )
            time.sleep(held_s)
            if not commits:
                raise ChangedMind
    except ChangedMind:
        return None
    return sealed.uuid


def _draft(stream: UUID, head: ledger.Head | None, audience: tuple[int, ...]) -> Draft:
    now = datetime.now(UTC)
    return Draft(
        stream=stream,
        seq=head.seq + 1 if head else 1,
        prev=head.leaf_hash if head else None,
        kind="drill.written",
        from_state=None,
        to_state=None,
        occurred_at=now,
        recorded_at=now,
        author=Author(party="operator", agency="lintas", client="drill"),
        request_id=uuid4(),
        idempotency=None,
        before=head.after if head else None,
        after=ledger.commit({"n": str(now)}).digest,
        payload=ledger.commit({}).digest,
        attachments=(),
        sightings=(),
        rules="",
        catalogue="",
        audience=audience,
    )


class Written:
    """What the writers committed and what they rolled back, as they know it themselves."""

    def __init__(self) -> None:
        self.committed: set[UUID] = set()
        self.rolled_back = 0
        self.faults: list[BaseException] = []
        self._lock = threading.Lock()

    def note(self, entry: UUID | None) -> None:
        with self._lock:
            if entry is None:
                self.rolled_back += 1
            else:
                self.committed.add(entry)


@contextmanager
def writing(
    sessions: Callable[[], psycopg.Connection],
    *,
    writers: int,
    streams: Sequence[UUID],
    agencies: Sequence[int],
    seed: int,
    held_s: float = HELD_S,
) -> Iterator[Written]:
    """That many writers at once until the block ends, each with a connection of its own."""
    written, over = Written(), threading.Event()

    def write(number: int) -> None:
        chance = random.Random(seed * 1000 + number)
        try:
            with sessions() as web:
                while not over.is_set():
                    written.note(
                        append(
                            web,
                            stream=chance.choice(streams),
                            audience=sorted(chance.sample(agencies, chance.randrange(len(agencies) + 1))),
                            held_s=chance.uniform(0, held_s),
                            commits=chance.random() >= ROLLED_BACK,
                        )
                    )
        except Exception as error:
            written.faults.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    try:
        yield written
    finally:
        over.set()
        for thread in threads:
            thread.join(30)
    assert written.faults == []
