"""Days of a finding that cannot have followed each other: each is named, with the day it is compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.http import bodies
from casefiles import references
from casefiles.catalogue.book import load
from casefiles.flow import DocumentView
from casefiles.flow.finding import FindingGiven
from casefiles.intake import finding_checks
from tests.factories import finding_given

NOW = datetime(2024, 12, 1, tzinfo=UTC)
ARRIVED = date(2024, 10, 8)
PAPER = UUID("0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10")


def assessment(day: str | None, ident: UUID = PAPER, kind: str = "assessment") -> DocumentView:
    """A descriptor of that date."""
    dated = date.fromisoformat(day) if day else None
    return DocumentView(id=str(ident), type=kind, number="", date=dated, sha256="", size=1, owner="bawaslu-kota-padang")


def refused(*papers: DocumentView, **changed: Any) -> list[tuple[str, str, str]]:
    """Code, place and the day it is compared with, of everything wrong with that finding."""
    papers = papers or (assessment(None),)
    said: dict[str, Any] = references.plain(finding_given(documents=(UUID(paper.id) for paper in papers)))
    said |= {"forwarded_on": "2024-10-07", **changed}
    given = bodies.parse(FindingGiven, said, catalogue=load(), now=NOW, time_zone="Asia/Jakarta")
    known = {paper.id: paper for paper in papers}
    faults = finding_checks.day_faults(given, known, today=ARRIVED, time_zone="Asia/Jakarta")
    return [(fault.code, fault.pointer, _compared(fault.en)) for fault in faults]


def _compared(sentence: str) -> str:
    """What stands behind the second opening bracket: the other day and its place."""
    return sentence.rpartition("(")[2].partition(")")[0]


def act(**changed: Any) -> dict[str, Any]:
    return {"number": 1, "form": "joint_photo", "act_date": "2024-09-29", "description": "Foto.", **changed}


def heard(day: str) -> dict[str, Any]:
    return {"held": True, "held_on": day}


def test_an_ordinary_finding_is_in_order() -> None:
    assert refused() == []
    assert refused(assessment("2024-10-06")) == []
    assert refused(violations=[act(act_until="2024-10-06")]) == [], "an act may go on after it became known"
    two = [act(), act(number=2, act_date="2024-10-01", act_until="2024-10-02")]
    assert refused(violations=two) == [], "the days of one violation say nothing of the other's"


def test_an_assessment_of_an_earlier_matter_may_lie_in_the_file() -> None:
    assert refused(assessment("2023-01-01", uuid4()), assessment("2024-10-06")) == []
    assert refused(assessment("2023-01-01", uuid4(), "photo"), assessment("2024-10-06")) == []


@pytest.mark.parametrize(
    ("changed", "place", "compared"),
    [
        ({"clarification": heard("2024-10-08")}, "#/forwarded_on", "2024-10-08, #/clarification/held_on"),
        ({"clarification": heard("2024-10-01")}, "#/clarification/held_on", "2024-10-02, #/known_on"),
        ({"registered_on": "2024-10-08"}, "#/forwarded_on", "2024-10-08, #/registered_on"),
        ({"known_on": "2024-10-04"}, "#/registered_on", "2024-10-04, #/known_on"),
        ({"violations": [act(act_date="2024-10-03")]}, "#/known_on", "2024-10-03, #/violations/0/act_date"),
        ({"violations": [act(act_until="2024-09-28")]}, "#/violations/0/act_until",
         "2024-09-29, #/violations/0/act_date"),
    ],
)  # fmt: skip
def test_each_day_that_cannot_be_is_named(changed: dict[str, Any], place: str, compared: str) -> None:
    assert refused(**changed) == [("out-of-order", place, compared)]


@pytest.mark.parametrize(
    ("day", "place", "compared"),
    [
        ("2024-10-01", "#/assessment/documents/0", "2024-10-02, #/known_on"),
        ("2024-10-08", "#/forwarded_on", "2024-10-08, #/assessment/documents/0"),
    ],
)
def test_the_assessment_lies_between_what_was_known_and_what_was_forwarded(day: str, place: str, compared: str) -> None:
    assert refused(assessment(day)) == [("out-of-order", place, compared)]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"forwarded_on": "2024-10-10"}, "#/forwarded_on"),
        ({"violations": [act(act_until="2024-10-10")]}, "#/violations/0/act_until"),
    ],
)
def test_nothing_is_told_of_a_day_after_the_finding_was_forwarded(changed: dict[str, Any], place: str) -> None:
    (fault,) = refused(**changed)
    assert fault[:2] == ("date-in-the-future", place)


def test_no_paper_is_dated_after_the_finding_it_came_with() -> None:
    found = refused(assessment("2024-10-07"), assessment("2024-10-09", uuid4(), "photo"))
    assert [one[:2] for one in found] == [("date-in-the-future", "#/assessment/documents/1")]


def test_they_are_named_all_at_once() -> None:
    found = refused(
        known_on="2024-10-04",
        clarification=heard("2024-10-03"),
        violations=[act(act_date="2024-10-05", act_until="2024-10-01")],
    )
    assert {pointer for _, pointer, _ in found} >= {
        "#/violations/0/act_until", "#/known_on", "#/registered_on", "#/clarification/held_on",
    }  # fmt: skip
