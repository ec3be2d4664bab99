"""A generous limit per client, kept in PostgreSQL so that it holds across workers and servers.

Generic cell rate algorithm in one statement: a client may be `burst` requests ahead of `rate` requests a second. A
worker draws permits in lots, so that the common request costs no statement; a lot unused goes stale after a second.
The key is the client that proved itself, never an address a header can claim.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from dataclasses import dataclass, field, replace
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest

from api.http import problems, quotas
from api.http.addresses import address_of, digest
from api.http.problems import Problem
from api.http.quotas import BUCKETS, Holder, Kind, Policy, Quota
from api.models import ProofBucket, RateBucket, RefusalBucket, TokenBucket, UploadBucket, WriteBucket

REFUSED_TOO_OFTEN: Final = "lintas.refused_too_often"
"""Under which a request keeps that it was refused for that, and not for a quota of its client."""
LOT = 25
_FRESH_FOR = 1.0  # seconds


@dataclass(slots=True)
class _Lot:
    """The permits of one client that this process holds; one thread draws more while the others wait for it."""

    left: int = 0
    until: float = 0.0
    ahead: float = 0.0
    """In how many seconds the bucket is empty again, as it was when they were drawn."""
    lock: threading.Lock = field(default_factory=threading.Lock)


_lots: dict[tuple[Holder, Kind], _Lot] = {}


def check(holder: Holder, kind: Kind = "reads") -> Quota | None:
    """Take one permit for this client; what is left at least, or None where nothing is limited.

    Raises Problem `rate-limited` with `Retry-After` and the fields of the quota.
    """
    policy = quotas.policy_of(kind)
    if policy is None:
        return None
    # `setdefault` is one step of the interpreter: two threads get the same lot.
    lot = _lots.setdefault((holder, kind), _Lot())
    with lot.lock:
        if lot.left <= 0 or time.monotonic() >= lot.until:
            size = min(LOT, policy.limit)
            try:
                taken = take(policy, holder, permits=size)
                if taken.wait > 0 and size > 1:
                    # Less than a lot may be left.
                    size, taken = 1, take(policy, holder, permits=1)
            except DatabaseError as exc:
                if problems.code_of_database_error(exc) is None or not problems.is_without_room(exc):
                    raise
                # A full disk keeps no count. What need not be written down may still be read.
                taken = Taken(0.0, 0.0)
            lot.ahead = taken.ahead
            if taken.wait > 0:
                raise limited(taken, policy)
            lot.left, lot.until = size, time.monotonic() + _FRESH_FOR
        lot.left -= 1
        drawn = policy.left(lot.ahead)
        # What this process has drawn and not given out is left, too.
        return replace(drawn, left=min(policy.limit, drawn.left + lot.left))


def give_back(holder: Holder, kind: Kind) -> None:
    """Let somebody else of this process use a permit that came to nothing, if the lot it is of is still good."""
    if (lot := _lots.get((holder, kind))) is not None:
        with lot.lock:
            lot.left += 1


def take(policy: Policy, holder: Holder, *, permits: int) -> Taken:
    """Draw permits from the holder's bucket of that kind."""
    key = quotas.key_of(policy.kind, holder)
    buckets = REFUSALS if isinstance(key, bytes) else Buckets(BUCKETS[policy.kind])
    return buckets.take(key, permits=permits, rate=policy.rate, burst=policy.limit)


def limited(taken: Taken, policy: Policy) -> Problem:
    """The refusal of who has used up a quota: when to come back, and the fields of the quota."""
    seconds = max(1, math.ceil(taken.wait))
    fields = policy.left(taken.ahead).fields()
    return Problem("rate-limited", params={"retry_after": seconds}, headers={"Retry-After": str(seconds), **fields})


_CLEAN_EVERY: Final = 1000
"""Calls and refusals of strangers after which buckets that ran empty are deleted: there are any number of addresses,
and of names that they can think of."""
_strangers: Final = itertools.count(1)


def check_stranger(request: HttpRequest) -> None:
    """Take one permit for the address of a call without a token. Raises Problem `rate-limited` with `Retry-After`.

    `LINTAS_OPEN_RATE_PER_SECOND` (default 20; 0 switches the limit off) and `LINTAS_OPEN_BURST` (default 600). Of the
    address a digest is kept until its bucket has run empty, and nothing of what was asked.
    """
    rate = settings.LINTAS_OPEN_RATE_PER_SECOND
    if rate <= 0:
        return
    if next(_strangers) % _CLEAN_EVERY == 0:
        REFUSALS.forget_empty()
    key, burst = digest("open", address_of(request)), max(settings.LINTAS_OPEN_BURST, 1)
    if (wait := REFUSALS.draw(key, permits=1, rate=rate, burst=burst)) > 0:
        seconds = max(1, math.ceil(wait))
        raise Problem("rate-limited", params={"retry_after": seconds}, headers={"Retry-After": str(seconds)})


_refusals: Final = itertools.count(1)


def check_refused(request: HttpRequest, *, client_id: str | None) -> None:
    """One more refusal for this address, and in the name of this client. Raises Problem `rate-limited` in its place.

    It counts what did not show that its sender holds a client's key: assertions, proofs of a token's key (DPoP),
    signatures. A stranger who knows a client id may send what they like in its name, and may share its address (the
    national gateway has one for all): everything is examined to the end, and who proves to be the client is not held
    up by what was refused before. So a limit locks nobody out. What it takes from a stranger is the detail of a
    refusal; the server takes their requests in turns (`config.asgi`), and nothing of them is stored.
    """
    if next(_refusals) % _CLEAN_EVERY == 0:
        REFUSALS.forget_empty()
    rate, burst = settings.LINTAS_TOKEN_RATE_PER_SECOND, max(settings.LINTAS_TOKEN_BURST, 1)
    if rate <= 0:
        return
    keys = [digest("address", address_of(request)), *([] if client_id is None else [digest("client", client_id)])]
    for key in keys:
        try:
            wait = REFUSALS.draw(key, permits=1, rate=rate, burst=burst)
        except DatabaseError as exc:
            if problems.code_of_database_error(exc) is None or not problems.is_without_room(exc):
                raise
            return  # a full disk keeps no count, and what was refused stays refused
        if wait > 0:
            request.META[REFUSED_TOO_OFTEN] = True
            seconds = max(1, math.ceil(wait))
            raise Problem("rate-limited", params={"retry_after": seconds}, headers={"Retry-After": str(seconds)})


def draw(client_pk: int, *, permits: int, rate: float, burst: int) -> float:
    """Draw permits from the client's bucket; 0 if it held them, else the seconds until it will."""
    return CALLS.draw(client_pk, permits=permits, rate=rate, burst=burst)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a draw: the seconds to wait (0: they were there), and those until the bucket is empty again."""

    wait: float
    ahead: float


@dataclass(frozen=True, slots=True)
class Buckets:
    """Buckets of one kind: a table with a key and `busy_until`, the instant at which the bucket is empty again."""

    model: type[RateBucket | WriteBucket | ProofBucket | UploadBucket | TokenBucket | RefusalBucket]

    def draw(self, key: int | bytes, *, permits: int, rate: float, burst: int) -> float:
        """Draw permits from the bucket of this key; 0 if it held them, else the seconds until it will."""
        return self.take(key, permits=permits, rate=rate, burst=burst).wait

    def take(self, key: int | bytes, *, permits: int, rate: float, burst: int) -> Taken:
        """The same, and how far ahead of its allowance the bucket is then."""
        cost, allowance = permits / rate, burst / rate
        given = {"key": key, "cost": cost, "allowance": allowance}
        names = {"table": self.model._meta.db_table, "key": self.model._meta.pk.column}
        with connection.cursor() as cursor:
            cursor.execute(_DRAW.format(**names), given)
            row = cursor.fetchone()
            if row is not None:
                return Taken(0.0, float(row[0]))
            cursor.execute(_AHEAD.format(**names), given)
            row = cursor.fetchone()
        ahead = float(row[0]) if row else allowance
        return Taken(max(ahead + cost - allowance, 0.001) if row else 1.0, ahead)

    def forget_empty(self) -> None:
        """Delete the buckets that have run empty: one that is not there is empty too."""
        with connection.cursor() as cursor:
            cursor.execute(_FORGET.format(table=self.model._meta.db_table))


CALLS: Final = Buckets(RateBucket)
TOKENS: Final = Buckets(TokenBucket)
REFUSALS: Final = Buckets(RefusalBucket)

# The names of table and key are our own constants; every value is a parameter. A bucket is never filled beyond its
# allowance. One that seems to be was filled before the clock was set back: it begins anew, or the client would wait for
# the old time.
_BUSY_UNTIL = """
    CASE WHEN bucket.busy_until > clock_timestamp() + make_interval(secs => %(allowance)s) THEN clock_timestamp()
    ELSE greatest(bucket.busy_until, clock_timestamp()) END
"""
_DRAW = f"""
    INSERT INTO {{table}} AS bucket ({{key}}, busy_until)
    VALUES (%(key)s, clock_timestamp() + make_interval(secs => %(cost)s))
    ON CONFLICT ({{key}}) DO UPDATE SET busy_until = {_BUSY_UNTIL} + make_interval(secs => %(cost)s)
    WHERE {_BUSY_UNTIL} + make_interval(secs => %(cost)s) <= clock_timestamp() + make_interval(secs => %(allowance)s)
    RETURNING extract(epoch FROM bucket.busy_until - clock_timestamp())::float8
"""  # noqa: S608 - the braces stand for constant names
_AHEAD = "SELECT extract(epoch FROM busy_until - clock_timestamp())::float8 FROM {table} WHERE {key} = %(key)s"
_FORGET = "DELETE FROM {table} WHERE busy_until < clock_timestamp()"
