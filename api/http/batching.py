"""What is kept of a batch: that it was sent, what came of each line, and that one run at a time works on it.

A line's row is stored by the statement of its act, so a batch that was killed knows what it has done. A refused line
gets its row afterwards; one that was refused only for the moment gets none, and is done when the batch is sent again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

import orjson
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count, Q, QuerySet

from api.http import idempotency_key
from api.http.places import Place
from api.http.problems import Problem
from api.http.quotas import Holder
from api.http.view import DoorRequest
from api.models import Batch, BatchLine, BatchRunner
from audit.ids import uuid7
from casefiles.transitions.unit import Part

RUN_LASTS_S: Final = 5
"""Seconds after which a run that says nothing is over: its process has died, or the database lost it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is: lines done, refused for good, and left."""

    lines: int
    done: int
    refused: int

    @property
    def left(self) -> int:
        """Lines without an answer yet."""
        return self.lines - self.done - self.refused


def fingerprint(*, client: str, key: str, body: bytes) -> bytes:
    """SHA-256 over client, key and the bytes of the body. Whoever lacks the key cannot try out what a line said."""
    return hashlib.sha256(f"{client}\n{key}\n".encode() + body).digest()


def line_key(*, key: str, number: int, line: bytes) -> str:
    """The key of one line: of the batch's key, the line's number and its bytes. 64 hexadecimal digits."""
    return hashlib.sha256(f"{key}\n{number}\n".encode() + line).hexdigest()


def opened(request: DoorRequest, *, lines: int, body: bytes) -> Batch:
    """The batch of this key: as it was begun before, or new. Raises Problem `idempotency-key-reused`."""
    key = request.key or ""
    digest = idempotency_key.digest(client=request.actor.keyed_as, key=key)
    mark = fingerprint(client=request.actor.keyed_as, key=key, body=body)
    Batch.objects.bulk_create(
        [
            Batch(
                id=uuid7(request.now), client_id=request.actor.client_pk, agency_id=request.actor.agency_id,
                key_digest=digest, fingerprint=mark, lines=lines, created_at=request.now,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    batch = Batch.objects.get(client_id=request.actor.client_pk, key_digest=digest)
    if bytes(batch.fingerprint) != mark:
        raise Problem("idempotency-key-reused")
    return batch


def own(request: DoorRequest, ident: UUID) -> Batch:
    """The caller's own batch, for the agency that it acts for now. Raises Problem `not-found`."""
    own_batches = Batch.objects.filter(client_id=request.actor.client_pk, agency_id=request.actor.agency_id)
    batch = own_batches.filter(pk=ident).first()
    if batch is None:
        raise Problem("not-found")
    return batch


def progress(batch: Batch) -> Progress:
    """How far it is, in one statement."""
    found = BatchLine.objects.filter(batch=batch).aggregate(
        done=Count("pk", filter=Q(status__lt=400)), refused=Count("pk", filter=Q(status__gte=400))
    )
    return Progress(lines=batch.lines, done=found["done"], refused=found["refused"])


def is_running(batch: Batch, *, whose: Holder) -> bool:
    """Whether a run works on it now; `whose` batch it is."""
    if not isinstance(whose, int):
        return Place.named("batch", batch.pk).left() > 0
    with connection.cursor() as cursor:
        cursor.execute(_IS_RUNNING, {"client": batch.client_id, "batch": batch.pk})
        return cursor.fetchone() is not None


def answers(batch: Batch) -> dict[int, tuple[int, Any]]:
    """Status and answer of every line that has one, by number."""
    rows = BatchLine.objects.filter(batch=batch).values_list("number", "status", "said")
    return {number: (status, said) for number, status, said in rows}


def results(batch: Batch, *, refused: bool | None) -> QuerySet[BatchLine]:
    """The lines that have an answer: all of them, the refused ones, or the accepted ones."""
    rows = BatchLine.objects.filter(batch=batch)
    if refused is None:
        return rows
    return rows.filter(status__gte=400) if refused else rows.filter(status__lt=400)


def answered(batch: UUID, number: int, *, status: int, said: Mapping[str, Any], now: dt.datetime) -> Part:
    """The row of a line, as a part of the statement that stores its act."""
    parameters = {
        "line_batch": batch,
        "line_number": number,
        "line_status": status,
        "line_said": orjson.dumps(said).decode(),
        "line_at": now,
    }
    return Part(_LINE, "(SELECT count(*) FROM line)", parameters, _one_line)


def note(batch: UUID, number: int, *, status: int, said: Mapping[str, Any], now: dt.datetime) -> None:
    """The row of a line whose act stored nothing, or was stored before; once, however often it is noted."""
    part = answered(batch, number, status=status, said=said, now=now)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {part.tables} SELECT 1", part.parameters)


def _one_line(count: int) -> None:
    if count != 1:
        raise RuntimeError("a line of a batch was answered twice")


class Run(Protocol):
    """A run's place: one for each client, and of a vendor's one for each employer."""

    def goes_on(self) -> bool:
        """Keep the place; False where another run has taken it, which then does what is left."""

    def end(self) -> None:
        """Give the place back. Without a database it ends by itself."""


@dataclass(frozen=True, slots=True)
class _OfVendor:
    """The place of a vendor's client for one employer, and the mark that this batch of theirs is worked on."""

    place: Place
    batch: Place

    def goes_on(self) -> bool:
        return self.place.keep(seconds=RUN_LASTS_S) and self.batch.keep(seconds=RUN_LASTS_S)

    def end(self) -> None:
        self.batch.give_back()
        self.place.give_back()


@dataclass(frozen=True, slots=True)
class _OfClient:
    """The place of a client that acts for its own agency."""

    client: int
    batch: UUID
    mark: UUID

    def goes_on(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(_GOES_ON, self._parameters)
            return bool(cursor.rowcount == 1)

    def end(self) -> None:
        with contextlib.suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute(_END, self._parameters)

    @property
    def _parameters(self) -> dict[str, Any]:
        return {"client": self.client, "batch": self.batch, "mark": self.mark, "seconds": RUN_LASTS_S}


def begun(batch: Batch, *, whose: Holder) -> Run:
    """Take the place of `whose` batch it is. Raises Problem `batch-in-progress` while a run of theirs has it."""
    if not isinstance(whose, int):
        of_vendor = _OfVendor(Place.named("batches", *whose), Place.named("batch", batch.pk))
        if not of_vendor.place.take(seconds=RUN_LASTS_S):
            raise taken()
        of_vendor.batch.take(seconds=RUN_LASTS_S)
        return of_vendor
    run = _OfClient(client=batch.client_id, batch=batch.pk, mark=uuid.uuid4())
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, run._parameters)
        if cursor.fetchone() is None:
            raise taken()
    return run


def taken() -> Problem:
    """The refusal while another run of the client has the place."""
    return Problem("batch-in-progress", params={"retry_after": RUN_LASTS_S}, headers={"Retry-After": str(RUN_LASTS_S)})


def ended_before(moment: dt.datetime) -> Iterator[str]:
    """The statements that delete the batches sent before that instant, their lines first. For the owner's role."""
    old = f"SELECT id FROM {_BATCHES} WHERE created_at < %(before)s"  # noqa: S608 - a constant table name
    yield f"DELETE FROM {_LINES} WHERE batch_id IN ({old})"  # noqa: S608 - the same
    yield f"DELETE FROM {_BATCHES} WHERE created_at < %(before)s"  # noqa: S608 - the same


# The tables' names are our own constants; every value is a parameter.
_BATCHES: Final = Batch._meta.db_table
_LINES: Final = BatchLine._meta.db_table
_RUNNERS: Final = BatchRunner._meta.db_table
_LINE: Final = f"""
line AS (
    INSERT INTO {_LINES} (batch_id, number, status, said, done_at)
    VALUES (%(line_batch)s, %(line_number)s, %(line_status)s, %(line_said)s::jsonb, %(line_at)s)
    ON CONFLICT (batch_id, number) DO NOTHING RETURNING 1
)
"""  # noqa: S608 - a constant table name
_IS_RUNNING: Final = f"""
    SELECT 1 FROM {_RUNNERS} WHERE client_id = %(client)s AND batch = %(batch)s AND until > clock_timestamp()
"""  # noqa: S608 - a constant table name
_BEGIN: Final = f"""
    INSERT INTO {_RUNNERS} AS runner (client_id, batch, until, mark)
    VALUES (%(client)s, %(batch)s, clock_timestamp() + make_interval(secs => %(seconds)s), %(mark)s)
    ON CONFLICT (client_id) DO UPDATE SET batch = excluded.batch, until = excluded.until, mark = excluded.mark
    WHERE runner.until < clock_timestamp()
    RETURNING 1
"""  # noqa: S608 - a constant table name
_GOES_ON: Final = f"""
    UPDATE {_RUNNERS} SET until = clock_timestamp() + make_interval(secs => %(seconds)s)
    WHERE client_id = %(client)s AND mark = %(mark)s
"""  # noqa: S608 - a constant table name
_END: Final = f"""
    UPDATE {_RUNNERS} SET until = clock_timestamp() - interval '1 second'
    WHERE client_id = %(client)s AND mark = %(mark)s
"""  # noqa: S608 - a constant table name
