"""The same matter through two offices: the examiner is told and judges, nobody else learns of the other file."""

import json
import uuid
from collections.abc import Mapping

import pytest

from demo.client import Client
from tests.journeys.paths import (
    EMPLOYER,
    EXAMINER,
    OFFICER,
    OFFICIAL,
    RECEIVER,
    SUBMITTER,
    Journey,
    awaiting_sanction,
    finding,
    refusal,
    registered,
    subject,
)

Parties = Mapping[str, Client]
ELSEWHERE, AUDITOR = "bawaslu-kab-agam", "bpk"


@pytest.fixture
def officer() -> dict[str, str]:
    """An officer whom no other journey tells of."""
    return {**OFFICER, "nip": f"19850101201001{uuid.uuid4().int % 9000 + 1000}", "name": f"Rekaan {uuid.uuid4().hex}"}


def twice(parties: Parties, officer: Mapping[str, str], number: str) -> tuple[Journey, Journey]:
    """One matter, forwarded by the city's office from a report and by the regency's from LAPOR."""
    journeys = []
    for office, source, day in ((SUBMITTER, "report", "2024-09-29"), (ELSEWHERE, "public_complaint", "2024-10-01")):
        client = parties[office]
        body = finding(client, subjects=[subject(officer["name"], employer=EMPLOYER)], source=source)
        body["violations"][0]["act_date"] = day
        body |= {"origin_office": office, "references": [{"system": "sp4n_lapor", "value": number}]}
        made = client.post("/findings", body).data
        journeys.append(Journey(parties, made["casefiles"][0]["id"], made["id"], made["casefiles"][0]["number"]))
    return journeys[0], journeys[1]


def test_one_matter_through_two_offices_is_judged_before_it_is_accepted(
    parties: Parties, officer: dict[str, str]
) -> None:
    one, other = twice(parties, officer, f"LAPOR-{uuid.uuid4()}")
    everything = ["same_officer", "same_form", "act_within_7_days", "shared_reference"]
    (hint,) = one.seen_by(EXAMINER)["suspected_duplicates"]
    assert hint == {
        "casefile": other.casefile,
        "number": other.number,
        "state": "submitted",
        "href": f"/api/v1/casefiles/{other.casefile}",
        "because": everything,
    }
    assert [each["casefile"] for each in other.seen_by(EXAMINER)["suspected_duplicates"]] == [one.casefile]
    assert [each["number"] for each in one.seen_by(AUDITOR)["suspected_duplicates"]] == [other.number]
    for journey in (one, other):
        journey.act(EXAMINER, "request-identity", employer=EMPLOYER)
        journey.act(EMPLOYER, "identify", **officer)

    refused = refusal(one, EXAMINER, "accept")
    (error,) = refused.errors
    assert (refused.status, error["code"], error["pointer"]) == (409, "duplicates-not-judged", "#/not_duplicate_of")
    assert error["resolve_with"] == ["merge"]
    assert other.number in error["detail"]
    assert officer["nip"] not in json.dumps(refused.errors)
    accepted = one.act(EXAMINER, "accept", not_duplicate_of=[other.casefile])
    assert (accepted["state"], accepted["suspected_duplicates"]) == ("under_examination", [])
    # Judged once is judged for both.
    assert other.act(EXAMINER, "accept")["state"] == "under_examination"
    told = one.read(EXAMINER, "/timeline", kind="transition").data["data"][-1]["transition"]
    assert told["given"]["not_duplicate_of"] == [other.casefile]


def test_nobody_else_learns_of_the_other_file(parties: Parties, officer: dict[str, str]) -> None:
    one, other = twice(parties, officer, f"LAPOR-{uuid.uuid4()}")
    one.act(EXAMINER, "request-identity", employer=EMPLOYER)
    one.act(EMPLOYER, "identify", **officer)
    before = {agency: one.seen_by(agency) for agency in (SUBMITTER, EMPLOYER)}
    one.act(EXAMINER, "accept", not_duplicate_of=[other.casefile])
    for agency, seen in before.items():
        assert seen["suspected_duplicates"] is None
        told = one.read(agency).content + one.read(agency, "/timeline").content
        assert one.seen_by(agency)["suspected_duplicates"] is None
        for word in (other.casefile, other.number, "not_duplicate_of", "reference_keys"):
            assert word not in told.decode()
    assert other.casefile in one.read(EXAMINER, "/timeline").content.decode()
    assert one.casefile not in json.dumps(parties[SUBMITTER].get("/casefiles", number=other.number).data)


def test_a_matter_of_another_number_and_day_is_no_hint(parties: Parties, officer: dict[str, str]) -> None:
    one, _ = twice(parties, officer, f"LAPOR-{uuid.uuid4()}")
    client = parties[SUBMITTER]
    body = finding(client, subjects=[subject(officer["name"], employer=EMPLOYER)])
    body["violations"][0]["act_date"] = "2024-08-01"
    body["assessment"]["documents"] = [registered(client)]
    later = client.post("/findings", body).data["casefiles"][0]
    assert later["id"] not in [each["casefile"] for each in one.seen_by(EXAMINER)["suspected_duplicates"]]


def test_an_official_is_shown_with_his_whole_nip_to_whom_it_concerns(parties: Parties) -> None:
    journey = awaiting_sanction(parties)

    def nips(agency: str) -> dict[str, str]:
        steps = [item["transition"] for item in journey.read(agency, "/timeline", kind="transition").data["data"]]
        by_name = {step["name"]: step for step in steps}
        return {
            "official": by_name["recommend"]["official"]["nip"],
            "receiver": by_name["acknowledge"]["given"]["received_by"]["nip"],
        }

    official, receiver = OFFICIAL["nip"], RECEIVER["nip"]
    assert nips(EXAMINER) == nips(AUDITOR) == {"official": official, "receiver": receiver}
    assert nips(EMPLOYER) == {"official": "1967************01", "receiver": receiver}
    assert nips(SUBMITTER) == {"official": "1967************01", "receiver": "1984************02"}


def test_a_register_number_is_taken_apart_and_its_contradictions_are_warned_about(parties: Parties) -> None:
    client = parties[SUBMITTER]
    number = f"{uuid.uuid4().int % 900_000 + 1}/TM/PB/Kota/03.01/IX/2024"
    made = client.post("/findings", finding(client, subjects=[subject("Putra Rantau")], register_number=number)).data
    assert (made["register_number"], made["register"]["bawaslu_place"]) == (number, {"of_bawaslu": "03.01"})
    # TM, but a report; September, but registered in October.
    warned = ["register-number-doubtful"] * 2
    assert [(one["code"], one["pointer"]) for one in made["warnings"]] == [
        (code, "#/register_number") for code in warned
    ]
    read = client.get(f"/findings/{made['id']}").data
    assert (read["register"], read["warnings"]) == (made["register"], made["warnings"])
    journey = Journey(parties, made["casefiles"][0]["id"], made["id"], made["casefiles"][0]["number"])
    seen = journey.seen_by(EXAMINER)
    assert seen["finding"]["register"]["election"] == {
        "letters": "PB",
        "meaning": "regent_election",
        "certainty": "memory",
    }
    assert [one["pointer"] for one in seen["warnings"]] == ["#/finding/register_number"] * 2
    # They stay when the officer is identified, and his doubtful NIP is added.
    later = journey.act(EXAMINER, "identify", **{**OFFICER, "nip": "198501012010013903"})
    assert [one["code"] for one in later["warnings"]] == [*warned, "nip-doubtful"]
