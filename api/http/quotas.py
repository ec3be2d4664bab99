"""How much a client may ask, by kind of call, and how an answer says what is left of it.

A quota is a bucket (`api.http.throttling`): `limit` calls at once, and one more every 1/`rate` seconds. Each kind has a
bucket of its own, so that who reads a whole register can still write. The answer's fields are those of the draft
"RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers, from version 09 on): `RateLimit-Policy` names
the kind, its quota (`q`) and the seconds (`w`) in which an empty one is whole again; `RateLimit` says what is left
(`r`) and in how many seconds it is whole (`t`). When to come back after 429 says `Retry-After`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from agencies.actor import Actor
from api.http.addresses import digest
from api.models import ProofBucket, RateBucket, RefusalBucket, TokenBucket, UploadBucket, WriteBucket

Kind = Literal["reads", "writes", "proofs", "uploads", "token"]
Holder: TypeAlias = int | tuple[int, int]
"""Whose bucket it is: a client (its primary key), with the employer where it acts for another agency than its own.

A vendor's client has buckets for each employer, so that what it does for one holds up no other.
"""

BUCKETS: Final[Mapping[Kind, type[RateBucket | WriteBucket | ProofBucket | UploadBucket | TokenBucket]]] = {
    "reads": RateBucket,
    "writes": WriteBucket,
    "proofs": ProofBucket,
    "uploads": UploadBucket,
    "token": TokenBucket,
}
"""The kinds, and the table of each. `proofs` are the calls on the log itself, `uploads` bring contents of documents,
`token` are those to buy one.
"""

_SETTINGS: Final[Mapping[Kind, str]] = {
    "reads": "LINTAS_RATE",
    "writes": "LINTAS_WRITE",
    "proofs": "LINTAS_PROOF",
    "uploads": "LINTAS_UPLOAD",
    "token": "LINTAS_TOKEN",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """So many calls of a kind at once, and so many more a second."""

    kind: Kind
    rate: float
    limit: int

    @property
    def window(self) -> int:
        """The seconds in which an empty quota is whole again."""
        return max(1, math.ceil(self.limit / self.rate))

    def left(self, ahead: float) -> Quota:
        """What is left of a bucket that is empty again in so many seconds."""
        used = math.ceil(round(max(ahead, 0.0) * self.rate, 3))
        return Quota(self, max(0, self.limit - used), max(0, math.ceil(ahead)))


@dataclass(frozen=True, slots=True)
class Quota:
    """How many calls are left at least, and in how many seconds the quota is whole."""

    policy: Policy
    left: int
    whole_in: int

    def fields(self) -> dict[str, str]:
        """The header fields that say so."""
        policy = self.policy
        return {
            "RateLimit-Policy": f'"{policy.kind}";q={policy.limit};w={policy.window}',
            "RateLimit": f'"{policy.kind}";r={self.left};t={self.whole_in}',
        }


def policy_of(kind: Kind) -> Policy | None:
    """The policy of that kind; None where nothing is limited.

    `LINTAS_RATE_PER_SECOND` and `LINTAS_RATE_BURST` (100 and 2000) hold for reads, and for writes and proofs where
    nothing else is set for them. Uploads have 1 and 300 of their own. Of calls, 0 a second for reads switches every
    limit off.
    """
    rate, limit = settings.LINTAS_RATE_PER_SECOND, settings.LINTAS_RATE_BURST
    if kind != "token" and rate <= 0:
        return None
    if kind != "reads":
        own_rate = getattr(settings, f"{_SETTINGS[kind]}_RATE_PER_SECOND")
        own_limit = getattr(settings, f"{_SETTINGS[kind]}_BURST")
        rate, limit = rate if own_rate is None else own_rate, limit if own_limit is None else own_limit
    return Policy(kind, float(rate), max(int(limit), 1)) if rate > 0 else None


def tell(request: HttpRequest, quota: Quota | None) -> None:
    """Have the answer to this request say what is left (`fields_for`)."""
    request.quota = quota  # type: ignore[attr-defined]  # read below


def fields_for(request: HttpRequest) -> dict[str, str]:
    """The fields of what was told of this request; none where it is under no quota."""
    quota: Quota | None = getattr(request, "quota", None)
    return quota.fields() if quota is not None else {}


_AHEAD: Final = ", ".join(
    f"(SELECT extract(epoch FROM busy_until - clock_timestamp())::float8 FROM {model._meta.db_table}"  # noqa: S608 - our own tables
    " WHERE client_id = %(client)s)"
    for model in BUCKETS.values()
)
_AHEAD_DELEGATED: Final = ", ".join(
    f"(SELECT extract(epoch FROM busy_until - clock_timestamp())::float8 FROM {RefusalBucket._meta.db_table}"  # noqa: S608 - our own table
    f" WHERE key = %({kind})s)"
    for kind in BUCKETS
)


def holder(client_pk: int, employer: int | None = None) -> Holder:
    """The holder of a client's buckets; `employer` is the agency that delegated to it, None where none did."""
    return client_pk if employer is None else (client_pk, employer)


def holder_of(actor: Actor) -> Holder:
    """The holder of the buckets that the actor's calls are counted in."""
    return holder(actor.client_pk, actor.agency_id if actor.vendor is not None else None)


def key_of(kind: Kind, whose: Holder) -> int | bytes:
    """Under what the bucket lies in its table; a delegated one, whatever its kind, among those with a digest."""
    if isinstance(whose, int):
        return whose
    client_pk, employer = whose
    return digest(f"delegated {kind}", f"{client_pk} {employer}")


def of(whose: Holder) -> list[dict[str, Any]]:
    """All quotas of that holder, as `/me` shows them. One statement."""
    policies = [policy_of(kind) for kind in BUCKETS]
    asked: dict[str, int | bytes] = (
        {"client": whose} if isinstance(whose, int) else {kind: key_of(kind, whose) for kind in BUCKETS}
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_AHEAD if 'client' in asked else _AHEAD_DELEGATED}", asked)
        ahead = cursor.fetchone() or ()
    return [
        {
            "kind": policy.kind,
            "limit": policy.limit,
            "window_seconds": policy.window,
            "remaining": policy.left(seconds or 0.0).left,
            "whole_in_seconds": policy.left(seconds or 0.0).whole_in,
        }
        for policy, seconds in zip(policies, ahead, strict=True)
        if policy is not None
    ]
