"""`/casefiles/{id}/accesses`: who read this casefile, when, for what purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpResponse

from agencies import queries as directory
from api.contract.operations import Operation
from api.http import pagination
from api.http.queries import Paged
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from api.v1.casefile_answers import require_sight
from audit.models import Access
from casefiles.sight.accesses import AccessFilters, accesses_of


@dataclass(frozen=True, kw_only=True)
class AccessList(AccessFilters, Paged):
    """GET /casefiles/{id}/accesses."""


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
        rows = accesses_of(ident, asked, actor=request.actor)
        page = list(pagination.after(rows, ("-pk",), window.after)[: window.fetch])
        agencies = directory.codes_and_names({row.agency for row in page})
        vendors = directory.vendors({row.client for row in page})

        def public(row: Access) -> dict[str, Any]:
            agency, vendor = agencies[row.agency], vendors.get(row.client)
            return {
                "at": row.at,
                "agency": dict(zip(("code", "name"), agency, strict=True)),
                "client": row.client,
                "vendor": None if vendor is None else dict(zip(("code", "name"), vendor, strict=True)),
                "route": row.route,
                "purpose": row.purpose,
                "request_id": str(row.request_id),
                "caller_request_id": presenting.callers_own(
                    row.caller_request_id, agency=agency[0], vendor=vendor and vendor[0], to=request.actor
                ),
            }

        body = pagination.page(page, of=window, position=lambda row: (row.pk,), shown=public)
        presenting.record_access(request, route="/casefiles/{id}/accesses", shown=[ident])
        return shown(request, body)
