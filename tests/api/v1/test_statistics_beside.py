"""By what else is counted: sanction, reason, channel, lateness, SBT's words; obligations, disparity, prevention."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from casefiles.flow import State
from casefiles.models import Referral
from casefiles.statistics import sbt
from tests import factories
from tests.api.answers import assert_answers
from tests.api.test_constant_queries import statements
from tests.callers import as_owner
from tests.counted import asked, keyed, reasons
from tests.factories import AUDITOR, BKN, PADANG, PEMKOT
from tests.partner import Partner, said
from tests.sequencing import Sequencing


def beside(path: str, operation: str, agency: str = AUDITOR) -> dict[str, Any]:
    """The answer, held against the contract."""
    answer = Partner(agency).get(f"/statistics/{path}")
    assert answer.status_code == 200, answer.content
    assert_answers(answer, operation)
    found: dict[str, Any] = said(answer)
    return found


def test_what_the_content_says_is_counted_and_what_was_erased_is_told(sequenced: Sequencing) -> None:
    closed = factories.casefile_at(State.CLOSED)
    rejected = factories.story()
    rejected.do("reject")
    factories.casefile_at(State.RECOMMENDED)
    sequenced()
    facts = closed.facts
    sanction, violation = facts["sanction"]["sanction"], facts["violations"][0]
    assert keyed(AUDITOR, "?by=sanction") == {sanction: 1, None: 2}
    assert keyed(AUDITOR, "?by=reason")[rejected.facts["closing"]["reason"]["code"]] == 1
    assert keyed(AUDITOR, "?by=channel") == {violation["channel"]: 3}
    assert keyed(AUDITOR, "?by=interaction") == {violation["interaction"]: 3}
    assert keyed(AUDITOR, "?by=employer_level,sanction")["city", sanction] == 1
    assert sum(keyed(AUDITOR, "?by=position_kind").values()) == 3
    assert sum(keyed(AUDITOR, "?by=lateness").values()) == 3
    told = asked(AUDITOR, "?by=sbt_status")
    assert {row["key"]["sbt_status"]: row["submitted"] for row in told["data"]} == {
        "sanctioned": 1, "rejected": 1, "waiting_for_follow_up": 1,
    }  # fmt: skip
    assert [word["code"] for word in told["definitions"]["words"]] == [word.code for word in sbt.words()]
    assert (told["erased"], asked(AUDITOR, "?by=month")["erased"]) == (0, None)
    as_of = told["as_of"]["index"]
    rejected_again = factories.story()
    rejected_again.do("reject")
    sequenced()
    assert keyed(AUDITOR, f"?by=sbt_status&as_of={as_of}")["rejected"] == 1
    assert keyed(AUDITOR, "?by=sbt_status")["rejected"] == 2


@pytest.mark.parametrize("by", ["sanction", "reason", "lateness", "sbt_status"])
def test_what_says_how_a_case_stands_is_not_published_by(db: None, world: object, by: str) -> None:
    assert reasons(AUDITOR, f"?by={by}&publish=true") == [("not-published-by-standing", "by")]


def test_every_state_and_outcome_has_its_word_or_is_said_to_have_none() -> None:
    """A state that the flow gains must be read as one of SBT's words; only closed casefiles may be without."""
    said_of = [state for word in sbt.words() for state in word.states]
    assert sorted(said_of) == sorted(str(state) for state in State if state is not State.CLOSED)
    outcomes = [outcome for word in sbt.words() for outcome in word.outcomes]
    assert len(outcomes) == len(set(outcomes))


def test_obligations_name_the_late_examiner_and_count_both_due_days(transactional_db: None, world: object) -> None:
    """One waits for the examiner past its day; the city answered another four days late, after an extension of two."""
    waiting = factories.story()
    late = factories.casefile_at(State.AWAITING_SANCTION)
    late.do("report-sanction")
    now = datetime.now(UTC)
    with as_owner():
        Referral.objects.filter(casefile=waiting.casefile).update(
            opened_at=now - timedelta(days=30), due_on=now.date() - timedelta(days=3),
            original_due_on=now.date() - timedelta(days=10),
        )  # fmt: skip
        Referral.objects.filter(casefile=late.casefile, purpose="follow_up").update(
            opened_at="2024-10-01T03:00:00Z", answered_at="2024-10-21T03:00:00Z", due_on="2024-10-17",
            original_due_on="2024-10-15", paused_days=2,
        )  # fmt: skip
    rows = {row["key"]["agency"]["code"]: row for row in beside("obligations", "count_obligations")["data"]}
    examiner, city = rows[BKN], rows[PEMKOT]
    assert (examiner["open"], examiner["overdue"], examiner["overdue_at_first"]) == (1, 1, 1)
    assert examiner["longest_overdue"] in {10, 11}
    order = [(-row["overdue"], -row["longest_overdue"]) for row in rows.values()]
    assert order == sorted(order)
    by_both = beside("obligations?by=purpose,party", "count_obligations")["data"]
    (followed,) = (row for row in by_both if row["key"]["purpose"] == "follow_up")
    assert (followed["answered"], followed["answered_late"], followed["days_late"]) == (1, 1, 4)
    assert (followed["answered_late_at_first"], followed["days_late_at_first"]) == (1, 6)
    assert (followed["median_days"], followed["p90_days"], followed["paused_days"]) == (18, 18, 2)
    assert city["answered"] >= 1
    with as_owner():
        Referral.objects.filter(casefile=late.casefile, purpose="follow_up").update(status="voided")
    again = beside("obligations?by=purpose", "count_obligations")["data"]
    assert "follow_up" not in {row["key"]["purpose"] for row in again}
    mine = {row["key"]["agency"]["code"] for row in beside("obligations", "count_obligations", PEMKOT)["data"]}
    turns = Referral.objects.filter(casefile=late.casefile).exclude(status="voided")
    assert mine == set(turns.values_list("to_agency__code", flat=True))


def test_the_same_form_with_different_sanctions_is_told(transactional_db: None, world: object) -> None:
    first, second = (factories.casefile_at(State.SANCTION_REPORTED) for _ in range(2))
    form = first.facts["violations"][0]["form"]
    assert beside("disparity", "compare_sanctions")["data"] == []
    (same,) = beside("disparity?all=true", "compare_sanctions")["data"]
    assert (same["form"], [one["casefiles"] for one in same["sanctions"]]) == (form, [2])
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE casefiles_payload p SET facts = jsonb_set(facts, '{sanction,sanction}', '\"reprimand_oral\"') "
            "FROM casefiles_casefile c WHERE c.id = p.casefile_id AND p.seq = c.version AND c.id = %s",
            [second.casefile],
        )
    for by in ("employer", "position_kind"):
        (told,) = beside(f"disparity?by={by}&form={form}", "compare_sanctions")["data"]
        assert sorted(one["casefiles"] for one in told["sanctions"]) == [1, 1]
        (group,) = told["groups"]
        assert len(group["sanctions"]) == 2
        assert sum(one["casefiles"] for one in group["comparisons"]) == 2
        assert (group["key"], group["name"]) == (PEMKOT, "Pemerintah Kota Padang") or by == "position_kind"


def test_prevention_stands_beside_what_was_found(db: None, world: object) -> None:
    factories.prevention()
    factories.casefile_at(State.RECOMMENDED)
    (row,) = [row for row in beside("preventions", "count_preventions")["data"] if row["key"] == PADANG]
    assert (row["preventions"], row["findings"], row["casefiles"], row["recommended"]) == (1, 1, 1, 1)
    assert row["name"] == "Bawaslu Kota Padang"
    by_month = beside("preventions?by=month", "count_preventions")["data"]
    assert sum(one["preventions"] for one in by_month) == sum(one["findings"] for one in by_month) == 1
    assert beside("preventions?by=election", "count_preventions", PEMKOT)["sight"] == "own"


@pytest.mark.parametrize(
    ("path", "most"), [("obligations", 3), ("disparity?all=true", 3), ("preventions", 5), ("preventions?by=month", 5)]
)
def test_it_takes_as_many_statements_for_ten_as_for_one(db: None, world: object, path: str, most: int) -> None:
    factories.casefile_at(State.SANCTION_REPORTED)
    examiner = Partner(BKN)
    one = statements(lambda: examiner.get(f"/statistics/{path}"))
    for _ in range(3):
        factories.casefile_at(State.SANCTION_REPORTED)
        factories.prevention()
    assert statements(lambda: examiner.get(f"/statistics/{path}")) == one <= most


def test_a_question_that_is_none_is_told(db: None, world: object) -> None:
    for path in ("obligations?by=", "obligations?by=agency,purpose,party", "obligations?by=office", "disparity?by=form",
                 "preventions?by=agency", "disparity?form=x"):  # fmt: skip
        answer = Partner(AUDITOR).get(f"/statistics/{path}")
        assert (answer.status_code, said(answer)["code"]) == (400, "invalid-query"), path
