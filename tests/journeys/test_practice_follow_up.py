"""Cases as they run in practice, told by what the addressee does with the recommendation."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from demo.client import Client, Refused
from tests.journeys.endings import (
    ASKED,
    SANCTIONED,
    Ends,
    acknowledges,
    asked_and_accepted,
    closes,
    delivers,
    imposes,
    named,
    officer,
    reads_out,
    recommends,
    sanctioned,
    steps_told,
)
from tests.journeys.paths import (
    EMPLOYER,
    EXAMINER,
    OFFICIAL,
    SUBMITTER,
    Journey,
    refusal,
    registered,
    submitted_together,
)
from tests.warned import others
from tests.world import Sandbox

Parties = Mapping[str, Client]

PROVINCE, HOME_AFFAIRS, MINISTRY, BOARD = "pemprov-sumatera-barat", "kemendagri", "kemenpanrb", "bpasn"
DISMISSAL, DEMOTION = "dismissal_honourable_not_own_request", "demotion_one_level_12m"


def recommended(parties: Parties, name: str, sanction: str = "discipline_medium", **more: Any) -> Journey:
    """An officer of the city whom his agency named: proven."""
    person = officer(name)
    (journey,) = submitted_together(parties, [named(person)])
    asked_and_accepted(journey, person)
    recommends(journey, sanction, **more)
    return journey


def referrals(journey: Journey, **query: str) -> list[dict[str, Any]]:
    """The casefile's referrals as the examiner lists them."""
    which = {"to": "any", "status": "any", "casefile": journey.casefile, **query}
    found: list[dict[str, Any]] = journey.parties[EXAMINER].get("/referrals", **which).data["data"]
    return found


def test_the_wrong_agency_disputes_unread_and_the_right_one_starts_with_its_whole_time(
    parties: Parties, ends: Ends
) -> None:
    journey = recommended(parties, "Salah Alamat")
    journey.today += timedelta(days=12)
    letter = {**journey.letter("B-1/2024"), "document": registered(parties[EMPLOYER], "response")}
    journey.act(EMPLOYER, "dispute", reason={"code": "not_our_officer"}, letter=letter)
    assert [one["days_late"] > 0 for one in referrals(journey, purpose="acknowledge")] == [True]
    journey.act(EXAMINER, "transfer", employer=PROVINCE, moved_on="2024-09-01", reason={"code": "misaddressed"})
    # A regent was reprimanded once for another agency's officer: here nobody is charged with those days.
    assert {one["days_late"] for one in referrals(journey, status="voided")} == {0}
    upheld = journey.act(EXAMINER, "uphold", letter=journey.letter("R-2/2024"), reason={"code": "reasons_rejected"})
    assert (upheld["state"], upheld["turn"]["agency"]["code"]) == ("recommended", PROVINCE)
    assert date.fromisoformat(upheld["turn"]["due_on"]) > journey.today, "the days of the wrong one are not its own"
    sanctioned(journey, "allowance_cut_25_6m", agency=PROVINCE)
    steps = (*ASKED, "recommend", "dispute", "transfer", "uphold", *SANCTIONED)
    ends(journey, "sanctioned", steps, unseen=("bawaslu-kab-agam", HOME_AFFAIRS))
    former = journey.seen_by(EMPLOYER)
    assert (former["former"], former["state"], former["sanction"]) == (True, "disputed", None)
    assert ends.fed(journey, EMPLOYER)[-1] == "transfer"


def test_an_agency_that_cannot_hold_its_hearing_without_the_file_is_given_it(parties: Parties, ends: Ends) -> None:
    person = officer("Berkas Kurang")
    (journey,) = submitted_together(parties, [named(person)])
    asked_and_accepted(journey, person)
    held_back = journey.seen_by(EXAMINER)["documents"][0]["id"]
    withheld = [{"document": held_back, "reason": {"code": "reporter_protection"}}]
    recommends(journey, "discipline_medium", withheld=withheld)
    shown = {one["id"]: one["sha256"] for one in journey.seen_by(EMPLOYER)["documents"]}
    assert shown[held_back] is None
    acknowledges(journey)
    journey.act(EMPLOYER, "dispute", reason={"code": "file_incomplete"}, letter=journey.letter("B-2/2024"))
    redacted = registered(parties[SUBMITTER], "evidence")
    journey.act(SUBMITTER, "note", code="new_evidence", date=str(journey.today), document=redacted)
    upheld = journey.act(
        EXAMINER, "uphold", letter=journey.letter("R-2/2024"), reason={"code": "file_supplied"}, clock="fresh"
    )
    assert upheld["turn"]["due_on"] == str(journey.today + timedelta(days=14))
    shown = {one["id"]: one["sha256"] for one in journey.seen_by(EMPLOYER)["documents"]}
    assert (shown[held_back], shown[redacted] is None) == (None, False)
    imposes(journey, "allowance_cut_25_6m")
    delivers(journey)
    closes(journey)
    steps = (*ASKED, "recommend", "acknowledge", "dispute", "note", "uphold", *SANCTIONED[1:])
    ends(journey, "sanctioned", steps, unseen=("bawaslu-kab-agam", PROVINCE))


def test_a_long_examination_is_told_in_notes_paused_once_and_ends_with_a_sanction_in_time(
    parties: Parties, ends: Ends
) -> None:
    journey = recommended(parties, "Pemeriksaan Lama")
    due = date.fromisoformat(acknowledges(journey)["turn"]["due_on"])
    notes = ("team_formed", "summons_1", "subject_absent", "summons_2")
    for code in notes:
        minutes = registered(parties[EMPLOYER], "summons")
        noted = journey.act(EMPLOYER, "note", code=code, date=str(journey.today), document=minutes)
        assert noted["turn"]["due_on"] == str(due), "a note never touches a clock"
    until = due + timedelta(days=60)
    reason = {"code": "subject_absent", "text": "Sakit, surat dokter."}
    journey.act(EXAMINER, "extend", until=str(until), reason=reason, letter=journey.letter("R-5/2024"))
    journey.today = until - timedelta(days=9)
    for code in ("subject_examined", "report_done"):
        journey.act(EMPLOYER, "note", code=code, date=str(journey.today))
    imposes(journey, "allowance_cut_25_6m")
    delivers(journey)
    closes(journey)
    (follow_up,) = referrals(journey, purpose="follow_up")
    assert (follow_up["days_late"], follow_up["paused_days"]) == (0, 60)
    steps = steps_told(journey, SUBMITTER)
    told = [step["given"]["code"] for step in steps if step["name"] == "note"]
    assert told == [*notes, "subject_examined", "report_done"]
    # Bawaslu follows the progress; what the officer said in there stays between agency, examiner and auditor.
    kept = [one for one in journey.seen_by(SUBMITTER)["documents"] if one["type"] == "summons"]
    assert [one["sha256"] for one in kept] == [None] * 4
    told_steps = (*ASKED, "recommend", "acknowledge", *("note",) * 4, "extend", "note", "note", *SANCTIONED[1:])
    ends(journey, "sanctioned", told_steps, unseen=("bawaslu-kab-agam", PROVINCE))


def test_a_moral_sanction_of_march_is_read_out_in_april_to_who_came_and_later_to_who_was_absent(
    parties: Parties, ends: Ends
) -> None:
    people = [officer(name) for name in ("Hadir", "Absen Satu", "Absen Dua")]
    journeys = submitted_together(parties, [named(person) for person in people])
    council = {
        "by": "ethics_council",
        "summoned_on": ["2025-02-10"],
        "examined_on": "2025-02-12",
        "attended": True,
    }
    for journey, person in zip(journeys, people, strict=True):
        asked_and_accepted(journey, person)
        recommends(journey, "moral_any")
        acknowledges(journey)
        journey.today = date(2025, 2, 28)
        decision = {
            "number": "SK-3/2025",
            "date": "2025-03-01",
            "legal_basis": "PP 42/2004",
            "document": registered(parties[EMPLOYER], "decision"),
        }
        imposes(journey, "moral_open", examination=council, decision=decision)
        journey.today = date(2025, 3, 2)
        assert delivers(journey)["sanction"]["effective_on"] is None
    came, *absent = journeys
    for journey in journeys:
        journey.today = date(2025, 4, 16)
        read = reads_out(journey, attended=journey is came, place="Halaman kantor")
        assert read["sanction"]["effective_on"] == ("2025-04-17" if journey is came else None)
    for journey, day in zip(absent, ("2025-04-21", "2025-05-05"), strict=True):
        journey.today = date.fromisoformat(day) - timedelta(days=1)
        assert reads_out(journey, form="forum")["sanction"]["effective_on"] == day
    once = (*ASKED, "recommend", *SANCTIONED[:-1], "record-execution")
    for journey in journeys:
        closes(journey, waived=False)
        steps = (*once, "close") if journey is came else (*once, "record-execution", "close")
        ends(journey, "sanctioned", steps, unseen=("bawaslu-kab-agam", BOARD))


def test_a_sanction_without_any_examination_is_sent_back_and_imposed_anew(parties: Parties, ends: Ends) -> None:
    journey = recommended(parties, "Tanpa Pemeriksaan")
    acknowledges(journey)
    with pytest.raises(Refused) as unexamined:
        imposes(journey, "allowance_cut_25_6m", examination=None)
    assert [one["code"] for one in unexamined.value.errors] == ["examination-missing"]
    journey.today -= timedelta(days=1)
    # A light sanction may be reported without; it is no answer to a recommendation of a medium one.
    imposes(journey, "written_reprimand", examination=None, reason={"code": "first_offence"})
    delivers(journey)
    back = journey.act(
        EXAMINER, "require-correction", letter=journey.letter("R-3/2024"), reason={"code": "not_examined"}
    )
    assert (back["state"], back["turn"]["agency"]["code"]) == ("awaiting_sanction", EMPLOYER)
    imposes(journey, "allowance_cut_25_6m")
    delivers(journey)
    closed = closes(journey)
    (reversed_one,) = closed["sanction_versions"]
    assert (reversed_one["sanction"], reversed_one["examination"]) == ("written_reprimand", None)
    assert (closed["sanction"]["version"], closed["sanction"]["examination"]["attended"]) == (2, True)
    again = ("report-sanction", "record-delivery")
    steps = (*ASKED, "recommend", "acknowledge", *again, "require-correction", *again, "close")
    ends(journey, "sanctioned", steps, unseen=("bawaslu-kab-agam", BOARD))


def test_a_silent_authority_climbs_the_ladder_is_blocked_reprimanded_and_acts_in_the_end(
    parties: Parties, ends: Ends, sandbox: Sandbox
) -> None:
    journey = recommended(parties, "Diam")
    proof = registered(parties[EXAMINER], "delivery_proof")
    journey.act(EXAMINER, "serve", delivered_on=str(journey.today), method="courier", proof=proof)
    for agency in (HOME_AFFAIRS, MINISTRY):
        assert journey.is_hidden_from(agency)
    journey.today += timedelta(days=60)
    # By the clock of today every level is long reached.
    sandbox.server.does("tick")
    for agency in (HOME_AFFAIRS, MINISTRY):
        assert journey.seen_by(agency)["overdue_level"] == 5

    def measure(agency: str, code: str) -> dict[str, Any]:
        return journey.act(agency, "measure", code=code, letter=journey.letter("T-1/2024"), addressed_to=EMPLOYER)

    measure(EXAMINER, "warning")
    block = {"letter": journey.letter("P-1/2024"), "reason": {"code": "no_follow_up"}}
    blocked = journey.act(EXAMINER, "block-data", scope="partial", services=["promotion", "transfer"], **block)
    assert blocked["data_block"] == "active"
    reprimanded = measure(HOME_AFFAIRS, "reprimand")
    assert reprimanded["turn"]["due_on"] == str(journey.today + timedelta(days=3))
    imposes(journey, "allowance_cut_25_6m")
    delivers(journey)
    closed = closes(journey)
    assert [one["code"] for one in others(closed["warnings"])] == ["block-active"]
    lifted = journey.act(EXAMINER, "unblock-data", letter=journey.letter("P-2/2024"), reason={"code": "followed_up"})
    assert (lifted["data_block"], others(lifted["warnings"])) == ("lifted", [])
    steps = (
        *(*ASKED, "recommend", "serve", *("escalate",) * 5, "measure", "block-data", "measure"),
        *(*SANCTIONED[1:], "unblock-data"),
    )
    ends(journey, "sanctioned", steps, unseen=("bawaslu-kab-agam", "kemdikbudristek", BOARD))
    assert [one["by"]["code"] for one in journey.seen_by(SUBMITTER)["measures"]] == [EXAMINER, HOME_AFFAIRS]


def test_a_dismissal_is_lightened_by_the_board_and_nobody_asks_why_it_is_lighter(parties: Parties, ends: Ends) -> None:
    journey = recommended(parties, "Banding", DISMISSAL)
    acknowledges(journey)
    assert journey.is_hidden_from(BOARD)
    imposes(journey, DISMISSAL)
    delivers(journey)
    appeal = {**journey.letter("B-7/2024"), "document": registered(parties[BOARD], "appeal_letter")}
    journey.act(BOARD, "contest", kind="appeal", filed_on=str(journey.today), letter=appeal)
    ruling = {
        "number": "PUT-3/2024",
        "date": str(journey.today),
        "legal_basis": "PP 79/2021",
        "document": registered(parties[BOARD], "ruling"),
    }
    settled = journey.act(BOARD, "settle", ruling="lightened", sanction=DEMOTION, decision=ruling, official=OFFICIAL)
    assert settled["sanction"]["reason"]["code"] == "ordered_by_ruling"
    delivers(journey)
    refused = refusal(journey, EXAMINER, "require-correction", letter=journey.letter("R-9/2024"), reason={
        "code": "lighter_unfounded"
    })  # fmt: skip
    assert [one["code"] for one in refused.errors] == ["bound-by-ruling"]
    closed = closes(journey, "lighter_accepted")
    assert (closed["sanction"]["sanction"], closed["sanction"]["comparison"]) == (DEMOTION, "lighter")
    steps = (
        *(*ASKED, "recommend", "acknowledge", "report-sanction", "record-delivery"),
        *("contest", "settle", "record-delivery", "close"),
    )
    ends(journey, "sanctioned", steps, unseen=("bawaslu-kab-agam", HOME_AFFAIRS, PROVINCE))
    assert journey.seen_by(BOARD)["outcome"] == "sanctioned"
