"""Contests, rulings, annulments, executions and the versions of a sanction, walked on PostgreSQL."""

from datetime import date, timedelta
from typing import Any

import pytest

from casefiles.flow import Refused, State
from casefiles.flow.given import LighterReason, ReopenReason
from casefiles.flow.sanction import Decision, Delivered
from tests.casefiles.flow.test_effects import refused, sight
from tests.factories import BKN, BOARD, PEMKOT, Story, at, casefile_at, document, heard, letter
from tests.warned import others

pytestmark = pytest.mark.usefixtures("db", "world")

S = State
DISMISSAL, DEMOTION = "dismissal_honourable_not_own_request", "demotion_one_level_12m"
MITIGATING = LighterReason(code="mitigating")


def decree(owner: str, on: date, *, effective_on: date | None = None) -> Decision:
    """A decree or ruling of that agency's, made on that day."""
    held = document(owner, "decision", now=at(on, 1))
    return Decision(number="SK.2", date=on, legal_basis="PP 79/2021", document=held, effective_on=effective_on)


def sanctioned(sanction: str = "allowance_cut_25_6m", **more: Any) -> Story:
    """That sanction, reported and delivered the day after."""
    told = casefile_at(S.AWAITING_SANCTION)
    told.do("report-sanction", sanction=sanction, **more)
    told.do("record-delivery")
    return told


# --- contest --------------------------------------------------------------------------------------------------------


def test_an_objection_gives_the_addressee_the_turn_for_twenty_one_working_days_from_its_filing() -> None:
    told = sanctioned()
    filed = told.day + timedelta(days=1)
    told.do("contest", on=told.day + timedelta(days=3), filed_on=filed, letter=letter("B-1/2024", filed))

    assert (told.row.state, told.open.purpose, told.open.to_agency.code) == ("contested", "settle", PEMKOT)
    assert (told.open.clock_from, told.open.rule["code"], told.open.rule["days"]) == (filed, "objection_decision", 21)
    assert "21 working days" in told.open.rule["explanation_en"]
    contest = told.facts["contest"]
    assert (contest["late"], contest["days_late"], contest["sanction_version"]) == (False, 0, 1)
    assert others(told.facts["warnings"]) == []


@pytest.mark.parametrize("by", [PEMKOT, BOARD])
def test_an_appeal_is_lodged_by_either_and_lies_before_the_board(by: str) -> None:
    told = sanctioned(DISMISSAL)
    told.do("contest", by=by, kind="appeal")
    assert (told.open.to_agency.code, told.open.rule["code"], told.open.rule["days"]) == (BOARD, "appeal_decision", 65)


def test_a_late_contest_is_flagged_and_taken_in() -> None:
    told = sanctioned()
    last = told.open.clock_from  # review is counted from the last day of the window
    told.do("contest", on=last, filed_on=last)
    assert told.facts["contest"]["late"] is False

    told = sanctioned()
    told.do("contest", on=last + timedelta(days=2), filed_on=last + timedelta(days=2))
    contest = told.facts["contest"]
    assert (contest["late"], contest["days_late"], contest["last_day"]) == (True, 2, last.isoformat())
    assert [(one["code"], one["pointer"]) for one in others(told.facts["warnings"])] == [
        ("contest-late", "#/contest/filed_on")
    ]
    told.do("settle", ruling="inadmissible_late")
    assert (told.facts["contests"][0]["late"], told.facts["contests"][0]["ruling"]) == (True, "inadmissible_late")
    assert others(told.facts["warnings"]) == []


def test_a_court_is_asked_after_the_remedy_or_where_there_is_none() -> None:
    told = sanctioned()
    assert refused(told, "contest", kind="lawsuit") == ["not-the-remedy"]
    told.do("contest")
    told.do("settle")
    assert refused(told, "contest") == ["contested-already"]
    assert refused(told, "contest", kind="lawsuit", filed_on=told.day - timedelta(days=1), letter=None) == [
        "filed-too-early"
    ]
    told.do("contest", kind="lawsuit")
    assert (told.open.to_agency.code, told.open.rule["code"]) == (PEMKOT, "lawsuit_verdict")
    assert (told.facts["contest"]["late"], told.facts["contest"]["last_day"]) == (False, None)

    moral = sanctioned("moral_open", reason=MITIGATING)
    assert refused(moral, "contest") == ["not-the-remedy"]
    moral.do("contest", kind="lawsuit")
    moral.do("annul")
    assert moral.row.outcome == "annulled"


# --- settle ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ruling", ["upheld", "inadmissible_late", "withdrawn"])
def test_an_unchanged_sanction_is_reviewed_and_may_be_closed_at_once(ruling: str) -> None:
    told = casefile_at(S.CONTESTED)
    sanction = told.facts["sanction"]
    told.do("settle", ruling=ruling)
    assert (told.row.state, told.open.purpose, told.open.to_agency.code) == ("sanction_reported", "review", BKN)
    assert told.open.clock_from == told.day
    assert (told.facts["sanction"], told.facts["contest"]) == (sanction, None)
    (history,) = told.facts["contests"]
    assert (history["kind"], history["ruling"], history["decision"]["number"]) == ("objection", ruling, "PUT.1")
    assert history["settled_on"] == told.day.isoformat()
    told.do("close", contest_waived=None)
    assert told.row.outcome == "sanctioned"


def test_a_lightened_dismissal_is_a_new_version_that_is_delivered_anew() -> None:
    told = sanctioned(DISMISSAL)
    first = told.facts["sanction"]
    told.do("contest", kind="appeal")
    assert refused(told, "settle", by=PEMKOT) == ["not-yours-to-settle"]
    told.do("settle", by=BOARD, ruling="lightened", sanction=DEMOTION)

    new = told.facts["sanction"]
    assert (new["version"], new["sanction"], new["delivered_on"], new["effective_on"]) == (2, DEMOTION, None, None)
    assert (new["reason"]["code"], new["ruling"]) == ("ordered_by_ruling", {"kind": "appeal", "ruling": "lightened"})
    decision = {name: value for name, value in new["decision"].items() if name != "imposed_by"}
    assert new["bound_by"] == {"kind": "appeal", "ruling": "lightened", "decision": decision}
    assert new["examination"] == first["examination"]
    (old,) = told.facts["sanction_versions"]
    ruled = {name: said for name, said in new["decision"].items() if name != "imposed_by"}
    by = {"kind": "appeal", "decision": ruled}
    assert old == {**first, "superseded_on": new["decision"]["date"], "superseded_by": by}
    assert (told.open.purpose, told.open.to_agency.code, told.open.clock_from) == ("deliver", PEMKOT, told.day)
    assert BOARD in sight(told)

    told.do("record-delivery")
    assert told.facts["sanction"]["effective_on"] > told.day.isoformat()
    # The catalogue gives a demotion an objection, but the board has ruled: no window runs, and nobody else decides.
    assert (told.open.clock_from, told.facts["sanction"]["remedy_until"]) == (told.day, None)
    assert refused(told, "contest") == ["bound-by-ruling"]
    assert refused(told, "contest", by=BOARD, kind="appeal") == ["bound-by-ruling", "contested-already"]
    assert refused(told, "contest", kind="appeal") == ["contested-already"]
    assert refused(told, "require-correction") == ["bound-by-ruling"]
    told.do("contest", kind="lawsuit")
    told.do("settle")
    assert told.facts["sanction"]["bound_by"]["kind"] == "lawsuit"
    assert refused(told, "contest") == ["bound-by-ruling"]
    assert [one["kind"] for one in told.facts["contests"]] == ["appeal", "lawsuit"]


def test_what_an_objection_lightened_has_no_second_window_and_closes_without_another_reason() -> None:
    told = casefile_at(S.CONTESTED)
    told.do("settle", ruling="lightened", sanction="written_reprimand")
    assert told.facts["sanction"]["comparison"] == "lighter"
    told.do("record-delivery")
    assert told.open.clock_from == told.day, "no remedy remains: review is counted from the delivery"
    told.do("close", conformity="lighter_accepted", contest_waived=None)
    assert told.row.outcome == "sanctioned"


def test_a_ruling_reported_with_its_delivery_goes_straight_to_review() -> None:
    told = casefile_at(S.CONTESTED)
    on = told.day + timedelta(days=1)
    told.do(
        "settle", ruling="lightened", sanction="written_reprimand", delivery=Delivered(delivered_on=on, method="hand")
    )
    assert (told.open.purpose, told.open.clock_from) == ("review", on)
    assert told.facts["sanction"]["delivered_on"] == on.isoformat()


def test_a_sanction_aggravated_to_a_dismissal_shows_the_file_to_the_board_and_may_be_appealed() -> None:
    told = casefile_at(S.CONTESTED)
    assert BOARD not in sight(told)
    told.do("settle", ruling="aggravated", sanction=DISMISSAL)
    assert BOARD in sight(told)
    told.do("record-delivery")
    told.do("contest", by=BOARD, kind="appeal")
    assert told.open.to_agency.code == BOARD


@pytest.mark.parametrize(
    ("ruling", "sanction"),
    [
        ("lightened", "allowance_cut_25_6m"),
        ("lightened", "allowance_cut_25_9m"),
        ("lightened", "dismissal_dishonourable"),
        ("aggravated", "allowance_cut_25_6m"),
        ("aggravated", "written_reprimand"),
        ("aggravated", "moral_open"),
        ("changed", "allowance_cut_25_6m"),
        ("deemed_granted", "allowance_cut_25_12m"),
        ("deemed_granted", "allowance_cut_25_6m"),
    ],
)
def test_the_new_sanction_bears_the_ruling_out(ruling: str, sanction: str) -> None:
    told = casefile_at(S.CONTESTED)
    day = silent_since(told) if ruling == "deemed_granted" else None
    assert refused(told, "settle", on=day, ruling=ruling, sanction=sanction) == ["ruling-contradicts"]


# --- silence --------------------------------------------------------------------------------------------------------


def silent_since(told: Story) -> date:
    """The first day on which silence has granted the objection."""
    return date.fromisoformat(told.facts["contest"]["decide_by"]) + timedelta(days=1)


def test_silence_grants_an_objection_only_when_the_days_to_decide_are_over() -> None:
    told = casefile_at(S.CONTESTED)
    last = told.open.due_on
    assert told.facts["contest"]["decide_by"] == last.isoformat()
    for day in (told.day + timedelta(days=1), last):
        with pytest.raises(Refused) as why:
            told.do("settle", on=day, ruling="deemed_granted")
        (reason,) = why.value.reasons
        assert reason.code == "not-silent-for-long-enough"
        assert last.isoformat() in reason.id
        assert last.isoformat() in reason.en

    # An extension by the examiner gives the agency no more time against the officer.
    told.do("extend", until=last + timedelta(days=30))
    in_time = decree(PEMKOT, last)
    assert refused(told, "settle", on=silent_since(told), ruling="deemed_granted", decision=in_time) == [
        "decided-in-time"
    ]
    told.do("settle", on=silent_since(told), ruling="deemed_granted")
    assert (told.row.state, told.row.outcome, told.row.open_referral) == ("closed", "annulled", None)
    sanction = told.facts["sanction"]
    assert (sanction["annulled_on"], sanction["annulled_by"]["kind"]) == (told.day.isoformat(), "objection")
    assert (sanction["bound_by"]["kind"], sanction["bound_by"]["ruling"]) == ("objection", "deemed_granted")
    assert (told.facts["contest"], told.facts["contests"][0]["ruling"]) == (None, "deemed_granted")
    assert refused(told, "record-execution") == ["not-sanctioned"]
    assert refused(told, "reopen", ground=ReopenReason(code="closure_error")) == ["bound-by-ruling"]


def test_silence_may_put_the_lighter_sanction_in_the_place_of_the_other_that_was_asked_for() -> None:
    told = casefile_at(S.CONTESTED)
    told.do("settle", on=silent_since(told), ruling="deemed_granted", sanction="written_reprimand")
    assert (told.row.state, told.open.purpose) == ("sanction_reported", "deliver")
    new = told.facts["sanction"]
    assert (new["version"], new["sanction"], new["bound_by"]["ruling"]) == (2, "written_reprimand", "deemed_granted")
    told.do("record-delivery")
    assert refused(told, "require-correction") == ["bound-by-ruling"]
    told.do("contest", kind="lawsuit")


@pytest.mark.parametrize(("kind", "by", "sanction"), [("appeal", BOARD, DISMISSAL), ("lawsuit", PEMKOT, "moral_open")])
def test_silence_grants_nothing_before_the_board_or_a_court(kind: str, by: str, sanction: str) -> None:
    told = sanctioned(sanction, **({"reason": MITIGATING} if sanction == "moral_open" else {}))
    told.do("contest", kind=kind)
    assert refused(told, "settle", by=by, on=told.day + timedelta(days=400), ruling="deemed_granted") == [
        "silence-grants-nothing"
    ]


def test_an_objection_decided_too_late_warns_that_silence_may_have_granted_it() -> None:
    told = casefile_at(S.CONTESTED)
    told.do("settle", on=silent_since(told), ruling="upheld")
    (warning,) = others(told.facts["warnings"])
    assert (warning["code"], warning["pointer"]) == ("decided-after-silence", "#/contests/0/decision/date")


def test_a_corrected_decree_is_a_new_one_and_may_be_contested_again() -> None:
    told = casefile_at(S.CONTESTED)
    told.do("settle")
    told.do("require-correction")
    told.do("report-sanction", sanction="allowance_cut_25_9m")
    (old,) = told.facts["sanction_versions"]
    assert (old["version"], old["superseded_by"]["kind"]) == (1, "correction")
    told.do("record-delivery")
    assert refused(told, "close", contest_waived=None) == ["remedy-still-open"]
    told.do("contest")
    assert told.facts["contest"]["sanction_version"] == 2


# --- annul ----------------------------------------------------------------------------------------------------------


def test_an_annulled_sanction_stays_marked_in_a_file_that_is_closed() -> None:
    told = sanctioned(DISMISSAL)
    told.do("contest", kind="appeal")
    assert refused(told, "annul", by=PEMKOT) == ["not-yours-to-settle"]
    told.do("annul", by=BOARD)

    assert (told.row.state, told.row.outcome, told.row.open_referral) == ("closed", "annulled", None)
    sanction = told.facts["sanction"]
    assert (sanction["version"], sanction["annulled_on"]) == (1, told.day.isoformat())
    assert (sanction["annulled_by"]["kind"], sanction["annulled_by"]["decision"]["number"]) == ("appeal", "PUT.1")
    assert (told.facts["contest"], told.facts["contests"][0]["ruling"]) == (None, "annulled")
    assert told.referral("settle").answered_with == "annul"
    assert refused(told, "record-execution") == ["not-sanctioned"]


# --- execution and effect -------------------------------------------------------------------------------------------


def test_a_moral_sanction_takes_effect_on_the_day_it_is_read_out_with_him_there() -> None:
    told = sanctioned("moral_open", reason=MITIGATING)
    turn = told.open.pk
    assert refused(told, "record-execution") == ["form-does-not-fit"]
    assert refused(told, "record-execution", form="closed_room") == ["form-does-not-fit"]
    told.do("record-execution", form="ceremony", attended=False, place="Halaman")
    assert (told.facts["sanction"]["effective_on"], told.open.pk) == (None, turn)
    told.do("record-execution", form="ceremony")

    sanction = told.facts["sanction"]
    assert sanction["effective_on"] == told.day.isoformat()
    assert [one["attended"] for one in sanction["executions"]] == [False, True]
    assert refused(told, "record-execution", form="ceremony") == ["executed-already"]


def test_what_stands_on_the_notice_board_needs_nobody_there_even_after_the_case_was_closed() -> None:
    told = sanctioned("moral_open", reason=MITIGATING)
    told.do("close", conformity="lighter_accepted", contest_waived=None, reason=MITIGATING)
    told.do("record-execution", form="notice_board", attended=False)
    assert (told.row.state, told.row.outcome) == ("closed", "sanctioned")
    assert told.facts["sanction"]["effective_on"] == told.day.isoformat()


def test_a_closed_moral_sanction_is_read_out_in_a_closed_room() -> None:
    told = sanctioned("moral_closed", reason=MITIGATING)
    assert refused(told, "record-execution", form="forum") == ["form-does-not-fit"]
    told.do("record-execution", form="closed_room")


def test_that_a_pay_cut_was_withheld_is_recorded_and_changes_no_date() -> None:
    told = sanctioned()
    effective = told.facts["sanction"]["effective_on"]
    told.do("record-execution")
    assert told.facts["sanction"]["effective_on"] == effective
    assert told.facts["sanction"]["executions"][0]["form"] is None


def test_a_decree_that_states_another_day_of_effect_is_flagged_once_both_are_known() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    stated = told.day + timedelta(days=1)
    told.do("report-sanction", decision=decree(PEMKOT, told.day, effective_on=stated), examination=heard(told.day))
    assert (told.facts["sanction"]["effective_stated"], others(told.facts["warnings"])) == (stated.isoformat(), [])
    told.do("record-delivery")
    sanction = told.facts["sanction"]
    assert (sanction["effective_stated"], sanction["effective_on"] > stated.isoformat()) == (stated.isoformat(), True)
    warning, early = others(told.facts["warnings"])
    assert (warning["code"], warning["pointer"]) == ("effect-differs", "#/sanction/effective_stated")
    assert (early["code"], early["pointer"]) == ("effect-too-early", "#/sanction/effective_stated")
    assert all(day in warning["en"] for day in (stated.isoformat(), sanction["effective_on"]))


def test_the_end_of_a_contract_takes_effect_on_the_day_its_decree_states() -> None:
    told = casefile_at(S.IDENTITY_REQUESTED)
    told.do("identify", employment_kind="pppk", nip="198501012021211001")
    for name in ("accept", "recommend", "acknowledge"):
        told.do(name)
    ending = "pppk_termination_not_own_request"
    stated = told.day + timedelta(days=40)
    told.do(
        "report-sanction",
        sanction=ending,
        decision=decree(PEMKOT, told.day, effective_on=stated),
        examination=heard(told.day),
    )
    assert (told.facts["sanction"]["effective_on"], others(told.facts["warnings"])) == (stated.isoformat(), [])
    assert BOARD in sight(told)
    told.do("record-delivery")
    told.do("contest", by=BOARD, kind="appeal")
    told.do("settle", by=BOARD, ruling="changed", sanction="pppk_termination_honourable")
    assert [one["code"] for one in others(told.facts["warnings"])] == ["effect-not-stated"]
    assert told.facts["sanction"]["effective_on"] is None


def test_a_ruling_may_state_the_day_of_effect() -> None:
    told = sanctioned("dismissal_dishonourable", reason=MITIGATING)
    told.do("contest", kind="appeal")
    on = told.day + timedelta(days=1)
    ruled = decree(BOARD, on, effective_on=date(2025, 1, 1))
    told.do("settle", by=BOARD, on=on, ruling="lightened", sanction=DEMOTION, decision=ruled)
    assert told.facts["sanction"]["effective_stated"] == "2025-01-01"
    assert told.facts["sanction"]["decision"]["document"] == str(ruled.document)
