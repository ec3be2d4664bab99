"""That the party whose turn it is has opened what was sent: once for each version, told to all, no clock moved."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import ledger
from audit.models import Entry
from casefiles.flow import State
from casefiles.models import FirstReading, Referral
from casefiles.sight import first_readings
from tests import factories
from tests.api.answers import assert_answers
from tests.casefiles.flow.test_effects import refused
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


def test_a_document_opens_the_version_that_brought_it() -> None:
    told = casefile_at(State.SUBMITTED)
    brought = told.facts["documents"][0]["id"]
    Partner(BKN, "documents:read").get(f"/documents/{brought}")
    assert not FirstReading.objects.exists(), "not by a right to documents alone"
    assert Partner(BKN).get("/documents").status_code == 200
    assert not FirstReading.objects.exists(), "lists do not count"
    assert Partner(BKN).get(f"/documents/{brought}").status_code == 200
    assert opened(PADANG, told.casefile) == [(BKN, 1)]
    told.do("return")
    told.do("complete")
    Partner(BKN).get(f"/documents/{brought}")
    assert opened(PADANG, told.casefile) == [(BKN, 1)], "what came before is no reading of the newest version"


def test_reading_a_document_again_costs_as_many_statements() -> None:
    told = casefile_at(State.SUBMITTED)
    examiner, brought = Partner(BKN), told.facts["documents"][0]["id"]

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert examiner.get(f"/documents/{brought}").status_code == 200
        return sum("SAVEPOINT" not in query["sql"] and "ratebucket" not in query["sql"] for query in seen)

    first, *others = (statements() for _ in range(3))
    assert first > others[0] == others[1]


def test_a_delivery_cites_the_reading_that_supports_it() -> None:
    told = casefile_at(State.RECOMMENDED)
    version = told.row.version
    for cited in (version - 1, version, version + 1):
        assert refused(told, "serve", opened=cited) == ["not-opened"]
    assert opened(PEMKOT, told.casefile) == [(PEMKOT, version)]
    assert refused(told, "serve", opened=version - 1) == ["not-opened"]
    told.do("serve", opened=version)
    noted = FirstReading.objects.get()
    assert told.facts["served"]["opened"] == {"version": version, "at": ledger.instant(noted.created_at)}
    answer = Partner(BKN).get(f"/casefiles/{told.casefile}")
    assert_answers(answer, "read_casefile")
    assert said(answer)["served"]["opened"]["version"] == version
