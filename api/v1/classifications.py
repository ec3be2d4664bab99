"""`/catalogue/classifications`: what the law says of an act, for anybody. No token, and nothing asked is kept."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse

from api.contract.operations import Operation
from api.http import preconditions, rendering, throttling
from api.http.language import Wording
from api.http.problems import ErrorItem, Problem
from api.http.queries import NoQuery
from api.http.view import DoorRequest, DoorView, answer
from casefiles.catalogue import classification, election_stages, guidance
from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.guidance import Asked, Guidance, Standing
from casefiles.catalogue.rows import Code

KEPT = "public, max-age=300, stale-while-revalidate=60, stale-if-error=86400"
"""A cache may answer for five minutes, and for a day while we cannot: the answer changes with the catalogue only."""

_TOLD = (
    "Golongan, butir, tingkat dan hukuman yang diperoleh perbuatan itu bila diteruskan sebagai temuan, sejak hari apa, "
    "menurut keputusan mana, seberapa pasti, dan pada hari apa jawabannya berubah. Dihitung oleh fungsi yang sama "
    "dengan `POST /findings`. Bukan putusan. Tanpa token; dibatasi menurut alamat. Yang ditanyakan tidak disimpan dan "
    "tidak dicatat.\n\n"
    "The class, item, level and sanctions that the act would get if it were forwarded as a finding, since which day, "
    "on which decree, how certain, and on which day the answer changes. The function is that of `POST /findings`. "
    "Not a ruling. No token; limited by address. What is asked is neither stored nor logged."
)
_CACHED = (
    "\n\nJawaban GET boleh disimpan cache bersama selama lima menit, dan sama dalam kedua bahasa / A shared cache may "
    "keep the answer to GET for five minutes; it is the same in both languages."
)


class ClassificationsView(DoorView):
    """The same question as a query, which a cache can answer, and as a body."""

    required_scopes: ClassVar = {"get": None, "post": None}
    authentication_classes = ()
    queries: ClassVar = {"get": Asked, "post": NoQuery}
    operations: ClassVar = {
        "get": Operation(
            "read_classification",
            tag="catalogue",
            id="Bolehkah? Golongan suatu perbuatan",
            en="The class of an act",
            description=_TOLD + _CACHED,
            answer="ClassificationAnswer",
            tagged=True,
            refuses=("rate-limited", "temporarily-unavailable"),
        ),
        "post": Operation(
            "classify_act",
            tag="catalogue",
            id="Bolehkah? Golongan suatu perbuatan",
            en="The class of an act",
            description=_TOLD,
            body=Asked,
            answer="ClassificationAnswer",
            refuses=("rate-limited", "temporarily-unavailable"),
        ),
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """The answer, which may be kept."""
        throttling.check_stranger(request._request)
        catalogue = load_catalogue()
        asked = request.asked(Asked)
        if items := _contest_faults(asked, catalogue):
            raise Problem("invalid-query", errors=[_of_parameter(item) for item in items])
        body = rendering.dumps(answered(guidance.advise(asked, catalogue), catalogue))
        tag = preconditions.etag(1, body)
        unchanged = preconditions.is_unchanged(request.headers.get("If-None-Match"), tag)
        response = HttpResponse(status=304) if unchanged else answer(body)
        response["ETag"] = tag
        response["Cache-Control"] = KEPT
        return response

    def post(self, request: DoorRequest) -> HttpResponse:
        """The answer, for this once."""
        throttling.check_stranger(request._request)
        catalogue = load_catalogue()
        asked = request.given(Asked)
        if items := _contest_faults(asked, catalogue):
            raise Problem("invalid-body", errors=items)
        return answer(rendering.dumps(answered(guidance.advise(asked, catalogue), catalogue)))


def _contest_faults(asked: Asked, catalogue: Catalogue) -> list[ErrorItem]:
    return [
        ErrorItem(
            fault.code,
            pointer=fault.pointer,
            detail=Wording(fault.id, fault.en),
            members={"did_you_mean": fault.near} if fault.near else {},
        )
        for fault in guidance.faults(asked, catalogue)
    ]


def _of_parameter(item: ErrorItem) -> ErrorItem:
    name = (item.pointer or "").removeprefix("#/")
    return ErrorItem(item.code, parameter=name, detail=item.detail, members=item.members)


def answered(advised: Guidance, catalogue: Catalogue) -> dict[str, Any]:
    """The answer as plain data, in both languages."""
    found = advised.now.found
    reasoning = classification.explained(found)
    return {
        "catalogue_version": catalogue.version,
        "inputs": {**(reasoning["inputs"] or {}), "employment_kind": advised.asked.employment_kind},
        **_standing(advised.now, catalogue),
        "edition": found.edition,
        "decree": _worded(advised.decree),
        "certainty": advised.certainty,
        "rule": reasoning["rule"],
        "designation": reasoning["designation"],
        "designation_pending": found.designation_pending,
        "stage": election_stages.plain(advised.stage),
        "since": advised.since,
        "until": advised.until,
        "then": _standing(advised.then, catalogue) if advised.then else None,
        "reasoning_id": found.reasoning_id,
        "reasoning_en": found.reasoning_en,
        "notice_id": guidance.NOT_A_RULING_ID,
        "notice_en": guidance.NOT_A_RULING_EN,
    }


def _standing(standing: Standing, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "violation_class": standing.found.violation_class,
        "annex_item": standing.found.annex_item,
        "legal_basis": standing.found.legal_basis,
        "level": _worded(guidance.level_of(standing, catalogue)),
        "sanctions": [
            {**_words_of(row), "legal_basis": row.legal_basis, "certainty": row.certainty} for row in standing.sanctions
        ],
    }


def _worded(row: Code | None) -> dict[str, str] | None:
    return None if row is None else _words_of(row)


def _words_of(row: Code) -> dict[str, str]:
    return {"code": row.code, "label_id": row.label_id, "label_en": row.label_en}
