"""`/agencies` and `/mandates`: who takes part, and who examines when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from django.http import HttpResponse

from agencies import queries as directory
from agencies.models import Agency, Mandate
from api.contract.operations import Operation
from api.http import pagination
from api.http.queries import Counted
from api.http.view import DoorRequest, DoorView, shown
from casefiles.shapes import AgencyCode, Code, Date, Doc, RegionCode, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyList(Counted):
    """GET /agencies."""

    role: Annotated[str, Code("agency_roles"), Doc(id="Peran", en="Role", example="employer")] | None = None
    level: Annotated[str, Code("agency_levels"), Doc(id="Tingkat", en="Level", example="city")] | None = None
    region: Annotated[RegionCode, Doc(id="Wilayah", en="Region", example="13.71")] | None = None
    parent: Annotated[AgencyCode, Doc(id="Induk", en="Parent")] | None = None
    in_force_on: Annotated[Date, Doc(id="Berlaku pada", en="In force on")] | None = None
    q: (
        Annotated[
            str,
            Text(100),
            Doc(
                id="Bagian nama, sekarang atau dahulu, atau awal kode",
                en="Part of the name, now or formerly, or start of the code",
            ),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateList:
    """GET /mandates."""

    in_force_on: Annotated[Date, Doc(id="Berlaku pada", en="In force on", example="2024-09-04")] | None = None


class AgenciesView(DoorView):
    """The agencies that take part, by code."""

    required_scopes: ClassVar = {"get": None}
    queries: ClassVar = {"get": AgencyList}
    operations: ClassVar = {
        "get": Operation("list_agencies", tag="directory", id="Daftar instansi", en="Agencies", answer="AgencyPage")
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """One page."""
        asked = request.asked(AgencyList)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        rows = directory.agencies(
            role=asked.role,
            level=asked.level,
            region=asked.region,
            parent=asked.parent,
            in_force_on=asked.in_force_on,
            q=asked.q,
        )
        found = list(pagination.after(rows, ("code",), window.after)[: window.fetch])
        heirs = directory.names({heir["agency"] for row in found for heir in row.heirs})
        body = pagination.page(
            found,
            of=window,
            position=lambda row: (row.code,),
            shown=lambda row: agency(row, heirs),
            count=pagination.count(rows) if window.counts else None,
        )
        return shown(request, body)


class MandatesView(DoorView):
    """Which agency is the examining authority from when until when."""

    required_scopes: ClassVar = {"get": None}
    queries: ClassVar = {"get": MandateList}
    operations: ClassVar = {
        "get": Operation("list_mandates", tag="directory", id="Mandat pemeriksa", en="Mandates", answer="Mandates")
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """All mandates, oldest first."""
        asked = request.asked(MandateList)
        rows = directory.mandates(in_force_on=asked.in_force_on)
        return shown(request, {"data": [mandate(row) for row in rows]})


def agency(row: Agency, heirs: Mapping[str, str]) -> dict[str, Any]:
    """An agency in the directory; `heirs` are the names of the heirs by code."""
    return {
        "code": row.code,
        "name": row.name,
        "roles": sorted(row.roles),
        "level": row.level,
        "region": row.region or None,
        "parent": {"code": row.parent.code, "name": row.parent.name} if row.parent else None,
        "time_zone": row.time_zone,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "former_names": row.former_names,
        "heirs": [
            {
                "agency": {"code": heir["agency"], "name": heirs.get(heir["agency"], heir["agency"])},
                "kind": heir["kind"],
                "on": heir["on"],
            }
            for heir in row.heirs
        ],
        "legal_basis": row.legal_basis or None,
        "source": row.source or None,
        "certainty": row.certainty or None,
    }


def mandate(row: Mandate) -> dict[str, Any]:
    """A mandate in the directory."""
    return {
        "code": row.code,
        "agency": {"code": row.agency.code, "name": row.agency.name},
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "legal_basis": row.legal_basis,
        "caretaker": row.caretaker,
        "verification_required": row.verification_required,
    }
