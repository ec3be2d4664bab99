"""Django's sessions of this process that wait until somebody signs in again to the same database as the same role.

A new session signs in, and learns every table that it meets: its columns, keys, triggers and statistics, and the plans
of what it asks. Nothing of that differs from one test to the next, so the session goes on. What a test could leave in
a session beside a transaction is a lock of its own; that is given back.
"""

from __future__ import annotations

import select
import threading
from typing import Any

from django.db import connections
from psycopg.pq import TransactionStatus

# Server and port, role, database.
Key = tuple[str, str, str, str]

_waiting: dict[Key, Any] = {}


def leave() -> None:
    """Have Django's session of this thread wait; it is closed where it is not as a new one would be."""
    left = connections["default"]
    if left.connection is None:
        return
    if not _may_wait(left):
        left.close()
        return
    key = _key(left.connection.info.dbname, left.connection.info.user)
    if key in _waiting:
        left.close()
        return
    _waiting[key] = left
    connections["default"] = connections.create_connection("default")


def come() -> None:
    """Take the session that waits for the database and the role which Django's settings name now, if there is one."""
    if connections["default"].connection is None and threading.current_thread() is threading.main_thread():
        here = connections.settings["default"]
        found = _waiting.pop(_key(here["NAME"], here["USER"]), None)
        if found is not None and not _is_alive(found):
            found.close()
        elif found is not None:
            connections["default"] = found
    # Django would find out by creating a table, which the web role may not.
    connections["default"].features.supports_transactions = True


def pids(database: str) -> list[int]:
    """The server's processes of the sessions that wait on that database."""
    return [one.connection.info.backend_pid for key, one in _waiting.items() if key[-1] == database]


def close_on(database: str | None) -> None:
    """Close what waits on a database that will be copied or dropped; None is every one."""
    for key in [key for key in _waiting if database in {None, key[-1]}]:
        _waiting.pop(key).close()


def _key(database: str, role: str) -> Key:
    here = connections.settings["default"]
    return (str(here["HOST"]), str(here["PORT"]), role, database)


def _may_wait(left: Any) -> bool:
    """Whether it is idle and this thread may come back to it; gives its own locks back."""
    if threading.current_thread() is not threading.main_thread() or left.in_atomic_block or not _is_alive(left):
        return False
    if left.connection.info.transaction_status != TransactionStatus.IDLE or not left.autocommit:
        return False
    if left.run_on_commit or left.execute_wrappers:
        return False
    if left.errors_occurred:
        left.connection._prepared.forget()
        left.errors_occurred = False
    left.connection.execute("SELECT pg_advisory_unlock_all()")
    return True


def _is_alive(one: Any) -> bool:
    """Whether the server has said nothing to it meanwhile: it would, to end it."""
    return not one.connection.closed and not select.select([one.connection.fileno()], [], [], 0)[0]
