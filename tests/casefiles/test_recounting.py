"""A decree changes the calendar, and every open deadline it touches moves by a step of its own."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from agencies import calendar
from audit.models import Entry
from casefiles import recounting
from casefiles.flow import Stage
from casefiles.models import Transition
from tests.callers import as_owner
from tests.factories import Story, casefile_at, known_subject, story
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
    told, untouched = _examined(), casefile_at(Stage.SUBMITTED)
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


def test_what_is_closed_is_left_alone(tmp_path: Path, world: Any) -> None:
    told = casefile_at(Stage.CLOSED)
    _amended(tmp_path)
    assert recounting.recount(now=NOW).moved == 0
    assert told.row.state == "closed"
