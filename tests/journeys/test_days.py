"""Days over HTTP: clocks that differ a little, days that contradict the matter, and a finding from another time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.client import Client, Refused
from tests.journeys.endings import imposes, recommends
from tests.journeys.paths import (
    EMPLOYER,
    EXAMINER,
    SUBMITTER,
    awaiting_sanction,
    finding,
    refusal,
    registered,
    sanction,
    subject,
    submitted,
    under_examination,
)
from tests.warned import others

Parties = Mapping[str, Client]
ASSESSED = {"clarification": {"held": False, "reason": "subject_absent"}}


def ahead(seconds: float) -> str:
    """What a clock says that is so much fast."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def test_a_clock_that_is_fast_within_a_minute_does_no_harm(parties: Parties) -> None:
    """Every act is stored as of its receipt, so that whoever acts a second later without saying when is not refused."""
    office, examiner = parties[SUBMITTER], parties[EXAMINER]
    made = office.post("/findings", finding(office, subjects=[subject("Jam Cepat")], occurred_at=ahead(45))).data
    casefile = made["casefiles"][0]["id"]
    today = str(datetime.now(UTC).astimezone().date() - timedelta(days=1))
    office.act(casefile, "note", {"code": "other", "date": today})
    office.act(casefile, "note", {"code": "other", "date": today, "occurred_at": ahead(50)})
    examiner.act(casefile, "request-identity", {"employer": EMPLOYER})
    steps = [one["transition"] for one in office.get(f"/casefiles/{casefile}/timeline").data["data"]
             if one["kind"] == "transition"]  # fmt: skip
    assert len(steps) == 4
    for step in steps:
        assert step["occurred_at"] == step["recorded_at"]


def test_a_clock_that_is_faster_is_told_by_how_much(parties: Parties) -> None:
    office = parties[SUBMITTER]
    with pytest.raises(Refused) as refused:
        office.post("/findings", finding(office, subjects=[subject("Jam Terlalu Cepat")], occurred_at=ahead(200)))
    (error,) = refused.value.errors
    assert (error["code"], error["pointer"]) == ("in-the-future", "#/occurred_at")
    assert "3 minutes" in error["detail"]
    assert "60 seconds" in error["detail"]

    journey = submitted(parties)
    tomorrow = str((datetime.now(UTC) + timedelta(days=3)).date())
    refused_note = refusal(journey, SUBMITTER, "note", code="other", date=tomorrow)
    (error,) = refused_note.errors
    assert (error["code"], error["pointer"]) == ("in-the-future", "#/date")
    assert "Asia/Jakarta" in error["detail"]


def test_a_finding_whose_days_run_backwards_is_refused_with_the_days(parties: Parties) -> None:
    office = parties[SUBMITTER]
    body = finding(office, subjects=[subject("Terbalik")], known_on="2024-09-28", forwarded_on="2024-10-20")
    with pytest.raises(Refused) as refused:
        office.post("/findings", body)
    assert refused.value.code == "invalid-body"
    found = {one["pointer"]: (one["code"], one["detail"]) for one in refused.value.errors}
    assert found["#/known_on"][0] == "out-of-order"
    assert "2024-09-29, #/violations/0/act_date" in found["#/known_on"][1]
    assert found["#/forwarded_on"][0] == "date-in-the-future"
    assert "2024-10-09" in found["#/forwarded_on"][1]


def test_an_examination_and_a_decree_are_held_to_what_came_before(parties: Parties) -> None:
    journey = under_examination(parties)
    early = refusal(
        journey, EXAMINER, "recommend", letter={"number": "R-1", "date": "2024-10-10"}, violations=[1],
        sanction="discipline_medium", reasoning="Terbukti.", official={"name": "A", "nip": "196701011992031901",
                                                                       "position": "B"},
    )  # fmt: skip
    assert [(one["code"], one["pointer"]) for one in early.errors] == [("dates-run-backwards", "#/letter/date")]
    recommends(journey, "discipline_medium")
    receiver = {"name": "C", "nip": "198403032008012902", "position": "D"}
    journey.act(EMPLOYER, "acknowledge", received_on=str(journey.today), received_by=receiver)
    body = sanction(journey, "allowance_cut_25_6m")
    absent = {"by": "team", "summoned_on": ["2024-01-02"], "attended": True}
    wrong = refusal(journey, EMPLOYER, "report-sanction", **{**body, "examination": absent})
    assert {(one["code"], one["pointer"]) for one in wrong.errors} == {
        ("hearing-day-missing", "#/examination/examined_on"),
        ("dates-run-backwards", "#/examination/summoned_on/0"),
    }
    late = {**absent, "summoned_on": [], "examined_on": str(journey.today), "attended": False}
    wrong = refusal(journey, EMPLOYER, "report-sanction", **{**body, "examination": late})
    assert ("heard-without-attending", "#/examination/examined_on") in {
        (one["code"], one["pointer"]) for one in wrong.errors
    }


def test_a_delivery_whose_proof_bears_another_day_keeps_the_case_open_until_somebody_says_why(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    imposes(journey, "allowance_cut_25_6m")
    client = parties[EMPLOYER]
    described = {"type": "delivery_proof", "title": "Tanda terima", "media_type": "text/plain", "size": 1,
                 "sha256": "ab" * 32, "date": str(journey.today - timedelta(days=40))}  # fmt: skip
    proof = client.post("/documents", described).data["id"]
    told = journey.act(EMPLOYER, "record-delivery", delivered_on=str(journey.today), method="hand", document=proof)
    assert ("delivery-day-doubtful", "#/sanction/delivered_on") in {
        (one["code"], one["pointer"]) for one in told["warnings"]
    }
    journey.today += timedelta(days=60)
    waits = refusal(journey, EXAMINER, "close", conformity="in_line")
    assert [(one["code"], one["pointer"]) for one in waits.errors] == [("remedy-doubtful", "#/remedy_judged")]
    closed = journey.act(EXAMINER, "close", conformity="in_line", remedy_judged="Pegawai mengakui hari penyampaiannya.")
    assert closed["closing"]["remedy_judged"] == "Pegawai mengakui hari penyampaiannya."


def test_a_finding_dated_into_another_authoritys_time_says_whose_it_is_and_why(parties: Parties) -> None:
    office = parties[SUBMITTER]
    body: dict[str, Any] = finding(
        office, subjects=[subject("Zaman KASN")], occurred_at="2024-08-20T09:00:00+07:00", known_on="2024-08-10",
        registered_on="2024-08-12", clarification={"held": True, "held_on": "2024-08-14"},
    )  # fmt: skip
    body["violations"][0]["act_date"] = "2024-08-09"
    answer = office.post("/findings", body).data
    (warning,) = [one for one in answer["warnings"] if one["code"] == "mandate-ended"]
    assert warning["pointer"] == "#/occurred_at"
    for part in ("examining-2014", "Komisi Aparatur Sipil Negara", "2024-08-20", "2024-09-04"):
        assert part in warning["detail"]
    seen = office.casefile(answer["casefiles"][0]["id"])
    assert "mandate-ended" not in {one["code"] for one in seen["warnings"]}, "it is said of the act, not of the case"

    now = finding(office, subjects=[subject("Zaman BKN")])
    assert "mandate-ended" not in {one["code"] for one in office.post("/findings", now).data["warnings"]}


def test_a_finding_that_comes_long_after_its_registration_is_flagged(parties: Parties) -> None:
    office = parties[SUBMITTER]
    for day, late in (("2024-10-10", False), ("2024-10-11", True)):
        body = finding(office, subjects=[subject("Terlambat")], occurred_at=f"{day}T09:00:00+07:00")
        warnings = office.post("/findings", body).data["warnings"]
        found = [one for one in warnings if one["code"] == "late-finding"]
        assert bool(found) is late
        if late:
            assert found[0]["pointer"] == "#/casefiles/0/finding/registered_on"
            assert "2024-10-10" in found[0]["detail"]
    # A further officer, named later, does not make the finding late.
    made = office.post("/findings", finding(office, subjects=[subject("Pertama")])).data
    more = {"subjects": [subject("Kedua")], "occurred_at": "2025-02-01T09:00:00+07:00"}
    added = office.post(f"/findings/{made['id']}/subjects", more).data
    assert "late-finding" not in {one["code"] for one in added["warnings"]}


def test_a_paper_of_another_day_than_its_letter_is_flagged(parties: Parties) -> None:
    journey = under_examination(parties)
    described = {"type": "recommendation", "title": "Surat", "media_type": "text/plain", "size": 1,
                 "sha256": "ab" * 32, "date": "2024-10-11"}  # fmt: skip
    paper = parties[EXAMINER].post("/documents", described).data["id"]
    letter = {**journey.letter("R-1/2024"), "document": paper}
    official = {"name": "A", "nip": "196701011992031901", "position": "B"}
    told = journey.act(
        EXAMINER, "recommend", letter=letter, violations=[1], sanction="discipline_medium", reasoning="x",
        official=official,
    )  # fmt: skip
    assert [(one["code"], one["pointer"]) for one in others(told["warnings"])] == [
        ("document-date-differs", "#/recommendation/letter/date")
    ]
    assert registered(parties[EXAMINER])
