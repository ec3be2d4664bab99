"""`/preventions` at the door, and what a casefile tells of them."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from casefiles import references
from casefiles.flow import State
from casefiles.models import Payload, Prevention
from tests import factories
from tests.factories import BKN, NAME, NIP, PADANG, PEMKOT
from tests.partner import Partner, said

pytestmark = pytest.mark.usefixtures("db", "world")


def body(**changed: Any) -> dict[str, Any]:
    said_of_it: dict[str, Any] = references.plain(factories.prevention_given())
    return {**said_of_it, **changed}


def warned_before(story: factories.Story, agency: str = BKN, query: str = "") -> Any:
    return said(Partner(agency).get(f"/casefiles/{story.casefile}{query}"))["prior_preventions"]


def test_what_is_recorded_is_read_again_as_it_was_answered() -> None:
    office = Partner(PADANG)
    made = office.post("/preventions", body(addressed=PEMKOT, audience=40))
    assert made.status_code == 201
    shown = said(made)
    assert shown["officers"] == [
        {"nip": NIP, "name": NAME, "employer": {"code": PEMKOT, "name": "Pemerintah Kota Padang"}}
    ]
    assert (shown["kind"], shown["audience"], shown["addressed"]["code"]) == ("verbal_warning", 40, PEMKOT)
    again = office.get(made.headers["Location"].removeprefix("/api/v1"), **{"If-None-Match": made.headers["ETag"]})
    assert again.status_code == 304


def test_a_list_names_nobody() -> None:
    factories.prevention(addressed=PEMKOT)
    page = Partner(BKN).get(f"/preventions?kind=verbal_warning&office={PADANG}&addressed={PEMKOT}")
    assert len(said(page)["data"]) == 1
    assert NAME not in page.content.decode()
    assert NIP not in page.content.decode()
    assert said(Partner(BKN).get("/preventions?kind=socialisation"))["data"] == []


def test_a_repeated_key_records_once() -> None:
    office, key = Partner(PADANG), uuid.uuid4().hex
    first, again = (office.post("/preventions", body(), key=key) for _ in range(2))
    assert (first.content, again.headers["Idempotency-Replayed"]) == (again.content, "true")
    assert Prevention.objects.count() == 1
    other = office.post("/preventions", body(held_on="2024-08-11"), key=key)
    assert (other.status_code, said(other)["code"]) == (422, "idempotency-key-reused")


def test_a_trial_run_stores_nothing() -> None:
    told = Partner(PADANG).post("/preventions?validate_only=true", body())
    assert said(told) == {"valid": True, "warnings": [], "would": {}}
    assert not Prevention.objects.exists()
    assert not Payload.objects.filter(prevention__isnull=False).exists()


@pytest.mark.parametrize(
    ("agency", "changed", "status", "code"),
    [
        (PADANG, {"kind": "verbal_warning", "officers": []}, 422, "invalid-body"),
        (PADANG, {"kind": "scolding"}, 422, "invalid-body"),
        (PADANG, {"held_on": "2999-01-01"}, 422, "invalid-body"),
        (PADANG, {"office": "bawaslu-kab-agam"}, 403, "not-your-office"),
        (BKN, {}, 403, "insufficient-scope"),
    ],
)
def test_a_refusal_says_why(agency: str, changed: dict[str, Any], status: int, code: str) -> None:
    answer = Partner(agency, scopes="findings:write").post("/preventions", body(**changed))
    assert (answer.status_code, said(answer)["code"]) == (status, code)
    assert not Prevention.objects.exists()


# --- what the casefile tells ----------------------------------------------------------------------------------------


def test_only_what_was_held_until_the_act_and_names_the_officer_counts() -> None:
    """The act was on 29 September 2024."""
    day_of_the_act = date(2024, 9, 29)
    before, same = (factories.prevention(held_on=day) for day in (date(2024, 8, 12), day_of_the_act))
    factories.prevention(held_on=day_of_the_act + timedelta(days=1), now=factories.at(date(2024, 10, 1)))
    stranger = factories.Warned(nip="198501012010012002", name=NAME)
    factories.prevention(officers=(stranger,))
    factories.prevention(kind="socialisation", officers=())
    told = factories.casefile_at(State.RECOMMENDED)
    assert [item["id"] for item in warned_before(told)] == [str(same), str(before)]
    assert warned_before(told)[1] == {
        "id": str(before),
        "kind": "verbal_warning",
        "held_on": "2024-08-12",
        "office": {"code": PADANG, "name": "Bawaslu Kota Padang"},
        "href": f"/api/v1/preventions/{before}",
    }


def test_who_has_no_nip_has_not_been_warned() -> None:
    factories.prevention()
    assert warned_before(factories.casefile_at(State.SUBMITTED)) == []


def test_the_examiner_who_identifies_him_is_told_at_once() -> None:
    """The answer of the act is the file as it is read afterwards."""
    ident = factories.prevention()
    told = factories.casefile_at(State.SUBMITTED)
    identity = references.plain(factories.given("identify")) | {"occurred_at": None}
    done = Partner(BKN).post(f"/casefiles/{told.casefile}/identify", identity, version=1)
    assert [item["id"] for item in said(done)["prior_preventions"]] == [str(ident)]
    again = Partner(BKN).get(f"/casefiles/{told.casefile}", **{"If-None-Match": done.headers["ETag"]})
    assert again.status_code == 304


def test_as_of_a_moment_tells_what_was_recorded_by_then() -> None:
    factories.prevention(now=datetime(2025, 3, 1, tzinfo=UTC))
    told = factories.casefile_at(State.RECOMMENDED)
    assert warned_before(told, query="?as_of=2025-02-28T00:00:00Z") == []
    assert len(warned_before(told, query="?as_of=2025-03-02T00:00:00Z")) == 1
    for agency in (PEMKOT, PADANG):
        assert warned_before(told, agency, "?as_of=2025-03-02T00:00:00Z") is None


def test_a_page_of_casefiles_says_nothing_of_it() -> None:
    factories.prevention()
    factories.casefile_at(State.RECOMMENDED)
    (item,) = said(Partner(BKN).get("/casefiles"))["data"]
    assert "prior_preventions" not in item
