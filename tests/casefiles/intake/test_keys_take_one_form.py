"""What was stored under older keys takes today's form; facts, log and the append-only trigger stay."""

import importlib
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection

from casefiles.flow.finding import Reference
from casefiles.models import Finding, Payload
from tests import callers
from tests.factories import OTHER_OFFICE, at, known_subject, submit

MIGRATION = importlib.import_module("casefiles.migrations.0010_keys_take_one_form")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]


def migrate(step: Callable[..., None]) -> None:
    step(None, SimpleNamespace(connection=connection))


def test_old_keys_are_made_anew_and_two_that_become_one_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    one = submit(register_number="006\u2044TM")
    twin = submit(register_number="007/TM", now=at(date(2024, 12, 1)))
    elsewhere = submit(by=OTHER_OFFICE, register_number="006/TM")
    with callers.as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE casefiles_finding DISABLE TRIGGER rows_stay")
        cursor.execute("UPDATE casefiles_finding SET register_key = '006\u2044TM' WHERE id = %s", [one.finding])
        cursor.execute(
            "UPDATE casefiles_finding SET register_number = '006\u2215tm', register_key = '006\u2215TM' WHERE id = %s",
            [twin.finding],
        )
        cursor.execute("ALTER TABLE casefiles_finding ENABLE ALWAYS TRIGGER rows_stay")
        migrate(MIGRATION.findings)
        migrate(MIGRATION.findings)
        with pytest.raises(DatabaseError, match="append-only"):
            cursor.execute("UPDATE casefiles_finding SET register_key = 'x' WHERE id = %s", [one.finding])
    keys = dict(Finding.objects.values_list("pk", "register_key"))
    assert keys == {one.finding: "006/TM", twin.finding: "006\u2215TM", elsewhere.finding: "006/TM"}
    assert str(twin.finding) in capsys.readouterr().out


def test_old_keys_of_names_and_references_follow_from_the_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MIGRATION, "BATCH", 1)
    references = (Reference(system="sbt", value="\uff11/2"),)
    for name in ("Dr. Nur'aini, S.Pd.", "Biasa"):
        submit(references=references, subjects=(known_subject(name=name),))
    with callers.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE casefiles_payload SET name_key = 'dr. nur''aini, s.pd.', reference_keys = '{sbt:\uff112}' "
            "WHERE name_key = 'nuraini'"
        )
        migrate(MIGRATION.payloads)
    kept = Payload.objects.exclude(name_key="").order_by("pk").values_list("name_key", "reference_keys")
    assert list(kept) == [("nuraini", ["sbt:12"]), ("biasa", ["sbt:12"])]
