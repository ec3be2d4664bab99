"""For what somebody read: said with the request, else by the client, else by the agency's roles; and recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agencies import purposes
from agencies.models import Client
from api.contract.openapi import files
from audit.models import Access
from casefiles.catalogue.book import load as load_catalogue
from casefiles.flow import State
from tests import callers
from tests.factories import AUDITOR, BKN, PADANG, Story, casefile_at
from tests.partner import Partner, said

pytestmark = pytest.mark.usefixtures("db", "world")


@pytest.fixture(scope="module")
def walked(arranged_once: Callable[[Callable[[], Any]], tuple[str, Any]]) -> tuple[str, Story]:
    return arranged_once(lambda: casefile_at(State.UNDER_EXAMINATION))


@pytest.fixture(scope="module")
def arranged_copy(walked: tuple[str, Story]) -> str:
    return walked[0]


@pytest.fixture
def told(arranged_copy: str, walked: tuple[str, Story]) -> Story:
    return walked[1]


def recorded() -> list[str]:
    """The purposes of all reads, in their order."""
    return list(Access.objects.order_by("pk").values_list("purpose", flat=True))


@pytest.mark.parametrize(
    ("agency", "purpose"),
    [(AUDITOR, "audit"), (BKN, "case_handling"), (PADANG, "case_handling"), ("kemenpanrb", "case_handling")],
)
def test_without_a_word_a_system_reads_for_what_its_agency_is(agency: str, purpose: str) -> None:
    reader = Partner(agency)
    assert said(reader.get("/me"))["default_purpose"] == purpose
    assert reader.get("/casefiles").status_code == 200
    assert recorded() == [purpose]


def test_a_clients_own_purpose_goes_before_its_agencys_and_a_requests_before_both(transactional_db: None) -> None:
    with callers.as_owner():
        Client.objects.filter(agency__code=AUDITOR).update(default_purpose="statistics")
    told = casefile_at(State.UNDER_EXAMINATION)
    reader, path = Partner(AUDITOR), f"/casefiles/{told.casefile}"
    assert said(reader.get("/me"))["default_purpose"] == "statistics"
    reader.get(path)
    reader.get(path, **{"Lintas-Purpose": "legal_proceedings"})
    reader.get(path, **{"Lintas-Purpose": " audit "})
    assert said(reader.get(path, **{"Lintas-Purpose": ""}))["code"] == "purpose-unknown"
    assert recorded() == ["statistics", "legal_proceedings", "audit"]
    listed = said(reader.get(f"{path}/accesses?purpose=legal_proceedings"))["data"]
    assert [(one["route"], one["purpose"]) for one in listed] == [("/casefiles/{id}", "legal_proceedings")]


def test_a_purpose_is_taken_on_every_read_that_is_recorded(told: Story) -> None:
    """Every path that the contract gives the header, called with it, records it."""
    reader = Partner(AUDITOR)
    contract = files.kept("3.0")
    taking = [
        path.removeprefix("/api/v1")
        for path, methods in contract["paths"].items()
        if {"$ref": "#/components/parameters/Purpose"} in methods.get("get", {}).get("parameters", ())
    ]
    reads = [path for path in taking if path.count("{") == path.count("{casefile}")]
    assert {"/casefiles", "/casefiles/{casefile}", "/casefiles/{casefile}/timeline", "/referrals"} <= set(reads)
    for path in reads:
        # An auditor sees the case, but no record that is made for SIASN.
        who = Partner(BKN) if path.endswith("/hukdis") else reader
        answer = who.get(path.format(casefile=told.casefile), **{"Lintas-Purpose": "oversight"})
        assert answer.status_code == 200, (path, answer.content)
    assert recorded() == ["oversight"] * len(reads)
    assert {"/findings/{finding}", "/documents/{document}", "/preventions/{prevention}", "/statistics"} <= set(taking)


@pytest.mark.parametrize(
    ("written", "near"),
    [
        ("Audit", "audit"),
        ("case-handling", "case_handling"),
        ("audit,statistics", None),
        ("Budi Santoso", None),
        ("untuk memeriksa", None),
        ("x" * 500, None),
    ],
)
def test_a_purpose_nobody_knows_is_refused_with_the_nearest(told: Story, written: str, near: str | None) -> None:
    answer = Partner(BKN).get(f"/casefiles/{told.casefile}", **{"Lintas-Purpose": written})
    assert (answer.status_code, said(answer)["code"]) == (400, "purpose-unknown")
    (item,) = said(answer)["errors"]
    assert (item["code"], item["parameter"]) == ("unknown-code", "Lintas-Purpose")
    if near is not None:
        assert item["did_you_mean"] == near
    assert written.encode() not in answer.content or near is not None
    assert recorded() == []


def test_a_search_says_its_purpose_in_its_body() -> None:
    def search(**body: Any) -> Any:
        return Partner(BKN).post("/casefiles/search", {"name": "Terlapor Rekaan", **body})

    assert search(purpose="subject_request").status_code == 200
    assert recorded() == ["subject_request"]
    refused = search(purpose="curious")
    assert (refused.status_code, said(refused)["errors"][0]["code"]) == (422, "unknown-code")
    assert search().status_code == 422


def test_every_role_has_a_purpose_and_every_purpose_a_label() -> None:
    known = load_catalogue().codes("reading_purpose")
    assert tuple(known) == purposes.CODES
    for role in load_catalogue().codes("agency_roles"):
        assert purposes.of_roles([role]) in known
        assert (purposes.of_roles([role]) == "case_handling") is (
            role not in {"auditor", "home_affairs", "policy_ministry", "operator"}
        )
    assert purposes.of_roles({"employer", "auditor"}) == "audit"
    assert purposes.of_roles({"employer", "home_affairs"}) == "case_handling"
