"""Access tokens: bought once with an assertion, resolved at every request, gone the moment they are revoked.

A token is 256 random bits. The database knows its SHA-256 only, so that whoever reads a backup can call nothing.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from agencies import assertions, delegations, keys, purposes
from agencies.actor import Actor, Vendor
from agencies.assertion_text import Reason
from agencies.assertions import AssertionRefused, Claimed, RegisteredKey
from agencies.models import AccessToken, Client, ClientKey, Delegation, UsedAssertion, UsedProof

LIFETIME: Final = timedelta(seconds=600)
# As early before its registration as the verifier believes that a key was used: two clocks differ, or one was mended.
EARLIEST: Final = timedelta(minutes=15)
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")

# Kept for a while after they have run out, so that a late caller hears "expired" and not "unknown".
_REMEMBERED: Final = timedelta(days=1)

# One statement for everything a request needs to know about its caller. An agency's ancestors come nearest first; the
# depth is bounded so that a loop made by hand in the table cannot hang a request.
_RESOLVE: Final = """
WITH RECURSIVE called AS (
    SELECT token.id AS token_pk, token.expires, token.scope,
           client.id AS client_pk, client.client_id, client.scopes, client.default_purpose,
           client.active AND member.is_active AS active, client.signatures_required_from, client.sender_constrained,
           token.proof_thumbprint,
           CASE WHEN token.delegation_id IS NOT NULL THEN jsonb_build_object('id', delegation.id,
                'vendor', vendor.code, 'name', vendor.name, 'roles', delegation.roles, 'scopes', delegation.scopes,
                'purposes', delegation.purposes, 'valid_until', delegation.valid_until,
                'serves', delegation.approved_at IS NOT NULL AND delegation.ended_at IS NULL)
           END::text AS delegation,
           (SELECT jsonb_build_object('alg', signing.alg, 'jwk', signing.public_jwk, 'thumbprint', signing.thumbprint,
                'valid_from', signing.valid_from, 'valid_until', signing.valid_until, 'revoked_at', signing.revoked_at)
              FROM agencies_clientkey signing
             WHERE signing.client_id = client.id AND signing.kid = %(keyid)s AND NOT signing.awaits_approval
           )::text AS signing_key,
           token.key_thumbprint, key.revoked_at, key.valid_from,
           agency.id AS agency_id, agency.code, agency.name, agency.roles, agency.time_zone, agency.group_id,
           agency.parent_id,
           member.id AS user_pk
      FROM agencies_accesstoken token
      JOIN agencies_client client ON client.id = token.application_id
      JOIN agencies_clientkey key ON key.id = token.key_id AND key.client_id = client.id
      JOIN agencies_agency vendor ON vendor.id = client.agency_id
      LEFT JOIN agencies_delegation delegation
             ON delegation.id = token.delegation_id AND delegation.client_id = client.id
      JOIN agencies_agency agency
        ON agency.id = CASE WHEN token.delegation_id IS NULL THEN client.agency_id ELSE delegation.employer_id END
      JOIN agencies_user member ON member.id = client.user_id
     WHERE token.token_checksum = %(checksum)s
), above (id, parent_id, depth) AS (
    SELECT agency.id, agency.parent_id, 1
      FROM agencies_agency agency JOIN called ON agency.id = called.parent_id
    UNION ALL
    SELECT agency.id, agency.parent_id, above.depth + 1
      FROM agencies_agency agency JOIN above ON agency.id = above.parent_id
     WHERE above.depth < 16
)
SELECT token_pk, expires, scope, client_pk, client_id, scopes, default_purpose, active, key_thumbprint, revoked_at,
       valid_from, signatures_required_from, sender_constrained, proof_thumbprint, delegation, signing_key, agency_id,
       code, name, roles, time_zone, group_id, user_pk,
       ARRAY(SELECT id FROM above ORDER BY depth), ({further})
  FROM called
"""


@dataclass(frozen=True, slots=True)
class Further:
    """What else a request wants to know, asked with its caller: an expression of text over the row `called`."""

    sql: str
    parameters: Mapping[str, Any]


class TokenInvalid(Exception):
    """No such token, or the token, its key or its client has been revoked; or its key was not registered by now."""


class TokenExpired(Exception):
    """The token has run out."""


class DelegationEnded(TokenInvalid):
    """The token was bought for an employer that does not delegate to its client any more."""


@dataclass(frozen=True, slots=True)
class ProvenClient:
    """A client whose assertion was genuine, with the key that made it."""

    client: Client
    key: ClientKey
    thumbprint: str
    """RFC 7638, taken over the very key that verified the assertion, not read beside it."""

    delegation: Delegation | None = None
    """By which it acts for another agency than its own."""
    proof_thumbprint: str = ""
    """Of the key that will prove each request with the token (DPoP); empty where none has to."""

    def token_expiry(self, *, now: datetime) -> datetime:
        """A token outlives neither the key that bought it nor the delegation that it is for."""
        ends = (self.key.valid_until, self.delegation.valid_until if self.delegation else None)
        return min([now + LIFETIME, *(end for end in ends if end is not None)])


def prove(claimed: Claimed, *, now: datetime) -> ProvenClient:
    """Believes an examined assertion, once: its `jti` is spent from here on. Raises `AssertionRefused`.

    Two callers with the same assertion meet on a unique index: the second waits for the first and is refused.
    """
    key = check(claimed, now=now)
    _spend(claimed, client=key.client)
    return ProvenClient(client=key.client, key=key, thumbprint=keys.thumbprint(key.public_jwk))


def check(claimed: Claimed, *, now: datetime) -> ClientKey:
    """The key that made an examined assertion. Nothing is spent. Raises `AssertionRefused`."""
    key = (
        ClientKey.objects.select_related("client__agency")
        .filter(client__client_id=claimed.client_id, kid=claimed.kid)
        .first()
    )
    assertions.check_signature(claimed, registered=_on_file(key), now=now)
    if key is None:  # check_signature has refused that already; this line is for the type checker
        raise AssertionRefused(Reason("not-recognised"))
    return key


def generate() -> str:
    """256 random bits, as 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def issue(token: str, *, proven: ProvenClient, scopes: str, expires: datetime) -> None:
    """Stores the checksum of `token`, granting `scopes` (joined by blanks) until `expires`.

    The token remembers which key bought it: that is what the entries of its acts name, whatever becomes of the row.
    """
    AccessToken.objects.create(
        token="",
        token_checksum=checksum(token),
        application=proven.client,
        key=proven.key,
        key_thumbprint=proven.thumbprint,
        scope=scopes,
        expires=expires,
        delegation=proven.delegation,
        proof_thumbprint=proven.proof_thumbprint,
    )


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key of the caller's by the name under which a request says that it was signed, whatever became of it."""

    alg: str
    jwk: Mapping[str, str]
    thumbprint: str
    valid_from: datetime
    valid_until: datetime | None
    revoked_at: datetime | None

    def is_live(self, *, now: datetime) -> bool:
        """Whether the key may sign now; what was revoked is not live again where the clock is set back.

        A key is good on all servers as soon as it is on one, though their clocks differ.
        """
        ended = self.revoked_at is not None or (self.valid_until is not None and self.valid_until <= now)
        return not ended and self.valid_from - EARLIEST <= now


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, the answer to what else was asked, and the key that the request names as its signer's.

    `proof_thumbprint` is that of the key to which the token is bound (DPoP), empty where it is not.
    """

    actor: Actor
    answer: str | None
    signing_key: SigningKey | None
    proof_thumbprint: str = ""


def resolve(token: str, *, now: datetime) -> Actor:
    """The caller behind a token, in one statement. Raises the errors of `resolve_caller`."""
    return resolve_caller(token, now=now).actor


_NOTHING: Final = Further("NULL", {})


def resolve_caller(token: str, *, now: datetime, further: Further | None = None, keyid: str | None = None) -> Caller:
    """The caller behind a token, the answer to what else is asked, and that key of theirs, in one statement.

    Raises `TokenInvalid`, `TokenExpired` or `DelegationEnded`. Whether a proof comes with a token that is bound to a
    key is the door's to ask.
    """
    if not _SHAPE.fullmatch(token):
        raise TokenInvalid
    further = further or _NOTHING
    with connection.cursor() as cursor:
        cursor.execute(_resolving(further.sql), {**further.parameters, "checksum": checksum(token), "keyid": keyid})
        row = cursor.fetchone()
    if row is None:
        raise TokenInvalid
    token_pk, expires, granted, client_pk, client_id, allowed, default_purpose, active = row[:8]
    thumbprint, revoked_at, valid_from, required_from, constrained, bound_to, delegation, signing, *agency, user_pk = (
        row[8:-2]
    )
    agency_id, code, name, roles, time_zone, group_pk = agency
    ancestors, answer = row[-2:]
    # A token of a release that did not remember its key proves nobody's act: its client buys another one.
    # Whatever the clock says: what was revoked is not live again where the clock is set back, and an act that would be
    # recorded before its key was registered is one that the verifier cannot believe.
    if not active or not thumbprint or revoked_at is not None or now < valid_from - EARLIEST:
        raise TokenInvalid
    if constrained and not bound_to:  # bought before its client had to prove each request
        raise TokenInvalid
    if expires <= now:
        raise TokenExpired
    given = None if delegation is None else _Given.read(delegation, now=now)
    if given is not None:
        if not set(roles) <= delegations.ROLES:
            # Sight is an agency's as a whole: since the approval the employer has become what it cannot delegate.
            raise DelegationEnded
        roles, allowed = set(roles) & given.roles, set(allowed) & given.scopes
        default_purpose = default_purpose if default_purpose in given.vendor.purposes else given.default_purpose
    actor = Actor(
        client_pk=client_pk,
        client_id=client_id,
        agency_id=agency_id,
        agency_code=code,
        agency_name=name,
        roles=frozenset(roles),
        # A scope taken from the client is gone at once, also from tokens it holds.
        scopes=frozenset(granted.split()) & frozenset(allowed),
        user_pk=user_pk,
        group_pk=group_pk,
        time_zone=time_zone,
        ancestors=tuple(ancestors),
        token_pk=token_pk,
        key_thumbprint=thumbprint,
        default_purpose=default_purpose or purposes.of_roles(roles),
        signatures_required_from=required_from,
        sender_constrained=constrained,
        vendor=given.vendor if given is not None else None,
    )
    return Caller(actor, answer, None if signing is None else _signing_key(json.loads(signing)), bound_to)


@dataclass(frozen=True, slots=True)
class _Given:
    """What a delegation lets a vendor's client do, and who that is."""

    vendor: Vendor
    roles: frozenset[str]
    scopes: frozenset[str]
    default_purpose: str

    @classmethod
    def read(cls, text: str, *, now: datetime) -> _Given:
        """From a row of `called`. Raises `DelegationEnded`."""
        row = json.loads(text)
        until = datetime.fromisoformat(row["valid_until"])
        # Whatever the clock says: what was ended does not serve again where the clock is set back.
        if not row["serves"] or until <= now:
            raise DelegationEnded
        vendor = Vendor(
            code=row["vendor"],
            name=row["name"],
            delegation=UUID(row["id"]),
            purposes=frozenset(row["purposes"]),
            until=until,
        )
        return cls(vendor, frozenset(row["roles"]), frozenset(row["scopes"]), default_purpose=row["purposes"][0])


def _signing_key(row: Mapping[str, Any]) -> SigningKey:
    def moment(name: str) -> datetime | None:
        return None if row[name] is None else datetime.fromisoformat(row[name])

    return SigningKey(
        alg=row["alg"],
        jwk=row["jwk"],
        thumbprint=row["thumbprint"],
        valid_from=datetime.fromisoformat(row["valid_from"]),
        valid_until=moment("valid_until"),
        revoked_at=moment("revoked_at"),
    )


@cache
def _resolving(further: str) -> str:
    return _RESOLVE.format(further=further)


def revoke(token: str, *, client: Client) -> None:
    """Ends a token of this client. An unknown token, or somebody else's, is nobody's business (RFC 7009, 2.1)."""
    # Plain SQL: the ORM would first look for refresh tokens to detach, in a table that is closed to the web.
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM agencies_accesstoken WHERE token_checksum = %s AND application_id = %s",
            (checksum(token), client.pk),
        )


PROOFS_FORGOTTEN_EVERY: Final = 500
_proofs = itertools.count(1)


def spend_proof(*, thumbprint: str, jti: str, expires: datetime) -> bool:
    """Whether a proof by that key is used for the first time; from here on it is used, in whatever process.

    `expires` is when it would be refused for being old.
    """
    with connection.cursor() as cursor:
        if next(_proofs) % PROOFS_FORGOTTEN_EVERY == 0:
            # What is kept is of minutes, however much is read in a day. The margin is for clocks that differ.
            cursor.execute("DELETE FROM agencies_usedproof WHERE expires < clock_timestamp() - interval '15 minutes'")
        cursor.execute(
            "INSERT INTO agencies_usedproof (digest, expires) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (checksum(f"{thumbprint}\n{jti}"), expires),
        )
        return bool(cursor.rowcount == 1)


def forget_expired(*, now: datetime) -> tuple[int, int]:
    """Deletes spent assertions that have run out and tokens that ran out a day ago; returns how many of each.

    Proofs that are too old to be used again go with the assertions.
    """
    spent, _ = UsedAssertion.objects.filter(expires__lt=now).delete()
    UsedProof.objects.filter(expires__lt=now).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM agencies_accesstoken WHERE expires < %s", (now - _REMEMBERED,))
        return spent, cursor.rowcount


def checksum(token: str) -> str:
    """What the database knows of a token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def _on_file(key: ClientKey | None) -> RegisteredKey | None:
    if key is None or key.awaits_approval:
        return None
    return RegisteredKey(
        alg=key.alg,
        jwk=key.public_jwk,
        valid_from=key.valid_from,
        valid_until=key.valid_until,
        revoked_at=key.revoked_at,
        client_active=key.client.active,
    )


def _spend(claimed: Claimed, *, client: Client) -> None:
    expires = datetime.fromtimestamp(claimed.expires, tz=UTC)
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(client=client, jti=checksum(claimed.jti), expires=expires)
    except IntegrityError as error:
        raise AssertionRefused(Reason("replayed")) from error
