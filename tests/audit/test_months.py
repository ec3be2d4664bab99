"""Reads lie in months: none is refused for want of one, and a month ends as a whole, with an entry of the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from pytest_django import Settings

from audit import access, months
from audit.models import Access
from audit.verify import guards
from casefiles.flow import State
from tests.callers import as_owner
from tests.factories import casefile_at

NOW = datetime.now(UTC)
SHOWN = UUID(int=1)


def _read(at: datetime, *, shown: UUID = SHOWN) -> None:
    access.record(
        at=at, request_id=uuid4(), agency=1, client="bkn-system", route="/casefiles/{id}", purpose="examination",
        shown=[shown],
    )  # fmt: skip


def _rows() -> list[tuple[Any, ...]]:
    return list(Access.objects.order_by("pk").values_list("pk", "at"))


def _lies_in() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM audit_access ORDER BY id")
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture
def begins() -> datetime:
    """The first month that has no part."""
    return months.month_after(NOW, 1)


@pytest.fixture
def owner(transactional_db: None) -> Iterator[None]:
    """Everything as the owner, whose parts these are."""
    with as_owner():
        yield


@pytest.mark.usefixtures("owner")
def test_a_read_whose_month_nobody_made_is_kept_and_its_part_becomes_the_months_it_spans(begins: datetime) -> None:
    late = months.month_after(begins, 2) + timedelta(days=3)
    _read(NOW)
    _read(begins)
    _read(late)
    before = _rows()
    assert _lies_in() == ["audit_access_first", months.REST, months.REST]
    made = months.make_ahead(now=NOW, ahead=4)
    assert made == [f"audit_access_{month:%Y_%m}" for month in (begins, months.month_after(begins, 3))]
    assert _rows() == before
    assert _lies_in() == ["audit_access_first", made[0], made[0]]
    _read(months.month_after(begins, 3))
    assert _lies_in()[-1] == made[1]
    assert months.make_ahead(now=NOW, ahead=4) == []


@pytest.mark.usefixtures("owner")
def test_each_part_is_guarded_as_the_table_is(owner_connection: psycopg.Connection) -> None:
    _read(NOW)
    (made, *_) = months.make_ahead(now=NOW)
    assert guards.guards_of(owner_connection) == guards.expected()
    _read(months.month_after(NOW, 1))
    for part in (made, months.REST, "audit_access_first", months.TABLE):
        for statement in ("TRUNCATE {}", "DELETE FROM {}", "UPDATE {} SET purpose = 'audit'"):
            if part == months.REST and not statement.startswith("TRUNCATE"):
                continue  # it holds nothing
            with (
                pytest.raises(DatabaseError, match="append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement.format(part))


@pytest.mark.django_db
def test_no_part_is_anybody_s_but_the_owner_s() -> None:
    for statement in ("SELECT FROM audit_access_first", "INSERT INTO audit_access_rest (at) VALUES (now())"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        months.make_ahead(now=NOW)


@pytest.fixture
def long_ago(transactional_db: None, world: object) -> UUID:
    """A casefile that was read two months ago and last month, every day sealed; each month is a part of its own."""
    told = casefile_at(State.SUBMITTED)
    first = months.month_after(NOW, 1)
    with as_owner():
        months.make_ahead(now=NOW, ahead=4)
        for month in (0, 1, 2):
            _read(months.month_after(first, month) - timedelta(hours=1), shown=told.casefile)
        access.seal(now=months.month_after(first, 3))
    return told.casefile


def test_the_command_makes_months_and_ends_none(long_ago: UUID, settings: Settings) -> None:
    settings.LINTAS_READS_KEPT_MONTHS = 24
    said = StringIO()
    with as_owner():
        call_command("turn_months", stdout=said)
    assert said.getvalue() == "0 months made: none was missing.\n"
    assert len(_rows()) == 3


def test_reads_end_from_the_oldest_on(long_ago: UUID) -> None:
    with as_owner(), pytest.raises(ValueError, match="audit_access_first is older"):
        months.end(months.parts()[1], order={"id": str(uuid4())}, now=NOW)


def test_reads_come_into_months_unmoved_and_the_service_goes_on_without_new_grants(transactional_db: None) -> None:
    """Back and forth, as a release is taken back and installed again, with reads in two parts."""
    for days in (-90, -1, 0):
        _read(NOW + timedelta(days=days))
    with as_owner():
        months.make_ahead(now=NOW)
    _read(months.month_after(NOW, 1))
    before = _rows()
    for target in ("0008_callers_name_their_requests", "0009_reads_lie_in_months"):
        with as_owner():
            MigrationExecutor(connection).migrate([("audit", target)])
        _read(NOW)
        found = _rows()
        assert found[:-1] == before
        assert found[-1][0] == before[-1][0] + 1
        before = found
        lies_in = _lies_in()
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute("UPDATE audit_access SET purpose = 'audit'")
    # The next month's read came with the others into the first part, which reaches as far.
    assert set(lies_in) == {"audit_access_first"}
