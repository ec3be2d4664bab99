"""Whose a document is: said in one shape wherever it is shown, and to nobody whose business it is not."""

from __future__ import annotations

from typing import Any

import pytest

from casefiles.flow import State
from tests.api.answers import assert_answers
from tests.factories import BKN, OTHER_OFFICE, PADANG, PEMKOT, Story, casefile_at, known_subject
from tests.partner import Partner, said
from tests.world import World


@pytest.fixture
def joined(db: None, world: World) -> tuple[Story, str]:
    """A casefile that took in another office's, and one document which that office had brought."""
    late = casefile_at(State.SUBMITTED, by=OTHER_OFFICE, subjects=(known_subject(),))
    first = casefile_at(State.RECOMMENDED)
    evidence = late.facts["documents"][0]["id"]
    late.day = first.day = max(late.day, first.day)
    late.do("merge", into=first.casefile)
    return first, evidence


def documents(answer: Any) -> dict[str, Any]:
    assert_answers(answer)
    return {one["id"]: one for one in said(answer)["documents"]}


def test_who_forwarded_the_merged_case_is_told_to_nobody_who_does_not_see_its_finding(
    joined: tuple[Story, str],
) -> None:
    told, evidence = joined
    for agency, owner in ((PEMKOT, None), (BKN, OTHER_OFFICE), (PADANG, OTHER_OFFICE), (OTHER_OFFICE, OTHER_OFFICE)):
        partner = Partner(agency)
        one = partner.get(f"/documents/{evidence}")
        assert_answers(one, "read_document")
        listed = [row for row in said(partner.get("/documents"))["data"] if row["id"] == evidence]
        in_file = documents(partner.get(f"/casefiles/{told.casefile}"))[evidence]
        for shown in (said(one), *listed, in_file):
            assert (shown["owner"] and shown["owner"]["code"]) == owner, agency
        assert ("#/owner" in said(one)["withheld"]) is (owner is None)
        assert OTHER_OFFICE not in one.content.decode() or owner is not None
        timeline = partner.get(f"/casefiles/{told.casefile}/timeline?kind=document")
        assert_answers(timeline, "read_timeline")
        came = [item["document"] for item in said(timeline)["data"] if item["document"]["id"] == evidence]
        assert [each["owner"] and each["owner"]["code"] for each in came] == [owner] * len(came)


def test_an_owner_has_one_shape(joined: tuple[Story, str]) -> None:
    told, _ = joined
    examiner = Partner(BKN)
    owners = {ident: one["owner"] for ident, one in documents(examiner.get(f"/casefiles/{told.casefile}")).items()}
    assert owners
    for ident, owner in owners.items():
        assert owner == said(examiner.get(f"/documents/{ident}"))["owner"]
        assert owner["name"] != owner["code"]
