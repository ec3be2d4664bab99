"""A hold is an entry and what it opens to: whoever takes it away, or says that it was lifted, is noticed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from audit import holds
from tests.audit.verify.conftest import Copy
from tests.callers import as_owner
from tests.conftest import using

OF_HOLDS = f"entry_id IN (SELECT id FROM audit_entry WHERE stream = '{holds.STREAM}')"  # noqa: S608 - a constant


@pytest.fixture
def held(copy: Copy, django_db_blocker: DjangoDbBlocker) -> Copy:
    """A copy with a hold on an agency, whose append-only triggers an insider put to sleep."""
    asked = holds.Asked(agency="pemkot-padang", reason="audit", letter="S-12/2026", by="hukum-2")
    with django_db_blocker.unblock(), using(copy.owner.info.dbname), as_owner(), transaction.atomic():
        holds.set_hold(asked, now=datetime.now(UTC))
    assert copy.verify().exit == 0
    copy.owner.execute("ALTER TABLE audit_opening DISABLE TRIGGER USER")
    return copy


@pytest.mark.parametrize(
    "statement",
    [
        f"DELETE FROM audit_opening WHERE {OF_HOLDS}",  # noqa: S608 - a constant
        f"UPDATE audit_opening SET state = jsonb_set(state, '{{held}}', 'false') WHERE {OF_HOLDS}",  # noqa: S608
        f"UPDATE audit_opening SET state = jsonb_set(state, '{{agency}}', '\"bkn\"') WHERE {OF_HOLDS}",  # noqa: S608
    ],
    ids=["taken away", "called lifted", "moved to another agency"],
)
def test_a_hold_that_was_tampered_with_is_named(held: Copy, statement: str) -> None:
    assert held.tamper(statement) == 1
    said = held.verify()
    assert said.exit == 1
    assert {one["stream"] for one in said.said["findings"]} == {str(holds.STREAM)}
