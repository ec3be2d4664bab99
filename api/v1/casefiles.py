"""`/casefiles`: list, search, detail, timeline, accesses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from django.http import HttpResponse

from agencies.naming import names_then
from agencies.tokens import Further
from api.contract.operations import Operation
from api.http import pagination
from api.http.queries import Counted, NoQuery, refuse_unknown_agencies
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from api.v1.casefile_answers import reading, recorded_casefile, shown_casefile, sight_of_path
from casefiles.catalogue.book import load as load_catalogue
from casefiles.shapes import Between, Code, Doc, Instant, Nip, NotAfterNow, Text
from casefiles.sight import projection
from casefiles.sight.casefiles import CasefileFilters, ListedCasefile, agencies_in, casefiles_in_parts, with_facts


@dataclass(frozen=True, kw_only=True)
class CasefileList(CasefileFilters, Counted):
    """GET /casefiles."""


@dataclass(frozen=True, kw_only=True)
class CasefileSearch(CasefileFilters):
    """POST /casefiles/search: the same filters, and what may never stand in a URL."""

    nip: Annotated[Nip, Doc(id="NIP terlapor", en="The subject's NIP")] | None = None
    name: Annotated[str, Text(200), Doc(id="Nama terlapor, utuh", en="The subject's full name")] | None = None
    purpose: Annotated[
        str, Code("reading_purpose"), Doc(id="Tujuan membaca", en="Purpose of reading", example="case_handling")
    ]
    limit: Annotated[
        int, Between(1, 500), Doc(id="Butir per halaman (1-500)", en="Items per page (1-500)", example=100)
    ] = 100
    cursor: (
        Annotated[str, Text(1000), Doc(id="next_cursor halaman sebelumnya", en="The page before's cursor")] | None
    ) = None


class CasefilesView(DoorView):
    """The casefiles the caller sees, newest first."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": CasefileList}
    operations: ClassVar = {
        "get": Operation("list_casefiles", tag="casefiles", id="Daftar perkara", en="Casefiles", answer="CasefilePage")
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """One page."""
        asked = request.asked(CasefileList)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        parts = casefiles_in_parts(request.actor, asked, now=request.now)
        casefiles = with_facts(pagination.newest(parts, of=window), most=window.fetch)
        body = pagination.page(
            casefiles,
            of=window,
            position=lambda row: (str(row.id),),
            shown=_lister(request, casefiles),
            count=pagination.count(*parts) if window.counts else None,
        )
        presenting.record_access(request, route="/casefiles", shown=[UUID(item["id"]) for item in body["data"]])
        return shown(request, body)


class CasefileSearchView(DoorView):
    """Search by what is personal: in a body, with a purpose, recorded."""

    reads: ClassVar = ("post",)
    required_scopes: ClassVar = {"post": "casefiles:read"}
    queries: ClassVar = {"post": NoQuery}
    operations: ClassVar = {
        "post": Operation(
            "search_casefiles",
            tag="casefiles",
            id="Cari perkara menurut NIP atau nama",
            en="Search casefiles by NIP or name",
            body=CasefileSearch,
            answer="CasefileSearchPage",
        )
    }

    def post(self, request: DoorRequest) -> HttpResponse:
        """One page of what was found; no key, no count."""
        asked = request.given(CasefileSearch)
        refuse_unknown_agencies(asked, in_body=True)
        paging = Counted(limit=asked.limit, cursor=asked.cursor)
        bound = {
            name: value for name, value in request.json.items() if value is not None and name not in {"cursor", "limit"}
        }
        window = pagination.window(paging, path=request.path, agency=request.actor.agency_id, filters=bound)
        parts = casefiles_in_parts(request.actor, asked, now=request.now, nip=asked.nip, name=asked.name)
        casefiles = with_facts(pagination.newest(parts, of=window), most=window.fetch)
        body = pagination.page(
            casefiles,
            of=window,
            position=lambda row: (str(row.id),),
            shown=_lister(request, casefiles),
            linked=False,
        )
        presenting.record_access(
            request,
            route="/casefiles/search",
            shown=[UUID(item["id"]) for item in body["data"]],
            purpose=asked.purpose,
        )
        return shown(request, body)


@dataclass(frozen=True, slots=True, kw_only=True)
class CasefileDetail:
    """GET /casefiles/{id}."""

    as_of: (
        Annotated[
            Instant,
            NotAfterNow(),
            Doc(
                id="Berkas sebagaimana tercatat pada saat itu, menurut hak lihat sekarang",
                en="The file as recorded at that instant, with today's sight",
                example="2026-11-20T03:04:05.123Z",
            ),
        ]
        | None
    ) = None


class CasefileView(DoorView):
    """One casefile."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": CasefileDetail}
    operations: ClassVar = {
        "get": Operation(
            "read_casefile",
            tag="casefiles",
            id="Satu perkara",
            en="One casefile",
            answer="Casefile",
            tagged=True,
            refuses=("erased",),
        )
    }

    def asks(self) -> Further | None:
        """Sight of the casefile."""
        return sight_of_path(self.kwargs["casefile"])

    def get(self, request: DoorRequest, casefile: str) -> HttpResponse:
        """The casefile as this party sees it, with what it may do next and why not.

        With `as_of` as it was recorded then, and nothing to do. A former party reads it as it stood when it left.
        """
        ident = identifier(casefile)
        asked = request.asked(CasefileDetail)
        sight = reading(request, ident)
        with presenting.recording(request, route="/casefiles/{id}", shown=[ident]) as read:
            if asked.as_of is None and not sight.is_former:
                data = shown_casefile(request, ident, read=read)
            else:
                data = recorded_casefile(request, ident, as_of=asked.as_of, sight=sight, read=read)
        return shown(request, data, version=data["version"])


def _lister(request: DoorRequest, rows: Sequence[ListedCasefile]) -> Callable[[ListedCasefile], dict[str, Any]]:
    """Presents each of these rows; the names of all their agencies are looked up in one statement."""
    names = names_then(set().union(*(agencies_in(row.facts) for row in rows)))
    catalogue = load_catalogue()

    def listed(row: ListedCasefile) -> dict[str, Any]:
        telling = presenting.Telling(
            viewer=projection.viewer_of(request.actor, row.facts),
            names=names(row.updated_at),
            catalogue=catalogue,
            now=request.now,
            language=request.language,
        )
        return presenting.listed(row.id, row.facts, telling, created_at=row.created_at, updated_at=row.updated_at)

    return listed
