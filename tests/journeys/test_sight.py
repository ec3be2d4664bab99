"""Who sees what of a casefile while it travels."""

from collections.abc import Mapping
from typing import Any

import pytest

from demo.client import Client, Refused
from tests.journeys.paths import (
    ABOVE,
    EMPLOYER,
    EXAMINER,
    OFFICER,
    REPORTER,
    SUBMITTER,
    UNRELATED,
    Journey,
    recommended,
    sanction_reported,
    subject,
    submitted_together,
    under_examination,
)

Parties = Mapping[str, Client]


def everything(journey: Journey, agency: str) -> str:
    """All that this agency can read about the casefile, as text."""
    client = journey.parties[agency]
    answers = [
        journey.read(agency),
        journey.read(agency, "/timeline"),
        client.get("/casefiles", limit="500"),
        client.get("/referrals", status="any", to="any", casefile=journey.casefile),
        client.get("/findings"),
        client.get("/documents", casefile=journey.casefile),
    ]
    return "\n".join(answer.content.decode() for answer in answers)


def test_the_submitter_watches_the_progress_and_its_superiors_read_along(parties: Parties) -> None:
    journey = sanction_reported(parties)
    for agency in (SUBMITTER, ABOVE, "bawaslu-ri"):
        seen = journey.seen_by(agency)
        assert (seen["state"], seen["sanction"]["sanction"]) == ("sanction_reported", "written_reprimand")
        assert seen["finding"]["href"] == f"/api/v1/findings/{journey.finding}"
    assert [one["transition"] for one in journey.seen_by(SUBMITTER)["available"]] == ["note", "reassign", "correct"]
    assert [one["transition"] for one in journey.seen_by("bawaslu-ri")["available"]] == ["reassign"]


def test_an_employer_learns_neither_the_reporter_nor_the_way_to_the_finding(parties: Parties) -> None:
    journey = recommended(parties)
    told = everything(journey, EMPLOYER)
    assert REPORTER["name"] not in told
    assert REPORTER["phone"] not in told
    assert f"/findings/{journey.finding}" not in told
    assert journey.seen_by(EMPLOYER)["withheld"] == ["#/finding/reporter"]
    with pytest.raises(Refused, match="not-found"):
        parties[EMPLOYER].get(f"/findings/{journey.finding}")
    assert journey.seen_by(EXAMINER)["finding"]["reporter"] == {"address": None, **REPORTER}


def test_an_auditor_reads_everything_but_the_reporter_and_does_nothing(parties: Parties) -> None:
    journey = recommended(parties)
    assert REPORTER["name"] not in everything(journey, "bpk")
    assert parties["bpk"].get(f"/findings/{journey.finding}").data["reporter"] is None
    seen = journey.seen_by("bpk")
    assert (seen["available"], seen["subject"]["nip"]) == ([], OFFICER["nip"])


def test_an_employer_gets_evidence_with_the_recommendation_not_before(parties: Parties) -> None:
    journey = under_examination(parties)
    assert journey.seen_by(EMPLOYER)["documents"][0]["sha256"] is None
    proven = recommended(parties)
    assert proven.seen_by(EMPLOYER)["documents"][0]["sha256"] is not None


def test_the_employer_of_one_never_learns_of_the_others(parties: Parties) -> None:
    mine, colleague, stranger = submitted_together(
        parties, [subject("Satu Rantau"), subject("Dua Rantau"), subject("Tiga Rantau")]
    )
    for journey, employer in ((mine, EMPLOYER), (stranger, "pemprov-sumatera-barat")):
        journey.act(EXAMINER, "request-identity", employer=employer)
    mine.act(EMPLOYER, "identify", **{**OFFICER, "name": "Satu Rantau"})
    told = everything(mine, EMPLOYER)
    assert "Satu Rantau" in told
    for other in (colleague, stranger):
        assert other.casefile not in told
        assert other.number not in told
        assert other.is_hidden_from(EMPLOYER)
    assert "Dua Rantau" not in told
    assert "Tiga Rantau" not in told
    body = {"name": "Dua Rantau", "purpose": "case_handling"}
    assert parties[EMPLOYER].post("/casefiles/search", body).data["data"] == []
    assert len(parties[EXAMINER].get(f"/findings/{mine.finding}").data["casefiles"]) == 3


def test_a_former_party_reads_what_it_left_and_learns_no_more(parties: Parties) -> None:
    journey = submitted_together(parties, [subject("Satu Rantau")])[0]
    journey.act(EXAMINER, "request-identity", employer=EMPLOYER)
    journey.act(EMPLOYER, "identify", **{**OFFICER, "name": "Satu Rantau"})
    left = journey.seen_by(EMPLOYER)
    successor = "pemprov-sumatera-barat"
    journey.act(EXAMINER, "request-identity", employer=successor)
    journey.act(successor, "identify", **{**OFFICER, "name": "Dua Rantau", "employer": successor})
    journey.accept()
    shown = journey.seen_by(EMPLOYER)
    assert (shown["former"], shown["available"], shown["version"]) == (True, [], left["version"])
    assert (shown["subject"], shown["turn"]["referral"]) == (left["subject"], left["turn"]["referral"])
    told = journey.read(EMPLOYER).content.decode() + journey.read(EMPLOYER, "/timeline").content.decode()
    for later in ("Dua Rantau", successor, "under_examination"):
        assert later not in told
    client, which = parties[EMPLOYER], {"casefile": journey.casefile}
    assert client.get("/referrals", status="any", to="any", **which).data["data"] == []
    assert client.get("/documents", **which).data["data"] == []
    assert parties[EMPLOYER].get("/casefiles", number=journey.number).data["data"] == []
    with pytest.raises(Refused, match="wrong-party"):
        parties[EMPLOYER].act(journey.casefile, "note", {"code": "other", "date": "2024-10-10"})
    journey.act(EXAMINER, "note", code="inquiry_made", date=str(journey.today))
    assert journey.seen_by(EMPLOYER) == shown


def test_the_file_of_any_moment_is_read_with_today_s_sight(parties: Parties) -> None:
    journey = recommended(parties)
    steps = journey.read(EXAMINER, "/timeline", kind="transition").data["data"]
    for agency in (SUBMITTER, EXAMINER, EMPLOYER, "bpk"):
        states = [journey.read(agency, as_of=one["at"]).data["state"] for one in steps]
        assert states == [one["transition"]["to"] for one in steps]
        told = journey.read(agency, as_of=steps[0]["at"]).content.decode()
        assert (REPORTER["name"] in told) is (agency in {SUBMITTER, EXAMINER})
    between = f"{steps[0]['at']},{steps[-1]['at']}"
    difference = journey.read(EXAMINER, "/timeline", between=between).data["difference"]
    assert (difference["from"], difference["to"]) == (1, len(steps))


def test_subjects_found_later_become_casefiles_of_their_own(parties: Parties) -> None:
    first = submitted_together(parties, [subject("Satu Rantau")])[0]
    late = {"occurred_at": "2024-10-14T09:00:00+07:00", "subjects": [subject("Empat Rantau")]}
    path = f"/findings/{first.finding}/subjects"
    with pytest.raises(Refused, match="not-found"):
        parties["bawaslu-kab-agam"].post(path, late)
    added = parties[SUBMITTER].post(path, late)
    assert (added.status, added.data["version"], len(added.data["casefiles"])) == (201, 2, 1)
    made: dict[str, Any] = added.data["casefiles"][0]
    assert parties[EXAMINER].casefile(made["id"])["turn"]["due_on"] == "2024-10-21"
    assert first.seen_by(EXAMINER)["version"] == 1
    whole = parties[EXAMINER].get(f"/findings/{first.finding}").data
    assert [one["number"] for one in whole["casefiles"]] == [first.number, made["number"]]
    assert [one["name"] for one in whole["subjects"]] == ["Satu Rantau", "Empat Rantau"]


def test_an_office_sees_the_findings_of_those_below_it_only(parties: Parties) -> None:
    journey = submitted_together(parties, [subject("Satu Rantau")])[0]
    for agency in (SUBMITTER, ABOVE, "bawaslu-ri"):
        assert parties[agency].get(f"/findings/{journey.finding}").data["id"] == journey.finding
    for agency in UNRELATED:
        with pytest.raises(Refused, match="not-found"):
            parties[agency].get(f"/findings/{journey.finding}")
