"""The one way into the log: canonical bytes, commitments, and the entry of every accepted write.

The format of an entry, frozen with the first one ever written (`docs/log-format.md` says the same with vectors):

    leaf_hash  = SHA-256(0x00 || body)           RFC 9162, a leaf of the tree
    body       = RFC 8785 form of the object that `_body` builds
    commitment = SHA-256(salt || RFC 8785 form)  a random salt of 32 bytes for each

An entry names agencies by code, clients by id, and commits to everything personal; the salts and what they open lie
in an erasable place (`casefiles.Payload`) or, where nothing is personal, in `Opening`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import orjson
from django.conf import settings
from django.db import connection

from audit import owed
from audit.canonical_json import canonical as canonical  # noqa: PLC0414 - the log names it, whoever commits uses it
from audit.tlog.tree import leaf_hash
from audit.turns import one_at_a_time

if TYPE_CHECKING:
    from audit.requests import RequestFacts

FORMAT = "lintas-entry/1"
DRAFTED = ("drafted_by", "drafted_at", "drafter_factor", "drafter_proved_at")


@dataclass(frozen=True, slots=True)
class Commitment:
    """A salted digest and the salt that opens it."""

    digest: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts: as which party, for which agency, through which client and key; by which delegation to which vendor.

    `person` (an id) acted at the desk: no key signed it, and `factor` and `proved_at` say by which second factor, and
    when, they had proved to the console who they are. Where a colleague had drafted it, the same is said of them.
    """

    party: str
    agency: str
    client: str
    key: str | None = None
    vendor: str | None = None
    delegation: str | None = None
    person: str | None = None
    factor: str | None = None
    proved_at: str | None = None
    drafted_by: str | None = None
    drafted_at: str | None = None
    drafter_factor: str | None = None
    drafter_proved_at: str | None = None

    def stated(self) -> dict[str, str | None]:
        """The entry's `actor`. What a vendor's client did names vendor and delegation, a person's act its proof."""
        own = {
            "party": self.party,
            "agency": self.agency,
            "client": self.client,
            "key": self.key,
            "person": self.person,
        }
        if self.person is not None:
            names = ("factor", "proved_at", *(DRAFTED if self.drafted_by is not None else ()))
            return own | {name: getattr(self, name) for name in names}
        return own if self.vendor is None else {**own, "vendor": self.vendor, "delegation": self.delegation}


@dataclass(frozen=True, slots=True)
class Sighting:
    """Sight that this entry gives to an agency (`given`), ends (`ended`: it may still read the file as it stood), or
    takes back altogether (`revoked`).
    """

    agency: str
    sight: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A document attached by this entry: a salted digest over its id and SHA-256, and its size in bytes."""

    digest: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Draft:
    """What an entry is made of. `prev` and `before` are None for the first of a stream.

    `basis` is the legal basis of a step. `record` is the digest (`digest_of`) of the row that the step leaves behind,
    ids and codes only, so that an edited row is noticed even after its content was erased.
    """

    stream: UUID
    seq: int
    prev: bytes | None
    kind: str
    from_state: str | None
    to_state: str | None
    occurred_at: datetime
    recorded_at: datetime
    author: Author
    request_id: UUID
    idempotency: bytes | None
    before: bytes | None
    after: bytes
    payload: bytes
    attachments: tuple[Attached, ...]
    sightings: tuple[Sighting, ...]
    rules: str
    catalogue: str
    audience: tuple[int, ...]
    basis: str = ""
    record: bytes | None = None
    caller_request_id: str = ""
    signature: bytes | None = None
    """What proves the request that was signed: the digest of its evidence (`audit.evidence`)."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry ready to be stored. `caller_request_id` is no part of its bytes."""

    uuid: UUID
    stream: UUID
    seq: int
    leaf_hash: bytes
    body: bytes
    audience: tuple[int, ...]
    recorded_at: datetime
    caller_request_id: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a stream: its number, leaf hash and `after`."""

    seq: int
    leaf_hash: bytes
    after: bytes


def commit(value: Any, *, salt: bytes | None = None) -> Commitment:
    """Commit to a JSON value under a fresh random salt (or a given one, to open a commitment)."""
    salt = secrets.token_bytes(32) if salt is None else salt
    return Commitment(digest=hashlib.sha256(salt + canonical(value)).digest(), salt=salt)


def digest_of(value: Any) -> bytes:
    """SHA-256 over the RFC 8785 form: for what holds nothing personal and needs no salt."""
    return hashlib.sha256(canonical(value)).digest()


def instant(value: datetime) -> str:
    """An instant as entries and answers spell it: UTC, milliseconds, Z."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def seal(draft: Draft) -> Sealed:
    """The entry of that draft: its id, canonical bytes and leaf hash."""
    entry = uuid4()
    body = canonical(_body(draft, entry))
    return Sealed(
        uuid=entry,
        stream=draft.stream,
        seq=draft.seq,
        leaf_hash=leaf_hash(body),
        body=body,
        audience=draft.audience,
        recorded_at=draft.recorded_at,
        caller_request_id=draft.caller_request_id,
    )


def head_of(body: bytes, *, leaf: bytes) -> Head:
    """Read the head of a stream back from its last entry's bytes."""
    said = orjson.loads(body)
    return Head(seq=said["seq"], leaf_hash=leaf, after=bytes.fromhex(said["after"]))


def append_open(
    *,
    stream: UUID,
    kind: str,
    given: Mapping[str, Any],
    state: Mapping[str, Any],
    now: datetime,
    author: Author | None = None,
    request: RequestFacts | None = None,
    catalogue: str = "",
    through: str = "",
) -> Sealed:
    """Append an entry to a stream that is no casefile: agencies, their clients and keys, mandates, calendar, catalogue.

    `through` is a function of the database that stores it for a role that may not write entries itself.

    `given` is what was asked for, `state` the record after it, both JSON without personal content or key material.
    Must run inside the transaction that makes the change. Nobody has such a stream in a feed (no audience).
    """
    opened_given, opened_state = commit(given), commit(state)
    draft = _draft(stream, kind=kind, state=opened_state, given=opened_given, now=now, author=author, request=request)
    sealed = seal(replace(draft, catalogue=catalogue))
    parameters = {
        **columns_of(sealed, "entry"),
        "given": json.dumps(given),
        "given_salt": opened_given.salt,
        "state": json.dumps(state),
        "state_salt": opened_state.salt,
    }
    with connection.cursor() as cursor:
        if through:
            cursor.execute(_THROUGH.format(function=connection.ops.quote_name(through)), parameters)
            return owed.collect(sealed)
        cursor.execute(
            f"""
            WITH {written("entry")}
            INSERT INTO audit_opening (entry_id, given, given_salt, state, state_salt)
            SELECT id, %(given)s::jsonb, %(given_salt)s, %(state)s::jsonb, %(state_salt)s FROM entry
            """,  # noqa: S608 - a constant
            parameters,
        )
    return owed.collect(sealed)


_THROUGH = """
SELECT {function}(%(entry_uuid)s, %(entry_stream)s, %(entry_seq)s, %(entry_leaf)s, %(entry_body)s, %(entry_at)s,
    %(given)s::jsonb, %(given_salt)s, %(state)s::jsonb, %(state_salt)s)
"""


def append_committed(
    *,
    stream: UUID,
    kind: str,
    state: Commitment,
    record: bytes,
    now: datetime,
    author: Author | None = None,
    request: RequestFacts | None = None,
    is_first: bool = False,
    audience: tuple[int, ...] = (),
) -> Sealed:
    """Append an entry to a stream that is no casefile and holds what is personal: a finding, a document, ….

    What `state` commits to, and its salt, lie in an erasable place of the caller's; `record` is the digest of the row.
    Must run inside the transaction that makes the change. `audience`, ascending, has it in their feed: who sees the
    casefile that a first reading is of. Nobody has another such stream in a feed.
    """
    sealed = sealed_committed(
        stream=stream, kind=kind, state=state, record=record, now=now, author=author, request=request, is_first=is_first
    )
    sealed = replace(sealed, audience=audience)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {written('entry')} SELECT id FROM entry", columns_of(sealed, "entry"))  # noqa: S608 - a constant
    return owed.collect(sealed)


def sealed_committed(
    *,
    stream: UUID,
    kind: str,
    state: Commitment,
    record: bytes,
    now: datetime,
    author: Author | None = None,
    request: RequestFacts | None = None,
    is_first: bool = False,
) -> Sealed:
    """The entry of `append_committed`, for who stores it (`written`) within a statement of their own."""
    # Nobody else can know a stream whose id was drawn in this transaction: there is no head to look for.
    draft = _draft(
        stream, kind=kind, state=state, given=state, now=now, author=author, request=request, is_first=is_first
    )
    return seal(replace(draft, record=record))


def written(name: str) -> str:
    """CTEs that store a sealed entry of no casefile; its row's id is `name`. `columns_of` has their parameters."""
    return f"""
{name} AS (
    INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at, caller_request_id)
    VALUES (%({name}_uuid)s, %({name}_stream)s, %({name}_seq)s, %({name}_leaf)s, %({name}_body)s,
        %({name}_audience)s::bigint[], %({name}_at)s, %({name}_caller)s) RETURNING id
), {name}_waits AS (
    INSERT INTO audit_pending (entry_id) SELECT id FROM {name}
)
"""  # noqa: S608 - a constant


def written_of(name: str, rows: str) -> str:
    """CTEs that store the sealed first entries of many streams that are no casefile, as rows of another CTE.

    That one has the columns id (the stream), entry, leaf (hexadecimal digits), body, created_at, caller_request_id.
    """
    return f"""
{name} AS (
    INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at, caller_request_id)
    SELECT entry, id, 1, decode(leaf, 'hex'), convert_to(body, 'UTF8'), '{{}}', created_at, caller_request_id
    FROM {rows} RETURNING id
), {name}_waits AS (
    INSERT INTO audit_pending (entry_id) SELECT id FROM {name}
)
"""  # noqa: S608 - a constant


def columns_of(sealed: Sealed, name: str) -> dict[str, Any]:
    """The parameters of `written`."""
    return {
        f"{name}_uuid": sealed.uuid,
        f"{name}_stream": sealed.stream,
        f"{name}_seq": sealed.seq,
        f"{name}_leaf": sealed.leaf_hash,
        f"{name}_body": sealed.body,
        f"{name}_audience": list(sealed.audience),
        f"{name}_at": sealed.recorded_at,
        f"{name}_caller": sealed.caller_request_id,
    }


def _draft(
    stream: UUID, *, kind: str, state: Commitment, given: Commitment, now: datetime, author: Author | None,
    request: RequestFacts | None, is_first: bool = False,
) -> Draft:  # fmt: skip
    """The next entry of a stream that is no casefile. Holds the stream until the transaction ends."""
    head = None if is_first else _held_head(stream)
    return following(stream, head=head, kind=kind, state=state, given=given, now=now, author=author, request=request)


def following(
    stream: UUID, *, head: Head | None, kind: str, state: Commitment, given: Commitment, now: datetime,
    author: Author | None, request: RequestFacts | None,
) -> Draft:  # fmt: skip
    """The entry that follows that head in a stream which is no casefile, and which the caller holds."""
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return Draft(
        stream=stream,
        seq=head.seq + 1 if head else 1,
        prev=head.leaf_hash if head else None,
        kind=kind,
        from_state=None,
        to_state=None,
        occurred_at=now,
        recorded_at=now,
        author=author or Author(party="operator", agency=settings.LINTAS_OPERATOR, client="manage.py"),
        request_id=request.id if request else uuid4(),
        idempotency=request.idempotency if request else None,
        caller_request_id=request.caller_id if request else "",
        signature=request.signature if request else None,
        before=head.after if head else None,
        after=state.digest,
        payload=given.digest,
        attachments=(),
        sightings=(),
        rules="",
        catalogue="",
        audience=(),
    )


def hold(stream: UUID) -> None:
    """Hold the stream until the transaction ends: whoever reads what it tells before appending to it comes alone."""
    one_at_a_time(turn_of(stream))


def turn_of(stream: UUID) -> str:
    """The name by which whoever appends to that stream waits for their turn."""
    return f"stream:{stream}"


def _held_head(stream: UUID) -> Head | None:
    # One writer per stream at a time; entry ids are drawn after the lock, so id order is commit order.
    hold(stream)
    with connection.cursor() as cursor:
        cursor.execute("SELECT leaf_hash, body FROM audit_entry WHERE stream = %s ORDER BY seq DESC LIMIT 1", [stream])
        row = cursor.fetchone()
    return head_of(bytes(row[1]), leaf=bytes(row[0])) if row else None


def _body(draft: Draft, entry: UUID) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "origin": settings.LINTAS_LOG_ORIGIN,
        "entry": str(entry),
        "stream": str(draft.stream),
        "seq": draft.seq,
        "prev": _hex(draft.prev),
        "kind": draft.kind,
        "from": draft.from_state,
        "to": draft.to_state,
        "occurred_at": instant(draft.occurred_at),
        "recorded_at": instant(draft.recorded_at),
        "actor": draft.author.stated(),
        "request": {
            "id": str(draft.request_id),
            "idempotency": _hex(draft.idempotency),
            "signature": _hex(draft.signature),
        },
        "before": _hex(draft.before),
        "after": draft.after.hex(),
        "payload": draft.payload.hex(),
        "basis": draft.basis,
        "record": _hex(draft.record),
        "attachments": [{"digest": item.digest.hex(), "size": item.size} for item in draft.attachments],
        "grants": [{"agency": item.agency, "sight": item.sight} for item in draft.sightings],
        "rules": draft.rules,
        "catalogue": draft.catalogue,
    }


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()


def chain_faults(entries: Sequence[tuple[int, bytes, bytes]]) -> list[str]:
    """What is wrong with one stream's entries (seq, leaf_hash, body), oldest first; empty when all is sound.

    Checks the leaf hash over the bytes, the numbering, `prev` against the leaf before, `before` against the `after`
    before.
    """
    faults: list[str] = []
    last: Head | None = None
    for seq, leaf, body in entries:
        said = json.loads(body)
        if leaf_hash(body) != leaf:
            faults.append(f"seq {seq}: the leaf hash is not that of the bytes")
        if said["seq"] != seq or seq != (last.seq + 1 if last else 1):
            faults.append(f"seq {seq}: the numbering is broken")
        if said["prev"] != (last.leaf_hash.hex() if last else None):
            faults.append(f"seq {seq}: prev is not the leaf before")
        if said["before"] != (last.after.hex() if last else None):
            faults.append(f"seq {seq}: before is not the state after the entry before")
        last = Head(seq=seq, leaf_hash=leaf, after=bytes.fromhex(said["after"]))
    return faults
