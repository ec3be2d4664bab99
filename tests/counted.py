"""What `/statistics` answers, as tests ask it: held against the contract, and in few words."""

from __future__ import annotations

from typing import Any

from tests.api.answers import assert_answers
from tests.partner import Partner, said

CODES = ("submitted", "open", "recommended", "not_proven", "followed_up", "closed", "overdue", "blocked")


def asked(agency: str, query: str = "", **headers: str) -> dict[str, Any]:
    """The answer, held against the contract."""
    answer = Partner(agency).get(f"/statistics{query}", **headers)
    assert answer.status_code == 200, answer.content
    assert_answers(answer, "count_casefiles")
    found: dict[str, Any] = said(answer)
    return found


def totals(agency: str, query: str = "") -> dict[str, int]:
    """The totals that are not nought."""
    return {name: number for name, number in asked(agency, query)["totals"].items() if number}


def keyed(agency: str, query: str) -> dict[Any, int]:
    """`submitted` by key, in the order of the answer; agencies by their code."""

    def plain(value: Any) -> Any:
        return value["code"] if isinstance(value, dict) else value

    rows = asked(agency, query)["data"]
    keys = [tuple(plain(value) for value in row["key"].values()) for row in rows]
    return {key[0] if len(key) == 1 else key: row["submitted"] for key, row in zip(keys, rows, strict=True)}


def refused(agency: str, query: str, status: int = 400) -> dict[str, Any]:
    answer = Partner(agency).get(f"/statistics{query}")
    assert answer.status_code == status, answer.content
    problem: dict[str, Any] = said(answer)
    return problem


def reasons(agency: str, query: str) -> list[tuple[str, str | None]]:
    problem = refused(agency, query)
    assert problem["code"] == "invalid-query"
    return [(item["code"], item.get("parameter")) for item in problem["errors"]]
