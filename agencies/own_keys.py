"""A client's own keys, by its own calls: which it has, one more, one less. Each change is an entry with a receipt.

A request that changes keys is signed with a key that the client has already, and a new key proves itself over a nonce.
A key of a client that reads everything waits for a person of the operator (`manage.py approve_key`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet

from agencies import clients, keys
from agencies.actor import Actor
from agencies.clients import MAX_LIVE_KEYS, KeyOffer
from agencies.models import Client, ClientKey
from audit import evidence
from audit.ledger import Sealed
from audit.requests import RequestFacts

NONCE_FOR: Final = timedelta(minutes=10)
WARNED_BEFORE: Final = timedelta(days=30)
PRIVILEGED: Final = frozenset({"auditor", "operator"})
"""Roles that read everything: a key of theirs needs a second person."""

_SALT = "agencies.own_keys"


class TooManyKeys(Exception):
    """The client has as many live keys as it may have: it revokes one first."""


class LastKey(Exception):
    """This is the last live key. Without it the client could not even add another: it adds one first."""


class KeyEnded(Exception):
    """The key with which the client acts was ended while the request waited for its turn."""


class NoSuchKey(Exception):
    """The client has no key of that name."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A key after the act, and the entry of the act; None where nothing had to be changed."""

    key: ClientKey
    sealed: Sealed | None


def nonce(actor: Actor) -> str:
    """A value that the proof of a new key must name. It holds for ten minutes, and for one registration."""
    return signing.TimestampSigner(salt=_SALT).sign(actor.client_id)


def keys_of(actor: Actor) -> QuerySet[ClientKey]:
    """All keys the client ever had, the oldest first."""
    return ClientKey.objects.filter(client_id=actor.client_pk).order_by("pk")


def ending(actor: Actor, *, now: datetime) -> list[ClientKey]:
    """Live keys that end within 30 days."""
    soon = keys_of(actor).filter(revoked_at__isnull=True, valid_until__gt=now, valid_until__lte=now + WARNED_BEFORE)
    return list(soon)


def add(*, actor: Actor, offer: KeyOffer, nonce: str, issuer: str, now: datetime, request: RequestFacts) -> Changed:
    """One more key. Raises `keys.KeyRefused`, `TooManyKeys`, `KeyEnded`; who repeats it gets the key that is there."""
    try:
        client_id = signing.TimestampSigner(salt=_SALT).unsign(nonce, max_age=NONCE_FOR)
    except signing.BadSignature as error:
        raise keys.KeyRefused(
            "nonce", "The nonce is not ours or too old: take another from GET /clients/me/keys."
        ) from error
    if client_id != actor.client_id:
        raise keys.KeyRefused("nonce", "The nonce was given to another client.")
    with transaction.atomic():
        client = _held(actor, now=now, request=request)
        accepted = keys.accept(offer.jwk, kid=offer.kid)
        there = keys_of(actor).filter(thumbprint=accepted.thumbprint, kid=accepted.kid, revoked_at__isnull=True).first()
        if there is not None:
            return Changed(there, None)
        if clients.live(client, now=now).count() >= MAX_LIVE_KEYS:
            raise TooManyKeys
        waits = bool(PRIVILEGED & set(client.agency.roles))
        added = clients.create_key(client=client, offer=offer, issuer=issuer, now=now, nonce=nonce, waits=waits)
        sealed = clients.record_key(
            "key.requested" if waits else "key.added", client=client, key=added, author=actor.as_recorder(), now=now,
            request=request,
        )  # fmt: skip
        evidence.keep(request.signed, request_id=request.id, now=now)
    return Changed(added, sealed)


def revoke(*, actor: Actor, kid: str, now: datetime, request: RequestFacts) -> Changed:
    """End a key at once: the next request with a token bought with it is refused. Raises the other errors here."""
    with transaction.atomic():
        client = _held(actor, now=now, request=request)
        key = keys_of(actor).filter(kid=kid).first()
        if key is None:
            raise NoSuchKey
        if key.revoked_at is not None:
            return Changed(key, None)
        if not clients.usable(client, now=now).exclude(pk=key.pk).exists():
            raise LastKey
        key.revoked_at = now
        key.save(update_fields=("revoked_at",))
        sealed = clients.record_key(
            "key.revoked", client=client, key=key, author=actor.as_recorder(), now=now, request=request
        )
        evidence.keep(request.signed, request_id=request.id, now=now)
    return Changed(key, sealed)


def _held(actor: Actor, *, now: datetime, request: RequestFacts) -> Client:
    """The client, whose changes of keys follow each other. Raises `KeyEnded`.

    The door looked at the keys of token and signature before the wait: one that was ended meanwhile changes nothing.
    """
    client = clients.held(actor.client_id)
    acting = {actor.key_thumbprint, *([request.signed.thumbprint] if request.signed else [])}
    if clients.usable(client, now=now).filter(thumbprint__in=acting).count() < len(acting):
        raise KeyEnded
    return client
