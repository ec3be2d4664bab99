"""Each guard false alone and with others: every reason comes, at once, with its place. No database."""

import dataclasses
import inspect
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from casefiles import flow
from casefiles.flow import (
    ROWS,
    Party,
    Refused,
    Stage,
    blocking,
    examination,
    follow_up,
    guards,
    intake,
    ladder,
    oversight,
    sanction,
)
from casefiles.flow.examination import Withheld
from casefiles.flow.follow_up import Revision
from casefiles.flow.given import BlockReason, LighterReason, Official, TerminateReason, WithholdReason
from casefiles.flow.intake import Answer, Verification
from casefiles.flow.sanction import Delivered
from casefiles.shapes import members
from tests.casefiles.views import AGENCIES, DAY, MANDATE, OVERDUE, SANCTION, allowed, facts_at, view_at
from tests.factories import NIP, PEMKOT, given

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

LATE = {"referral": OVERDUE}
SILENT = replace(OVERDUE, party=Party.SUBMITTER, purpose="complete", to="bawaslu-kota-padang")
# Five working days after Monday the 28th of October have not passed on Monday the 4th.
NEXT_LEVEL = date(2024, 11, 5)

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
    Broken(
        "disown", "disowned-and-named", "#/employer", S.IDENTITY_REQUESTED,
        body={"employer": PEMKOT}, party=Party.EMPLOYER,
    ),
    Broken(
        "disown", "agency-lacks-role", "#/employer", S.IDENTITY_REQUESTED,
        body={"employer": "bpasn"}, party=Party.EMPLOYER,
    ),
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
    Broken(
        "note", "note-of-another-party", "#/code", S.RECOMMENDED, body={"code": "new_evidence"}, party=Party.ADDRESSEE
    ),
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
    Broken(
        "close", "not-lighter", "#/conformity", S.SANCTION_REPORTED,
        body={"conformity": "lighter_accepted", "reason": LighterReason(code="mitigating")},
    ),
    Broken(
        "close", "reason-missing", "#/reason", S.SANCTION_REPORTED, body={"conformity": "lighter_accepted"},
        facts=_sanction(**DELIVERED_ON, comparison="lighter"),
    ),
    Broken("recall", "return-not-lapsed", "#/turn/due_on", S.RETURNED, party=Party.CLOCK, view={"referral": SILENT}),
    Broken("recall", "return-not-lapsed", "#/turn/due_on", S.IDENTITY_REQUESTED, party=Party.CLOCK),
    Broken(
        "escalate", "level-not-reached", "#/level", S.AWAITING_SANCTION, party=Party.CLOCK, view=LATE,
        facts={"overdue_level": 2}, body={"level": 3, "ladder": "follow_up_block_proposal", "reached_on": NEXT_LEVEL},
    ),
    Broken("escalate", "level-not-reached", "#/level", S.AWAITING_SANCTION, party=Party.CLOCK,
        view={"referral": replace(OVERDUE, purpose="settle")}),
    Broken("escalate", "judged-by-another-day", "#/due_on", S.AWAITING_SANCTION, party=Party.CLOCK, view=LATE,
        body={"level": 2}),
    Broken("escalate", "judged-by-another-day", "#/due_on", S.AWAITING_SANCTION, party=Party.CLOCK, view=LATE,
        body={"due_on": DAY}),
    Broken("measure", "neither-overdue-nor-out-of-line", "#/turn/due_on", S.AWAITING_SANCTION, party=Party.OVERSIGHT),
    Broken("measure", "measure-of-another", "#/code", S.AWAITING_SANCTION, party=Party.OVERSIGHT, view=LATE,
        body={"code": "report_to_president"}),
    Broken("measure", "measure-of-another", "#/code", S.AWAITING_SANCTION, party=Party.OVERSIGHT,
        view={**LATE, "acting": AGENCIES["bkn"]}, body={"code": "reprimand"}),
    Broken("measure", "addressed-to-a-stranger", "#/addressed_to", S.AWAITING_SANCTION, party=Party.OVERSIGHT,
        view=LATE, body={"addressed_to": "bpasn"}),
    Broken("measure", "addressed-to-a-stranger", "#/addressed_to", S.AWAITING_SANCTION, party=Party.OVERSIGHT,
        view=LATE, body={"addressed_to": "kemenpanrb"}),
    Broken("measure", "no-follow-up-to-move", "#/due_on", S.RECOMMENDED, party=Party.OVERSIGHT,
        view={"referral": replace(OVERDUE, purpose="acknowledge")}, body={"due_on": LATER}),
    Broken("measure", "new-due-is-past", "#/due_on", S.AWAITING_SANCTION, party=Party.OVERSIGHT, view=LATE,
        body={"due_on": date(2024, 11, 3)}),
    Broken("block-data", "blocked-already", "#/data_block", S.RECOMMENDED, party=Party.CIVIL_SERVICE_AGENCY,
        facts={"data_block": "active"}),
    Broken("block-data", "addressee-not-late", "#/reason/code", S.RECOMMENDED, party=Party.CIVIL_SERVICE_AGENCY,
        body={"reason": BlockReason(code="no_follow_up")}),
    Broken("block-data", "nothing-followed-up", "#/reason/code", S.RECOMMENDED, party=Party.CIVIL_SERVICE_AGENCY,
        body={"reason": BlockReason(code="partial_follow_up")}),
    Broken("block-data", "services-do-not-fit", "#/services", S.RECOMMENDED, party=Party.CIVIL_SERVICE_AGENCY,
        body={"services": ()}),
    Broken("block-data", "services-do-not-fit", "#/services", S.RECOMMENDED, party=Party.CIVIL_SERVICE_AGENCY,
        body={"scope": "full"}),
    Broken("unblock-data", "not-blocked", "#/data_block", S.CLOSED, party=Party.CIVIL_SERVICE_AGENCY,
        facts={"data_block": "lifted"}),
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
    ("measure", ("measure-of-another", "addressed-to-a-stranger", "new-due-is-past")),
    ("block-data", ("blocked-already", "addressee-not-late", "services-do-not-fit")),
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
    case = view_at(Stage.SANCTION_REPORTED, facts=_sanction(comparison="lighter"))
    assert [reason.code for reason in flow.refusals(ROWS["close"], case)] == ["not-delivered"]
    # With a body, whatever else is wrong with it comes along.
    body = given("close", day=DAY, conformity="lighter_accepted")
    assert [reason.code for reason in flow.refusals(ROWS["close"], case, body)] == ["not-delivered", "reason-missing"]


def test_every_reason_that_is_written_down_has_a_case_that_brings_it() -> None:
    source = "".join(
        inspect.getsource(module)
        for module in (guards, intake, examination, follow_up, sanction, ladder, oversight, blocking)
    )
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


def test_a_light_sanction_may_be_reported_without_an_examination() -> None:
    outcome = allowed(
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
    outcome = allowed("report-sanction", S.AWAITING_SANCTION, Party.ADDRESSEE, facts=facts, sanction=imposed)
    assert outcome.changes["sanction"]["comparison"] == comparison


@pytest.mark.parametrize(
    ("imposed", "comparison"), [("written_reprimand", "lighter"), ("moral_open", "different_kind")]
)
def test_a_lighter_or_other_sanction_is_stored_with_its_reason(imposed: str, comparison: str) -> None:
    reason = LighterReason(code="mitigating", text="Alasan.")
    outcome = allowed("report-sanction", S.AWAITING_SANCTION, Party.ADDRESSEE, sanction=imposed, reason=reason)
    assert outcome.changes["sanction"]["comparison"] == comparison
    assert outcome.changes["sanction"]["reason"] == {"code": "mitigating", "text": "Alasan."}


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
    facts = _sanction(delivered_on="2024-10-14")  # 14 working days end on 1 November; the act is on the 4th
    assert (
        allowed("close", S.SANCTION_REPORTED, Party.EXAMINER, facts=facts, contest_waived=None).outcome == "sanctioned"
    )
    last_day = {"today": date(2024, 11, 1)}
    with pytest.raises(Refused, match="remedy-still-open"):
        allowed("close", S.SANCTION_REPORTED, Party.EXAMINER, facts=facts, view=last_day, contest_waived=None)


def test_a_sanction_without_a_remedy_may_be_closed_as_soon_as_it_is_delivered() -> None:
    facts = _sanction(sanction="moral_open", comparison="different_kind", delivered_on="2024-11-04")
    outcome = allowed(
        "close", S.SANCTION_REPORTED, Party.EXAMINER, facts=facts, contest_waived=None, conformity="not_in_line_noted"
    )
    assert outcome.stage is Stage.CLOSED


def test_the_day_a_mandate_ends_belongs_to_its_successor() -> None:
    last = {"mandate": replace(MANDATE, valid_until=date(2024, 11, 5))}
    assert allowed("accept", S.SUBMITTED, Party.EXAMINER, view=last).stage is Stage.UNDER_EXAMINATION
    with pytest.raises(Refused, match="mandate-not-in-force"):
        allowed("accept", S.SUBMITTED, Party.EXAMINER, view=LAPSED)
    with pytest.raises(Refused, match="mandate-not-in-force"):
        allowed("accept", S.SUBMITTED, Party.EXAMINER, view={"mandate": None})
