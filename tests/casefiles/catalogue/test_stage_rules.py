"""What the stage of an election makes of a finding: forwarded only, examined, or flagged."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction

from casefiles.catalogue.book import load
from casefiles.catalogue.classification import explained, reproduce
from casefiles.errors import InvalidGiven
from casefiles.flow import State
from casefiles.flow.finding import Clarification, Contest
from casefiles.intake import findings
from casefiles.intake.findings import TakenIn
from casefiles.models import Payload
from tests.factories import (
    PADANG,
    actor,
    at,
    casefile_at,
    document,
    finding_given,
    known_subject,
    request,
    submit,
    violation,
)

pytestmark = pytest.mark.usefixtures("db", "world")

FORWARDED: dict[str, Any] = {
    "clarification": Clarification(held=False, reason="before_stage"),
    "register_kind": "forwarding_letter",
    "known_on": date(2024, 4, 10),
    "registered_on": date(2024, 4, 12),
    "violations": (violation(act_date=date(2024, 4, 2)),),
}


def _faults(**changed: Any) -> list[tuple[str, str]]:
    paper = document(PADANG, "assessment")
    with pytest.raises(InvalidGiven) as invalid, transaction.atomic():
        findings.submit(
            actor=actor(PADANG), given=finding_given(documents=(paper,), **changed), now=at(date(2024, 10, 8)),
            request=request(),
        )  # fmt: skip
    assert all(fault.id and fault.en for fault in invalid.value.faults)
    return [(fault.code, fault.pointer) for fault in invalid.value.faults]


def _facts(taken: TakenIn) -> dict[str, Any]:
    facts: Any = Payload.objects.get(casefile=taken.steps[0].casefile, seq=1).facts
    return dict(facts)


def test_the_file_stores_the_stage_at_the_act_and_at_submission() -> None:
    acts = (violation(1), violation(2, act_date=date(2024, 5, 6)))
    facts = _facts(submit(violations=acts, subjects=(known_subject(violations=(1, 2)),)))
    assert [one["stage_at_act"]["stage"] for one in facts["violations"]] == ["campaign", "nomination"]
    assert facts["finding"]["stage_at_submission"] == {
        "stage": "campaign",
        "between": False,
        "since": "2024-09-25",
        "decree": "PKPU 2/2024",
        "legal_basis": "PKPU 2/2024",
        "certainty": "seen",
    }


def test_the_class_that_a_file_keeps_is_reproducible_and_stays_so_when_it_is_recommended() -> None:
    for stage in (State.SUBMITTED, State.RECOMMENDED):
        told = casefile_at(stage)
        for kept in told.facts["violations"]:
            again = reproduce(kept["class"], load())
            assert explained(again) == kept["class"]
            assert (again.violation_class, again.annex_item) == (kept["violation_class"], kept["annex_item"])
            assert kept["stage_at_act"]["stage"] == "campaign"


def test_before_the_first_stage_a_finding_is_forwarded() -> None:
    facts = _facts(submit(**FORWARDED))
    assert facts["violations"][0]["stage_at_act"]["stage"] == "pre_stage"
    assert facts["warnings"] == []


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        (
            {"clarification": Clarification(held=True, held_on=date(2024, 4, 11)), "register_kind": "register"},
            [("before-stage", "#/clarification/held"), ("before-stage", "#/register_kind")],
        ),
        (
            {"clarification": Clarification(held=False, reason="subject_absent")},
            [("before-stage", "#/clarification/reason")],
        ),
        ({"clarification": Clarification(held=False)}, [("required-when", "#/clarification/reason")]),
        ({"register_kind": "register"}, [("before-stage", "#/register_kind")]),
    ],
)
def test_before_the_first_stage_nothing_is_clarified_nor_registered(
    changed: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    assert _faults(**FORWARDED | changed) == faults


@pytest.mark.parametrize(
    "changed",
    [
        {"known_on": date(2024, 5, 5), "registered_on": date(2024, 5, 6)},
        {"violations": (violation(act_date=date(2024, 4, 2), act_until=date(2024, 5, 5)),)},
        {},
    ],
    ids=["known on the first day of the stage", "an act that lasts into it", "after it"],
)
def test_once_the_stage_has_begun_it_is_no_reason_any_more(changed: dict[str, Any]) -> None:
    begun = FORWARDED | changed if changed else {"clarification": FORWARDED["clarification"]}
    assert _faults(**begun) == [("stage-has-begun", "#/clarification/reason")]


def test_one_contest_whose_stage_has_begun_is_enough() -> None:
    """The candidates for the DPD were nominated earlier than those for the DPR."""
    contests = {office: Contest(office=office) for office in ("dpd", "president")}
    days: dict[str, Any] = {
        "election": "pemilu-2024",
        "known_on": date(2022, 10, 10),
        "registered_on": date(2022, 10, 11),
        "occurred_at": at(date(2024, 10, 7)),
    }
    acts = tuple(
        violation(number, act_date=date(2022, 10, 3), contest=contest)
        for number, contest in enumerate(contests.values(), start=1)
    )
    letter: dict[str, Any] = {name: FORWARDED[name] for name in ("clarification", "register_kind")}
    submit(**letter, **days, violations=acts)
    later = {**days, "known_on": date(2022, 10, 14), "registered_on": date(2022, 10, 14)}
    assert _faults(**letter, **later, violations=acts) == [("stage-has-begun", "#/clarification/reason")]


def test_a_first_stage_from_memory_refuses_nobody_and_warns() -> None:
    """Of the elections of 2020 the end of the first stage, when the pandemic came, is from memory."""
    early: dict[str, Any] = {
        "election": "pilkada-2020",
        "known_on": date(2019, 10, 10),
        "registered_on": date(2019, 10, 11),
        "violations": (violation(act_date=date(2019, 10, 8)),),
    }
    heard = submit(**early, clarification=Clarification(held=True, held_on=date(2019, 10, 11)))
    assert [one["code"] for one in _facts(heard)["warnings"]] == ["late-finding", "act-before-stage"]
    submit(**early, clarification=Clarification(held=False, reason="before_stage"))


def test_what_is_not_related_to_the_election_waits_for_no_stage() -> None:
    taken = submit(
        **FORWARDED
        | {
            "election_nexus": "not_election_related",
            "clarification": Clarification(held=True, held_on=date(2024, 4, 11)),
            "register_kind": "register",
        }
    )
    facts = _facts(taken)
    assert facts["finding"]["stage_at_submission"] is None
    assert facts["violations"][0]["stage_at_act"] is None
    assert facts["violations"][0]["class"]["inputs"]["election_nexus"] == "not_election_related"


@pytest.mark.parametrize(("known", "flagged"), [(date(2024, 9, 26), False), (date(2024, 9, 25), True)])
def test_a_finding_set_late_is_flagged_and_not_refused(known: date, flagged: bool) -> None:
    facts = _facts(submit(known_on=known, violations=(violation(act_date=date(2024, 9, 24)),)))
    found = [(one["code"], one["pointer"]) for one in facts["warnings"]]
    assert found == ([("late-finding", "#/finding/registered_on")] if flagged else [])


def test_an_act_from_before_the_stage_that_became_known_after_it_is_flagged() -> None:
    facts = _facts(submit(violations=(violation(1), violation(2, act_date=date(2024, 1, 5))),
                          subjects=(known_subject(violations=(1, 2)),)))  # fmt: skip
    assert [(one["code"], one["pointer"]) for one in facts["warnings"]] == [
        ("act-before-stage", "#/violations/1/act_date")
    ]


def test_what_was_flagged_outlives_the_identification() -> None:
    told = casefile_at(State.IDENTITY_REQUESTED, known_on=date(2024, 9, 25),
                       violations=(violation(act_date=date(2024, 9, 24)),))  # fmt: skip
    told.do("identify", nip="198513012010011001")
    assert [one["code"] for one in told.facts["warnings"]] == ["late-finding", "nip-doubtful"]
