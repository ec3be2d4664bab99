"""A filter that names an agency compares with a value: a join would keep an index from giving the order of the list.

Which index each filter has. That PostgreSQL takes it where there is much to read is measured (benchmarks/README.md);
that it can is tested here, with all else that it might do forbidden.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from casefiles.flow import State
from casefiles.sight.casefiles import CasefileFilters, casefiles_seen
from casefiles.sight.documents import DocumentFilters, documents_seen
from casefiles.sight.referrals import ReferralFilters, referrals_seen
from tests.factories import BKN, PADANG, PEMKOT, actor, casefile_at, document

pytestmark = pytest.mark.usefixtures("db", "world")

FILTERS: dict[str, dict[str, Any]] = {
    "employer": {"employer": PEMKOT},
    "submitter": {"submitter": PADANG},
    "examiner": {"examiner": BKN},
    "mandate": {"mandate": "examining-2024"},
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_by_code_finds_the_same_and_joins_nothing(name: str) -> None:
    told = casefile_at(State.RECOMMENDED)
    plain, asked, unknown = (
        casefiles_seen(actor(BKN), CasefileFilters(**filters), now=timezone.now())
        for filters in ({}, FILTERS[name], {name: "nobody"})
    )
    assert list(asked.values_list("pk", flat=True)) == [told.casefile]
    assert list(unknown) == []
    assert str(asked.query).count(" JOIN ") == str(plain.query).count(" JOIN ")


# The index of a filter, and what else would do in a small table.
INDEXES: dict[str, tuple[dict[str, Any], str, str]] = {
    "form": ({"form": "like"}, "casefile_by_form", "enable_nestloop, enable_mergejoin"),  # joined, then sorted
    "violation_class": ({"violation_class": "code_of_ethics"}, "casefile_by_class", "enable_sort, enable_bitmapscan"),
    "outcome": ({"outcome": ("annulled",)}, "casefile_by_outcome", "enable_sort, enable_bitmapscan"),
    "turn": ({"turn": "me"}, "open_referral_by_turn", "enable_sort, enable_bitmapscan"),
}


@pytest.mark.parametrize("name", INDEXES)
def test_a_filter_has_an_index(name: str) -> None:
    filters, index, but_not = INDEXES[name]
    # An auditor sees everything, so that nothing but the filter decides.
    rows = casefiles_seen(actor("bpk"), CasefileFilters(**filters), now=timezone.now()).order_by("-pk")[:101]
    with connection.cursor() as cursor:
        for way in ("enable_seqscan", *but_not.split(", ")):
            cursor.execute(f"SET LOCAL {way} = off")
    assert index in rows.explain()


def test_all_turns_are_read_in_their_order() -> None:
    """Whoever holds them and however they stand: a page is read from the index, and nothing is sorted."""
    asked = ReferralFilters(to="any", status="any")
    rows = referrals_seen(actor("bpk"), asked, now=timezone.now()).order_by("due_at", "id")[:101]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    assert "referral_by_due" in (plan := rows.explain())
    assert "Sort" not in plan


@pytest.mark.parametrize(
    ("filters", "parts"), [({}, 2), ({"attached": True}, 2), ({"attached": False}, 1), ({"sha256": "ab" * 32}, 1)]
)
def test_what_only_an_owner_may_find_is_looked_for_among_its_own(filters: dict[str, Any], parts: int) -> None:
    casefile_at(State.RECOMMENDED)
    loose = document(BKN, "assessment")
    for agency in (BKN, "bpk", PADANG):
        found = documents_seen(actor(agency), DocumentFilters(**filters))
        assert len(found) == parts
        if filters == {"attached": False}:
            assert [row.pk for rows in found for row in rows] == ([loose] if agency == BKN else [])


def test_whose_turn_it_is_and_what_is_overdue_are_read_from_the_open_referral() -> None:
    told = casefile_at(State.RECOMMENDED)
    referral = told.row.open_referral
    assert referral is not None
    due_at = referral.due_at

    def found(who: str, after: timedelta = timedelta(), **filters: Any) -> list[Any]:
        asked = CasefileFilters(**filters)
        return list(casefiles_seen(actor(who), asked, now=due_at + after).values_list("pk", flat=True))

    mine: list[Any] = [told.casefile]
    nothing: list[Any] = []
    assert (found(PEMKOT, turn="me"), found(BKN, turn=PEMKOT), found(BKN, turn="me")) == (mine, mine, nothing)
    assert (found(BKN, overdue=True), found(BKN, overdue=False)) == (mine, nothing)
    before = timedelta(milliseconds=-1)
    assert (found(BKN, before, overdue=True), found(BKN, before, overdue=False)) == (nothing, mine)


def test_postgresql_is_told_that_queues_are_long() -> None:
    """Else it sorts the whole queue of an examiner, because most agencies' queues are short (benchmarks/README.md)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attoptions FROM pg_attribute WHERE attrelid = 'casefiles_referral'::regclass "
            "AND attname = 'to_agency_id'"
        )
        assert cursor.fetchone() == (["n_distinct=20"],)
