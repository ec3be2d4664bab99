"""The filters and members that auditors ask for, and what they must not tell anybody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casefiles.flow import State
from casefiles.flow.finding import Assessment
from tests import factories
from tests.api.answers import assert_answers
from tests.factories import AUDITOR, BKN, PADANG, PEMKOT, PEMPROV, Story, casefile_at
from tests.partner import Partner, said

pytestmark = pytest.mark.usefixtures("db", "world")


def listed(agency: str, path: str) -> list[dict[str, Any]]:
    answer = Partner(agency).get(path)
    assert answer.status_code == 200, answer.content
    assert_answers(answer)
    found: list[dict[str, Any]] = said(answer)["data"]
    return found


def test_referrals_are_found_by_the_time_granted_and_by_their_due_day() -> None:
    told, other = casefile_at(State.AWAITING_SANCTION), casefile_at(State.AWAITING_SANCTION)
    until = told.open.due_on + timedelta(days=9)
    told.do("extend", until=until)
    path = "/referrals?to=any&status=open"
    assert [one["casefile"]["id"] for one in listed(AUDITOR, f"{path}&paused=true")] == [str(told.casefile)]
    assert [one["casefile"]["id"] for one in listed(AUDITOR, f"{path}&paused=false")] == [str(other.casefile)]
    assert [one["due_on"] for one in listed(AUDITOR, f"{path}&due_from={until}")] == [until.isoformat()]
    assert listed(AUDITOR, f"{path}&due_from={until + timedelta(days=1)}") == []
    assert listed(AUDITOR, f"{path}&purpose=settle") == []


@pytest.mark.parametrize(
    ("walk", "outcome", "reason"),
    [
        (("reject",), "rejected", "not_asn"),
        (("withdraw",), "withdrawn", "double_entry"),
        (("terminate",), "terminated", "retired"),
        (("redirect",), "redirected", None),
    ],
    ids=str,
)
def test_a_list_says_for_what_reason_a_casefile_was_closed(
    walk: tuple[str, ...], outcome: str, reason: str | None
) -> None:
    """The code alone; the words stay with the step. A casefile that is open has none."""
    open_one, told = factories.story(), factories.story()
    for name in walk:
        told.do(name)
    (one,) = listed(AUDITOR, f"/casefiles?outcome={outcome}")
    assert (one["id"], one["closing_reason"]) == (str(told.casefile), reason)
    (waiting,) = listed(AUDITOR, "/casefiles?state=submitted")
    assert (waiting["id"], waiting["closing_reason"]) == (str(open_one.casefile), None)


def test_casefiles_are_found_by_their_mandate() -> None:
    told = factories.story()
    assert [one["id"] for one in listed(AUDITOR, "/casefiles?mandate=examining-2024")] == [str(told.casefile)]
    assert listed(AUDITOR, "/casefiles?mandate=examining-2014") == []
    assert listed(PEMPROV, "/casefiles?mandate=examining-2024") == [], "the filter gives no sight"


def test_a_register_number_is_taken_apart_in_the_list_where_it_can_be() -> None:
    for number in ("012/Reg/TM/PW/Kota/13.71/X/2024", "surat pengantar 7"):
        factories.submit(register_number=number)
    found = {one["register_number"]: one["register"] for one in listed(AUDITOR, "/findings")}
    assert found.pop("surat pengantar 7") is None
    (parsed,) = found.values()
    assert (parsed["sequence"], parsed["month"], parsed["year"]) == (12, 10, 2024)


def test_who_reads_a_document_elsewhere_is_told_to_auditors_only() -> None:
    """One assessment, two officers of two agencies: what is asked of one case tells a party nothing of the other."""
    assessment = factories.document(PADANG, "assessment")
    taken = factories.submit(
        assessment=Assessment(summary="Kajian.", documents=(assessment,)),
        subjects=(factories.known_subject(), factories.known_subject(nip="197905052006041001", employer=PEMPROV)),
    )
    stories = [Story(casefile=step.casefile, finding=taken.finding) for step in taken.steps]
    for story, employer in zip(stories, (PEMKOT, PEMPROV), strict=True):
        story.do("request-identity", body=factories.given("request-identity", employer=employer))
        assert Partner(employer).get(f"/documents/{assessment}").status_code == 200
    path = f"/casefiles/{stories[0].casefile}/accesses"
    asked = f"{path}?document={assessment}"
    assert {one["agency"]["code"] for one in listed(BKN, asked)} == {PEMKOT}
    assert {one["agency"]["code"] for one in listed(AUDITOR, asked)} == {PEMKOT, PEMPROV}
    assert {one["route"] for one in listed(AUDITOR, asked)} == {"/documents/{id}"}
    strange = factories.document(PADANG, "other")
    Partner(PADANG).get(f"/documents/{strange}")
    assert listed(AUDITOR, f"{path}?document={strange}") == [], "not a document of this casefile"
    refused = Partner(AUDITOR).get(f"{path}?document=12")
    assert [one["code"] for one in said(refused)["errors"]] == ["bad-id"]
