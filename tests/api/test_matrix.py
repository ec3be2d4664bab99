"""Who gets what from every route: each operation of the OpenAPI document, each role, own and foreign files.

A route that the document gains and this table does not know fails `test_no_route_is_forgotten`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from agencies.models import Client
from api.openapi.files import kept
from casefiles import references
from casefiles.flow import FLOW
from casefiles.flow.finding import Assessment
from casefiles.preventions import Warned
from tests import factories
from tests.conftest import Copies, using
from tests.partner import Partner, call, said
from tests.world import World

# What the agencies are to the one casefile of this story, after it was recommended.
SEES = {
    "bawaslu-kota-padang": "submitter",
    "bawaslu-sumatera-barat": "province above the submitter",
    "bawaslu-ri": "national office above the submitter",
    "bkn": "examiner and civil service agency",
    "pemkot-padang": "employer and addressee",
    "bpk": "auditor",
}
SEES_NOT = {
    "pemprov-sumatera-barat": "asked, and disowned him: it reads nothing any more",
    "bawaslu-kab-agam": "another office under the same province",
    "kasn": "the examiner of another time",
    "kemdikbudristek": "an employer with nothing to do with it",
    "bpasn": "the appeal board, before anything can be appealed",
}
# Reads the casefile as it stood when it left, and is a stranger to everything else.
FORMER = "pemkab-kotawaringin-timur"  # asked, silent, and recalled
EVERYONE = sorted({*SEES, *SEES_NOT, FORMER})
READ_BY_FORMER = {"/casefiles/{casefile}", "/casefiles/{casefile}/timeline"}
# Its office and those above it, the city it was addressed to, the examiner in office, auditors.
PREVENTION_SEEN_BY = {"bawaslu-kota-padang", "bawaslu-sumatera-barat", "bawaslu-ri", "bkn", "bpk", "pemkot-padang"}
# The city itself, the examiner in office, auditors: no other employer, and no office of Bawaslu.
ZERO_REPORT_SEEN_BY = {"pemkot-padang", "bkn", "bpk"}
FINDING_SEEN_BY = {"bawaslu-kota-padang", "bawaslu-sumatera-barat", "bawaslu-ri", "bkn", "bpk"}
PERFORMS = {
    "submitter": {"bawaslu-kota-padang"},
    "superior_office": {"bawaslu-sumatera-barat", "bawaslu-ri"},
    "examiner": {"bkn"},
    "employer": {"pemkot-padang"},
    "addressee": {"pemkot-padang"},
    "oversight": {"bkn"},
    "civil_service_agency": {"bkn"},
}

# Operations that answer everybody, and those that any token opens.
OPEN = {
    ("get", "/"),
    ("get", "/problems"),
    ("get", "/openapi.yaml"),
    ("get", "/openapi.json"),
    ("get", "/log/checkpoint"),
    ("get", "/log/consistency"),
}
ANY_TOKEN = {
    "/me",
    "/agencies",
    "/mandates",
    "/catalogue/calendar",
    "/catalogue/codes",
    "/catalogue/deadlines",
    "/catalogue/document-types",
    "/catalogue/elections",
    "/catalogue/events",
    "/catalogue/ladder",
    "/catalogue/reasons",
    "/catalogue/regions",
    "/catalogue/routing",
    "/catalogue/sanctions",
    "/catalogue/stages",
    "/catalogue/transitions",
    "/catalogue/violations",
}
# Any token opens these too; of what they hold, each caller gets what it had sight of (`test_log.py`).
LOG = {"/log/entries", "/log/entries/{index}/receipt"}
LISTS = {"/casefiles", "/findings", "/referrals", "/documents", "/preventions", "/zero-reports", "/events"}
ONE_CASEFILE = {"/casefiles/{casefile}", "/casefiles/{casefile}/timeline", "/casefiles/{casefile}/accesses"}
TRANSITIONS = {f"/casefiles/{{casefile}}/{row.name}" for row in FLOW if row.routed and not row.creates}
KNOWN = (
    OPEN
    | {("get", path) for path in ANY_TOKEN | LOG | LISTS | ONE_CASEFILE}
    | {("post", path) for path in TRANSITIONS}
    | {
        ("post", "/findings"),
        ("get", "/findings/{finding}"),
        ("post", "/findings/{finding}/subjects"),
        ("post", "/casefiles/search"),
        ("post", "/reconciliations"),
        ("post", "/documents"),
        ("get", "/documents/{document}"),
        ("get", "/statistics"),
        ("post", "/preventions"),
        ("get", "/preventions/{prevention}"),
        ("post", "/zero-reports"),
        ("get", "/zero-reports/{zero_report}"),
    }
)


@dataclass(frozen=True)
class Stage:
    """One recommended casefile, its finding and its documents."""

    story: factories.Story
    assessment: uuid.UUID
    warning: uuid.UUID
    zero_report: uuid.UUID
    version: int


@dataclass(frozen=True)
class Told:
    """A stage, and the database in which it was set."""

    database: str
    stage: Stage


@pytest.fixture(scope="module")
def arranged(copies: Copies, world: World, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Told]:
    """The story, told once in a database of this module's own, and that database's name."""
    name = copies.make(world.template)
    with django_db_blocker.unblock(), using(name):
        stage = _tell()
    yield Told(database=name, stage=stage)
    copies.drop(name)


@pytest.fixture(scope="module")
def world_copy(arranged: Told) -> str:
    """Every test of this module rolls back to the story."""
    return arranged.database


@pytest.fixture
def told(db: None, world: World, arranged: Told) -> Stage:
    """The story as it was told."""
    return arranged.stage


def _tell() -> Stage:
    """A finding whose officer was looked for in two wrong agencies, then found, accepted and recommended."""
    assessment = factories.document(factories.PADANG, "assessment")
    taken = factories.submit(
        assessment=Assessment(summary="Kajian.", documents=(assessment,)), reporter=factories.REPORTER
    )
    story = factories.Story(casefile=taken.steps[0].casefile, finding=taken.finding)
    story.do("request-identity", body=factories.given("request-identity", employer=FORMER))
    story.do("recall")
    story.do("request-identity", body=factories.given("request-identity", employer=factories.PEMPROV))
    story.do(
        "disown",
        by=factories.PEMPROV,
        body=factories.given("disown", employer=factories.PEMKOT),
    )
    for name in ("request-identity", "identify", "accept", "recommend"):
        story.do(name)
    # The office warned him and an officer of the province, in a letter to the city.
    others = Warned(nip="198501012010012002", name="Pegawai Provinsi", employer=factories.PEMPROV)
    warning = factories.prevention(
        addressed=factories.PEMKOT, officers=(*factories.prevention_given().officers, others)
    )
    # In January, long before, the city had nothing to report.
    empty = factories.zero_report()
    return Stage(story=story, assessment=assessment, warning=warning, zero_report=empty, version=story.row.version)


def operations() -> set[tuple[str, str]]:
    """Every operation under /api/v1, from the checked-in document."""
    document = kept("3.0")
    return {
        (method, path.removeprefix("/api/v1") or "/")
        for path, item in document["paths"].items()
        if path.startswith("/api/v1")
        for method in item
        if method in {"get", "post", "put", "patch", "delete"}
    }


def test_no_route_is_forgotten() -> None:
    """The table above and the document name the same operations."""
    assert operations() == KNOWN


def _path(template: str, stage: Stage) -> str:
    story = stage.story
    return template.format(
        casefile=story.casefile,
        finding=story.finding,
        document=stage.assessment,
        prevention=stage.warning,
        zero_report=stage.zero_report,
        index=0,
    )


def _nowhere(template: str) -> str:
    nothing = uuid.uuid4()
    return template.format(
        casefile=nothing, finding=nothing, document=nothing, prevention=nothing, zero_report=nothing, index=0
    )


def _body(path: str) -> Any:
    name = path.rpartition("/")[2]
    if path == "/casefiles/search":
        return {"purpose": "case_handling"}
    if path == "/reconciliations":
        return {"scope": {"role": "employer"}, "items": [{"ref": "1", "nip": factories.NIP}]}
    if path == "/findings/{finding}/subjects":
        return {"subjects": [{"name": "Orang Kedua", "violations": [1]}]}
    if path in TRANSITIONS:
        return references.plain(factories.given(name)) | {"occurred_at": None}
    if path == "/documents":
        return {"type": "other", "title": "Berkas", "media_type": "text/plain", "size": 1, "sha256": "0" * 64}
    return {}


def _send(partner: Partner, method: str, path: str, template: str, version: int = 1) -> Any:
    if method == "get":
        return partner.get(path)
    return partner.post(path, _body(template), version=version)


@pytest.mark.parametrize(("method", "template"), sorted(KNOWN - OPEN))
def test_without_a_token_every_route_is_401(db: None, world: World, method: str, template: str) -> None:
    """No token, a garbage token: 401 as a problem, on every route that wants one."""
    for token, code in ((None, "token-missing"), ("x" * 43, "token-invalid")):
        answer = call(
            method.upper(), _nowhere(template), token=token, body=_body(template) if method == "post" else None
        )
        assert (answer.status_code, said(answer)["code"]) == (401, code)
        assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize(("method", "template"), sorted(KNOWN - OPEN))
def test_without_the_scope_a_route_is_403(told: Stage, method: str, template: str) -> None:
    """A token of no scope opens only what asks for none; the refusal comes before sight."""
    answer = _send(Partner("bkn", scopes=""), method, _nowhere(template), template)
    if template in ANY_TOKEN:
        assert answer.status_code == 200
    elif template in LOG:
        # Past the scope: one asks no question, the other for a proof that nobody has signed yet.
        assert said(answer)["code"] in {"invalid-query", "not-sequenced-yet"}
    else:
        assert (answer.status_code, said(answer)["code"]) == (403, "insufficient-scope")


@pytest.mark.parametrize("template", sorted(ONE_CASEFILE))
@pytest.mark.parametrize("agency", EVERYONE)
def test_a_casefile_is_read_by_its_parties_only(told: Stage, agency: str, template: str) -> None:
    """Parties and auditors read, a former party as it left; others get what a casefile that does not exist gives."""
    partner = Partner(agency)
    answer = partner.get(_path(template, told))
    if "accesses" in template and "accesses:read" not in _scopes(agency):
        # This system may not ask for read records at all, its own casefiles' included.
        assert (answer.status_code, said(answer)["code"]) == (403, "insufficient-scope")
    elif agency in SEES:
        assert answer.status_code == 200
        assert answer.headers.get("ETag", f'"{told.version}.').startswith(f'"{told.version}.')
    elif agency == FORMER and template in READ_BY_FORMER:
        assert answer.status_code == 200
        assert answer.headers["ETag"].startswith('"2.')
    else:
        _is_like_nothing(answer, partner.get(_nowhere(template)))


@pytest.mark.parametrize("agency", EVERYONE)
def test_only_a_former_party_is_held_to_the_past(told: Stage, agency: str) -> None:
    """As of any instant, a former party goes no further than it saw; strangers are told of no instant at all."""
    answer = Partner(agency).get(f"/casefiles/{told.story.casefile}?as_of=2025-06-01T00:00:00Z")
    if agency in SEES:
        shown = said(answer)
        assert (shown["version"], shown["former"], shown["as_of"]) == (told.version, False, "2025-06-01T00:00:00.000Z")
    elif agency == FORMER:
        shown = said(answer)
        assert (shown["version"], shown["former"], shown["employer"]["code"]) == (2, True, FORMER)
    else:
        _is_like_nothing(answer, Partner(agency).get(_nowhere("/casefiles/{casefile}")))


def _scopes(agency: str) -> list[str]:
    scopes: list[str] = Client.objects.get(agency__code=agency).scopes
    return scopes


def _is_like_nothing(answer: Any, nothing: Any) -> None:
    assert (answer.status_code, nothing.status_code) == (404, 404)
    hidden, absent = said(answer), said(nothing)
    hidden.pop("instance"), absent.pop("instance")
    assert hidden == absent
    assert set(answer.headers) == set(nothing.headers)


@pytest.mark.parametrize("template", sorted(TRANSITIONS))
@pytest.mark.parametrize("agency", [agency for agency in EVERYONE if agency != "bpk"])
def test_a_transition_is_its_partys_only(told: Stage, agency: str, template: str) -> None:
    """Not visible: 404 like nothing. Readable but another's: 403. One's own: anything but those, and never a 5xx."""
    row = next(row for row in FLOW if template.endswith(f"/{row.name}"))
    partner = Partner(agency)
    answer = _send(partner, "post", _path(template, told), template, told.version)
    if agency in SEES_NOT:
        _is_like_nothing(answer, _send(partner, "post", _nowhere(template), template, told.version))
        return
    if agency == FORMER:
        assert (answer.status_code, said(answer)["code"]) == (403, "wrong-party")
    mine = any(agency in PERFORMS.get(party, ()) for party in row.by)
    if mine:
        assert answer.status_code in {200, 409, 422}, answer.content
    else:
        # A body that names another's document is mended before the party is judged (422), never performed.
        assert (answer.status_code, said(answer)["code"]) in {(403, "wrong-party"), (422, "invalid-body")}
    assert told.story.row.version == told.version + (answer.status_code == 200)


def test_auditors_change_nothing(told: Stage) -> None:
    """An auditor's system has no writing scope; given one, it is no party."""
    refused = Partner("bpk").post(f"/casefiles/{told.story.casefile}/note", _body("/note"), version=told.version)
    assert said(refused)["code"] == "insufficient-scope"
    armed = Partner("bpk", scopes="casefiles:write casefiles:read")
    answer = armed.post(f"/casefiles/{told.story.casefile}/note", {"code": "other", "date": "2024-10-10"}, version=9)
    assert answer.status_code == 403
    assert told.story.row.version == told.version


@pytest.mark.parametrize("agency", EVERYONE)
def test_a_finding_is_never_shown_to_an_employer(told: Stage, agency: str) -> None:
    """The finding names every subject: the submitter's side, the examiner and auditors read it."""
    partner = Partner(agency)
    answer = partner.get(f"/findings/{told.story.finding}")
    if agency in FINDING_SEEN_BY:
        assert answer.status_code == 200
    else:
        _is_like_nothing(answer, partner.get(_nowhere("/findings/{finding}")))


@pytest.mark.parametrize("agency", EVERYONE)
def test_a_zero_report_is_never_shown_to_another_employer(told: Stage, agency: str) -> None:
    """The agency itself, the examiner and auditors; to everybody else it is like nothing."""
    partner = Partner(agency)
    answer = partner.get(f"/zero-reports/{told.zero_report}")
    if agency in ZERO_REPORT_SEEN_BY:
        assert answer.status_code == 200
    else:
        _is_like_nothing(answer, partner.get(_nowhere("/zero-reports/{zero_report}")))


@pytest.mark.parametrize("agency", EVERYONE)
def test_lists_hold_what_the_caller_sees(told: Stage, agency: str) -> None:
    """Lists, search and counts agree with sight: one casefile for who sees it, none for the rest."""
    partner = Partner(agency)
    wanted = {str(told.story.casefile)} if agency in SEES else set()
    page = said(partner.get("/casefiles?count=exact"))
    assert {item["id"] for item in page["data"]} == wanted
    assert page["count"] == {"value": len(wanted), "capped": False}
    found = said(partner.post("/casefiles/search", {"nip": factories.NIP, "purpose": "case_handling"}))
    assert {item["id"] for item in found["data"]} == wanted
    (line,) = said(partner.post("/reconciliations", _body("/reconciliations")))["items"]
    assert {item["id"] for item in line["casefiles"]} == wanted
    referrals = said(partner.get("/referrals?to=any&status=any&count=exact"))
    assert {item["casefile"]["id"] for item in referrals["data"]} == wanted
    findings = said(partner.get("/findings?count=exact"))
    assert findings["count"]["value"] == (1 if agency in FINDING_SEEN_BY else 0)
    preventions = said(partner.get("/preventions"))
    assert (str(told.warning) in {item["id"] for item in preventions["data"]}) == (agency in PREVENTION_SEEN_BY)
    reports = said(partner.get("/zero-reports"))
    assert (str(told.zero_report) in {item["id"] for item in reports["data"]}) == (agency in ZERO_REPORT_SEEN_BY)
    documents = said(partner.get("/documents"))
    assert (str(told.assessment) in {item["id"] for item in documents["data"]}) == (agency in SEES)


@pytest.mark.parametrize("agency", EVERYONE)
def test_the_reporter_is_shown_to_submitter_and_examiner_only(told: Stage, agency: str) -> None:
    """Not to employers, not to auditors, not to the offices above: in no answer at all."""
    partner = Partner(agency)
    entitled = agency in {"bawaslu-kota-padang", "bkn"}
    for path in (
        f"/casefiles/{told.story.casefile}",
        f"/casefiles/{told.story.casefile}/timeline",
        f"/findings/{told.story.finding}",
        "/casefiles",
        "/findings",
        "/referrals?to=any&status=any",
    ):
        content = partner.get(path).content.decode()
        if not entitled:
            assert "Pelapor Rekaan" not in content, path
    if entitled:
        assert "Pelapor Rekaan" in partner.get(f"/casefiles/{told.story.casefile}").content.decode()


@pytest.mark.parametrize(
    ("agency", "sees_digest"),
    [
        ("bawaslu-kota-padang", True),
        ("bawaslu-sumatera-barat", True),
        ("bkn", True),
        ("pemkot-padang", True),
        ("bpk", True),
        ("pemprov-sumatera-barat", None),
        (FORMER, None),
        ("kasn", None),
    ],
)
def test_a_document_follows_its_casefile_and_its_type(told: Stage, agency: str, sees_digest: bool | None) -> None:
    """The assessment (audience R) is open to submitter, examiner and, once recommended, to the addressee."""
    answer = Partner(agency).get(f"/documents/{told.assessment}")
    if sees_digest is None:
        assert answer.status_code == 404
    else:
        assert (said(answer)["sha256"] is not None) == sees_digest


@pytest.mark.parametrize("agency", EVERYONE)
def test_a_prevention_names_to_the_agency_addressed_its_own_officers_only(told: Stage, agency: str) -> None:
    """Office, ancestors, examiner and auditors read it whole; a stranger is told of nothing."""
    partner = Partner(agency)
    answer = partner.get(f"/preventions/{told.warning}")
    if agency not in PREVENTION_SEEN_BY:
        _is_like_nothing(answer, partner.get(_nowhere("/preventions/{prevention}")))
        return
    shown = said(answer)
    employers = [officer["employer"]["code"] for officer in shown["officers"]]
    if agency == "pemkot-padang":
        assert (employers, shown["withheld"]) == (["pemkot-padang"], ["#/officers"])
        assert "Pegawai Provinsi" not in answer.content.decode()
    else:
        assert (employers, shown["withheld"]) == (["pemkot-padang", "pemprov-sumatera-barat"], [])


@pytest.mark.parametrize("agency", sorted(SEES))
def test_only_examiner_and_auditors_are_told_that_he_had_been_warned(told: Stage, agency: str) -> None:
    """Not the employer, although the letter went to it; not even the office that warned him."""
    partner = Partner(agency)
    prior = said(partner.get(f"/casefiles/{told.story.casefile}"))["prior_preventions"]
    if agency in {"bkn", "bpk"}:
        assert [item["id"] for item in prior] == [str(told.warning)]
        assert partner.get(prior[0]["href"].removeprefix("/api/v1")).status_code == 200
    else:
        assert prior is None


def test_a_document_is_its_owners_alone_until_attached(told: Stage) -> None:
    """Nobody else sees, or may name, a descriptor that no transition has attached."""
    mine = factories.document("bkn", "other")
    assert Partner("bkn").get(f"/documents/{mine}").status_code == 200
    for agency in ("bpk", "bawaslu-kota-padang", "pemkot-padang"):
        assert Partner(agency).get(f"/documents/{mine}").status_code == 404
    body = {"code": "other", "date": "2024-10-12", "document": str(mine)}
    answer = Partner("bawaslu-kota-padang").post(f"/casefiles/{told.story.casefile}/note", body, version=told.version)
    assert (answer.status_code, said(answer)["errors"][0]["code"]) == (422, "unknown-document")
