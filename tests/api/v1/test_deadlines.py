"""What the API says of deadlines: why they end on their day, by which row, and by which calendar."""

from __future__ import annotations

import psycopg
import pytest

from agencies import calendar
from casefiles.flow import State
from tests import factories
from tests.api.answers import assert_answers
from tests.factories import BKN
from tests.partner import Partner, said
from tests.world import World

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def told(db: None, world: World) -> factories.Story:
    """A case under examination: 14 working days."""
    return factories.casefile_at(State.UNDER_EXAMINATION)


def test_a_referral_says_in_the_caller_s_language_why_it_ends_on_its_day(told: factories.Story) -> None:
    examiner, path = Partner(BKN), f"/referrals?casefile={told.casefile}"
    answer = examiner.get(path)
    assert_answers(answer, "list_referrals")
    rule = said(answer)["data"][0]["rule"]
    assert rule["explanation"].startswith("14 hari kerja sejak ")
    assert said(examiner.get(path, **ENGLISH))["data"][0]["rule"]["explanation"].startswith("14 working days from ")
    assert not {"explanation_id", "explanation_en"} & set(rule)
    assert (rule["code"], rule["starts_from"], rule["time_zone"]) == ("examine", "accepted", "Asia/Jakarta")
    assert rule["clock_from"] == told.open.clock_from.isoformat()
    assert rule["counted_to"] == told.open.due_on.isoformat()
    assert (rule["resumed"], rule["pauses"], rule["moved"], rule["beyond_calendar"]) == ([], [], [], False)


def test_the_timeline_and_the_turn_say_the_same(told: factories.Story) -> None:
    examiner = Partner(BKN)
    for more, first in (({}, "14 hari kerja"), (ENGLISH, "14 working days")):
        answer = examiner.get(f"/casefiles/{told.casefile}/timeline?kind=referral", **more)
        assert_answers(answer, "read_timeline")
        explanation = said(answer)["data"][-1]["referral"]["rule"]["explanation"]
        assert explanation.startswith(first)
        shown = examiner.get(f"/casefiles/{told.casefile}", **more)
        assert_answers(shown, "read_casefile")
        assert said(shown)["turn"]["explanation"] == explanation
    assert "explanation" not in said(examiner.get("/casefiles"))["data"][0]["turn"]


def test_sources_that_disagree_are_all_listed_with_their_certainty(db: None, world: World) -> None:
    rows = said(Partner(BKN).get("/catalogue/deadlines"))["data"]
    follow_ups = {
        (row["code"], row["mandate"], row["valid_from"], row["days"], row["day_basis"], row["certainty"])
        for row in rows
        if row["purpose"] == "follow_up"
    }
    assert follow_ups == {
        ("follow_up", "any", None, 14, "calendar", "proposal"),
        ("follow_up", "examining-2014", None, 14, "calendar", "seen"),
        ("follow_up", "examining-2014", "2020-01-01", 10, "calendar", "seen"),
        ("follow_up", "examining-2014", "2021-01-01", 14, "calendar", "seen"),
        ("follow_up_after_reprimand", "any", None, 3, "calendar", "seen"),
    }


@pytest.mark.django_db(transaction=True)
def test_every_version_of_the_calendar_stays_readable(world: World, owner_connection: psycopg.Connection) -> None:
    # As `manage.py amend_calendar` leaves it: the whole of the old version and a day more, as a new one.
    owner_connection.execute(
        "INSERT INTO agencies_calendarday (version, date, kind, name_id, source, decree) "
        "SELECT '2999.1', date, kind, name_id, source, decree FROM agencies_calendarday UNION ALL "
        "SELECT '2999.1', DATE '2026-07-15', 'joint_leave', 'Cuti Bersama', 'setkab.go.id', 'SKB 3 Menteri'"
    )
    partner, (new, old) = Partner(BKN), calendar.versions()
    newest = partner.get("/catalogue/calendar")
    before = partner.get(f"/catalogue/calendar?version={old}")
    for answer, version in ((newest, new), (before, old)):
        assert_answers(answer, "read_catalogue_calendar")
        assert (said(answer)["version"], said(answer)["versions"]) == (version, [new, old])
        again = partner.get(f"/catalogue/calendar?version={version}", **{"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert newest.headers["ETag"] != before.headers["ETag"]
    day = "valid_on=2026-07-15"
    assert said(partner.get(f"/catalogue/calendar?{day}"))["data"] == [
        {
            "date": "2026-07-15",
            "kind": "joint_leave",
            "name_id": "Cuti Bersama",
            "source": "setkab.go.id",
            "decree": "SKB 3 Menteri",
            "estimated": False,
        }
    ]
    assert said(partner.get(f"/catalogue/calendar?{day}&version={old}"))["data"] == []
    estimated = {row["date"] for row in said(before)["data"] if row["estimated"]}
    assert "2027-03-10" in estimated
    assert not any(text.startswith(("2024", "2025", "2026")) for text in estimated)
    assert partner.get("/catalogue/calendar?version=2031.7").status_code == 404
