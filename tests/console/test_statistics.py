"""The published tables: the API's numbers, what is withheld said so, and the stamp by which they are quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import get_args

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from agencies.actor import Actor
from audit.models import Access
from casefiles.flow import State
from casefiles.statistics.count import Counted, Question, count
from casefiles.statistics.measures import STANDING, DimensionName, Unit
from console.pages import statistics
from console.pages.statistics import cells_of, linked
from people import persons
from people.models import Person
from tests.conftest import Copies, using
from tests.console.conftest import AUDITOR, EMPLOYER, Arranged, signed_in, text_of
from tests.factories import casefile_at
from tests.sequencing import Sequencing
from tests.signing_in import as_role

pytestmark = pytest.mark.django_db
MORE = 4
"""Casefiles beside those that are arranged for all: so many that some numbers may be shown."""


@pytest.fixture(scope="module")
def sequenced_copy(copies: Copies, arranged: Arranged, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The console's ground with more cases, all with their place in the log."""
    name = copies.make(arranged.database)
    with django_db_blocker.unblock(), using(name):
        for _ in range(MORE):
            casefile_at(State.SUBMITTED)
        Sequencing()()
    yield name
    copies.drop(name)


@pytest.fixture
def _own_database(copies: Copies, sequenced_copy: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), as_role(copies, "console"), using(sequenced_copy):
        yield


def _table(page: str) -> list[list[str]]:
    return [
        [
            re.sub('<span class="hidden">.*?</span>|<[^>]*>', "", cell)
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        ]
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


def test_small_numbers_are_withheld_and_said_to_be(auditor: Client) -> None:
    page = text_of(auditor.get("/statistik"))
    ((_, submitted, *_rest),) = _table(page)
    assert submitted == str(MORE + 4)
    assert "ditahan" in page
    earlier = text_of(auditor.get("/statistik?as_of=0"))
    assert [row[1] for row in _table(earlier)] == ["0"]
    assert "sekarang" in earlier


def test_a_count_is_recorded_and_a_question_that_is_none_is_told(auditor: Client, arranged: Arranged) -> None:
    before = Access.objects.count()
    auditor.get("/statistik?unit=officers")
    (row,) = Access.objects.order_by("pk")[before:]
    assert (row.route, row.shown) == ("console:/statistik", [])
    for hostile in ("by=state", "by=overdue", "unit=cats", "as_of=-1", "as_of=999999999", "as_of=1e99", "publish=false",
                    "submitted_from=2024-02-01&submitted_until=2024-02-01", "submitted_from=2024-02-31"):  # fmt: skip
        assert auditor.get(f"/statistik?{hostile}").status_code == 400, hostile
    assert Access.objects.count() == before + 1


def test_a_count_under_a_log_without_entries_names_no_number(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def counted(question: Question, *, actor: Actor) -> Counted:
        return replace(count(question, actor=actor), index=-1, head=-1)

    monkeypatch.setattr(statistics, "count", counted)
    page = text_of(auditor.get("/statistik"))
    assert "<dt>Nomor log</dt><dd>log masih kosong" in page


def test_a_number_leads_to_the_list_that_it_counts(auditor: Client) -> None:
    """Now and of casefiles only; of another moment or unit there is no such list."""
    actor = persons.actor_of(Person.objects.get(email=AUDITOR))
    question = Question(by=("submitter",))
    counted = count(question, actor=actor)
    for line in counted.rows:
        for head, number, href in linked(question, counted, line, cells_of(line)):
            assert bool(href) == (bool(number) and head in {"Terbuka", "Tidak terbukti", "Ditutup"}), head
            if href:
                assert f"{number} perkara" in unescape(text_of(auditor.get(href))), href
    earlier = count(Question(by=("submitter",), as_of=counted.head - 1), actor=actor)
    assert not any(href for _, _, href in linked(question, earlier, counted.rows[0], cells_of(counted.rows[0])))
    for other in ("/statistik?as_of=0", "/statistik?unit=findings", "/statistik?by=month"):
        rows = unescape(text_of(auditor.get(other))).partition("<tbody>")[2].partition('<tr class="sum"')[0]
        assert "/perkara?" not in rows, other


def test_the_picture_has_the_numbers_of_the_table(auditor: Client) -> None:
    page = text_of(auditor.get("/statistik?by=month"))
    picture = page.partition("<svg viewBox")[2].partition("</svg>")[0]
    assert 'aria-describedby="tabel"' in picture
    shown = [row[1] for row in _table(page)[:-1]]
    assert re.findall(r'<text class="value"[^>]*>([^<]*)<', picture) == shown
