"""`/findings`: forward a finding, read it again, add subjects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse

from api.contract.operations import Operation
from api.http import pagination
from api.http.idempotency import Answer, Owner, once
from api.http.idempotency_key import request_facts
from api.http.problems import Problem
from api.http.queries import Counted, Writing
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import acting, presenting
from casefiles import register_number
from casefiles.flow.finding import FindingGiven, MoreSubjects
from casefiles.intake import findings
from casefiles.models import Finding
from casefiles.sight.findings import FindingFilters, findings_seen, forwarded_finding, visible_findings
from casefiles.transitions.unit import Unit


@dataclass(frozen=True, kw_only=True)
class FindingList(FindingFilters, Counted):
    """GET /findings."""


class FindingsView(DoorView):
    """Forward a finding, or list those the caller may see."""

    required_scopes: ClassVar = {"get": "casefiles:read", "post": "findings:write"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": FindingList, "post": Writing}
    operations: ClassVar = {
        "get": Operation("list_findings", tag="findings", id="Daftar temuan", en="Findings", answer="FindingPage"),
        "post": Operation(
            "submit_finding",
            tag="findings",
            id="Teruskan temuan",
            en="Forward a finding",
            body=FindingGiven,
            answer="FindingCreated",
            status=201,
            tagged=True,
            located=True,
            refuses=("wrong-party", "not-your-office", "finding-exists"),
        ),
    }
    keyed: ClassVar = True

    def get(self, request: DoorRequest) -> HttpResponse:
        """One page, newest first."""
        asked = request.asked(FindingList)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        parts = findings_seen(request.actor, asked)
        page = list(pagination.newest(parts, of=window).select_related("office"))
        body = pagination.page(
            page,
            of=window,
            position=lambda row: (str(row.pk),),
            shown=_listed,
            count=pagination.count(*parts) if window.counts else None,
        )
        presenting.record_access(request, route="/findings", shown=[UUID(item["id"]) for item in body["data"]])
        return shown(request, body)

    def post(self, request: DoorRequest) -> HttpResponse:
        """Take in a finding: n subjects make n casefiles, all or nothing."""
        return acting.forward(request, request.attempted(FindingGiven))


class FindingView(DoorView):
    """One finding, as it was forwarded."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    recorded: ClassVar = ("get",)
    operations: ClassVar = {
        "get": Operation(
            "read_finding",
            tag="findings",
            id="Satu temuan",
            en="One finding",
            answer="Finding",
            tagged=True,
            refuses=("erased",),
        )
    }

    def get(self, request: DoorRequest, finding: str) -> HttpResponse:
        """What the submitter said, and the casefiles it made."""
        ident = identifier(finding)
        finding_seen = forwarded_finding(request.actor, ident)
        if finding_seen is None:
            raise Problem("not-found")
        data = {
            "id": str(ident),
            "version": finding_seen.version,
            **acting.forwarded(finding_seen.content, acting.names_in(finding_seen.content)),
            "casefiles": [
                {
                    "id": str(casefile["pk"]),
                    "number": casefile["number"],
                    "version": casefile["version"],
                    "state": casefile["state"],
                    "href": presenting.casefile_href(casefile["pk"]),
                }
                for casefile in finding_seen.casefiles
            ],
            "warnings": acting.finding_warnings(finding_seen.content, language=request.language),
            "withheld": list(finding_seen.withheld),
        }
        presenting.record_access(request, route="/findings/{id}", shown=[ident])
        return shown(request, data, version=finding_seen.version)


class SubjectsView(DoorView):
    """Add further subjects to a finding."""

    required_scopes: ClassVar = {"post": "findings:write"}
    operations: ClassVar = {
        "post": Operation(
            "add_subjects",
            tag="findings",
            id="Tambah terlapor",
            en="Add officers",
            body=MoreSubjects,
            answer="FindingCreated",
            status=201,
            tagged=True,
            located=True,
            refuses=("wrong-party",),
        )
    }
    queries: ClassVar = {"post": Writing}
    keyed: ClassVar = True

    def post(self, request: DoorRequest, finding: str) -> HttpResponse:
        """Each becomes a casefile of its own."""
        ident = identifier(finding)

        def sight(owner: Owner | None) -> None:
            if not visible_findings(request.actor).filter(pk=ident).exists():
                raise Problem("not-found")

        def act(_: Unit, __: None) -> Answer:
            taken = findings.add_subjects(
                actor=request.actor,
                finding=ident,
                given=request.given(MoreSubjects),
                now=request.now,
                request=request_facts(request),
            )
            return acting.created(taken, language=request.language)

        return once(request, act, sight=sight)


def _listed(row: Finding) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "register_number": row.register_number,
        "register": register_number.shown(row.register_number),
        "origin_office": {"code": row.office.code, "name": row.office.name},
        "source": row.source,
        "election": row.election or None,
        "known_on": row.known_on,
        "registered_on": row.registered_on,
        "created_at": row.created_at,
        "href": f"{presenting.API}/findings/{row.pk}",
    }
