"""The service document, `/me`, the keys we sign with, and what scanners look for: security.txt, api-catalog."""

from __future__ import annotations

import base64
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from agencies import own_keys
from agencies.actor import Actor
from api.contract.operations import Operation
from api.http import deprecation, quotas
from api.http.view import DoorRequest, DoorView, shown
from api.v1.presenting import API
from audit import log
from audit.tlog.notes import VerifierKey
from casefiles.catalogue.book import load as load_catalogue
from contents import keeping
from delivery import keys as courier_keys
from delivery import schedule, subscriptions
from delivery.models import Webhook


class ServiceView(DoorView):
    """What this service is, and where everything begins."""

    required_scopes: ClassVar = {"get": None}
    operations: ClassVar = {
        "get": Operation("read_service", tag="service", id="Dokumen layanan", en="Service document", answer="Service")
    }
    authentication_classes = ()

    def get(self, request: DoorRequest) -> HttpResponse:
        """Versions and links."""
        base = settings.LINTAS_BASE_URL
        return shown(
            request,
            {
                "service": "Lintas",
                "api_version": "1.0.0",
                "sandbox": settings.LINTAS_SANDBOX,
                "catalogue_version": load_catalogue().version,
                "log_origin": settings.LINTAS_LOG_ORIGIN,
                "contents": keeping.offer(),
                "links": {
                    "openapi": f"{base}{API}/openapi.yaml",
                    "docs": f"{base}/api/docs",
                    "problems": f"{base}{API}/problems",
                    "authorization_server": f"{base}/.well-known/oauth-authorization-server",
                    "token": f"{base}/oauth/token",
                    "me": f"{base}{API}/me",
                    "findings": f"{base}{API}/findings",
                    "casefiles": f"{base}{API}/casefiles",
                    "referrals": f"{base}{API}/referrals",
                    "documents": f"{base}{API}/documents",
                    "events": f"{base}{API}/events",
                    "webhooks": f"{base}{API}/webhooks",
                    "checkpoint": f"{base}{API}/log/checkpoint",
                    "keys": f"{base}/.well-known/jwks.json",
                    "agencies": f"{base}{API}/agencies",
                    "mandates": f"{base}{API}/mandates",
                    "catalogue": f"{base}{API}/catalogue/transitions",
                },
            },
        )


class MeView(DoorView):
    """Who am I?"""

    required_scopes: ClassVar = {"get": None}
    operations: ClassVar = {"get": Operation("read_me", tag="service", id="Siapa saya", en="Who am I", answer="Me")}

    def get(self, request: DoorRequest) -> HttpResponse:
        """The client, its agency, its scopes, and as which parties the agency can appear."""
        actor = request.actor
        return shown(
            request,
            {
                "client": actor.client_id,
                "agency": {"code": actor.agency_code, "name": actor.agency_name},
                "roles": sorted(actor.roles),
                "scopes": sorted(actor.scopes),
                "parties": parties(actor.roles),
                "default_purpose": actor.default_purpose,
                "time_zone": actor.time_zone,
                "key_thumbprint": actor.key_thumbprint,
                "signatures_required_from": actor.signatures_required_from,
                "sender_constrained": actor.sender_constrained,
                "vendor": _vendor(actor),
                "keys_ending": [
                    {"kid": key.kid, "valid_until": key.valid_until} for key in own_keys.ending(actor, now=request.wall)
                ],
                "quotas": quotas.of(quotas.holder_of(actor)),
                "deprecated_calls": deprecation.calls(to=actor),
                "webhooks": [_alarm(row) for row in subscriptions.ailing(request.actor)],
            },
        )


def _vendor(actor: Actor) -> dict[str, Any] | None:
    """Whose client it is that acts for the agency, and by what; None where it is the agency's own."""
    vendor = actor.vendor
    if vendor is None:
        return None
    return {
        "code": vendor.code,
        "name": vendor.name,
        "delegation": str(vendor.delegation),
        "purposes": sorted(vendor.purposes),
        "valid_until": vendor.until,
    }


def _alarm(row: Webhook) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "status": row.status,
        "failing_since": row.failing_since,
        "pauses_at": schedule.pauses_at(row),
        "href": f"{API}/webhooks/{row.pk}",
    }


class KeysView(DoorView):
    """The public keys that receipts, checkpoints and webhooks are signed with, all there ever were."""

    required_scopes: ClassVar = {"get": None}
    operations: ClassVar = {
        "get": Operation(
            "read_keys",
            tag="log",
            id="Kunci tanda terima, log, dan webhook",
            en="Keys of receipts, of the log and of webhooks",
            answer="Keys",
        )
    }
    authentication_classes = ()

    def get(self, request: DoorRequest) -> HttpResponse:
        """A JWK set (RFC 7517): receipt keys, log keys with their C2SP vkey, then what webhooks are signed with."""
        state = log.current()
        keys: list[dict[str, Any]] = []
        if state is not None:
            keys = [dict(key) for key in state.receipt_keys]
            keys += [_log_jwk(key) for key in (state.log_key, *state.former_log_keys)]
        keys += [dict(known["sign"]) for known in courier_keys.on_record()]
        response = shown(request, {"keys": keys})
        response["Cache-Control"] = "public, max-age=300"
        return response


def _log_jwk(key: VerifierKey) -> dict[str, str]:
    x = base64.urlsafe_b64encode(key.raw).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": f"{key.name}+{key.id.hex()}", "use": "sig", "vkey": str(key)}


PARTY_OF_ROLE = {
    "election_supervisor": ("submitter",),
    "examiner": ("examiner",),
    "employer": ("employer", "addressee"),
    "appeal_board": ("appeal_board",),
    "civil_service_agency": ("civil_service_agency",),
}


def parties(roles: frozenset[str]) -> list[str]:
    """As which parties an agency of these roles can appear in a casefile."""
    return sorted({party for role in roles for party in PARTY_OF_ROLE.get(role, ())})


def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116: where to report a weakness."""
    base = settings.LINTAS_BASE_URL
    lines = (
        f"Contact: {settings.LINTAS_SECURITY_CONTACT}",
        f"Expires: {settings.LINTAS_SECURITY_EXPIRES}",
        "Preferred-Languages: id, en",
        f"Canonical: {base}/.well-known/security.txt",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def api_catalog(request: HttpRequest) -> HttpResponse:
    """RFC 9727: the one API that lives here."""
    base = settings.LINTAS_BASE_URL
    linkset = {
        "linkset": [
            {
                "anchor": f"{base}{API}",
                "service-desc": [{"href": f"{base}{API}/openapi.yaml", "type": "application/yaml"}],
                "service-doc": [{"href": f"{base}/api/docs", "type": "text/html"}],
                "status": [{"href": f"{base}/readyz", "type": "application/json"}],
            }
        ]
    }
    return JsonResponse(
        linkset, content_type='application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
    )
