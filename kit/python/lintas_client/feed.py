"""The feed: every event of the agency's cases in the order of the log, without a gap, from a place that is kept.

Two ways to keep the place:

- `each_once` hands every event over inside a transaction of the caller's own database and keeps the place in the same
  transaction: each event takes effect exactly once.
- `at_least_once` keeps the place in the client's store after the caller's function returned: an event comes again if
  the process dies in between. Recognise it by its `id`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

from lintas_client.problems import LintasError
from lintas_client.store import Store
from lintas_client.wire import Call, Wire

if TYPE_CHECKING:
    from lintas_client.shapes import Event

LONGEST_WAIT: Final = 30
LARGEST_PAGE: Final = 500


@dataclass(frozen=True)
class Place:
    """How far a follower is: it wants what comes after the index `after`; `previous` is that of its newest event.

    `previous` is None while none has come, and equal to `after` from then on. `source` names the log; another one means
    that the log was forked.
    """

    after: int = -1
    previous: int | None = None
    source: str | None = None


class FeedGap(LintasError):
    """An event's `previous` is not the one that came before: something was missed. Nothing was handed over.

    Ask again from `place`; if it stays, what stands between the follower and the register loses answers.
    """

    def __init__(self, place: Place, event: Event) -> None:
        self.place = place
        self.event = event
        super().__init__(
            f"Event {event['logindex']} follows {event['previous']}; the follower's newest is {place.previous}."
        )


class LogForked(LintasError):
    """The feed tells of another log than before. Begin again from the index that the operator names."""


Tx = TypeVar("Tx")
Tx_co = TypeVar("Tx_co", covariant=True)


class Keeps(Protocol[Tx]):
    """Where a caller keeps the place: in its own database, beside what the events change."""

    def place(self) -> Place:
        """The place as it was kept last; `Place()` at the beginning."""

    def transaction(self) -> AbstractContextManager[Tx]:
        """A transaction, committed when the block ends and rolled back when it raises."""

    def keep(self, transaction: Tx, place: Place) -> None:
        """Keep the place inside that transaction."""


class Feed:
    """Reads pages, proves that nothing is missing between them, and hands events over one by one."""

    def __init__(self, wire: Wire, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._wire = wire
        self._sleep = sleep

    def page(self, place: Place, *, wait: int = 0, limit: int = 100) -> list[tuple[Event, Place]]:
        """The events after a place, each with the place that it leads to; what came before is left out.

        A place never lies beyond the newest event (`next_after` would): what was cut off the end of a page on its way
        is asked for again. Raises `FeedGap`, `LogForked`, `Problem` or `Unanswered`.
        """
        query = {"after": place.after, "limit": min(limit, LARGEST_PAGE)}
        if wait:
            query["wait"] = min(wait, LONGEST_WAIT)
        answer = self._wire.send(Call("GET", "/events", query=query))
        handed: list[tuple[Event, Place]] = []
        for event in cast("list[Event]", answer.data["data"]):
            index = event["logindex"]
            if index <= place.after:
                continue  # a page that came twice
            if place.source is not None and event["source"] != place.source:
                raise LogForked(f"The feed tells of {event['source']}, and this follower of {place.source}.")
            if not _follows(event["previous"], place):
                raise FeedGap(place, event)
            place = Place(after=index, previous=index, source=event["source"])
            handed.append((event, place))
        asked = float(answer.headers.get("retry-after", 0))
        if asked and not handed:
            self._sleep(asked)
        return handed

    def each_once(
        self, keeps: Keeps[Tx], handle: Callable[[Tx, Event], None], *, wait: int = 0, limit: int = 100
    ) -> int:
        """Hand over one page, each event in a transaction of its own with its place; how many there were.

        What `handle` raises rolls its event back, place included, and goes up. Call it in a loop, with `wait`.
        """
        handed = self.page(keeps.place(), wait=wait, limit=limit)
        for event, place in handed:
            with keeps.transaction() as transaction:
                handle(transaction, event)
                keeps.keep(transaction, place)
        return len(handed)

    def at_least_once(
        self, store: Store, name: str, handle: Callable[[Event], None], *, wait: int = 0, limit: int = 100
    ) -> int:
        """Hand over one page, and keep the place in the store after each event; how many there were.

        An event whose `handle` returned and whose place was not kept comes again: recognise it by its `id`.
        """
        kept = StoreKeeps(store, name)
        handed = self.page(kept.place(), wait=wait, limit=limit)
        for event, place in handed:
            handle(event)
            kept.keep_alone(place)
        return len(handed)

    def events(self, place: Place, *, wait: int = 0) -> Iterator[tuple[Event, Place]]:
        """Events after a place until the feed is at its end (or, with `wait`, until one wait was in vain)."""
        while True:
            handed = self.page(place, wait=wait)
            if not handed:
                return
            yield from handed
            place = handed[-1][1]


def _follows(previous: int | None, place: Place) -> bool:
    """Whether an event with that `previous` may come next.

    A follower that began in the middle knows no event of its own yet: its first one then follows one that lies at or
    before the beginning.
    """
    if place.previous is not None:
        return previous == place.previous
    return previous is None or previous <= place.after


class StoreKeeps:
    """A place in the client's own store."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name

    def place(self) -> Place:
        """The place as it was kept last."""
        row = self._store.db.execute(
            "SELECT after, previous, source FROM place WHERE name = ?", (self._name,)
        ).fetchone()
        return Place(*row) if row else Place()

    def keep_alone(self, place: Place) -> None:
        """Keep it in a transaction of its own."""
        with self._store.transaction() as db:
            db.execute(
                "REPLACE INTO place VALUES (?, ?, ?, ?)", (self._name, place.after, place.previous, place.source)
            )


class TableKeeps:
    """A place in a table of the caller's own database, over any connection of PEP 249 that is not in autocommit.

    The table is made by the caller, once:
        CREATE TABLE lintas_place (name text PRIMARY KEY, after bigint NOT NULL, previous bigint, source text)
    `mark` is the driver's placeholder: `?` for sqlite3, `%s` for psycopg and MySQL drivers.
    """

    def __init__(self, connection: Any, name: str = "feed", *, mark: str = "%s") -> None:
        self._connection = connection
        self._name = name
        self._mark = mark

    def place(self) -> Place:
        """The place as it was committed last."""
        cursor = self._connection.cursor()
        cursor.execute(
            f"SELECT after, previous, source FROM lintas_place WHERE name = {self._mark}",  # noqa: S608 - a mark
            (self._name,),
        )
        row = cursor.fetchone()
        self._connection.rollback()
        return Place(*row) if row else Place()

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """The connection, committed when the block ends."""
        try:
            yield self._connection
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    def keep(self, transaction: Any, place: Place) -> None:
        """Keep the place inside the transaction. Where another follower is ahead already, the driver's error of a row
        that exists goes up, and the transaction is rolled back: no event takes effect twice.
        """
        cursor, mark = transaction.cursor(), self._mark
        values = (place.after, place.previous, place.source, self._name)
        changed = f"after = {mark}, previous = {mark}, source = {mark} WHERE name = {mark} AND after < {mark}"
        cursor.execute(f"UPDATE lintas_place SET {changed}", (*values, place.after))  # noqa: S608 - marks only
        if cursor.rowcount == 0:
            insert = f"INSERT INTO lintas_place (after, previous, source, name) VALUES ({', '.join([mark] * 4)})"  # noqa: S608 - marks only
            cursor.execute(insert, values)
