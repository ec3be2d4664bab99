"""`/webhooks`: where a client's system is told that something happened, and what became of each delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpResponse

from api.contract.operations import Operation
from api.contract.responses.webhooks import CALLBACKS
from api.http import idempotency_key, pagination, rendering
from api.http.idempotency_key import request_facts
from api.http.queries import Paged, Writing
from api.http.view import DoorRequest, DoorView, answer, identifier, shown
from api.v1.presenting import API
from delivery import schedule, subscriptions
from delivery.models import Delivery, Webhook
from delivery.subscriptions import Nothing, Replay, WebhookChange, WebhookGiven

SCOPE = "webhooks:write"


@dataclass(frozen=True, kw_only=True)
class DeliveryList(Paged):
    """GET /webhooks/{id}/deliveries."""


class WebhooksView(DoorView):
    """Register a receiver, or list the client's own."""

    required_scopes: ClassVar = {"get": SCOPE, "post": SCOPE}
    undelegated: ClassVar = True
    queries: ClassVar = {"post": Writing}
    operations: ClassVar = {
        "get": Operation(
            "list_webhooks",
            tag="webhooks",
            id="Daftar webhook",
            en="Webhooks",
            answer="WebhookList",
            description="Milik klien ini saja, paling banyak lima.\n\nThis client's own, five at most.",
        ),
        "post": Operation(
            "register_webhook",
            tag="webhooks",
            id="Daftarkan webhook",
            en="Register a webhook",
            description=(
                "Peristiwa yang sama seperti di `GET /events`, dikirim ke alamat Anda menurut Standard Webhooks "
                "1.0.0, dengan tanda tangan `v1` (HMAC) dan `v1a` (Ed25519, kunci di jwks.json). Webhook hanya bel: "
                "yang pasti tetap `GET /events`. Alamatnya membuktikan diri dahulu: ia menerima "
                '`lintas.webhook.challenge` dan menjawab 200 dengan `{"challenge": "…"}` yang sama. `secret` '
                "diberitahukan sekali ini saja; bila "
                "jawabannya hilang, ganti dengan `POST …/secret`. Gagal: dicoba sepuluh kali dalam 75 jam, lalu "
                "dihentikan. Peristiwa dapat datang dua kali: kenali dari `webhook-id`. Vendor mendaftarkan satu "
                "alamat dengan tokennya sendiri dan menerima peristiwa semua instansi yang delegasinya memuat "
                "`events:read`; `data.agencies` menyebut untuk siapa.\n\n"
                "The events of `GET /events`, sent to your address by Standard Webhooks 1.0.0, signed with `v1` (HMAC) "
                "and `v1a` (Ed25519, key in jwks.json). A webhook is only a bell: what counts is `GET /events`. The "
                "address proves itself first: it gets `lintas.webhook.challenge` and answers 200 with the same "
                '`{"challenge": "…"}`. `secret` is told this once; if the answer is lost, rotate it with '
                "`POST …/secret`. What fails is tried ten times over 75 hours, then the webhook is paused. An event "
                "may come twice: tell by `webhook-id`. A vendor registers one address with its own token and gets the "
                "events of all employers whose delegation holds `events:read`; `data.agencies` says for whom."
            ),
            body=WebhookGiven,
            answer="WebhookRegistered",
            status=201,
            located=True,
            refuses=("too-many-webhooks", "beyond-head"),
            callbacks=CALLBACKS,
        ),
    }
    keyed: ClassVar = True

    def get(self, request: DoorRequest) -> HttpResponse:
        """All of them, the oldest first."""
        return shown(request, {"data": [_public(webhook) for webhook in subscriptions.webhooks_of(request.actor)]})

    def post(self, request: DoorRequest) -> HttpResponse:
        """Register it once per key. The answer holds a secret, so it is not kept: a repetition gets all the rest."""
        given = request.given(WebhookGiven)
        client = request.actor.client_id
        mark = idempotency_key.fingerprint(client=client, method="POST", path=request.path, body=request.json)
        key = request.key or f"validate-only {request.request_id}"
        with transaction.atomic():
            made = subscriptions.register(
                actor=request.actor,
                given=given,
                key=idempotency_key.digest(client=client, key=key),
                fingerprint=mark,
                now=request.wall,
                request=request_facts(request),
            )
            if request.validates_only:
                transaction.set_rollback(True)
                return shown(request, {"valid": True, "warnings": [], "would": {}})
        response = answer(
            rendering.dumps({**_public(made.webhook), "secret": made.secret}),
            status=201,
            location=f"{API}/webhooks/{made.webhook.pk}",
        )
        if made.secret is None:
            response["Idempotency-Replayed"] = "true"
        return response


class WebhookView(DoorView):
    """One webhook: read, changed, ended."""

    required_scopes: ClassVar = {"get": SCOPE, "patch": SCOPE, "delete": SCOPE}
    undelegated: ClassVar = True
    operations: ClassVar = {
        "get": Operation("read_webhook", tag="webhooks", id="Satu webhook", en="One webhook", answer="Webhook"),
        "patch": Operation(
            "change_webhook",
            tag="webhooks",
            id="Ubah webhook",
            en="Change a webhook",
            description=(
                "Alamat baru membuktikan diri lagi sebelum menerima apa pun. `active: true` melanjutkan yang "
                "dihentikan, mulai dari peristiwa yang tertunda; tidak ada yang terlewat.\n\nA new address proves "
                "itself again before it gets anything. `active: true` goes on after a pause, from the event that "
                "waited; none is skipped."
            ),
            body=WebhookChange,
            answer="Webhook",
        ),
        "delete": Operation(
            "end_webhook", tag="webhooks", id="Akhiri webhook", en="End a webhook", answer=None, status=204
        ),
    }

    def get(self, request: DoorRequest, webhook: str) -> HttpResponse:
        """How it stands: its place in the log, and whether its receiver answers."""
        return shown(request, _public(subscriptions.webhook_of(request.actor, identifier(webhook))))

    def patch(self, request: DoorRequest, webhook: str) -> HttpResponse:
        """Change it."""
        changed = subscriptions.change(
            actor=request.actor,
            ident=subscriptions.webhook_of(request.actor, identifier(webhook)).pk,
            given=request.given(WebhookChange),
            now=request.wall,
            request=request_facts(request),
        )
        return shown(request, _public(changed))

    def delete(self, request: DoorRequest, webhook: str) -> HttpResponse:
        """End it; its address and secrets are forgotten."""
        subscriptions.end(
            actor=request.actor,
            ident=identifier(webhook),
            now=request.wall,
            request=request_facts(request),
        )
        return HttpResponse(status=204)


class WebhookSecretView(DoorView):
    """A new secret."""

    required_scopes: ClassVar = {"post": SCOPE}
    undelegated: ClassVar = True
    operations: ClassVar = {
        "post": Operation(
            "rotate_webhook_secret",
            tag="webhooks",
            id="Ganti secret",
            en="Rotate the secret",
            description=(
                "Secret yang lama ikut menandatangani 24 jam lagi, di samping yang baru.\n\nThe former secret signs "
                "for 24 hours more, beside the new one."
            ),
            body=Nothing,
            answer="WebhookSecret",
        )
    }

    def post(self, request: DoorRequest, webhook: str) -> HttpResponse:
        """Tell the new secret, this once."""
        ident = subscriptions.webhook_of(request.actor, identifier(webhook)).pk
        request.given(Nothing)
        made = subscriptions.rotate(actor=request.actor, ident=ident, now=request.wall, request=request_facts(request))
        return shown(request, {"secret": made.secret, "former_until": made.webhook.secret_before_until})


class WebhookPingView(DoorView):
    """Try the receiver."""

    required_scopes: ClassVar = {"post": SCOPE}
    undelegated: ClassVar = True
    operations: ClassVar = {
        "post": Operation(
            "ping_webhook",
            tag="webhooks",
            id="Coba webhook",
            en="Try a webhook",
            description=(
                "Mengirim `lintas.webhook.ping` sekali; bila alamat belum membuktikan diri, tantangannya sekali lagi. "
                "Hasilnya di `GET …/deliveries`.\n\nSends `lintas.webhook.ping` once; to an address that has not "
                "proved itself, the challenge again. What came of it: `GET …/deliveries`."
            ),
            body=Nothing,
            answer="WebhookDelivery",
        )
    }

    def post(self, request: DoorRequest, webhook: str) -> HttpResponse:
        """Ask for it; it is sent within a second."""
        ident = subscriptions.webhook_of(request.actor, identifier(webhook)).pk
        request.given(Nothing)
        return shown(request, _delivery(subscriptions.ping(actor=request.actor, ident=ident, now=request.wall)))


class WebhookReplayView(DoorView):
    """Send again from an index on."""

    required_scopes: ClassVar = {"post": SCOPE}
    undelegated: ClassVar = True
    operations: ClassVar = {
        "post": Operation(
            "replay_webhook",
            tag="webhooks",
            id="Kirim ulang sejak suatu nomor",
            en="Send again from an index on",
            body=Replay,
            answer="Webhook",
            refuses=("beyond-head",),
        )
    }

    def post(self, request: DoorRequest, webhook: str) -> HttpResponse:
        """Set its place in the log; the same events come with the same `webhook-id`, in order."""
        ident = subscriptions.webhook_of(request.actor, identifier(webhook)).pk
        replayed = subscriptions.replay(actor=request.actor, ident=ident, given=request.given(Replay), now=request.wall)
        return shown(request, _public(replayed))


class DeliveriesView(DoorView):
    """What was sent to a webhook."""

    required_scopes: ClassVar = {"get": SCOPE}
    undelegated: ClassVar = True
    queries: ClassVar = {"get": DeliveryList}
    operations: ClassVar = {
        "get": Operation(
            "list_deliveries",
            tag="webhooks",
            id="Catatan pengiriman",
            en="The log of deliveries",
            description=(
                "Terbaru dahulu, tiga puluh hari ke belakang, dengan setiap percobaan dan awal jawaban penerima.\n\n"
                "The newest first, thirty days back, with every attempt and the beginning of the receiver's answer."
            ),
            answer="WebhookDeliveryPage",
        )
    }

    def get(self, request: DoorRequest, webhook: str) -> HttpResponse:
        """One page."""
        asked = request.asked(DeliveryList)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        rows = subscriptions.deliveries_of(subscriptions.webhook_of(request.actor, identifier(webhook)))
        page = list(pagination.after(rows, ("-pk",), window.after)[: window.fetch])
        return shown(request, pagination.page(page, of=window, position=lambda row: (str(row.pk),), shown=_delivery))


class RedeliverView(DoorView):
    """Send one thing again."""

    required_scopes: ClassVar = {"post": SCOPE}
    undelegated: ClassVar = True
    operations: ClassVar = {
        "post": Operation(
            "redeliver",
            tag="webhooks",
            id="Kirim ulang satu butir",
            en="Send one again",
            description=(
                "Sekali, segera, dengan `webhook-id` yang sama; urutan lainnya tidak berubah.\n\nOnce, at once, under "
                "the same `webhook-id`; the order of the others does not change."
            ),
            body=Nothing,
            answer="WebhookDelivery",
            refuses=("not-an-event",),
        )
    }

    def post(self, request: DoorRequest, webhook: str, delivery: str) -> HttpResponse:
        """Ask for it; it is sent within a second."""
        ident = subscriptions.webhook_of(request.actor, identifier(webhook)).pk
        wanted = identifier(delivery)
        request.given(Nothing)
        return shown(
            request,
            _delivery(subscriptions.redeliver(actor=request.actor, ident=ident, delivery=wanted, now=request.wall)),
        )


# -- how they are shown -----------------------------------------------------------------------------------------------


def _public(row: Webhook) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "url": row.url,
        "types": list(row.types),
        "status": row.status,
        "pause_reason": row.pause_reason or None,
        "after": row.cursor,
        "attempts": row.attempts,
        "failing_since": row.failing_since,
        "next_attempt_at": row.due_at if row.attempts and row.status in ("unproven", "active") else None,
        "pauses_at": schedule.pauses_at(row),
        "contact": row.contact or None,
        "warning": _warning(row),
        "former_secret_until": row.secret_before_until,
        "created_at": row.created_at,
        "changed_at": row.changed_at,
        "href": f"{API}/webhooks/{row.pk}",
    }


def _warning(row: Webhook) -> dict[str, Any] | None:
    """What came of the mail to its contact since its receiver fails; None before that."""
    if row.warned_at is None or row.failing_since is None or row.warned_at < row.failing_since:
        return None
    return {"status": row.warning, "at": row.warned_at}


def _delivery(row: Delivery) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "webhook_id": str(row.event),
        "type": row.type,
        "logindex": row.index,
        "agencies": list(row.agencies),
        "status": row.status,
        "created_at": row.created_at,
        "delivered_at": row.delivered_at,
        "next_attempt_at": row.next_attempt_at,
        "attempts": [
            {
                "number": attempt.number,
                "at": attempt.at,
                "outcome": attempt.outcome,
                "status": attempt.status,
                "latency_ms": attempt.latency_ms,
                "answer": attempt.answer,
            }
            for attempt in sorted(row.tries.all(), key=lambda attempt: attempt.number)
        ],
    }
