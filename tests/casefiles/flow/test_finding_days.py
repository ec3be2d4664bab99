"""The days of a finding were told wrongly: its submitter puts them right, and whatever rests on them follows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from casefiles.flow import Refused, State
from casefiles.flow.finding import Subject
from casefiles.flow.intake import Verification
from casefiles.models import Finding, Payload
from tests.casefiles.flow.test_afterwards import correct, refused
from tests.factories import BKN, PADANG, PEMKOT, Story, casefile_at, known_subject, submit
from tests.reconciling import nothing_is_left_over, reconcile
from tests.warned import others

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
S = State
KNOWN, REGISTERED = "#/finding/known_on", "#/finding/registered_on"
CLARIFIED, FORWARDED = "#/finding/clarified_on", "#/finding/forwarded_on"


def warned(told: Story) -> list[str]:
    return [one["code"] for one in others(told.facts["warnings"])]


def test_an_act_beyond_a_wrong_day_of_knowledge_is_put_right_with_it() -> None:
    told = casefile_at(S.SUBMITTED)
    correct(told, "#/violations/*/act_date", "2024-10-03", by=PADANG, violation=1)
    assert warned(told) == ["dates-run-backwards"]
    with pytest.raises(Refused) as why:
        told.do("correct", by=PADANG, fact=KNOWN, violation=None, value="2024-10-04")
    (reason,) = why.value.reasons
    assert "2024-10-04, #/finding/known_on" in reason.en
    assert "correct the other one first" in reason.en
    correct(told, REGISTERED, "2024-10-04", by=PADANG)
    correct(told, KNOWN, "2024-10-04", by=PADANG)
    assert warned(told) == []
    assert told.facts["violations"][0]["class"]["inputs"]["act_date"] == "2024-10-03"
    reconcile(told.casefile)
    nothing_is_left_over()


def test_a_day_of_the_finding_changes_in_its_row_its_content_and_all_its_casefiles() -> None:
    taken = submit(
        register_number="030/TM/2024",
        subjects=tuple(Subject(name=name, violations=(1,)) for name in ("Satu Rekaan", "Dua Rekaan")),
    )
    first, second = (Story(casefile=step.casefile, finding=taken.finding, submitter=PADANG) for step in taken.steps)
    for fact, right in (
        (FORWARDED, "2024-10-06"),
        (CLARIFIED, "2024-10-04"),
        (REGISTERED, "2024-10-04"),
        (KNOWN, "2024-10-03"),
    ):
        correct(first, fact, right, by=PADANG)
        for told in (first, second):
            assert told.facts["finding"][fact.rpartition("/")[2]] == right
            assert told.facts["corrections"][-1]["fact"] == fact
    row = Finding.objects.get(pk=first.finding)
    assert (row.known_on, row.registered_on) == (date(2024, 10, 3), date(2024, 10, 4))
    content: Any = Payload.objects.filter(finding=first.finding, answer__isnull=True).order_by("-seq")[0].given
    assert (content["known_on"], content["registered_on"]) == ("2024-10-03", "2024-10-04")
    assert (content["forwarded_on"], content["clarification"]["held_on"]) == ("2024-10-06", "2024-10-04")
    assert content["clarification"]["held"] is True
    for told in (first, second):
        reconcile(told.casefile)
    nothing_is_left_over()


def test_a_finding_is_late_by_its_right_days() -> None:
    told = casefile_at(S.SUBMITTED)
    assert warned(told) == []
    correct(told, "#/violations/*/act_date", "2024-09-20", by=PADANG, violation=1)
    correct(told, KNOWN, "2024-09-25", by=PADANG)
    (late,) = [one for one in told.facts["warnings"] if one["code"] == "late-finding"]
    assert late["pointer"] == REGISTERED
    assert "8 days after it became known" in late["en"]
    correct(told, REGISTERED, "2024-09-26", by=PADANG)
    (late,) = [one for one in told.facts["warnings"] if one["code"] == "late-finding"]
    assert "It arrived here" in late["en"]
    correct(told, REGISTERED, "2024-10-02", by=PADANG)
    assert "late-finding" not in warned(told)


def test_the_days_of_a_finding_are_its_submitters_only_and_never_empty() -> None:
    told = casefile_at(S.UNDER_EXAMINATION)
    for agency in (BKN, PEMKOT):
        assert refused(told, "correct", by=agency, fact=KNOWN, violation=None, value="2024-10-01") == ["not-the-author"]
    for fact in (KNOWN, CLARIFIED, FORWARDED):
        assert refused(told, "correct", by=PADANG, fact=fact, violation=None, value=None) == ["value-missing"]
    assert "dates-run-backwards" in refused(
        told, "correct", by=PADANG, fact=FORWARDED, violation=None, value=told.facts["accepted_on"]
    )


def test_the_day_of_the_verification_is_the_examiners() -> None:
    told = casefile_at(S.SUBMITTED, subjects=(known_subject(),))
    forwarded = date.fromisoformat(told.facts["finding"]["forwarded_on"])
    told.day = forwarded + timedelta(days=10)
    told.do("accept", verification=Verification(held_on=told.day, result="complete"))
    fact = "#/verification/held_on"
    assert refused(told, "correct", by=PADANG, fact=fact, violation=None, value="2024-10-10") == ["not-the-author"]
    correct(told, fact, (forwarded + timedelta(days=3)).isoformat(), by=BKN)
    assert told.facts["verification"]["held_on"] == (forwarded + timedelta(days=3)).isoformat()
    assert told.facts["verification"]["result"] == "complete"
    reconcile(told.casefile)
