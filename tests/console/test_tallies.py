"""The overview of an agency that sees very many casefiles: kept with its moment, counted anew by the worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from casefiles.models import Casefile
from console import tallies
from console.models import Tally
from people import persons
from people.models import Person
from tests.conftest import Copies
from tests.console.conftest import AUDITOR, Arranged, signed_in, text_of
from tests.console.exporting import _folder, _own_database, work  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db(transaction=True)


def _overview() -> str:
    return text_of(signed_in(AUDITOR).get("/"))


def test_what_is_counted_quickly_is_not_kept(arranged: Arranged) -> None:
    assert "Menurut hitungan" not in _overview()
    assert not Tally.objects.exists()


def test_what_takes_long_is_kept_with_its_moment_and_equals_a_count(
    arranged: Arranged, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "KEPT_FROM_S", 0)
    actor = persons.actor_of(Person.objects.get(email=AUDITOR))
    now = timezone.now()
    counted = tallies.of(actor, now=now)
    kept = tallies.of(actor, now=now + timedelta(seconds=59))
    assert counted is not None
    assert kept is not None
    assert (counted.is_kept, kept.is_kept) == (False, True)
    assert kept.overview == counted.overview
    assert kept.weeks == counted.weeks
    assert kept.at == now
    assert not ProcrastinateJob.objects.filter(task_name="console.tasks.count_overview").exists()

    # A minute later it is shown all the same, and the worker is asked once.
    page = _overview()
    with time_machine.travel(now + timedelta(seconds=61), tick=False):
        for _ in range(2):
            assert "Menurut hitungan" in _overview()
    assert "Menurut hitungan" in page
    (job,) = ProcrastinateJob.objects.filter(task_name="console.tasks.count_overview")
    assert job.args == {"agency": actor.agency_id}
    work(copies)
    row = Tally.objects.get()
    assert row.counted_at > now
    assert row.asked_at is None


def test_what_takes_longer_than_a_request_may_is_counted_by_the_worker(
    arranged: Arranged, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "KEPT_FROM_S", 0)
    count = tallies.count

    def slow(*given: object, **asked: object) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '20ms'")
            try:
                cursor.execute("SELECT pg_sleep(5)")
            finally:
                cursor.execute("RESET statement_timeout")

    monkeypatch.setattr(tallies, "count", slow)
    answer = signed_in(AUDITOR).get("/")
    assert "Angka sedang dihitung" in text_of(answer)
    assert answer.headers["Refresh"] == "5"
    monkeypatch.setattr(tallies, "count", count)
    work(copies)
    page = _overview()
    assert "Menurut hitungan" in page
    assert str(Casefile.objects.exclude(state="closed").count()) in page
