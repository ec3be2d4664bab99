"""Days that passed stay passed: whatever moves a due day, its delay is counted from the one that was missed."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from casefiles.flow import Party, State
from casefiles.flow.given import AmendReason, BlockReason, ReopenReason, TransferReason
from casefiles.models import Referral
from tests.casefiles.flow.test_effects import refused
from tests.factories import BKN, HOME_AFFAIRS, PEMKOT, PEMPROV, Story, casefile_at
from tests.reconciling import reconcile

pytestmark = pytest.mark.usefixtures("db", "world")

S = State


def late(told: Story, days: int) -> date:
    """The day that many days after the open referral was due."""
    due_on: date = told.open.due_on
    return due_on + timedelta(days=days)


# Whatever may move the due day of a follow-up that is late, and what it is moved by.
MOVES: dict[str, Callable[[Story, date], object]] = {
    "extend": lambda told, day: told.do("extend", on=day, until=day + timedelta(days=30)),
    "reprimand": lambda told, day: told.do("measure", by=HOME_AFFAIRS, on=day, code="reprimand"),
    "measure": lambda told, day: told.do("measure", on=day, code="warning", due_on=day + timedelta(days=20)),
    "correct": lambda told, day: told.do(
        "correct", by=PEMKOT, on=day, fact="#/received_on", violation=None, reason=AmendReason(code="clerical_error"),
        value="2024-10-21",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MOVES)
def test_a_due_day_that_has_passed_is_not_unmade_by_one_that_is_moved(name: str) -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    due_on = told.open.due_on
    day = late(told, 5)
    MOVES[name](told, day)

    now = told.open
    assert now.due_on > due_on
    assert (now.original_due_on, now.missed_due_on) == (due_on, due_on)
    assert [(one["due_from"], one["due_to"]) for one in now.rule["moved"]] == [
        (due_on.isoformat(), now.due_on.isoformat())
    ]
    assert (told.facts["turn"]["original_due_on"], told.facts["turn"]["missed_due_on"]) == (due_on.isoformat(),) * 2
    # It is late, whatever was granted: to be warned, and to be blocked.
    told.do("block-data", on=day, reason=BlockReason(code="no_follow_up"), scope="full", services=())
    told.do("report-sanction", on=day + timedelta(days=1))
    assert told.referral("follow_up").days_late == 6
    reconcile(told.casefile)


@pytest.mark.parametrize("name", ["extend", "correct"])
def test_a_due_day_that_is_moved_in_time_is_kept_when_the_new_one_is(name: str) -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    first = told.open.due_on
    MOVES[name](told, first)
    now = told.open
    assert (now.original_due_on, now.missed_due_on, now.due_on > first) == (first, None, True)
    assert [one["cause"] for one in now.rule["moved"]] == [name]
    assert refused(told, "measure", on=now.due_on, code="warning") == ["neither-overdue-nor-out-of-line"]
    told.do("report-sanction", on=now.due_on + timedelta(days=2))
    assert told.referral("follow_up").days_late == 2


def test_only_days_to_come_are_granted() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    day = late(told, 5)
    told.do("extend", on=day, until=day + timedelta(days=9))
    assert told.open.paused_days == 10, "that day and the nine after it"
    assert told.facts["extensions"][0]["days"] == 10
    told.do("extend", on=day, until=day + timedelta(days=12))
    assert told.open.paused_days == 13
    assert told.open.missed_due_on == day - timedelta(days=5)
    assert [one["cause"] for one in told.open.rule["moved"]] == ["extend", "extend"]


# --- the same asked again -------------------------------------------------------------------------------------------


def escalated(told: Story, day: date) -> None:
    """The clock reaches what is reached by that day."""
    from casefiles.operations.clock import tick
    from tests.factories import at

    tick(now=at(day))


def test_a_fresh_clock_for_whoever_is_upheld_against_does_not_undo_the_delay() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    due_on = told.open.due_on
    told.do("dispute", on=late(told, -1))
    told.do("uphold", on=due_on + timedelta(days=4), clock="fresh")
    now = told.open
    assert (now.continues, now.clock_from) == (None, told.day)
    assert (now.original_due_on, now.missed_due_on) == (due_on, due_on)
    told.do("report-sanction")
    assert told.referral("follow_up").days_late == 5


def test_a_fresh_clock_in_time_begins_anew() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    told.do("dispute")
    told.do("uphold", clock="fresh")
    assert (told.open.original_due_on, told.open.missed_due_on) == (told.open.due_on, None)


def test_levels_of_the_ladder_stay_with_whoever_is_asked_again() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    due_on = told.open.due_on
    escalated(told, late(told, 9))
    level = told.row.overdue_level
    assert level >= 2
    told.do("dispute", on=due_on + timedelta(days=10))
    assert told.row.overdue_level == 0, "the examiner's answer is not late"
    told.do("uphold", on=due_on + timedelta(days=12), clock="fresh")
    assert (told.row.overdue_level, told.open.missed_due_on) == (level, due_on)
    told.do("measure", code="warning")
    assert told.facts["ladder"][-1]["measure"] == "warning"


def test_the_ladder_goes_on_from_the_day_that_was_missed_whatever_was_granted_since() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    due_on = told.open.due_on
    told.do("extend", on=late(told, 1), until=due_on + timedelta(days=60))
    escalated(told, due_on + timedelta(days=10))
    assert told.row.overdue_level == 3, "five working days after the due day that had passed"
    assert {one["due_on"] for one in told.facts["ladder"]} == {due_on.isoformat()}

    punctual = casefile_at(S.AWAITING_SANCTION)
    due_on = punctual.open.due_on
    punctual.do("extend", until=due_on + timedelta(days=60))
    escalated(punctual, due_on + timedelta(days=10))
    assert punctual.row.overdue_level == 0


def test_there_and_back_again_is_no_new_clock() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    due_on = told.open.due_on
    moved = TransferReason(code="inter_agency_move")
    told.do("transfer", by=BKN, on=due_on + timedelta(days=3), employer=PEMPROV, reason=moved)
    assert (told.open.to_agency.code, told.open.missed_due_on) == (PEMPROV, None), "another agency is not late"
    (left,) = Referral.objects.filter(casefile=told.casefile, purpose="follow_up", status="answered")
    assert left.days_late == 3
    told.do("transfer", by=BKN, on=due_on + timedelta(days=13), employer=PEMKOT, reason=moved)
    now = told.open
    # Ten days with the other are not its own; the three before are.
    assert (now.to_agency.code, now.original_due_on, now.missed_due_on) == (
        PEMKOT, due_on, due_on + timedelta(days=10),
    )  # fmt: skip
    told.do("report-sanction", on=due_on + timedelta(days=14))
    assert Referral.objects.get(pk=now.pk).days_late == 4


def test_whoever_was_reprimanded_for_his_delay_does_not_void_it_as_misaddressed() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    told.do("measure", by=HOME_AFFAIRS, on=late(told, 2), code="reprimand")
    wrong = TransferReason(code="misaddressed")
    assert refused(told, "transfer", by=PEMKOT, on=told.day, employer=PEMPROV, reason=wrong) == [
        "late-and-misaddressed"
    ]
    told.do("transfer", by=BKN, on=told.day, employer=PEMPROV, reason=wrong)
    (left,) = Referral.objects.filter(casefile=told.casefile, purpose="follow_up", status="voided")
    assert (left.days_late, told.open.missed_due_on) == (0, None)


def test_a_case_that_is_opened_again_takes_the_delay_along_and_not_the_days_it_was_closed() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    due_on = told.open.due_on
    told.do("terminate", on=due_on + timedelta(days=2))
    told.do("reopen", on=due_on + timedelta(days=32), ground=ReopenReason(code="closure_error"))
    now = told.open
    assert (now.purpose, now.original_due_on, now.missed_due_on) == ("follow_up", due_on, due_on + timedelta(days=30))
    told.do("report-sanction")
    assert Referral.objects.get(pk=now.pk).days_late == 3


def test_a_correction_that_was_required_is_another_obligation() -> None:
    told = casefile_at(S.AWAITING_SANCTION)
    told.do("report-sanction", on=late(told, 6))
    told.do("record-delivery")
    told.do("require-correction")
    assert (told.open.purpose, told.open.missed_due_on) == ("follow_up", None)
    assert told.open.original_due_on == told.open.due_on


def test_an_examination_that_was_late_when_it_was_sent_back_is_late_by_as_many_days_afterwards() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    due_on = told.open.due_on
    told.do("return", on=due_on + timedelta(days=3))
    told.do("complete", on=due_on + timedelta(days=10))
    now = told.open
    assert now.original_due_on == due_on
    assert now.missed_due_on == due_on + timedelta(days=7)
    assert [one["cause"] for one in now.rule["moved"]] == ["complete"]
    told.do("recommend", on=due_on + timedelta(days=10))
    assert Referral.objects.get(pk=now.pk).days_late == 3
    assert told.open.party == Party.ADDRESSEE
