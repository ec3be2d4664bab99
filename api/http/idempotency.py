"""Every accepted write happens once: the door opens the one transaction, takes the key, and keeps the answer in it.

The statement that takes the key also asks what the act has to know first; the one that keeps the answer stores what the
act put into its unit of work.

The key's row is inserted first. A twin in flight waits on its unique index for `PATIENCE_S` and then replays; so long
waits an act for a casefile that somebody else is working on, and then its caller is told to come again. A refusal rolls
the row back together with the work, so only accepted requests are remembered. The domain never sees the key.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import orjson
from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse

from api.http import idempotency_key, preconditions, problems, purpose, rendering, view
from api.http.problems import Problem
from api.http.view import DoorRequest
from api.models import IdempotencyRecord
from audit import access, evidence, status
from audit.evidence import Signed
from casefiles.catalogue import versions
from casefiles.operations import payloads
from casefiles.transitions.unit import Part, Question, Unit

Seen = TypeVar("Seen")
"""What the answer to an act's first question says to the act."""

RETRIES = 3

PATIENCE_S = 1
"""Seconds for which a request waits for a lock. It holds a thread meanwhile, of which there are few."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose content an answer is (one of `casefiles.operations.payloads.OWNERS`), and its id."""

    kind: str
    id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a write leads to.

    `data` is the answer's JSON, `version` goes into the ETag, `location` into the header of a 201. `would` and
    `warnings` are told to who only validates. `parting` marks an act that ended the actor's own sight: its answer is
    replayed without asking for sight again. `beside` is stored by the statement of the act.
    """

    data: Mapping[str, Any]
    owner: Owner
    status: int = 200
    version: int | None = None
    location: str = ""
    parting: bool = False
    would: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[Any] = ()
    beside: Part | None = None


def owner_seen(visible: Callable[[], QuerySet[Any]]) -> Callable[[Owner | None], None]:
    """The sight of an act about nothing that is there yet: whoever replays it must see its owner among `visible`."""

    def sight(owner: Owner | None) -> None:
        if owner is not None and not visible().filter(pk=owner.id).exists():
            raise Problem("not-found")

    return sight


def once(
    request: DoorRequest,
    act: Callable[[Unit, Seen | None], Answer],
    *,
    sight: Callable[[Owner | None], object],
    first: Question[Seen] | None = None,
) -> HttpResponse:
    """Perform `act` once per key, in one transaction, and answer; a repeated request gets the stored bytes.

    `act` calls the domain, which puts what it stores into the unit, and says what came of it; it may run again after a
    serialization failure, so it changes nothing but the database. `sight(owner)` raises Problem `not-found` where the
    caller may not see what the request is about: it is asked with None before a new act, and with the stored answer's
    owner before a replay. Where `first` is given, the statement that claims the key asks it in place of the former, and
    the act is handed what it makes of the answer.
    `?validate_only=true` runs everything and rolls it back.
    """

    def seen(_: Any) -> None:
        sight(None)

    asked: Question[Seen | None] = first or Question("NULL", {}, seen)
    for attempt in range(RETRIES + 1):
        try:
            return _tried(act, asked) if request.validates_only else _performed(request, act, sight, asked)
        except DatabaseError as exc:
            if problems.sqlstate(exc) == "55P03":  # lock_not_available: somebody else outlasted our patience
                raise Problem("request-in-progress") from exc
            if not problems.may_succeed_again(exc) or attempt == RETRIES:
                raise
        # The rivals step aside for different times: 0 to 20, 40, 80 ms.
        time.sleep(random.random() * 0.02 * 2**attempt)  # noqa: S311 - jitter, no secret
    raise AssertionError("the last attempt returns or raises")


def _performed(
    request: DoorRequest,
    act: Callable[[Unit, Seen], Answer],
    sight: Callable[[Owner | None], object],
    first: Question[Seen],
) -> HttpResponse:
    if request.key is None:
        raise Problem("idempotency-key-missing")
    client = request.actor.client_pk
    mark = idempotency_key.fingerprint(
        client=request.actor.keyed_as, method=request.method or "", path=request.path, body=request.json
    )
    with transaction.atomic():
        digest = idempotency_key.digest(client=request.actor.keyed_as, key=request.key)
        claimed = _claimed(first, client=client, digest=digest, fingerprint=mark, now=request.now)
        if claimed is None:
            kept_record = IdempotencyRecord.objects.get(client=client, key_digest=digest)
            response = _replayed(kept_record, mark, sight)
            _record_read(request, kept_record)
            return response
        unit = Unit()
        answer = act(unit, first.read(_json(claimed[1])))
        body = rendering.dumps(answer.data)
        tag = _tag(answer)
        unit.store(_kept(answer, body, tag, record=claimed[0], now=request.now))
        if request.signed is not None:
            unit.store(_proven(request.signed, request))
        if answer.beside is not None:
            unit.store(answer.beside)
        unit.write()
    return view.answer(body, status=answer.status, etag=tag, location=answer.location)


def _proven(signed: Signed, request: DoorRequest) -> Part:
    """What proves the signature, where it can be erased; the entries of the act commit to it."""
    parameters = evidence.columns_of(signed, request_id=request.request_id, now=request.wall)
    return Part(evidence.KEPT, "(SELECT count(*) FROM evidence)", parameters, _one_was_settled)


def _json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


def _kept(answer: Answer, body: bytes, tag: str, *, record: int, now: dt.datetime) -> Part:
    """The answer in the erasable place, and in the key's row what a replay says of it."""
    tables, parameters = payloads.keep_answer(
        owner_kind=answer.owner.kind, owner_id=answer.owner.id, body=body, now=now
    )
    settled: dict[str, Any] = {
        "key_record": record,
        "key_status": answer.status,
        "key_etag": tag,
        "key_location": answer.location,
        "key_owner_kind": answer.owner.kind,
        "key_owner_id": answer.owner.id,
        "key_parting": answer.parting,
    }
    return Part(f"{tables}, {_SETTLE}", "(SELECT count(*) FROM settled)", parameters | settled, _one_was_settled)


def _one_was_settled(count: int) -> None:
    if count != 1:
        raise RuntimeError("the key that was claimed is not there")


_SETTLE = f"""
settled AS (
    UPDATE {IdempotencyRecord._meta.db_table} SET status = %(key_status)s, etag = %(key_etag)s,
        location = %(key_location)s, owner_kind = %(key_owner_kind)s, owner_id = %(key_owner_id)s,
        parting = %(key_parting)s, answer = (SELECT id FROM answer)
    WHERE id = %(key_record)s RETURNING 1
)
"""  # noqa: S608 - a constant table name


def _tag(answer: Answer) -> str:
    """The ETag that a GET would give now: over the same content, without the receipt."""
    if answer.version is None:
        return ""
    content = {name: value for name, value in answer.data.items() if name != "receipt"}
    return preconditions.etag(answer.version, rendering.in_one_order(content))


def _claimed(
    first: Question[Any], *, client: int, digest: bytes, fingerprint: bytes, now: dt.datetime
) -> tuple[int, str | None] | None:
    """The new row's number and the answer to the act's first question, or None where the key has been used.

    From here on the transaction waits for no lock longer than `PATIENCE_S`. Raises `writes-paused` where the log could
    not keep the promise, and `CatalogueNotOnRecord`.
    """
    claim: dict[str, Any] = {"key_client": client, "key_digest": digest, "key_fingerprint": fingerprint, "key_at": now}
    with connection.cursor() as cursor:
        cursor.execute(_claim(first.sql), {**first.parameters, **claim})
        row = cursor.fetchone()
    if row is None or row[0] is None:
        return None
    if (pulse := status.read_pulse(row[1])) and (why := pulse.paused()):
        # What was accepted before is replayed all the same: a repeated key finds its row and comes not this far.
        raise Problem("writes-paused", errors=[problems.ErrorItem(f"log-{why}")])
    versions.ensure_on_record()
    return row[0], row[2]


_PATIENCE = f"set_config('lock_timeout', '{PATIENCE_S}s', true)"


@lru_cache(maxsize=64)
def _claim(question: str) -> str:
    """The statement that claims a key; it answers the question where it claimed one, and then only."""
    return f"""
    WITH patience AS (SELECT {_PATIENCE}), claimed AS (
        INSERT INTO {IdempotencyRecord._meta.db_table}
            (client_id, key_digest, fingerprint, created_at, etag, location, owner_kind, parting)
        SELECT %(key_client)s, %(key_digest)s, %(key_fingerprint)s, %(key_at)s, '', '', '', false FROM patience
        ON CONFLICT (client_id, key_digest) DO NOTHING
        RETURNING id
    )
    SELECT (SELECT id FROM claimed), {status.PULSE}, CASE WHEN EXISTS (SELECT FROM claimed) THEN {question} END
    """  # noqa: S608 - constants


def _replayed(record: IdempotencyRecord, fingerprint: bytes, sight: Callable[[Owner | None], object]) -> HttpResponse:
    if not record.fingerprint and record.owner_id is not None:
        # `forget` was here: whether it was this request can no longer be told.
        if not record.parting:
            sight(Owner(record.owner_kind, record.owner_id))
        raise Problem("erased")
    same = bytes(record.fingerprint) == fingerprint
    if not same:
        # Sight of what this other request is about comes first: not visible stays not found.
        sight(None)
        raise Problem("idempotency-key-reused")
    if record.owner_id is None:
        raise Problem("try-again")
    if not record.parting:
        sight(Owner(record.owner_kind, record.owner_id))
    if record.status is None or record.answer is None:
        # The row is written whole, so an answer that is missing was there (`api.http.retention`).
        raise Problem("answer-ended")
    body = payloads.read_answer(record.answer)
    if body is None:
        raise Problem("erased")
    response = view.answer(body, status=record.status, etag=record.etag, location=record.location)
    response["Idempotency-Replayed"] = "true"
    return response


def _record_read(request: DoorRequest, record: IdempotencyRecord) -> None:
    """Whoever has an answer repeated reads what it shows; the answer of an act that ended one's sight shows nothing."""
    if record.parting or record.owner_id is None:
        return
    actor = request.actor
    match = request._request.resolver_match
    access.record(
        at=request.now,
        request_id=request.request_id,
        agency=actor.agency_id,
        client=actor.client_id,
        route=re.sub("<[^<>]+>", "{id}", f"/{match.route}" if match else "").removeprefix("/api/v1"),
        purpose=purpose.of(request.headers.get(purpose.HEADER), actor),
        shown=[payloads.shown_by(record.owner_kind, record.owner_id)],
        caller_request_id=request.caller_id,
    )


def forget(numbers: Sequence[int], owners: Sequence[uuid.UUID]) -> None:
    """Forget the digests of requests whose kept answers (`numbers`) were erased, and of those about the same `owners`
    whose answers had ended before (`api.http.retention`); their keys stay used.

    Both digests are taken over personal content that somebody who suspects it could guess, without a salt; a key holds
    none. Needs the owner's role, as all erasing does (`casefiles.operations.erasure.perform_order` calls this).
    """
    ended = Q(owner_id__in=owners, answer__isnull=True)
    IdempotencyRecord.objects.filter(Q(answer__in=numbers) | ended).update(fingerprint=b"", etag="")


def _tried(act: Callable[[Unit, Seen], Answer], first: Question[Seen]) -> HttpResponse:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {_PATIENCE}, {first.sql}", first.parameters)
            row = cursor.fetchone()
        unit = Unit()
        answer = act(unit, first.read(_json(row[1] if row else None)))
        unit.write()
        connection.check_constraints()  # deferred ones too, as a commit would
        transaction.set_rollback(True)
    return view.answer(rendering.dumps({"valid": True, "warnings": list(answer.warnings), "would": dict(answer.would)}))
