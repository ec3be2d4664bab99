"""What some real case does not have is asked of none: an election, a day of moving, a number of a letter, a summons."""

from __future__ import annotations

from typing import Any

from casefiles.flow import State
from casefiles.models import Casefile
from casefiles.references import plain
from tests import factories
from tests.api.answers import assert_answers
from tests.factories import BKN, PADANG, PEMKOT, casefile_at
from tests.partner import Partner, said
from tests.ready import ready
from tests.world import World


def _finding(**changed: Any) -> dict[str, Any]:
    body: dict[str, Any] = plain(factories.finding_given(documents=(factories.document(PADANG, "assessment"),)))
    return {name: value for name, value in {**body, **changed}.items() if value is not ...}


def test_an_act_outside_any_election_names_none(db: None, world: World) -> None:
    padang = Partner(PADANG)
    for left_out in (None, ...):
        refused = padang.post("/findings", _finding(election=left_out))
        assert refused.status_code == 422
        assert [(one["code"], one["pointer"]) for one in said(refused)["errors"]] == [("required-when", "#/election")]
        unrelated = _finding(election=left_out, election_nexus="not_election_related")
        unrelated["violations"][0]["contest"] = None
        made = padang.post("/findings", unrelated)
        assert made.status_code == 201, made.content
        assert_answers(made, "submit_finding")
        finding, (case,) = said(made)["id"], said(made)["casefiles"]
        shown = Partner(BKN).get(f"/casefiles/{case['id']}")
        assert_answers(shown, "read_casefile")
        assert said(shown)["finding"]["election"] is None
        (violation,) = said(shown)["violations"]
        assert (violation["violation_class"], violation["stage_at_act"]) == ("ethics", None)
        for path in (f"/findings/{finding}", "/findings", "/casefiles"):
            assert_answers(padang.get(path))
        assert Casefile.objects.get(pk=case["id"]).election == ""
    counted = Partner(BKN).get("/statistics?by=election")
    assert counted.status_code == 200, counted.content
    assert_answers(counted)


def test_an_act_abroad_or_online_has_no_region(db: None, world: World) -> None:
    body = _finding(found_by={"level": "overseas", "region": None})
    body["violations"][0] |= {"region": None, "place": None, "contest": {"office": "president", "region": None}}
    body["election"] = "pemilu-2024"
    assert Partner(PADANG).post("/findings?validate_only=true", body).status_code == 200


def test_whoever_was_misaddressed_moved_on_no_day(db: None, world: World) -> None:
    case = ready("transfer")
    file = f"/casefiles/{case.story.casefile}/transfer"
    version = case.story.row.version
    body = {**plain(case.given), "moved_on": None}
    refused = Partner(case.who).post(file, body, version=version)
    assert [(one["code"], one["pointer"]) for one in said(refused)["errors"]] == [("moved-on-missing", "#/moved_on")]
    moved = Partner(case.who).post(file, {**body, "reason": {"code": "misaddressed"}}, version=version)
    assert moved.status_code == 200, moved.content


def test_an_objection_that_the_officer_wrote_bears_no_number(db: None, world: World) -> None:
    case = ready("contest")
    body = plain(case.given)
    body["letter"] = {"date": body["letter"]["date"]}
    file = f"/casefiles/{case.story.casefile}"
    filed = Partner(PEMKOT).post(f"{file}/contest", body, version=case.story.row.version)
    assert filed.status_code == 200, filed.content
    assert_answers(filed, "perform_contest")
    assert said(filed)["contest"]["letter"]["number"] is None


def test_a_recommendation_bears_one(db: None, world: World) -> None:
    told = casefile_at(State.UNDER_EXAMINATION)
    body = plain(factories.given("recommend", day=told.day))
    body["letter"]["number"] = None
    refused = Partner(BKN).post(f"/casefiles/{told.casefile}/recommend", body, version=told.row.version)
    assert [(one["code"], one["pointer"]) for one in said(refused)["errors"]] == [
        ("null-not-allowed", "#/letter/number")
    ]


def test_an_examination_without_summons_lists_none(db: None, world: World) -> None:
    case = ready("report-sanction")
    body = plain(case.given)
    body["examination"]["summoned_on"] = None
    answer = Partner(PEMKOT).post(
        f"/casefiles/{case.story.casefile}/report-sanction", body, version=case.story.row.version
    )
    assert answer.status_code == 200, answer.content
    assert said(answer)["sanction"]["examination"]["summoned_on"] == []
