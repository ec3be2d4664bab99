"""`/clients/me/keys`: a client's own keys, by its own calls. Each change is signed, and an entry with a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from django.conf import settings
from django.http import HttpResponse

from agencies import own_keys
from agencies.clients import MAX_LIVE_KEYS, KeyOffer
from agencies.keys import KeyRefused
from agencies.models import ClientKey
from agencies.own_keys import Changed, KeyEnded, LastKey, NoSuchKey, TooManyKeys
from api.contract.operations import Operation
from api.http import rendering
from api.http.idempotency_key import request_facts
from api.http.problems import ErrorItem, Problem
from api.http.view import DoorRequest, DoorView, answer, shown
from api.v1 import presenting
from casefiles.shapes import Doc, Lasting, Text

_NUMBER = Annotated[str, Text(1000), Doc(id="Angka, base64url", en="A number, base64url", example="…")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicJwk:
    """A public key (RFC 7517): EC P-256, OKP Ed25519, or RSA of 3072 to 4096 bits."""

    kty: Annotated[Literal["EC", "OKP", "RSA"], Doc(id="Jenis", en="Kind", example="EC")]
    crv: Annotated[Literal["P-256", "Ed25519"], Doc(id="Kurva", en="Curve", example="P-256")] | None = None
    x: _NUMBER | None = None
    y: _NUMBER | None = None
    n: _NUMBER | None = None
    e: _NUMBER | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGiven:
    """POST /clients/me/keys."""

    jwk: PublicJwk
    kid: Annotated[
        str,
        Text(100, r"[A-Za-z0-9._~:+=-]{1,100}"),
        Lasting(),
        Doc(id="Nama kunci; tidak pernah dipakai ulang", en="The key's name; never used again", example="bkn-2027"),
    ]
    nonce: Annotated[
        str,
        Text(300),
        Doc(id="Dari GET /clients/me/keys, berlaku 10 menit", en="From GET /clients/me/keys, good for 10 minutes"),
    ]
    proof: Annotated[
        str,
        Text(4000),
        Doc(
            id='JWS ringkas oleh kunci baru: typ "lintas-key-proof+jwt", isi client_id, aud, jkt, nonce',
            en='Compact JWS by the new key: typ "lintas-key-proof+jwt", over client_id, aud, jkt, nonce',
        ),
    ]
    valid_from: Annotated[datetime, Doc(id="Mulai berlaku", en="Valid from")] | None = None
    valid_until: Annotated[datetime, Doc(id="Berakhir", en="Valid until")] | None = None


class OwnKeysView(DoorView):
    """The client's keys, and one more."""

    required_scopes: ClassVar = {"get": None, "post": None}
    operations: ClassVar = {
        "get": Operation(
            "list_own_keys",
            tag="service",
            id="Kunci klien ini",
            en="This client's keys",
            description=(
                "Semua kunci yang pernah ada, dan `nonce` untuk membuktikan kunci baru.\n\nAll keys there ever were, "
                "and a `nonce` to prove a new one."
            ),
            answer="OwnKeys",
        ),
        "post": Operation(
            "add_own_key",
            tag="service",
            id="Tambah kunci",
            en="Add a key",
            description=(
                "Ditandatangani (RFC 9421) dengan kunci yang berlaku. Paling banyak tiga. Kunci klien yang membaca "
                "segalanya (auditor, operator) menunggu persetujuan orang kedua. Diulang: kunci yang sama.\n\nSigned "
                "(RFC 9421) with a key that serves. Three at most. A key of a client that reads everything (auditor, "
                "operator) waits for a second person. Repeated: the same key."
            ),
            body=KeyGiven,
            answer="OwnKeyChanged",
            status=201,
            refuses=("key-refused", "too-many-keys"),
        ),
    }
    always_signed: ClassVar = True
    undelegated: ClassVar = True

    def get(self, request: DoorRequest) -> HttpResponse:
        """The keys, the oldest first, and a nonce."""
        listed = [_public(key, now=request.wall) for key in own_keys.keys_of(request.actor)]
        return shown(
            request,
            {
                "data": listed,
                "most": MAX_LIVE_KEYS,
                "nonce": own_keys.nonce(request.actor),
                "nonce_until": request.wall + own_keys.NONCE_FOR,
            },
        )

    def post(self, request: DoorRequest) -> HttpResponse:
        """One more key."""
        given = request.given(KeyGiven)
        members = ("kty", "crv", "x", "y", "n", "e")
        jwk = {name: value for name in members if (value := getattr(given.jwk, name)) is not None}
        offer = KeyOffer(
            jwk=jwk, proof=given.proof, kid=given.kid, valid_from=given.valid_from, valid_until=given.valid_until
        )
        try:
            changed = own_keys.add(
                actor=request.actor, offer=offer, nonce=given.nonce, issuer=settings.LINTAS_BASE_URL, now=request.wall,
                request=request_facts(request),
            )  # fmt: skip
        except KeyRefused as refused:
            params = {"reason": refused.reason, "said": str(refused)}
            raise Problem("key-refused", errors=[ErrorItem("key-not-acceptable", params=params)]) from refused
        except KeyEnded as refused:
            raise Problem("token-invalid") from refused
        except TooManyKeys as refused:
            raise Problem("too-many-keys") from refused
        return answer(rendering.dumps(_changed(changed, request)), status=201)


class OwnKeyView(DoorView):
    """One key of the client's."""

    required_scopes: ClassVar = {"delete": None}
    operations: ClassVar = {
        "delete": Operation(
            "revoke_own_key",
            tag="service",
            id="Cabut kunci",
            en="Revoke a key",
            description=(
                "Seketika: permintaan berikutnya dengan token yang dibeli dengannya ditolak. Ditandatangani (RFC "
                "9421). Kunci terakhir yang berlaku tidak dapat dicabut.\n\nAt once: the next request with a token "
                "bought with it is refused. Signed (RFC 9421). The last key that serves cannot be revoked."
            ),
            answer="OwnKeyChanged",
            refuses=("last-key",),
        )
    }
    always_signed: ClassVar = True
    undelegated: ClassVar = True

    def delete(self, request: DoorRequest, kid: str) -> HttpResponse:
        """End it."""
        try:
            changed = own_keys.revoke(actor=request.actor, kid=kid, now=request.wall, request=request_facts(request))
        except KeyEnded as refused:
            raise Problem("token-invalid") from refused
        except NoSuchKey as refused:
            raise Problem("not-found") from refused
        except LastKey as refused:
            raise Problem("last-key") from refused
        return shown(request, _changed(changed, request))


def _changed(changed: Changed, request: DoorRequest) -> dict[str, Any]:
    receipt = None if changed.sealed is None else presenting.receipt(changed.sealed)
    return {**_public(changed.key, now=request.wall), "receipt": receipt}


def _public(key: ClientKey, *, now: datetime) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "alg": key.alg,
        "thumbprint": key.thumbprint,
        "status": _status(key, now=now),
        "valid_from": key.valid_from,
        "valid_until": key.valid_until,
        "revoked_at": key.revoked_at,
    }


def _status(key: ClientKey, *, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.valid_until is not None and key.valid_until <= now:
        return "ended"
    if key.awaits_approval:
        return "awaits_approval"
    return "serves" if key.valid_from <= now else "not_yet"
