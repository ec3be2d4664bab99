"""`/casefiles/{id}/accesses`: who read this casefile, when, for what purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists
from django.http import HttpResponse

from agencies.actor import Actor
from agencies.models import Agency
from api.contract.operations import Operation
from api.http import pagination
from api.http.queries import Paged
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from api.v1.casefile_answers import require_sight
from audit.models import Access
from casefiles.models import Attachment, CasefileGrant
from casefiles.shapes import AgencyCode, Code, Date, Doc, Ref, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessList(Paged):
    """GET /casefiles/{id}/accesses."""

    from_: Annotated[Date, Doc(id="Sejak tanggal", en="From that day on")] | None = None
    to: Annotated[Date, Doc(id="Sampai tanggal, termasuk", en="Until that day, included")] | None = None
    agency: Annotated[AgencyCode, Doc(id="Instansi pembaca", en="Reading agency")] | None = None
    client: Annotated[str, Text(100), Doc(id="Klien", en="Client")] | None = None
    purpose: Annotated[str, Code("reading_purpose"), Doc(id="Tujuan membaca", en="Purpose of reading")] | None = None
    document: (
        Annotated[
            UUID,
            Ref("document"),
            Doc(
                id="Pembacaan keterangan berkas ini pada perkara ini, alih-alih berkas perkaranya",
                en="Reads of this document of the casefile, in place of the casefile itself",
            ),
        ]
        | None
    ) = None


class AccessesView(DoorView):
    """The reads of one casefile, newest first: for its examiner and submitter, and for auditors."""

    required_scopes: ClassVar = {"get": "accesses:read"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": AccessList}
    operations: ClassVar = {
        "get": Operation(
            "list_accesses", tag="casefiles", id="Siapa yang membaca", en="Who has read", answer="AccessPage"
        )
    }

    def get(self, request: DoorRequest, casefile: str) -> HttpResponse:
        """One page."""
        ident = identifier(casefile)
        asked = request.asked(AccessList)
        require_sight(request, ident)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        rows = _filtered(ident, asked, actor=request.actor)
        found = list(pagination.after(rows, ("-pk",), window.after)[: window.fetch])
        names = dict(Agency.objects.filter(pk__in={row.agency for row in found}).values_list("pk", "name"))
        codes = dict(Agency.objects.filter(pk__in=names).values_list("pk", "code"))
        body = pagination.page(
            found,
            of=window,
            position=lambda row: (row.pk,),
            shown=lambda row: {
                "at": row.at,
                "agency": {"code": codes[row.agency], "name": names[row.agency]},
                "client": row.client,
                "route": row.route,
                "purpose": row.purpose,
                "request_id": str(row.request_id),
            },
        )
        presenting.record_access(request, route="/casefiles/{id}/accesses", shown=[ident])
        return shown(request, body)


def _filtered(ident: UUID, asked: AccessList, *, actor: Actor) -> Any:
    rows, zone = Access.objects.filter(shown__contains=[asked.document or ident]), actor.time_zone
    if asked.document is not None:
        rows = rows.filter(Exists(Attachment.objects.filter(casefile=ident, document=asked.document)))
        if not actor.is_auditor:
            # One document may lie in the casefiles of many officers; who reads it there is their examiners' to know.
            grants = CasefileGrant.objects.filter(content_object=ident)
            rows = rows.filter(agency__in=grants.values("agency"))
    if asked.from_ is not None:
        rows = rows.filter(at__gte=_midnight(asked.from_, zone))
    if asked.to is not None:
        rows = rows.filter(at__lt=_midnight(asked.to + timedelta(days=1), zone))
    if asked.agency is not None:
        rows = rows.filter(agency__in=Agency.objects.filter(code=asked.agency).values("pk"))
    if asked.client is not None:
        rows = rows.filter(client=asked.client)
    if asked.purpose is not None:
        rows = rows.filter(purpose=asked.purpose)
    return rows


def _midnight(day: Any, zone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
