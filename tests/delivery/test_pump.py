"""From the log to a receiver on loopback: in order, at least once, and by the schedule. Each test is a story."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook as Standard

from audit import holds
from audit.holds import Asked
from delivery import queue, schedule
from delivery.models import Attempt, Delivery, Webhook
from delivery.sender import Reply
from tests import factories
from tests.callers import as_courier, as_owner
from tests.delivery.receiver import Receiver, Wound, listening
from tests.factories import BKN, PADANG, PEMKOT, PEMPROV
from tests.partner import Partner, call, said
from tests.sequencing import Sequencing


@pytest.fixture(autouse=True)
def here(settings: Settings) -> None:
    """Receivers on this machine may be registered."""
    settings.LINTAS_WEBHOOKS_TO_LOOPBACK = True


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as one:
        yield one


@pytest.fixture
def wound() -> Wound:
    return Wound()


def register(agency: str, url: str, **more: Any) -> dict[str, Any]:
    answer = Partner(agency).post("/webhooks", {"url": url, "after": -1, **more})
    assert answer.status_code == 201, answer.content
    return dict(said(answer))


def read(agency: str, webhook: dict[str, Any]) -> dict[str, Any]:
    return dict(said(Partner(agency).get(f"/webhooks/{webhook['id']}")))


def deliveries(agency: str, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    return list(said(Partner(agency).get(f"/webhooks/{webhook['id']}/deliveries"))["data"])


def _does(story: factories.Story, *names: str) -> None:
    for name in names:
        story.do(name)


def feed(agency: str) -> list[dict[str, Any]]:
    return list(said(Partner(agency).get("/events"))["data"])


def test_a_receiver_proves_itself_and_then_gets_its_agency_s_feed(
    sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    _does(factories.story(), "request-identity", "identify")
    factories.story()
    sequenced()
    webhook = register(BKN, receiver.url)
    assert webhook["status"] == "unproven"
    wound.turns()
    (challenge,) = receiver.got
    assert challenge.said["type"] == "lintas.webhook.challenge"
    assert read(BKN, webhook)["status"] == "active"
    wound.turns()
    told = feed(BKN)
    assert len(told) == 4
    assert receiver.events == [
        {**{name: value for name, value in item.items() if name != "data"}, "skipped": 0, "data": item["data"]}
        for item in told
    ]
    for one in receiver.got:
        headers = {name.lower(): value for name, value in one.headers.items()}
        assert headers["webhook-id"] == one.said["id"]
        assert headers["content-type"].startswith("application/cloudevents+json")
        assert Standard(webhook["secret"]).verify(one.body, headers)
    assert read(BKN, webhook)["after"] == told[-1]["logindex"]
    assert wound.turns() == 0, "nothing is due"
    log = deliveries(BKN, webhook)
    assert [one["status"] for one in log] == ["delivered"] * 5
    assert [one["logindex"] for one in log] == [*(item["logindex"] for item in reversed(told)), None]
    assert {one["attempts"][0]["status"] for one in log} == {200, 204}


def test_each_agency_gets_what_it_had_sight_of_and_no_more(
    sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    """An employer that was asked by mistake learns that its sight ended, and nothing of what came later."""
    story = factories.story()
    story.do("request-identity", body=factories.given("request-identity", employer=PEMPROV))
    story.do("disown", by=PEMPROV, body=factories.given("disown", employer=PEMKOT))
    _does(story, "request-identity", "identify", "accept", "recommend")
    sequenced()
    got: dict[str, list[Any]] = {}
    for agency in (PEMPROV, PEMKOT, PADANG, "kemdikbudristek"):
        receiver.got.clear()
        register(agency, f"{receiver.url}/{agency}")
        wound.turns(3)
        got[agency] = [(one["logindex"], one["data"]["transition"], one["data"]["turn"]) for one in receiver.events]
        assert [index for index, _, _ in got[agency]] == [item["logindex"] for item in feed(agency)]
    assert [name for _, name, _ in got[PEMPROV]] == ["request-identity", "disown"]
    assert got[PEMPROV][-1][2] is None, "whose turn it became is not told to who lost sight"
    assert [name for _, name, _ in got[PEMKOT]] == ["request-identity", "identify", "accept", "recommend"]
    assert len(got[PADANG]) == 7
    assert got["kemdikbudristek"] == []
    everything = b"".join(one.body for one in receiver.got)
    assert factories.NIP.encode() not in everything


def test_a_receiver_that_is_down_for_three_days_misses_nothing(
    sequenced: Sequencing, receiver: Receiver, wound: Wound, caplog: pytest.LogCaptureFixture
) -> None:
    """Ten attempts by the schedule, at the oldest event only; then it is paused, which is an alarm and an entry."""
    webhook = register(BKN, receiver.url)
    wound.turns()
    for _ in range(3):
        factories.story()
    sequenced()
    receiver.answer = lambda handler, _: handler.answers(500, b"di luar\x00 layanan")
    waited = 0.0
    for attempt in range(1, 11):
        receiver.got.clear()
        assert wound.turns() == 1
        assert len(receiver.events) == 1, "only the oldest event is tried"
        seen = read(BKN, webhook)
        if attempt < 10:
            assert (seen["status"], seen["attempts"]) == ("active", attempt)
            assert (seen["pauses_at"] is not None) == (attempt == 9), "a day before it is paused, it is said"
            assert wound.turns() == 0, "not before its time"
            delay = schedule.DELAYS[attempt] * 1.1 + 1
            waited += delay
            wound.passes(delay)
    assert 75 * 3600 < waited < 85 * 3600
    assert seen["status"] == "paused"
    assert seen["pause_reason"] == "attempts-spent"
    assert "is paused" in caplog.text
    alarm = said(Partner(BKN).get("/me"))["webhooks"]
    assert [(one["id"], one["status"]) for one in alarm] == [(webhook["id"], "paused")]
    (failed,) = [one for one in deliveries(BKN, webhook) if one["kind"] == "event"]
    assert failed["status"] == "paused"
    assert [one["outcome"] for one in failed["attempts"]] == ["refused"] * 10
    assert failed["attempts"][0]["answer"] == "di luar\ufffd layanan"
    wound.passes(10**6)
    assert wound.turns() == 0, "a paused subscription is left alone"
    receiver.got.clear()
    receiver.answer = lambda handler, _: handler.answers(204)
    resumed = said(call("PATCH", f"/webhooks/{webhook['id']}", token=Partner(BKN).token, body={"active": True}))
    assert resumed["status"] == "active"
    wound.turns()
    assert [one["logindex"] for one in receiver.events] == [item["logindex"] for item in feed(BKN)]
    assert said(Partner(BKN).get("/me"))["webhooks"] == []
    sequenced()
    assert _kinds(webhook) == ["registered", "proven", "paused", "changed"]


def _kinds(webhook: dict[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM audit_entry WHERE stream = %s ORDER BY seq", [webhook["id"]])
        return [json.loads(bytes(body))["kind"].removeprefix("webhook.") for (body,) in cursor.fetchall()]


def test_a_pump_that_dies_between_sending_and_noting_sends_again(
    sequenced: Sequencing, receiver: Receiver, wound: Wound, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its claim runs out; the next pump sends the same event, under the same id and with the same bytes."""
    webhook = register(BKN, receiver.url)
    wound.turns()
    factories.story()
    factories.story()
    sequenced()
    receiver.got.clear()
    with monkeypatch.context() as killed:
        killed.setattr(queue, "note_event", _killed)
        killed.setattr(queue, "release", _killed)
        wound.turns()
    assert len(receiver.events) == 1
    assert wound.turns() == 0, "nobody takes what another has claimed"
    wound.passes(queue.LEASE.total_seconds() + 1)
    wound.turns()
    first, again, second = receiver.got
    assert (first.body, first.headers["webhook-id"]) == (again.body, again.headers["webhook-id"])
    assert [first.said, second.said] == receiver.events[1:] == [again.said, second.said]
    assert len(deliveries(BKN, webhook)) == 3


def _killed(*_: Any, **__: Any) -> Any:
    raise SystemError("the process is gone")


def test_what_a_pump_notes_after_its_claim_is_gone_is_dropped(
    sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    """A replay that comes while an event is on its way is not undone by what that pump writes."""
    webhook = register(BKN, receiver.url)
    wound.turns()
    factories.story()
    factories.story()
    sequenced()
    wound.turns()
    first, last = (item["logindex"] for item in feed(BKN))
    factories.story()
    sequenced()
    third = feed(BKN)[-1]["logindex"]
    with as_courier():
        (claim,) = queue.claim(now=wound.now(), most=5)
        (message,) = queue.upcoming(claim.webhook, most=5, now=wound.now()).messages
    assert Partner(BKN).post(f"/webhooks/{webhook['id']}/replay", {"from_index": first}).status_code == 200
    receiver.got.clear()
    with as_courier():
        taken = Reply(outcome="delivered", latency_ms=1, status=200)
        assert not queue.note_event(claim, message, taken, now=wound.now())
    wound.turns()
    assert [one["logindex"] for one in receiver.events] == [first, last, third]
    assert receiver.got[-1].body == message.body, "an event has the same bytes each time"


def test_a_filter_leaves_a_chain_that_proves_what_it_skipped(
    sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    for _ in range(2):
        _does(factories.story(), "request-identity", "identify", "accept")
    sequenced()
    wanted = "lintas.casefile.accepted"
    webhook = register(BKN, receiver.url, types=[wanted])
    wound.turns(4)
    told = feed(BKN)
    assert [one["type"] for one in receiver.events] == [wanted] * 2
    first, second = receiver.events
    assert first["previous"] is None
    assert second["previous"] == first["logindex"]
    for one in receiver.events:
        after = -1 if one["previous"] is None else one["previous"]
        between = [item for item in told if after < item["logindex"] < one["logindex"]]
        assert one["skipped"] == len(between) == 3
        assert wanted not in {item["type"] for item in between}
    factories.story()
    sequenced()
    wound.turns(2)
    assert len(receiver.events) == 2
    assert read(BKN, webhook)["after"] == feed(BKN)[-1]["logindex"], "the cursor does not stay behind"


def test_a_ping_and_a_redelivery_come_at_once_and_change_nothing_else(
    sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    factories.story()
    sequenced()
    webhook = register(BKN, receiver.url)
    wound.turns(2)
    event, challenge = deliveries(BKN, webhook)
    examiner = Partner(BKN)
    receiver.got.clear()
    asked = examiner.post(f"/webhooks/{webhook['id']}/deliveries/{event['id']}/redeliver", {})
    assert said(asked)["status"] == "pending"
    assert said(examiner.post(f"/webhooks/{webhook['id']}/ping", {}))["kind"] == "ping"
    refused = examiner.post(f"/webhooks/{webhook['id']}/deliveries/{challenge['id']}/redeliver", {})
    assert (refused.status_code, said(refused)["code"]) == (409, "not-an-event")
    wound.turns()
    assert [one.said["type"] for one in receiver.got] == ["lintas.casefile.submitted", "lintas.webhook.ping"]
    assert receiver.got[0].headers["webhook-id"] == event["webhook_id"]
    ping, again, _ = deliveries(BKN, webhook)
    assert (ping["status"], len(again["attempts"])) == ("delivered", 2)
    assert wound.turns() == 0


def test_a_new_address_gets_nothing_before_it_has_proved_itself(
    sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    """Nor does one that does not echo, whatever was asked for while another was in force."""
    webhook = register(BKN, receiver.url)
    wound.turns()
    factories.story()
    sequenced()
    wound.turns()
    event = deliveries(BKN, webhook)[0]
    with listening() as elsewhere:
        elsewhere.answer = lambda handler, _: handler.answers(200, b'{"challenge": "something else"}')
        examiner = Partner(BKN)
        examiner.post(f"/webhooks/{webhook['id']}/deliveries/{event['id']}/redeliver", {})
        changed = call("PATCH", f"/webhooks/{webhook['id']}", token=examiner.token, body={"url": elsewhere.url})
        assert said(changed)["status"] == "unproven"
        wound.turns(2)
        assert [one.said["type"] for one in elsewhere.got] == ["lintas.webhook.challenge"]
        assert deliveries(BKN, webhook)[0]["attempts"][0]["outcome"] == "not-echoed"
        assert read(BKN, webhook)["status"] == "unproven"


def test_while_a_secret_is_rotated_both_sign_and_afterwards_one(
    sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    webhook = register(BKN, receiver.url)
    wound.turns()
    rotated = said(Partner(BKN).post(f"/webhooks/{webhook['id']}/secret", {}))
    assert rotated["secret"] != webhook["secret"]
    for after, count in ((0, 3), (25 * 3600, 2)):
        wound.passes(after)
        receiver.got.clear()
        Partner(BKN).post(f"/webhooks/{webhook['id']}/ping", {})
        wound.turns()
        signatures = receiver.got[0].headers["webhook-signature"].split(" ")
        assert len(signatures) == count
    rows = Webhook.objects.get()
    assert rotated["secret"].encode() not in bytes(rows.secret) + bytes(rows.secret_before or b"")


def test_a_client_that_is_taken_off_the_register_is_sent_nothing(
    sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    webhook = register(BKN, receiver.url)
    wound.turns()
    factories.story()
    sequenced()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE agencies_client SET active = false WHERE client_id = 'bkn-system'")
    assert wound.turns() == 0
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE agencies_client SET active = true WHERE client_id = 'bkn-system'")
    assert wound.turns() == 1
    assert len(receiver.events) == 1
    assert webhook["id"]


@pytest.mark.parametrize(
    ("status", "outcome", "stands"),
    [
        (302, "redirected", "active"),
        (410, "gone", "disabled"),
        (503, "refused", "active"),
        (299, "delivered", "active"),
    ],
)
def test_only_2xx_is_taken_for_an_answer_and_no_redirect_is_followed(
    sequenced: Sequencing, receiver: Receiver, wound: Wound, status: int, outcome: str, stands: str
) -> None:
    webhook = register(BKN, receiver.url)
    wound.turns()
    factories.story()
    sequenced()
    with listening() as elsewhere:
        receiver.answer = lambda handler, _: handler.answers(status, Location=elsewhere.url, Retry_After="900")
        wound.turns()
        assert elsewhere.got == []
    assert deliveries(BKN, webhook)[0]["attempts"][0]["outcome"] == outcome
    seen = read(BKN, webhook)
    assert seen["status"] == stands
    if stands == "active" and outcome != "delivered":
        wound.passes(890)
        assert wound.turns() == 0, "Retry-After is honoured"
        wound.passes(11)
        assert wound.turns() == 1


def test_two_pumps_share_the_work_and_send_nothing_twice(
    sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    for agency in (BKN, PADANG, PEMKOT):
        register(agency, f"{receiver.url}/{agency}")
    now = wound.now()
    with as_courier():
        one, other = queue.claim(now=now, most=2), queue.claim(now=now, most=5)
        assert [len(one), len(other)] == [2, 1]
        assert len({claim.webhook.pk for claim in (*one, *other)}) == 3
        stale = dataclasses.replace(one[0], lease=other[0].lease)
        assert stale.challenge is not None
        reply = Reply(outcome="delivered", latency_ms=1, status=200)
        assert not queue.note_challenge(stale, stale.challenge, reply, now=now)
    assert Attempt.objects.count() == 0


def test_old_deliveries_are_forgotten_with_their_attempts(
    sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    register(BKN, receiver.url)
    wound.turns()
    later = wound.now() + queue.KEPT_FOR + timedelta(days=1)
    today = wound.now().date()
    by: dict[str, Any] = {"reason": "audit", "letter": "S-12/2026", "by": "hukum-2"}
    with as_owner(), transaction.atomic():
        holds.set_hold(Asked(agency=BKN, **by), now=wound.now())
        holds.set_hold(Asked(begins=today, until=today + timedelta(days=1), **by), now=wound.now())
    for number in (1, 2):
        with as_courier():
            assert queue.forget(now=later) == 0, "two holds keep it, and then the second one"
        with as_owner(), transaction.atomic():
            holds.lift(number, letter="S-40/2027", by="arsip-1", now=wound.now())
    with as_courier():
        assert queue.forget(now=wound.now()) == 0
        assert queue.forget(now=later) == 1
    assert (Delivery.objects.count(), Attempt.objects.count()) == (0, 0)
