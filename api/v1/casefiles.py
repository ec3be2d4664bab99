"""`/casefiles`: list, search, detail, timeline, accesses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Q
from django.http import HttpResponse

from agencies.models import Agency
from api.contract.operations import Operation
from api.http import pagination
from api.http.problems import ErrorItem, Problem
from api.http.queries import Counted, NoQuery, refuse_unknown_agencies
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from casefiles import nip
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.law import LawBook, local_day, open_book
from casefiles.flow import OutcomeName, State
from casefiles.flow.parties import HOLDERS
from casefiles.identifiers import number_key
from casefiles.models import Casefile
from casefiles.names import name_key
from casefiles.queries import CasefileQuerySet, Sight
from casefiles.shapes import AgencyCode, Between, Code, Doc, Instant, Items, Nip, NotAfterNow, Ref, Text
from casefiles.sight import projection
from casefiles.transitions import duplicates, pair
from casefiles.transitions.load import load, load_recorded, preventions_of
from casefiles.transitions.loaded import Loaded

States = Annotated[tuple[State, ...], Items(1, 20), Doc(id="Tahap", en="States", example="recommended")]
Outcomes = Annotated[tuple[OutcomeName, ...], Items(1, 20), Doc(id="Hasil", en="Outcomes", example="sanctioned")]


@dataclass(frozen=True, kw_only=True)
class CasefileFilters:
    """The filters that list and search share."""

    state: States = ()
    outcome: Outcomes = ()
    turn: Annotated[AgencyCode, Doc(id="Giliran: me atau kode instansi", en="Turn: me or an agency code")] | None = None
    submitter: Annotated[AgencyCode, Doc(id="Pengirim", en="Submitter")] | None = None
    examiner: Annotated[AgencyCode, Doc(id="Pemeriksa", en="Examiner")] | None = None
    employer: Annotated[AgencyCode, Doc(id="Instansi pegawai", en="Employer")] | None = None
    mandate: (
        Annotated[str, Text(80), Doc(id="Kode mandat pemeriksa", en="The mandate's code", example="examining-2024")]
        | None
    ) = None
    form: Annotated[str, Code("violations"), Doc(id="Bentuk", en="Form")] | None = None
    violation_class: Annotated[str, Code("violation_class"), Doc(id="Golongan", en="Class")] | None = None
    overdue: Annotated[bool, Doc(id="Lewat tenggat", en="Overdue")] | None = None
    number: Annotated[str, Text(40), Doc(id="Nomor perkara", en="Number", example="LTS/2026/000123")] | None = None
    register_number: Annotated[str, Text(120), Doc(id="Nomor register", en="Register number")] | None = None
    finding: Annotated[UUID, Ref("finding"), Doc(id="Temuan", en="Finding")] | None = None
    election: Annotated[str, Code("elections"), Doc(id="Pemilihan", en="Election")] | None = None
    changed_since: (
        Annotated[
            Instant,
            Doc(
                id="Berubah sejak (>=). Beri tumpang tindih dua menit dan buang ganda menurut version.",
                en="Changed since (>=). Overlap two minutes and deduplicate by version.",
            ),
        ]
        | None
    ) = None


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
        rows = filtered(Casefile.objects.visible_to(request.actor).with_content(), asked, request)
        found = _page(pagination.after(rows, ("-pk",), window.after), window.fetch)
        body = pagination.page(
            found,
            of=window,
            position=lambda row: (str(row["id"]),),
            shown=_lister(request, found),
            count=pagination.count(rows) if window.counts else None,
        )
        presenting.record_access(request, route="/casefiles", shown=[UUID(item["id"]) for item in body["data"]])
        return shown(request, body)


class CasefileSearchView(DoorView):
    """Search by what is personal: in a body, with a purpose, recorded."""

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
        rows = filtered(Casefile.objects.visible_to(request.actor).with_content(), asked, request)
        if asked.nip is not None:
            rows = rows.with_subject(nip=asked.nip)
        if asked.name is not None:
            rows = rows.with_subject(name_key=name_key(asked.name))
        found = _page(pagination.after(rows, ("-pk",), window.after), window.fetch)
        body = pagination.page(
            found, of=window, position=lambda row: (str(row["id"]),), shown=_lister(request, found), linked=False
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

    def get(self, request: DoorRequest, casefile: str) -> HttpResponse:
        """The casefile as this party sees it, with what it may do next and why not.

        With `as_of` as it was recorded then, and nothing to do. A former party reads it as it stood when it left.
        """
        ident = identifier(casefile)
        asked = request.asked(CasefileDetail)
        seen = reading(request, ident)
        if asked.as_of is None and not seen.is_former:
            data = shown_casefile(request, ident)
        else:
            data = recorded_casefile(request, ident, as_of=asked.as_of, seen=seen)
        presenting.record_access(request, route="/casefiles/{id}", shown=[ident])
        return shown(request, data, version=data["version"])


def reading(request: DoorRequest, ident: UUID) -> Sight:
    """How the caller reads that casefile, now or as it left it. Raises Problem `not-found` where it may not at all."""
    seen = Casefile.objects.seen_by(request.actor, casefile=ident)
    if seen is None:
        raise Problem("not-found")
    return seen


def require_sight(request: DoorRequest, ident: UUID) -> None:
    """Raise Problem `not-found` unless the caller sees that casefile now; a former party does not."""
    if reading(request, ident).is_former:
        raise Problem("not-found")


def shown_casefile(request: DoorRequest, ident: UUID) -> dict[str, Any]:
    """The casefile as the caller sees it now. Sight has been checked."""
    actor = request.actor
    loaded = load(ident, actor=actor.agency_id, auditor=actor.is_auditor, today=local_day(request.now, actor.time_zone))
    return present(request, loaded, law=open_book(calendar_version=loaded.context.calendar_version))


def present(request: DoorRequest, loaded: Loaded, *, law: LawBook, beside: Loaded | None = None) -> dict[str, Any]:
    """A loaded casefile as the caller sees it; `beside` is the other one that an act just performed concerned."""
    actor = request.actor
    viewer = projection.viewer_of(actor, loaded.facts)
    candidates = duplicates.candidates(actor, casefile=loaded.id, facts=loaded.facts) if viewer.sees_duplicates else ()
    case = pair.shown(loaded, candidates, actor=actor, law=law, now=request.now, beside=beside)
    telling = presenting.Telling(
        viewer=viewer,
        names=with_owners(names_of(loaded), loaded.facts["documents"]),
        catalogue=law.catalogue,
        now=request.now,
        language=request.language,
        rule=loaded.referral.rule if loaded.referral else None,
    )
    seen = presenting.casefile(
        loaded.id,
        loaded.facts,
        telling,
        created_at=loaded.columns.created_at,
        updated_at=loaded.columns.updated_at,
        available=presenting.available(case, ident=loaded.id, parties=case.acts_as, language=request.language),
        duplicates=duplicates.among(
            candidates, casefile=loaded.id, finding=loaded.columns.finding_id, facts=loaded.facts
        )
        if viewer.sees_duplicates
        else None,
        identities=loaded.identities,
    )
    return {
        **seen,
        "prior_preventions": presenting.prior_preventions(_preventions(loaded)),
        "as_of": None,
        "former": False,
    }


def _preventions(loaded: Loaded) -> Sequence[Mapping[str, Any]] | None:
    """What came along with the casefile, unless the act that was just performed gave its officer another NIP."""
    subject = loaded.facts["subject"]
    if loaded.preventions is None or (subject.get("nip") or "") == loaded.prevented:
        return loaded.preventions
    last_act = max(violation["act_date"] for violation in loaded.facts["violations"])
    return preventions_of(nip.all_of(subject), until=date.fromisoformat(last_act))


def recorded_casefile(request: DoorRequest, ident: UUID, *, as_of: datetime | None, seen: Sight) -> dict[str, Any]:
    """The casefile as recorded at that instant, or as the caller left it. Sight has been checked.

    What of it is shown depends on what the caller is to the file today; a former party, on what it was when it left.
    Raises Problem `invalid-query` where nothing was recorded yet.
    """
    moments = [moment for moment in (as_of, seen.left_at) if moment is not None]
    moment = min(moments, default=request.now)
    recorded = load_recorded(ident, at=moment, until=seen.until, actor=request.actor)
    if recorded is None:
        raise Problem("invalid-query", errors=[ErrorItem("before-it-began", parameter="as_of")])
    telling = presenting.Telling(
        viewer=projection.viewer_of(request.actor, recorded.parties),
        names=with_owners(recorded.names, recorded.facts["documents"]),
        catalogue=load_catalogue(),
        now=moment,
        language=request.language,
    )
    then = presenting.casefile(
        ident,
        recorded.facts,
        telling,
        created_at=recorded.created_at,
        updated_at=recorded.recorded_at,
        identities=recorded.identities,
    )
    return {
        **then,
        "prior_preventions": presenting.prior_preventions(recorded.preventions),
        "as_of": moment,
        "former": seen.is_former,
    }


def names_of(loaded: Loaded) -> dict[str, str]:
    """The names of the agencies that came along with a casefile."""
    return {agency.code: agency.name for agency in loaded.context.agencies.values()}


def with_owners(names: Mapping[str, str], documents: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """These names, and those of whoever else owns one of the documents: one statement where somebody else does."""
    missing = {document["owner"] for document in documents} - names.keys() - {None}
    return {**names, **agency_names(missing)} if missing else names


def filtered(rows: CasefileQuerySet, asked: CasefileFilters, request: DoorRequest) -> CasefileQuerySet:
    """The rows that match what was asked; filters that name an agency take its code."""
    conditions: dict[str, Any] = {}
    if asked.state:
        conditions["state__in"] = asked.state
    if asked.outcome:
        conditions["outcome__in"] = asked.outcome
    if asked.turn is not None:
        code = request.actor.agency_code if asked.turn == "me" else asked.turn
        conditions["open_referral__to_agency__code"] = code
    for party in ("submitter", "examiner", "employer", "mandate"):
        if (code := getattr(asked, party)) is not None:
            conditions[f"{party}__code"] = code
    if asked.form is not None:
        conditions["forms__contains"] = [asked.form]
    for name in ("violation_class", "election"):
        if (value := getattr(asked, name)) is not None:
            conditions[name] = value
    if asked.number is not None:
        conditions["number"] = number_key(asked.number)
    if asked.finding is not None:
        conditions["finding"] = asked.finding
    if asked.register_number is not None:
        conditions["finding__register_key"] = number_key(asked.register_number)
    if asked.changed_since is not None:
        conditions["updated_at__gte"] = asked.changed_since
    found: CasefileQuerySet = rows.filter(**conditions)
    if asked.overdue is not None:
        late = Q(open_referral__due_at__lte=request.now)
        found = found.filter(late) if asked.overdue else found.exclude(late)
    return found


def _page(rows: CasefileQuerySet, limit: int) -> list[dict[str, Any]]:
    """The rows of one page with their facts, in two statements: ids by keyset, then facts and names."""
    ids = list(rows.values_list("pk", flat=True)[:limit])
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.id, c.created_at, c.updated_at, p.facts::text
            FROM casefiles_casefile c
            JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1
            WHERE c.id = ANY(%s) AND p.facts IS NOT NULL ORDER BY c.id DESC
            """,
            [ids],
        )
        return [
            {"id": ident, "created_at": created, "updated_at": updated, "facts": orjson.loads(facts)}
            for ident, created, updated, facts in cursor.fetchall()
        ]


def _lister(request: DoorRequest, rows: Sequence[Mapping[str, Any]]) -> Any:
    codes = {
        code
        for row in rows
        for code in (
            *(row["facts"].get(party) for party in HOLDERS),
            (row["facts"].get("turn") or {}).get("agency"),
        )
        if code
    }
    names = agency_names(codes)
    catalogue = load_catalogue()

    def one(row: Mapping[str, Any]) -> dict[str, Any]:
        telling = presenting.Telling(
            viewer=projection.viewer_of(request.actor, row["facts"]),
            names=names,
            catalogue=catalogue,
            now=request.now,
            language=request.language,
        )
        return presenting.listed(
            row["id"], row["facts"], telling, created_at=row["created_at"], updated_at=row["updated_at"]
        )

    return one


def agency_names(codes: set[str]) -> dict[str, str]:
    """The names of those agencies by code."""
    return dict(Agency.objects.filter(code__in=codes).values_list("code", "name"))
