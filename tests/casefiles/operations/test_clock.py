"""The clock by time travel: levels in order, whole lives of silent parties, pauses, jumps, two clocks at once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import status
from casefiles.flow import Party, Refused, State
from casefiles.flow.finding import Subject
from casefiles.flow.given import BlockReason, TerminateReason
from casefiles.models import Casefile, CasefileGrant, Referral, Tick, Transition
from casefiles.operations import clock
from tests.factories import (
    BKN,
    HOME_AFFAIRS,
    MINISTRY,
    PEMKOT,
    Story,
    at,
    casefile_at,
    known_subject,
    story,
    submit,
)
from tests.warned import others

pytestmark = pytest.mark.usefixtures("db", "world")

S = State


def morning(day: date) -> datetime:
    """Ten o'clock in Jakarta."""
    return at(day)


def levels(told: Story) -> list[tuple[int, str]]:
    """The levels the file lists, with the days on which they were reached."""
    return [(one["level"], one["reached_on"]) for one in told.facts.get("ladder", ())]


def officers(number: int) -> tuple[Subject, ...]:
    """So many officers of one finding, known by name only."""
    return tuple(Subject(name=f"Terlapor Rekaan {n}", violations=(1,)) for n in range(number))


def steps(told: Story, name: str) -> list[Transition]:
    return list(Transition.objects.filter(casefile=told.casefile, name=name).order_by("seq"))


def sees(told: Story, agency: str) -> bool:
    live = CasefileGrant.objects.filter(content_object=told.casefile, until_entry__isnull=True)
    return live.filter(agency__code=agency).exists()


# --- a whole case life ----------------------------------------------------------------------------------------------


def test_a_silent_authority_is_reminded_warned_blocked_reprimanded_and_acts_at_last() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    due_on: date = told.open.due_on
    assert (told.open.clock_from, due_on) == (date(2024, 10, 12), date(2024, 10, 26))

    # Saturday the 26th: three working days before it, Wednesday the 23rd has ended.
    assert clock.tick(now=morning(date(2024, 10, 23))).escalated == 0
    assert clock.tick(now=morning(date(2024, 10, 24))).escalated == 1
    assert levels(told) == [(1, "2024-10-24")]
    assert not told.facts["ladder"][0]["last"]

    # The due day counts whole, where the holder sits: 17:00 UTC is midnight in Padang.
    assert clock.tick(now=datetime(2024, 10, 26, 16, 59, tzinfo=UTC)).escalated == 0
    assert clock.tick(now=datetime(2024, 10, 26, 17, 0, tzinfo=UTC)).escalated == 1
    assert (told.row.overdue_level, levels(told)[-1]) == (2, (2, "2024-10-27"))

    # Five working days on, the civil service agency is told to block, and does.
    clock.tick(now=morning(date(2024, 11, 2)))
    assert told.row.overdue_level == 3
    told.do("block-data", on=date(2024, 11, 4), reason=BlockReason(code="no_follow_up"))

    # Ten: home affairs sees the file and reprimands; that gives three days.
    assert not sees(told, HOME_AFFAIRS)
    clock.tick(now=morning(date(2024, 11, 9)))
    assert (told.row.overdue_level, sees(told, HOME_AFFAIRS), sees(told, MINISTRY)) == (4, True, False)
    told.do("measure", by=HOME_AFFAIRS, on=date(2024, 11, 11), code="reprimand")
    assert (told.open.due_on, told.facts["ladder"][-1]["measure"]) == (date(2024, 11, 14), "reprimand")
    assert clock.tick(now=morning(date(2024, 11, 13))).escalated == 0

    # Two days later the sanction comes in; the block stays until it is lifted, and closing reminds of it.
    told.do("report-sanction", on=date(2024, 11, 13))
    assert (told.row.overdue_level, told.open.purpose) == (0, "deliver"), "a new clock is on time"
    assert len(levels(told)) == 4, "what was reached stays for all to see"
    told.do("record-delivery")
    told.do("close")
    assert [one["code"] for one in others(told.facts["warnings"])] == ["block-active"]
    told.do("unblock-data", on=date(2024, 11, 20))
    assert (told.row.state, told.row.data_block, others(told.facts["warnings"])) == ("closed", "lifted", [])
    assert clock.tick(now=morning(date(2026, 1, 1))).escalated == 0


def test_an_authority_that_never_acts_ends_the_case_only_by_a_person_after_the_last_measure() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    reason = TerminateReason(code="not_followed_up")
    day = told.open.due_on + timedelta(days=60)
    assert clock.tick(now=morning(day)).escalated == 5
    assert (told.row.overdue_level, told.row.state, told.facts["ladder"][-1]["last"]) == (5, "awaiting_sanction", True)
    with pytest.raises(Refused, match="ladder-not-exhausted"):
        told.do("terminate", on=day, reason=reason)

    told.do("measure", by=MINISTRY, on=day, code="warning")
    assert not told.facts["ladder_exhausted"], "a warning is no last measure"
    told.do("measure", by=MINISTRY, on=day, code="report_to_president")
    assert told.facts["ladder_exhausted"]
    told.do("terminate", on=day, reason=reason)
    assert (told.row.state, told.row.outcome) == ("closed", "terminated")


def test_a_recommendation_that_nobody_acknowledges_raises_the_alarm() -> None:
    told = casefile_at(S.RECOMMENDED)
    assert told.open.purpose == "acknowledge"
    clock.tick(now=morning(told.open.due_on + timedelta(days=1)))
    assert told.facts["ladder"][0]["code"] == "acknowledge_alarm"
    # Received in time, and told late: the alarm hinders nothing, and nobody was late.
    told.do("acknowledge", occurred_at=told.open.due_at - timedelta(hours=8), on=told.open.due_on, now=morning(
        told.open.due_on + timedelta(days=2)))  # fmt: skip
    assert (told.row.overdue_level, told.referral("acknowledge").days_late) == (0, 0)


def test_an_overdue_examiner_climbs_a_ladder_too_for_all_to_see() -> None:
    told = story(subjects=(known_subject(),))
    assert not sees(told, MINISTRY)
    clock.tick(now=morning(told.open.due_on + timedelta(days=30)))
    assert [(one["code"], one["party"], one["agency"]) for one in told.facts["ladder"]] == [
        ("verify_listed", "examiner", BKN),
        ("verify_report", "examiner", BKN),
    ]
    assert (told.row.overdue_level, sees(told, MINISTRY), told.row.state) == (2, True, "submitted")


def test_a_lapsed_return_is_given_back_to_the_examiner_and_his_clock_resumes() -> None:
    told = casefile_at(S.RETURNED)
    due_on: date = told.open.due_on
    verify = told.referral("verify")
    clock.tick(now=morning(due_on + timedelta(days=1)))
    assert (told.row.state, levels(told)[-1][0]) == ("returned", 1)
    done = clock.tick(now=morning(due_on + timedelta(days=8)))
    assert (done.escalated, done.given_back, done.refused) == (1, 1, 0)
    (back,) = steps(told, "recall")
    assert (back.party, told.row.state, told.open.purpose, told.open.to_agency.code) == (
        "clock", "submitted", "verify", BKN,
    )  # fmt: skip
    assert told.open.continues_id == verify.pk
    assert (told.payload.given or {})["reason"]["code"] == "no_answer"
    assert told.facts["returned"] is None


def test_an_examiner_who_was_late_before_the_return_climbs_in_the_round_that_gives_it_back() -> None:
    told = story(subjects=(known_subject(),))
    late = morning(told.open.due_on + timedelta(days=13))
    told.do("return", occurred_at=late, now=late)
    at = morning(told.open.due_on + timedelta(days=30))
    done = clock.tick(now=at)
    assert (done.given_back, told.row.state, told.open.purpose) == (1, "submitted", "verify")
    assert [(one["party"], one["code"]) for one in told.facts["ladder"]][-2:] == [
        ("examiner", "verify_listed"),
        ("examiner", "verify_report"),
    ]
    assert clock.tick(now=at) == clock.Ticked(at=at)


def test_an_unanswered_question_of_identity_is_the_examiners_to_recall() -> None:
    told = casefile_at(S.IDENTITY_REQUESTED)
    done = clock.tick(now=morning(told.open.due_on + timedelta(days=90)))
    assert (done.escalated, done.given_back, told.row.state) == (2, 0, "identity_requested")


# --- ladders and clocks ---------------------------------------------------------------------------------------------


def test_after_a_week_of_pause_every_level_comes_in_order_each_its_own_step() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    now = morning(told.open.due_on + timedelta(days=9))
    assert clock.tick(now=now).escalated == 3
    performed = steps(told, "escalate")
    assert [step.seq for step in performed] == list(range(performed[0].seq, performed[0].seq + 3))
    assert {(step.party, step.agency.code, step.occurred_at) for step in performed} == {("clock", "lintas", now)}
    assert [level for level, _ in levels(told)] == [1, 2, 3]
    assert clock.tick(now=now).escalated == 0


def test_a_dispute_has_its_own_ladder_and_the_follow_up_goes_on_where_it_stood() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    clock.tick(now=morning(told.open.due_on + timedelta(days=1)))
    assert told.row.overdue_level == 2
    told.do("dispute", on=told.open.due_on + timedelta(days=2))
    assert told.row.overdue_level == 0
    clock.tick(now=morning(told.open.due_on + timedelta(days=1)))
    assert (told.row.overdue_level, told.facts["ladder"][-1]["code"]) == (1, "answer_listed")
    told.do("uphold", on=told.open.due_on + timedelta(days=2))
    assert (told.open.purpose, told.row.overdue_level) == ("follow_up", 2)
    clock.tick(now=morning(told.day))
    assert told.facts["ladder"][-1]["code"] == "follow_up_reprimand", "no reminder is sent a second time"


def test_the_flow_and_the_search_agree_on_every_day_around_every_level() -> None:
    """What is found by index is performed: nothing that the guards would refuse, and nothing is left for tomorrow."""
    told = casefile_at(S.AWAITING_SANCTION)
    day = told.open.due_on - timedelta(days=10)
    seen = []
    while told.row.overdue_level < 5:
        day += timedelta(days=1)
        done = clock.tick(now=morning(day))
        assert done.refused == 0
        if done.escalated:
            seen.append((told.row.overdue_level, day.isoformat()))
    assert seen == levels(told)


# --- many, twice, paused --------------------------------------------------------------------------------------------


def test_a_batch_takes_the_same_statements_however_many_are_due() -> None:
    def statements(files: int) -> int:
        taken = submit(subjects=officers(files))
        due = Referral.objects.get(casefile=taken.steps[0].casefile, status="open").due_on
        now = morning(due + timedelta(days=1))
        with CaptureQueriesContext(connection) as asked:
            assert clock.tick(now=now).escalated == files
        return len(asked)

    assert statements(3) == statements(90)


def test_many_are_done_in_batches_and_none_is_left() -> None:
    for _ in range(3):
        submit(subjects=officers(100))
    due = Referral.objects.filter(status="open")[0].due_on
    done = clock.tick(now=morning(due + timedelta(days=30)), batch=70)
    assert (done.escalated, done.refused) == (600, 0)
    assert set(Casefile.objects.values_list("overdue_level", flat=True)) == {2}


def test_while_the_log_accepts_nothing_the_clock_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    broken = status.Pulse(silent_s=0, unwitnessed_s=0, refused="x", contested="", size=1, checkpoint_size=1, origin="")
    monkeypatch.setattr(status, "health", lambda: status.Health(pulse=broken, waiting=0, oldest_s=0))
    done = clock.tick(now=morning(told.open.due_on + timedelta(days=9)))
    assert (done.paused, done.escalated, told.row.overdue_level) == ("refused", 0, 0)


def test_whoever_acts_as_the_clock_is_judged_like_anybody() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    with pytest.raises(Refused) as why:
        told.do("escalate", by=BKN, as_party=Party.CLOCK)
    assert {reason.code for reason in why.value.reasons} == {"level-not-reached", "judged-by-another-day"}
    returned = casefile_at(S.RETURNED)
    with pytest.raises(Refused, match="return-not-lapsed"):
        returned.do("recall", by=BKN, as_party=Party.CLOCK)
    returned.do("recall")  # the examiner may, whenever he wants to


# --- what time it is ------------------------------------------------------------------------------------------------


def last_round(ago: timedelta) -> datetime:
    """Say that the last round was that long ago; negative: in the future."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() - make_interval(secs => %s)", [ago.total_seconds()])
        then: datetime = cursor.fetchone()[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO casefiles_tick (id, ticked_at) VALUES (1, %s) ON CONFLICT (id) DO UPDATE "
            "SET ticked_at = excluded.ticked_at",
            [then],
        )
    return then


def test_a_pause_of_weeks_is_no_jump() -> None:
    clock.moment()
    then = last_round(timedelta(days=30))
    assert clock.moment() > then


@pytest.mark.parametrize(("ago", "word"), [(timedelta(days=32), "31 days ago"), (timedelta(hours=-1), "before")])
def test_a_time_that_jumps_is_refused_until_somebody_says_it_is_right(ago: timedelta, word: str) -> None:
    then = last_round(ago)
    with pytest.raises(clock.Adrift, match=word):
        clock.moment()
    with pytest.raises(CommandError, match="--force"):
        call_command("tick")
    assert Tick.objects.get().ticked_at == then
    call_command("tick", force=True)
    assert abs((Tick.objects.get().ticked_at - clock.moment()).total_seconds()) < 60


def test_a_clock_that_was_set_back_a_little_stands_still_until_it_has_caught_up() -> None:
    then = last_round(timedelta(minutes=-2))
    assert clock.moment() == then


def test_a_round_never_moves_the_remembered_moment_back() -> None:
    clock.tick(now=morning(date(2024, 11, 2)))
    clock.tick(now=morning(date(2024, 11, 1)))
    assert Tick.objects.get().ticked_at == morning(date(2024, 11, 2))


def test_operators_hear_of_a_clock_that_stands_still_or_never_started() -> None:
    assert clock.complaints() == []
    casefile_at(S.RECOMMENDED)
    assert "never ticked" in clock.complaints()[0]
    last_round(timedelta(minutes=5))
    assert clock.complaints() == []
    last_round(timedelta(hours=2))
    assert "silent for 7200 s" in clock.complaints()[0]


def test_a_round_says_what_it_did(capsys: Any) -> None:
    told = casefile_at(S.RECOMMENDED)
    call_command("tick")
    assert "escalated, 0 given back, 0 refused, 0 days of reads sealed." in capsys.readouterr().out
    assert told.row.overdue_level == 3
    assert told.open.to_agency.code == PEMKOT
