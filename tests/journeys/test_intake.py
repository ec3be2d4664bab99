"""Before the examiner takes a case on: asked, answered, sent back, taken back, turned away."""

from collections.abc import Mapping

import pytest

from demo.client import Client, Intention, Refused
from tests.journeys.paths import (
    EMPLOYER,
    EXAMINER,
    OFFICER,
    OFFICIAL,
    SUBMITTER,
    Journey,
    identity_requested,
    refusal,
    submitted,
    under_examination,
)

Parties = Mapping[str, Client]
RIGHT_EMPLOYER = "pemprov-sumatera-barat"


@pytest.mark.smoke
def test_a_finding_travels_from_the_office_to_the_employer_and_back_to_the_examiner(parties: Parties) -> None:
    journey = submitted(parties)
    waiting = parties[EXAMINER].get("/referrals", casefile=journey.casefile).data["data"]
    assert [(one["purpose"], one["due_on"]) for one in waiting] == [("verify", "2024-10-16")]
    asked = journey.act(EXAMINER, "request-identity", employer=EMPLOYER)
    assert asked["turn"]["agency"]["code"] == EMPLOYER
    answered = journey.act(EMPLOYER, "identify", **OFFICER)
    # One day away: the examiner's seven days became eight.
    assert (answered["state"], answered["turn"]["due_on"]) == ("submitted", "2024-10-17")
    accepted = journey.accept(examiner_reference="W-1/2024")
    assert (accepted["state"], accepted["turn"]["purpose"]) == ("under_examination", "examine")
    timeline = journey.read(SUBMITTER, "/timeline", kind="transition").data["data"]
    assert [item["transition"]["name"] for item in timeline] == ["submit", "request-identity", "identify", "accept"]


def test_the_office_withdraws_what_it_registered_in_error(parties: Parties) -> None:
    journey = submitted(parties)
    closed = journey.act(SUBMITTER, "withdraw", reason={"code": "registered_in_error"})
    assert (closed["state"], closed["outcome"], closed["turn"]) == ("closed", "withdrawn", None)
    assert journey.read(EXAMINER).data["outcome"] == "withdrawn"
    assert parties[EXAMINER].get("/referrals", casefile=journey.casefile).data["data"] == []


def test_once_accepted_a_withdrawal_is_asked_for_by_a_note(parties: Parties) -> None:
    journey = under_examination(parties)
    refused = refusal(journey, SUBMITTER, "withdraw", reason={"code": "double_entry"})
    assert (refused.status, refused.code) == (409, "wrong-state")
    asked = journey.act(SUBMITTER, "note", code="withdrawal_requested", date=str(journey.today))
    assert asked["state"] == "under_examination"


def test_a_returned_file_of_an_accepted_case_cannot_be_withdrawn(parties: Parties) -> None:
    journey = under_examination(parties)
    journey.act(EXAMINER, "return", items=[{"code": "missing_evidence", "text": "Lampirkan bukti."}])
    refused = refusal(journey, SUBMITTER, "withdraw", reason={"code": "double_entry"})
    assert [(error["code"], error["resolve_with"]) for error in refused.errors] == [("accepted-already", ["note"])]


def test_the_examiner_rejects_a_finding_about_no_civil_servant(parties: Parties) -> None:
    journey = submitted(parties)
    closed = journey.act(EXAMINER, "reject", reason={"code": "not_asn"}, official=OFFICIAL)
    assert (closed["state"], closed["outcome"]) == ("closed", "rejected")
    assert journey.seen_by(SUBMITTER)["outcome"] == "rejected"


def test_an_agency_disowns_him_leaves_and_the_right_employer_is_asked(parties: Parties) -> None:
    journey = identity_requested(parties)
    gone = journey.act(EMPLOYER, "disown", reason={"code": "not_ours"}, employer=RIGHT_EMPLOYER)
    assert sorted(gone) == ["id", "number", "receipt", "version"]
    assert journey.is_hidden_from(EMPLOYER)
    # The right one stays a name until it is asked itself.
    assert journey.is_hidden_from(RIGHT_EMPLOYER)
    assert journey.seen_by(EXAMINER)["employer"]["code"] == RIGHT_EMPLOYER
    asked = journey.act(EXAMINER, "request-identity", employer=RIGHT_EMPLOYER)
    assert asked["turn"]["agency"]["code"] == RIGHT_EMPLOYER
    identified = journey.act(RIGHT_EMPLOYER, "identify", **{**OFFICER, "employer": RIGHT_EMPLOYER})
    assert identified["subject"]["identified"]
    assert journey.is_hidden_from(EMPLOYER)


def test_who_disowned_gets_the_same_short_answer_when_his_retry_comes_late(parties: Parties) -> None:
    journey = identity_requested(parties)
    client = parties[EMPLOYER]
    leaving = Intention(
        f"/casefiles/{journey.casefile}/disown",
        {"reason": {"code": "not_ours"}},
        f'"{journey.seen_by(EMPLOYER)["version"]}"',
    )
    first, again = client.send(leaving), client.send(leaving)
    assert (again.replayed, again.content, again.etag) == (True, first.content, first.etag)
    with pytest.raises(Refused, match="not-found"):
        client.send(Intention(leaving.path, leaving.body, leaving.if_match))


def test_an_agency_identifies_its_own_officers_only(parties: Parties) -> None:
    journey = identity_requested(parties)
    refused = refusal(journey, EMPLOYER, "identify", **{**OFFICER, "employer": RIGHT_EMPLOYER})
    assert [(error["code"], error["resolve_with"]) for error in refused.errors] == [("not-our-officer", ["disown"])]


def test_the_examiner_recalls_from_a_silent_employer_and_its_clock_resumes(parties: Parties) -> None:
    journey = identity_requested(parties)
    journey.act(EXAMINER, "note", code="inquiry_made", date=str(journey.today))
    back = journey.act(EXAMINER, "recall", reason={"code": "no_answer"})
    # Asked on the tenth, recalled on the twelfth: two days away move the sixteenth to the eighteenth.
    assert (back["state"], back["turn"]["purpose"], back["turn"]["due_on"]) == ("submitted", "verify", "2024-10-18")
    left = journey.seen_by(EMPLOYER)
    assert (left["former"], left["state"], left["version"]) == (True, "identity_requested", back["version"] - 1)


def test_a_file_is_returned_three_times_at_most(parties: Parties) -> None:
    journey = submitted(parties)
    items = [{"code": "missing_evidence", "text": "Lampirkan bukti."}]
    for _ in range(3):
        journey.act(EXAMINER, "return", items=items)
        journey.act(SUBMITTER, "complete", answers=[{"item": 1, "text": "Terlampir."}])
    refused = refusal(journey, EXAMINER, "return", items=items)
    assert [error["code"] for error in refused.errors] == ["limit-reached"]


def test_every_returned_item_needs_its_own_answer(parties: Parties) -> None:
    journey = submitted(parties)
    wanted = [{"code": "missing_evidence", "text": "Bukti."}, {"code": "place_unclear", "text": "Tempat."}]
    journey.act(EXAMINER, "return", items=wanted)
    refused = refusal(journey, SUBMITTER, "complete", answers=[{"item": 1, "text": "Ada."}, {"item": 3, "text": "?"}])
    assert [error["code"] for error in refused.errors] == ["item-unanswered", "item-unknown"]


def test_a_trial_run_says_what_would_happen_and_changes_nothing(parties: Parties) -> None:
    journey = submitted(parties)
    path = f"/casefiles/{journey.casefile}/request-identity?validate_only=true"
    told = parties[EXAMINER].post(path, {"employer": EMPLOYER, "occurred_at": "2024-10-10T09:00:00+07:00"}).data
    assert (told["valid"], told["would"]["state"], told["would"]["due_on"]) == (
        True,
        "identity_requested",
        "2024-10-17",
    )
    assert journey.seen_by(EXAMINER)["version"] == 1
    assert journey.is_hidden_from(EMPLOYER)


def test_nobody_but_its_parties_knows_of_a_casefile(parties: Parties) -> None:
    journey: Journey = under_examination(parties)
    outside = set(parties) - {SUBMITTER, "bawaslu-sumatera-barat", "bawaslu-ri", EXAMINER, EMPLOYER, "bpk"}
    assert len(outside) >= 6
    assert all(journey.is_hidden_from(agency) for agency in outside)
