"""Whose clock runs, and from when: fresh, running on, resumed. Working days are those of the seeded calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest

from casefiles.flow import State
from casefiles.flow.intake import ReturnItem
from casefiles.models import Referral
from tests.factories import BKN, PEMKOT, Story, at, casefile_at, heard, story

pytestmark = pytest.mark.usefixtures("db", "world")

# 7 October 2024 was a Monday; the weeks until the regional election of 27 November held no holiday.
MONDAY = date(2024, 10, 7)


def day(number: int) -> date:
    """That day of October 2024 (32 is the first of November)."""
    return date(2024, 10, 1) + timedelta(days=number - 1)


def test_the_fixture_s_weeks_are_ordinary_ones() -> None:
    assert MONDAY.weekday() == 0
    told = story()
    assert (told.open.clock_from, told.open.due_on) == (day(7), day(14)), "verify: seven calendar days"


def test_every_purpose_is_counted_by_its_own_rule() -> None:
    told = casefile_at(State.SANCTION_REPORTED)
    told.do("record-delivery")
    counted = {
        referral.purpose: (referral.rule["code"], referral.rule["days"], referral.rule["day_basis"])
        for referral in Referral.objects.filter(casefile=told.casefile)
    }
    assert counted == {
        "verify": ("verify", 7, "calendar"),
        "identify": ("identify", 5, "working"),
        "examine": ("examine", 14, "working"),
        "acknowledge": ("acknowledge", 2, "working"),
        "follow_up": ("follow_up", 14, "calendar"),
        "deliver": ("deliver", 14, "working"),
        "review": ("review", 5, "working"),
    }


def test_a_return_pauses_the_examination_and_the_days_away_do_not_count() -> None:
    told = story()
    told.do("request-identity", on=day(8))
    told.do("identify", on=day(9))
    told.do("accept", on=day(10))
    examine = told.open
    assert (examine.clock_from, examine.due_on) == (day(10), day(30)), "14 working days after Thursday the 10th"

    told.do("return", on=day(14))
    assert (told.open.purpose, told.open.due_on, told.open.continues) == ("complete", day(17), None)

    told.do("complete", on=day(24))
    resumed = told.open
    # Away from Monday the 14th to Thursday the 24th: eight working days.
    assert (resumed.purpose, resumed.due_on) == ("examine", date(2024, 11, 11))
    assert (resumed.continues_id, resumed.clock_from, resumed.paused_days) == (examine.pk, day(10), 0)
    told_of_it = {"resumed", "moved", "explanation_id", "explanation_en"}
    assert {name: said for name, said in resumed.rule.items() if name not in told_of_it} == {
        name: said for name, said in examine.rule.items() if name not in told_of_it
    }
    assert [(one["days"], one["due_on"]) for one in resumed.rule["resumed"]] == [(8, "2024-11-11")]
    (moved,) = resumed.rule["moved"]
    assert (moved["cause"], moved["due_from"], moved["due_to"]) == ("complete", "2024-10-30", "2024-11-11")
    assert examine.rule["moved"] == []


def test_two_absences_add_up() -> None:
    told = story()
    verify = told.open.due_on
    for away, back in ((8, 10), (11, 14)):
        told.do("return", on=day(away))
        told.do("complete", on=day(back))
    assert told.open.due_on == verify + timedelta(days=2 + 3), "verify counts calendar days"
    chain = [told.open]
    while chain[-1].continues is not None:
        chain.append(chain[-1].continues)
    assert [one.purpose for one in chain] == ["verify"] * 3


@pytest.mark.parametrize("answer", ["identify", "disown", "recall"])
def test_the_verification_resumes_when_the_identity_question_is_settled(answer: str) -> None:
    told = story()
    first = told.open
    told.do("request-identity", on=day(9))
    told.do(answer, on=day(16))
    assert (told.open.due_on, told.open.continues_id) == (first.due_on + timedelta(days=7), first.pk)


def test_a_same_day_answer_costs_nothing() -> None:
    told = story()
    due = told.open.due_on
    told.do("return", occurred_at=at(day(8), 2))
    told.do("complete", occurred_at=at(day(8), 9))
    assert told.open.due_on == due


def test_a_completion_is_counted_as_a_validation_where_one_was_asked() -> None:
    told = story()
    told.do("return", items=(ReturnItem(code="validation_requested", text="Mohon validasi."),))
    assert told.open.rule["code"] == "validate"


def _disputed() -> tuple[Story, Referral]:
    told = story()
    for number, name in enumerate(("request-identity", "identify", "accept", "recommend"), start=8):
        told.do(name, on=day(number))
    told.do("acknowledge", on=day(15), received_on=day(14))
    follow_up = told.open
    assert (follow_up.clock_from, follow_up.due_on) == (day(14), day(28))
    told.do("dispute", on=day(18))
    return told, follow_up


def test_an_upheld_follow_up_runs_on_and_the_days_of_the_dispute_count() -> None:
    told, follow_up = _disputed()
    assert (told.open.purpose, told.open.due_on) == ("answer", date(2024, 11, 1)), "ten working days"
    told.do("uphold", on=day(25))
    assert (told.open.purpose, told.open.clock_from, told.open.due_on) == ("follow_up", day(14), day(28))
    assert told.open.continues_id == follow_up.pk


def test_an_examiner_may_grant_a_fresh_clock() -> None:
    told, _ = _disputed()
    told.do("uphold", on=day(25), clock="fresh")
    assert (told.open.clock_from, told.open.due_on, told.open.continues) == (day(25), date(2024, 11, 8), None)


def test_a_clock_that_ran_out_during_the_dispute_is_overdue_when_it_is_upheld() -> None:
    told, _ = _disputed()
    told.do("uphold", on=day(31))
    assert told.open.due_on == day(28)
    told.do("report-sanction", on=date(2024, 11, 4))
    answered = told.referral("follow_up")
    assert (answered.answered_with, answered.days_late) == ("report-sanction", 7)


def test_a_dispute_before_the_receipt_leaves_the_acknowledgement_running() -> None:
    told = casefile_at(State.RECOMMENDED)
    acknowledge = told.open
    told.do("dispute")
    told.do("uphold")
    assert (told.open.purpose, told.open.due_on, told.open.continues_id) == (
        "acknowledge",
        acknowledge.due_on,
        acknowledge.pk,
    )


def test_a_correction_starts_afresh() -> None:
    told = casefile_at(State.SANCTION_REPORTED)
    told.do("require-correction", on=date(2024, 11, 4))
    assert (told.open.clock_from, told.open.due_on, told.open.continues) == (
        date(2024, 11, 4),
        date(2024, 11, 18),
        None,
    )


def test_delivery_is_counted_from_the_decree_and_review_from_the_end_of_the_remedy() -> None:
    told = casefile_at(State.AWAITING_SANCTION)
    told.do("report-sanction", on=day(21), decision=_decree(told, day(16)), examination=heard(day(16)))
    assert (told.open.purpose, told.open.clock_from, told.open.due_on) == ("deliver", day(16), date(2024, 11, 5))
    told.do("record-delivery", on=day(22), delivered_on=day(18))
    # Objection: 14 working days from the delivery on Friday the 18th; then five working days to review.
    assert (told.open.purpose, told.open.clock_from, told.open.due_on) == (
        "review",
        date(2024, 11, 7),
        date(2024, 11, 14),
    )


def test_without_a_remedy_review_is_counted_from_the_delivery() -> None:
    from casefiles.flow.given import LighterReason

    told = casefile_at(State.AWAITING_SANCTION)
    told.do("report-sanction", on=day(21), sanction="moral_open", reason=LighterReason(code="mitigating"))
    told.do("record-delivery", on=day(22))
    assert (told.open.clock_from, told.open.due_on) == (day(22), day(29))
    assert told.facts["sanction"]["effective_on"] is None, "a moral sanction takes effect when it is carried out"


def test_an_appeal_is_counted_from_the_decree() -> None:
    told = casefile_at(State.AWAITING_SANCTION)
    told.do(
        "report-sanction",
        on=day(21),
        sanction="dismissal_honourable_not_own_request",
        decision=_decree(told, day(16)),
        examination=heard(day(16)),
    )
    told.do("record-delivery", on=day(22), delivered_on=day(18))
    assert told.open.clock_from == date(2024, 11, 5), "14 working days from Wednesday the 16th"


def _decree(told: Story, on: date) -> object:
    from casefiles.flow.sanction import Decision
    from tests.factories import document

    return Decision(
        number="SK.1", date=on, legal_basis="PP 94/2021", document=document(PEMKOT, "decision", now=at(told.day))
    )


@pytest.mark.parametrize(("on", "late"), [(14, 0), (15, 1), (20, 6)])
def test_lateness_is_counted_in_days_of_the_obliged_office(on: int, late: int) -> None:
    told = story()
    told.do("return", on=day(on))
    assert (told.referral("verify").status, told.referral("verify").days_late) == ("answered", late)


def test_the_local_day_decides_not_the_utc_one() -> None:
    told = story()
    assert told.open.due_at == datetime(2024, 10, 14, 17, tzinfo=UTC), "midnight in Jakarta"
    # 16:59 UTC on the 14th is 23:59 in Jakarta: in time. A minute later it is the 15th there.
    told.do("return", occurred_at=datetime(2024, 10, 14, 16, 59, tzinfo=UTC))
    assert told.referral("verify").days_late == 0
    other = story()
    other.do("return", occurred_at=datetime(2024, 10, 14, 17, 0, tzinfo=UTC))
    assert other.referral("verify").days_late == 1


def test_answered_referrals_say_who_when_and_with_what() -> None:
    told = casefile_at(State.IDENTITY_REQUESTED)
    told.do("identify", on=day(10))
    asked = told.referral("identify")
    assert asked.answered_by is not None
    assert (asked.from_agency.code, asked.to_agency.code, asked.answered_by.code) == (BKN, PEMKOT, PEMKOT)
    assert (asked.answered_at, asked.answered_with, asked.answered_seq, asked.opened_seq) == (
        at(day(10)),
        "identify",
        3,
        2,
    )


def test_closing_answers_the_last_referral_and_opens_none() -> None:
    told = casefile_at(State.CLOSED)
    assert not Referral.objects.filter(casefile=told.casefile).exclude(status="answered").exists()
    assert told.referral("review").answered_with == "close"
