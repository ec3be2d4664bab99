"""Cuplikan angka: which snapshots there are, which is published, and each as the file that the API gives."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from casefiles.flow import State
from casefiles.models import Snapshot
from casefiles.statistics import snapshot_files
from tests import factories
from tests.conftest import Copies, using
from tests.console.conftest import AUDITOR, EMPLOYER, Arranged, signed_in, text_of
from tests.factories import casefile_at
from tests.sequencing import Sequencing
from tests.signing_in import as_role

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
EXAMINER = "pemeriksa@bkn.example"


@pytest.fixture(scope="module")
def frozen_copy(copies: Copies, arranged: Arranged, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Two published snapshots and a draft."""
    name = copies.make(arranged.database)
    with django_db_blocker.unblock(), using(name):
        for _ in range(4):
            casefile_at(State.SUBMITTED)
        Sequencing()()
        factories.snapshot(name="Triwulan II", published=True, now=NOW)
        factories.snapshot(name="Triwulan III <b>", published=True, now=NOW + timedelta(days=1))
        factories.snapshot(name="Rancangan", now=NOW + timedelta(days=2))
    yield name
    copies.drop(name)


@pytest.fixture(autouse=True)
def _own_database(copies: Copies, frozen_copy: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), as_role(copies, "console"), using(frozen_copy):
        yield
        connections.close_all()


def test_a_manager_of_the_examiner_sees_drafts_and_everybody_what_is_published() -> None:
    page = text_of(signed_in(EXAMINER).get("/statistik/cuplikan"))
    assert page.index("Rancangan") < page.index("Triwulan III &lt;b&gt;") < page.index("Triwulan II<")
    assert page.count("ya, yang terbaru") == 1
    newest = Snapshot.objects.get(name="Triwulan III <b>")
    assert f"/angka/{newest.pk}" in page
    for email in (EMPLOYER, AUDITOR):
        shown = text_of(signed_in(email).get("/statistik/cuplikan"))
        assert "Triwulan II<" in shown
        # The auditor here is no manager.
        assert "Rancangan" not in shown, email
        assert "hanya tampil bagi pengelola" in shown


def test_each_is_a_file_as_the_api_gives_it_and_a_draft_is_nobody_elses() -> None:
    manager, employer = signed_in(EXAMINER), signed_in(EMPLOYER)
    for row in Snapshot.objects.select_related("agency"):
        path = f"/statistik/cuplikan/{row.pk}.csv"
        answer = manager.get(path)
        assert (answer.status_code, answer.content) == (200, snapshot_files.csv_of(row))
        assert employer.get(path).status_code == (200 if row.published else 404)
    assert manager.get(f"/statistik/cuplikan/{uuid.uuid4()}.csv").status_code == 404


def test_the_list_is_one_statement_however_many_there_are() -> None:
    manager = signed_in(EXAMINER)
    manager.get("/statistik/cuplikan")
    with CaptureQueriesContext(connection) as told:
        manager.get("/statistik/cuplikan")
    assert len([one for one in told.captured_queries if "casefiles_snapshot" in one["sql"]]) == 1
