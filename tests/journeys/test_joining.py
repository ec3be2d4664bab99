"""The same matter twice, a case opened again, a fact put right: what partners' systems see of it over HTTP."""

import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from demo.client import Client, Refused
from tests.journeys.paths import (
    ABOVE,
    EMPLOYER,
    EXAMINER,
    OFFICER,
    OFFICIAL,
    RECEIVER,
    SUBMITTER,
    Journey,
    awaiting_sanction,
    finding,
    identity_requested,
    refusal,
    registered,
    sanction_reported,
    subject,
    submitted,
    submitted_together,
    under_examination,
)

Parties = Mapping[str, Client]

NEIGHBOUR = "bawaslu-kab-agam"


def through_another_office(parties: Parties) -> Journey:
    """The same officer, reported to the neighbouring office as well."""
    office = parties[NEIGHBOUR]
    body = finding(office, subjects=[subject("putra  RANTAU")], origin_office=NEIGHBOUR)
    answer = office.post("/findings", body).data
    (made,) = answer["casefiles"]
    return Journey(parties, made["id"], answer["id"], made["number"])


def merged(parties: Parties) -> tuple[Journey, Journey]:
    """A late duplicate of the neighbouring office, merged into the case that is under examination."""
    first, late = under_examination(parties), through_another_office(parties)
    late.today = first.today
    late.act(EXAMINER, "merge", into=first.casefile, text="Temuan yang sama lewat SIGAPLAPOR.")
    return late, first


def test_a_duplicate_through_another_channel_is_merged_late_and_both_numbers_stay_findable(parties: Parties) -> None:
    late, first = merged(parties)
    closed = late.seen_by(EXAMINER)
    assert (closed["state"], closed["outcome"], closed["turn"]) == ("closed", "merged", None)
    assert closed["merged"] == {
        "into": first.casefile,
        "number": first.number,
        "from": "submitted",
        "on": str(late.today),
    }
    (found,) = parties[NEIGHBOUR].get("/casefiles", number=late.number).data["data"]
    assert found["merged"]["number"] == first.number
    (led,) = parties[NEIGHBOUR].get("/casefiles", number=found["merged"]["number"]).data["data"]
    assert led["absorbed"] == [
        {"casefile": late.casefile, "number": late.number, "on": str(late.today), "released_on": None}
    ]


def test_both_offices_follow_the_case_to_its_end_and_nobody_else_learns_who_they_are(parties: Parties) -> None:
    late, first = merged(parties)
    assert first.seen_by(NEIGHBOUR)["available"] == []
    assert late.is_hidden_from(SUBMITTER)
    assert late.is_hidden_from(EMPLOYER)
    steps = first.read(SUBMITTER, "/timeline", kind="transition").data["data"]
    assert steps[-1]["transition"]["name"] == "absorb"
    assert set(steps[-1]["transition"]["given"]) == {"casefile", "number", "on"}
    told = first.read(EMPLOYER).content.decode() + first.read(EMPLOYER, "/timeline").content.decode()
    assert late.number in told
    assert NEIGHBOUR not in told
    with pytest.raises(Refused, match="wrong-party"):
        parties[NEIGHBOUR].act(first.casefile, "note", {"code": "other", "date": str(first.today)})
    first.today = late.today
    first.act(
        EXAMINER,
        "clear",
        letter=first.letter("R-1/2024"),
        reason={"code": "evidence_insufficient"},
        official=OFFICIAL,
    )
    assert first.seen_by(NEIGHBOUR)["outcome"] == "not_proven"


def test_a_merge_is_undone_within_thirty_days_and_each_goes_its_way(parties: Parties) -> None:
    late, first = merged(parties)
    late.today += timedelta(days=29)
    back = late.act(EXAMINER, "unmerge", reason={"code": "not_the_same_act"})
    assert (back["state"], back["outcome"], back["merged"]) == ("submitted", None, None)
    assert (back["turn"]["purpose"], back["turn"]["agency"]["code"]) == ("verify", EXAMINER)
    assert first.is_hidden_from(NEIGHBOUR)
    assert first.seen_by(SUBMITTER)["absorbed"][0]["released_on"] == str(late.today)
    late.act(EXAMINER, "reject", reason={"code": "not_asn"}, official=OFFICIAL)


def test_on_the_thirty_first_day_a_merge_stands(parties: Parties) -> None:
    late, _ = merged(parties)
    late.today += timedelta(days=30)
    refused = refusal(late, EXAMINER, "unmerge", reason={"code": "merged_in_error"})
    assert [(one["code"], one["pointer"]) for one in refused.errors] == [("too-late", "#/merged/on")]
    blocked = {one["transition"]: one["blocked_by"] for one in late.seen_by(EXAMINER)["available"]}
    assert [one["code"] for one in blocked["reopen"]] == ["merged-not-reopened"]
    assert blocked["reopen"][0]["resolve_with"] == ["unmerge"]


def test_wrong_merges_are_refused_with_what_mends_them(parties: Parties) -> None:
    first, late = under_examination(parties), through_another_office(parties)
    another = submitted_together(parties, [subject("Orang Lain")])[0]
    first.today = late.today = another.today = date(2024, 10, 20)
    behind = refusal(first, EXAMINER, "merge", into=late.casefile)
    assert [(one["code"], one["resolve_with"]) for one in behind.errors] == [("target-behind", ["merge"])]
    other = refusal(late, EXAMINER, "merge", into=another.casefile)
    assert [one["code"] for one in other.errors] == ["another-subject"]
    for into, code in ((uuid.uuid4(), "unknown-casefile"), (late.casefile, "same-casefile")):
        wrong = refusal(late, EXAMINER, "merge", into=str(into))
        assert (wrong.status, wrong.code) == (422, "invalid-body")
        assert [(one["code"], one["pointer"]) for one in wrong.errors] == [(code, "#/into")]
    unread = refusal(late, EXAMINER, "merge", into=7, letter={"number": "x"})
    assert {one["pointer"] for one in unread.errors} == {"#/into", "#/letter/date"}
    never = refusal(first, EMPLOYER, "merge", into=late.casefile)
    assert (never.status, never.code) == (403, "wrong-party")


def test_a_case_that_was_not_proven_is_opened_again_on_new_evidence(parties: Parties) -> None:
    journey = under_examination(parties)
    letter = journey.letter("R-1/2024")
    journey.act(EXAMINER, "clear", letter=letter, reason={"code": "evidence_insufficient"}, official=OFFICIAL)
    opened = journey.act(
        EXAMINER,
        "reopen",
        ground={"code": "new_evidence", "text": "Rekaman video ditemukan."},
        letter=journey.letter("R-2/2024"),
        official=OFFICIAL,
    )
    assert (opened["state"], opened["outcome"], opened["turn"]["purpose"]) == ("under_examination", None, "examine")
    (former,) = opened["reopened"]
    assert (former["ground"], former["outcome"]) == ("new_evidence", "not_proven")
    assert former["closing"]["reason"]["code"] == "evidence_insufficient"
    recommendation = {"violations": [1], "sanction": "discipline_medium", "reasoning": "Terbukti."}
    journey.act(EXAMINER, "recommend", letter=journey.letter("R-3/2024"), official=OFFICIAL, **recommendation)
    assert journey.seen_by(EMPLOYER)["recommendation"]["version"] == 1


def test_a_case_closed_in_error_goes_on_where_it_stood(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    journey.act(EXAMINER, "terminate", reason={"code": "retired"}, violation_found="undecided", official=OFFICIAL)
    act: dict[str, Any] = {"letter": journey.letter("R-2/2024"), "official": OFFICIAL}
    refused = refusal(journey, EXAMINER, "reopen", ground={"code": "late_appeal"}, **act)
    assert [(one["code"], one["pointer"]) for one in refused.errors] == [("no-sanction", "#/ground/code")]
    opened = journey.act(EXAMINER, "reopen", ground={"code": "closure_error"}, **act)
    assert (opened["state"], opened["turn"]["agency"]["code"], opened["turn"]["purpose"]) == (
        "awaiting_sanction",
        EMPLOYER,
        "follow_up",
    )


def test_a_wrongly_named_officer_leaves_the_file_and_another_is_looked_for(parties: Parties) -> None:
    journey = sanction_reported(parties)
    waiver = {"on": str(journey.today), "document": registered(parties[EXAMINER], "other")}
    judgement = {"conformity": "lighter_accepted", "reason": {"code": "mitigating"}, "contest_waived": waiver}
    journey.act(EXAMINER, "close", **judgement)
    act: dict[str, Any] = {"letter": journey.letter("R-9/2024"), "official": OFFICIAL}
    opened = journey.act(EXAMINER, "reopen", ground={"code": "wrong_person"}, **act)
    assert (opened["state"], opened["subject"]["identified"], opened["subject"]["nip"]) == ("submitted", False, None)
    assert (opened["employer"], opened["recommendation"], opened["sanction"]) == (None, None, None)
    former = journey.seen_by(EMPLOYER)
    assert (former["former"], former["state"], former["available"]) == (True, "closed", [])
    assert journey.seen_by(ABOVE)["state"] == "submitted"
    blocked = {one["transition"]: one["blocked_by"] for one in opened["available"]}
    assert [one["code"] for one in blocked["accept"]] == ["subject-not-identified"]


def test_a_wrongly_written_officer_is_corrected_and_the_timeline_tells_what_it_was(parties: Parties) -> None:
    journey = under_examination(parties)
    right = {"reason": {"code": "clerical_error", "text": "Salah ketik."}}
    wrong = refusal(journey, EMPLOYER, "correct", fact="#/subject/nip", value="1985", **right)
    assert [(one["code"], one["pointer"]) for one in wrong.errors] == [("value-not-a-nip", "#/value")]
    nik = refusal(journey, EMPLOYER, "correct", fact="#/subject/nip", value="3171010101900001", **right)
    assert [(one["code"], "NIK" in one["detail"]) for one in nik.errors] == [("value-not-a-nip", True)]
    seen = journey.act(EMPLOYER, "correct", fact="#/subject/nip", value="19850101-201001-1-904", **right)
    assert (seen["subject"]["nip"], seen["version"]) == ("198501012010011904", 5)
    by = {"code": EMPLOYER, "name": "Pemerintah Kota Padang"}
    assert seen["corrections"] == [
        {"fact": "#/subject/nip", "violation": None, "by": by, "on": str(journey.today), **right}
    ]
    last = journey.read(SUBMITTER, "/timeline", kind="transition").data["data"][-1]
    assert {"pointer": "#/subject/nip", "before": OFFICER["nip"], "after": "198501012010011904"} in last["changes"]
    never = refusal(journey, SUBMITTER, "correct", fact="#/subject/nip", value=OFFICER["nip"], **right)
    assert [one["code"] for one in never.errors] == ["not-the-author"]
    unread = refusal(journey, EMPLOYER, "correct", fact="#/state", value="closed", **right)
    assert (unread.status, [one["pointer"] for one in unread.errors]) == (422, ["#/fact"])
    found = parties[EXAMINER].post("/casefiles/search", {"nip": "198501012010011904", "purpose": "case_handling"}).data
    assert [one["id"] for one in found["data"]] == [journey.casefile]


def test_a_corrected_day_of_receipt_moves_the_day_that_is_due(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    due, received = date.fromisoformat(journey.seen_by(EMPLOYER)["turn"]["due_on"]), journey.today - timedelta(days=1)
    journey.today += timedelta(days=4)
    right = {"reason": {"code": "document_replaced"}, "document": registered(parties[EMPLOYER], "other")}
    seen = journey.act(EMPLOYER, "correct", fact="#/received_on", value=str(received + timedelta(days=3)), **right)
    assert seen["turn"]["due_on"] == str(due + timedelta(days=3))
    (waiting,) = parties[EMPLOYER].get("/referrals", casefile=journey.casefile).data["data"]
    assert waiting["due_on"] == seen["turn"]["due_on"]
    assert RECEIVER["name"] not in str(seen["corrections"])


def test_the_class_follows_the_corrected_day_of_the_act(parties: Parties) -> None:
    journey = submitted(parties)
    right = {"violation": 1, "reason": {"code": "late_information"}}
    seen = journey.act(SUBMITTER, "correct", fact="#/violations/*/act_date", value="2024-09-01", **right)
    (violation,) = seen["violations"]
    assert (violation["violation_class"], violation["class_reasoning"]["designation_on"]) == ("ethics", "2024-09-22")
    # After the day it became known, which may be wrong as well: the file warns until one of them is put right.
    seen = journey.act(SUBMITTER, "correct", fact="#/violations/*/act_date", value="2024-10-04", **right)
    assert "dates-run-backwards" in {one["code"] for one in seen["warnings"]}
    seen = journey.act(SUBMITTER, "correct", fact="#/violations/*/act_date", value="2024-09-29", **right)
    assert "dates-run-backwards" not in {one["code"] for one in seen["warnings"]}


def test_the_employer_that_was_asked_only_is_told_no_more_than_a_number(parties: Parties) -> None:
    """Merged while it is asked who he is: its turn ends, it reads the number, and sees nothing behind it."""
    late, first = identity_requested(parties), submitted(parties)
    late.act(EXAMINER, "merge", into=first.casefile)
    seen = late.seen_by(EMPLOYER)
    assert (seen["outcome"], seen["merged"]["number"], seen["turn"]) == ("merged", first.number, None)
    assert first.is_hidden_from(EMPLOYER)
