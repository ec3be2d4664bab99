"""Faults of the kind that only a crash shows, planted in the product: the crash points find each of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.http import HttpResponse
from pytest_django import Settings

from api.http import idempotency, idempotency_key
from api.models import IdempotencyRecord
from casefiles.references import plain
from casefiles.transitions import perform
from casefiles.transitions.unit import Unit
from delivery import queue
from tests import factories
from tests.delivery.receiver import Wound, listening
from tests.factories import BKN, PADANG, recorded_at_once
from tests.partner import Partner, said
from tests.ready import ready
from tests.sequencing import Sequencing
from tests.simulation.couriers import Courier
from tests.simulation.crashing import PASSING_TABLES, Act, Looker, exhaust, request_of
from tests.simulation.planted import acted
from tests.snapshots import tables
from tests.world import World

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]


def a_note() -> Act:
    case = ready("note")
    path = f"/casefiles/{case.story.casefile}/note"
    return request_of("note", case.who, path, plain(case.given), version=case.story.row.version)


def a_document() -> Act:
    descriptor = {"type": "assessment", "title": "Judul", "media_type": "application/pdf", "size": 1}
    return request_of("document", PADANG, "/documents", {**descriptor, "sha256": "ab" * 32})


def key_after_the_commit(monkeypatch: pytest.MonkeyPatch, _: ExitStack) -> None:
    """The work is committed, and then the key with its answer."""
    performed = idempotency._performed

    def late(request: Any, act: Callable[..., Any], sight: Callable[[Any], Any], first: Any) -> HttpResponse:
        digest = idempotency_key.digest(client=request.actor.client_id, key=request.key)
        if IdempotencyRecord.objects.filter(key_digest=digest).exists():
            return performed(request, act, sight, first)
        with transaction.atomic():
            answer = acted(act, first)
        return performed(request, lambda *_: answer, sight, first)

    monkeypatch.setattr(idempotency, "_performed", late)


class Beside:
    """A connection of its own, which commits each statement; made anew where its backend has ended."""

    def __init__(self) -> None:
        self.own = connections.create_connection("default")

    def cursor(self) -> Any:
        self.own.close_if_unusable_or_obsolete()
        return self.own.cursor()


def entry_outside_of_the_transaction(monkeypatch: pytest.MonkeyPatch, left_open: ExitStack) -> None:
    """Entries are written over a connection beside that of the request."""
    beside = Beside()
    left_open.callback(beside.own.close)
    monkeypatch.setattr("audit.ledger.connection", beside)


def commit_in_the_middle(monkeypatch: pytest.MonkeyPatch, _: ExitStack) -> None:
    """What is written of a step is committed before the answer is kept."""

    undertake = perform.undertake

    def hasty(unit: Unit, **act: Any) -> Any:
        done = undertake(unit, **act)
        unit.write()
        with connection.wrap_database_errors:
            connection.connection.commit()
        return done

    monkeypatch.setattr(perform, "undertake", hasty)


Plant = Callable[[pytest.MonkeyPatch, ExitStack], None]


@pytest.mark.parametrize(
    ("plant", "act", "named"),
    [
        (key_after_the_commit, a_note, "worked and is not kept"),
        (entry_outside_of_the_transaction, a_document, "worked and is not kept"),
        (commit_in_the_middle, a_note, "is kept without an answer"),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_it_is_found(
    plant: Plant, act: Callable[[], Act], named: str, world: World, owner_connection: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with ExitStack() as left_open, recorded_at_once():
        assert act().attempt().done
        planted = replace(act(), rehearsed=False)
        plant(monkeypatch, left_open)
        course = exhaust(planted, by=owner_connection, to_first_fault=True)
    found = next((fault for fault in course.faults if named in fault), "")
    assert any(str(point) in found for point in course.points), course.faults


def cursor_before_its_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cursor moves on when the events are read, and then they are sent."""
    upcoming = queue.upcoming

    def hasty(webhook: Any, *, most: int, now: Any) -> Any:
        found = upcoming(webhook, most=most, now=now)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE delivery_webhook SET cursor = %s WHERE id = %s", [found.looked_until, webhook.pk])
        return found

    monkeypatch.setattr(queue, "upcoming", hasty)


def cursor_after_its_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attempt is noted by one commit, and the cursor moves by the next."""
    execute = queue._execute

    def late(statement: str, given: dict[str, Any]) -> bool:
        if statement != queue._NOTE:
            return execute(statement, given)
        done = execute(statement, {**given, "cursor": -1})
        execute("UPDATE delivery_webhook SET cursor = %(cursor)s WHERE id = %(webhook)s", given)
        return done

    monkeypatch.setattr(queue, "_execute", late)
    monkeypatch.setattr("delivery.queue.transaction.atomic", nullcontext)


@pytest.mark.parametrize(
    ("plant", "named"),
    [(cursor_before_its_event, "these never came"), (cursor_after_its_attempt, "and the cursor is at -1")],
)
def test_it_is_found_of_a_courier(
    plant: Callable[[pytest.MonkeyPatch], None], named: str, sequenced: Sequencing, settings: Settings,
    owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    settings.LINTAS_WEBHOOKS_TO_LOOPBACK = True
    with listening() as receiver:
        webhook = said(Partner(BKN).post("/webhooks", {"url": receiver.url, "after": -1}))["id"]
        Wound().turns()
        factories.story()
        sequenced()
        feed = [item["logindex"] for item in said(Partner(BKN).get("/events"))["data"]]
        act = Courier(webhook, receiver, owner_connection).act("deliver", feed=feed)
        with monkeypatch.context() as planted:
            plant(planted)
            course = exhaust(act, by=owner_connection, to_first_fault=True)
    found = next((fault for fault in course.faults if named in fault), "")
    assert any(str(point) in found for point in course.points), course.faults


def test_a_death_is_compared_in_every_table(world: World, owner_connection: psycopg.Connection) -> None:
    """What was left unseen there would count as nothing left."""
    looker = Looker(owner_connection)
    before = looker.state()
    assert set(before) | PASSING_TABLES == set(tables())
    owner_connection.execute("UPDATE auth_group SET name = name WHERE id = (SELECT min(id) FROM auth_group)")
    assert {name for name, seen in looker.state().items() if seen != before[name]} == {"auth_group"}
