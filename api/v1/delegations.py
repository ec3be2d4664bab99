"""`/delegations`: a vendor's client asks an employer for rights; the employer approves; either side ends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from django.http import HttpResponse

from agencies import delegations
from agencies.delegations import By, Changed
from agencies.models import Delegation
from api.contract.operations import Operation
from api.http import pagination, rendering
from api.http.idempotency_key import request_facts
from api.http.queries import Paged
from api.http.view import DoorRequest, DoorView, answer, identifier, shown
from api.v1 import presenting
from api.v1.presenting import API
from casefiles.shapes import AgencyCode, Doc, Items, Text

_CODE = Annotated[str, Text(60, r"[a-z_:]{1,60}")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationGiven:
    """POST /delegations."""

    employer: Annotated[AgencyCode, Doc(id="Instansi yang diminta", en="The agency asked", example="pemkot-padang")]
    roles: Annotated[
        tuple[_CODE, ...],
        Items(1, 10, unique=True),
        Doc(id="Peran yang diwakili", en="The roles to act in", example=["employer"]),
    ]
    scopes: Annotated[
        tuple[_CODE, ...],
        Items(1, 10, unique=True),
        Doc(id="Lingkup", en="The scopes", example=["casefiles:read", "casefiles:write"]),
    ]
    valid_until: Annotated[datetime, Doc(id="Berlaku sampai", en="Until when", example="2027-12-31T00:00:00+07:00")]
    purposes: Annotated[
        tuple[_CODE, ...],
        Items(1, 10, unique=True),
        Doc(id="Tujuan membaca; bawaan: case_handling", en="What to read for; by default case_handling"),
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGiven:
    """POST /delegations/{id}/approve: all that was asked for, or less of it."""

    scopes: Annotated[
        tuple[_CODE, ...],
        Items(1, 10, unique=True),
        Doc(id="Hanya lingkup ini", en="These scopes only", example=["casefiles:read"]),
    ] = ()
    valid_until: (
        Annotated[datetime, Doc(id="Lebih cepat berakhir", en="An earlier end", example="2027-06-30T00:00:00+07:00")]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingGiven:
    """POST /delegations/{id}/end."""


@dataclass(frozen=True, kw_only=True)
class DelegationList(Paged):
    """GET /delegations."""


class DelegationsView(DoorView):
    """What a vendor's client asked for, or an agency was asked for."""

    required_scopes: ClassVar = {"get": None, "post": None}
    queries: ClassVar = {"get": DelegationList}
    undelegated: ClassVar = True
    operations: ClassVar = {
        "get": Operation(
            "list_delegations",
            tag="service",
            id="Daftar delegasi",
            en="Delegations",
            description=(
                "Yang diminta klien ini, dan yang diminta dari instansinya, terbaru dahulu.\n\nWhat this client asked "
                "for, and what its agency was asked for, newest first."
            ),
            answer="DelegationPage",
        ),
        "post": Operation(
            "ask_delegation",
            tag="service",
            id="Minta delegasi",
            en="Ask for a delegation",
            description=(
                "Oleh klien vendor (peran instansi `vendor`). Yang tidak dapat didelegasikan ditolak seketika, "
                "semuanya sekaligus. Permintaan baru menggantikan yang masih menunggu; yang sama persis tidak "
                "mengubah apa pun. Sesudah disetujui, beli token dengan klaim `resource` pada asersi.\n\nBy a "
                "vendor's client (its agency's role is `vendor`). What cannot be delegated is refused at once, all of "
                "it. A new request replaces one that still waits; the very same changes nothing. Once it is approved, "
                "buy a token with the claim `resource` in the assertion."
            ),
            body=DelegationGiven,
            answer="DelegationChanged",
            status=201,
            located=True,
            refuses=("not-a-vendor", "not-delegated", "cannot-delegate"),
        ),
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """One page."""
        asked = request.asked(DelegationList)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        rows = pagination.after(delegations.delegations_of(request.actor), ("-pk",), window.after)
        body = pagination.page(
            list(rows[: window.fetch]),
            of=window,
            position=lambda row: (str(row.pk),),
            shown=lambda row: _public(row, now=request.wall),
        )
        return shown(request, body)

    def post(self, request: DoorRequest) -> HttpResponse:
        """Ask."""
        given = request.given(DelegationGiven)
        asked = delegations.Asked(
            employer=given.employer,
            roles=given.roles,
            scopes=given.scopes,
            valid_until=given.valid_until,
            purposes=given.purposes,
        )
        changed = delegations.ask(actor=request.actor, asked=asked, now=request.wall, request=request_facts(request))
        location = f"{API}/delegations/{changed.delegation.pk}"
        return answer(rendering.dumps(_changed(changed, request)), status=201, location=location)


class DelegationView(DoorView):
    """One delegation."""

    required_scopes: ClassVar = {"get": None}
    undelegated: ClassVar = True
    operations: ClassVar = {
        "get": Operation(
            "read_delegation", tag="service", id="Satu delegasi", en="One delegation", answer="Delegation",
            refuses=("not-delegated",),
        )
    }  # fmt: skip

    def get(self, request: DoorRequest, delegation: str) -> HttpResponse:
        """How it stands."""
        found = delegations.delegation_of(request.actor, identifier(delegation))
        return shown(request, _public(found, now=request.wall))


class ApproveDelegationView(DoorView):
    """The employer says yes."""

    required_scopes: ClassVar = {"post": None}
    always_signed: ClassVar = True
    undelegated: ClassVar = True
    operations: ClassVar = {
        "post": Operation(
            "approve_delegation",
            tag="service",
            id="Setujui delegasi",
            en="Approve a delegation",
            description=(
                "Oleh klien instansi yang diminta, ditandatangani (RFC 9421): token yang dicuri tidak memberi siapa "
                "pun hak. Boleh lebih sempit daripada yang diminta. Delegasi sebelumnya untuk klien yang sama "
                "berakhir.\n\nBy a client of the agency that was asked, signed (RFC 9421): a stolen token gives "
                "nobody a right. It may be narrower than what was asked for. The delegation that served the same "
                "client before ends."
            ),
            body=ApprovalGiven,
            answer="DelegationChanged",
            refuses=("not-the-employer", "not-delegated", "delegation-over", "cannot-delegate"),
        )
    }

    def post(self, request: DoorRequest, delegation: str) -> HttpResponse:
        """Approve it."""
        ident = delegations.delegation_of(request.actor, identifier(delegation)).pk
        given = request.given(ApprovalGiven)
        changed = delegations.approve(
            ident=ident,
            by=By(request.actor, request_facts(request)),
            now=request.wall,
            scopes=given.scopes,
            valid_until=given.valid_until,
        )
        return shown(request, _changed(changed, request))


class EndDelegationView(DoorView):
    """Either side ends it."""

    required_scopes: ClassVar = {"post": None}
    undelegated: ClassVar = True
    operations: ClassVar = {
        "post": Operation(
            "end_delegation",
            tag="service",
            id="Akhiri delegasi",
            en="End a delegation",
            description=(
                "Oleh klien instansi atau klien vendor itu. Seketika: permintaan berikutnya dengan token yang dibeli "
                "dengannya ditolak. Permintaan yang belum dijawab ditolak dengan cara ini juga.\n\nBy a client of "
                "the agency, or by the vendor's. At once: the next request with a token bought by it is refused. What "
                "was not answered yet is turned down in the same way."
            ),
            body=NothingGiven,
            answer="DelegationChanged",
            refuses=("not-delegated",),
        )
    }

    def post(self, request: DoorRequest, delegation: str) -> HttpResponse:
        """End it."""
        ident = delegations.delegation_of(request.actor, identifier(delegation)).pk
        request.given(NothingGiven)
        changed = delegations.end(ident=ident, by=By(request.actor, request_facts(request)), now=request.wall)
        return shown(request, _changed(changed, request))


def _changed(changed: Changed, request: DoorRequest) -> dict[str, Any]:
    receipt = None if changed.sealed is None else presenting.receipt(changed.sealed)
    return {**_public(changed.delegation, now=request.wall), "receipt": receipt}


def _public(row: Delegation, *, now: datetime) -> dict[str, Any]:
    vendor, employer = row.client.agency, row.employer
    return {
        "id": str(row.pk),
        "status": delegations.status(row, now=now),
        "vendor": {"code": vendor.code, "name": vendor.name},
        "client": row.client.client_id,
        "employer": {"code": employer.code, "name": employer.name},
        "resource": delegations.resource(employer.code),
        "roles": sorted(row.roles),
        "scopes": sorted(row.scopes),
        "purposes": sorted(row.purposes),
        "requested_at": row.requested_at,
        "valid_until": row.valid_until,
        "approved_at": row.approved_at,
        "ended_at": row.ended_at,
    }
