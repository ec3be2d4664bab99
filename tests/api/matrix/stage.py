"""One recommended casefile, what each agency is to it, and how a test of the matrix asks."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from casefiles import references
from casefiles.flow import FLOW
from casefiles.flow.finding import Assessment
from casefiles.intake.preventions import Warned
from tests import factories
from tests.partner import Partner, call, said

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

ONE_CASEFILE = {
    "/casefiles/{casefile}",
    "/casefiles/{casefile}/timeline",
    "/casefiles/{casefile}/accesses",
    "/casefiles/{casefile}/evidence/{seq}",
}
TRANSITIONS = {f"/casefiles/{{casefile}}/{row.name}" for row in FLOW if row.routed and not row.creates}


@dataclass(frozen=True)
class Stage:
    """One recommended casefile, its finding and its documents."""

    story: factories.Story
    assessment: uuid.UUID
    warning: uuid.UUID
    zero_report: uuid.UUID
    version: int


def tell() -> Stage:
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


def path_of(template: str, stage: Stage) -> str:
    story = stage.story
    return template.format(
        casefile=story.casefile,
        finding=story.finding,
        document=stage.assessment,
        prevention=stage.warning,
        zero_report=stage.zero_report,
        batch=uuid.uuid4(),
        snapshot=uuid.uuid4(),
        webhook=uuid.uuid4(),
        delivery=uuid.uuid4(),
        delegation=uuid.uuid4(),
        index=0,
        seq=stage.version,
        kid="k1",
        agency=factories.PADANG,
    )


def nowhere(template: str) -> str:
    nothing = uuid.uuid4()
    return template.format(
        casefile=nothing,
        finding=nothing,
        document=nothing,
        prevention=nothing,
        zero_report=nothing,
        batch=nothing,
        snapshot=nothing,
        webhook=nothing,
        delivery=nothing,
        delegation=nothing,
        index=0,
        seq=1,
        kid="k1",
        agency="tidak-ada",
    )


def body_of(path: str) -> Any:
    name = path.rpartition("/")[2]
    if path == "/casefiles/search":
        return {"purpose": "case_handling"}
    if path == "/reconciliations":
        return {"scope": {"role": "employer"}, "items": [{"ref": "1", "nip": factories.NIP}]}
    if path == "/findings/{finding}/subjects":
        return {"subjects": [{"name": "Orang Kedua", "violations": [1]}]}
    if path in TRANSITIONS:
        return references.plain(factories.given(name)) | {"occurred_at": None}
    if path.endswith("/hukdis"):
        return {"sanction_version": 1, "digest": "0" * 64}
    if path == "/documents":
        return {"type": "other", "title": "Berkas", "media_type": "text/plain", "size": 1, "sha256": "0" * 64}
    return {}


def send(partner: Partner, method: str, path: str, template: str, version: int = 1) -> Any:
    if method == "get":
        return partner.get(path)
    if method in {"patch", "delete", "put"}:
        return call(method.upper(), path, token=partner.token, body=body_of(template) if method == "patch" else None)
    return partner.post(path, body_of(template), version=version)


def assert_like_nothing(answer: Any, nothing: Any) -> None:
    assert (answer.status_code, nothing.status_code) == (404, 404)
    hidden, absent = said(answer), said(nothing)
    hidden.pop("instance"), absent.pop("instance")
    assert hidden == absent
    assert set(answer.headers) == set(nothing.headers)
