"""The officer's remedies over HTTP: objection, appeal, lawsuit; rulings of every kind; sanctions carried out."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from demo.client import Client, Refused
from tests.journeys.paths import (
    EMPLOYER,
    EXAMINER,
    OFFICIAL,
    SUBMITTER,
    Journey,
    awaiting_sanction,
    refusal,
    registered,
    sanction,
)
from tests.warned import others

Parties = Mapping[str, Client]

BOARD = "bpasn"
DISMISSAL, DEMOTION = "dismissal_honourable_not_own_request", "demotion_one_level_12m"


def decided(journey: Journey, code: str, **more: Any) -> Journey:
    """That sanction, reported and delivered to the officer on the day it was decided."""
    journey.act(EMPLOYER, "report-sanction", **sanction(journey, code, **more))
    journey.act(EMPLOYER, "record-delivery", delivered_on=str(journey.today), method="hand")
    return journey


def filing(journey: Journey, agency: str, kind: str, **more: Any) -> dict[str, Any]:
    """What `contest` takes, filed on the journey's day."""
    letter_kind = {"objection": "objection_letter", "appeal": "appeal_letter"}.get(kind, "other")
    letter = {**journey.letter("B-7/2024"), "document": registered(journey.parties[agency], letter_kind)}
    return {"kind": kind, "filed_on": str(journey.today), "letter": letter, **more}


def ruling(journey: Journey, agency: str, **more: Any) -> dict[str, Any]:
    """What `settle` and `annul` take, decided on the journey's day."""
    return {
        "decision": {
            "number": "PUT-3/2024",
            "date": str(journey.today),
            "legal_basis": "PP 79/2021",
            "document": registered(journey.parties[agency], "ruling"),
        },
        "official": OFFICIAL,
        **more,
    }


def test_a_dismissal_is_appealed_in_time_lightened_delivered_and_closed(parties: Parties) -> None:
    journey = decided(awaiting_sanction(parties), DISMISSAL)
    contested = journey.act(EMPLOYER, "contest", **filing(journey, EMPLOYER, "appeal"))
    assert (contested["state"], contested["turn"]["agency"]["code"]) == ("contested", BOARD)
    assert (contested["contest"]["late"], contested["turn"]["purpose"]) == (False, "settle")
    waiting = parties[BOARD].get("/referrals", casefile=journey.casefile).data["data"]
    (referral,) = [one for one in waiting if one["status"] == "open"]
    assert (referral["rule"]["code"], referral["rule"]["days"]) == ("appeal_decision", 65)
    assert "65 working days" in referral["rule"]["explanation"]
    assert referral["expects"][:2] == ["settle", "annul"]

    refused = refusal(journey, EMPLOYER, "settle", **ruling(journey, EMPLOYER, ruling="upheld"))
    assert [error["code"] for error in refused.errors] == ["not-yours-to-settle"]
    blocked = {
        one["transition"]: [reason["code"] for reason in one["blocked_by"]]
        for one in journey.seen_by(EMPLOYER)["available"]
    }
    assert blocked["settle"] == ["not-yours-to-settle"]

    settled = journey.act(BOARD, "settle", **ruling(journey, BOARD, ruling="lightened", sanction=DEMOTION))
    assert (settled["state"], settled["turn"]["agency"]["code"]) == ("sanction_reported", EMPLOYER)
    assert (settled["turn"]["purpose"], settled["sanction"]["version"]) == ("deliver", 2)
    assert settled["sanction"]["reason"]["code"] == "ordered_by_ruling"
    (earlier,) = settled["sanction_versions"]
    assert (earlier["sanction"], earlier["superseded_by"]["kind"]) == (DISMISSAL, "appeal")
    assert settled["contests"][0]["ruling"] == "lightened"

    journey.act(EMPLOYER, "record-delivery", delivered_on=str(journey.today), method="hand")
    waiver = {"on": str(journey.today), "document": registered(parties[EXAMINER], "other")}
    closed = journey.act(EXAMINER, "close", conformity="in_line", contest_waived=waiver)
    assert (closed["state"], closed["outcome"], closed["sanction"]["comparison"]) == ("closed", "sanctioned", "heavier")
    seen = journey.seen_by(SUBMITTER)
    assert [one["sanction"] for one in (*seen["sanction_versions"], seen["sanction"])] == [DISMISSAL, DEMOTION]


def test_an_upheld_objection_leaves_the_sanction_and_no_second_one(parties: Parties) -> None:
    journey = decided(awaiting_sanction(parties), "allowance_cut_25_6m")
    journey.act(EMPLOYER, "contest", **filing(journey, EMPLOYER, "objection"))
    settled = journey.act(EMPLOYER, "settle", **ruling(journey, EMPLOYER, ruling="upheld"))
    assert (settled["turn"]["agency"]["code"], settled["turn"]["purpose"]) == (EXAMINER, "review")
    assert (settled["sanction"]["version"], settled["sanction_versions"], settled["contest"]) == (1, [], None)
    refused = refusal(journey, EMPLOYER, "contest", **filing(journey, EMPLOYER, "objection"))
    assert [error["code"] for error in refused.errors] == ["contested-already"]
    assert journey.act(EXAMINER, "close", conformity="in_line")["outcome"] == "sanctioned"


def test_a_late_appeal_is_taken_in_flagged_and_inadmissible(parties: Parties) -> None:
    journey = decided(awaiting_sanction(parties), DISMISSAL)
    journey.today += timedelta(days=40)
    late = journey.act(BOARD, "contest", **filing(journey, BOARD, "appeal"))
    assert late["contest"]["late"] is True
    assert late["contest"]["days_late"] > 0
    assert [(one["code"], one["pointer"]) for one in others(late["warnings"])] == [
        ("contest-late", "#/contest/filed_on")
    ]
    assert late["contest"]["last_day"] in others(late["warnings"])[0]["detail"]
    settled = journey.act(BOARD, "settle", **ruling(journey, BOARD, ruling="inadmissible_late"))
    assert (settled["contests"][0]["late"], others(settled["warnings"])) == (True, [])
    assert journey.act(EXAMINER, "close", conformity="in_line")["outcome"] == "sanctioned"


def test_the_board_annuls_a_dismissal_and_the_case_ends(parties: Parties) -> None:
    journey = decided(awaiting_sanction(parties), DISMISSAL)
    journey.act(BOARD, "contest", **filing(journey, BOARD, "appeal"))
    annulled = journey.act(BOARD, "annul", **ruling(journey, BOARD))
    assert (annulled["state"], annulled["outcome"], annulled["turn"]) == ("closed", "annulled", None)
    seen = journey.seen_by(EMPLOYER)
    assert seen["sanction"]["annulled_on"] is not None
    assert seen["sanction"]["annulled_by"]["decision"]["number"] == seen["closing"]["decision"]["number"]
    listed = parties[EXAMINER].get("/casefiles", number=journey.number).data["data"][0]
    assert (listed["outcome"], "contests" in listed) == ("annulled", False)


def test_a_moral_sanction_of_march_takes_effect_when_it_is_read_out_in_april(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    journey.today = date(2025, 2, 28)
    decided_on = {"number": "SK-1/2025", "date": "2025-03-01", "legal_basis": "PP 42/2004"}
    document = registered(parties[EMPLOYER], "decision")
    body = sanction(journey, "moral_open", reason={"code": "mitigating"}, decision={**decided_on, "document": document})
    journey.act(EMPLOYER, "report-sanction", **body)
    journey.act(EMPLOYER, "record-delivery", delivered_on="2025-03-01", method="hand")

    def read_out(**more: Any) -> dict[str, Any]:
        proof = registered(parties[EMPLOYER], "execution_proof")
        return {"executed_on": str(journey.today + timedelta(days=1)), "proof": proof, "form": "ceremony", **more}

    journey.today = date(2025, 3, 16)
    absent = journey.act(EMPLOYER, "record-execution", **read_out(attended=False))
    assert (absent["sanction"]["effective_on"], absent["turn"]["purpose"]) == (None, "review")
    journey.act(EXAMINER, "close", conformity="lighter_accepted", reason={"code": "mitigating"})
    journey.today = date(2025, 4, 16)
    done = journey.act(EMPLOYER, "record-execution", **read_out(place="Halaman kantor"))
    assert (done["state"], done["sanction"]["effective_on"]) == ("closed", "2025-04-17")
    assert [one["attended"] for one in done["sanction"]["executions"]] == [False, True]
    assert done["documents"][-1]["type"] == "execution_proof"
    refused = refusal(journey, EMPLOYER, "record-execution", **read_out())
    assert [error["code"] for error in refused.errors] == ["executed-already"]


def test_the_day_of_effect_that_the_decree_states_stands_beside_the_computed_one(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    body = sanction(journey, "allowance_cut_25_6m")
    body["decision"]["effective_on"] = "2024-11-01"
    journey.act(EMPLOYER, "report-sanction", **body)
    told = journey.act(EMPLOYER, "record-delivery", delivered_on=str(journey.today), method="hand")
    assert told["sanction"]["effective_stated"] == "2024-11-01"
    assert told["sanction"]["effective_on"] not in {None, "2024-11-01"}
    assert [one["code"] for one in others(told["warnings"])] == ["effect-differs"]


def test_the_new_sanction_is_judged_with_the_ruling_and_every_reason_comes(parties: Parties) -> None:
    journey = decided(awaiting_sanction(parties), "allowance_cut_25_6m")
    too_early = filing(journey, EMPLOYER, "appeal", filed_on="2024-10-01", letter=None)
    early = refusal(journey, EMPLOYER, "contest", **too_early)
    assert sorted(error["code"] for error in early.errors) == ["filed-too-early", "not-the-remedy"]
    journey.act(EMPLOYER, "contest", **filing(journey, EMPLOYER, "objection"))
    heavier = refusal(
        journey, EMPLOYER, "settle", **ruling(journey, EMPLOYER, ruling="lightened", sanction="allowance_cut_25_9m")
    )
    assert [error["code"] for error in heavier.errors] == ["ruling-contradicts"]
    missing = refusal(journey, EMPLOYER, "settle", **ruling(journey, EMPLOYER, ruling="aggravated"))
    assert [error["code"] for error in missing.errors] == ["sanction-missing"]


@pytest.mark.parametrize(
    ("transition", "changed", "pointer"),
    [
        ("contest", {"kind": "complaint"}, "#/kind"),
        ("contest", {"filed_on": "kemarin"}, "#/filed_on"),
        ("settle", {"ruling": "annulled"}, "#/ruling"),
        ("settle", {"sanction": "discipline_light"}, "#/sanction"),
        ("annul", {"official": None}, "#/official"),
        ("annul", {"decision": {"number": "1", "date": "2024-10-20", "legal_basis": "x"}}, "#/decision/document"),
        ("record-execution", {"form": "whispered"}, "#/form"),
        ("record-execution", {"attended": "ya"}, "#/attended"),
    ],
)
def test_wrong_input_says_where(parties: Parties, transition: str, changed: dict[str, Any], pointer: str) -> None:
    journey = awaiting_sanction(parties)
    proof = registered(parties[EMPLOYER], "execution_proof")
    bodies: dict[str, Callable[[], dict[str, Any]]] = {
        "contest": lambda: filing(journey, EMPLOYER, "objection"),
        "settle": lambda: ruling(journey, EMPLOYER, ruling="upheld"),
        "annul": lambda: ruling(journey, EMPLOYER),
        "record-execution": lambda: {"executed_on": str(journey.today), "proof": proof},
    }
    with pytest.raises(Refused) as refused:
        journey.act(EMPLOYER, transition, **{**bodies[transition](), **changed})
    assert refused.value.code == "invalid-body"
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


def test_a_dismissal_by_another_official_is_objected_to_and_not_appealed(parties: Parties) -> None:
    """PP 79/2021: the board judges decisions of the personnel authority, an objection lies against all others."""
    journey = awaiting_sanction(parties)
    said = sanction(journey, DISMISSAL)
    said["decision"]["imposed_by"] = "regent"
    refused = refusal(journey, EMPLOYER, "report-sanction", **said)
    assert [error["pointer"] for error in refused.errors] == ["#/decision/imposed_by"]
    said["decision"]["imposed_by"] = "other_official"
    journey.act(EMPLOYER, "report-sanction", **said)
    journey.act(EMPLOYER, "record-delivery", delivered_on=str(journey.today), method="hand")
    assert journey.seen_by(EMPLOYER)["sanction"]["decision"]["imposed_by"] == "other_official"

    refused = refusal(journey, EMPLOYER, "contest", **filing(journey, EMPLOYER, "appeal"))
    assert [error["code"] for error in refused.errors] == ["not-the-remedy"]
    contested = journey.act(EMPLOYER, "contest", **filing(journey, EMPLOYER, "objection"))
    assert contested["contest"]["kind"] == "objection"
    assert contested["turn"]["agency"]["code"] != BOARD
