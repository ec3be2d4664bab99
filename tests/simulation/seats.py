"""Threads with a connection of their own each, signed in as one role: who acts in a simulation, process by process.

A seat does one thing after the other. What it is handed runs on its own connection, as a worker of the web, a second
sequencer or the owner's command would have one; a connection that was killed is replaced before the next thing.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import dj_database_url
from django.db import connection, connections

T = TypeVar("T")

PATIENCE_S = 60
"""Nothing that a seat does takes so long; a test that waits longer hangs."""


class Seat:
    """One thread with one connection; `url` says to which database and as which role."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._url = url
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self.begin(self._sign_in).result(PATIENCE_S)

    def begin(self, act: Callable[[], T]) -> Future[T]:
        """Have it done, without waiting for the end."""
        return self._thread.submit(act)

    def do(self, act: Callable[[], T]) -> T:
        """Have it done; returns or raises what came of it."""
        return self.begin(act).result(PATIENCE_S)

    def leave(self) -> None:
        """Sign out and end the thread."""
        self.do(connections.close_all)
        self._thread.shutdown()

    def sign_out(self) -> None:
        """Close its connection, as a process that ended; what it does next opens another."""
        self.do(_close)

    def reconnect(self) -> None:
        """Begin anew on a fresh connection, as a process that was started again."""
        self.do(self._renew)

    @property
    def pid(self) -> int:
        """The process id of its backend."""
        return self.do(_own_pid)

    def _sign_in(self) -> None:
        made: Any = connections.create_connection("default")
        role: dict[str, Any] = dict(dj_database_url.parse(self._url))
        signed = {name: role[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
        made.settings_dict = {**made.settings_dict, **signed}
        connections["default"] = made
        connection.ensure_connection()

    @staticmethod
    def _renew() -> None:
        connection.close()
        connection.ensure_connection()


def _close() -> None:
    connection.close()


def _own_pid() -> int:
    if connection.connection is not None and connection.connection.closed:
        connection.close()
    connection.ensure_connection()
    pid: int = connection.connection.info.backend_pid
    return pid
