"""Every statement, commit and rollback on its way out of this process: numbered, and told before and after.

    class Killer:
        def before(self, statement): ...
        def after(self, statement): ...

    with interposed(Killer()):              # in all threads, on all connections of psycopg, Django's or not
        client.post(...)

    with numbered() as seen:                # a list of what this thread sent
        client.post(...)

`before` and `after` are called in the thread that sends. They may block, ask the database over another connection, end
the backend (`end_backend`), or raise: raised by `before`, the statement never leaves; raised by `after`, it was done
and its answer is lost. What they send themselves is not told. Django's wrapper knows of no commit and of no connection
but its own, so the hook sits in psycopg, where every message is made. In a pipeline (`executemany`) `after` means that
the message was queued. What only describes a portal or closes a plan has no effect and is not told.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

import psycopg
from psycopg import _connection_base, _cursor_base, _server_cursor_base
from psycopg.pq import TransactionStatus

Kind = Literal["begin", "statement", "commit", "rollback", "savepoint"]

FIRST_WORDS: Final[dict[str, Kind]] = {
    "BEGIN": "begin",
    "COMMIT": "commit",
    "ROLLBACK": "rollback",
    "SAVEPOINT": "savepoint",
    "RELEASE": "savepoint",
}
ENDS_WITHIN_S: Final = 10
LOOKS_EVERY_S: Final = 0.0003


@dataclass(slots=True, eq=False)
class Statement:
    """One message to PostgreSQL: the `number`th of its thread in the block, from 1.

    `alone`: it was sent outside of a transaction, so it commits itself. `error` is set before `after` is called, where
    the statement failed.
    """

    number: int
    kind: Kind
    sql: str
    connection: psycopg.Connection[Any]
    thread: int
    alone: bool
    error: BaseException | None = None

    @property
    def pid(self) -> int:
        """The process id of the backend that is to do it."""
        return self.connection.pgconn.backend_pid

    @property
    def makes_durable(self) -> bool:
        """Whether what was written is committed once this is done."""
        return self.kind == "commit" or self.alone

    def __str__(self) -> str:
        return f"{self.number} {self.kind} {' '.join(self.sql.split())[:100]}"


class Interposer(Protocol):
    """Stands between this process and PostgreSQL."""

    def before(self, statement: Statement, /) -> None:
        """The statement is about to leave."""

    def after(self, statement: Statement, /) -> None:
        """Its answer is here (`statement.error` where it failed), and the caller does not know it yet."""


@dataclass(eq=False)
class _Run:
    """One block: who stands between, what it sees, and how far each thread has counted."""

    interposer: Interposer
    sees: Callable[[psycopg.Connection[Any]], bool]
    counts: dict[int, Iterator[int]] = field(default_factory=dict)


_runs: list[_Run] = []
_lock = threading.Lock()
# Set while a thread is inside of `before` or `after`: what an interposer sends is its own affair.
_inside = threading.local()


@contextmanager
def interposed(
    interposer: Interposer, *, sees: Callable[[psycopg.Connection[Any]], bool] = lambda _: True
) -> Iterator[None]:
    """Have it stand between while the block lasts, for every connection that `sees` says True of, in all threads."""
    run = _Run(interposer, sees)
    with _lock:
        if not _runs:
            _hook()
        _runs.append(run)
    try:
        yield
    finally:
        with _lock:
            _runs.remove(run)
            if not _runs:
                _unhook()


@contextmanager
def numbered(
    *,
    before: Callable[[Statement], None] | None = None,
    after: Callable[[Statement], None] | None = None,
) -> Iterator[list[Statement]]:
    """What this thread sends while the block lasts, as a list that grows; with functions to call on the way."""
    seen = _Seen(threading.get_ident(), before, after)
    with interposed(seen):
        yield seen.statements


@dataclass(eq=False)
class _Seen:
    thread: int
    on_before: Callable[[Statement], None] | None
    on_after: Callable[[Statement], None] | None
    statements: list[Statement] = field(default_factory=list)

    def before(self, statement: Statement) -> None:
        if statement.thread == self.thread:
            self.statements.append(statement)
            if self.on_before:
                self.on_before(statement)

    def after(self, statement: Statement) -> None:
        if statement.thread == self.thread and self.on_after:
            self.on_after(statement)


# -- how a backend ends ------------------------------------------------------------------------------------------------


class AnswerLost(psycopg.OperationalError):
    """The statement was done, or not; the connection is gone and nobody was told."""


def end_backend(by: psycopg.Connection[Any], pid: int) -> None:
    """End that backend and wait until nothing of it is left: its transaction is undone, its locks are free.

    `by` is another session, of a role that may; it is in autocommit.
    """
    by.execute("SELECT pg_terminate_backend(%s)", [pid])
    until = time.monotonic() + ENDS_WITHIN_S
    while by.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() is not None:
        assert time.monotonic() < until, f"backend {pid} does not end"
        time.sleep(LOOKS_EVERY_S)


def lose_answer(by: psycopg.Connection[Any], statement: Statement) -> None:
    """For `after`: the backend ends, and the caller hears of it in place of the answer. Raises `AnswerLost`."""
    end_backend(by, statement.pid)
    statement.connection.pgconn.finish()
    raise AnswerLost("server closed the connection unexpectedly")


# -- the hook ----------------------------------------------------------------------------------------------------------

Sending = Generator[Any, Any, Any]

_COMMAND: Final = _connection_base.BaseConnection._exec_command
_EXECUTE: Final = _cursor_base.BaseCursor._maybe_prepare_gen
_STREAM: Final = _cursor_base.BaseCursor._stream_send_gen
_COPY: Final = _cursor_base.BaseCursor._start_copy_gen
_DECLARE: Final = _server_cursor_base.ServerCursorMixin._declare_gen


def _hook() -> None:
    for owner, name, _, sending in _PLACES:
        setattr(owner, name, sending)


def _unhook() -> None:
    for owner, name, original, _ in _PLACES:
        setattr(owner, name, original)


def _command(self: Any, command: Any, *args: Any, **more: Any) -> Sending:
    """BEGIN, COMMIT, ROLLBACK, FETCH, and what psycopg says for itself."""
    return (yield from _told(self, command, _COMMAND(self, command, *args, **more)))


def _execute(self: Any, pgq: Any, **more: Any) -> Sending:
    """`execute`, and each one of `executemany`; BEGIN went before."""
    return (yield from _told(self._conn, pgq.query, _EXECUTE(self, pgq, **more)))


def _begun(original: Any) -> Callable[..., Sending]:
    """What begins its transaction by itself has it begun first, so that BEGIN is told alone."""

    def sending(self: Any, query: Any, *args: Any, **more: Any) -> Sending:
        yield from self._conn._start_query()
        return (yield from _told(self._conn, query, original(self, query, *args, **more)))

    return sending


# Who has it, under which name, as psycopg has it, and in its place.
_PLACES: Final[tuple[tuple[type, str, Any, Any], ...]] = (
    (_connection_base.BaseConnection, "_exec_command", _COMMAND, _command),
    (_cursor_base.BaseCursor, "_maybe_prepare_gen", _EXECUTE, _execute),
    (_cursor_base.BaseCursor, "_stream_send_gen", _STREAM, _begun(_STREAM)),
    (_cursor_base.BaseCursor, "_start_copy_gen", _COPY, _begun(_COPY)),
    (_server_cursor_base.ServerCursorMixin, "_declare_gen", _DECLARE, _begun(_DECLARE)),
)


def _told(connection: psycopg.Connection[Any], query: Any, sending: Sending) -> Sending:
    """Send it, and tell every block that sees the connection before and after, the last begun first before."""
    if getattr(_inside, "now", False):
        return (yield from sending)
    told = [(run, _stated(run, connection, query)) for run in tuple(_runs) if run.sees(connection)]
    for run, statement in reversed(told):
        _tell(run.interposer.before, statement)
    try:
        answer = yield from sending
    except BaseException as error:
        for _, statement in told:
            statement.error = error
        for run, statement in told:
            _tell(run.interposer.after, statement)
        raise
    for run, statement in told:
        _tell(run.interposer.after, statement)
    return answer


def _tell(whom: Callable[[Statement], None], statement: Statement) -> None:
    _inside.now = True
    try:
        whom(statement)
    finally:
        _inside.now = False


def _stated(run: _Run, connection: psycopg.Connection[Any], query: Any) -> Statement:
    thread = threading.get_ident()
    sql = _text(query, connection)
    kind = FIRST_WORDS.get(sql.lstrip().partition(" ")[0].upper(), "statement")
    if kind == "rollback" and " TO " in sql.upper():
        kind = "savepoint"
    return Statement(
        number=next(run.counts.setdefault(thread, itertools.count(1))),
        kind=kind,
        sql=sql,
        connection=connection,
        thread=thread,
        alone=kind == "statement" and connection.pgconn.transaction_status == TransactionStatus.IDLE,
    )


def _text(query: Any, connection: psycopg.Connection[Any]) -> str:
    if isinstance(query, bytes):
        return query.decode(errors="replace")
    return query if isinstance(query, str) else str(query.as_string(connection))
