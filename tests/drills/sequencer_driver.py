"""Runs rounds of the sequencer, each in a process of its own that dies, as if by `kill -9`, at a chosen step.

    python -m tests.drills.sequencer_driver

reads lines `<step or 0> <batch>` and answers each with the round's exit code: 137 where it died at that step, 0 where
the round ended before. A step is: before taking the lock, before each statement, before each commit, and after a commit
was sent, its answer not awaited. Rounds are forked, so that only the first pays for the imports.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import django

DIED = 137
# Exits of a round that neither died nor ended.
BROKE = 3


def dying_at(number: int) -> Callable[[], bool]:
    """A counter that says True once, at that step; 0 never comes."""
    done = 0

    def step() -> bool:
        nonlocal done
        done += 1
        return done == number

    return step


def die() -> None:
    """End at once: nothing is flushed, closed or rolled back by this process."""
    os._exit(DIED)


def one_round(number: int, batch: int) -> None:
    """Take the lock, grow until nothing waits, sign, beat."""
    from django.conf import settings
    from django.db import connection

    from audit import sequencer

    assert settings.LINTAS_LOG_KEY_FILE is not None
    signer = sequencer.read_log_key(settings.LINTAS_LOG_KEY_FILE, origin=settings.LINTAS_LOG_ORIGIN)
    step = dying_at(number)
    if step():
        die()
    # The one who died before may still hold it for a moment; how often one asks is no step.
    while not sequencer.try_to_be_active():
        time.sleep(0.005)

    def before_each(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if step():
            die()
        return execute(sql, params, many, context)

    commit = connection._commit  # type: ignore[attr-defined]  # where Django's transactions end

    def before_commit() -> None:
        if step():
            die()
        if step():
            connection.connection.pgconn.send_query(b"COMMIT")
            connection.connection.pgconn.flush()
            die()
        commit()

    connection._commit = before_commit  # type: ignore[attr-defined]
    with connection.execute_wrapper(before_each):
        while sequencer.grow(limit=batch).new:
            pass
        sequencer.checkpoint(signer)
        sequencer.beat()


def forked(number: int, batch: int) -> int:
    """One round in a child; returns its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        one_round(number, batch)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(BROKE)
    os._exit(0)


def main() -> None:
    """Answer one line after the other until there are no more."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for line in sys.stdin:
        number, batch = map(int, line.split())
        print(forked(number, batch), flush=True)


if __name__ == "__main__":
    main()
