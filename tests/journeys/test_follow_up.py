"""After the recommendation: received, disputed, answered, sanctioned, corrected, closed."""

from collections.abc import Mapping
from datetime import date, timedelta

from demo.client import Client
from tests.journeys.paths import (
    EMPLOYER,
    EXAMINER,
    OFFICER,
    OFFICIAL,
    SUBMITTER,
    awaiting_sanction,
    recommended,
    refusal,
    registered,
    sanction,
    sanction_reported,
    submitted,
    under_examination,
)

Parties = Mapping[str, Client]


def test_a_dispute_is_answered_with_a_revised_recommendation_and_the_clock_has_run_on(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    due = journey.seen_by(EMPLOYER)["turn"]["due_on"]
    disputed = journey.act(EMPLOYER, "dispute", reason={"code": "wrong_class"}, letter=journey.letter("B-1/2024"))
    assert (disputed["state"], disputed["turn"]["purpose"]) == ("disputed", "answer")
    revised = {"violations": [1], "sanction": "discipline_light", "reasoning": "Direvisi."}
    upheld = journey.act(
        EXAMINER, "uphold", letter=journey.letter("R-2/2024"), reason={"code": "revised_sanction"}, revised=revised
    )
    assert (upheld["state"], upheld["turn"]["due_on"]) == ("awaiting_sanction", due)
    assert (upheld["recommendation"]["version"], upheld["recommendation"]["sanction"]) == (2, "discipline_light")
    earlier = journey.read(SUBMITTER, "/timeline", between="5,8").data["difference"]["changes"]
    assert {
        "pointer": "#/recommendation/sanction",
        "before": "discipline_medium",
        "after": "discipline_light",
    } in earlier


def test_the_examiner_may_grant_a_fresh_clock(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    journey.act(EMPLOYER, "dispute", reason={"code": "file_incomplete"}, letter=journey.letter("B-1/2024"))
    upheld = journey.act(
        EXAMINER, "uphold", letter=journey.letter("R-2/2024"), reason={"code": "file_supplied"}, clock="fresh"
    )
    assert upheld["turn"]["due_on"] == str(journey.today + timedelta(days=14))


def test_a_dispute_that_is_right_ends_not_proven(parties: Parties) -> None:
    journey = recommended(parties)
    journey.act(EMPLOYER, "dispute", reason={"code": "wrong_person"}, letter=journey.letter("B-1/2024"))
    closed = journey.act(
        EXAMINER,
        "retract",
        letter=journey.letter("R-2/2024"),
        reason={"code": "identity_not_established"},
        official=OFFICIAL,
    )
    assert (closed["state"], closed["outcome"]) == ("closed", "not_proven")
    assert [violation["confirmed"] for violation in closed["violations"]] == [False]
    assert closed["recommendation"]["version"] == 1


def test_a_sanction_is_corrected_once(parties: Parties) -> None:
    journey = sanction_reported(parties)
    back = journey.act(
        EXAMINER, "require-correction", letter=journey.letter("R-3/2024"), reason={"code": "lighter_unfounded"}
    )
    assert (back["state"], back["turn"]["agency"]["code"]) == ("awaiting_sanction", EMPLOYER)
    again = journey.act(EMPLOYER, "report-sanction", **sanction(journey, "allowance_cut_25_6m"))
    assert (again["sanction"]["version"], again["sanction"]["comparison"]) == (2, "equal")
    assert again["turn"]["purpose"] == "deliver"
    journey.act(EMPLOYER, "record-delivery", delivered_on=str(journey.today), method="hand")
    refused = refusal(
        journey, EXAMINER, "require-correction", letter=journey.letter("R-4/2024"), reason={"code": "not_examined"}
    )
    assert [error["code"] for error in refused.errors] == ["limit-reached"]


def test_nothing_is_closed_while_the_officer_may_still_object(parties: Parties) -> None:
    journey = sanction_reported(parties)
    judgement = {"conformity": "lighter_accepted", "reason": {"code": "mitigating"}}
    refused = refusal(journey, EXAMINER, "close", **judgement)
    assert [error["code"] for error in refused.errors] == ["remedy-still-open"]
    waiver = {"on": str(journey.today), "document": registered(parties[EXAMINER], "other")}
    closed = journey.act(EXAMINER, "close", contest_waived=waiver, **judgement)
    assert (closed["state"], closed["outcome"]) == ("closed", "sanctioned")


def test_a_close_before_delivery_names_every_reason_at_once(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    reason = {"code": "mitigating"}
    journey.act(EMPLOYER, "report-sanction", **sanction(journey, "written_reprimand", reason=reason))
    refused = refusal(journey, EXAMINER, "close", conformity="in_line")
    assert sorted(error["code"] for error in refused.errors) == ["not-delivered", "not-in-line"]


def test_the_review_starts_when_the_remedy_has_passed(parties: Parties) -> None:
    journey = sanction_reported(parties)
    turn = journey.seen_by(EXAMINER)["turn"]
    assert (turn["agency"]["code"], turn["purpose"]) == (EXAMINER, "review")
    # Fourteen working days to object and five to review.
    assert date.fromisoformat(turn["due_on"]) > journey.today + timedelta(days=25)


def test_an_officer_never_receives_the_recommendation_about_himself(parties: Parties) -> None:
    journey = recommended(parties)
    himself = {"name": OFFICER["name"], "nip": OFFICER["nip"], "position": "Guru"}
    refused = refusal(journey, EMPLOYER, "acknowledge", received_on=str(journey.today), received_by=himself)
    assert [error["code"] for error in refused.errors] == ["receiver-is-the-subject"]


def test_a_case_ends_when_the_subject_has_died(parties: Parties) -> None:
    journey = submitted(parties)
    closed = journey.act(
        EXAMINER, "terminate", reason={"code": "subject_deceased"}, violation_found="undecided", official=OFFICIAL
    )
    assert (closed["state"], closed["outcome"]) == ("closed", "terminated")


def test_already_sanctioned_brings_that_sanction(parties: Parties) -> None:
    journey = under_examination(parties)
    ending = {"reason": {"code": "already_sanctioned"}, "violation_found": "yes", "official": OFFICIAL}
    refused = refusal(journey, EXAMINER, "terminate", **ending)
    assert [error["code"] for error in refused.errors] == ["prior-sanction-missing"]
    earlier = {"sanction": "written_reprimand", "decision": journey.letter("SK-9/2024")}
    closed = journey.act(EXAMINER, "terminate", sanction=earlier, **ending)
    assert closed["closing"]["prior_sanction"]["sanction"] == "written_reprimand"


def test_nobody_gives_up_before_the_ladder_was_climbed(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    refused = refusal(
        journey,
        EXAMINER,
        "terminate",
        reason={"code": "not_followed_up"},
        violation_found="yes",
        official=OFFICIAL,
    )
    assert [error["code"] for error in refused.errors] == ["ladder-not-exhausted"]


def test_progress_is_seen_by_all_parties_and_moves_no_clock(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    due = journey.seen_by(EMPLOYER)["turn"]["due_on"]
    journey.act(EMPLOYER, "note", code="team_formed", date=str(journey.today), text="Tim terbentuk.")
    for agency in (SUBMITTER, EXAMINER, EMPLOYER):
        assert journey.seen_by(agency)["turn"]["due_on"] == due
        last = journey.read(agency, "/timeline", kind="transition").data["data"][-1]["transition"]
        assert (last["name"], last["given"]["code"]) == ("note", "team_formed")
