"""What a client does with its webhooks. Each verb is one transaction.

Every change takes a pump's claim away: what that pump notes afterwards is dropped, and the event is sent again.
"""

from __future__ import annotations

import difflib
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import Q, QuerySet, prefetch_related_objects

from agencies.actor import Actor
from audit import status
from audit.ids import uuid7
from audit.requests import RequestFacts
from audit.turns import one_at_a_time
from casefiles.errors import BeyondHead, Fault, InvalidGiven
from casefiles.shapes import Between, Doc, Items, Lasting, Text
from casefiles.sight.feed import EVERY
from delivery import addresses, keys, recording, signing
from delivery.addresses import AddressRefused
from delivery.errors import KeyReused, LogPaused, NoSuchWebhook, NotAnEvent, TooManyWebhooks
from delivery.models import Delivery, Webhook

MOST: Final = 5
"""Subscriptions that a client may have."""
BOTH_FOR: Final = timedelta(hours=24)
"""How long the former secret signs beside the new one."""
CHALLENGE, PING = "lintas.webhook.challenge", "lintas.webhook.ping"
CHANGEABLE: Final = (
    "url", "host", "url_digest", "types", "status", "pause_reason", "proven_at", "secret", "secret_before",
    "secret_before_until", "secrets", "cursor", "attempts", "due_at", "failing_since", "lease", "leased_until",
    "changed_at", "contact",
)  # fmt: skip
"""The columns that a client's act may change; the database lets the web change no others."""
_LAST_INDEX: Final = 10**15 - 1

_URL = Annotated[
    str,
    Text(addresses.LONGEST),
    Lasting(),
    Doc(
        id="https, port 443 atau 8443, nama host yang disetujui pengelola (.go.id). Harus menjawab tantangan dahulu",
        en="https, port 443 or 8443, a host name that the operator approved (.go.id). It must answer a challenge first",
        example="https://sistem.padang.go.id/lintas/webhook",
    ),
]
_CONTACT = Annotated[
    str,
    Text(254),
    Lasting(),
    Doc(
        id="Kotak surat yang diberi tahu sehari sebelum webhook dihentikan; sebaiknya milik tim, bukan pribadi",
        en="The mailbox that is told a day before the webhook is paused; a team's rather than a person's",
        example="integrasi@padang.go.id",
    ),
]
_TYPES = Annotated[
    tuple[Annotated[str, Text(80)], ...],
    Items(0, 100, unique=True),
    Doc(
        id="Hanya jenis ini (lihat /catalogue/events); kosong: semuanya",
        en="These types only (see /catalogue/events); empty: all",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookGiven:
    """POST /webhooks."""

    url: _URL
    types: _TYPES = ()
    contact: _CONTACT | None = None
    after: (
        Annotated[
            int,
            Between(-1, _LAST_INDEX),
            Doc(
                id="Mulai sesudah nomor ini; bila kosong, dari sekarang; -1: dari awal",
                en="Begin after this index; if left out, from now on; -1: from the beginning",
                example=10483,
            ),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChange:
    """PATCH /webhooks/{id}: what is left out stays."""

    url: _URL | None = None
    types: _TYPES | None = None
    contact: _CONTACT | None = None
    active: (
        Annotated[
            bool,
            Doc(
                id="false: hentikan sementara; true: lanjutkan, juga sesudah dihentikan oleh kami",
                en="false: hold it; true: go on, also after we paused it",
                example=True,
            ),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """POST /webhooks/{id}/replay."""

    from_index: Annotated[
        int,
        Between(0, _LAST_INDEX),
        Doc(
            id="Kirim lagi mulai dari nomor ini (termasuk), berurutan",
            en="Send again from this index on (included), in order",
            example=10480,
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """An act that needs no more than its address: {}."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A subscription after its registration; the secret is told here and never again, so not in a repetition."""

    webhook: Webhook
    secret: str | None


# -- reading ----------------------------------------------------------------------------------------------------------


def webhooks_of(actor: Actor) -> QuerySet[Webhook]:
    """The client's subscriptions, the oldest first. A client sees its own only."""
    return Webhook.objects.filter(client_id=actor.client_pk).exclude(status="deleted").order_by("created_at", "pk")


def webhook_of(actor: Actor, ident: UUID) -> Webhook:
    """One of them. Raises `NoSuchWebhook`."""
    found = webhooks_of(actor).filter(pk=ident).first()
    if found is None:
        raise NoSuchWebhook
    return found


def ailing(actor: Actor) -> QuerySet[Webhook]:
    """Those that fail, or that were paused or disabled because they did."""
    stopped = Q(status__in=("paused", "disabled")) & ~Q(pause_reason="by-subscriber")
    return webhooks_of(actor).filter(stopped | Q(failing_since__isnull=False, status__in=("unproven", "active")))


def deliveries_of(webhook: Webhook) -> QuerySet[Delivery]:
    """What was sent to it, each with its attempts."""
    return Delivery.objects.filter(webhook=webhook).prefetch_related("tries")


# -- the client's acts ------------------------------------------------------------------------------------------------


@transaction.atomic
def register(
    *, actor: Actor, given: WebhookGiven, key: bytes, fingerprint: bytes, now: datetime, request: RequestFacts
) -> Registered:
    """Register a receiver; it gets nothing before it has echoed a challenge.

    `key` is the digest of the request's key: who repeats it gets the subscription that it made, without the secret.
    Raises `InvalidGiven`, `KeyReused`, `TooManyWebhooks`, `BeyondHead`, `NotOffered`.
    """
    # A twin waits here, and then finds what the first one made.
    one_at_a_time(f"webhooks of {actor.client_pk}")
    made = Webhook.objects.filter(client_id=actor.client_pk, key_digest=key).first()
    if made is not None:
        if bytes(made.fingerprint) != fingerprint:
            raise KeyReused
        if made.status == "deleted":
            raise NoSuchWebhook
        return Registered(webhook=made, secret=None)
    _ensure_log()
    host, digest = _checked(given.url, given.types, given.contact)
    if webhooks_of(actor).count() >= MOST:
        raise TooManyWebhooks
    head = _head()
    if given.after is not None and given.after > head:
        raise BeyondHead(head)
    ident, secret = uuid7(now), signing.draw_secret()
    webhook = Webhook.objects.create(
        id=ident,
        client_id=actor.client_pk,
        agency_id=actor.agency_id,
        url=given.url,
        host=host,
        url_digest=digest,
        types=sorted(given.types),
        contact=given.contact or "",
        secret=keys.seal(secret.encode(), webhook=ident),
        cursor=head if given.after is None else given.after,
        due_at=now,
        leased_until=now,
        created_at=now,
        changed_at=now,
        key_digest=key,
        fingerprint=fingerprint,
    )
    _challenge(webhook, now=now)
    recording.record("registered", webhook, author=actor.as_recorder(), now=now, request=request, is_first=True)
    return Registered(webhook=webhook, secret=secret)


@transaction.atomic
def change(*, actor: Actor, ident: UUID, given: WebhookChange, now: datetime, request: RequestFacts) -> Webhook:
    """Another address (which must prove itself again), other types, held or going on. Raises `InvalidGiven`."""
    _ensure_log()
    webhook = _held(actor, ident, now=now)
    # An address that is no longer approved can be left, or held.
    host, digest = _checked(given.url, given.types or (), given.contact)
    if given.url is not None and given.url != webhook.url:
        webhook.url, webhook.host, webhook.url_digest = given.url, host, digest
        webhook.proven_at = None
        if webhook.status == "active":
            webhook.status = "unproven"
    if given.types is not None:
        webhook.types = sorted(given.types)
    if given.contact is not None:
        webhook.contact = given.contact
    if given.active is False and webhook.status in ("unproven", "active"):
        webhook.status, webhook.pause_reason = "paused", "by-subscriber"
    if given.active and webhook.status in ("paused", "disabled"):
        webhook.status, webhook.pause_reason = "active" if webhook.proven_at else "unproven", ""
    webhook.attempts, webhook.due_at, webhook.failing_since = 0, now, None
    webhook.changed_at = now
    webhook.save(update_fields=CHANGEABLE)
    if webhook.status == "unproven":
        _challenge(webhook, now=now)
    recording.record("changed", webhook, author=actor.as_recorder(), now=now, request=request)
    return webhook


@transaction.atomic
def rotate(*, actor: Actor, ident: UUID, now: datetime, request: RequestFacts) -> Registered:
    """A new secret; the one before signs beside it for `BOTH_FOR`. Raises `NotOffered`."""
    _ensure_log()
    webhook = _held(actor, ident, now=now)
    secret = signing.draw_secret()
    webhook.secret_before, webhook.secret_before_until = bytes(webhook.secret), now + BOTH_FOR
    webhook.secret, webhook.secrets = keys.seal(secret.encode(), webhook=ident), webhook.secrets + 1
    webhook.changed_at = now
    webhook.save(update_fields=CHANGEABLE)
    recording.record("secret_rotated", webhook, author=actor.as_recorder(), now=now, request=request)
    return Registered(webhook=webhook, secret=secret)


@transaction.atomic
def end(*, actor: Actor, ident: UUID, now: datetime, request: RequestFacts) -> None:
    """End it: address, contact and secrets are forgotten, the row stays for its entries."""
    _ensure_log()
    webhook = _held(actor, ident, now=now)
    webhook.status, webhook.url, webhook.secret, webhook.secret_before = "deleted", "", b"", None
    webhook.contact = ""
    webhook.changed_at = now
    webhook.save(update_fields=CHANGEABLE)
    recording.record("ended", webhook, author=actor.as_recorder(), now=now, request=request)


@transaction.atomic
def replay(*, actor: Actor, ident: UUID, given: Replay, now: datetime) -> Webhook:
    """Set it back (or ahead) to that index. Raises `BeyondHead`."""
    head = _head()
    if given.from_index > head:
        raise BeyondHead(head)
    webhook = _held(actor, ident, now=now)
    webhook.cursor, webhook.attempts, webhook.due_at, webhook.failing_since = given.from_index - 1, 0, now, None
    webhook.changed_at = now
    webhook.save(update_fields=CHANGEABLE)
    return webhook


@transaction.atomic
def ping(*, actor: Actor, ident: UUID, now: datetime) -> Delivery:
    """Send something harmless, once, at once; to an address that has not proved itself the challenge again.

    While it is held, a challenge waits until its subscriber lets it go on.
    """
    webhook = _held(actor, ident, now=now)
    if webhook.proven_at is None:
        webhook.attempts, webhook.due_at = 0, now
        webhook.save(update_fields=CHANGEABLE)
        return _with_attempts(_challenge(webhook, now=now))
    drawn = uuid7(now)
    return _with_attempts(
        Delivery.objects.create(
            id=drawn, webhook=webhook, kind="ping", event=drawn, type=PING, asked_at=now, created_at=now
        )
    )


@transaction.atomic
def redeliver(*, actor: Actor, ident: UUID, delivery: UUID, now: datetime) -> Delivery:
    """Send that one once more, out of order, under the same `webhook-id`. Raises `NoSuchWebhook`, `NotAnEvent`."""
    webhook = _held(actor, ident, now=now)
    found = Delivery.objects.filter(webhook=webhook, pk=delivery).first()
    if found is None:
        raise NoSuchWebhook
    if found.kind == "challenge":
        raise NotAnEvent
    found.asked_at, found.status = now, "pending"
    found.save(update_fields=("asked_at", "status"))
    return _with_attempts(found)


# -- what the verbs share ---------------------------------------------------------------------------------------------


def _ensure_log() -> None:
    """Raises `LogPaused` where the log could not keep what a receipt promises."""
    if why := status.why_paused():
        raise LogPaused(why)


def _held(actor: Actor, ident: UUID, *, now: datetime) -> Webhook:
    """The subscription, locked, and no pump's any more once it is saved."""
    webhook = webhooks_of(actor).select_for_update().filter(pk=ident).first()
    if webhook is None:
        raise NoSuchWebhook
    webhook.lease, webhook.leased_until = None, now
    return webhook


def _with_attempts(delivery: Delivery) -> Delivery:
    """With the attempts read, so that no answer to an act needs the database after its commit."""
    prefetch_related_objects([delivery], "tries")
    return delivery


def _challenge(webhook: Webhook, *, now: datetime) -> Delivery:
    """A new challenge in place of one that waits. Its token helps nobody who does not read what the receiver gets."""
    Delivery.objects.filter(webhook=webhook, kind="challenge", status="pending").update(status="failed")
    drawn = uuid7(now)
    return Delivery.objects.create(
        id=drawn,
        webhook=webhook,
        kind="challenge",
        event=drawn,
        type=CHALLENGE,
        token=secrets.token_urlsafe(32),
        created_at=now,
    )


def _checked(url: str | None, types: Sequence[str], contact: str | None) -> tuple[str, str]:
    """Host and digest of the address, where one was given. Raises `InvalidGiven` with everything that is wrong."""
    faults, host = [], ""
    try:
        host = addresses.endpoint(url).host if url is not None else ""
    except AddressRefused as why:
        faults.append(Fault(why.code, "#/url", *addresses.WORDS[why.code]))
    if contact is not None and not _is_mailbox(contact):
        faults.append(
            Fault(
                "not-a-mailbox",
                "#/contact",
                "Ini bukan alamat surel. Tulis nama@instansi.go.id, satu saja, tanpa nama tampilan.",
                "This is no e-mail address. Write name@agency.go.id, one only, without a display name.",
            )
        )
    for place, one in enumerate(types):
        if one not in EVERY:
            near = difflib.get_close_matches(one, EVERY, n=1)
            faults.append(
                Fault(
                    "unknown-code",
                    f"#/types/{place}",
                    "Jenis ini tidak ada; daftarnya di GET /api/v1/catalogue/events.",
                    "There is no such type; GET /api/v1/catalogue/events lists them.",
                    near=near[0] if near else None,
                )
            )
    if faults:
        raise InvalidGiven(tuple(faults))
    return host, hashlib.sha256((url or "").encode()).hexdigest()


def _is_mailbox(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return text.isascii()


def _head() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(index), -1) FROM audit_leaf")
        return int(cursor.fetchone()[0])
