"""The flow drawn a second time, by hand, and crossed with every stage and every party. No database."""

import dataclasses
import inspect
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from casefiles import flow
from casefiles.flow import FLOW, ROWS, CaseView, Clock, Party, Refused, Stage, Target, Transition, WrongParty, WrongState
from casefiles.flow import examination, follow_up, guards, intake, sanction
from casefiles.flow.given import LighterReason, Official, TerminateReason, WithholdReason
from casefiles.flow.examination import Withheld
from casefiles.flow.follow_up import Revision
from casefiles.flow.intake import Answer, Verification
from casefiles.flow.sanction import Delivered
from casefiles.shapes import members
from tests.casefiles.views import AGENCIES, DAY, MANDATE, SANCTION, facts_at, view_at
from tests.factories import NIP, given

# As the agreement's table has it: transition | from | to | by. `back` is where the file came from, `same` stays.
DRAWN = """
submit             | -                  | submitted          | submitter
request-identity   | submitted          | identity_requested | examiner
identify           | identity_requested | submitted          | employer
identify           | submitted          | submitted          | examiner
disown             | identity_requested | submitted          | employer
recall             | identity_requested | back               | examiner
recall             | returned           | back               | examiner
return             | submitted          | returned           | examiner
return             | under_examination  | returned           | examiner
complete           | returned           | back               | submitter
withdraw           | submitted          | closed/withdrawn   | submitter
withdraw           | identity_requested | closed/withdrawn   | submitter
withdraw           | returned           | closed/withdrawn   | submitter
reject             | submitted          | closed/rejected    | examiner
accept             | submitted          | under_examination  | examiner
clear              | under_examination  | closed/not_proven  | examiner
recommend          | under_examination  | recommended        | examiner
redirect           | submitted          | closed/redirected  | examiner
redirect           | under_examination  | closed/redirected  | examiner
terminate          | any open           | closed/terminated  | examiner
acknowledge        | recommended        | awaiting_sanction  | addressee
note               | any open           | same               | submitter, examiner, employer, addressee
dispute            | recommended        | disputed           | addressee
dispute            | awaiting_sanction  | disputed           | addressee
uphold             | disputed           | back               | examiner
retract            | disputed           | closed/not_proven  | examiner
report-sanction    | awaiting_sanction  | sanction_reported  | addressee
record-delivery    | sanction_reported  | same               | addressee
require-correction | sanction_reported  | awaiting_sanction  | examiner
close              | sanction_reported  | closed/sanctioned  | examiner
"""

OPEN = [stage for stage in Stage if stage is not Stage.CLOSED]
STAGES: list[Stage | None] = [None, *Stage]


@dataclass(frozen=True)
class Arrow:
    """One line of the drawing, for one stage and one party."""

    name: str
    source: Stage | None
    to: str
    party: Party


def _drawn() -> Iterable[Arrow]:
    for line in DRAWN.strip().splitlines():
        name, source, to, by = (cell.strip() for cell in line.split("|"))
        stages = OPEN if source == "any open" else [None] if source == "-" else [Stage(source)]
        for stage, party in itertools.product(stages, by.split(", ")):
            yield Arrow(name, stage, to, Party(party))


ARROWS = {(arrow.name, arrow.source, arrow.party): arrow for arrow in _drawn()}


def _view(stage: Stage | None, party: Party, **changed: Any) -> Any:
    facts: dict[str, Any] = {}
    if stage is Stage.SANCTION_REPORTED and "facts" not in changed:
        facts = {"sanction": {**SANCTION, "delivered_on": None}}
    return view_at(stage, party, **{"facts": facts, **changed})


def _ordinary(name: str, party: Party) -> Any:
    """A body that the guards accept from that party."""
    if name == "identify":
        return given(name, day=DAY, employer=AGENCIES["pemkot-padang"].code)
    return given(name, day=DAY) if name != "submit" else object()


def _ordinary_view(name: str, stage: Stage | None, party: Party) -> Any:
    if name == "close":
        return _view(stage, party, facts={"sanction": {**SANCTION, "delivered_on": "2024-10-29"}})
    return _view(stage, party)


# --- the table ------------------------------------------------------------------------------------------------------


def test_the_flow_holds_the_drawn_transitions_and_no_other() -> None:
    assert [row.name for row in FLOW] == list(dict.fromkeys(row.name for row in FLOW)), "a name twice"
    assert set(ROWS) == {arrow.name for arrow in ARROWS.values()}


@pytest.mark.parametrize("row", FLOW, ids=lambda row: row.name)
def test_a_row_leaves_from_where_it_is_drawn_for_whom_it_is_drawn(row: Transition) -> None:
    mine = [arrow for arrow in ARROWS.values() if arrow.name == row.name]
    assert {*row.source, *([None] if row.creates else [])} == {arrow.source for arrow in mine}
    assert set(row.by) == {arrow.party for arrow in mine}
    (to,) = {arrow.to for arrow in mine}
    expected = {"same": Target.SAME, "back": Target.CAME_FROM}.get(to) or Stage(to.partition("/")[0])
    assert row.target == expected
    assert row.outcome == to.partition("/")[2]
    assert row.announces.startswith("casefile.")
    assert row.routed


@pytest.mark.parametrize("stage", STAGES, ids=str)
@pytest.mark.parametrize("row", FLOW, ids=lambda row: row.name)
def test_a_transition_happens_only_where_it_is_drawn(row: Transition, stage: Stage | None) -> None:
    for party in Party:
        case = _ordinary_view(row.name, stage, party)
        body = _ordinary(row.name, party)
        arrow = ARROWS.get((row.name, stage, party))
        if arrow is not None:
            _happens(row, case, body, arrow)
            continue
        with pytest.raises((WrongParty, WrongState, Refused)) as refused:
            flow.decide(row, case, frozenset({party}), body)
        if party not in row.by:
            assert refused.type is WrongParty
        elif not row.may_start_in(stage):
            assert refused.type is WrongState


def _happens(row: Transition, case: CaseView, body: Any, arrow: Arrow) -> None:
    outcome = flow.decide(row, case, frozenset({arrow.party}), body)

    reached, _, closed_as = arrow.to.partition("/")
    expected = {"same": case.stage, "back": case.came_from}.get(reached) or Stage(reached)
    assert (outcome.stage, outcome.outcome, outcome.party) == (expected, closed_as, arrow.party)
    assert outcome.keeps_turn is (row.name == "note" or (row.name == "identify" and case.stage is Stage.SUBMITTED))
    assert outcome.opens is None or outcome.stage is not Stage.CLOSED


@pytest.mark.parametrize("stage", OPEN, ids=str)
def test_what_is_offered_is_what_is_drawn(stage: Stage) -> None:
    for party in Party:
        offered = {row.name for row, _ in flow.available_to(_view(stage, party), frozenset({party}))}
        drawn = {name for name, source, by in ARROWS if source is stage and by is party}
        if party is Party.EMPLOYER and stage is Stage.SUBMITTED or party is Party.EXAMINER and stage is Stage.IDENTITY_REQUESTED:
            drawn |= {"identify"}  # offered, and blocked with its reason
        assert offered == drawn


def test_nothing_leaves_a_closed_casefile() -> None:
    assert [row.name for row in FLOW if Stage.CLOSED in row.source] == []


@pytest.mark.parametrize("stage", Stage, ids=str)
def test_every_open_stage_has_somebody_whose_turn_it_is_and_who_may_move_it_on(stage: Stage) -> None:
    turn = flow.turn_in(stage, facts_at(stage))
    if stage in {Stage.CLOSED, Stage.CONTESTED}:
        assert turn is None
        return
    assert turn is not None
    assert set(flow.expected_of(turn.party, stage)) - {"note"}


def test_a_reported_sanction_is_first_the_addressees_to_deliver_and_then_the_examiners_to_review() -> None:
    undelivered = flow.turn_in(Stage.SANCTION_REPORTED, {"sanction": {"delivered_on": None}})
    delivered = flow.turn_in(Stage.SANCTION_REPORTED, {"sanction": {"delivered_on": "2024-11-01"}})
    assert (undelivered, delivered) == (
        flow.Turn(Party.ADDRESSEE, "deliver"),
        flow.Turn(Party.EXAMINER, "review"),
    )


def test_whoever_never_does_this_learns_nothing_about_the_state() -> None:
    with pytest.raises(WrongParty):
        flow.decide(ROWS["close"], _view(Stage.SUBMITTED, Party.EMPLOYER), frozenset({Party.EMPLOYER}), None)


def test_an_agency_that_is_two_parties_acts_as_the_one_the_row_names_first() -> None:
    both = frozenset({Party.EMPLOYER, Party.ADDRESSEE, Party.CIVIL_SERVICE_AGENCY})
    assert flow.acting_party(ROWS["note"], both) is Party.ADDRESSEE
    assert flow.acting_party(ROWS["accept"], both) is None


# --- the guards -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Broken:
    """One thing wrong: what the file or the body is changed to, and the reason that has to come."""

    name: str
    code: str
    pointer: str
    stage: Stage
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)
    view: dict[str, Any] = dataclasses.field(default_factory=dict)
    body: dict[str, Any] = dataclasses.field(default_factory=dict)
    party: Party = Party.EXAMINER


def _subject(**changed: Any) -> dict[str, Any]:
    return {"subject": {**facts_at(None)["subject"], **changed}}


def _sanction(**changed: Any) -> dict[str, Any]:
    return {"sanction": {**SANCTION, **changed}}


LAPSED = {"mandate": replace(MANDATE, valid_until=DAY)}
CARETAKER = {"mandate": replace(MANDATE, caretaker=True)}
OWN = {
    "parties": {
        Party.EMPLOYER: AGENCIES["bkn"],
        Party.EXAMINER: AGENCIES["bkn"],
        Party.SUBMITTER: AGENCIES["bawaslu-kota-padang"],
    }
}
LATER = date(2024, 12, 24)
S = Stage
EXAMINED, DELIVERED_ON = "under_examination", {"delivered_on": "2024-10-29"}
SEKDA = _subject(position_roles=["regional_secretary"])
REVISED = Revision(violations=(1,), sanction="discipline_light", reasoning="x")
DECISION = given("report-sanction", day=DAY).decision
HEAVY = "demotion_one_level_12m"

BROKEN = (
    Broken("request-identity", "asks-the-subject-himself", "#/employer", S.SUBMITTED, facts=SEKDA),
    Broken("request-identity", "agency-lacks-role", "#/employer", S.SUBMITTED, body={"employer": "bpasn"}),
    Broken("identify", "asked-of-another", "", S.IDENTITY_REQUESTED, body={"employer": "bkn"}),
    Broken("identify", "not-asked", "", S.SUBMITTED, party=Party.EMPLOYER),
    Broken("identify", "agency-lacks-role", "#/employer", S.SUBMITTED, body={"employer": "bpasn"}),
    Broken(
        "identify", "not-our-officer", "#/employer", S.IDENTITY_REQUESTED,
        body={"employer": "pemprov-sumatera-barat"}, party=Party.EMPLOYER,
    ),
    Broken("disown", "agency-lacks-role", "#/employer", S.IDENTITY_REQUESTED, body={"employer": "bpasn"}, party=Party.EMPLOYER),
    Broken("return", "limit-reached", "", S.SUBMITTED, facts={"steps": {"return": 3}}),
    Broken(
        "complete", "item-unanswered", "#/answers", S.RETURNED, party=Party.SUBMITTER,
        facts={"returned": {"round": 1, "items": [{"number": 1}, {"number": 2}]}},
    ),
    Broken(
        "complete", "item-unknown", "#/answers/1/item", S.RETURNED, party=Party.SUBMITTER,
        body={"answers": (Answer(item=1, text="x"), Answer(item=9, text="x"))},
    ),
    Broken("withdraw", "accepted-already", "", S.RETURNED, facts={"steps": {"accept": 1}}, party=Party.SUBMITTER),
    Broken("accept", "mandate-not-in-force", "#/occurred_at", S.SUBMITTED, view=LAPSED),
    Broken("accept", "caretaker-may-not", "", S.SUBMITTED, view=CARETAKER),
    Broken("accept", "subject-not-identified", "#/subject", S.SUBMITTED, facts=_subject(identified=False)),
    Broken("accept", "own-officer", "#/employer", S.SUBMITTED, view=OWN),
    Broken(
        "accept", "verification-missing", "#/verification", S.SUBMITTED,
        view={"mandate": replace(MANDATE, verification_required=True)}, body={"verification": None},
    ),
    Broken(
        "accept", "date-in-the-future", "#/verification/held_on", S.SUBMITTED,
        body={"verification": Verification(held_on=LATER, result="complete")},
    ),
    Broken("clear", "own-officer", "#/employer", S.UNDER_EXAMINATION, view=OWN),
    Broken("recommend", "mandate-not-in-force", "#/occurred_at", S.UNDER_EXAMINATION, view=LAPSED),
    Broken("recommend", "caretaker-may-not", "", S.UNDER_EXAMINATION, view=CARETAKER),
    Broken("recommend", "subject-not-identified", "#/subject", S.UNDER_EXAMINATION, facts=_subject(identified=False)),
    Broken("recommend", "own-officer", "#/employer", S.UNDER_EXAMINATION, view=OWN),
    Broken("recommend", "violation-unknown", "#/violations/1", S.UNDER_EXAMINATION, body={"violations": (1, 7)}),
    Broken(
        "recommend", "sanction-does-not-fit", "#/sanction", S.UNDER_EXAMINATION,
        facts=_subject(employment_kind="pppk"), body={"sanction": HEAVY},
    ),
    Broken("recommend", "addressee-is-the-subject", "#/addressee", S.UNDER_EXAMINATION, facts=SEKDA),
    Broken(
        "recommend", "document-not-attached", "#/withheld/0/document", S.UNDER_EXAMINATION,
        body={"withheld": (Withheld(document=uuid4(), reason=WithholdReason(code="state_secret")),)},
    ),
    Broken("recommend", "agency-lacks-role", "#/addressee", S.UNDER_EXAMINATION, body={"addressee": "bpasn"}),
    Broken(
        "terminate", "prior-sanction-missing", "#/sanction", S.RECOMMENDED,
        body={"reason": TerminateReason(code="already_sanctioned")},
    ),
    Broken(
        "terminate", "ladder-not-exhausted", "#/reason/code", S.AWAITING_SANCTION,
        body={"reason": TerminateReason(code="not_followed_up")},
    ),
    Broken("note", "note-of-another-party", "#/code", S.SUBMITTED, body={"code": "team_formed"}, party=Party.SUBMITTER),
    Broken("note", "note-of-another-party", "#/code", S.RECOMMENDED, body={"code": "new_evidence"}, party=Party.ADDRESSEE),
    Broken(
        "acknowledge", "receiver-is-the-subject", "#/received_by/nip", S.RECOMMENDED, party=Party.ADDRESSEE,
        body={"received_by": Official(name="x", nip=NIP, position="x")},
    ),
    Broken(
        "acknowledge", "received-before-sent", "#/received_on", S.RECOMMENDED, party=Party.ADDRESSEE,
        body={"received_on": date(2024, 10, 20)},
    ),
    Broken(
        "acknowledge", "date-in-the-future", "#/received_on", S.RECOMMENDED, party=Party.ADDRESSEE,
        body={"received_on": LATER},
    ),
    Broken(
        "uphold", "violation-unknown", "#/revised/violations/0", S.DISPUTED,
        body={"revised": replace(REVISED, violations=(4,))},
    ),
    Broken(
        "uphold", "sanction-does-not-fit", "#/revised/sanction", S.DISPUTED,
        facts=_subject(employment_kind="pppk"), body={"revised": replace(REVISED, sanction=HEAVY)},
    ),
    Broken(
        "report-sanction", "sanction-does-not-fit", "#/sanction", S.AWAITING_SANCTION, party=Party.ADDRESSEE,
        facts=_subject(employment_kind="pppk"),
    ),
    Broken(
        "report-sanction", "examination-missing", "#/examination", S.AWAITING_SANCTION, party=Party.ADDRESSEE,
        body={"examination": None},
    ),
    Broken(
        "report-sanction", "reason-missing", "#/reason", S.AWAITING_SANCTION, party=Party.ADDRESSEE,
        body={"sanction": "moral_open"},
    ),
    Broken(
        "report-sanction", "reason-missing", "#/reason", S.AWAITING_SANCTION, party=Party.ADDRESSEE,
        body={"sanction": "written_reprimand"},
    ),
    Broken(
        "report-sanction", "delivered-before-decided", "#/delivery/delivered_on", S.AWAITING_SANCTION,
        party=Party.ADDRESSEE, body={"delivery": Delivered(delivered_on=date(2024, 11, 3), method="hand")},
    ),
    Broken(
        "report-sanction", "date-in-the-future", "#/decision/date", S.AWAITING_SANCTION, party=Party.ADDRESSEE,
        body={"decision": replace(DECISION, date=LATER)},
    ),
    Broken(
        "report-sanction", "date-in-the-future", "#/delivery/delivered_on", S.AWAITING_SANCTION, party=Party.ADDRESSEE,
        body={"delivery": Delivered(delivered_on=LATER, method="hand")},
    ),
    Broken(
        "record-delivery", "delivered-already", "", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        facts=_sanction(**DELIVERED_ON),
    ),
    Broken(
        "record-delivery", "delivered-before-decided", "#/delivered_on", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        body={"delivered_on": date(2024, 10, 27)},
    ),
    Broken(
        "record-delivery", "date-in-the-future", "#/delivered_on", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        body={"delivered_on": LATER},
    ),
    Broken("require-correction", "limit-reached", "", S.SANCTION_REPORTED, facts={"steps": {"require-correction": 1}}),
    Broken("close", "mandate-not-in-force", "#/occurred_at", S.SANCTION_REPORTED, view=LAPSED),
    Broken("close", "caretaker-may-not", "", S.SANCTION_REPORTED, view=CARETAKER),
    Broken("close", "not-delivered", "#/sanction/delivered_on", S.SANCTION_REPORTED, facts=_sanction()),
    Broken("close", "remedy-still-open", "#/contest_waived", S.SANCTION_REPORTED, body={"contest_waived": None}),
    Broken(
        "close", "not-in-line", "#/conformity", S.SANCTION_REPORTED,
        facts=_sanction(**DELIVERED_ON, comparison="lighter"),
    ),
    Broken("close", "reason-missing", "#/reason", S.SANCTION_REPORTED, body={"conformity": "lighter_accepted"}),
)  # fmt: skip


def _judge(*broken: Broken) -> tuple[Any, ...]:
    """The reasons that come when all of these are wrong at once."""
    first = broken[0]
    facts: dict[str, Any] = {}
    if first.name == "close":
        facts = _sanction(**DELIVERED_ON)
    view: dict[str, Any] = {}
    body: dict[str, Any] = {}
    for one in broken:
        facts |= one.facts
        view |= one.view
        body |= one.body
    if "revised" in body and len(broken) > 1:
        body["revised"] = replace(REVISED, violations=(4,), sanction=HEAVY)
    case = view_at(first.stage, first.party, facts=facts, **view)
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
    assert all(name in ROWS or name == "hand-over" for name in reason.resolve_with)


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
    ("close", ("caretaker-may-not", "remedy-still-open", "not-in-line")),
)


@pytest.mark.parametrize(("name", "codes"), TOGETHER, ids=lambda value: value if isinstance(value, str) else "")
def test_all_reasons_come_at_once(name: str, codes: tuple[str, ...]) -> None:
    chosen = [next(one for one in BROKEN if one.name == name and one.code == code) for code in codes]
    if "item-unanswered" in codes:
        chosen[1] = replace(chosen[1], body={"answers": (Answer(item=9, text="x"), Answer(item=9, text="x"))})

    found = [reason.code for reason in _judge(*chosen)]

    assert set(found) == set(codes)


def test_what_needs_a_body_is_judged_only_when_one_is_given() -> None:
    case = view_at(Stage.SANCTION_REPORTED, facts=_sanction())
    assert [reason.code for reason in flow.refusals(ROWS["close"], case)] == ["not-delivered"]
    # With a body, whatever else is wrong with it comes along.
    body = given("close", day=DAY, conformity="lighter_accepted")
    assert [reason.code for reason in flow.refusals(ROWS["close"], case, body)] == ["not-delivered", "reason-missing"]


def test_every_reason_that_is_written_down_has_a_case_that_brings_it() -> None:
    source = "".join(inspect.getsource(module) for module in (guards, intake, examination, follow_up, sanction))
    written = set(re.findall(r'Refusal\(\s*"([a-z-]+)"', source))
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
        facts = {**facts_at(broken.stage), **broken.facts}
        assert _exists_in_shape(takes, steps) or _exists_in_file(facts, steps), reason.pointer


# --- what the guards leave alone ------------------------------------------------------------------------------------


def _allowed(name: str, stage: Stage, party: Party, *, facts: dict[str, Any] | None = None, view: Any = None, **body: Any) -> Any:
    case = view_at(stage, party, facts=facts or {}, **(view or {}))
    return flow.decide(ROWS[name], case, frozenset({party}), given(name, day=DAY, **body))


def test_a_caretaker_may_do_everything_but_accept_recommend_and_close() -> None:
    refused = set()
    for (name, stage, party) in ARROWS:
        if party is not Party.EXAMINER or stage is None:
            continue
        case = replace(_ordinary_view(name, stage, party), mandate=replace(MANDATE, caretaker=True))
        try:
            flow.decide(ROWS[name], case, frozenset({party}), _ordinary(name, party))
        except Refused as refusal:
            assert [reason.code for reason in refusal.reasons] == ["caretaker-may-not"]
            refused.add(name)
    assert refused == {"accept", "recommend", "close"}


def test_a_light_sanction_may_be_reported_without_an_examination() -> None:
    outcome = _allowed(
        "report-sanction", S.AWAITING_SANCTION, Party.ADDRESSEE,
        sanction="written_reprimand", examination=None, reason=LighterReason(code="mitigating"),
    )  # fmt: skip
    assert outcome.changes["sanction"]["examination"] is None


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
    outcome = _allowed("report-sanction", S.AWAITING_SANCTION, Party.ADDRESSEE, facts=facts, sanction=imposed)
    assert outcome.changes["sanction"]["comparison"] == comparison


@pytest.mark.parametrize(("imposed", "comparison"), [("written_reprimand", "lighter"), ("moral_open", "different_kind")])
def test_a_lighter_or_other_sanction_is_stored_with_its_reason(imposed: str, comparison: str) -> None:
    reason = LighterReason(code="mitigating", text="Alasan.")
    outcome = _allowed("report-sanction", S.AWAITING_SANCTION, Party.ADDRESSEE, sanction=imposed, reason=reason)
    assert outcome.changes["sanction"]["comparison"] == comparison
    assert outcome.changes["sanction"]["reason"] == {"code": "mitigating", "text": "Alasan."}


def test_a_sekda_s_case_goes_to_another_addressee_and_to_nobody_else() -> None:
    outcome = _allowed(
        "recommend", S.UNDER_EXAMINATION, Party.EXAMINER, facts=SEKDA, addressee="pemprov-sumatera-barat"
    )
    assert outcome.changes["addressee"] == "pemprov-sumatera-barat"
    with pytest.raises(Refused, match="addressee-is-the-subject"):
        _allowed("recommend", S.UNDER_EXAMINATION, Party.EXAMINER, facts=SEKDA, addressee="pemkot-padang")


def test_a_withheld_document_of_the_file_is_kept_back() -> None:
    document = uuid4()
    outcome = _allowed(
        "recommend", S.UNDER_EXAMINATION, Party.EXAMINER,
        facts={"documents": [{"id": str(document)}]},
        withheld=(Withheld(document=document, reason=WithholdReason(code="state_secret")),),
    )  # fmt: skip
    assert outcome.changes["withheld_documents"] == [{"document": str(document), "reason": "state_secret"}]


def test_the_remedy_window_closes_with_its_last_day() -> None:
    facts = _sanction(delivered_on="2024-10-14")  # 14 working days end on 1 November; the act is on the 4th
    assert _allowed("close", S.SANCTION_REPORTED, Party.EXAMINER, facts=facts, contest_waived=None).outcome == "sanctioned"
    last_day = {"today": date(2024, 11, 1)}
    with pytest.raises(Refused, match="remedy-still-open"):
        _allowed("close", S.SANCTION_REPORTED, Party.EXAMINER, facts=facts, view=last_day, contest_waived=None)


def test_a_sanction_without_a_remedy_may_be_closed_as_soon_as_it_is_delivered() -> None:
    facts = _sanction(sanction="moral_open", comparison="different_kind", delivered_on="2024-11-04")
    outcome = _allowed(
        "close", S.SANCTION_REPORTED, Party.EXAMINER, facts=facts, contest_waived=None, conformity="not_in_line_noted"
    )
    assert outcome.stage is Stage.CLOSED


def test_the_day_a_mandate_ends_belongs_to_its_successor() -> None:
    last = {"mandate": replace(MANDATE, valid_until=date(2024, 11, 5))}
    assert _allowed("accept", S.SUBMITTED, Party.EXAMINER, view=last).stage is Stage.UNDER_EXAMINATION
    with pytest.raises(Refused, match="mandate-not-in-force"):
        _allowed("accept", S.SUBMITTED, Party.EXAMINER, view=LAPSED)
    with pytest.raises(Refused, match="mandate-not-in-force"):
        _allowed("accept", S.SUBMITTED, Party.EXAMINER, view={"mandate": None})


def test_each_return_and_correction_up_to_the_limit_is_allowed() -> None:
    assert _allowed("return", S.SUBMITTED, Party.EXAMINER, facts={"steps": {"return": 2}}).changes["returned"]["round"] == 3


def test_returned_items_are_numbered_from_one() -> None:
    items = given("return").items * 2
    changes = _allowed("return", S.SUBMITTED, Party.EXAMINER, items=items).changes
    assert [item["number"] for item in changes["returned"]["items"]] == [1, 2]


def test_a_recall_gives_the_employer_back_as_he_was_claimed() -> None:
    facts = {"employer": "pemkot-padang", "claimed_employer": "pemprov-sumatera-barat"}
    changes = _allowed("recall", S.IDENTITY_REQUESTED, Party.EXAMINER, facts=facts).changes
    assert changes == {"employer": "pemprov-sumatera-barat", "claimed_employer": None}


def test_an_upheld_recommendation_runs_on_unless_the_examiner_grants_a_fresh_clock() -> None:
    for word, clock in (("runs_on", Clock.RUNS_ON), ("fresh", Clock.FRESH)):
        outcome = _allowed("uphold", S.DISPUTED, Party.EXAMINER, clock=word)
        assert outcome.opens is not None
        assert callable(outcome.opens.clock)
        assert outcome.opens.clock(given("uphold", clock=word)) is clock
    assert given("uphold").clock == "runs_on"


def test_a_revised_recommendation_is_a_new_version_and_keeps_its_addressee() -> None:
    changes = _allowed("uphold", S.DISPUTED, Party.EXAMINER, revised=REVISED).changes
    assert (changes["recommendation"]["version"], changes["recommendation"]["sanction"]) == (2, "discipline_light")
    assert "addressee" not in changes


def test_recommending_confirms_the_named_violations_and_computes_their_class() -> None:
    two = [*facts_at(None)["violations"], {**facts_at(None)["violations"][0], "number": 2}]
    changes = _allowed("recommend", S.UNDER_EXAMINATION, Party.EXAMINER, facts={"violations": two}, violations=(2,)).changes
    assert [one["confirmed"] for one in changes["violations"]] == [False, True]
    assert {one["violation_class"] for one in changes["violations"]} == {"discipline"}
    assert changes["addressee"] == "pemkot-padang"


def test_clearing_and_retracting_leave_nothing_confirmed() -> None:
    for name, stage in (("clear", S.UNDER_EXAMINATION), ("retract", S.DISPUTED)):
        changes = _allowed(name, stage, Party.EXAMINER).changes
        assert [one["confirmed"] for one in changes["violations"]] == [False]


def test_the_end_of_a_long_path_is_marked_only_where_the_file_was_away() -> None:
    assert _allowed("return", S.UNDER_EXAMINATION, Party.EXAMINER).came_from is S.UNDER_EXAMINATION
    assert _allowed("dispute", S.RECOMMENDED, Party.ADDRESSEE).came_from is S.RECOMMENDED
    assert _allowed("accept", S.SUBMITTED, Party.EXAMINER).came_from is None
    assert _allowed("note", S.DISPUTED, Party.EXAMINER).came_from is S.AWAITING_SANCTION
    assert _allowed("complete", S.RETURNED, Party.SUBMITTER).came_from is None


# --- what names the rules -------------------------------------------------------------------------------------------


def test_the_digest_names_every_rule_of_the_table() -> None:
    """Any change to a row changes the digest that entries name, limits and clocks included."""
    row = ROWS["return"]
    changed = (
        replace(row, name="give-back"),
        replace(row, source=(Stage.SUBMITTED,)),
        replace(row, target=Stage.SUBMITTED),
        replace(row, by=(Party.SUBMITTER,)),
        replace(row, requires=()),
        replace(row, requires=(guards.at_most("return", 4),)),
        replace(row, opens=None),
        replace(row, opens=replace(row.opens, clock=Clock.RUNS_ON)),  # type: ignore[type-var]  # a Referral here
        replace(row, article="another"),
        replace(row, ends=(Party.EMPLOYER,)),
        replace(row, grants=(Party.APPEAL_BOARD,)),
        replace(row, outcome="rejected"),
    )
    digests = {flow.digest(rows=(one,)) for one in (row, *changed)}
    assert len(digests) == 1 + len(changed)
    assert flow.digest() == flow.digest(rows=FLOW)
