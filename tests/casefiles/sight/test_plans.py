"""A filter that names an agency compares with a value: a join would keep an index from giving the order of the list."""

from typing import Any

import pytest
from django.utils import timezone

from casefiles.flow import State
from casefiles.sight.casefiles import CasefileFilters, casefiles_seen
from tests.factories import BKN, PADANG, PEMKOT, actor, casefile_at

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
