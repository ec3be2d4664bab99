"""Answers about webhooks, and what the service sends to one: the contract's callback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.contract.responses.grammar import (
    COMPONENTS,
    component,
    example_of,
    having,
    href,
    ident,
    instant,
    many,
    maybe,
    number,
    object_of,
    optional,
    page,
    resolved,
    text,
    word,
)
from api.contract.responses.log import EVENT
from casefiles.sight.feed import EVERY
from delivery.models import DELIVERY_STATUSES, KINDS, STATUSES
from delivery.sender import OUTCOMES
from delivery.subscriptions import CHALLENGE, PING

WEBHOOK_ID: Final = "0193e1f2-9a00-7c11-8d21-6a7b8c9d0e1f"
DELIVERY_ID: Final = "0193e1f2-9b00-7d22-9e32-7b8c9d0e1f20"
_SENT: Final = sorted({*EVERY, CHALLENGE, PING})

WEBHOOK = component(
    "Webhook",
    object_of(
        "Satu webhook: kursor pada peristiwa Anda / A webhook: a cursor over your events",
        id=ident("Id", WEBHOOK_ID),
        url=href("Alamat penerima / The receiver's address", "https://sistem.padang.go.id/lintas/webhook"),
        types=many(
            word("Jenis / Type", EVERY, "lintas.casefile.recommended"),
            "Hanya jenis ini; kosong: semuanya / These types only; empty: all",
            example=[],
        ),
        status=word(
            "unproven: tantangan belum dijawab; paused: dihentikan; disabled: penerima menjawab 410 / unproven: the "
            "challenge was not echoed yet; paused: held; disabled: the receiver answered 410",
            [status for status in STATUSES if status != "deleted"],
            "unproven",
        ),
        pause_reason=maybe(
            word("Sebab dihentikan / Why it is held", ("by-subscriber", "attempts-spent", "gone"), "attempts-spent"),
            shown=False,
        ),
        after=number("Sampai nomor ini semuanya terkirim / All up to this index was delivered", 10483, least=-1),
        attempts=number("Percobaan atas peristiwa tertua / Attempts at the oldest event", 0),
        failing_since=maybe(instant("Gagal sejak / Failing since"), shown=False),
        next_attempt_at=maybe(instant("Percobaan berikutnya / Next attempt"), shown=False),
        pauses_at=maybe(
            instant("Akan dihentikan pada saat ini bila tetap gagal / Will be paused then if it goes on failing"),
            shown=False,
        ),
        contact=maybe(
            text(
                "Kotak surat yang diberi tahu sehari sebelumnya / The mailbox that is told a day before",
                "integrasi@padang.go.id",
            )
        ),
        warning=maybe(
            object_of(
                "Surat kepada contact selama kegagalan ini / The mail to the contact, of this failing",
                status=word(
                    "refused: peladen surat menolak alamatnya; perbaiki contact / refused: the mail server refuses the "
                    "address; mend contact",
                    ("sent", "refused"),
                    "sent",
                ),
                at=instant("Saat / When"),
            ),
            shown=False,
        ),
        former_secret_until=maybe(
            instant("Sampai kapan secret lama ikut menandatangani / Until when the former secret signs too"),
            shown=False,
        ),
        created_at=instant("Didaftarkan / Registered"),
        changed_at=instant("Terakhir diubah / Last changed"),
        href=href("Alamat / Address", f"/api/v1/webhooks/{WEBHOOK_ID}"),
    ),
)
_SECRET = text(
    "Secret bersama menurut Standard Webhooks / The shared secret by Standard Webhooks",
    "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
)
component(
    "WebhookRegistered",
    having(
        WEBHOOK,
        "Webhook yang baru, dengan secret sekali ini saja / The new webhook, with its secret this once",
        secret=maybe(_SECRET | {"description": f"{_SECRET['description']}; null: ulangan / null in a repetition"}),
    ),
)
component(
    "WebhookSecret",
    object_of(
        "Secret baru, sekali ini saja / The new secret, this once",
        secret=_SECRET,
        former_until=instant("Sampai kapan yang lama ikut menandatangani / Until when the former signs too"),
    ),
)
component("WebhookList", object_of("Webhook klien ini / This client's webhooks", data=many(WEBHOOK)))

_DELIVERY = component(
    "WebhookDelivery",
    object_of(
        "Satu pengiriman / A delivery",
        id=ident("Id", DELIVERY_ID),
        kind=word("Macam / Kind", KINDS, "event"),
        webhook_id=ident(
            "webhook-id yang dikirim / The webhook-id that is sent", "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3b01"
        ),
        type=word("Jenis / Type", _SENT, "lintas.casefile.recommended"),
        logindex=maybe(number("Nomor dalam log; null: bukan peristiwa / Index in the log; null: no event", 10481)),
        agencies=many(
            text("Kode instansi / Code of an agency", "pemkot-padang"),
            "Bagi vendor: untuk instansi mana / For a vendor: for which employers",
            example=[],
        ),
        status=word("Keadaan / Status", DELIVERY_STATUSES, "delivered"),
        created_at=instant("Dibuat / Made"),
        delivered_at=maybe(instant("Diterima penerima / Taken by the receiver")),
        next_attempt_at=maybe(instant("Percobaan berikutnya / Next attempt"), shown=False),
        attempts=many(
            object_of(
                "Satu percobaan / An attempt",
                number=number("Ke- / Number", 1, least=1),
                at=instant("Saat / When"),
                outcome=word("Hasil / Outcome", OUTCOMES, "delivered"),
                status=maybe(number("Status HTTP / HTTP status", 204, least=100)),
                latency_ms=number("Milidetik / Milliseconds", 83),
                answer=text("Awal jawaban penerima / Beginning of the receiver's answer", ""),
            ),
            "Setiap percobaan / Every attempt",
        ),
    ),
)
page(
    "WebhookDeliveryPage",
    _DELIVERY,
    "Halaman pengiriman, terbaru dahulu / A page of deliveries, the newest first",
    counted=False,
)

component(
    "WebhookEvent",
    having(
        EVENT,
        (
            "Butir /events yang sama; tantangan dan ping memakai bentuk CloudEvents yang sama dengan data sendiri. "
            "previous di sini adalah peristiwa yang dikirim kepada webhook ini sebelumnya; skipped: sekian peristiwa "
            "jenis lain di antaranya / The same item as in /events; a challenge and a ping have the same CloudEvents "
            "form with data of their own. Here previous is the event sent to this webhook before; skipped: so many "
            "events of other types lie between. Bagi vendor data.agencies menyebut untuk instansi mana, masing-masing "
            "dengan previous dan skipped sendiri; previous di sini null / For a vendor data.agencies says for which "
            "employers, each with a previous and skipped of its own; previous here is null"
        ),
        skipped=number("Peristiwa jenis lain / Events of other types", 0),
        data=having(
            resolved(EVENT)["properties"]["data"],
            "Seperti di /events; bagi vendor juga agencies / As in /events; for a vendor agencies, too",
            agencies=optional(
                many(
                    object_of(
                        "Instansi yang untuknya dikirim / An employer for which it is sent",
                        agency=text("Kode instansi / Code of the agency", "pemkot-padang"),
                        previous=maybe(
                            number("Peristiwa instansi itu sebelumnya / That employer's event before", 10477)
                        ),
                        skipped=number("Peristiwa jenis lain di antaranya / Events of other types between", 0),
                    ),
                    "Hanya bagi vendor / For a vendor only",
                )
            ),
        ),
    ),
)


def _header(name: str, description: str, example: str) -> Mapping[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }


CALLBACKS: Final[Mapping[str, Any]] = {
    "event": {
        "{$request.body#/url}": {
            "post": {
                "operationId": "receive_event",
                "tags": ["webhooks"],
                "summary": "Peristiwa tiba / An event arrives",
                "description": (
                    "Periksa tanda tangan atas `webhook-id.webhook-timestamp.badan` sebelum membaca isinya; tolak "
                    "cap waktu yang lebih dari 5 menit.\n\nCheck the signature over "
                    "`webhook-id.webhook-timestamp.body` before you read it; refuse a timestamp more than 5 minutes "
                    "off."
                ),
                "parameters": [
                    _header("webhook-id", "Sama pada setiap percobaan / The same at each attempt", DELIVERY_ID),
                    _header("webhook-timestamp", "Detik sejak 1970 / Seconds since 1970", "1732071845"),
                    _header("webhook-signature", "v1 (HMAC-SHA256), v1a (Ed25519)", "v1,K5oZfz… v1a,mYb1…"),
                    _header("lintas-webhook-key", "kid di jwks.json, untuk v1a / kid in jwks.json", "q2xK0b7o3rTt4nCm"),
                ],
                # Both signatures stand in headers; no scheme of OpenAPI describes them.
                "security": [],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/cloudevents+json": {
                            "schema": {"$ref": "#/components/schemas/WebhookEvent"},
                            "example": example_of(COMPONENTS["WebhookEvent"]),
                        }
                    },
                },
                "responses": {
                    "204": {"description": "Diterima; 2xx mana pun / Taken; any 2xx"},
                    "410": {"description": "Alamat ini sudah tiada; webhook dimatikan / Gone; the webhook is disabled"},
                },
            }
        }
    }
}
