"""Migrations of a database that holds cases: back and forth, nothing that was recorded is lost or made up."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from casefiles.flow import State
from casefiles.flow.finding import Reference
from casefiles.models import Payload, Referral
from tests import callers
from tests.casefiles.flow.test_afterwards import correct
from tests.factories import NAME, PADANG, casefile_at, known_subject
from tests.reconciling import nothing_is_left_over, reconcile
from tests.snapshots import snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]

BEFORE_KEYS = "0009_zero_reports"
OLD_KEYS = "UPDATE casefiles_payload SET name_key = lower(facts #>> '{subject,name}') WHERE name_key <> ''"


def _migrate(target: str) -> None:
    MigrationExecutor(connection).migrate([("casefiles", target)])


def _migrate_all() -> None:
    """Forth again, and with it what went back because it stands on casefiles."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_a_database_with_cases_goes_back_before_the_keys_and_forth_again() -> None:
    name = "Dr. " + NAME + ", S.Pd."
    told = casefile_at(
        State.AWAITING_SANCTION,
        references=(Reference(system="sbt", value="2024-001"),),
        subjects=(known_subject(name=name),),
        through=("accept", "recommend", "acknowledge", "extend"),
    )
    correct(told, "#/finding/forwarded_on", "2024-10-06", by=PADANG)
    before, dues = snapshot(), _dues()
    keys = set(Payload.objects.values_list("name_key", flat=True))
    with callers.as_owner():
        _migrate(BEFORE_KEYS)
        with connection.cursor() as cursor:
            assert "original_due_on" not in _columns(cursor)
            cursor.execute(OLD_KEYS)
        _migrate_all()
        # As after every migration: a column that is new has no rights yet.
        call_command("grant_roles", verbosity=0)
    assert _dues() == dues
    assert set(Payload.objects.values_list("name_key", flat=True)) == keys
    after = snapshot()
    # A column that is dropped and added again stands at the end of its row: the count tells, not the hash.
    moved = {"casefiles_referral", "django_migrations"}
    assert {table: after[table] for table in after if table not in moved} == {
        table: before[table] for table in before if table not in moved
    }
    assert after["casefiles_referral"][0] == before["casefiles_referral"][0]
    reconcile(told.casefile)
    nothing_is_left_over()
    told.do("report-sanction")


def _dues() -> list[Any]:
    return list(
        Referral.objects.order_by("opened_seq").values_list("purpose", "due_on", "original_due_on", "missed_due_on")
    )


def _columns(cursor: Any) -> set[str]:
    table = connection.introspection.get_table_description(cursor, "casefiles_referral")
    return {column.name for column in table}
