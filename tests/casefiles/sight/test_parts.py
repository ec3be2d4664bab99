"""A list that is read in parts is the whole list: the same rows, each once, newest first, page by page, and counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from api.http import pagination
from api.http.pagination import Window
from api.http.queries import Counted
from audit.ids import first_id, uuid7
from casefiles.flow import State
from casefiles.models import Document, Finding
from casefiles.sight.casefiles import CasefileFilters, casefiles_in_parts, casefiles_seen
from casefiles.sight.documents import DocumentFilters, documents_seen
from casefiles.sight.findings import FindingFilters, findings_seen
from casefiles.sight.referrals import ReferralFilters, referrals_seen
from tests.factories import BKN, OTHER_OFFICE, PADANG, PEMKOT, PROVINCE, Story, actor, casefile_at

pytestmark = pytest.mark.usefixtures("db", "world")

WHO = (BKN, PADANG, PROVINCE, PEMKOT, "bpk", OTHER_OFFICE)


@pytest.fixture
def told() -> Sequence[Story]:
    """Cases that are closed, in examination and in the employer's hands; documents are attached to two of them."""
    return [casefile_at(state) for state in (State.CLOSED, State.UNDER_EXAMINATION, State.RECOMMENDED)]


def _paged(parts: Sequence[QuerySet[Any]], limit: int) -> list[UUID]:
    """All pages of that size, one after the other: a statement each."""
    found: list[UUID] = []
    while True:
        window = Window("/x", 1, Counted(limit=limit), "", (str(found[-1]),) if found else None)
        with CaptureQueriesContext(connection) as asked:
            rows = list(pagination.newest(parts, of=window))
        assert len(asked) == 1
        found += [row.pk for row in rows[:limit]]
        if len(rows) <= limit:
            return found


def _same(parts: Sequence[QuerySet[Any]], whole: QuerySet[Any]) -> list[UUID]:
    expected = list(whole.order_by("-pk").values_list("pk", flat=True))
    for limit in (1, 2, 100):
        assert _paged(parts, limit) == expected
    assert pagination.count(*parts) == {"value": len(expected), "capped": False}
    return expected


def test_casefiles_that_are_in_time(told: Sequence[Story]) -> None:
    due: list[datetime] = sorted(story.row.open_referral.due_at for story in told if story.row.open_referral)
    assert len(due) == 2
    asked = CasefileFilters(overdue=False)
    found = {
        moment: [
            len(_same(casefiles_in_parts(actor(who), asked, now=moment), casefiles_seen(actor(who), asked, now=moment)))
            for who in WHO
        ]
        for moment in (due[0] - timedelta(seconds=1), due[0], due[1])
    }
    # As BKN, auditors and the offices see them; the employer sees what was recommended to it.
    assert [counts[0] for counts in found.values()] == [3, 2, 1]
    assert [counts[-2] for counts in found.values()] == [3, 2, 1]


@pytest.mark.parametrize("who", WHO)
def test_findings_and_documents(who: str, told: Sequence[Story]) -> None:
    caller = actor(who)
    findings = _same(findings_seen(caller, FindingFilters()), Finding.objects.visible_to(caller))
    documents = _same(documents_seen(caller, DocumentFilters()), Document.objects.visible_to(caller))
    assert (bool(findings), bool(documents)) == (who in {BKN, PADANG, PROVINCE, "bpk"}, who != WHO[-1])
    of_office = findings_seen(caller, FindingFilters(origin_office=PADANG))
    assert _paged(of_office, 2) == findings
    assert _paged(findings_seen(caller, FindingFilters(origin_office=PROVINCE)), 2) == []
    attached = [documents_seen(caller, DocumentFilters(attached=is_so)) for is_so in (True, False)]
    assert sorted(ident for parts in attached for ident in _paged(parts, 2)) == sorted(documents)


def test_findings_since_a_moment_are_found_by_their_ids(told: Sequence[Story]) -> None:
    rows = list(Finding.objects.order_by("-pk"))
    for row in rows:
        assert first_id(row.created_at) <= row.pk <= uuid7(row.created_at + timedelta(milliseconds=1))
        since = FindingFilters(changed_since=row.created_at)
        expected = [other.pk for other in rows if other.created_at >= row.created_at]
        assert _paged(findings_seen(actor(BKN), since), 100) == expected
    later = FindingFilters(changed_since=rows[0].created_at + timedelta(milliseconds=1))
    assert _paged(findings_seen(actor(BKN), later), 100) == []


def test_an_early_moment_has_an_id_too() -> None:
    assert first_id(datetime.fromisoformat("1950-01-01T00:00:00Z")) == UUID("00000000-0000-7000-0000-000000000000")


def test_days_of_referrals_bound_where_the_queue_is_read(told: Sequence[Story]) -> None:
    (_, examined, _) = told
    referral = examined.row.open_referral
    assert referral is not None
    day, late = referral.due_on, referral.due_at + timedelta(days=2)

    def found(now: datetime = late, **filters: Any) -> int:
        return referrals_seen(actor(BKN), ReferralFilters(**filters), now=now).count()

    one = timedelta(days=1)
    assert (found(due_from=day), found(due_from=day + one), found(due_before=day), found(due_before=day + one)) == (
        1, 0, 0, 1,
    )  # fmt: skip
    before = referral.due_at - timedelta(milliseconds=1)
    assert (found(overdue=True), found(overdue=False)) == (1, 0)
    assert (found(before, overdue=True), found(before, overdue=False)) == (0, 1)
    asked_by = referral.from_agency.code
    assert (found(from_=asked_by), found(from_=PEMKOT), found(to=PEMKOT), found(to="nobody")) == (1, 0, 1, 0)
