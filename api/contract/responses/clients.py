"""Answers about a client's own keys, and about what a vendor's client may do for an employer."""

from __future__ import annotations

from typing import Final

from agencies.delegations import SCOPES
from api.contract.responses.casefiles import agency
from api.contract.responses.grammar import (
    Schema,
    code,
    component,
    free,
    href,
    ident,
    instant,
    many,
    maybe,
    number,
    object_of,
    page,
    text,
    word,
)

_KEY_STATUS = ("serves", "not_yet", "awaits_approval", "ended", "revoked")
_OWN_KEY: dict[str, Schema] = {
    "kid": text("Nama / Name", "bkn-2026"),
    "alg": word("Algoritme / Algorithm", ("ES256", "Ed25519", "PS256"), "ES256"),
    "thumbprint": text("Sidik (RFC 7638) / Thumbprint", "q2xK0b7o3rTt4nCm8yJvYw"),
    "status": word("Keadaan / Status", _KEY_STATUS, "serves"),
    "valid_from": instant("Mulai berlaku / Valid from"),
    "valid_until": maybe(instant("Berakhir / Valid until"), shown=False),
    "revoked_at": maybe(instant("Dicabut / Revoked"), shown=False),
}
component(
    "OwnKeys",
    object_of(
        "Kunci klien ini / This client's keys",
        data=many(component("OwnKey", object_of("Satu kunci / A key", **_OWN_KEY))),
        most=number("Paling banyak yang berlaku / How many may serve", 3),
        nonce=text("Untuk bukti kunci baru / For the proof of a new key", "bkn-system:1vM2Qk:3nq0Yy"),
        nonce_until=instant("Nonce berlaku sampai / The nonce is good until"),
    ),
)
component(
    "OwnKeyChanged",
    object_of(
        "Kunci sesudahnya / The key afterwards",
        **_OWN_KEY,
        receipt=maybe(
            free(
                "Tanda terima entrinya; null bila sudah demikian / Receipt of its entry; null where it was so already",
                {"entry": "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3b01", "seq": 4},
            )
        ),
    ),
)

DELEGATION_ID: Final = "0193e1f2-9c00-7e33-8f43-8c9d0e1f2031"
_STATUS: Final = ("asked", "serves", "ended", "ran_out")

_DELEGATION: Final[dict[str, Schema]] = {
    "id": ident("Id", DELEGATION_ID),
    "status": word(
        "asked: menunggu; serves: berlaku; ended: diakhiri atau ditolak; ran_out: habis waktunya / asked: waits; "
        "serves; ended: ended or turned down; ran_out: its time is over",
        _STATUS,
        "serves",
    ),
    "vendor": agency("vendor-kepegawaian", "PT Sistem Kepegawaian"),
    "client": text("Klien vendor / The vendor's client", "vendor-kepegawaian-sistem"),
    "employer": agency("pemkot-padang", "Pemerintah Kota Padang"),
    "resource": href(
        "Nilai klaim resource pada asersi yang membeli tokennya / What the claim resource of the assertion says that "
        "buys its token",
        "https://lintas.example.go.id/api/v1/agencies/pemkot-padang",
    ),
    "roles": many(code("Peran / Role", "agency_roles", "employer")),
    "scopes": many(word("Lingkup / Scope", SCOPES, "casefiles:read")),
    "purposes": many(code("Tujuan membaca / Purpose of reading", "reading_purpose", "case_handling")),
    "requested_at": instant("Diminta / Asked for"),
    "valid_until": instant("Berlaku sampai / Valid until"),
    "approved_at": maybe(instant("Disetujui / Approved")),
    "ended_at": maybe(instant("Diakhiri / Ended"), shown=False),
}
DELEGATION: Final = component(
    "Delegation",
    object_of("Yang boleh dilakukan klien vendor / What a vendor's client may do", **_DELEGATION),
)
page("DelegationPage", DELEGATION, "Delegasi / Delegations", counted=False)
component(
    "DelegationChanged",
    object_of(
        "Delegasi sesudahnya / The delegation afterwards",
        **_DELEGATION,
        receipt=maybe(
            free(
                "Tanda terima entrinya; null bila sudah demikian / Receipt of its entry; null where it was so already",
                {"entry": "0193e1f2-8a10-7c33-b1c0-5a0e6c7f3b01", "seq": 7},
            )
        ),
    ),
)
