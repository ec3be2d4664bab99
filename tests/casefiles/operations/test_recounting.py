"""A decree changes the calendar, and every open deadline it touches moves by a step of its own."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from agencies import calendar
from audit.models import Entry
from casefiles.flow import Refused, State
from casefiles.models import Payload, Transition
from casefiles.operations import clock, recounting
from casefiles.sight import projection
from tests.callers import as_owner
from tests.factories import Story, at, casefile_at, known_subject, story
from tests.reconciling import reconcile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
# The examiner's fourteen working days from 10 October 2024 end on the 30th; the decree takes the 15th away.
DECREE = """
decree: SKB 3 Menteri contoh 1/2024
source: contoh
reason: cuti bersama tambahan
add:
  - {date: 2024-10-15, kind: joint_leave, name_id: Cuti bersama contoh}
"""


def _amended(tmp_path: Path, text: str = DECREE) -> str:
    path = tmp_path / "decree.yaml"
    path.write_text(text)
    with as_owner():
        call_command("amend_calendar", str(path), quiet_receipts=True)
    version = calendar.newest_version()
    assert version is not None
    return version


def _examined() -> Story:
    told = story(subjects=(known_subject(),))
    told.do("accept", on=date(2024, 10, 10))
    return told


def test_a_deadline_moves_keeps_its_referral_and_says_why(tmp_path: Path) -> None:
    told, untouched = _examined(), casefile_at(State.SUBMITTED)
    before = told.open
    version = _amended(tmp_path)

    done = recounting.recount(now=NOW)

    after = told.open
    assert (done.looked_at, done.moved) == (1, 1), "seven calendar days to verify are not looked at"
    assert (after.pk, before.due_on, after.due_on) == (before.pk, date(2024, 10, 30), date(2024, 10, 31))
    assert after.paused_days == 0
    assert after.rule["calendar_version"] == version
    assert "SKB 3 Menteri contoh 1/2024" in after.rule["explanation_id"]
    assert told.facts["turn"]["due_on"] == "2024-10-31"
    step = Transition.objects.get(casefile=told.casefile, name="recompute")
    assert (step.party, step.from_state, step.to_state) == ("clock", "under_examination", "under_examination")
    assert told.payload.given == {
        "occurred_at": None,
        "calendar_version": version,
        "old_due": "2024-10-30",
        "new_due": "2024-10-31",
    }
    assert untouched.row.version == 1
    reconcile(told.casefile)


def test_counting_again_twice_changes_nothing(tmp_path: Path) -> None:
    told = _examined()
    _amended(tmp_path)
    recounting.recount(now=NOW)
    version, entries = told.row.version, Entry.objects.count()
    assert recounting.recount(now=NOW).moved == 0
    assert (told.row.version, Entry.objects.count()) == (version, entries)


def test_a_day_that_is_a_working_day_again_moves_the_deadline_back(tmp_path: Path) -> None:
    told = _examined()
    _amended(tmp_path)
    recounting.recount(now=NOW)
    removed = DECREE.split("add:", maxsplit=1)[0].replace("1/2024", "2/2024")
    _amended(tmp_path, removed + "remove:\n  - {date: 2024-10-15, kind: joint_leave}\n")
    assert recounting.recount(now=NOW).moved == 1
    assert told.open.due_on == date(2024, 10, 30)


def test_a_clock_that_was_away_is_counted_again_with_what_it_was_away(tmp_path: Path) -> None:
    told = _examined()
    told.do("return", on=date(2024, 10, 14))
    told.do("complete", on=date(2024, 10, 24))
    before = told.open
    _amended(tmp_path)
    recounting.recount(now=NOW)
    # The fifteenth lies in the absence: one working day less away, one day off more; the day it is due stays.
    assert told.open.due_on == before.due_on


def _delivered() -> Story:
    """A sanction delivered on 21 October 2024: decided on the 20th, to be contested until 8 November."""
    told = casefile_at(State.AWAITING_SANCTION)
    told.do("report-sanction", on=date(2024, 10, 20))
    told.do("record-delivery", on=date(2024, 10, 21))
    return told


# A day off in the fourteen working days of the remedy, the fifteen of the effect, and the twenty-one of a decision.
IN_THE_WINDOW = DECREE.replace("2024-10-15", "2024-10-30")


def _changes(told: Story) -> dict[str, tuple[Any, Any]]:
    """What the last step changed in the file, by pointer."""
    version = told.row.version
    found = Payload.objects.filter(casefile=told.casefile, seq__in=(version - 1, version)).order_by("seq")
    before, after = (one.facts or {} for one in found)
    return {one["pointer"]: (one["before"], one["after"]) for one in projection.changes(before, after)}


def _due_days(told: Story) -> tuple[Any, Any]:
    """The due days that the last step was given, before and after."""
    said: Any = told.payload.given
    return said["old_due"], said["new_due"]


def test_the_window_of_a_remedy_the_review_after_it_and_the_effect_move_together(tmp_path: Path) -> None:
    told = _delivered()
    before, review = told.facts["sanction"], told.open
    assert (before["remedy_until"], before["effective_on"]) == ("2024-11-08", "2024-11-11")
    assert (review.clock_from, review.due_on) == (date(2024, 11, 8), date(2024, 11, 15))
    _amended(tmp_path, IN_THE_WINDOW)
    assert recounting.recount(now=NOW).moved == 1

    after, now = told.facts["sanction"], told.open
    assert (after["remedy_until"], after["effective_on"]) == ("2024-11-11", "2024-11-12")
    assert (now.pk, now.clock_from, now.due_on) == (review.pk, date(2024, 11, 11), date(2024, 11, 18))
    assert (now.original_due_on, [one["cause"] for one in now.rule["moved"]]) == (review.due_on, ["recompute"])
    changes = _changes(told)
    assert changes["#/sanction/remedy_until"] == ("2024-11-08", "2024-11-11")
    assert changes["#/sanction/effective_on"] == ("2024-11-11", "2024-11-12")
    assert changes["#/turn/due_on"] == ("2024-11-15", "2024-11-18")
    assert _due_days(told) == ("2024-11-15", "2024-11-18")
    # The officer has that day more, and nobody closes before it is over.
    assert [reason.code for reason in _refused(told, "close", on=date(2024, 11, 11))] == ["remedy-still-open"]
    reconcile(told.casefile)
    assert recounting.recount(now=NOW).moved == 0


def test_the_day_to_decide_on_an_objection_and_its_lateness_move_with_the_calendar(tmp_path: Path) -> None:
    told = _delivered()
    told.do("contest", on=date(2024, 11, 11), filed_on=date(2024, 11, 11))
    contest = told.facts["contest"]
    assert (contest["late"], contest["last_day"], contest["decide_by"]) == (True, "2024-11-08", "2024-12-11")
    due_on = told.open.due_on
    later = IN_THE_WINDOW + "  - {date: 2024-11-20, kind: joint_leave, name_id: Cuti bersama lain}\n"
    _amended(tmp_path, later)
    assert recounting.recount(now=NOW).moved == 1
    contest = told.facts["contest"]
    assert (contest["late"], contest["days_late"], contest["last_day"]) == (False, 0, "2024-11-11")
    assert (contest["decide_by"], told.open.due_on.isoformat()) == ("2024-12-12", "2024-12-12")
    assert told.open.due_on > due_on
    assert "contest-late" not in [one["code"] for one in told.facts["warnings"]]
    assert recounting.recount(now=NOW).moved == 0


def test_a_closed_file_is_counted_again_while_its_day_of_effect_lies_ahead(tmp_path: Path) -> None:
    told = _delivered()
    told.do("close", on=date(2024, 11, 9), contest_waived=None)
    _amended(tmp_path, IN_THE_WINDOW)
    assert recounting.recount(now=NOW).moved == 0, "it took effect long ago"
    then = datetime(2024, 11, 10, 3, tzinfo=UTC)
    assert recounting.recount(now=then).moved == 1
    assert (told.row.state, told.row.outcome, told.row.open_referral) == ("closed", "sanctioned", None)
    assert told.facts["sanction"]["effective_on"] == "2024-11-12"
    assert _due_days(told) == (None, None)
    reconcile(told.casefile)
    assert recounting.recount(now=then).moved == 0


def test_what_was_settled_stays_as_it_was_judged(tmp_path: Path) -> None:
    told = _delivered()
    told.do("contest", on=date(2024, 10, 22))
    told.do("settle", on=date(2024, 10, 23))
    settled, review = told.facts["contests"], told.open
    _amended(tmp_path, DECREE.replace("2024-10-15", "2024-11-08"))
    recounting.recount(now=NOW)
    assert told.facts["contests"] == settled
    assert (told.open.clock_from, told.open.due_on) == (review.clock_from, review.due_on), "counted from the ruling"


def test_the_next_level_of_the_ladder_follows_the_calendar(tmp_path: Path) -> None:
    told = casefile_at(State.AWAITING_SANCTION)
    due_on = told.open.due_on
    clock.tick(now=at(due_on + timedelta(days=1)))
    (level,) = {one["level"] for one in told.facts["ladder"]} - {1}
    # Five working days after the due day; the decree takes one of them away.
    fifth = calendar.load().working_day_after(due_on, 5)
    off = calendar.load().working_day_after(due_on, 2)
    _amended(tmp_path, DECREE.replace("2024-10-15", off.isoformat()))
    recounting.recount(now=NOW)
    clock.tick(now=at(fifth + timedelta(days=1)))
    assert told.row.overdue_level == level
    clock.tick(now=at(calendar.load().working_day_after(due_on, 5) + timedelta(days=1)))
    assert told.row.overdue_level == level + 1


def test_a_due_day_that_had_passed_stays_missed_under_another_calendar(tmp_path: Path) -> None:
    told = _examined()
    _amended(tmp_path)
    recounting.recount(now=NOW)
    assert (told.open.due_on, told.open.missed_due_on) == (date(2024, 10, 31), date(2024, 10, 30))


def _refused(told: Story, name: str, **said: Any) -> tuple[Any, ...]:
    with pytest.raises(Refused) as why:
        told.do(name, contest_waived=None, now=NOW + timedelta(hours=1), **said)
    return why.value.reasons


def test_what_is_closed_is_left_alone(tmp_path: Path, world: Any) -> None:
    told = casefile_at(State.CLOSED)
    _amended(tmp_path)
    assert recounting.recount(now=NOW).moved == 0
    assert told.row.state == "closed"
