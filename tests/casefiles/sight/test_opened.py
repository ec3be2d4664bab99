"""That the party whose turn it is has opened what was sent: once for each version, told to all, no clock moved."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from casefiles.flow import State
from casefiles.models import FirstReading, Referral
from casefiles.transitions import first_readings
from tests import factories
from tests.api.answers import assert_answers
from tests.factories import BKN, PADANG, PEMKOT, casefile_at
from tests.partner import Partner, said

pytestmark = pytest.mark.usefixtures("db", "world")


def opened(agency: str, casefile: object, query: str = "") -> list[tuple[str, int]]:
    answer = Partner(agency).get(f"/casefiles/{casefile}{query}")
    assert_answers(answer, "read_casefile")
    return [(one["agency"]["code"], one["version"]) for one in said(answer)["opened"]]


def test_the_party_that_waits_sees_that_the_other_has_opened_what_was_sent() -> None:
    told = casefile_at(State.RECOMMENDED)
    version, due = told.row.version, Referral.objects.get(casefile=told.casefile, status="open").due_at
    before = Entry.objects.count()
    # Who waits, who wrote it and who audits open nothing.
    assert opened(PADANG, told.casefile) == opened(BKN, told.casefile) == opened("bpk", told.casefile) == []
    Partner(PEMKOT).get("/casefiles")
    Partner(PEMKOT).get("/referrals")
    assert (FirstReading.objects.count(), Entry.objects.count()) == (0, before)

    assert opened(PEMKOT, told.casefile) == [(PEMKOT, version)], "its own answer says so already"
    assert opened(PEMKOT, told.casefile) == opened(PADANG, told.casefile) == [(PEMKOT, version)]
    row = FirstReading.objects.get()
    entry = Entry.objects.get(stream=row.pk)
    assert f'"kind":"{first_readings.KIND}"'.encode() in bytes(entry.body)
    assert b'"person":null' in bytes(entry.body)
    told.row.refresh_from_db()
    assert told.row.version == version
    assert Referral.objects.get(casefile=told.casefile, status="open").due_at == due
    assert opened(PADANG, told.casefile, f"?as_of={told.row.updated_at:%Y-%m-%dT%H:%M:%S.999Z}") == []


def test_a_timeline_opens_too_and_each_version_anew() -> None:
    told = casefile_at(State.SUBMITTED)
    assert Partner(BKN).get(f"/casefiles/{told.casefile}/timeline").status_code == 200
    assert opened(PADANG, told.casefile) == [(BKN, 1)]
    told.do("return")
    assert opened(BKN, told.casefile) == [(BKN, 1)], "it wrote version 2 itself, and now it waits"
    assert opened(PADANG, told.casefile) == [(BKN, 1), (PADANG, 2)]


@pytest.mark.parametrize(("part", "number"), [("", 3), ("/timeline", 2)])
def test_reading_what_was_opened_costs_no_statement_more(part: str, number: int) -> None:
    told = casefile_at(State.SUBMITTED)
    examiner = Partner(BKN)

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert examiner.get(f"/casefiles/{told.casefile}{part}").status_code == 200
        return sum("SAVEPOINT" not in query["sql"] and "ratebucket" not in query["sql"] for query in seen)

    statements()
    assert statements() == number


def test_a_client_that_may_read_no_casefile_by_its_own_scopes_opens_nothing() -> None:
    told = casefile_at(State.SUBMITTED)
    actor: Any = type("Actor", (), {"agency_id": 1, "scopes": frozenset({"documents:read"})})()
    now = told.row.updated_at
    assert (
        first_readings.note(casefile=told.casefile, version=1, actor=actor, now=now, request=factories.request())
        is None
    )
    assert not FirstReading.objects.exists()
