"""`/zero-reports` at the door."""

from __future__ import annotations

import json
import uuid
from datetime import date
from typing import Any

import pytest

from audit.models import Access, Entry
from casefiles import references
from casefiles.flow import State
from casefiles.models import Payload, ZeroReport
from tests import factories
from tests.api.answers import assert_answers
from tests.factories import AUDITOR, BKN, OFFICIAL, OTHER_OFFICE, PADANG, PEMKOT, PEMPROV, PROVINCE
from tests.partner import Partner, said

pytestmark = pytest.mark.usefixtures("db", "world")

OCTOBER = {"from": "2024-10-01", "until": "2024-10-31"}


def body(**changed: Any) -> dict[str, Any]:
    said_of_it: dict[str, Any] = references.plain(factories.zero_report_given())
    return {**said_of_it, **changed}


def test_what_is_reported_is_read_again_as_it_was_answered() -> None:
    city = Partner(PEMKOT)
    made = city.post("/zero-reports", body(letter={"number": "B-1/2024", "date": "2024-02-01"}))
    assert made.status_code == 201
    assert_answers(made, "record_zero_report")
    shown = said(made)
    name = {"code": PEMKOT, "name": "Pemerintah Kota Padang"}
    assert (shown["agency"], shown["reported_by"], shown["contradicted_by"]) == (name, name, 0)
    assert shown["period"] == {"from": "2024-01-01", "until": "2024-01-31"}
    assert shown["official"] == {"name": OFFICIAL.name, "nip": OFFICIAL.nip, "position": OFFICIAL.position}
    path = made.headers["Location"].removeprefix("/api/v1")
    assert_answers(city.get(path), "read_zero_report")
    assert city.get(path, **{"If-None-Match": made.headers["ETag"]}).status_code == 304


def test_a_list_names_nobody_and_is_filtered_and_recorded() -> None:
    city = factories.zero_report()
    factories.zero_report(by=PADANG, agency=PADANG, subject="findings", election="pilkada-2024")
    examiner = Partner(BKN)

    def listed(query: str) -> list[str]:
        return [item["agency"]["code"] for item in said(examiner.get(f"/zero-reports{query}"))["data"]]

    assert set(listed("")) == {PEMKOT, PADANG}
    assert listed(f"?agency={PEMKOT}") == listed("?subject=sanctions") == [PEMKOT]
    assert listed("?election=pilkada-2024") == [PADANG]
    assert set(listed("?covers=2024-01-01")) == set(listed("?covers=2024-01-31")) == {PEMKOT, PADANG}
    assert listed("?covers=2023-12-31") == listed("?covers=2024-02-01") == []
    page = examiner.get(f"/zero-reports?agency={PEMKOT}")
    assert_answers(page, "list_zero_reports")
    assert OFFICIAL.name not in page.content.decode()
    read = Access.objects.latest("pk")
    assert (read.route, read.shown) == ("/zero-reports", [city])


def test_a_repeated_key_reports_once_and_another_key_is_told_of_the_first() -> None:
    city, key = Partner(PEMKOT), uuid.uuid4().hex
    first, again = (city.post("/zero-reports", body(), key=key) for _ in range(2))
    assert (first.content, again.headers["Idempotency-Replayed"]) == (again.content, "true")
    other = city.post("/zero-reports", body())
    assert (other.status_code, said(other)["code"]) == (409, "zero-report-exists")
    assert said(other)["existing"] == {"href": said(first)["href"]}
    assert_answers(other, "record_zero_report")
    assert ZeroReport.objects.count() == 1


def test_a_trial_run_stores_nothing() -> None:
    told = Partner(PEMKOT).post("/zero-reports?validate_only=true", body())
    assert said(told) == {"valid": True, "warnings": [], "would": {}}
    assert not ZeroReport.objects.exists()
    assert not Payload.objects.filter(zero_report__isnull=False).exists()


@pytest.mark.parametrize("query", ["", "?validate_only=true"])
def test_a_false_zero_is_refused_with_the_numbers_that_the_caller_may_see(query: str) -> None:
    told = factories.casefile_at(State.RECOMMENDED)
    refused = Partner(PEMKOT).post(f"/zero-reports{query}", body(period=OCTOBER))
    assert (refused.status_code, said(refused)["code"]) == (409, "register-says-otherwise")
    assert_answers(refused, "record_zero_report")
    shown = said(refused)
    number = told.row.number
    assert (shown["contradicted_by"], shown["errors"]) == (1, [
        {
            "code": "referral-in-period",
            "pointer": "#/period",
            "detail": f"Perkara {number} menunggu instansi ini dalam periode itu.",
            "number": number,
            "href": f"/api/v1/casefiles/{told.casefile}",
        }
    ])  # fmt: skip
    assert not ZeroReport.objects.exists()


def test_what_the_caller_does_not_see_any_more_is_counted_and_not_named() -> None:
    """The case went to the province, and the city lost sight of it; it knows that it was asked in October."""
    told = factories.casefile_at(State.AWAITING_SANCTION)
    told.do("transfer", by=BKN, employer=PEMPROV, moved_on=date(2024, 10, 12))
    refused = said(Partner(PEMKOT).post("/zero-reports", body(period=OCTOBER)))
    assert (refused["code"], refused["contradicted_by"]) == ("register-says-otherwise", 1)
    assert "errors" not in refused
    assert told.row.number not in str(refused)


def test_a_finding_that_was_registered_on_another_day_counts_there() -> None:
    office, told = Partner(PADANG), factories.story()
    october = body(agency=PADANG, subject="findings", period=OCTOBER)
    assert said(office.post("/zero-reports", october))["code"] == "register-says-otherwise"
    for fact, day in (("#/finding/known_on", "2024-09-29"), ("#/finding/registered_on", "2024-09-30")):
        told.do("correct", by=PADANG, fact=fact, violation=None, value=day)
    assert said(office.post("/zero-reports", october))["contradicted_by"] == 0


def test_a_finding_that_comes_later_shows_in_the_report() -> None:
    office = Partner(PADANG)
    made = office.post("/zero-reports", body(agency=PADANG, subject="findings", period=OCTOBER))
    path = made.headers["Location"].removeprefix("/api/v1")
    factories.submit()
    changed = office.get(path, **{"If-None-Match": made.headers["ETag"]})
    assert (changed.status_code, said(changed)["contradicted_by"]) == (200, 1)
    (item,) = said(Partner(AUDITOR).get("/zero-reports"))["data"]
    assert item["contradicted_by"] == 1


def test_those_above_an_office_see_the_official_s_nip_masked() -> None:
    made = said(Partner(PADANG).post("/zero-reports", body(agency=PADANG, subject="findings")))
    seen = {
        agency: said(Partner(agency).get(f"/zero-reports/{made['id']}"))["official"]["nip"]
        for agency in (PADANG, PROVINCE, BKN, AUDITOR)
    }
    assert {agency for agency, nip in seen.items() if nip == OFFICIAL.nip} == {PADANG, BKN, AUDITOR}
    assert seen[PROVINCE] == "1970************01"
    below = said(Partner(PROVINCE).post("/zero-reports", body(agency=OTHER_OFFICE, subject="findings")))
    assert (below["reported_by"]["code"], below["official"]["nip"]) == (PROVINCE, OFFICIAL.nip)


@pytest.mark.parametrize(
    ("agency", "changed", "status", "code"),
    [
        (PEMKOT, {"subject": "preventions"}, 422, "invalid-body"),
        (PEMKOT, {"official": None}, 422, "invalid-body"),
        (PEMKOT, {"period": {"from": "2999-01-01", "until": "2999-01-31"}}, 422, "invalid-body"),
        (PEMKOT, {"period": {"from": "2024-01-31", "until": "2024-01-01"}}, 422, "invalid-body"),
        (PEMKOT, {"period": {"from": "2023-01-01", "until": "2024-01-02"}}, 422, "invalid-body"),
        (PEMKOT, {"agency": PEMPROV}, 403, "not-your-office"),
        (PEMKOT, {"subject": "findings"}, 403, "wrong-party"),
        (PADANG, {"subject": "sanctions", "agency": PADANG}, 403, "wrong-party"),
        (PADANG, {"subject": "findings", "agency": OTHER_OFFICE}, 403, "not-your-office"),
    ],
)
def test_a_refusal_says_why(agency: str, changed: dict[str, Any], status: int, code: str) -> None:
    answer = Partner(agency).post("/zero-reports", body(**changed))
    assert (answer.status_code, said(answer)["code"]) == (status, code)
    assert_answers(answer, "record_zero_report")
    assert OFFICIAL.nip not in answer.content.decode()
    assert not ZeroReport.objects.exists()


def test_reading_and_reporting_ask_for_their_scopes() -> None:
    refused = Partner(PEMKOT, scopes="casefiles:read").post("/zero-reports", body())
    assert (refused.status_code, said(refused)["code"]) == (403, "insufficient-scope")
    refused = Partner(PEMKOT, scopes="casefiles:write").get("/zero-reports")
    assert (refused.status_code, said(refused)["code"]) == (403, "insufficient-scope")


WITHDRAWN = {"reason": "Keputusan 20 Januari terlewat.", "official": references.plain(OFFICIAL)}


def test_a_report_is_withdrawn_with_a_reason_and_the_period_is_reported_anew() -> None:
    city, key = Partner(PEMKOT), uuid.uuid4().hex
    report = said(city.post("/zero-reports", body()))
    path = f"/zero-reports/{report['id']}"
    assert (report["withdrawn_at"], report["withdrawal"]) == (None, None)
    answer = city.post(f"{path}/withdraw", WITHDRAWN, key=key)
    assert answer.status_code == 200
    assert_answers(answer, "withdraw_zero_report")
    assert city.post(f"{path}/withdraw", WITHDRAWN, key=key).content == answer.content
    shown = said(city.get(path))
    assert shown["withdrawal"] == {**WITHDRAWN, "withdrawn_by": {"code": PEMKOT, "name": "Pemerintah Kota Padang"}}
    assert shown["withdrawn_at"] is not None
    assert city.get(path).headers["ETag"] == answer.headers["ETag"]
    second = city.post(f"{path}/withdraw", WITHDRAWN)
    assert (second.status_code, said(second)["code"]) == (409, "withdrawn-already")
    assert_answers(second, "withdraw_zero_report")
    # It stays in the list and says so; the period is free again, and once more as often as it is withdrawn.
    for number in (2, 3):
        anew = city.post("/zero-reports", body())
        assert anew.status_code == 201, anew.content
        again = city.post("/zero-reports", body())
        assert said(again)["existing"] == {"href": said(anew)["href"]}
        assert len(said(city.get("/zero-reports?withdrawn=true"))["data"]) == number - 1
        assert [one["id"] for one in said(city.get("/zero-reports?withdrawn=false"))["data"]] == [said(anew)["id"]]
        assert city.post(f"/zero-reports/{said(anew)['id']}/withdraw", WITHDRAWN).status_code == 200
    stream = Entry.objects.filter(stream=report["id"]).order_by("seq")
    assert [json.loads(bytes(entry.body))["kind"] for entry in stream] == [
        "zero_report.recorded",
        "zero_report.withdrawn",
    ]
    assert "terlewat" not in "".join(bytes(entry.body).decode() for entry in stream)


def test_a_report_is_withdrawn_by_who_made_it_or_stands_above_and_by_nobody_else() -> None:
    report = factories.zero_report(by=PADANG, agency=PADANG, subject="findings")
    path = f"/zero-reports/{report}/withdraw"
    for agency, status in ((PEMKOT, 404), (OTHER_OFFICE, 404), (BKN, 403), (PROVINCE, 200)):
        answer = Partner(agency, scopes="casefiles:write").post(path, WITHDRAWN)
        assert answer.status_code == status, (agency, answer.content)
    empty = Partner(PADANG).post(path, {"reason": " ", "official": WITHDRAWN["official"]})
    assert (empty.status_code, said(empty)["errors"][0]["pointer"]) == (422, "#/reason")
    # The NIP of whoever answers for the withdrawal is masked to the offices above, as that of the report is.
    assert said(Partner(PROVINCE).get(f"/zero-reports/{report}"))["withdrawal"]["official"]["nip"] != OFFICIAL.nip
