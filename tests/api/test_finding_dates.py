"""Days of a finding that cannot have followed each other: each is named, all at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from api import bodies
from api.problems import Problem
from casefiles import references
from casefiles.catalogue import load
from casefiles.flow.finding import FindingGiven
from tests.factories import finding_given

NOW = datetime(2024, 12, 1, tzinfo=UTC)


def refused(**changed: Any) -> list[tuple[str, str, Any]]:
    said: dict[str, Any] = references.plain(finding_given(documents=(uuid4(),)))
    said |= {"forwarded_on": "2024-10-07", **changed}
    try:
        bodies.parse(FindingGiven, said, catalogue=load(), now=NOW, time_zone="Asia/Jakarta")
    except Problem as problem:
        return [(item.code, str(item.pointer), item.params.get("earlier")) for item in problem.errors]
    return []


def act(**changed: Any) -> dict[str, Any]:
    return {"number": 1, "form": "joint_photo", "act_date": "2024-09-29", "description": "Foto.", **changed}


def heard(day: str) -> dict[str, Any]:
    return {"held": True, "held_on": day}


def test_an_ordinary_finding_is_in_order() -> None:
    assert refused() == []
    assert refused(violations=[act(act_until="2024-10-06")]) == [], "an act may go on after it became known"


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"clarification": heard("2024-10-08")}, [("out-of-order", "#/forwarded_on", "clarification.held_on")]),
        ({"clarification": heard("2024-10-01")}, [("out-of-order", "#/clarification/held_on", "known_on")]),
        ({"registered_on": "2024-10-08"}, [("out-of-order", "#/forwarded_on", "registered_on")]),
        ({"known_on": "2024-10-04"}, [("out-of-order", "#/registered_on", "known_on")]),
        ({"violations": [act(act_date="2024-10-03")]}, [("out-of-order", "#/known_on", "violations.act_date")]),
        ({"violations": [act(act_until="2024-09-28")]}, [("out-of-order", "#/violations/0/act_until", "act_date")]),
    ],
)
def test_each_day_that_cannot_be_is_named(changed: dict[str, Any], faults: list[tuple[str, str, str]]) -> None:
    assert refused(**changed) == faults


def test_they_are_named_all_at_once() -> None:
    found = refused(
        known_on="2024-10-04",
        clarification=heard("2024-10-03"),
        violations=[act(act_date="2024-10-05", act_until="2024-10-01")],
    )
    assert {pointer for _, pointer, _ in found} >= {
        "#/violations/0/act_until", "#/known_on", "#/registered_on", "#/clarification/held_on",
    }  # fmt: skip
