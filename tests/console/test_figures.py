"""Angka: the newest published snapshot for everybody, as it was frozen, from caches, and as a file."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from casefiles.flow import State
from casefiles.models import Snapshot
from casefiles.statistics import snapshots
from tests import factories
from tests.conftest import Copies, using
from tests.console.conftest import Arranged, text_of
from tests.factories import BKN, casefile_at
from tests.sequencing import Sequencing
from tests.signing_in import as_role

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def published_copy(copies: Copies, arranged: Arranged, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Two published snapshots and one that is not, of a few more cases than there were."""
    name = copies.make(arranged.database)
    with django_db_blocker.unblock(), using(name):
        for _ in range(4):
            casefile_at(State.SUBMITTED)
        Sequencing()()
        factories.snapshot(name="Triwulan II", published=True, now=NOW)
        factories.snapshot(by=BKN, name="Triwulan III <b>", published=True, now=NOW + timedelta(days=1))
        factories.snapshot(name="Rancangan", now=NOW + timedelta(days=2))
    yield name
    copies.drop(name)


@pytest.fixture(autouse=True)
def _own_database(copies: Copies, published_copy: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), as_role(copies, "console"), using(published_copy):
        yield


def test_moments_are_told_in_the_capitals_zone_and_totals_stand_under_their_heads() -> None:
    """Nobody knows where the reader is; what a unit does not count has a cell all the same."""
    page = text_of(Client().get("/angka"))
    assert f"{NOW + timedelta(days=1):%-d} November 2026 pukul 10.00 WIB" in page
    assert "UTC" not in page
    (totals,) = re.findall(r'<section aria-labelledby="semua">.*?</section>', page, re.S)
    heads = re.findall(r'<th scope="col" class="number">([^<]*)</th>', totals)
    for line in re.findall(r'<tr><th scope="row">.*?</tr>', totals, re.S):
        assert re.findall(r'data-label="([^"]*)"', line) == heads
    assert totals.count('class="number none"') == 2, "casefiles and findings are not counted by unknown officers"


def test_the_newest_published_one_is_shown_with_its_moment_and_root() -> None:
    row = snapshots.newest()
    assert row is not None
    assert row.name == "Triwulan III <b>"
    content = snapshots.read(row)
    page = text_of(Client().get("/angka"))
    assert "Triwulan III &lt;b&gt;" in page
    for told in (content["root"], snapshots.digest_of(row), str(content["as_of"]["index"]), content["origin"]):
        assert told in page
    (total,) = (one for one in content["totals"] if one["unit"] == "casefiles")
    assert f">{total['numbers']['submitted']}</td>" in page
    assert "ditahan" in page
    assert '<svg viewBox="0 0 720' in page
    assert "Rancangan" not in page
    assert "Triwulan II<" in page
    english = text_of(Client().get("/en/angka"))
    assert "withheld" in english


def test_an_earlier_one_keeps_its_address_and_an_unpublished_one_has_none() -> None:
    first = Snapshot.objects.get(name="Triwulan II")
    page = text_of(Client().get(f"/angka/{first.pk}"))
    assert "Ini bukan cuplikan yang terbaru" in page
    draft = Snapshot.objects.get(name="Rancangan")
    for path in (f"/angka/{draft.pk}", f"/angka/{draft.pk}.csv", f"/angka/{uuid.uuid4()}", f"/en/angka/{draft.pk}"):
        assert Client().get(path).status_code == 404, path


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_file_has_what_the_page_has_and_a_cache_keeps_both(prefix: str) -> None:
    row = snapshots.newest()
    assert row is not None
    for path in ("/angka", "/angka.csv", f"/angka/{row.pk}", f"/angka/{row.pk}.csv"):
        with CaptureQueriesContext(connection) as told:
            answer = Client().get(f"{prefix}{path}")
        assert (answer.status_code, answer["Cache-Control"][:19]) == (200, "public, max-age=300"), path
        assert len(told) <= 2, path
        assert not answer.cookies
        again = Client().get(f"{prefix}{path}", headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        if path.endswith(".csv"):
            lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
            assert {line["digest"] for line in lines} == {snapshots.digest_of(row)}
            assert not [line for line in lines if line["table"] != "handling" and line["number"] in {*"1234"}]
