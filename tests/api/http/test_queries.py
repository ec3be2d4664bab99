"""Query parameters: undeclared, repeated, ill-typed ones are refused, and the refusal shows the right spelling."""

import contextlib
import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.contract import schemas
from api.http import queries
from api.http.problems import Problem
from casefiles.catalogue.book import load
from casefiles.shapes import AgencyCode, Code, Items

NOW = dt.datetime(2024, 10, 3, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(queries.Counted):
    state: Annotated[tuple[Annotated[str, Code("data_block")], ...], Items(1, 3)] = ()
    overdue: bool | None = None
    turn: AgencyCode | None = None
    changed_since: dt.datetime | None = None
    from_: dt.date | None = None


def parse(query: str) -> Asked:
    return queries.parse(Asked, query, catalogue=load(), now=NOW, time_zone="Asia/Jakarta")


def test_a_query_becomes_values() -> None:
    asked = parse(
        "state=active,lifted&overdue=true&limit=5&from=2024-10-02&changed_since=2024-10-02T08:30:00%2B07:00&count=exact"
    )
    assert asked == Asked(
        state=("active", "lifted"),
        overdue=True,
        limit=5,
        from_=dt.date(2024, 10, 2),
        changed_since=dt.datetime(2024, 10, 2, 1, 30, tzinfo=dt.UTC),
        count="exact",
    )
    assert parse("") == parse("&&") == Asked()


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("stat=active", "stat", "unknown-parameter"),
        ("198501012010011001=x", None, "unknown-parameter"),
        ("turn=198501012010011001", "turn", "personal-number-in-query"),
        ("state=19850101%20201001%201%20001", "state", "personal-number-in-query"),
        ("state=active&state=lifted", "state", "repeated-parameter"),
        ("state[0]=active", "state", "array-spelling"),
        ("state[]=active", "state", "array-spelling"),
        ("state=open", "state", "unknown-code"),
        ("state=active,", "state", "unknown-code"),
        ("state=", "state", "empty-parameter"),
        ("overdue", "overdue", "empty-parameter"),
        ("overdue=1", "overdue", "not-a-flag"),
        ("overdue=True", "overdue", "not-a-flag"),
        ("limit=0", "limit", "out-of-range"),
        ("limit=501", "limit", "out-of-range"),
        ("limit=ten", "limit", "out-of-range"),
        ("limit=" + "9" * 400, "limit", "out-of-range"),
        ("limit=5.0", "limit", "out-of-range"),
        ("count=1", "count", "not-among-choices"),
        ("from=2024-10", "from", "bad-date"),
        ("from_=2024-10-02", "from_", "unknown-parameter"),
        ("changed_since=2024-10-02T08:30:00+07:00", "changed_since", "blank-for-plus"),
        ("changed_since=2024-10-02T08:30:00%2B22:40", "changed_since", "absurd-time"),
        ("changed_since=2024-10-02T08:30:00", "changed_since", "no-time-zone"),
        ("turn=a%00b", None, "bad-encoding"),
        ("turn=%ff", None, "bad-encoding"),
        ("turn=%zz", None, "bad-encoding"),
        ("turn=A", "turn", "bad-agency-code"),
    ],
)
def test_each_breach_names_its_parameter(query: str, parameter: str | None, code: str) -> None:
    with pytest.raises(Problem) as caught:
        parse(query)
    assert caught.value.code == "invalid-query"
    (item,) = caught.value.errors
    assert item.code == code
    assert item.pointer is None
    if code != "bad-encoding":
        assert item.parameter == parameter
    assert item.in_language("id")["detail"]


def test_a_misspelt_parameter_is_told_the_nearest() -> None:
    with pytest.raises(Problem) as caught:
        parse("stat=active&changedSince=x")
    assert [item.members["did_you_mean"] for item in caught.value.errors] == ["state", "changed_since"]


def test_all_breaches_are_named_at_once() -> None:
    with pytest.raises(Problem) as caught:
        parse("limit=0&nope=1&overdue=1")
    assert {item.parameter for item in caught.value.errors} == {"limit", "nope", "overdue"}


@given(st.text(st.sampled_from("statelimi=&%0,[]+ZÀ\x00c"), max_size=40))
def test_no_query_string_breaks_anything(query: str) -> None:
    with contextlib.suppress(Problem):
        asked = parse(query)
        assert parse(queries.link("", asked, "c").removeprefix("?")).limit == asked.limit


def test_a_link_carries_what_was_asked_and_the_cursor() -> None:
    asked = parse("overdue=false&state=active,lifted&limit=5&count=exact&changed_since=2024-10-02T08:30:00%2B07:00")
    link = queries.link("/api/v1/x", asked, "c1.a.b")
    assert (
        link
        == "/api/v1/x?state=active,lifted&overdue=false&changed_since=2024-10-02T01:30:00.000Z&limit=5&cursor=c1.a.b"
    )
    again = parse(link.partition("?")[2])
    assert queries.filters(again) == queries.filters(asked)
    assert "limit" not in queries.link("/api/v1/x", Asked(), "c1.a.b")


def test_parameters_are_described_for_openapi() -> None:
    described: dict[str, dict[str, Any]] = {
        one["name"]: one for one in schemas.query_parameters(Asked, catalogue=load())
    }
    assert described["limit"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 500,
        "example": 100,
        "default": 100,
    }
    assert described["state"]["explode"] is False
    assert "active" in described["state"]["schema"]["items"]["enum"]
    assert described["count"]["schema"]["enum"] == ["exact"]
    assert "from" in described
