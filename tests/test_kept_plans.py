"""What a session has planned outlives a refusal (`config.postgresql`)."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from django.db import DataError, NotSupportedError, connection, transaction

from tests.callers import as_owner

PLANNED_AFTER = 4
"""Executions after which psycopg prepares a statement: `prepare_threshold`, and the one that does it."""


def _planned() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%%kept_plan%%'")
        return [row[0] for row in cursor.fetchall() if "pg_prepared_statements" not in row[0]]


def _ask(number: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::int AS kept_plan", [number])
        answered: int = cursor.fetchone()[0]
    return answered


def _refused_by_us() -> None:
    with transaction.atomic():
        _ask(1)
        transaction.set_rollback(True)


def _refused_by_the_database() -> None:
    with pytest.raises(DataError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def _taken_back_to_a_savepoint() -> None:
    with transaction.atomic():
        before = transaction.savepoint()
        _ask(1)
        transaction.savepoint_rollback(before)
        assert _ask(2) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("refuse", [_refused_by_us, _refused_by_the_database, _taken_back_to_a_savepoint])
def test_a_rollback_forgets_no_plan(refuse: Callable[[], None]) -> None:
    for number in range(PLANNED_AFTER):
        _ask(number)
    planned = _planned()
    assert len(planned) == 1
    refuse()
    assert _planned() == planned
    assert _ask(5) == 5


@pytest.mark.django_db(transaction=True)
def test_whatever_drops_an_object_forgets_them_all() -> None:
    """A statement that named it would fail with an error that says nothing to anybody."""
    with as_owner():
        for number in range(PLANNED_AFTER):
            _ask(number)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept_plan_of (number int)")
            for _ in range(PLANNED_AFTER):
                cursor.execute("SELECT count(*) FROM kept_plan_of")
            assert len(_planned()) == 2
            cursor.execute("DROP TABLE kept_plan_of")
        assert _planned() == []
        assert _ask(6) == 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mended_by", ["the rollback", "the end of the request"])
def test_a_plan_that_a_migration_outdated_fails_once(owner_connection: psycopg.Connection, mended_by: str) -> None:
    """The release before runs on while another session migrates: its next request has to be answered."""
    owner_connection.execute("CREATE TABLE kept_plan_of (number int)")
    owner_connection.execute("GRANT SELECT ON kept_plan_of TO PUBLIC")

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM kept_plan_of")

    for _ in range(PLANNED_AFTER + 1):
        ask()
    owner_connection.execute("ALTER TABLE kept_plan_of ADD COLUMN further int")
    if mended_by == "the rollback":
        with pytest.raises(NotSupportedError), transaction.atomic():
            ask()
    else:
        with pytest.raises(NotSupportedError):
            ask()
        connection.close_if_unusable_or_obsolete()
    ask()
