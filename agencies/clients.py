"""Clients and their keys: registering a system of an agency, giving it a key, taking one away.

Each act writes one entry into the agency's stream, in the same transaction. Entries name keys by thumbprint only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Model, Q, QuerySet

from agencies import keys, personal_numbers, purposes, records
from agencies.models import Agency, Client, ClientKey, User
from agencies.registration import RegistrationRefused
from audit import ledger
from audit.ledger import Author, Sealed, instant
from audit.requests import RequestFacts

MAX_LIVE_KEYS: Final = 3
LEAD: Final = timedelta(seconds=60)
"""How far ahead a duty begins that is laid on a client."""

M = TypeVar("M", bound=Model)

_CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9._-]{2,79}")


@dataclass(frozen=True, slots=True)
class KeyOffer:
    """A public key somebody wants registered, with the proof that they hold the private half (`keys.prove`).

    `valid_from` defaults to the moment of registration; without `valid_until` the key serves until it is revoked.
    """

    jwk: Mapping[str, Any]
    proof: str | None
    kid: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A client after the act. `thumbprints` are those of its keys that are not revoked and have not run out."""

    client_pk: int
    client_id: str
    agency_code: str
    user_pk: int
    thumbprints: tuple[str, ...]


def register_client(
    *,
    client_id: str,
    name: str,
    agency: str,
    scopes: Sequence[str],
    offers: Sequence[KeyOffer],
    issuer: str,
    now: datetime,
    default_purpose: str = "",
    author: Author | None = None,
) -> RegisteredClient:
    """Registers a client of `agency` (a code) with one to three keys, and its service user.

    `default_purpose` is what the client reads for when a request does not say; empty for what its agency's roles say.
    `issuer` is the base URL that the proofs were made for. Raises `RegistrationRefused` or `keys.KeyRefused`.
    """
    reasons = _reasons_against(client_id=client_id, name=name, scopes=scopes, default_purpose=default_purpose)
    if not 1 <= len(offers) <= MAX_LIVE_KEYS:
        reasons.append(f"A client starts with 1 to {MAX_LIVE_KEYS} keys.")
    with transaction.atomic():
        owner = Agency.objects.filter(code=agency).first()
        if owner is not None:
            ledger.hold(owner.stream)  # acts on an agency and its clients come one after the other
            owner.refresh_from_db()
        if owner is None:
            reasons.append(f"There is no agency {agency!r}: register it first.")
        if Client.objects.filter(client_id=client_id).exists():
            reasons.append(f"The client_id {client_id!r} is taken; a client_id is never reused.")
        if reasons or owner is None:
            raise RegistrationRefused(*reasons)
        client = _create_client(
            client_id=client_id, name=name, agency=owner, scopes=scopes, default_purpose=default_purpose
        )
        for offer in offers:
            create_key(client=client, offer=offer, issuer=issuer, now=now)
        _record("client.registered", client=client, given=records.of_client(client), author=author, now=now)
        return _registered(client, now=now)


def add_key(
    *, client_id: str, offer: KeyOffer, issuer: str, now: datetime, author: Author | None = None
) -> RegisteredClient:
    """Adds a key to a client, up to `MAX_LIVE_KEYS` live ones. Raises `RegistrationRefused` or `keys.KeyRefused`."""
    with transaction.atomic():
        client = held(client_id)
        if live(client, now=now).count() >= MAX_LIVE_KEYS:
            raise RegistrationRefused(f"{client_id} has {MAX_LIVE_KEYS} live keys already: revoke one first.")
        added = create_key(client=client, offer=offer, issuer=issuer, now=now)
        record_key("key.added", client=client, key=added, author=author, now=now)
        return _registered(client, now=now)


def revoke_key(*, client_id: str, kid: str, now: datetime, author: Author | None = None) -> RegisteredClient:
    """Revokes a key. Every token bought with it is refused from the next request on. Raises `RegistrationRefused`."""
    with transaction.atomic():
        client = held(client_id)
        key = ClientKey.objects.filter(client=client, kid=kid).first()
        if key is None:
            known = ", ".join(client.keys.order_by("valid_from", "kid").values_list("kid", flat=True))
            raise RegistrationRefused(f"{client_id} has no key {kid!r}; it has: {known or 'none'}.")
        if key.revoked_at is not None:
            raise RegistrationRefused(f"The key {kid!r} was revoked already, at {key.revoked_at.isoformat()}.")
        key.revoked_at = now
        key.save(update_fields=("revoked_at",))
        record_key("key.revoked", client=client, key=key, author=author, now=now)
        return _registered(client, now=now)


def approve_key(
    *, client_id: str, kid: str, thumbprint: str, now: datetime, author: Author | None = None
) -> RegisteredClient:
    """Let a key serve that waits for a second person, from now on. Raises `RegistrationRefused`."""
    with transaction.atomic():
        client = held(client_id)
        key = ClientKey.objects.filter(client=client, kid=kid, awaits_approval=True, revoked_at__isnull=True).first()
        if key is None:
            raise RegistrationRefused(f"No key {kid!r} of {client_id} waits for approval.")
        if key.thumbprint != thumbprint:
            raise RegistrationRefused(f"The thumbprint of {kid!r} is another one: ask who brought this key.")
        key.awaits_approval, key.valid_from = False, max(key.valid_from, now)
        key.save(update_fields=("awaits_approval", "valid_from"))
        record_key("key.approved", client=client, key=key, author=author, now=now)
        return _registered(client, now=now)


def require_signatures(
    *, client_id: str, since: datetime | None, now: datetime, author: Author | None = None
) -> RegisteredClient:
    """From `since` on the client's writes must be signed; None lifts that. Raises `RegistrationRefused`.

    It lies a minute ahead at least: no request that was under way before it was said is then called unsigned.
    """
    with transaction.atomic():
        client = held(client_id)
        if since is not None and since < now + LEAD:
            raise RegistrationRefused(f"{since.isoformat()} does not lie a minute ahead: name a later moment.")
        since = since.replace(microsecond=since.microsecond // 1000 * 1000) if since else None
        if since == client.signatures_required_from:
            raise RegistrationRefused(f"So it is already for {client_id}.")
        client.signatures_required_from = since
        client.save(update_fields=("signatures_required_from",))
        given = {"client": client_id, "signatures_required_from": instant(since) if since else None}
        _record("client.signatures_required", client=client, given=given, author=author, now=now)
        return _registered(client, now=now)


def constrain_sender(
    *, client_id: str, constrained: bool, now: datetime, author: Author | None = None
) -> RegisteredClient:
    """Bind the client's tokens to a key that proves each request (DPoP, RFC 9449), or lift that.

    Tokens that are not bound end with it at once. Raises `RegistrationRefused`.
    """
    with transaction.atomic():
        client = held(client_id)
        if client.sender_constrained == constrained:
            raise RegistrationRefused(f"So it is already for {client_id}.")
        client.sender_constrained = constrained
        client.save(update_fields=("sender_constrained",))
        given = {"client": client_id, "sender_constrained": constrained}
        _record("client.sender_constrained", client=client, given=given, author=author, now=now)
        return _registered(client, now=now)


def _reasons_against(*, client_id: str, name: str, scopes: Sequence[str], default_purpose: str) -> list[str]:
    reasons = []
    if not _CLIENT_ID.fullmatch(client_id):
        reasons.append("client_id must be 3 to 80 characters of a-z 0-9 . _ - and begin with a letter or digit.")
    if personal_numbers.is_or_could_be_in(client_id):
        reasons.append("client_id holds 16 or 18 digits like a NIK or NIP, and the log keeps it for ever.")
    if not name.strip() or len(name) > 255:
        reasons.append("name must be 1 to 255 characters.")
    if not scopes or len(set(scopes)) != len(scopes) or not set(scopes) <= set(settings.SCOPES):
        reasons.append(f"scopes must name one or more of {', '.join(settings.SCOPES)}, each once.")
    if default_purpose and default_purpose not in purposes.CODES:
        reasons.append(
            f"default_purpose must be one of {', '.join(purposes.CODES)}, or left out: then the roles say it."
        )
    return reasons


def _create_client(*, client_id: str, name: str, agency: Agency, scopes: Sequence[str], default_purpose: str) -> Client:
    user = User(username=f"client:{client_id}")
    user.set_unusable_password()
    user.save()
    user.groups.add(agency.group_id)
    client: Client = Client.objects.create(
        client_id=client_id,
        name=name,
        agency=agency,
        user=user,
        scopes=sorted(scopes),
        default_purpose=default_purpose,
        client_type=Client.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
        # There are no secrets. The column must hold something, so it holds what no password can ever match.
        client_secret=make_password(None),
        hash_client_secret=False,
    )
    return client


def create_key(
    *, client: Client, offer: KeyOffer, issuer: str, now: datetime, nonce: str | None = None, waits: bool = False
) -> ClientKey:
    """Store a key that proves itself. Raises `keys.KeyRefused`. The caller records it."""
    key = keys.accept(offer.jwk, kid=offer.kid)
    keys.check_proof(offer.proof, key=key, client_id=client.client_id, audience=issuer, nonce=nonce)
    valid_from = offer.valid_from or now
    if offer.valid_until is not None and offer.valid_until <= max(valid_from, now):
        raise keys.KeyRefused("validity", "valid_until must lie after valid_from and in the future.")
    if ClientKey.objects.filter(client=client, kid=key.kid).exists():
        raise keys.KeyRefused(
            "kid-taken", f"{client.client_id} has or had a key named {key.kid!r}: choose another kid."
        )
    # Also a revoked one stays taken: who lost a key must not be able to bring it back.
    if ClientKey.objects.filter(thumbprint=key.thumbprint).exists():
        raise keys.KeyRefused("key-taken", "This key is or was registered already: make a new one for each client.")
    return ClientKey.objects.create(
        client=client,
        kid=key.kid,
        alg=key.alg,
        public_jwk=dict(key.jwk),
        thumbprint=key.thumbprint,
        valid_from=valid_from,
        valid_until=offer.valid_until,
        awaits_approval=waits,
    )


def held(client_id: str) -> Client:
    """The client, its agency's stream held until the transaction ends: acts on an agency's clients follow each other.

    Raises `RegistrationRefused`.
    """
    found = Client.objects.select_related("agency").filter(client_id=client_id)
    client: Client | None = found.first()
    if client is None:
        raise RegistrationRefused(f"There is no client {client_id!r}.")
    ledger.hold(client.agency.stream)
    client.refresh_from_db()
    return client


def live(client: Client, *, now: datetime) -> QuerySet[ClientKey]:
    """The client's keys that are not revoked and have not run out, those that wait for approval included."""
    unexpired = Q(valid_until__isnull=True) | Q(valid_until__gt=now)
    found: QuerySet[ClientKey] = client.keys.filter(unexpired, revoked_at__isnull=True)
    return found


def usable(client: Client, *, now: datetime) -> QuerySet[ClientKey]:
    """Of its live keys those that serve now."""
    return live(client, now=now).filter(awaits_approval=False, valid_from__lte=now)


def _registered(client: Client, *, now: datetime) -> RegisteredClient:
    if client.user_id is None:
        raise RuntimeError(f"The client {client.client_id} has no service user.")
    return RegisteredClient(
        client_pk=client.pk,
        client_id=client.client_id,
        agency_code=client.agency.code,
        user_pk=client.user_id,
        thumbprints=tuple(live(client, now=now).order_by("pk").values_list("thumbprint", flat=True)),
    )


def record_key(
    kind: str, *, client: Client, key: ClientKey, author: Author | None, now: datetime,
    request: RequestFacts | None = None,
) -> Sealed:  # fmt: skip
    """Append what became of a key to the agency's stream, which the caller holds."""
    given = {"client": client.client_id, "key": records.of_key(key)}
    return _record(kind, client=client, given=given, author=author, now=now, request=request)


def _record(
    kind: str, *, client: Client, given: Mapping[str, Any], author: Author | None, now: datetime,
    request: RequestFacts | None = None,
) -> Sealed:  # fmt: skip
    agency = client.agency
    return ledger.append_open(
        stream=agency.stream, kind=kind, given=given, state=records.of_agency(agency), author=author, now=now,
        request=request,
    )  # fmt: skip
