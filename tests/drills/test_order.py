"""Sixteen writers, five readers, one order: nothing is missed, doubled, out of order, or seen that was rolled back."""

import json
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection, transaction

from agencies.actor import Actor
from agencies.models import Agency
from casefiles.flow import State
from casefiles.sight import feed
from casefiles.transitions import perform
from tests.drills.bare_entries import HELD_S, ROLLED_BACK, ChangedMind, writing
from tests.drills.conftest import LONG, Ground, wait_for
from tests.drills.soundness import assert_sound
from tests.factories import AUDITOR, BKN, BOARD, PADANG, PEMKOT, PROVINCE, Story, actor, at, casefile_at, given, request
from tests.simulation.checkers import check_all

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]

WRITERS = 16
SECONDS = 60 if LONG else 3

# The feed's own way through the log, without the casefiles: by index, as far as the newest leaf of the same moment.
PAGE = """
SELECT (SELECT coalesce(max(index), -1) FROM audit_leaf), ARRAY(
    SELECT (s.index, e.uuid)::text FROM audit_sighting s JOIN audit_leaf l ON l.index = s.index
    JOIN audit_entry e ON e.id = l.entry_id
    WHERE s.agency = %s AND s.index > %s ORDER BY s.index LIMIT %s)
"""


@dataclass(frozen=True)
class Item:
    """What a reader was given."""

    index: int
    entry: UUID
    previous: int | None = None
    casefile: UUID | None = None
    version: int = 0


@dataclass
class Reader:
    """Follows the feed in pages of random sizes until it is told that nothing more will come."""

    agency: int
    page: Callable[[int, int, int], tuple[list[Item], int]]
    seed: int
    seen: list[Item] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)

    def follow(self, over: threading.Event) -> None:
        chance, after = random.Random(self.seed), -1
        try:
            while True:
                last_look = over.is_set()
                items, following = self.page(self.agency, after, chance.randint(1, 40))
                self.seen += items
                assert following >= after, "the feed goes backwards"
                if last_look and not items and following == after:
                    return
                after = following
                if not items:
                    time.sleep(chance.uniform(0, 0.02))
        except Exception as error:
            self.faults.append(error)
        finally:
            connection.close()


class Readers:
    """Some readers at once, from the beginning of the block until all they can see is seen."""

    def __init__(self, readers: Sequence[Reader]) -> None:
        self.readers = readers
        self._over = threading.Event()
        self._threads = [threading.Thread(target=one.follow, args=(self._over,)) for one in readers]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)
        assert [fault for one in self.readers for fault in one.faults] == []


def assert_each_exactly_once(ground: Ground, readers: Sequence[Reader]) -> None:
    """Each reader saw what was addressed to it: all, once, in the order of the indexes, each stream in its own."""
    rows = ground.owner.execute(
        "SELECT l.index, e.uuid, e.stream, e.seq, e.audience FROM audit_entry e LEFT JOIN audit_leaf l "
        "ON l.entry_id = e.id ORDER BY l.index"
    ).fetchall()
    assert all(index is not None for index, *_ in rows), "an entry has no place"
    streams = {entry: (stream, seq) for _, entry, stream, seq, _ in rows}
    for one in readers:
        assert [(item.index, item.entry) for item in one.seen] == [
            (index, entry) for index, entry, _, _, audience in rows if one.agency in audience
        ]
        last: dict[UUID, int] = defaultdict(int)
        for item in one.seen:
            stream, seq = streams[item.entry]
            assert seq > last[stream], "a stream's entries come in another order than they were written"
            last[stream] = seq


def test_bare_entries_by_the_thousand(ground: Ground) -> None:
    """Nothing but locks, ids, holds, commits and rollbacks: as many as the machine can."""
    agencies = [101, 102, 103, 104, 105]
    sessions: dict[int, psycopg.Connection] = {}

    def page(agency: int, after: int, limit: int) -> tuple[list[Item], int]:
        row = sessions[agency].execute(PAGE, [agency, after, limit]).fetchone()
        assert row is not None
        pairs = [text.strip("()").split(",") for text in row[1]]
        items = [Item(index=int(index), entry=UUID(entry)) for index, entry in pairs]
        return items, items[-1].index if len(items) == limit else max(row[0], after)

    readers = [Reader(agency=agency, page=page, seed=agency) for agency in agencies]
    running = ground.sequence()
    wait_for(lambda: running.is_active, "active sequencer")
    for agency in agencies:
        sessions[agency] = ground.web()
    try:
        with Readers(readers):
            streams = [uuid4() for _ in range(24)]
            with writing(ground.web, writers=WRITERS, streams=streams, agencies=agencies, seed=7) as written:
                time.sleep(SECONDS)
            wait_for(ground.drained, "empty queue")
    finally:
        for session in sessions.values():
            session.close()
    running.stop()
    assert len(written.committed) > 50 * SECONDS
    assert written.rolled_back > 5 * SECONDS
    stored = ground.owner.execute("SELECT uuid FROM audit_entry WHERE stream = ANY(%s)", [streams]).fetchall()
    assert {row[0] for row in stored} == written.committed
    assert_each_exactly_once(ground, readers)
    assert_sound(ground.owner, keys=[ground.key], drained=True)


@dataclass
class Transitions:
    """Writers that perform real transitions on shared casefiles, hold them, and change their minds now and then."""

    files: Sequence[Story]
    committed: set[tuple[UUID, int]] = field(default_factory=set)
    rolled_back: int = 0
    faults: list[BaseException] = field(default_factory=list)

    def write(self, number: int, over: threading.Event) -> None:
        chance = random.Random(number)
        who = actor(PADANG)
        try:
            while not over.is_set():
                self._note(chance, who)
        except Exception as error:
            self.faults.append(error)
        finally:
            connection.close()

    def _note(self, chance: random.Random, who: Actor) -> None:
        told = chance.choice(self.files)
        try:
            with transaction.atomic():
                done = perform.perform(
                    actor=who, casefile=told.casefile, name="note", given=given("note", day=told.day),
                    occurred_at=at(told.day, 5), now=at(told.day, 6), request=request(),
                )  # fmt: skip
                time.sleep(chance.uniform(0, HELD_S))
                if chance.random() < ROLLED_BACK:
                    raise ChangedMind
        except ChangedMind:
            self.rolled_back += 1
        else:
            self.committed.add((told.casefile, done.version))

    def for_a_while(self) -> None:
        over = threading.Event()
        threads = [threading.Thread(target=self.write, args=(number, over)) for number in range(WRITERS)]
        for thread in threads:
            thread.start()
        time.sleep(SECONDS)
        over.set()
        for thread in threads:
            thread.join(30)
        assert self.faults == []


def read_page(agency: int, after: int, limit: int) -> tuple[list[Item], int]:
    """A page of the product's own feed."""
    page = feed.page(agency=agency, after=after, limit=limit, base_url="http://127.0.0.1", casefiles="/casefiles/")
    items = [
        Item(
            index=said["logindex"],
            entry=UUID(said["id"]),
            previous=said["previous"],
            casefile=UUID(said["data"]["casefile"]),
            version=said["data"]["version"],
        )
        for said in json.loads(page.items)
    ]
    assert len(items) == page.count
    return items, page.next_after


def test_real_transitions_over_the_feed(world: object, ground: Ground) -> None:
    """Notes on a dozen casefiles by sixteen writers; five agencies follow, three of whom see them all."""
    codes = (PADANG, BKN, PEMKOT, AUDITOR, BOARD)
    files = [casefile_at(State.RECOMMENDED if number % 2 else State.UNDER_EXAMINATION) for number in range(12)]
    ids = dict(Agency.objects.filter(code__in=(*codes, PROVINCE)).values_list("code", "pk"))
    readers = [Reader(agency=ids[code], page=read_page, seed=number) for number, code in enumerate(codes)]
    writers = Transitions(files)
    running = ground.sequence()
    wait_for(lambda: running.is_active, "active sequencer")
    with Readers(readers):
        writers.for_a_while()
        wait_for(ground.drained, "empty queue")
    running.stop()

    assert len(writers.committed) > 10 * SECONDS
    assert writers.rolled_back > SECONDS
    assert_each_exactly_once(ground, readers)
    by_code = dict(zip(codes, readers, strict=True))
    for code in (PADANG, BKN, AUDITOR):
        seen = by_code[code].seen
        assert {(item.casefile, item.version) for item in seen} >= writers.committed
    for one in readers:
        indexes: list[int | None] = [None, *(item.index for item in one.seen)]
        assert [item.previous for item in one.seen] == indexes[:-1], "the chain of `previous` breaks"
    assert check_all(ground.owner, drained=True) == []
    assert_sound(ground.owner, keys=[ground.key], drained=True)
