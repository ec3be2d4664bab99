"""`/findings`: forward a finding, read it again, add subjects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse

from agencies import queries as directory
from api.contract.operations import Operation
from api.http import pagination
from api.http.idempotency import Answer, Owner, once, owner_seen
from api.http.idempotency_key import request_facts
from api.http.language import Language
from api.http.problems import Problem
from api.http.queries import Counted, Writing
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from casefiles import register_number
from casefiles.catalogue import places
from casefiles.flow.finding import FindingGiven, MoreSubjects
from casefiles.intake import findings
from casefiles.intake.findings import TakenIn
from casefiles.intake.surroundings import Surroundings
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
        given = request.attempted(FindingGiven)

        def act(unit: Unit, around: Surroundings | None) -> Answer:
            if isinstance(given, Problem):
                raise given
            taken = findings.submit(
                actor=request.actor,
                given=given,
                now=request.now,
                request=request_facts(request),
                unit=unit,
                around=around,
            )
            return _created(taken, language=request.language)

        first = None if isinstance(given, Problem) else findings.asks(request.actor, given)
        return once(request, act, sight=owner_seen(lambda: visible_findings(request.actor)), first=first)


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
            **_forwarded(finding_seen.content, _names_in(finding_seen.content)),
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
            "warnings": _finding_warnings(finding_seen.content, language=request.language),
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
            return _created(taken, language=request.language)

        return once(request, act, sight=sight)


def _created(taken: TakenIn, *, language: Language) -> Answer:
    first = taken.steps[0].facts
    agencies = dict(taken.names)
    warnings = [
        *_finding_warnings(taken.content, language=language),
        *({"code": item["code"], "pointer": item["pointer"], "detail": item[language]} for item in taken.warnings),
        *(
            {
                "code": item["code"],
                "pointer": f"#/casefiles/{index}{item['pointer'].removeprefix('#')}",
                "detail": item[language],
            }
            for index, step in enumerate(taken.steps)
            for item in step.facts["warnings"]
            # The number is the finding's: it is doubted once, not in every casefile.
            if item["code"] != register_number.CODE
        ),
    ]
    return Answer(
        data={
            "id": str(taken.finding),
            "version": taken.version,
            **_forwarded(taken.content, agencies),
            "casefiles": [presenting.made(step) for step in taken.steps],
            "warnings": warnings,
        },
        owner=Owner("finding", taken.finding),
        status=201,
        version=taken.version,
        location=f"{presenting.API}/findings/{taken.finding}",
        warnings=warnings,
        would=presenting.would(first, names=agencies),
    )


def _names_in(content: Any) -> dict[str, str]:
    employers = {subject["employer"] for subject in content["subjects"]}
    codes = {content["origin_office"], *employers} - {None}
    return directory.names(codes)


def _finding_warnings(content: Mapping[str, Any], *, language: Language) -> list[dict[str, Any]]:
    """What is doubtful about the finding itself: its number, and the place of whoever found it."""
    found_by = content.get("found_by") or {}
    return [
        {"code": item["code"], "pointer": item["pointer"], "detail": item[language]}
        for item in (
            *register_number.warnings(content, pointer="#/register_number"),
            *places.not_listed(found_by.get("region"), pointer="#/found_by/region"),
        )
    ]


def _forwarded(content: Any, names: dict[str, str]) -> dict[str, Any]:
    """What was forwarded, its agencies with their names and its register number taken apart."""
    return {
        **content,
        "register": register_number.shown(content["register_number"]),
        "origin_office": presenting.named(content["origin_office"], names),
        "subjects": [
            {**subject, "employer": presenting.named(subject["employer"], names)} for subject in content["subjects"]
        ],
    }


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
