"""Webhooks, whoever dies at whichever statement: the client's acts are sent again, the courier's round is run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import orjson
import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from delivery import queue, schedule
from delivery.models import Delivery, Webhook
from tests import factories
from tests.callers import as_courier
from tests.delivery.mailbox import CONTACT, taking_mail
from tests.delivery.receiver import Receiver, Wound, echo, listening
from tests.factories import BKN, PEMKOT
from tests.partner import Partner, call, said
from tests.sequencing import Sequencing
from tests.simulation.couriers import Courier
from tests.simulation.crashing import Act, Course, Looker, call_of, command_of
from tests.vendors import VENDOR, delegated
from tests.world import World

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

ACCEPTED = "lintas.casefile.accepted"


@pytest.fixture(autouse=True)
def here(ground: None, settings: Settings) -> None:
    """Receivers on this machine may be registered."""
    settings.LINTAS_WEBHOOKS_TO_LOOPBACK = True


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as one:
        yield one


def register(url: str, **more: Any) -> str:
    """A webhook of the examiner's from the beginning of the log; its id."""
    answer = Partner(BKN).post("/webhooks", {"url": url, "after": -1, **more})
    assert answer.status_code == 201, answer.content
    return str(said(answer)["id"])


def feed(*types: str) -> list[int]:
    """The indices of the examiner's feed, of these types or of all."""
    items = said(Partner(BKN).get("/events"))["data"]
    return [item["logindex"] for item in items if not types or item["type"] in types]


def kinds(webhook: str) -> list[str]:
    """What the log says of it, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM audit_entry WHERE stream = %s ORDER BY seq", [webhook])
        return [orjson.loads(body)["kind"].removeprefix("webhook.") for (body,) in cursor.fetchall()]


# -- what its client sends ---------------------------------------------------------------------------------------------


def registration_of(url: str) -> Act:
    """A registration, sent until it is answered: its key is kept with the webhook, and its answer is not."""
    partner, key = Partner(BKN), "c" * 32
    return call_of("register webhook", lambda: partner.post("/webhooks", {"url": url}, key=key))


def test_what_its_client_sends_is_done_once(
    survives: Callable[[Act], Course], sequenced: Sequencing, receiver: Receiver
) -> None:
    """A request that has no key is done again where it is sent again, and what it leaves is what it asked for."""
    factories.story()
    sequenced()
    examiner = Partner(BKN)
    survives(registration_of(receiver.url))
    row = Webhook.objects.get()
    home = f"/webhooks/{row.pk}"
    assert kinds(str(row.pk)) == ["registered"]
    assert [one.kind for one in Delivery.objects.all()] == ["challenge"]

    def sends(name: str, method: str, path: str, body: Any = None, again: int | None = None) -> None:
        survives(call_of(name, lambda: call(method, path, token=examiner.token, body=body), again=again))
        row.refresh_from_db()

    sends("ping an unproven webhook", "POST", f"{home}/ping", {})
    assert [one.status for one in Delivery.objects.order_by("pk")] == ["failed", "failed", "pending"], (
        "one is asked for"
    )
    Wound().turns()
    row.refresh_from_db()
    assert row.status == "active"

    sends("ping", "POST", f"{home}/ping", {})
    assert Delivery.objects.filter(kind="ping", asked_at__isnull=False).count() == 2, "one for each that was done"
    sends("new secret", "POST", f"{home}/secret", {})
    assert row.secrets == 3
    sends("replay", "POST", f"{home}/replay", {"from_index": 0})
    assert row.cursor == -1
    wound = Wound()
    wound.turns()
    event = Delivery.objects.get(kind="event")
    assert len(receiver.events) == 1
    sends("redeliver", "POST", f"{home}/deliveries/{event.pk}/redeliver", {})
    wound.turns()
    assert len(receiver.events) == 2, "asked for twice before it was sent, it is sent once"
    sends("change webhook", "PATCH", home, {"url": f"{receiver.url}/moved"})
    assert (row.url, row.status) == (f"{receiver.url}/moved", "unproven")
    assert Delivery.objects.filter(kind="challenge", status="pending").count() == 1
    sends("end webhook", "DELETE", home, again=404)
    assert (row.status, row.url, bytes(row.secret)) == ("deleted", "", b"")
    acts = ["registered", "proven", *["secret_rotated"] * 2, *["changed"] * 2, "ended"]
    assert kinds(str(row.pk)) == acts
    assert Webhook.objects.count() == 1


# -- the courier -------------------------------------------------------------------------------------------------------


def test_nothing_is_skipped_and_nothing_noted_that_was_not_sent(
    survives: Callable[[Act], Course], sequenced: Sequencing, receiver: Receiver, owner_connection: psycopg.Connection
) -> None:
    """A round of each kind, until nothing is left to do: proving, telling, what was asked for, failing, ending."""
    webhook = register(receiver.url)
    courier = Courier(webhook, receiver, owner_connection)
    home = f"/webhooks/{webhook}"
    survives(courier.act("deliver a challenge", feed=[]))
    assert kinds(webhook) == ["registered", "proven"]

    factories.story().do("request-identity")
    sequenced()
    told, looker = feed(), Looker(owner_connection)
    before = looker.state()
    course = survives(courier.act("deliver events", feed=told))
    changed = {name for name, seen in looker.state().items() if seen != before[name]}
    assert changed == {"delivery_webhook", "delivery_delivery", "delivery_attempt"}
    assert len(told) == 2
    assert list(dict.fromkeys(event["logindex"] for event in receiver.events)) == told
    assert len(receiver.events) > len(told), "what was sent and not noted was sent again"
    assert len(course.ways) == 1 + len(told), "each event is noted by one commit, which moves the cursor"

    examiner = Partner(BKN)
    event = Delivery.objects.filter(webhook__pk=webhook, kind="event").earliest("index")
    for path in (f"{home}/deliveries/{event.pk}/redeliver", f"{home}/ping"):
        assert examiner.post(path, {}).status_code == 200
    survives(courier.act("deliver what was asked for", feed=told))
    assert not Delivery.objects.filter(asked_at__isnull=False).exists()

    factories.story()
    sequenced()
    receiver.answer = lambda handler, _: handler.answers(503)
    survives(courier.act("deliver in vain", feed=feed()))
    row = Webhook.objects.get(pk=webhook)
    assert (row.cursor, row.status) == (told[-1], "active")
    receiver.answer = lambda handler, _: handler.answers(410)
    courier.waits("due_at", timedelta(hours=1))
    survives(courier.act("deliver to who is gone", feed=feed()))
    row.refresh_from_db()
    assert (row.cursor, row.status) == (told[-1], "disabled")
    assert kinds(webhook) == ["registered", "proven", "disabled"]

    receiver.answer = echo
    assert call("PATCH", home, token=examiner.token, body={"active": True}).status_code == 200
    Wound().turns()
    assert courier.wrong(feed()) == []
    assert Webhook.objects.get(pk=webhook).cursor == feed()[-1]

    def forget() -> None:
        queue.forget(now=timezone.now() + queue.KEPT_FOR)

    with as_courier():
        survives(command_of("forget deliveries", forget))
    assert Delivery.objects.count() == 0


def test_what_is_not_wanted_is_passed_over_and_what_is_wanted_comes(
    survives: Callable[[Act], Course], sequenced: Sequencing, receiver: Receiver, owner_connection: psycopg.Connection
) -> None:
    webhook = register(receiver.url, types=[ACCEPTED])
    courier = Courier(webhook, receiver, owner_connection)
    Wound().turns()
    story = factories.story()
    for name in ("request-identity", "identify", "accept"):
        story.do(name)
    factories.story()
    sequenced()
    survives(courier.act("deliver some types", feed=feed(ACCEPTED)))
    assert {event["logindex"] for event in receiver.events} == set(feed(ACCEPTED))
    assert len(feed(ACCEPTED)) == 1
    assert Webhook.objects.get(pk=webhook).cursor == feed()[-1]


def test_a_vendor_s_events_come_whoever_dies(
    survives: Callable[[Act], Course],
    world: World,
    sequenced: Sequencing,
    receiver: Receiver,
    owner_connection: psycopg.Connection,
) -> None:
    delegated(world, PEMKOT)
    answer = Partner(VENDOR).post("/webhooks", {"url": receiver.url, "after": -1})
    assert answer.status_code == 201, answer.content
    Wound().turns()
    factories.story().do("request-identity")
    factories.story().do("request-identity")
    sequenced()
    told = [item["logindex"] for item in said(Partner(PEMKOT).get("/events"))["data"]]
    assert len(told) == 2
    course = survives(Courier(said(answer)["id"], receiver, owner_connection).act("deliver to a vendor", feed=told))
    assert list(dict.fromkeys(event["logindex"] for event in receiver.events)) == told
    assert len(course.ways) == 1 + len(told)


def test_a_contact_is_told_at_least_once_and_always_under_one_id(
    survives: Callable[[Act], Course],
    sequenced: Sequencing,
    receiver: Receiver,
    owner_connection: psycopg.Connection,
    settings: Settings,
) -> None:
    """Between the mail server's word and the note of it lies the only place where a mail goes out again."""
    with taking_mail(settings) as mailbox:
        webhook = register(receiver.url, contact=CONTACT)
        wound = Wound()
        wound.turns()
        factories.story()
        sequenced()
        receiver.answer = lambda handler, _: handler.answers(503)
        for delay in schedule.DELAYS[:-1]:
            wound.passes(delay * 1.2 + 1)
            wound.turns()
        courier = Courier(webhook, receiver, owner_connection)
        # Its clock is the real one, and the receiver began to fail a second ahead of it.
        courier.waits("failing_since", timedelta(hours=1))
        course = survives(courier.warns("warn of a pause", mailbox=mailbox))
        assert courier.wrong_of_mail(mailbox) == []
        noting = [point for point in course.points if "SET warned_at" in point.statement]
        assert [point.when for point in noting] == ["before", "after"]
        assert len(mailbox.got) == len(noting), "it dies twice after the mail was taken, and once it was noted"
        assert len({mail["Message-ID"] for mail in mailbox.got}) == 1
        assert Webhook.objects.get(pk=webhook).warning == "sent"
        assert wound.warns() == 0
