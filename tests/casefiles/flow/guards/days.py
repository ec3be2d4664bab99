"""Days in an order that cannot be, one at a time: the file says what was before, the body what comes too early."""

from dataclasses import replace
from datetime import date

from casefiles.flow import Party
from casefiles.flow.closing import Waiver
from casefiles.flow.intake import Verification
from casefiles.flow.sanction import Examination
from tests.casefiles.flow.guards.broken import DECISION, DELIVERED_ON, LATER, Broken, S, sanction_of
from tests.casefiles.flow.views import DAY
from tests.factories import given, letter

ADDRESSEE = Party.ADDRESSEE
FINDING = {
    "id": "f",
    "election": "pilkada-2024",
    "known_on": "2024-10-02",
    "registered_on": "2024-10-03",
    "clarified_on": "2024-10-05",
    "forwarded_on": "2024-10-07",
    "arrived_on": "2024-10-08",
}
FORWARDED = {"finding": FINDING}
ACCEPTED = {**FORWARDED, "accepted_on": "2024-10-21"}
RECOMMENDED = {"recommendation": {"version": 1, "sanction": "discipline_medium", "letter": {"date": "2024-10-22"}}}
PROOF = given("close", day=DAY).contest_waived.document
HEARD = Examination(by="team", summoned_on=(DAY,), examined_on=DAY, attended=True)
DEMANDED, BLOCKED = letter(day=date(2024, 10, 27)), {"letter": {"date": "2024-10-30"}}

DAYS = (
    Broken(
        "accept", "dates-run-backwards", "#/verification/held_on", S.SUBMITTED, facts=FORWARDED,
        body={"verification": Verification(held_on=date(2024, 10, 6), result="complete")},
    ),
    Broken(
        "recommend", "dates-run-backwards", "#/letter/date", S.UNDER_EXAMINATION, facts=ACCEPTED,
        body={"letter": letter(day=date(2024, 10, 20))},
    ),
    Broken(
        "recommend", "dates-run-backwards", "#/letter/date", S.UNDER_EXAMINATION,
        body={"letter": letter(day=date(2024, 9, 28))},
    ),
    Broken(
        "recommend", "date-in-the-future", "#/letter/date", S.UNDER_EXAMINATION, body={"letter": letter(day=LATER)}
    ),
    Broken(
        "clear", "dates-run-backwards", "#/letter/date", S.UNDER_EXAMINATION, facts=ACCEPTED,
        body={"letter": letter(day=date(2024, 10, 20))},
    ),
    Broken(
        "acknowledge", "received-before-sent", "#/received_on", S.RECOMMENDED, party=ADDRESSEE,
        facts={"recommendation": {"version": 1, "letter": {"date": "2024-10-24"}}},
        body={"received_on": date(2024, 10, 23)},
    ),
    Broken(
        "dispute", "dates-run-backwards", "#/letter/date", S.AWAITING_SANCTION, party=ADDRESSEE, facts=RECOMMENDED,
        body={"letter": letter(day=date(2024, 10, 21))},
    ),
    Broken(
        "report-sanction", "dates-run-backwards", "#/examination/examined_on", S.AWAITING_SANCTION, party=ADDRESSEE,
        body={"examination": replace(HEARD, examined_on=date(2024, 11, 3))},
    ),
    Broken(
        "report-sanction", "dates-run-backwards", "#/decision/date", S.AWAITING_SANCTION, party=ADDRESSEE,
        body={"decision": replace(DECISION, date=date(2024, 11, 3))},
    ),
    Broken(
        "report-sanction", "dates-run-backwards", "#/examination/summoned_on/0", S.AWAITING_SANCTION, party=ADDRESSEE,
        body={"examination": replace(HEARD, summoned_on=(date(2024, 9, 28),))},
    ),
    Broken(
        "report-sanction", "dates-run-backwards", "#/decision/effective_on", S.AWAITING_SANCTION, party=ADDRESSEE,
        body={"decision": replace(DECISION, effective_on=date(2024, 9, 28))},
    ),
    Broken(
        "report-sanction", "hearing-day-missing", "#/examination/examined_on", S.AWAITING_SANCTION, party=ADDRESSEE,
        body={"examination": replace(HEARD, examined_on=None)},
    ),
    Broken(
        "report-sanction", "heard-without-attending", "#/examination/examined_on", S.AWAITING_SANCTION,
        party=ADDRESSEE, body={"examination": replace(HEARD, attended=False)},
    ),
    Broken(
        "require-correction", "dates-run-backwards", "#/letter/date", S.SANCTION_REPORTED, facts=sanction_of(),
        body={"letter": DEMANDED},
    ),
    Broken(
        "close", "waived-before-delivered", "#/contest_waived/on", S.SANCTION_REPORTED,
        body={"contest_waived": Waiver(on=date(2024, 10, 28), document=PROOF)},
    ),
    Broken(
        "close", "remedy-doubtful", "#/remedy_judged", S.SANCTION_REPORTED, body={"contest_waived": None},
        facts=sanction_of(delivered_on="2024-10-14")
        | {"warnings": [{"code": "delivery-day-doubtful", "pointer": "#/sanction/delivered_on", "id": "x", "en": "y"}]},
    ),
    Broken(
        "contest", "dates-run-backwards", "#/letter/date", S.SANCTION_REPORTED, party=ADDRESSEE,
        body={"letter": letter(day=date(2024, 10, 27))},
    ),
    Broken(
        "contest", "dates-run-backwards", "#/filed_on", S.SANCTION_REPORTED, party=ADDRESSEE,
        body={"filed_on": date(2024, 10, 31), "letter": letter(day=date(2024, 11, 1))},
    ),
    Broken(
        "contest", "filed-too-early", "#/filed_on", S.SANCTION_REPORTED, party=ADDRESSEE,
        facts=sanction_of(sanction="moral_open", **DELIVERED_ON)
        | {"contests": [{"kind": "appeal", "sanction_version": 0, "filed_on": "2024-10-20", "ruling": "upheld",
                         "decision": {"date": "2024-11-02"}}]},
        body={"kind": "lawsuit", "filed_on": date(2024, 11, 1), "letter": None},
    ),
    Broken(
        "transfer", "dates-run-backwards", "#/moved_on", S.RECOMMENDED, body={"moved_on": date(2024, 9, 28)}
    ),
    Broken(
        "unblock-data", "dates-run-backwards", "#/letter/date", S.RECOMMENDED, party=Party.CIVIL_SERVICE_AGENCY,
        facts={"data_block": "active", "block": BLOCKED}, body={"letter": letter(day=date(2024, 10, 29))},
    ),
    Broken(
        "reopen", "dates-run-backwards", "#/letter/date", S.CLOSED, facts={"closed_on": "2024-11-03"},
        body={"letter": letter(day=date(2024, 11, 2))},
    ),
    Broken(
        "correct", "dates-run-backwards", "#/value", S.RECOMMENDED, facts={**ACCEPTED, **RECOMMENDED},
        body={"fact": "#/recommendation/letter/date", "violation": None, "value": "2024-10-20"},
    ),
)  # fmt: skip
