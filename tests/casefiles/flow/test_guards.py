"""Each guard false alone and with others: every reason comes, at once, with its place. No database."""

import inspect
import re
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from casefiles import flow
from casefiles.file import there
from casefiles.flow import (
    ROWS,
    Party,
    Refused,
    State,
    absorption,
    afterwards,
    binding,
    blocking,
    closing,
    contesting,
    correcting,
    corrections,
    custody,
    examination,
    execution,
    follow_up,
    guards,
    identity,
    intake,
    joining,
    ladder,
    oversight,
    remedy,
    reopening,
    replacing,
    routing,
    sanction,
    silence,
    transfer,
    upkeep,
    valuing,
)
from casefiles.flow.days import AHEAD, ORDERS
from casefiles.flow.examination import Withheld
from casefiles.flow.given import LighterReason, WithholdReason
from casefiles.flow.intake import Answer
from casefiles.shapes import members
from tests.casefiles.flow.guards.broken import DELIVERED_ON, HEAVY, LAPSED, REVISED, SEKDA, Broken, S, sanction_of
from tests.casefiles.flow.guards.days import DAYS
from tests.casefiles.flow.guards.main_line import MAIN_LINE
from tests.casefiles.flow.guards.other_paths import OTHER_PATHS
from tests.casefiles.flow.views import DAY, MANDATE, allowed, facts_at, view_at
from tests.factories import NIP, given

CHAPTERS = (
    guards, routing, intake, identity, examination, follow_up, sanction, closing, remedy, contesting, execution,
    custody, transfer, joining, absorption, afterwards, reopening, correcting, corrections, valuing, replacing, ladder,
    oversight, blocking, upkeep, binding, silence,
)  # fmt: skip

BROKEN = (*MAIN_LINE, *OTHER_PATHS, *DAYS)


def _judge(*broken: Broken) -> tuple[Any, ...]:
    """The reasons that come when all of these are wrong at once."""
    first = broken[0]
    facts: dict[str, Any] = {}
    if first.name in {"close", "contest"}:
        facts = sanction_of(**DELIVERED_ON)
    view: dict[str, Any] = {}
    body: dict[str, Any] = {}
    for one in broken:
        facts |= one.facts
        view |= one.view
        body |= one.body
    if "revised" in body and len(broken) > 1:
        body["revised"] = replace(REVISED, violations=(4,), sanction=HEAVY)
    case = view_at(first.state, first.party, facts=facts, **view)
    with pytest.raises(Refused) as refused:
        flow.decide(ROWS[first.name], case, frozenset({first.party}), given(first.name, day=DAY, **body))
    return refused.value.reasons


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: f"{one.name}-{one.code}-{one.pointer}")
def test_one_thing_wrong_is_refused_with_exactly_its_reason(broken: Broken) -> None:
    reasons = _judge(broken)

    assert [(reason.code, reason.pointer) for reason in reasons] == [(broken.code, broken.pointer)]
    (reason,) = reasons
    assert reason.id
    assert reason.en
    assert reason.id != reason.en
    assert NIP not in reason.id + reason.en
    # Both come with the law's other paths.
    assert all(name in ROWS or name in {"hand-over", "merge"} for name in reason.resolve_with)


# For each row, as many things wrong as can be wrong together.
TOGETHER = (
    ("request-identity", ("asks-the-subject-himself", "agency-lacks-role")),
    ("accept", ("mandate-not-in-force", "subject-not-identified", "own-officer", "date-in-the-future")),
    ("complete", ("item-unanswered", "item-unknown")),
    (
        "recommend",
        (
            "mandate-not-in-force",
            "own-officer",
            "violation-unknown",
            "addressee-is-the-subject",
            "document-not-attached",
        ),
    ),
    ("acknowledge", ("receiver-is-the-subject", "received-before-sent")),
    ("uphold", ("sanction-does-not-fit", "violation-unknown")),
    ("report-sanction", ("examination-missing", "reason-missing", "delivered-before-decided")),
    ("record-delivery", ("delivered-already", "delivered-before-decided")),
    ("serve", ("served-before-sent", "receiver-is-the-subject")),
    ("transfer", ("subject-not-identified", "agency-lacks-role", "date-in-the-future")),
    ("extend", ("already-past", "not-after-the-due-day")),
    ("measure", ("measure-of-another", "addressed-to-a-stranger", "new-due-is-past")),
    ("block-data", ("blocked-already", "addressee-not-late", "services-do-not-fit")),
    ("close", ("caretaker-may-not", "remedy-still-open", "not-in-line")),
    ("contest", ("not-the-remedy", "date-in-the-future")),
    ("settle", ("not-yours-to-settle", "decided-before-filed", "sanction-missing", "delivery-not-expected")),
    ("annul", ("not-yours-to-settle", "decided-before-filed")),
    ("record-execution", ("executed-already", "executed-before-decided", "form-does-not-fit")),
    ("reopen", ("mandate-not-in-force", "merged-not-reopened", "no-sanction")),
    ("correct", ("violation-unknown", "value-not-a-date")),
)


@pytest.mark.parametrize(("name", "codes"), TOGETHER, ids=lambda value: value if isinstance(value, str) else "")
def test_all_reasons_come_at_once(name: str, codes: tuple[str, ...]) -> None:
    chosen = [next(one for one in BROKEN if one.name == name and one.code == code) for code in codes]
    if "item-unanswered" in codes:
        chosen[1] = replace(chosen[1], body={"answers": (Answer(item=9, text="x"), Answer(item=9, text="x"))})

    found = [reason.code for reason in _judge(*chosen)]

    assert set(found) == set(codes)


def test_what_needs_a_body_is_judged_only_when_one_is_given() -> None:
    case = view_at(State.SANCTION_REPORTED, facts=sanction_of(comparison="lighter"))
    assert [reason.code for reason in flow.refusals(ROWS["close"], case)] == ["not-delivered"]
    # With a body, whatever else is wrong with it comes along.
    body = given("close", day=DAY, conformity="lighter_accepted")
    assert [reason.code for reason in flow.refusals(ROWS["close"], case, body)] == ["not-delivered", "reason-missing"]


def test_every_reason_that_is_written_down_has_a_case_that_brings_it() -> None:
    source = "".join(inspect.getsource(module) for module in CHAPTERS)
    written = set(re.findall(r'Refusal\(\s*"([a-z-]+)"', source)) | {AHEAD}
    written |= {order.code for order in ORDERS if not order.warns}
    assert written == {one.code for one in BROKEN}


def _exists_in_shape(shape: type[Any], steps: list[str]) -> bool:
    if not steps:
        return True
    member = next((one for one in members(shape) if one.name == steps[0]), None)
    if member is None:
        return False
    rest = steps[1:]
    if member.item is not None and rest and rest[0].isdigit():
        member, rest = member.item, rest[1:]
    return not rest or (member.is_object and _exists_in_shape(member.base, rest))


def _exists_in_file(facts: Any, steps: list[str]) -> bool:
    for step in steps:
        if not isinstance(facts, dict) or step not in facts:
            return False
        facts = facts[step]
    return True


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: f"{one.name}-{one.code}-{one.pointer}")
def test_a_reason_points_into_the_body_or_the_file(broken: Broken) -> None:
    for reason in _judge(broken):
        steps = reason.pointer.removeprefix("#").split("/")[1:]
        takes = ROWS[broken.name].takes
        assert takes is not None
        facts = {**facts_at(broken.state), **broken.facts}
        assert _exists_in_shape(takes, steps) or _exists_in_file(facts, steps), reason.pointer


# --- what the guards leave alone ------------------------------------------------------------------------------------


def test_a_light_sanction_may_be_reported_without_an_examination() -> None:
    outcome = allowed(
        "report-sanction", S.AWAITING_SANCTION, Party.ADDRESSEE,
        sanction="written_reprimand", examination=None, reason=LighterReason(code="mitigating"),
    )  # fmt: skip
    assert there(outcome.changes["sanction"])["examination"] is None


@pytest.mark.parametrize(
    ("recommended", "imposed", "comparison"),
    [
        ("discipline_medium", "allowance_cut_25_12m", "equal"),
        ("allowance_cut_25_6m", "allowance_cut_25_9m", "heavier"),
        ("discipline_light", "allowance_cut_25_6m", "heavier"),
    ],
)
def test_an_equal_or_heavier_sanction_needs_no_reason(recommended: str, imposed: str, comparison: str) -> None:
    facts = {"recommendation": {"version": 1, "sanction": recommended}}
    outcome = allowed("report-sanction", S.AWAITING_SANCTION, Party.ADDRESSEE, facts=facts, sanction=imposed)
    assert there(outcome.changes["sanction"])["comparison"] == comparison


@pytest.mark.parametrize(
    ("imposed", "comparison"), [("written_reprimand", "lighter"), ("moral_open", "different_kind")]
)
def test_a_lighter_or_other_sanction_is_stored_with_its_reason(imposed: str, comparison: str) -> None:
    reason = LighterReason(code="mitigating", text="Alasan.")
    outcome = allowed("report-sanction", S.AWAITING_SANCTION, Party.ADDRESSEE, sanction=imposed, reason=reason)
    assert there(outcome.changes["sanction"])["comparison"] == comparison
    assert there(outcome.changes["sanction"])["reason"] == {"code": "mitigating", "text": "Alasan."}


def test_a_sekda_s_case_goes_to_another_addressee_and_to_nobody_else() -> None:
    outcome = allowed("recommend", S.UNDER_EXAMINATION, Party.EXAMINER, facts=SEKDA, addressee="pemprov-sumatera-barat")
    assert outcome.changes["addressee"] == "pemprov-sumatera-barat"
    with pytest.raises(Refused, match="addressee-is-the-subject"):
        allowed("recommend", S.UNDER_EXAMINATION, Party.EXAMINER, facts=SEKDA, addressee="pemkot-padang")


def test_a_withheld_document_of_the_file_is_kept_back() -> None:
    document = uuid4()
    outcome = allowed(
        "recommend", S.UNDER_EXAMINATION, Party.EXAMINER,
        facts={"documents": [{"id": str(document)}]},
        withheld=(Withheld(document=document, reason=WithholdReason(code="state_secret")),),
    )  # fmt: skip
    assert outcome.changes["withheld_documents"] == [{"document": str(document), "reason": "state_secret"}]


def test_the_remedy_window_closes_with_its_last_day() -> None:
    facts = sanction_of(delivered_on="2024-10-14")  # 14 working days end on 1 November; the act is on the 4th
    assert (
        allowed("close", S.SANCTION_REPORTED, Party.EXAMINER, facts=facts, contest_waived=None).outcome == "sanctioned"
    )
    last_day = {"today": date(2024, 11, 1)}
    with pytest.raises(Refused, match="remedy-still-open"):
        allowed("close", S.SANCTION_REPORTED, Party.EXAMINER, facts=facts, view=last_day, contest_waived=None)


def test_a_sanction_without_a_remedy_may_be_closed_as_soon_as_it_is_delivered() -> None:
    facts = sanction_of(sanction="moral_open", comparison="different_kind", delivered_on="2024-11-04")
    outcome = allowed(
        "close", S.SANCTION_REPORTED, Party.EXAMINER, facts=facts, contest_waived=None, conformity="not_in_line_noted"
    )
    assert outcome.state is State.CLOSED


def test_the_day_a_mandate_ends_belongs_to_its_successor() -> None:
    last = {"mandate": replace(MANDATE, valid_until=date(2024, 11, 5))}
    assert allowed("accept", S.SUBMITTED, Party.EXAMINER, view=last).state is State.UNDER_EXAMINATION
    with pytest.raises(Refused, match="mandate-not-in-force"):
        allowed("accept", S.SUBMITTED, Party.EXAMINER, view=LAPSED)
    with pytest.raises(Refused, match="mandate-not-in-force"):
        allowed("accept", S.SUBMITTED, Party.EXAMINER, view={"mandate": None})
