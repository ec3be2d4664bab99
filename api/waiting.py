"""Waiting for the log to grow: one waiter per client, a bounded number per process, and none holds a connection.

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
from collections.abc import Callable, Iterator
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

from api.models import FeedWaiter
from api.problems import Problem
from casefiles import feed

logger = logging.getLogger("lintas.feed")

LOOK_EVERY: Final = 0.1
"""Seconds between two looks at the log."""
GRACE: Final = 3
"""Seconds for which a client's place outlives its wait: the last page is still to be read."""


class Watcher:
    """One look at the log for all who wait in this process."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._head = -1
        self._waiting = 0
        self._looks = False

    @contextlib.contextmanager
    def place(self, *, of: int) -> Iterator[bool]:
        """Take one of so many places; False where all are taken, and the caller must not wait."""
        with self._news:
            is_free = self._waiting < of
            if is_free:
                self._waiting += 1
            if is_free and not self._looks:
                self._looks, self._head = True, -1
                threading.Thread(target=self._look, name="feed-watcher", daemon=True).start()
        try:
            yield is_free
        finally:
            if is_free:
                with self._news:
                    self._waiting -= 1

    def is_beyond(self, head: int, *, until: float) -> bool:
        """Wait until the log has an index greater than `head`, at most until that reading of the monotonic clock."""
        with self._news:
            return self._news.wait_for(lambda: self._head > head, timeout=max(0.0, until - time.monotonic()))

    def _look(self) -> None:
        try:
            while self._somebody_waits():
                try:
                    newest = feed.head()
                except (DatabaseError, InterfaceError) as why:
                    # Whoever waits gets an empty page in the end, or is told by his own reading.
                    logger.warning("the log could not be looked at: %s", type(why).__name__)
                    connection.close()
                    time.sleep(1)
                    continue
                with self._news:
                    if newest != self._head:
                        self._head = newest
                        self._news.notify_all()
                time.sleep(LOOK_EVERY)
        except BaseException:
            with self._news:
                self._looks = False
            raise
        finally:
            connection.close()

    def _somebody_waits(self) -> bool:
        with self._news:
            self._looks = self._waiting > 0
            return self._looks


watcher: Final = Watcher()


def wait(page: feed.Page, *, client_pk: int, seconds: int, read: Callable[[], feed.Page]) -> feed.Page:
    """Read again whenever the log has grown, until there is something or the time is over; returns the last reading.

    Raises Problem `too-many-waiters` where the client waits already.
    """
    until = time.monotonic() + seconds
    with _only_waiter(client_pk, seconds=seconds):
        while not page.count:
            # A waiter needs no connection, and PostgreSQL has fewer of them than there are clients.
            connection.close()
            if not watcher.is_beyond(page.head, until=until):
                break
            page = read()
    return page


@contextlib.contextmanager
def _only_waiter(client_pk: int, *, seconds: int) -> Iterator[None]:
    mark = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"client": client_pk, "mark": mark, "seconds": seconds + GRACE})
        if cursor.fetchone() is None:
            cursor.execute(_LEFT, {"client": client_pk})
            row = cursor.fetchone()
            left = max(1, math.ceil(row[0])) if row else 1
            raise Problem("too-many-waiters", params={"retry_after": left}, headers={"Retry-After": str(left)})
    try:
        yield
    finally:
        # Without a database there is nothing to release; the row expires.
        with contextlib.suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute(_RELEASE, {"client": client_pk, "mark": mark})


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
