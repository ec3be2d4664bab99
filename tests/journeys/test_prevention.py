"""Prevention first: a warning that the examiner finds again; before the stage the office forwards and does no more."""

from collections.abc import Mapping
from typing import Any

import pytest

from demo.client import Client, Refused
from tests.journeys.paths import (
    EMPLOYER,
    EXAMINER,
    OFFICER,
    SUBMITTER,
    finding,
    subject,
    submitted,
)

Parties = Mapping[str, Client]

# Of this chapter alone, so that the other journeys' officer stays unwarned.
WARNED = {**OFFICER, "nip": "198602022011011904", "name": "Laut Samudra"}


def test_an_officer_is_warned_and_later_reported_and_the_examiner_finds_the_warning(parties: Parties) -> None:
    said: dict[str, Any] = {
        "kind": "verbal_warning",
        "held_on": "2024-08-12",
        "office": SUBMITTER,
        "election": "pilkada-2024",
        "region": "13.71",
        "addressed": EMPLOYER,
        "officers": [{"nip": WARNED["nip"], "name": WARNED["name"]}],
        "text": "Diingatkan setelah apel pagi.",
    }
    warning = parties[SUBMITTER].post("/preventions", said).data
    # The agency was told of its own officer. What it does not learn is that he is reported afterwards.
    told = parties[EMPLOYER].get(f"/preventions/{warning['id']}").data
    assert [officer["nip"] for officer in told["officers"]] == [WARNED["nip"]]

    journey = submitted(parties)
    assert journey.seen_by(EXAMINER)["prior_preventions"] == []
    journey.act(EXAMINER, "request-identity", employer=EMPLOYER)
    answered = journey.act(EMPLOYER, "identify", **WARNED)
    assert answered["prior_preventions"] is None

    found = journey.seen_by(EXAMINER)["prior_preventions"]
    assert [(one["id"], one["kind"], one["held_on"]) for one in found] == [
        (warning["id"], "verbal_warning", "2024-08-12")
    ]
    read = parties[EXAMINER].get(found[0]["href"].removeprefix("/api/v1")).data
    assert read["text"] == said["text"]
    assert [one["id"] for one in journey.seen_by("bpk")["prior_preventions"]] == [warning["id"]]
    for agency in (EMPLOYER, SUBMITTER):
        assert journey.seen_by(agency)["prior_preventions"] is None


def test_a_socialisation_is_seen_by_nobody_it_does_not_concern(parties: Parties) -> None:
    said = {"kind": "socialisation", "held_on": "2024-07-01", "office": SUBMITTER, "audience": 120}
    made = parties[SUBMITTER].post("/preventions", said).data
    assert (made["officers"], made["audience"]) == ([], 120)
    for agency in (EMPLOYER, "bawaslu-kab-agam", "kasn"):
        with pytest.raises(Refused, match="not-found"):
            parties[agency].get(f"/preventions/{made['id']}")
        assert made["id"] not in {one["id"] for one in parties[agency].get("/preventions").data["data"]}


def test_before_the_stage_the_office_only_forwards(parties: Parties) -> None:
    office = parties[SUBMITTER]
    early: dict[str, Any] = {
        "known_on": "2024-04-10",
        "registered_on": "2024-04-12",
        "clarification": {"held": True, "held_on": "2024-04-15"},
    }
    said = finding(office, subjects=[subject("Putra Rantau")], **early)
    said["violations"][0]["act_date"] = "2024-04-02"
    with pytest.raises(Refused) as refused:
        office.post("/findings", said)
    assert (refused.value.status, refused.value.code) == (422, "invalid-body")
    assert [(error["code"], error["pointer"]) for error in refused.value.errors] == [
        ("before-stage", "#/clarification/held"),
        ("before-stage", "#/register_kind"),
    ]
    forwarded = {
        **said,
        "register_kind": "forwarding_letter",
        "clarification": {"held": False, "reason": "before_stage"},
    }
    made = office.post("/findings", forwarded).data
    seen = parties[EXAMINER].casefile(made["casefiles"][0]["id"])
    (violation,) = seen["violations"]
    assert (violation["violation_class"], violation["annex_item"]) == ("ethics", "A4")
    assert violation["stage_at_act"]["stage"] == "pre_stage"
    assert seen["finding"]["stage_at_submission"]["stage"] == "campaign"
    reasoning = violation["class_reasoning"]
    designation = reasoning["designation"]
    assert (designation["decree"], designation["legal_basis"]) == (None, "PKPU 2/2024")
    assert reasoning["inputs"]["act_date"] == "2024-04-02"


def test_once_the_stage_has_begun_it_is_no_reason_not_to_clarify(parties: Parties) -> None:
    office = parties[SUBMITTER]
    unheard = {"held": False, "reason": "before_stage"}
    with pytest.raises(Refused) as refused:
        office.post("/findings", finding(office, subjects=[subject("Putra Rantau")], clarification=unheard))
    assert [error["code"] for error in refused.value.errors] == ["stage-has-begun"]


def test_a_finding_set_late_is_taken_in_and_flagged(parties: Parties) -> None:
    journey = submitted(parties, known_on="2024-09-30", registered_on="2024-10-08",
                        clarification={"held": True, "held_on": "2024-10-08"})  # fmt: skip
    assert [(one["code"], one["pointer"]) for one in journey.seen_by(EXAMINER)["warnings"]] == [
        ("late-finding", "#/finding/registered_on")
    ]
