"""The guards of all other paths, each broken alone: custody, remedies, joining, afterwards, oversight."""

from dataclasses import replace
from datetime import date

from casefiles.flow import Party
from casefiles.flow.given import BlockReason, Official, ReopenReason
from casefiles.flow.sanction import Delivered
from tests.casefiles.flow.guards.broken import (
    ACCEPTED,
    ANNULLING,
    APPEALED,
    BINDING,
    DECISION,
    DELIVERED_ON,
    GONE,
    HAS_NEW,
    HAS_OLD,
    HAS_OLD_ONLY,
    HAS_OTHER,
    HAS_THEIRS,
    LAPSED,
    LATE,
    LATER,
    LIGHTENED,
    MISADDRESSED,
    NEW,
    NEXT_LEVEL,
    NO_CONTEST,
    OLD,
    PARTED,
    SEKDA,
    SETTLED,
    SILENT,
    WITH_A_LEAF,
    WITH_ONE_GONE,
    WORKS_FOR_ONE_GONE,
    Broken,
    S,
    act_date,
    fact,
    into,
    replacing,
    sanction_of,
    subject,
)
from tests.casefiles.flow.views import AGENCIES, DAY, MERGED, OVERDUE, facts_at
from tests.factories import NIP, PEMKOT, at

OTHER_PATHS = (
    Broken("serve", "served-before-sent", "#/delivered_on", S.RECOMMENDED, body={"delivered_on": date(2024, 10, 20)}),
    Broken("serve", "date-in-the-future", "#/delivered_on", S.RECOMMENDED, body={"delivered_on": LATER}),
    Broken(
        "serve", "receiver-is-the-subject", "#/received_by/nip", S.RECOMMENDED,
        body={"received_by": Official(name="x", nip=NIP, position="x")},
    ),
    Broken("transfer", "subject-not-identified", "#/subject", S.SUBMITTED, facts=subject(identified=False)),
    Broken("transfer", "agency-lacks-role", "#/employer", S.RECOMMENDED, body={"employer": "bpasn"}),
    Broken("transfer", "agency-ended", "#/employer", S.RECOMMENDED, view=WITH_ONE_GONE, body={"employer": GONE.code}),
    Broken("recommend", "agency-ended", "#/addressee", S.UNDER_EXAMINATION, view=WORKS_FOR_ONE_GONE),
    Broken("uphold", "agency-ended", "", S.DISPUTED, view=WORKS_FOR_ONE_GONE),
    Broken("require-correction", "agency-ended", "", S.SANCTION_REPORTED, view=WORKS_FOR_ONE_GONE),
    Broken("transfer", "moved-on-missing", "#/moved_on", S.RECOMMENDED, body={"moved_on": None}),
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
    Broken("serve", "not-opened", "#/opened", S.RECOMMENDED, body={"opened": 5}),
    Broken("extend", "not-after-the-due-day", "#/until", S.RECOMMENDED, body={"until": date(2024, 11, 20)}),
    Broken(
        "extend", "already-past", "#/until", S.RECOMMENDED,
        view={"today": date(2025, 1, 2)}, body={"until": date(2024, 12, 31)},
    ),
    Broken(
        "require-correction", "bound-by-ruling", "#/sanction/bound_by", S.SANCTION_REPORTED,
        facts=sanction_of(bound_by=BINDING),
    ),
    Broken(
        "contest", "bound-by-ruling", "#/sanction/bound_by", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        facts=sanction_of(bound_by=BINDING, **DELIVERED_ON),
    ),
    Broken(
        "settle", "bound-by-ruling", "#/sanction/bound_by", S.CONTESTED, party=Party.ADDRESSEE,
        facts=sanction_of(bound_by=BINDING, **DELIVERED_ON),
    ),
    Broken(
        "annul", "bound-by-ruling", "#/sanction/bound_by", S.CONTESTED, party=Party.ADDRESSEE,
        facts=sanction_of(bound_by=BINDING, **DELIVERED_ON),
    ),
    Broken(
        "report-sanction", "bound-by-ruling", "#/sanction/bound_by", S.AWAITING_SANCTION, party=Party.ADDRESSEE,
        facts=sanction_of(bound_by=BINDING),
    ),
    Broken(
        "terminate", "bound-by-ruling", "#/sanction/bound_by", S.SANCTION_REPORTED,
        facts=sanction_of(bound_by=BINDING),
    ),
    Broken("reopen", "bound-by-ruling", "#/sanction/bound_by", S.CLOSED, facts=sanction_of(bound_by=BINDING)),
    Broken(
        "correct", "bound-by-ruling", "#/sanction/bound_by", S.CLOSED, party=Party.ADDRESSEE,
        facts=sanction_of(bound_by=BINDING), body=fact("#/sanction/decision/number", "SK.2"),
    ),
    Broken(
        "contest", "not-delivered", "#/sanction/delivered_on", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        facts=sanction_of(),
    ),
    Broken("contest", "not-yours-to-lodge", "#/kind", S.SANCTION_REPORTED, party=Party.APPEAL_BOARD),
    Broken(
        "contest", "contested-already", "#/kind", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        facts=sanction_of(**DELIVERED_ON) | {"contests": [SETTLED]},
    ),
    Broken(
        "contest", "not-the-remedy", "#/kind", S.SANCTION_REPORTED, party=Party.ADDRESSEE, body={"kind": "appeal"}
    ),
    Broken(
        "contest", "filed-too-early", "#/filed_on", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        body={"filed_on": date(2024, 10, 28), "letter": None},
    ),
    Broken(
        "contest", "no-appeal-board", "#/kind", S.SANCTION_REPORTED, party=Party.ADDRESSEE,
        facts=sanction_of(sanction="dismissal_honourable_not_own_request", delivered_on="2024-10-29"),
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
        "settle", "silence-grants-nothing", "#/ruling", S.CONTESTED, party=Party.APPEAL_BOARD, facts=APPEALED,
        body={"ruling": "deemed_granted"},
    ),
    Broken(
        "settle", "not-silent-for-long-enough", "#/ruling", S.CONTESTED, party=Party.ADDRESSEE,
        body={"ruling": "deemed_granted"},
    ),
    # Twenty-one working days after Friday the 1st of November end on the 3rd of December: the 27th was polling day.
    Broken(
        "settle", "decided-in-time", "#/decision/date", S.CONTESTED, party=Party.ADDRESSEE,
        view={"today": date(2024, 12, 4)}, body={"ruling": "deemed_granted"},
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
        facts=subject(employment_kind="pppk"), body={"ruling": "lightened", "sanction": "written_reprimand"},
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
        facts=sanction_of(executions=[{"executed_on": "2024-11-01", "form": None, "attended": True}]),
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
        "merge", "sanction-reported", "#/sanction", S.AWAITING_SANCTION, facts=sanction_of(),
        view=into(S.AWAITING_SANCTION),
    ),
    Broken("merge", "not-your-casefile", "#/into", S.SUBMITTED, view=into(S.SUBMITTED, acts_as=frozenset())),
    Broken(
        "merge", "another-subject", "#/into", S.SUBMITTED,
        view=into(S.SUBMITTED, facts={**facts_at(None), **subject(nip="198501012010012002")}),
    ),
    Broken("merge", "target-not-open", "#/into", S.SUBMITTED, view=into(S.CLOSED)),
    Broken("merge", "target-not-open", "#/into", S.SUBMITTED, view=into(S.CONTESTED)),
    Broken(
        "merge", "target-merged", "#/into", S.SUBMITTED,
        view=into(S.CLOSED, facts={**facts_at(S.CLOSED), "outcome": "merged"}),
    ),
    Broken("merge", "target-behind", "#/into", S.UNDER_EXAMINATION, view=into(S.RETURNED)),
    Broken("unmerge", "not-merged", "#/outcome", S.CLOSED),
    Broken(
        "unmerge", "too-late", "#/merged/on", S.CLOSED, view=into(S.SUBMITTED),
        facts={"outcome": "merged", "merged": {**MERGED, "on": "2024-10-04"}},
    ),
    Broken("unmerge", "target-gone", "#/merged/into", S.CLOSED, facts=PARTED),
    Broken(
        "unmerge", "not-your-casefile", "#/merged", S.CLOSED, facts=PARTED, view=into(S.SUBMITTED, acts_as=frozenset())
    ),
    Broken(
        "unmerge", "target-merged-on", "#/merged/into", S.CLOSED, facts=PARTED,
        view=into(S.CLOSED, facts={**facts_at(S.CLOSED), "outcome": "merged"}),
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
    Broken("correct", "fact-not-there", "#/fact", S.SUBMITTED, body=fact("#/unit", "Direktorat")),
    Broken("correct", "fact-not-there", "#/fact", S.SUBMITTED, body=fact("#/recommendation/letter/number", "R-1")),
    Broken(
        "correct", "fact-not-there", "#/fact", S.SUBMITTED, facts={**ACCEPTED, "violations": [NO_CONTEST]},
        body={"fact": "#/violations/*/contest/region", "value": "13.71"},
    ),
    Broken(
        "correct", "fact-not-there", "#/fact", S.SANCTION_REPORTED, party=Party.ADDRESSEE, facts=sanction_of(),
        body=fact("#/sanction/delivered_on", "2024-11-01"),
    ),
    Broken("correct", "value-missing", "#/value", S.SUBMITTED, body=fact("#/subject/name", None)),
    Broken("correct", "value-not-a-nip", "#/value", S.SUBMITTED, body=fact("#/subject/nip", "123")),
    Broken("correct", "value-not-a-code", "#/value", S.SUBMITTED, body=fact("#/subject/position_kind", "guru")),
    Broken("correct", "value-not-a-code", "#/value", S.SUBMITTED, body=fact("#/subject/position_roles", "teacher, x")),
    Broken("correct", "value-too-long", "#/value", S.SUBMITTED, body=fact("#/subject/grade", "III/a atau III/b")),
    Broken("correct", "unwritable-character", "#/value", S.SUBMITTED, facts=ACCEPTED,
        body=fact("#/examiner_reference", "W-1\u200b")),
    Broken("correct", "personal-number-in-identifier", "#/value", S.SUBMITTED, facts=ACCEPTED,
        body=fact("#/examiner_reference", "W-198501012010011001")),
    Broken("correct", "value-not-a-date", "#/value", S.SUBMITTED, facts=ACCEPTED, body=act_date("2024-02-30")),
    Broken("correct", "value-not-a-date", "#/value", S.SUBMITTED, facts=ACCEPTED, body=act_date("1024-02-20")),
    Broken("correct", "date-in-the-future", "#/value", S.SUBMITTED, facts=ACCEPTED, body=act_date("2024-12-24")),
    Broken(
        "correct", "value-not-a-region", "#/value", S.SUBMITTED, facts=ACCEPTED,
        body={"fact": "#/violations/*/contest/region", "value": "1371"},
    ),
    Broken(
        "correct", "value-not-a-region", "#/value", S.SUBMITTED, facts=ACCEPTED,
        body={"fact": "#/violations/*/region", "value": "99.99"},
    ),
    Broken(
        "correct", "no-such-contest", "#/value", S.SUBMITTED, facts=ACCEPTED,
        body={"fact": "#/violations/*/contest/office", "value": "regent"},
    ),
    Broken(
        "correct", "no-such-contest", "#/value", S.SUBMITTED, facts=ACCEPTED,
        body={"fact": "#/violations/*/contest/office", "value": "president"},
    ),
    Broken("correct", "nothing-to-correct", "#/value", S.SUBMITTED, body=fact("#/subject/nip", NIP)),
    Broken(
        "correct", "dates-run-backwards", "#/value", S.SUBMITTED,
        facts={**ACCEPTED, "finding": {"id": "f", "election": "pilkada-2024", "arrived_on": "2024-10-02"}},
        body=act_date("2024-10-03"),
    ),
    Broken("correct", "value-not-an-agency", "#/value", S.SUBMITTED, body=fact("#/subject/workplace", "pemkot-padan")),
    Broken("correct", "changed-by-another-act", "#/fact", S.SUBMITTED, body=fact("#/employer", "pemkot-padang")),
    Broken(
        "correct", "register-number-taken", "#/value", S.SUBMITTED, party=Party.SUBMITTER,
        view={"register_taken": True}, body=fact("#/finding/register_number", "002/TM/2024"),
    ),
    Broken("correct", "replaces-unwanted", "#/replaces", S.SUBMITTED, facts=ACCEPTED, body={"replaces": OLD}),
    Broken("correct", "document-not-in-file", "#/replaces", S.SUBMITTED, view=HAS_NEW, body=replacing(OLD, NEW)),
    Broken(
        "correct", "not-the-author", "#/replaces", S.SUBMITTED, party=Party.SUBMITTER, facts=HAS_OLD, view=HAS_THEIRS,
        body=replacing(OLD, NEW),
    ),
    Broken("correct", "value-not-a-document", "#/value", S.SUBMITTED, facts=HAS_OLD, body=replacing(OLD, NEW)),
    Broken(
        "correct", "document-of-another-type", "#/value", S.SUBMITTED, facts=HAS_OLD, view=HAS_OTHER,
        body=replacing(OLD, NEW),
    ),
    Broken(
        "correct", "document-in-file-already", "#/value", S.SUBMITTED, facts=HAS_OLD, view=HAS_OLD_ONLY,
        body=replacing(OLD, OLD),
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
    Broken("measure", "addressee-is-the-subject", "#/addressed_to", S.AWAITING_SANCTION, party=Party.OVERSIGHT,
        view=LATE, facts=SEKDA, body={"addressed_to": PEMKOT}),
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
    Broken("block-data", "reason-text-missing", "#/reason/text", S.IDENTITY_REQUESTED,
        party=Party.CIVIL_SERVICE_AGENCY, body={"reason": BlockReason(code="moved_while_examined", text=" ")}),
    Broken("block-data", "reason-text-missing", "#/reason/text", S.RETURNED,
        party=Party.CIVIL_SERVICE_AGENCY, body={"reason": BlockReason(code="moved_while_examined")}),
    Broken("block-data", "services-do-not-fit", "#/services", S.RECOMMENDED, party=Party.CIVIL_SERVICE_AGENCY,
        body={"services": ()}),
    Broken("block-data", "services-do-not-fit", "#/services", S.RECOMMENDED, party=Party.CIVIL_SERVICE_AGENCY,
        body={"scope": "full"}),
    Broken("unblock-data", "not-blocked", "#/data_block", S.CLOSED, party=Party.CIVIL_SERVICE_AGENCY,
        facts={"data_block": "lifted"}),
)  # fmt: skip
