"""Reads against their seals: what is taken away, changed or put in is named; a day that should be sealed is missed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from psycopg import sql
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from audit import access, ledger, months
from audit.models import Access, AccessDay, Entry
from casefiles.operations import erasers
from tests.audit.verify.conftest import Copy
from tests.callers import as_owner
from tests.conftest import using

OLD = datetime(2024, 10, 3, 12, tzinfo=UTC)


def _read(at: datetime) -> None:
    access.record(
        at=at, request_id=uuid4(), agency=1, client="bkn-system", route="/casefiles/{id}", purpose="examination",
        shown=[UUID(int=1)],
    )  # fmt: skip


# -- sealing -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_finished_day_with_reads_is_sealed_once_an_hour_after_its_end() -> None:
    for days in (0, 0, 5, 6):
        _read(OLD + timedelta(days=days))
    ends = datetime(2024, 10, 10, tzinfo=UTC)
    assert access.seal(now=ends + timedelta(minutes=59)) == 2
    assert access.seal(now=ends + timedelta(hours=1)) == 1
    assert access.seal(now=ends + timedelta(hours=2)) == 0
    assert [(seal.number, seal.day.isoformat(), len(seal.rows) // 40) for seal in AccessDay.objects.order_by("pk")] == [
        (1, "2024-10-03", 2), (2, "2024-10-08", 1), (3, "2024-10-09", 1),
    ]  # fmt: skip
    assert Entry.objects.filter(stream=access.STREAM).count() == 3


@pytest.mark.django_db
def test_a_clock_that_runs_behind_puts_no_read_into_a_sealed_day() -> None:
    _read(OLD)
    assert access.seal(now=OLD + timedelta(days=2)) == 1
    _read(OLD + timedelta(seconds=1))
    assert Access.objects.latest("pk").at == datetime(2024, 10, 4, tzinfo=UTC)


@pytest.mark.django_db
def test_a_record_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    access.seal(now=OLD)
    with django_assert_num_queries(1):
        _read(OLD)


# -- verifying ---------------------------------------------------------------------------------------------------------


def _days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()


def test_a_whole_day_with_its_reads_taken_away_is_named(edited: Copy) -> None:
    edited.tamper("DELETE FROM audit_access WHERE at::date = (SELECT day FROM audit_accessday WHERE number = 1)")
    said = edited.verify()
    assert said.exit == 1
    assert len(said.named(code="row-missing", table="audit_access", why=_days_ago(4))) == 3
    edited.tamper("DELETE FROM audit_accessday WHERE number = 1")
    assert edited.verify().named(code="row-missing", table="audit_accessday", row=1)


def test_a_read_put_into_a_day_without_any_is_named(edited: Copy) -> None:
    copied = "SELECT request_id, agency, client, route, purpose, shown FROM audit_access LIMIT 1"
    edited.tamper(
        "INSERT INTO audit_access (id, at, request_id, agency, client, route, purpose, shown) OVERRIDING SYSTEM VALUE "  # noqa: S608
        f"SELECT 1000, now() - interval '3 days', c.* FROM ({copied}) c"
    )
    said = edited.verify()
    assert (said.exit, len(said.named(code="row-extra", table="audit_access", row=1000))) == (1, 1)


def test_a_list_changed_with_its_reads_is_named_once(edited: Copy) -> None:
    """The next seal names the list that was: it is not blamed for the one that stands there now."""
    edited.tamper("DELETE FROM audit_access WHERE id = (SELECT min(id) FROM audit_access)")
    edited.tamper("UPDATE audit_accessday SET rows = substr(rows, 41) WHERE number = 1")
    said = edited.verify()
    assert [(one["code"], one["table"], one["row"]) for one in said.said["findings"]] == [
        ("record-differs", "audit_accessday", 1)
    ]


def test_a_read_of_a_day_that_is_not_sealed_yet_is_not_missed(edited: Copy) -> None:
    edited.tamper("DELETE FROM audit_access WHERE id = (SELECT max(id) FROM audit_access)")
    assert edited.verify().exit == 0


def test_a_day_that_nobody_sealed_decides_nothing(edited: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Today's reads, looked at two days later: the clock that seals them must have stood still."""
    later = datetime.now(UTC) + timedelta(days=2)
    monkeypatch.setattr("audit.verify.clock.now", lambda: later)
    said = edited.verify()
    (unsealed,) = said.named(code="accesses-unsealed", table="audit_access", why=_days_ago(0))
    assert (said.exit, unsealed["number"]) == (2, 1)


def test_reads_whose_time_is_over_are_not_missed_and_what_is_left_of_their_days_is(
    copy: Copy, django_db_blocker: DjangoDbBlocker
) -> None:
    kept = copy.owner.execute("SELECT * FROM audit_access WHERE at < now() - interval '3 days'").fetchone()
    _ended(copy, django_db_blocker, _ordered())
    said = copy.verify()
    assert (said.exit, said.said["checked"]["ended"], said.said["checked"].get("accesses", 0)) == (0, 5, 0)
    assert kept is not None
    put_back = sql.SQL("INSERT INTO audit_access OVERRIDING SYSTEM VALUE VALUES ({})")
    copy.tamper(put_back.format(sql.SQL(", ").join(map(sql.Literal, kept))))
    said = copy.verify()
    assert said.exit == 1
    assert len(said.named(code="row-missing", table="audit_access", why=_days_ago(4))) == 2


def _ordered(*persons: str, **changed: Any) -> dict[str, Any]:
    """An order to end the reads up to next month, signed by these persons, or by two; some of it changed afterwards."""
    order = erasers.make_months_order(
        ident=uuid4(), origin=settings.LINTAS_LOG_ORIGIN, until=months.month_after(datetime.now(UTC), 1).date(),
        reads=5, head="ab" * 32, reason="retention_elapsed", basis="Keputusan 1/2026", now=datetime.now(UTC),
    )  # fmt: skip
    for name in persons or ("arsip-1", "hukum-2"):
        order = erasers.add_signature(order, name=name, private=Ed25519PrivateKey.generate())
    return {**order.plain(), **changed}


def _ended(copy: Copy, django_db_blocker: DjangoDbBlocker, order: dict[str, Any]) -> None:
    with django_db_blocker.unblock(), using(copy.owner.info.dbname), as_owner():
        months.end(months.parts()[0], order=order, now=datetime.now(UTC))


UNORDERED: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "one person": (lambda: _ordered("arsip-1"), "signatures"),
    "nobody": (lambda: _ordered(signatures=[]), "signatures"),
    "one person twice": (lambda: _ordered(signatures=_ordered("arsip-1")["signatures"] * 2), "signatures"),
    "signatures of another order": (lambda: _ordered(signatures=_ordered()["signatures"]), "signatures"),
    "signatures that are none": (lambda: _ordered(signatures=[{"name": "arsip-1"}, 7]), "signatures"),
    "an order that was changed": (lambda: _ordered(reads=4), "signatures"),
    "an order for fewer months": (lambda: _ordered(until="2020-01-01"), "until"),
    "another log's": (lambda: _ordered(origin="elsewhere/log/1"), "origin"),
    "no order": (lambda: {"id": "1", "until": "2026-12-01"}, "format"),
}


def test_ends_without_an_order_of_two_are_named(copy: Copy, django_db_blocker: DjangoDbBlocker) -> None:
    """The entries are there, as an owner of the database can write them; the orders in them do not hold."""
    until = months.month_after(datetime.now(UTC), 1).date().isoformat()
    with django_db_blocker.unblock(), using(copy.owner.info.dbname), as_owner(), transaction.atomic():
        for order, _ in UNORDERED.values():
            given = order()
            state = {"until": until, "order": given["id"]}
            ledger.append_open(
                stream=months.STREAM, kind=months.KIND, given=given, state=state, now=datetime.now(UTC)
            )  # fmt: skip
    said = copy.verify()
    assert [(one["code"], one["seq"], one["why"]) for one in said.said["findings"]] == [
        ("ended-unordered", seq, why) for seq, (_, why) in enumerate(UNORDERED.values(), start=1)
    ]
    assert said.exit == 1


def test_months_that_one_person_ended_are_named_once(copy: Copy, django_db_blocker: DjangoDbBlocker) -> None:
    """By the entry, and not by each of their reads."""
    _ended(copy, django_db_blocker, _ordered("arsip-1"))
    said = copy.verify()
    assert [(one["code"], one["stream"]) for one in said.said["findings"]] == [("ended-unordered", str(months.STREAM))]
    assert said.exit == 1


def test_an_end_whose_order_was_taken_out_of_the_database_is_named(
    copy: Copy, django_db_blocker: DjangoDbBlocker
) -> None:
    _ended(copy, django_db_blocker, _ordered())
    copy.owner.execute("ALTER TABLE audit_opening DISABLE TRIGGER ALL")
    copy.owner.execute(
        "DELETE FROM audit_opening WHERE entry_id IN (SELECT id FROM audit_entry WHERE stream = %s)", [months.STREAM]
    )
    said = copy.verify()
    assert said.exit == 1
    assert said.named(code="ended-unordered", why="format")


def test_a_month_taken_away_without_an_entry_is_missed(copy: Copy) -> None:
    copy.owner.execute("DROP TABLE audit_access_first")
    said = copy.verify()
    assert (said.exit, len(said.named(code="row-missing", table="audit_access"))) == (1, 5)


def test_the_reader_may_read_seals_and_not_make_them(edited: Copy) -> None:
    with psycopg.connect(edited.reader) as reader:
        assert reader.execute("SELECT count(*) FROM audit_accessday").fetchone() == (2,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("INSERT INTO audit_accessday VALUES (9, '2024-10-01', '', '')")
