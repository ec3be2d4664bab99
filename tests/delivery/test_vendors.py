"""One address of a vendor for all employers that let it read their events, for as long as they do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from agencies import delegations
from agencies.models import Agency, Client, Delegation
from casefiles.flow import State
from delivery import gauges, messages, queue, schedule
from delivery.models import Webhook
from delivery.sender import ENDED
from tests import factories
from tests.api.answers import assert_answers
from tests.delivery.mailbox import CONTACT, taking_mail
from tests.delivery.receiver import Receiver, Wound, listening
from tests.partner import Partner, call, said
from tests.sequencing import Sequencing
from tests.signed import Signer
from tests.vendors import KOTIM, PEMKOT, SCOPES, VENDOR, answered, delegated, system, token_for
from tests.world import World


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


def register(url: str, **more: Any) -> dict[str, Any]:
    """A webhook of the vendor's from the beginning of the log, by its own token."""
    answer = Partner(VENDOR).post("/webhooks", {"url": url, "after": -1, **more})
    assert_answers(answer, "register_webhook")
    assert answer.status_code == 201, answer.content
    return dict(said(answer))


def feed(agency: str) -> list[dict[str, Any]]:
    return list(said(Partner(agency).get("/events"))["data"])


def between(sequenced: Sequencing, *employers: str) -> None:
    """A case that is asked of each of these employers in turn, by mistake of all but the last."""
    story = factories.story()
    story.do("request-identity", body=factories.given("request-identity", employer=employers[0]))
    for wrong, right in pairwise(employers):
        story.do("disown", by=wrong, body=factories.given("disown", employer=right))
        story.do("request-identity", body=factories.given("request-identity", employer=right))
    sequenced()


def told(receiver: Receiver) -> list[tuple[int, list[str]]]:
    """What came: the place in the log, and for whom."""
    return [(one["logindex"], [each["agency"] for each in one["data"]["agencies"]]) for one in receiver.events]


def end(world: World, employer: str, ident: str) -> None:
    assert answered(Signer(world, employer), ident, "end", sign=False).status_code == 200


def test_one_address_is_told_of_all_employers_and_for_which(
    world: World, sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    delegated(world, PEMKOT)
    delegated(world, KOTIM)
    webhook = register(receiver.url)
    between(sequenced, KOTIM, PEMKOT)
    between(sequenced, "kemdikbudristek")
    wound.turns(3)
    mine = {agency: feed(agency) for agency in (PEMKOT, KOTIM)}
    assert told(receiver) == sorted((item["logindex"], [agency]) for agency, items in mine.items() for item in items), (
        "each employer's feed, and nothing of an employer that delegated nothing"
    )
    for one in receiver.events:
        (place,) = one["data"]["agencies"]
        (item,) = [item for item in mine[place["agency"]] if item["logindex"] == one["logindex"]]
        assert (place["previous"], place["skipped"]) == (item["previous"], 0), "the chain of that employer's feed"
        assert (one["previous"], one["skipped"]) == (None, 0)
        assert {**one["data"], "agencies": None} == {**item["data"], "agencies": None}
    log = said(Partner(VENDOR).get(f"/webhooks/{webhook['id']}/deliveries"))["data"]
    assert [(one["logindex"], one["agencies"]) for one in reversed(log) if one["kind"] == "event"] == told(receiver)
    assert wound.turns() == 0, "nothing is due"
    assert gauges.read().waiting_s == 0


def test_an_event_of_two_employers_comes_once_and_names_both(
    world: World, sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    """Where one of them lost sight by it, the turn is told for the other, who still has it."""
    for employer in (PEMKOT, "pemprov-sumatera-barat"):
        delegated(world, employer)
    webhook = register(receiver.url, types=["lintas.casefile.transferred", "lintas.casefile.recommended"])
    story = factories.casefile_at(State.RECOMMENDED)
    story.do("transfer", body=factories.given("transfer", employer="pemprov-sumatera-barat"))
    sequenced()
    wound.turns(3)
    recommended, transferred = receiver.events
    assert [each["agency"] for each in recommended["data"]["agencies"]] == [PEMKOT]
    places = {each["agency"]: each for each in transferred["data"]["agencies"]}
    assert list(places) == sorted([PEMKOT, "pemprov-sumatera-barat"])
    assert places[PEMKOT]["previous"] == recommended["logindex"]
    assert places["pemprov-sumatera-barat"]["previous"] is None
    assert transferred["data"]["turn"]["agency"] == "pemprov-sumatera-barat"
    assert Webhook.objects.get(pk=webhook["id"]).cursor == transferred["logindex"]


def test_a_delegation_that_ended_ends_its_events_also_those_that_waited(
    world: World, sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    ident = delegated(world, PEMKOT)
    delegated(world, KOTIM)
    webhook = register(receiver.url)
    wound.turns()
    receiver.answer = lambda handler, _: handler.answers(503)
    between(sequenced, PEMKOT, KOTIM)
    wound.turns()
    (first,) = told(receiver)
    assert first[1] == [PEMKOT]
    end(world, PEMKOT, ident)
    receiver.got.clear()
    receiver.answer = lambda handler, _: handler.answers(204)
    wound.passes(10)
    wound.turns(3)
    assert told(receiver) == [(item["logindex"], [KOTIM]) for item in feed(KOTIM)]
    log = said(Partner(VENDOR).get(f"/webhooks/{webhook['id']}/deliveries"))["data"]
    (waiting,) = [one for one in log if one["logindex"] == first[0]]
    receiver.got.clear()
    path = f"/webhooks/{webhook['id']}/deliveries/{waiting['id']}/redeliver"
    assert Partner(VENDOR).post(path, {}).status_code == 200
    wound.turns()
    assert receiver.events == []
    log = said(Partner(VENDOR).get(f"/webhooks/{webhook['id']}/deliveries"))["data"]
    (redelivered,) = [one for one in log if one["id"] == waiting["id"]]
    assert (redelivered["status"], redelivered["attempts"][-1]["outcome"]) == ("failed", ENDED)


def test_a_vendor_s_contact_is_told_of_a_pause_while_there_is_something_to_tell(
    world: World, sequenced: Sequencing, receiver: Receiver, wound: Wound, settings: Settings
) -> None:
    ident = delegated(world, PEMKOT)
    register(receiver.url, contact=CONTACT)
    wound.turns()
    receiver.answer = lambda handler, _: handler.answers(503)
    between(sequenced, PEMKOT)
    for delay in schedule.DELAYS[:-1]:
        wound.passes(delay * 1.2 + 1)
        wound.turns()
    with taking_mail(settings) as mailbox:
        end(world, PEMKOT, ident)
        assert (wound.warns(), mailbox.got) == (0, []), "no pause comes where nothing is sent"
        delegated(world, PEMKOT)
        wound.passes(25 * 3600)
        assert (wound.warns(), [mail["To"] for mail in mailbox.got]) == (1, [CONTACT])
        assert f"{VENDOR}-system" in mailbox.got[0].get_content()
    wound.passes(2 * 3600)  # the last wait may be a tenth longer than a day
    wound.turns()
    assert Webhook.objects.get().status == "paused"


@pytest.mark.parametrize("moment", ["upcoming", "may_be_told"])
def test_a_delegation_that_ends_while_the_courier_works_stops_it(
    world: World,
    sequenced: Sequencing,
    receiver: Receiver,
    wound: Wound,
    monkeypatch: pytest.MonkeyPatch,
    owner_connection: psycopg.Connection[Any],
    moment: str,
) -> None:
    """The race: it ends when the events were read from the log, or when the receiver has been connected to."""
    ident = delegated(world, PEMKOT)
    register(receiver.url)
    wound.turns()
    between(sequenced, PEMKOT)
    act: Callable[..., Any] = getattr(queue, moment)

    def ends(*args: Any, **kwargs: Any) -> Any:
        found = act(*args, **kwargs) if moment == "upcoming" else None
        owner_connection.execute("UPDATE agencies_delegation SET ended_at = now() WHERE id = %s", [ident])
        return found or act(*args, **kwargs)

    with monkeypatch.context() as racing:
        racing.setattr(queue, moment, ends)
        wound.turns()
    assert receiver.events == []
    row = Webhook.objects.get()
    assert (row.attempts, row.lease) == (0, None), "no failure of the receiver, and no claim that is held"
    assert wound.turns() == 0, "nothing is due any more"


def test_a_vendor_that_lost_the_right_to_read_events_is_not_told(
    world: World, sequenced: Sequencing, receiver: Receiver, wound: Wound, owner_connection: psycopg.Connection[Any]
) -> None:
    """Each way of losing it: not asked for, run out, an employer that became more, a scope or the client gone."""
    delegated(world, KOTIM, scopes=[scope for scope in SCOPES if scope != "events:read"])
    ident = delegated(world, PEMKOT)
    webhook = register(receiver.url)
    wound.turns()
    between(sequenced, KOTIM, PEMKOT)
    vendor = Webhook.objects.get().client_id
    assert list(delegations.served(vendor, scope="events:read", now=timezone.now()).values()) == [PEMKOT]
    delegation = (f"agencies_delegation WHERE id = '{ident}'", Delegation.objects.get(pk=ident))
    employer = (f"agencies_agency WHERE code = '{PEMKOT}'", Agency.objects.get(code=PEMKOT))
    client = (f"agencies_client WHERE client_id = '{VENDOR}-system'", Client.objects.get(agency__code=VENDOR))
    lost = [
        (delegation, "valid_until", "approved_at + interval '1 millisecond'"),
        (delegation, "scopes", "array_remove(scopes, 'events:read')"),
        (employer, "roles", "roles || '{examiner}'"),
        (client, "scopes", "array_remove(scopes, 'events:read')"),
        (client, "active", "false"),
    ]
    for (row, before), column, value in lost:
        table, _, where = row.partition(" WHERE ")
        change = f"UPDATE {table} SET {column} ="  # noqa: S608 - the test's own names
        owner_connection.execute(f"{change} {value} WHERE {where}")
        assert wound.turns() == 0, (table, column)
        owner_connection.execute(f"{change} %s WHERE {where}", [getattr(before, column)])
    assert receiver.events == []
    wound.turns()
    assert told(receiver) == [(item["logindex"], [PEMKOT]) for item in feed(PEMKOT)]
    assert webhook["status"] == "unproven"


@pytest.mark.django_db
def test_a_vendor_s_webhook_is_its_own_and_an_employer_s_token_has_none(world: World, receiver: Receiver) -> None:
    delegated(world, PEMKOT)
    token = token_for(system(world), PEMKOT)
    for method, path, body in (
        ("GET", "/webhooks", None), ("POST", "/webhooks", {"url": receiver.url}),
    ):  # fmt: skip
        refused = call(method, path, token=token, body=body)
        assert (refused.status_code, said(refused)["code"]) == (403, "not-delegated"), refused.content
    webhook = register(receiver.url)
    assert Partner(PEMKOT).get(f"/webhooks/{webhook['id']}").status_code == 404
    assert said(Partner(PEMKOT).get("/webhooks"))["data"] == []


def test_what_is_before_a_vendor_costs_the_same_for_many_employers(
    world: World, sequenced: Sequencing, receiver: Receiver, wound: Wound
) -> None:
    register(receiver.url, types=["lintas.casefile.identity_requested", "lintas.casefile.disowned"])
    counts = []
    for employers in ((PEMKOT,), (KOTIM, "pemprov-sumatera-barat")):
        for employer in employers:
            delegated(world, employer)
        between(sequenced, *employers)
        row = Webhook.objects.select_related("agency").get()
        with CaptureQueriesContext(connection) as asked:
            found = messages.upcoming(row, most=20, now=timezone.now())
        counts.append(len(asked))
    assert len({each["agency"] for one in found.messages for each in json.loads(one.body)["data"]["agencies"]}) == 3
    assert len(set(counts)) == 1, counts
    assert counts[0] <= 3
