"""`/findings`: forward a finding, read it again, add subjects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from django.http import HttpResponse

from agencies.models import Agency
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
from casefiles.file import there
from casefiles.flow.finding import FindingGiven, MoreSubjects
from casefiles.identifiers import number_key
from casefiles.intake import findings
from casefiles.intake.findings import TakenIn
from casefiles.models import Casefile, Finding, Payload
from casefiles.shapes import AgencyCode, Code, Doc, Instant, Text
from casefiles.sight import protected
from casefiles.sight.projection import viewer_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingList(Counted):
    """GET /findings."""

    origin_office: Annotated[AgencyCode, Doc(id="Kantor asal", en="Office of origin")] | None = None
    register_number: Annotated[str, Text(120), Doc(id="Nomor register", en="Register number")] | None = None
    election: Annotated[str, Code("elections"), Doc(id="Pemilihan", en="Election")] | None = None
    source: Annotated[str, Code("source"), Doc(id="Sumber", en="Source")] | None = None
    changed_since: Annotated[Instant, Doc(id="Berubah sejak (>=)", en="Changed since (>=)")] | None = None


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
        rows = Finding.objects.visible_to(request.actor)
        if asked.origin_office is not None:
            rows = rows.filter(office__code=asked.origin_office)
        if asked.register_number is not None:
            rows = rows.filter(register_key=number_key(asked.register_number))
        if asked.election is not None:
            rows = rows.filter(election=asked.election)
        if asked.source is not None:
            rows = rows.filter(source=asked.source)
        if asked.changed_since is not None:
            rows = rows.filter(created_at__gte=asked.changed_since)
        found = list(pagination.after(rows, ("-pk",), window.after).select_related("office")[: window.fetch])
        body = pagination.page(
            found,
            of=window,
            position=lambda row: (str(row.pk),),
            shown=_listed,
            count=pagination.count(rows) if window.counts else None,
        )
        presenting.record_access(request, route="/findings", shown=[UUID(item["id"]) for item in body["data"]])
        return shown(request, body)

    def post(self, request: DoorRequest) -> HttpResponse:
        """Take in a finding: n subjects make n casefiles, all or nothing."""

        def act(_: None) -> Answer:
            given = request.given(FindingGiven)
            taken = findings.submit(actor=request.actor, given=given, now=request.now, request=request_facts(request))
            return _created(taken, language=request.language)

        return once(request, act, sight=owner_seen(lambda: Finding.objects.visible_to(request.actor)))


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
        row = Finding.objects.visible_to(request.actor).filter(pk=ident).select_related("office").first()
        if row is None:
            raise Problem("not-found")
        last = Payload.objects.filter(finding=ident, answer__isnull=True).order_by("-seq").first()
        if last is None or last.given is None:
            raise Problem("erased")
        made = list(
            Casefile.objects.visible_to(request.actor)
            .filter(finding=ident)
            .order_by("number")
            .values("pk", "number", "version", "state", "submitter__code", "examiner__code")
        )
        has_it = any(one["submitter__code"] == request.actor.agency_code for one in made)
        sides = {
            "submitter": request.actor.agency_code if has_it else row.office.code,
            # After a hand-over of open cases only, its casefiles have more than one examiner.
            "examiner": request.actor.agency_code
            if any(one["examiner__code"] == request.actor.agency_code for one in made)
            else None,
        }
        content = dict(last.given)
        withheld = []
        if not viewer_of(request.actor, sides).sees_reporter:
            withheld += [f"#/{name}" for name in protected.WHO if content.get(name)]
            content |= {"reporter": None, "witnesses": []}
        agencies = _names_in(content)
        data = {
            "id": str(ident),
            "version": last.seq,
            **_said(content, agencies),
            "casefiles": [
                {
                    "id": str(one["pk"]),
                    "number": one["number"],
                    "version": one["version"],
                    "state": one["state"],
                    "href": presenting.casefile_href(one["pk"]),
                }
                for one in made
            ],
            "warnings": _finding_warnings(content, language=request.language),
            "withheld": withheld,
        }
        presenting.record_access(request, route="/findings/{id}", shown=[ident])
        return shown(request, data, version=last.seq)


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
            if not Finding.objects.visible_to(request.actor).filter(pk=ident).exists():
                raise Problem("not-found")

        def act(_: None) -> Answer:
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
    agencies = _names_in(taken.content, there(first["turn"])["agency"])
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
            **_said(taken.content, agencies),
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


def _names_in(content: Any, *further: str) -> dict[str, str]:
    employers = {subject["employer"] for subject in content["subjects"]}
    codes = {content["origin_office"], *employers, *further} - {None}
    return dict(Agency.objects.filter(code__in=codes).values_list("code", "name"))


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


def _said(content: Any, names: dict[str, str]) -> dict[str, Any]:
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
