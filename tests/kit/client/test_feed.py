"""Following the feed: each event once and in its order, a gap that is noticed, a place that outlives the process."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.client import Client as Counterpart
from lintas_client import FeedGap, LogForked, Place, TableKeeps
from tests.journeys.paths import submitted
from tests.kit.client.conftest import Open

TABLES = """
CREATE TABLE lintas_place (name text PRIMARY KEY, after bigint NOT NULL, previous bigint, source text);
CREATE TABLE worked (id text NOT NULL, logindex bigint NOT NULL);
"""


class Changing(httpx.HTTPTransport):
    """Lets a page of the feed be changed on its way."""

    def __init__(self, change: Callable[[Any], Any]) -> None:
        super().__init__()
        self.change = change

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if not request.url.path.endswith("/events"):
            return response
        response.read()
        page = response.json()
        return httpx.Response(response.status_code, json=self.change(page) or page)


def working(connection: sqlite3.Connection, event: Mapping[str, Any]) -> None:
    connection.execute("INSERT INTO worked VALUES (?, ?)", (event["id"], event["logindex"]))


class Dies(Exception):
    """The program ends in the middle of an event."""


@pytest.fixture
def own(tmp_path: Path) -> sqlite3.Connection:
    """A caller's own database."""
    connection = sqlite3.connect(tmp_path / "own.sqlite")
    connection.executescript(TABLES)
    return connection


def test_events_take_effect_once_in_the_callers_own_transaction(
    opened: Open, counterparts: Mapping[str, Counterpart], own: sqlite3.Connection
) -> None:
    head = counterparts["bkn"].get("/events", limit="1").data["head"]
    journey = submitted(counterparts)
    for text in ("satu", "dua", "tiga", "empat"):
        journey.act("bkn", "note", code="other", date="2024-10-10", text=text)
    examiner, keeps = opened(), TableKeeps(own, mark="?")
    with keeps.transaction() as transaction:
        keeps.keep(transaction, Place(after=head))
    countdown = [2]

    def dying(connection: sqlite3.Connection, event: Mapping[str, Any]) -> None:
        working(connection, event)
        countdown[0] -= 1
        if not countdown[0]:
            countdown[0] = 2
            raise Dies

    deaths = 0
    # Until the last of what was done has come: the sequencer gives places a moment later.
    while not own.execute("SELECT count(*) FROM worked WHERE id = ?", (_last(journey, counterparts),)).fetchone()[0]:
        try:
            examiner.feed.each_once(keeps, dying, wait=5, limit=3)
        except Dies:
            deaths += 1
    assert deaths
    page = counterparts["bkn"].get("/events", limit="500", after=str(head)).data["data"]
    listed = [event["logindex"] for event in page]
    worked = [row[0] for row in own.execute("SELECT logindex FROM worked ORDER BY rowid")]
    assert worked == listed[: len(worked)]
    assert len(worked) >= 4

    # A second follower of the same place does not do an event again: the driver refuses its row, and all is undone.
    place = keeps.place()
    with pytest.raises(sqlite3.IntegrityError):
        _worked_again(keeps, place)
    assert own.execute("SELECT count(*) FROM worked WHERE id = 'again'").fetchone() == (0,)


def _worked_again(keeps: TableKeeps, place: Place) -> None:
    with keeps.transaction() as transaction:
        working(transaction, {"id": "again", "logindex": 0})
        keeps.keep(transaction, place)


def _last(journey: Any, counterparts: Mapping[str, Counterpart]) -> str:
    items = counterparts["bkn"].get(f"/casefiles/{journey.casefile}/timeline", limit="500").data["data"]
    return str([one for one in items if one["kind"] == "transition"][-1]["transition"]["entry"]["id"])


def test_a_gap_a_fork_and_a_page_that_comes_twice_are_noticed(
    opened: Open, counterparts: Mapping[str, Counterpart]
) -> None:
    journey = submitted(counterparts)
    for text in ("satu", "dua"):
        journey.act("bkn", "note", code="other", date="2024-10-10", text=text)
    plain = opened()
    while len(events := plain.feed.page(Place(), limit=3, wait=5)) < 3:
        pass
    (first, after_first), (second, after_second), (third, _) = events
    assert (first["previous"], second["previous"], third["previous"]) == (None, first["logindex"], second["logindex"])

    def without_the_second(page: Any) -> None:
        page["data"] = [event for event in page["data"] if event["logindex"] != second["logindex"]]

    cut = opened(transport=Changing(without_the_second))
    with pytest.raises(FeedGap) as gap:
        cut.feed.page(Place(), limit=3)
    assert gap.value.place == after_first
    # Whoever begins in the middle sees the gap as well, and is not misled by what lies before.
    with pytest.raises(FeedGap):
        cut.feed.page(after_first)
    assert plain.feed.page(Place(after=first["logindex"]), limit=2)[0][0]["id"] == second["id"]

    def without_its_end(page: Any) -> None:
        del page["data"][1:]

    # Cut off at its end, a page loses nothing: the next one begins after what came.
    [(event, place)] = opened(transport=Changing(without_its_end)).feed.page(Place(), limit=3)
    assert event == first
    assert plain.feed.page(place, limit=1)[0][0] == second
    assert [event["id"] for event, _ in islice(plain.feed.events(Place()), 3)] == [
        event["id"] for event in (first, second, third)
    ]

    def from_the_beginning(page: Any) -> None:
        page["data"] = [first, second, *page["data"]]

    twice = opened(transport=Changing(from_the_beginning))
    assert [event["id"] for event, _ in twice.feed.page(after_second, limit=1)] == [third["id"]]

    def of_another_log(page: Any) -> None:
        page["data"] = [{**event, "source": "https://lain.example/log/2"} for event in page["data"]]

    with pytest.raises(LogForked):
        opened(transport=Changing(of_another_log)).feed.page(after_first)


def test_a_place_in_the_clients_store_repeats_at_most_the_event_that_was_cut_off(
    opened: Open, counterparts: Mapping[str, Counterpart]
) -> None:
    submitted(counterparts)
    seen: list[str] = []

    def dying(event: Any) -> None:
        seen.append(event["id"])
        if len(seen) == 1:
            raise Dies

    first = opened()
    while not first.feed.page(Place(), limit=1, wait=5):
        pass
    with pytest.raises(Dies):
        first.feed.at_least_once(first.store, "uji", dying, limit=2)
    second = opened()
    assert second.feed.at_least_once(second.store, "uji", dying, limit=2) >= 1
    assert seen[0] == seen[1]
    assert len(set(seen)) == len(seen) - 1
