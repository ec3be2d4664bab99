"""Who sees what of one casefile and of all that hangs on it: each party, own and foreign files."""

from __future__ import annotations

import pytest

from agencies.models import Client
from tests import factories
from tests.api.matrix.stage import (
    EVERYONE,
    FINDING_SEEN_BY,
    FORMER,
    ONE_CASEFILE,
    PREVENTION_SEEN_BY,
    READ_BY_FORMER,
    SEES,
    ZERO_REPORT_SEEN_BY,
    Stage,
    assert_like_nothing,
    body_of,
    nowhere,
    path_of,
)
from tests.partner import Partner, said


@pytest.mark.parametrize("template", sorted(ONE_CASEFILE))
@pytest.mark.parametrize("agency", EVERYONE)
def test_a_casefile_is_read_by_its_parties_only(told: Stage, agency: str, template: str) -> None:
    """Parties and auditors read, a former party as it left; others get what a casefile that does not exist gives."""
    partner = Partner(agency)
    answer = partner.get(path_of(template, told))
    if "accesses" in template and "accesses:read" not in _scopes(agency):
        # This system may not ask for read records at all, its own casefiles' included.
        assert (answer.status_code, said(answer)["code"]) == (403, "insufficient-scope")
    elif agency in SEES and "evidence" in template:
        # It was not signed, which is told to who sees the casefile (`tests/api/http/test_signatures.py`).
        assert (answer.status_code, said(answer)["code"]) == (404, "no-evidence")
    elif agency in SEES:
        assert answer.status_code == 200
        assert answer.headers.get("ETag", f'"{told.version}.').startswith(f'"{told.version}.')
    elif agency == FORMER and template in READ_BY_FORMER:
        assert answer.status_code == 200
        assert answer.headers["ETag"].startswith('"2.')
    else:
        assert_like_nothing(answer, partner.get(nowhere(template)))


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
        assert_like_nothing(answer, Partner(agency).get(nowhere("/casefiles/{casefile}")))


def _scopes(agency: str) -> list[str]:
    scopes: list[str] = Client.objects.get(agency__code=agency).scopes
    return scopes


@pytest.mark.parametrize("agency", EVERYONE)
def test_a_finding_is_never_shown_to_an_employer(told: Stage, agency: str) -> None:
    """The finding names every subject: the submitter's side, the examiner and auditors read it."""
    partner = Partner(agency)
    answer = partner.get(f"/findings/{told.story.finding}")
    if agency in FINDING_SEEN_BY:
        assert answer.status_code == 200
    else:
        assert_like_nothing(answer, partner.get(nowhere("/findings/{finding}")))


@pytest.mark.parametrize("agency", EVERYONE)
def test_a_zero_report_is_never_shown_to_another_employer(told: Stage, agency: str) -> None:
    """The agency itself, the examiner and auditors; to everybody else it is like nothing."""
    partner = Partner(agency)
    answer = partner.get(f"/zero-reports/{told.zero_report}")
    if agency in ZERO_REPORT_SEEN_BY:
        assert answer.status_code == 200
    else:
        assert_like_nothing(answer, partner.get(nowhere("/zero-reports/{zero_report}")))


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
    (line,) = said(partner.post("/reconciliations", body_of("/reconciliations")))["items"]
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
        assert_like_nothing(answer, partner.get(nowhere("/preventions/{prevention}")))
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
