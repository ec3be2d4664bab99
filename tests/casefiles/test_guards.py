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
    DuplicateView,
    Party,
    Refused,
    Stage,
    afterwards,
    blocking,
    corrections,
    custody,
    examination,
    execution,
    follow_up,
    guards,
    intake,
    joining,
    ladder,
    oversight,
    remedy,
    routing,
    sanction,
    upkeep,
)
from casefiles.flow.examination import Withheld
from casefiles.flow.follow_up import Revision
from casefiles.flow.given import (
    BlockReason,
    LighterReason,
    Official,
    ReopenReason,
    TerminateReason,
    TransferReason,
    WithholdReason,
)
from casefiles.flow.intake import Answer, Verification
from casefiles.flow.sanction import Delivered
from casefiles.shapes import members
from tests.casefiles.views import (
    AGENCIES,
    CONTEST,
    DAY,
    MANDATE,
    MERGED,
    OVERDUE,
    SANCTION,
    allowed,
    facts_at,
    law,
    view_at,
)
from tests.factories import NIP, PEMKOT, at, given

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
ACTING_HEAD = _subject(position_roles=["acting_regional_head"])
REVISED = Revision(violations=(1,), sanction="discipline_light", reasoning="x")
MISADDRESSED = TransferReason(code="misaddressed")
# A neighbour under the same province, and an office below Padang that is none of Bawaslu's.
WITH_A_LEAF = {
    "agencies": {
        **AGENCIES,
        "bawaslu-kab-agam": replace(AGENCIES["bawaslu-kota-padang"], pk=20, code="bawaslu-kab-agam"),
        "panwas": replace(AGENCIES["bawaslu-kota-padang"], pk=21, code="panwas", parent=1, roles=frozenset()),
    }
}
DECISION = given("report-sanction", day=DAY).decision
ANNULLING = given("annul", day=DAY).decision
HEAVY = "demotion_one_level_12m"
APPEALED = {"contest": {**CONTEST, "kind": "appeal"}}
SETTLED = {**CONTEST, "ruling": "upheld", "decision": {"date": "2024-11-01"}, "settled_on": "2024-11-01"}
LIGHTENED = {"ruling": "lightened", "sanction": "written_reprimand"}

CHAPTERS = (
    guards, routing, intake, examination, follow_up, sanction, remedy, execution, custody, joining, afterwards,
    corrections, ladder, oversight, blocking, upkeep,
)  # fmt: skip
COUNTED = {
    "referral": replace(
        view_at(S.UNDER_EXAMINATION).referral,  # type: ignore[type-var]  # there is one
        rule=law().counted("examine", start=date(2024, 10, 21), time_zone="Asia/Jakarta", mandate=None)[1],
        due_on=date(2024, 11, 8),
    )
}
NEXT = {"named_mandate": replace(MANDATE, code="examining-2027", agency="kemendagri")}
SUSPECTED = DuplicateView(id=str(uuid4()), number="LTS/2026/000124", state="submitted", because=("shared_reference",))

PARTED = {"outcome": "merged", "merged": MERGED}
ACCEPTED = {"steps": {"submit": 1, "accept": 1}}
NO_CONTEST = {**facts_at(None)["violations"][0], "contest": None}


def _into(stage: Stage, **changed: Any) -> dict[str, Any]:
    """The other casefile, at that stage."""
    return {"other": replace(view_at(stage), **changed)}


def _fact(name: str, value: str | None) -> dict[str, Any]:
    return {"fact": name, "violation": None, "value": value}


def _act_date(value: str) -> dict[str, Any]:
    return {"fact": "#/violations/*/act_date", "value": value}


LATE = {"referral": OVERDUE}
SILENT = replace(OVERDUE, party=Party.SUBMITTER, purpose="complete", to="bawaslu-kota-padang")
# Five working days after Monday the 28th of October have not passed on Monday the 4th.
NEXT_LEVEL = date(2024, 11, 5)

BROKEN = (
    Broken("recompute", "deadline-unchanged", "#/new_due", S.UNDER_EXAMINATION, party=Party.CLOCK, view=COUNTED),
    Broken("hand-over", "unknown-mandate", "#/mandate", S.SUBMITTED, party=Party.OPERATOR),
    Broken(
        "hand-over", "mandate-is-the-same", "#/mandate", S.SUBMITTED, view={"named_mandate": MANDATE},
        party=Party.OPERATOR,
    ),
    Broken(
        "hand-over", "mandate-not-in-force", "#/mandate", S.SUBMITTED, party=Party.OPERATOR,
        view={"named_mandate": replace(MANDATE, code="examining-2027", valid_from=LATER)},
    ),
    Broken(
        "hand-over", "disposition-does-not-fit", "#/disposition", S.RECOMMENDED, view=NEXT, party=Party.OPERATOR,
        body={"disposition": "restart"},
    ),
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
        "accept", "duplicates-not-judged", "#/not_duplicate_of", S.SUBMITTED, view={"duplicates": (SUSPECTED,)},
        body={"not_duplicate_of": (uuid4(),)},
    ),
    Broken(
        "accept", "verification-missing", "#/verification", S.SUBMITTED,
        view={"mandate": replace(MANDATE, verification_required=True)}, body={"verification": None},
    ),
    Broken(
        "accept", "date-in-the-future", "#/verification/held_on", S.SUBMITTED,
        body={"verification": Verification(held_on=LATER, result="complete")},
    ),
    Broken("clear", "own-officer", "#/employer", S.UNDER_EXAMINATION, view=OWN),
    Broken("reject", "own-officer", "#/employer", S.SUBMITTED, view=OWN),
    Broken("terminate", "own-officer", "#/employer", S.UNDER_EXAMINATION, view=OWN),
    Broken("recommend", "mandate-not-in-force", "#/occurred_at", S.UNDER_EXAMINATION, view=LAPSED),
    Broken("recommend", "caretaker-may-not", "", S.UNDER_EXAMINATION, view=CARETAKER),
    Broken("recommend", "subject-not-identified", "#/subject", S.UNDER_EXAMINATION, facts=_subject(identified=False)),
    Broken("recommend", "own-officer", "#/employer", S.UNDER_EXAMINATION, view=OWN),
    Broken("recommend", "violation-unknown", "#/violations/1", S.UNDER_EXAMINATION, body={"violations": (1, 7)}),
    Broken(
        "recommend", "sanction-does-not-fit", "#/sanction", S.UNDER_EXAMINATION,
        facts=_subject(employment_kind="pppk"), body={"sanction": HEAVY},
    ),
    Broken(
        "recommend", "addressee-is-the-subject", "#/addressee", S.UNDER_EXAMINATION, facts=SEKDA,
        body={"addressee": PEMKOT},
    ),
    Broken(
        "recommend", "addressee-not-registered", "#/addressee", S.UNDER_EXAMINATION, facts=SEKDA,
        view={"agencies": {code: one for code, one in AGENCIES.items() if one.level != "province"}},
    ),
    Broken("recommend", "workplace-unknown", "#/addressee", S.UNDER_EXAMINATION, facts=ACTING_HEAD),
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
    Broken("serve", "served-before-sent", "#/delivered_on", S.RECOMMENDED, body={"delivered_on": date(2024, 10, 20)}),
    Broken("serve", "date-in-the-future", "#/delivered_on", S.RECOMMENDED, body={"delivered_on": LATER}),
    Broken(
        "serve", "receiver-is-the-subject", "#/received_by/nip", S.RECOMMENDED,
        body={"received_by": Official(name="x", nip=NIP, position="x")},
    ),
    Broken("transfer", "subject-not-identified", "#/subject", S.SUBMITTED, facts=_subject(identified=False)),
    Broken("transfer", "agency-lacks-role", "#/employer", S.RECOMMENDED, body={"employer": "bpasn"}),
    Broken("transfer", "same-employer", "#/employer", S.RECOMMENDED, body={"employer": PEMKOT}),
    Broken("transfer", "date-in-the-future", "#/moved_on", S.RECOMMENDED, body={"moved_on": LATER}),
    Broken(
        "transfer", "addressee-is-the-subject", "#/employer", S.RECOMMENDED, facts={**SEKDA, "addressee": PEMKOT}
    ),
    Broken(
        "transfer", "clock-of-a-wrong-address", "#/clock", S.RECOMMENDED,
        body={"reason": MISADDRESSED, "clock": "runs_on"},
    ),
    Broken(
        "transfer", "late-and-misaddressed", "#/reason/code", S.RECOMMENDED, party=Party.EMPLOYER,
        view={"occurred_at": at(date(2024, 11, 21))}, body={"reason": MISADDRESSED},
    ),
    Broken("reassign", "agency-lacks-role", "#/office", S.RETURNED, party=Party.SUBMITTER, view=WITH_A_LEAF,
        body={"office": "panwas", "kind": "delegated"}),
    Broken(
        "reassign", "same-office", "#/office", S.RETURNED, party=Party.SUBMITTER,
        body={"office": "bawaslu-kota-padang"},
    ),
    Broken(
        "reassign", "office-not-above", "#/office", S.RETURNED, party=Party.SUBMITTER, view=WITH_A_LEAF,
        body={"office": "bawaslu-kab-agam"},
    ),
    Broken(
        "reassign", "office-not-below", "#/office", S.RETURNED, party=Party.SUBMITTER,
        body={"kind": "delegated"},
    ),
    Broken(
        "reassign", "not-your-branch", "#/office", S.RETURNED, party=Party.SUPERIOR_OFFICE,
        body={"office": "bawaslu-ri"},
    ),
    Broken("extend", "not-after-the-due-day", "#/until", S.RECOMMENDED, body={"until": date(2024, 11, 20)}),
    Broken(
        "extend", "already-past", "#/until", S.RECOMMENDED,
        view={"today": date(2025, 1, 2)}, body={"until": date(2024, 12, 31)},
    ),
    Broken(
        "require-correction", "bound-by-ruling", "#/sanction/ruling", S.SANCTION_REPORTED,
        facts=_sanction(ruling={"kind": "appeal", "ruling": "lightened"}),
    ),
    Broken(
        "contest", "not-delivered", "#/sanction/delivered_on", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        facts=_sanction(),
    ),
    Broken("contest", "not-yours-to-lodge", "#/kind", S.SANCTION_REPORTED, party=Party.APPEAL_BOARD),
    Broken(
        "contest", "contested-already", "#/kind", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        facts=_sanction(**DELIVERED_ON) | {"contests": [SETTLED]},
    ),
    Broken(
        "contest", "not-the-remedy", "#/kind", S.SANCTION_REPORTED, party=Party.ADDRESSEE, body={"kind": "appeal"}
    ),
    Broken(
        "contest", "filed-too-early", "#/filed_on", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        body={"filed_on": date(2024, 10, 28)},
    ),
    Broken(
        "contest", "no-appeal-board", "#/kind", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        facts=_sanction(sanction="dismissal_honourable_not_own_request", delivered_on="2024-10-29"),
        view={"agencies": {code: one for code, one in AGENCIES.items() if code != "bpasn"}}, body={"kind": "appeal"},
    ),
    Broken(
        "contest", "date-in-the-future", "#/filed_on", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        body={"filed_on": LATER},
    ),
    Broken("settle", "not-yours-to-settle", "#/contest/kind", S.CONTESTED, party=Party.APPEAL_BOARD),
    Broken(
        "settle", "not-yours-to-settle", "#/contest/kind", S.CONTESTED, party=Party.ADDRESSEE, facts=APPEALED
    ),
    Broken(
        "settle", "decided-before-filed", "#/decision/date", S.CONTESTED, party=Party.ADDRESSEE,
        body={"decision": replace(DECISION, date=date(2024, 10, 31))},
    ),
    Broken(
        "settle", "sanction-missing", "#/sanction", S.CONTESTED, party=Party.ADDRESSEE, body={"ruling": "lightened"}
    ),
    Broken(
        "settle", "sanction-not-expected", "#/sanction", S.CONTESTED, party=Party.ADDRESSEE,
        body={"ruling": "upheld", "sanction": "written_reprimand"},
    ),
    Broken(
        "settle", "delivery-not-expected", "#/delivery", S.CONTESTED, party=Party.ADDRESSEE,
        body={"delivery": Delivered(delivered_on=DAY, method="hand")},
    ),
    Broken(
        "settle", "sanction-does-not-fit", "#/sanction", S.CONTESTED, party=Party.ADDRESSEE,
        facts=_subject(employment_kind="pppk"), body={"ruling": "lightened", "sanction": "written_reprimand"},
    ),
    Broken(
        "settle", "ruling-contradicts", "#/sanction", S.CONTESTED, party=Party.ADDRESSEE,
        body={"ruling": "lightened", "sanction": "allowance_cut_25_9m"},
    ),
    Broken(
        "settle", "delivered-before-decided", "#/delivery/delivered_on", S.CONTESTED, party=Party.ADDRESSEE,
        body={**LIGHTENED, "delivery": Delivered(delivered_on=date(2024, 11, 3), method="hand")},
    ),
    Broken(
        "settle", "date-in-the-future", "#/decision/date", S.CONTESTED, party=Party.ADDRESSEE,
        body={"decision": replace(DECISION, date=LATER)},
    ),
    Broken(
        "settle", "date-in-the-future", "#/delivery/delivered_on", S.CONTESTED, party=Party.ADDRESSEE,
        body={**LIGHTENED, "delivery": Delivered(delivered_on=LATER, method="hand")},
    ),
    Broken("annul", "not-yours-to-settle", "#/contest/kind", S.CONTESTED, party=Party.APPEAL_BOARD),
    Broken(
        "annul", "decided-before-filed", "#/decision/date", S.CONTESTED, party=Party.ADDRESSEE,
        body={"decision": replace(ANNULLING, date=date(2024, 10, 31))},
    ),
    Broken(
        "annul", "date-in-the-future", "#/decision/date", S.CONTESTED, party=Party.ADDRESSEE,
        body={"decision": replace(ANNULLING, date=LATER)},
    ),
    Broken(
        "record-execution", "not-sanctioned", "#/outcome", S.CLOSED, party=Party.ADDRESSEE,
        facts={"outcome": "annulled"},
    ),
    Broken(
        "record-execution", "executed-already", "#/sanction/executions", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        facts=_sanction(executions=[{"executed_on": "2024-11-01", "form": None, "attended": True}]),
    ),
    Broken(
        "record-execution", "executed-before-decided", "#/executed_on", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        body={"executed_on": date(2024, 10, 27)},
    ),
    Broken(
        "record-execution", "form-does-not-fit", "#/form", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        body={"form": "ceremony"},
    ),
    Broken(
        "record-execution", "date-in-the-future", "#/executed_on", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        body={"executed_on": LATER},
    ),
    Broken(
        "merge", "sanction-reported", "#/sanction", S.AWAITING_SANCTION, facts=_sanction(),
        view=_into(S.AWAITING_SANCTION),
    ),
    Broken("merge", "not-your-casefile", "#/into", S.SUBMITTED, view=_into(S.SUBMITTED, acts_as=frozenset())),
    Broken(
        "merge", "another-subject", "#/into", S.SUBMITTED,
        view=_into(S.SUBMITTED, facts={**facts_at(None), **_subject(nip="198501012010012002")}),
    ),
    Broken("merge", "target-not-open", "#/into", S.SUBMITTED, view=_into(S.CLOSED)),
    Broken("merge", "target-not-open", "#/into", S.SUBMITTED, view=_into(S.CONTESTED)),
    Broken(
        "merge", "target-merged", "#/into", S.SUBMITTED,
        view=_into(S.CLOSED, facts={**facts_at(S.CLOSED), "outcome": "merged"}),
    ),
    Broken("merge", "target-behind", "#/into", S.UNDER_EXAMINATION, view=_into(S.RETURNED)),
    Broken("unmerge", "not-merged", "#/outcome", S.CLOSED),
    Broken(
        "unmerge", "too-late", "#/merged/on", S.CLOSED, view=_into(S.SUBMITTED),
        facts={"outcome": "merged", "merged": {**MERGED, "on": "2024-10-04"}},
    ),
    Broken("unmerge", "target-gone", "#/merged/into", S.CLOSED, facts=PARTED),
    Broken(
        "unmerge", "not-your-casefile", "#/merged", S.CLOSED, facts=PARTED, view=_into(S.SUBMITTED, acts_as=frozenset())
    ),
    Broken(
        "unmerge", "target-merged-on", "#/merged/into", S.CLOSED, facts=PARTED,
        view=_into(S.CLOSED, facts={**facts_at(S.CLOSED), "outcome": "merged"}),
    ),
    Broken("reopen", "mandate-not-in-force", "#/occurred_at", S.CLOSED, view=LAPSED),
    Broken("reopen", "merged-not-reopened", "#/outcome", S.CLOSED, facts=PARTED),
    Broken(
        "reopen", "no-sanction", "#/ground/code", S.CLOSED, facts={"sanction": None},
        body={"ground": ReopenReason(code="late_appeal")},
    ),
    Broken(
        "reopen", "target-incomplete", "#/ground/code", S.CLOSED, facts={"addressee": None},
        body={"ground": ReopenReason(code="closure_error")},
    ),
    Broken("correct", "not-the-author", "#/fact", S.SUBMITTED),
    Broken("correct", "not-the-author", "#/fact", S.AWAITING_SANCTION, party=Party.ADDRESSEE,
        facts={"received_on": "2024-10-22", "served": {"delivered_on": "2024-10-22"}},
        body={"fact": "#/received_on", "violation": None, "value": "2024-10-23"}),
    Broken(
        "correct", "violation-unwanted", "#/violation", S.SUBMITTED, body={"fact": "#/subject/grade", "value": "III/a"}
    ),
    Broken("correct", "violation-unknown", "#/violation", S.SUBMITTED, facts=ACCEPTED, body={"violation": 2}),
    Broken("correct", "violation-unknown", "#/violation", S.SUBMITTED, facts=ACCEPTED, body={"violation": None}),
    Broken("correct", "fact-not-there", "#/fact", S.SUBMITTED, body=_fact("#/unit", "Direktorat")),
    Broken("correct", "fact-not-there", "#/fact", S.SUBMITTED, body=_fact("#/recommendation/letter/number", "R-1")),
    Broken(
        "correct", "fact-not-there", "#/fact", S.SUBMITTED, facts={**ACCEPTED, "violations": [NO_CONTEST]},
        body={"fact": "#/violations/*/contest/region", "value": "13.71"},
    ),
    Broken(
        "correct", "fact-not-there", "#/fact", S.SANCTION_REPORTED, party=Party.ADDRESSEE, facts=_sanction(),
        body=_fact("#/sanction/delivered_on", "2024-11-01"),
    ),
    Broken("correct", "value-missing", "#/value", S.SUBMITTED, body=_fact("#/subject/name", None)),
    Broken("correct", "value-not-a-nip", "#/value", S.SUBMITTED, body=_fact("#/subject/nip", "123")),
    Broken("correct", "value-not-a-code", "#/value", S.SUBMITTED, body=_fact("#/subject/position_kind", "guru")),
    Broken("correct", "value-not-a-code", "#/value", S.SUBMITTED, body=_fact("#/subject/position_roles", "teacher, x")),
    Broken("correct", "value-too-long", "#/value", S.SUBMITTED, body=_fact("#/subject/grade", "III/a atau III/b")),
    Broken("correct", "value-not-a-date", "#/value", S.SUBMITTED, facts=ACCEPTED, body=_act_date("2024-02-30")),
    Broken("correct", "value-not-a-date", "#/value", S.SUBMITTED, facts=ACCEPTED, body=_act_date("1024-02-20")),
    Broken("correct", "date-in-the-future", "#/value", S.SUBMITTED, facts=ACCEPTED, body=_act_date("2024-12-24")),
    Broken(
        "correct", "value-not-a-region", "#/value", S.SUBMITTED, facts=ACCEPTED,
        body={"fact": "#/violations/*/contest/region", "value": "1371"},
    ),
    Broken("correct", "nothing-to-correct", "#/value", S.SUBMITTED, body=_fact("#/subject/nip", NIP)),
    Broken(
        "correct", "dates-run-backwards", "#/value", S.SUBMITTED,
        facts={**ACCEPTED, "finding": {"id": "f", "election": "pilkada-2024", "known_on": "2024-10-02"}},
        body=_act_date("2024-10-03"),
    ),
    Broken(
        "correct", "dates-run-backwards", "#/value", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        facts=_sanction(**DELIVERED_ON), body=_fact("#/sanction/decision/date", "2024-10-30"),
    ),
    Broken("recall", "return-not-lapsed", "#/turn/due_on", S.RETURNED, party=Party.CLOCK, view={"referral": SILENT}),
    Broken("recall", "return-not-lapsed", "#/turn/due_on", S.IDENTITY_REQUESTED, party=Party.CLOCK),
    Broken(
        "escalate", "level-not-reached", "#/level", S.AWAITING_SANCTION, party=Party.CLOCK, view=LATE,
        facts={"overdue_level": 2}, body={"level": 3, "ladder": "follow_up_block_proposal", "reached_on": NEXT_LEVEL},
    ),
    Broken("escalate", "level-not-reached", "#/level", S.AWAITING_SANCTION, party=Party.CLOCK,
        view={"referral": replace(OVERDUE, purpose="complete")}),
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
    Broken("measure", "not-after-the-due-day", "#/due_on", S.AWAITING_SANCTION, party=Party.OVERSIGHT, view=LATE,
        body={"due_on": OVERDUE.due_on}),
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
    if first.name in {"close", "contest"}:
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
    case = view_at(Stage.SANCTION_REPORTED, facts=_sanction(comparison="lighter"))
    assert [reason.code for reason in flow.refusals(ROWS["close"], case)] == ["not-delivered"]
    # With a body, whatever else is wrong with it comes along.
    body = given("close", day=DAY, conformity="lighter_accepted")
    assert [reason.code for reason in flow.refusals(ROWS["close"], case, body)] == ["not-delivered", "reason-missing"]


def test_every_reason_that_is_written_down_has_a_case_that_brings_it() -> None:
    source = "".join(inspect.getsource(module) for module in CHAPTERS)
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
