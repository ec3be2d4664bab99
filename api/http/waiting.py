"""Waiting for the log to grow: one waiter per client, a bounded number per process, and none holds a connection.

A vendor's client waits once for each employer, so that one employer's wait holds up no other.

Who waits in this process shares one thread that looks at the log every 100 ms, and only while somebody waits.
A client's place is a row that expires by itself, so that a killed process blocks nobody for long.
"""

from __future__ import annotations

import contextlib
import logging
import math
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from django.db import DatabaseError, InterfaceError, connection

from api.http.places import Place
from api.http.problems import Problem
from api.http.quotas import Holder
from api.models import FeedWaiter
from casefiles.sight import feed

logger = logging.getLogger("lintas.feed")

LOOK_EVERY: Final = 0.1
"""Seconds between two looks at the log."""
MOST_OF_ONE: Final = 3
"""Waits of one client in a process: each holds one of the client's turns (`config.asgi.AT_ONCE_EACH`)."""
GRACE: Final = 3
"""Seconds for which a client's place outlives its wait: the last page is still to be read."""


class Watcher:
    """One look at the log for all who wait in this process, and nobody is woken for what is not in their feed."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._newest: dict[int, int] = {}
        self._waiting: Counter[int] = Counter()
        self._clients: Counter[int] = Counter()
        self._looks = False

    @contextlib.contextmanager
    def place(self, agency: int, *, client: int, of: int) -> Iterator[bool]:
        """Take one of so many places; False where they are taken, or the client's share: the caller must not wait."""
        with self._news:
            is_free = self._waiting.total() < of and self._clients[client] < MOST_OF_ONE
            if is_free:
                self._waiting[agency] += 1
                self._clients[client] += 1
                # What an earlier waiter saw may be old.
                self._newest.pop(agency, None)
            if is_free and not self._looks:
                self._looks = True
                threading.Thread(target=self._look, name="feed-watcher", daemon=True).start()
        try:
            yield is_free
        finally:
            if is_free:
                with self._news:
                    self._waiting[agency] -= 1
                    self._clients[client] -= 1
                    # Who does not wait any more is forgotten.
                    self._waiting += Counter()
                    self._clients += Counter()

    def is_beyond(self, agency: int, head: int, *, until: float, has_left: Callable[[], bool] = lambda: False) -> bool:
        """Wait until the agency's feed has an index greater than `head`, at most until that monotonic clock reading.

        False where the time is over or the caller has left; whoever knows of that calls `wake`.
        """
        with self._news:
            self._news.wait_for(
                lambda: has_left() or self._newest.get(agency, -1) > head, timeout=max(0.0, until - time.monotonic())
            )
            return not has_left() and self._newest.get(agency, -1) > head

    def wake(self) -> None:
        """Have everyone who waits look up: somebody's caller has left."""
        with self._news:
            self._news.notify_all()

    def _look(self) -> None:
        try:
            while agencies := self._who_waits():
                try:
                    newest = feed.newest_of(agencies)
                except (DatabaseError, InterfaceError) as why:
                    # Whoever waits gets an empty page in the end, or is told by their own reading.
                    logger.warning("the log could not be looked at: %s", type(why).__name__)
                    connection.close()
                    time.sleep(1)
                    continue
                with self._news:
                    if newest.items() - self._newest.items():
                        self._newest |= newest
                        self._news.notify_all()
                time.sleep(LOOK_EVERY)
        except BaseException:
            with self._news:
                self._looks = False
            raise
        finally:
            connection.close()

    def _who_waits(self) -> list[int]:
        with self._news:
            self._looks = bool(self._waiting)
            return list(self._waiting)


watcher: Final = Watcher()


class Caller(Protocol):
    """Whoever is at the other end of the connection (`config.asgi.Gone`)."""

    def is_set(self) -> bool:
        """Whether they have gone."""
        ...

    def wakes(self, wake: Callable[[], None]) -> None:
        """Call this when they go."""
        ...


def wait(
    page: feed.Page,
    *,
    whose: Holder,
    agency: int,
    seconds: int,
    read: Callable[[], feed.Page],
    gone: Caller | None = None,
) -> feed.Page:
    """Read again once the agency's feed has grown, until there is something or the time is over; returns the last
    reading. A caller who goes gives the place back at once.

    Raises Problem `too-many-waiters` where `whose` waits already.
    """
    until = time.monotonic() + seconds
    has_left = gone.is_set if gone is not None else lambda: False
    if gone is not None:
        gone.wakes(watcher.wake)
    with _only_waiter(whose, seconds=seconds):
        while not page.count:
            # A waiter needs no connection, and PostgreSQL has fewer of them than there are clients.
            connection.close()
            if not watcher.is_beyond(agency, page.head, until=until, has_left=has_left):
                break
            page = read()
    return page


@contextlib.contextmanager
def _only_waiter(whose: Holder, *, seconds: int) -> Iterator[None]:
    if not isinstance(whose, int):
        place = Place.named("waits", *whose)
        if not place.take(seconds=seconds + GRACE):
            raise _waits_already(place.left())
        try:
            yield
        finally:
            place.give_back()
        return
    mark, client_pk = uuid.uuid4(), whose
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"client": client_pk, "mark": mark, "seconds": seconds + GRACE})
        if cursor.fetchone() is None:
            cursor.execute(_LEFT, {"client": client_pk})
            row = cursor.fetchone()
            raise _waits_already(row[0] if row else 0.0)
    try:
        yield
    finally:
        # Without a database there is nothing to release; the row expires.
        with contextlib.suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute(_RELEASE, {"client": client_pk, "mark": mark})


def _waits_already(seconds: float) -> Problem:
    left = max(1, math.ceil(seconds))
    return Problem("too-many-waiters", params={"retry_after": left}, headers={"Retry-After": str(left)})


# The table's name is our own constant; every value is a parameter.
_TABLE = FeedWaiter._meta.db_table
_CLAIM = f"""
    INSERT INTO {_TABLE} AS waiter (client_id, until, mark)
    VALUES (%(client)s, clock_timestamp() + make_interval(secs => %(seconds)s), %(mark)s)
    ON CONFLICT (client_id) DO UPDATE SET until = excluded.until, mark = excluded.mark
    WHERE waiter.until < clock_timestamp()
    RETURNING 1
"""  # noqa: S608 - a constant table name
_LEFT = f"""
    SELECT extract(epoch FROM until - clock_timestamp())::float8 FROM {_TABLE} WHERE client_id = %(client)s
"""  # noqa: S608 - a constant table name
# Another waiter may have taken the place of one that was thought dead.
_RELEASE = f"""
    UPDATE {_TABLE} SET until = clock_timestamp() - interval '1 second'
    WHERE client_id = %(client)s AND mark = %(mark)s
"""  # noqa: S608 - a constant table name
