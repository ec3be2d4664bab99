"""Many at once against one database: a race's threads, and the connections that they ask for first."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connection

# Waves of this many are plenty to collide.
AT_ONCE = 20
WAITS_AT_MOST_S = 60


def room_for(count: int) -> None:
    """Wait until the server has that many connections to give; fail with its limit where it never has.

    Another test process, or a person's own service on a server that `DATABASE_URL` names, may hold some of them.
    """
    patience = time.monotonic() + WAITS_AT_MOST_S
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('max_connections')::int"
                " - current_setting('superuser_reserved_connections')::int"
                " - (SELECT sum(numbackends) FROM pg_stat_database)"
            )
            (free,) = cursor.fetchone()
        if free >= count:
            return
        assert time.monotonic() < patience, f"This test wants {count} connections and the server has {free} to give."
        time.sleep(0.1)


def together(count: int, act: Callable[[int], Any]) -> Counter[str]:
    """Run `act` that often, as simultaneously as threads can; what came of each, by name."""
    room_for(min(count, AT_ONCE))
    came: Counter[str] = Counter()
    lock = threading.Lock()
    gate = threading.Semaphore(AT_ONCE)
    start = threading.Event()

    def act_once(number: int) -> None:
        with gate:
            start.wait(60)
            try:
                outcome = str(act(number))
            except Exception as error:
                outcome = type(error).__name__
            finally:
                connection.close()
        with lock:
            came[outcome] += 1

    threads = [threading.Thread(target=act_once, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    start.set()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "somebody still waits"
    return came
