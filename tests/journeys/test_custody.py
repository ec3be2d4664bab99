"""The file changes hands: wrong addressees, officers who move, offices that take over, silent agencies, more time."""

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
    REPORTER,
    SUBMITTER,
    Journey,
    awaiting_sanction,
    recommended,
    refusal,
    registered,
    sanction,
    sanction_reported,
    submitted,
    under_examination,
)
from tests.warned import others

Parties = Mapping[str, Client]

NEW, RI, NEIGHBOUR = "pemprov-sumatera-barat", "bawaslu-ri", "bawaslu-kab-agam"


def transfer(journey: Journey, agency: str, reason: str = "inter_agency_move", **more: Any) -> dict[str, Any]:
    """The officer's new agency takes the old one's place, since today."""
    given = {"employer": NEW, "moved_on": str(journey.today), "reason": {"code": reason}, **more}
    return journey.act(agency, "transfer", **given)


def named(journey: Journey, code: str) -> dict[str, str]:
    """The agency as answers show it."""
    (agency,) = journey.parties[code].get("/agencies", q=code).data["data"][:1]
    assert agency["code"] == code
    return {"code": code, "name": agency["name"]}


def referrals(journey: Journey, agency: str, **query: str) -> list[dict[str, Any]]:
    """The casefile's referrals as that agency lists them."""
    which = {"to": "any", "status": "any", "casefile": journey.casefile, **query}
    found: list[dict[str, Any]] = journey.parties[agency].get("/referrals", **which).data["data"]
    return found


def sanctioned_by(journey: Journey, agency: str) -> dict[str, Any]:
    """That agency imposes what was recommended."""
    said = sanction(journey, "allowance_cut_25_6m")
    said["decision"]["document"] = registered(journey.parties[agency], "decision")
    return journey.act(agency, "report-sanction", **said)


# --- the officer moves ----------------------------------------------------------------------------------------------


def test_an_agency_addressed_wrongly_is_charged_no_delay(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    asked = journey.seen_by(EMPLOYER)["turn"]
    journey.today = date.fromisoformat(asked["due_on"]) + timedelta(days=9)
    late = refusal(
        journey, EMPLOYER, "transfer", employer=NEW, moved_on=str(journey.today), reason={"code": "misaddressed"}
    )
    assert [error["code"] for error in late.errors] == ["late-and-misaddressed"]
    journey.act(EMPLOYER, "dispute", reason={"code": "not_our_officer"}, letter=journey.letter("B-1/2024"))
    assert [one["days_late"] for one in referrals(journey, EXAMINER, purpose="follow_up")] == [11]

    moved = transfer(journey, EXAMINER, "misaddressed")
    assert (moved["state"], moved["employer"]["code"], moved["addressee"]["code"]) == ("disputed", NEW, NEW)
    voided = referrals(journey, EXAMINER, status="voided")
    assert {(one["purpose"], one["days_late"], one["to"]["code"]) for one in voided} >= {("follow_up", 0, EMPLOYER)}
    told = [one["referral"] for one in journey.read(NEW, "/timeline", kind="referral").data["data"]]
    assert [(one["status"], one["days_late"]) for one in told if one["purpose"] == "follow_up"] == [("voided", 0)]
    upheld = journey.act(EXAMINER, "uphold", letter=journey.letter("R-2/2024"), reason={"code": "reasons_rejected"})
    assert (upheld["turn"]["agency"]["code"], upheld["turn"]["due_on"]) == (
        NEW,
        str(journey.today + timedelta(days=14)),
    )

    left = journey.seen_by(EMPLOYER)
    assert (left["former"], left["employer"]["code"], left["state"]) == (True, EMPLOYER, "disputed")
    then = [one["referral"] for one in journey.read(EMPLOYER, "/timeline", kind="referral").data["data"]]
    assert [(one["status"], one["days_late"]) for one in then if one["purpose"] == "follow_up"] == [("answered", 11)]


def test_an_officer_who_moves_takes_file_and_turn_along(parties: Parties) -> None:
    journey = recommended(parties)
    before = journey.seen_by(EMPLOYER)
    decree = registered(parties[EMPLOYER], "other")
    parting = transfer(journey, EMPLOYER, decree=decree)
    assert set(parting) == {"id", "number", "version", "receipt"}

    seen = journey.seen_by(NEW)
    assert (seen["employer"]["code"], seen["addressee"]["code"], seen["turn"]["purpose"]) == (NEW, NEW, "acknowledge")
    assert (seen["turn"]["agency"]["code"], decree in str(seen["documents"])) == (NEW, True)
    assert seen["documents"][0]["sha256"] is not None, "the evidence is there for who has to examine"
    left = journey.seen_by(EMPLOYER)
    assert (left["former"], left["version"], left["available"]) == (True, before["version"], [])
    assert left["turn"]["referral"] == before["turn"]["referral"]
    told = journey.read(EMPLOYER).content.decode() + journey.read(EMPLOYER, "/timeline").content.decode()
    assert NEW not in told
    with pytest.raises(Refused, match="wrong-party"):
        parties[EMPLOYER].act(journey.casefile, "note", {"code": "team_formed", "date": str(journey.today)})
    assert referrals(journey, EMPLOYER) == []

    journey.act(NEW, "acknowledge", received_on=str(journey.today), received_by=RECEIVER)
    assert sanctioned_by(journey, NEW)["turn"]["agency"]["code"] == NEW


def test_the_clock_of_an_officer_who_moves_may_run_on(parties: Parties) -> None:
    fresh, kept = awaiting_sanction(parties), awaiting_sanction(parties)
    due = kept.seen_by(EXAMINER)["turn"]["due_on"]
    assert transfer(kept, EXAMINER, clock="runs_on")["turn"]["due_on"] == due
    assert transfer(fresh, EXAMINER)["turn"]["due_on"] == str(fresh.today + timedelta(days=14))
    assert [one["continues"] is not None for one in referrals(kept, NEW, to="me")] == [True]


def test_whoever_moves_before_anybody_was_asked_is_announced_to_nobody(parties: Parties) -> None:
    journey = submitted(parties)
    refused = refusal(
        journey, EXAMINER, "transfer", employer=NEW, moved_on=str(journey.today), reason={"code": "inter_agency_move"}
    )
    assert [error["code"] for error in refused.errors] == ["subject-not-identified"]
    journey.act(EXAMINER, "identify", **OFFICER)
    transfer(journey, EXAMINER)
    assert journey.is_hidden_from(NEW)
    assert journey.is_hidden_from(EMPLOYER)


def test_what_is_wrong_with_a_transfer_is_said_field_by_field(parties: Parties) -> None:
    journey = recommended(parties)
    nothing = refusal(journey, EXAMINER, "transfer")
    assert {error["pointer"] for error in nothing.errors} == {"#/employer", "#/reason"}
    nowhere = refusal(
        journey, EXAMINER, "transfer", employer="no-such-agency", moved_on="2024-10-01", reason={"code": "other"}
    )
    assert [(error["code"], error["pointer"]) for error in nowhere.errors] == [("unknown-agency", "#/employer")]
    many = refusal(
        journey, EXAMINER, "transfer", employer=EMPLOYER, moved_on=str(journey.today + timedelta(days=5)),
        reason={"code": "misaddressed"}, clock="runs_on",
    )  # fmt: skip
    assert {error["code"] for error in many.errors} == {
        "same-employer", "date-in-the-future", "clock-of-a-wrong-address",
    }  # fmt: skip
    odd = refusal(
        journey, EXAMINER, "transfer", employer=NEW, moved_on="2024-10-01", reason={"code": "promoted"}, clock="slow"
    )
    assert {error["pointer"] for error in odd.errors} == {"#/reason/code", "#/clock"}


def test_an_officer_who_retires_ends_the_case(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    closed = journey.act(EXAMINER, "terminate", reason={"code": "retired"}, violation_found="yes", official=OFFICIAL)
    assert (closed["outcome"], closed["closing"]["violation_found"], closed["turn"]) == ("terminated", "yes", None)


def test_an_officer_who_dies_while_his_case_is_disputed_ends_it(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    journey.act(EMPLOYER, "dispute", reason={"code": "wrong_class"}, letter=journey.letter("B-1/2024"))
    closed = journey.act(
        EXAMINER, "terminate", reason={"code": "subject_deceased"}, violation_found="undecided", official=OFFICIAL
    )
    assert (closed["state"], closed["outcome"]) == ("closed", "terminated")


# --- the office changes ---------------------------------------------------------------------------------------------


def test_the_province_takes_a_case_over_completes_it_and_delegates_it_down_again(parties: Parties) -> None:
    journey = submitted(parties)
    journey.act(EXAMINER, "return", items=[{"code": "missing_evidence", "text": "Lampirkan bukti."}])
    due = journey.seen_by(SUBMITTER)["turn"]["due_on"]
    taken = journey.act(ABOVE, "reassign", office=ABOVE, kind="taken_over", letter=journey.letter("P-1/2024"))
    assert (taken["submitter"]["code"], taken["turn"]["agency"]["code"], taken["turn"]["due_on"]) == (ABOVE, ABOVE, due)
    assert taken["finding"]["reporter"] == {"address": None, **REPORTER}

    answers = [{"item": 1, "text": "Terlampir."}]
    with pytest.raises(Refused, match="wrong-party"):
        journey.act(SUBMITTER, "complete", answers=answers)
    reads_on = journey.seen_by(SUBMITTER)
    assert (reads_on["former"], reads_on["available"], reads_on["version"]) == (False, [], taken["version"])
    completed = journey.act(ABOVE, "complete", answers=answers)
    assert journey.seen_by(SUBMITTER)["version"] == completed["version"], "live, not as it left"

    down = journey.act(ABOVE, "reassign", office=NEIGHBOUR, kind="delegated", text="Terlapor bertugas di Agam.")
    assert (down["submitter"]["code"], [one["transition"] for one in down["available"]]) == (NEIGHBOUR, ["reassign"])
    assert journey.seen_by(ABOVE)["available"] == down["available"]
    journey.act(NEIGHBOUR, "note", code="new_evidence", date=str(journey.today))
    closed = journey.act(NEIGHBOUR, "withdraw", reason={"code": "double_entry"})
    assert (closed["outcome"], closed["submitter"]["code"]) == ("withdrawn", NEIGHBOUR)


def test_who_has_the_case_reads_the_finding_and_who_wrote_it_does_still(parties: Parties) -> None:
    journey = submitted(parties)
    path = f"/findings/{journey.finding}"

    def reporter_seen_by(agency: str) -> bool:
        answer = parties[agency].get(path).data
        assert answer["id"] == journey.finding
        assert (answer["reporter"] is None) == ("#/reporter" in answer["withheld"])
        return answer["reporter"] is not None

    assert [reporter_seen_by(office) for office in (SUBMITTER, ABOVE, RI)] == [True, False, False]
    with pytest.raises(Refused, match="not-found"):
        parties[NEIGHBOUR].get(path)
    journey.act(ABOVE, "reassign", office=ABOVE, kind="taken_over")
    journey.act(ABOVE, "reassign", office=NEIGHBOUR, kind="delegated")
    assert journey.seen_by(NEIGHBOUR)["finding"]["href"] == f"/api/v1{path}"
    # Who wrote the finding keeps what it wrote; in the case itself only who has it now knows the reporter.
    assert [reporter_seen_by(office) for office in (SUBMITTER, NEIGHBOUR, ABOVE, RI)] == [True, True, False, False]
    known = [journey.seen_by(office)["finding"]["reporter"] is not None for office in (SUBMITTER, NEIGHBOUR, ABOVE)]
    assert known == [False, True, False]
    with pytest.raises(Refused, match="not-found"):
        parties["bawaslu-kab-kotawaringin-timur"].get(path)


def test_a_case_stays_in_its_branch(parties: Parties) -> None:
    journey = submitted(parties)
    past_itself = refusal(journey, ABOVE, "reassign", office=RI, kind="taken_over")
    assert [error["code"] for error in past_itself.errors] == ["not-your-branch"]
    sideways = refusal(journey, SUBMITTER, "reassign", office=NEIGHBOUR, kind="delegated")
    assert [(error["code"], error["pointer"]) for error in sideways.errors] == [("office-not-below", "#/office")]
    no_office = refusal(journey, SUBMITTER, "reassign", office=EMPLOYER, kind="taken_over")
    assert {error["code"] for error in no_office.errors} == {"agency-lacks-role", "office-not-above"}
    odd = refusal(journey, SUBMITTER, "reassign", office=ABOVE, kind="given_away")
    assert [error["pointer"] for error in odd.errors] == ["#/kind"]
    with pytest.raises(Refused, match="not-found"):
        journey.act(NEIGHBOUR, "reassign", office=NEIGHBOUR, kind="taken_over")
    with pytest.raises(Refused, match="wrong-party"):
        journey.act(EXAMINER, "reassign", office=ABOVE, kind="taken_over")


# --- the addressee keeps silent -------------------------------------------------------------------------------------


def test_a_silent_agency_is_served_and_its_clock_runs_from_that_day(parties: Parties) -> None:
    journey = recommended(parties)
    sent = journey.today
    journey.today += timedelta(days=5)
    proof = registered(parties[EXAMINER], "delivery_proof")
    early = {"delivered_on": str(sent - timedelta(days=3)), "method": "courier", "proof": proof}
    himself = {"name": OFFICER["name"], "nip": OFFICER["nip"], "position": "Guru"}
    refused = refusal(journey, EXAMINER, "serve", **early, received_by=himself)
    assert {error["code"] for error in refused.errors} == {"served-before-sent", "receiver-is-the-subject"}
    unproven = refusal(journey, EXAMINER, "serve", delivered_on=str(sent), method="courier")
    assert [error["pointer"] for error in unproven.errors] == ["#/proof"]

    delivered = sent + timedelta(days=2)
    served = journey.act(EXAMINER, "serve", delivered_on=str(delivered), method="courier", proof=proof)
    assert (served["state"], served["turn"]["purpose"]) == ("awaiting_sanction", "follow_up")
    assert served["turn"]["due_on"] == str(delivered + timedelta(days=14))
    for agency in (SUBMITTER, EMPLOYER, "bpk"):
        assert journey.seen_by(agency)["served"] == {
            "agency": named(journey, EMPLOYER), "delivered_on": str(delivered), "method": "courier", "proof": proof,
            "opened": None,
        }  # fmt: skip
    with pytest.raises(Refused, match="wrong-state"):
        journey.act(EMPLOYER, "acknowledge", received_on=str(journey.today), received_by=RECEIVER)
    assert sanctioned_by(journey, EMPLOYER)["state"] == "sanction_reported"


# --- more time ------------------------------------------------------------------------------------------------------


def test_a_long_examination_tells_its_progress_and_is_given_time(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    due = date.fromisoformat(journey.seen_by(EMPLOYER)["turn"]["due_on"])
    for code in ("team_formed", "summons_1"):
        journey.act(EMPLOYER, "note", code=code, date=str(journey.today))
    assert journey.seen_by(EMPLOYER)["turn"]["due_on"] == str(due), "a note never touches a clock"

    too_short = refusal(journey, EXAMINER, "extend", until=str(due), reason={"code": "examination_running"})
    assert [(error["code"], error["pointer"]) for error in too_short.errors] == [("not-after-the-due-day", "#/until")]
    until = due + timedelta(days=30)
    reason = {"code": "examination_running", "text": "Tim masih memeriksa."}
    extended = journey.act(EXAMINER, "extend", until=str(until), reason=reason, letter=journey.letter("R-5/2024"))
    assert (extended["turn"]["due_on"], others(extended["warnings"])) == (str(until), [])
    granted = {
        "purpose": "follow_up", "until": str(until), "days": 30, "reason": reason, "by": named(journey, EXAMINER),
        "on": str(journey.today),
    }  # fmt: skip
    for agency in (SUBMITTER, EMPLOYER, "bpk"):
        assert journey.seen_by(agency)["extensions"] == [granted]
    (waiting,) = referrals(journey, EMPLOYER, to="me", status="open")
    assert (waiting["due_on"], waiting["paused_days"]) == (str(until), 30)
    (pause,) = waiting["rule"]["pauses"]
    assert (pause["until"], pause["days"], pause["reason"]) == (str(until), 30, "examination_running")
    with pytest.raises(Refused, match="wrong-party"):
        journey.act(EMPLOYER, "extend", until=str(until + timedelta(days=9)), reason=reason)

    journey.today = until - timedelta(days=3)
    journey.act(EMPLOYER, "note", code="report_done", date=str(journey.today))
    sanctioned_by(journey, EMPLOYER)
    answered = [one for one in referrals(journey, EXAMINER) if one["purpose"] == "follow_up"]
    assert [(one["days_late"], one["paused_days"]) for one in answered] == [(0, 30)]


def test_who_left_is_told_nothing_of_time_that_was_granted_afterwards(parties: Parties) -> None:
    journey = under_examination(parties)
    due = journey.seen_by(EXAMINER)["turn"]["due_on"]
    first = str(date.fromisoformat(due) + timedelta(days=7))
    journey.act(EXAMINER, "extend", until=first, reason={"code": "examination_running"})
    transfer(journey, EXAMINER)
    later = str(date.fromisoformat(due) + timedelta(days=200))
    extended = journey.act(EXAMINER, "extend", until=later, reason={"code": "force_majeure"})
    assert [one["code"] for one in others(extended["warnings"])] == ["long-extension"]
    told = journey.read(EMPLOYER, "/timeline")
    for after in (later, "force_majeure"):
        assert after not in told.content.decode()
    examining = [one["referral"] for one in told.data["data"] if (one["referral"] or {}).get("purpose") == "examine"]
    assert [(one["due_on"], one["paused_days"], len(one["rule"]["pauses"])) for one in examining] == [(first, 7, 1)]


def test_custody_may_change_when_the_sanction_is_known_already(parties: Parties) -> None:
    journey = sanction_reported(parties)
    transfer(journey, EXAMINER)
    seen = journey.seen_by(NEW)
    assert (seen["state"], seen["turn"]["agency"]["code"]) == ("sanction_reported", EXAMINER)
    waiver = {"on": str(journey.today), "document": registered(parties[EXAMINER], "other")}
    closed = journey.act(
        EXAMINER, "close", conformity="lighter_accepted", reason={"code": "mitigating"}, contest_waived=waiver
    )
    assert closed["outcome"] == "sanctioned"
