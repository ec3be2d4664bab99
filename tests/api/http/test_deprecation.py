"""What ends says so in its answers and in the contract, and who still calls it is known. Nothing ends today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from api.contract.openapi import document
from api.http import deprecation
from api.http.deprecation import ENDINGS, Ending, faults
from api.models import DeprecatedCall
from tests.api.answers import assert_answers
from tests.factories import BKN, PEMKOT
from tests.partner import Partner, call, said
from tests.vendors import delegated, system, token_for
from tests.world import World

SINCE = datetime(2026, 12, 1, tzinfo=UTC)
LISTING = Ending(
    operation="list_referrals", since=SINCE, sunset=SINCE + timedelta(days=200), page="/api/docs",
    successor="/api/v1/casefiles",
)  # fmt: skip
SERVICE = Ending(operation="read_keys", since=SINCE, page="/api/docs")


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.LINTAS_BASE_URL = "https://lintas.example.go.id"
    monkeypatch.setattr(deprecation, "ENDINGS", (LISTING, SERVICE))


def operations() -> dict[str, Any]:
    return {one["operationId"]: one for path in document()["paths"].values() for one in path.values()}


def test_the_table_is_in_order() -> None:
    assert list(faults(ENDINGS, operations=list(operations()))) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"operation": "list_nothing"}, "no operation"),
        ({"sunset": SINCE + timedelta(days=179)}, "less than 180 days"),
        ({"since": datetime(2026, 12, 1)}, "without a zone"),  # noqa: DTZ001 - that is the fault
        ({"page": "docs"}, "begin with a slash"),
    ],
)
def test_a_faulty_row_is_named(change: dict[str, Any], says: str) -> None:
    said_of = {
        "operation": LISTING.operation, "since": SINCE, "page": LISTING.page, "sunset": LISTING.sunset, **change,
    }  # fmt: skip
    assert [says in fault for fault in faults((Ending(**said_of),), operations=["list_referrals"])] == [True]
    assert len(list(faults((LISTING, LISTING), operations=["list_referrals"]))) == 2


def test_an_answer_says_since_when_until_when_and_what_instead(ending: None, db: None, world: World) -> None:
    answer = Partner(BKN).get("/referrals")
    assert answer.status_code == 200
    assert answer["Deprecation"] == "@1796083200"
    assert answer["Sunset"] == "Sat, 19 Jun 2027 00:00:00 GMT"
    assert answer["Link"] == (
        '<https://lintas.example.go.id/api/docs>; rel="deprecation"; type="text/html", '
        '<https://lintas.example.go.id/api/docs>; rel="sunset"; type="text/html", '
        '<https://lintas.example.go.id/api/v1/casefiles>; rel="successor-version"'
    )
    # Who is refused learns it too; who calls something else is told nothing.
    assert Partner(BKN).get("/referrals?x=1")["Deprecation"] == answer["Deprecation"]
    assert "Deprecation" not in Partner(BKN).get("/me")


def test_what_needs_no_token_says_it_without_counting_anybody(ending: None, db: None, world: World) -> None:
    answer = Browser().get("/.well-known/jwks.json")
    assert answer["Deprecation"] == "@1796083200"
    assert "Sunset" not in answer
    assert not DeprecatedCall.objects.exists()


def test_who_still_calls_is_known_to_its_agency_and_to_the_operator(ending: None, db: None, world: World) -> None:
    examiner = Partner(BKN)
    for _ in range(3):
        examiner.get("/referrals")
    Partner(PEMKOT).get("/referrals")
    call("GET", "/referrals")
    answer = examiner.get("/me")
    assert_answers(answer, "read_me")
    (mine,) = said(answer)["deprecated_calls"]
    assert (mine["operation"], mine["client"], mine["calls"]) == ("list_referrals", "bkn-system", 3)
    assert (mine["sunset"], mine["successor"]) == ("2027-06-19T00:00:00.000Z", "/api/v1/casefiles")
    assert deprecation.totals() == {"list_referrals": 4, "read_keys": 0}
    told = StringIO()
    call_command("deprecated_calls", stdout=told)
    assert [line.split()[1:3] for line in told.getvalue().splitlines()] == [
        ["pemkot-padang-system", "1"], ["bkn-system", "3"],
    ]  # fmt: skip
    assert "2027-06-19" in told.getvalue()


def test_a_vendor_is_told_of_its_own_calls_for_an_employer(ending: None, db: None, world: World) -> None:
    delegated(world, PEMKOT)
    Partner(PEMKOT).get("/referrals")
    token = token_for(system(world), PEMKOT)
    call("GET", "/referrals", token=token)
    (told,) = said(call("GET", "/me", token=token))["deprecated_calls"]
    assert told["client"] == "vendor-kepegawaian-system"


def test_the_contract_marks_it(ending: None) -> None:
    marked = {name: one for name, one in operations().items() if one.get("deprecated")}
    assert set(marked) == {"list_referrals", "read_keys"}
    assert {"Deprecation", "Sunset", "Link"} < set(marked["list_referrals"]["responses"]["200"]["headers"])


def test_while_nothing_ends_no_statement_is_spent_on_it(db: None, world: World) -> None:
    assert deprecation.ENDINGS == ()
    examiner = Partner(BKN)
    examiner.get("/referrals")
    with CaptureQueriesContext(connection) as statements:
        answer = examiner.get("/me")
    assert said(answer)["deprecated_calls"] == []
    assert not any("deprecatedcall" in one["sql"] for one in statements)
    told = StringIO()
    call_command("deprecated_calls", stdout=told)
    assert told.getvalue() == "Nobody makes a call that ends.\n"
