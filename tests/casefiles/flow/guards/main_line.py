"""The guards of the line that most cases follow, each broken alone: from intake to closing."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

from casefiles.flow import Party
from casefiles.flow.examination import Withheld
from casefiles.flow.given import LighterReason, Official, TerminateReason, WithholdReason
from casefiles.flow.intake import Answer, Verification
from casefiles.flow.sanction import Delivered
from tests.casefiles.flow.guards.broken import (
    ACTING_HEAD,
    CARETAKER,
    COUNTED,
    DECISION,
    DELIVERED_ON,
    HEAVY,
    LAPSED,
    LATER,
    NEXT,
    OWN,
    REVISED,
    SEKDA,
    SUSPECTED,
    Broken,
    S,
    sanction_of,
    subject,
)
from tests.casefiles.flow.views import AGENCIES, MANDATE
from tests.factories import NIP, PEMKOT

MAIN_LINE = (
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
    Broken("accept", "subject-not-identified", "#/subject", S.SUBMITTED, facts=subject(identified=False)),
    Broken("accept", "employer-unknown", "#/employer", S.SUBMITTED, facts={"employer": None}),
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
    Broken("recommend", "subject-not-identified", "#/subject", S.UNDER_EXAMINATION, facts=subject(identified=False)),
    Broken("recommend", "employer-unknown", "#/employer", S.UNDER_EXAMINATION, facts={"employer": None}),
    Broken("recommend", "own-officer", "#/employer", S.UNDER_EXAMINATION, view=OWN),
    Broken("recommend", "violation-unknown", "#/violations/1", S.UNDER_EXAMINATION, body={"violations": (1, 7)}),
    Broken(
        "recommend", "sanction-does-not-fit", "#/sanction", S.UNDER_EXAMINATION,
        facts=subject(employment_kind="pppk"), body={"sanction": HEAVY},
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
        "recommend", "workplace-unknown", "#/addressee", S.UNDER_EXAMINATION, facts=ACTING_HEAD,
        body={"addressee": PEMKOT},
    ),
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
        facts=subject(employment_kind="pppk"), body={"revised": replace(REVISED, sanction=HEAVY)},
    ),
    Broken("uphold", "caretaker-may-not", "#/revised", S.DISPUTED, view=CARETAKER, body={"revised": REVISED}),
    Broken(
        "report-sanction", "sanction-does-not-fit", "#/sanction", S.AWAITING_SANCTION, party=Party.ADDRESSEE,
        facts=subject(employment_kind="pppk"),
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
        facts=sanction_of(**DELIVERED_ON),
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
    Broken("close", "not-delivered", "#/sanction/delivered_on", S.SANCTION_REPORTED, facts=sanction_of()),
    Broken("close", "remedy-still-open", "#/contest_waived", S.SANCTION_REPORTED, body={"contest_waived": None}),
    Broken(
        "close", "not-in-line", "#/conformity", S.SANCTION_REPORTED,
        facts=sanction_of(**DELIVERED_ON, comparison="lighter"),
    ),
    Broken(
        "close", "not-lighter", "#/conformity", S.SANCTION_REPORTED,
        body={"conformity": "lighter_accepted", "reason": LighterReason(code="mitigating")},
    ),
    Broken(
        "close", "reason-missing", "#/reason", S.SANCTION_REPORTED, body={"conformity": "lighter_accepted"},
        facts=sanction_of(**DELIVERED_ON, comparison="lighter"),
    ),
)  # fmt: skip
