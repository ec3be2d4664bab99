"""The service document, `/me`, and what operators and scanners look for: readyz, security.txt, api-catalog."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from agencies.calendar import newest_version
from api.door import DoorRequest, DoorView, shown
from api.operations import Operation
from api.v1.presenting import API
from casefiles.catalogue import load as load_catalogue


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
                "deprecated_calls": [],
            },
        )


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


def readyz(request: HttpRequest) -> HttpResponse:
    """Whether this process can serve: the database answers, as the web's role, migrated and with a calendar."""
    checks: dict[str, Any] = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT NOT pg_has_role(current_user, datdba, 'USAGE') FROM pg_database "
                "WHERE datname = current_database()"
            )
            row = cursor.fetchone()
        checks["database"] = "ok"
        checks["role"] = "ok" if row and row[0] else "connected as the owner: set DATABASE_WEB_URL"
        checks["calendar"] = "ok" if newest_version() else "empty: run manage.py seed_calendar"
    except DatabaseError:
        checks["database"] = "unreachable"
    ready = all(value == "ok" for value in checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


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
