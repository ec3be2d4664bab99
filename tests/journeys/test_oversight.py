"""Nobody acts: the clock climbs, oversight writes, the block is set and lifted, and people end it. Over HTTP."""

from collections.abc import Mapping
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
    recommended,
    refusal,
    sanction,
    under_examination,
)
from tests.warned import others
from tests.world import Sandbox

Parties = Mapping[str, Client]
HOME_AFFAIRS, MINISTRY, GOVERNOR = "kemendagri", "kemenpanrb", "pemprov-sumatera-barat"


def after_due(journey: Journey, days: int) -> None:
    """The next act happens that many days after the open referral was due."""
    due_on = date.fromisoformat(journey.seen_by(EXAMINER)["turn"]["due_on"])
    journey.today = due_on + timedelta(days=days - 1)


def letter_to(journey: Journey, agency: str, code: str, **more: Any) -> dict[str, Any]:
    """What `measure` takes."""
    return {"code": code, "letter": journey.letter("T-1/2024"), "addressed_to": agency, **more}


def blocking(journey: Journey, **more: Any) -> dict[str, Any]:
    """What `block-data` takes."""
    return {
        "letter": journey.letter("P-1/2024"),
        "reason": {"code": "no_follow_up"},
        "scope": "partial",
        "services": ["promotion", "transfer"],
        **more,
    }


def test_a_silent_government_is_overseen_until_a_person_ends_the_case(parties: Parties, sandbox: Sandbox) -> None:
    journey = awaiting_sanction(parties)
    assert journey.is_hidden_from(HOME_AFFAIRS)
    after_due(journey, 30)
    # Years have passed since 2024 by the database's clock: every level is reached, in order.
    sandbox.server.does("tick")
    seen = journey.seen_by(HOME_AFFAIRS)
    assert [reached["level"] for reached in seen["ladder"]] == [1, 2, 3, 4, 5]
    assert seen["ladder"][1] | {"reached_on": None, "due_on": None} == {
        "level": 2, "code": "follow_up_warning", "party": "addressee",
        "agency": {"code": EMPLOYER, "name": "Pemerintah Kota Padang"}, "purpose": "follow_up",
        "due_on": None, "reached_on": None, "last": False, "measure": None,
    }  # fmt: skip
    assert (seen["overdue_level"], seen["state"]) == (5, "awaiting_sanction")
    assert "#/finding/reporter" in seen["withheld"]
    told = [item["transition"] for item in journey.read(SUBMITTER, "/timeline", kind="transition").data["data"]]
    assert [step["actor"]["party"] for step in told if step["name"] == "escalate"] == ["clock"] * 5

    reprimanded = journey.act(HOME_AFFAIRS, "measure", **letter_to(journey, EMPLOYER, "reprimand"))
    assert reprimanded["turn"]["due_on"] == str(journey.today + timedelta(days=3))
    assert reprimanded["measures"][0]["by"] == {"code": HOME_AFFAIRS, "name": "Kementerian Dalam Negeri"}
    assert reprimanded["measures"][0]["new_due"] == reprimanded["turn"]["due_on"]

    after_due(journey, 5)
    ending = {"reason": {"code": "not_followed_up"}, "violation_found": "yes", "official": OFFICIAL}
    refused = refusal(journey, EXAMINER, "terminate", **ending)
    assert [(error["code"], error["resolve_with"]) for error in refused.errors] == [
        ("ladder-not-exhausted", ["measure"])
    ]
    journey.act(MINISTRY, "measure", **letter_to(journey, EMPLOYER, "report_to_president"))
    closed = journey.act(EXAMINER, "terminate", **ending)
    assert (closed["state"], closed["outcome"]) == ("closed", "terminated")


def test_the_civil_service_agency_blocks_and_closing_reminds_it(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    refused = refusal(journey, EXAMINER, "block-data", **blocking(journey, scope="full"))
    assert sorted(error["code"] for error in refused.errors) == ["addressee-not-late", "services-do-not-fit"]
    after_due(journey, 6)
    blocked = journey.act(EXAMINER, "block-data", **blocking(journey))
    assert (blocked["data_block"], blocked["block"]["services"]) == ("active", ["promotion", "transfer"])
    with pytest.raises(Refused) as stranger:
        journey.act(EMPLOYER, "unblock-data", letter=journey.letter("x"), reason={"code": "followed_up"})
    assert stranger.value.code == "wrong-party"

    journey.act(EMPLOYER, "report-sanction", **sanction(journey, "allowance_cut_25_6m"))
    journey.act(EMPLOYER, "record-delivery", delivered_on=str(journey.today), method="hand")
    journey.today += timedelta(days=40)
    closed = journey.act(EXAMINER, "close", conformity="in_line")
    assert [(one["code"], one["pointer"]) for one in others(closed["warnings"])] == [("block-active", "#/data_block")]
    lifted = journey.act(EXAMINER, "unblock-data", letter=journey.letter("P-2/2024"), reason={"code": "followed_up"})
    assert (lifted["state"], lifted["outcome"], lifted["data_block"], others(lifted["warnings"])) == (
        "closed", "sanctioned", "lifted", [],
    )  # fmt: skip
    assert lifted["block"]["lifted"]["letter"]["number"] == "P-2/2024"


def test_oversight_waits_until_something_is_late_and_the_governor_sees_nothing_before(parties: Parties) -> None:
    journey = recommended(parties)
    assert journey.is_hidden_from(GOVERNOR)
    refused = refusal(journey, EXAMINER, "measure", **letter_to(journey, EMPLOYER, "warning"))
    assert [error["code"] for error in refused.errors] == ["neither-overdue-nor-out-of-line"]


def test_an_overdue_examiner_is_listed_for_the_submitter_to_see(parties: Parties, sandbox: Sandbox) -> None:
    journey = under_examination(parties)
    sandbox.server.does("tick")
    seen = journey.seen_by(SUBMITTER)
    assert [(reached["code"], reached["agency"]["code"]) for reached in seen["ladder"]] == [
        ("examine_listed", EXAMINER),
        ("examine_report", EXAMINER),
    ]
    assert journey.seen_by(MINISTRY)["turn"]["overdue"] is True


def test_what_was_done_in_time_may_be_told_after_the_clock_has_rung(parties: Parties, sandbox: Sandbox) -> None:
    """An office that acknowledged on paper in 2024 and says so now is not held up by what the clock did meanwhile."""
    journey = recommended(parties)
    sandbox.server.does("tick")
    assert journey.seen_by(EMPLOYER)["overdue_level"] == 3
    received = journey.act(
        EMPLOYER, "acknowledge", received_on=str(journey.today), received_by={**OFFICIAL, "nip": "198403032008012902"}
    )
    assert (received["state"], received["overdue_level"]) == ("awaiting_sanction", 0)


@pytest.mark.parametrize(
    ("agency", "code", "to", "reasons"),
    [
        (EXAMINER, "reprimand", EMPLOYER, ["measure-of-another"]),
        (EXAMINER, "warning", "bpasn", ["addressed-to-a-stranger"]),
        (EXAMINER, "report_to_president", "bpasn", ["addressed-to-a-stranger", "measure-of-another"]),
    ],
)
def test_a_measure_that_is_not_theirs_is_refused_with_every_reason(
    parties: Parties, agency: str, code: str, to: str, reasons: list[str]
) -> None:
    journey = awaiting_sanction(parties)
    after_due(journey, 2)
    refused = refusal(journey, agency, "measure", **letter_to(journey, to, code))
    assert sorted(error["code"] for error in refused.errors) == reasons


def test_a_body_that_is_wrong_is_mended_before_anything_is_judged(parties: Parties) -> None:
    journey = awaiting_sanction(parties)
    after_due(journey, 2)
    unknown = refusal(journey, EXAMINER, "measure", **letter_to(journey, "pemkot-nowhere", "scolding"))
    assert sorted(error["pointer"] for error in unknown.errors) == ["#/code"]
    unknown = refusal(journey, EXAMINER, "measure", **letter_to(journey, "pemkot-nowhere", "warning"))
    assert [error["pointer"] for error in unknown.errors] == ["#/addressed_to"]
    wrong = refusal(journey, EXAMINER, "block-data", **blocking(journey, scope="some", services=["promotion"] * 2))
    assert {error["pointer"] for error in wrong.errors} == {"#/scope", "#/services/1"}
    with pytest.raises(Refused) as gone:
        parties[EXAMINER].post(f"/casefiles/{journey.casefile}/escalate", {"level": 1})
    assert gone.value.status == 404
