"""The published tables: the API's numbers, what is withheld said so, and the stamp by which they are quoted."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from django.test import Client

from audit.models import Access, Leaf
from casefiles.statistics.count import Question, count
from casefiles.statistics.measures import STANDING, DimensionName, Unit
from people import persons
from people.models import Person
from tests.console.conftest import AUDITOR, EMPLOYER, Arranged, signed_in, text_of

pytestmark = pytest.mark.django_db


def _table(page: str) -> list[list[str]]:
    return [
        [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr.*?</tr>", page.partition("<tbody>")[2].partition("</tbody>")[0], re.S)
    ]


@pytest.mark.parametrize("unit", get_args(Unit))
@pytest.mark.parametrize("email", [AUDITOR, EMPLOYER])
def test_the_table_is_what_is_counted_for_publication(arranged: Arranged, unit: Unit, email: str) -> None:
    client, actor = signed_in(email), persons.actor_of(Person.objects.get(email=email))
    for by in (name for name in get_args(DimensionName) if name not in STANDING):
        counted = count(Question(unit=unit, by=(by,), publish=True), actor=actor)
        page = text_of(client.get(f"/statistik?unit={unit}&by={by}"))
        shown = [[("ditahan" if number is None else str(number)) for number in line.numbers.values()]
                 for line in (*counted.rows, counted.totals)]  # fmt: skip
        assert [row[1:] for row in _table(page)] == shown
        assert counted.digest in page
        assert f"<dd>{counted.index}" in page


def test_small_numbers_are_withheld_and_said_to_be(auditor: Client, arranged: Arranged) -> None:
    assert Leaf.objects.count() == 0 or "ditahan" in text_of(auditor.get("/statistik"))


def test_a_count_is_recorded_and_a_question_that_is_none_is_told(auditor: Client, arranged: Arranged) -> None:
    before = Access.objects.count()
    auditor.get("/statistik?unit=officers")
    (row,) = Access.objects.order_by("pk")[before:]
    assert (row.route, row.shown) == ("console:/statistik", [])
    for hostile in ("by=state", "by=overdue", "unit=cats", "as_of=-1", "as_of=999999999", "as_of=1e99", "publish=false",
                    "submitted_from=2024-02-01&submitted_until=2024-02-01", "submitted_from=2024-02-31"):  # fmt: skip
        assert auditor.get(f"/statistik?{hostile}").status_code == 400, hostile
    assert Access.objects.count() == before + 1
