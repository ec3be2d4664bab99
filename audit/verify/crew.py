"""Who reads a database: one connection, or several processes that look at the same snapshot, a range each.

    with Crew(connection, dsn=dsn, schema=schema, jobs=2) as crew:
        for found in crew.each(task, [(first, last), …]):       # task(connection, first, last), in the given order

A task is a function of a module: a process finds it by its name. What it is given and returns is pickled.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar
from weakref import WeakSet

import psycopg
from psycopg import sql
from psycopg.types.json import set_json_loads

from .forms import loads

Connection = psycopg.Connection[Any]
P = ParamSpec("P")
T = TypeVar("T")

Bounds = tuple[str | None, str | None]
"""The first stream of a range and the first of the next; None: no bound."""

EVERYTHING: Final[Bounds] = (None, None)

WORTHWHILE = 50_000
"""From this many entries on, further processes start by themselves, and one asks over a second connection. With fewer,
one process is done sooner.
"""

_here: list[Connection] = []
"""The connection of a process of the crew; empty in the process that leads."""


def connected(dsn: str, schema: str, *, snapshot: str | None = None) -> Connection:
    """A read-only connection in one snapshot: its own, or one that another connection holds."""
    # Where the first one got in the others will, however busy the server.
    patience = 10 if snapshot is None else 60
    connection: Connection = psycopg.connect(dsn, connect_timeout=patience, application_name="lintas-verify")
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    set_json_loads(loads, connection)
    if snapshot is not None:
        connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
    connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(schema)))
    # A policy that hides rows from this role is an error, and not an answer with fewer rows.
    connection.execute("SET LOCAL row_security TO off")
    connection.execute("SET LOCAL TimeZone TO 'UTC'")
    # Statements over ranges are short, and compiling one takes longer than it does.
    connection.execute("SET LOCAL jit TO off")
    return connection


def processes(jobs: int | None, *, entries: int) -> int:
    """How many processes read: as many as were asked for, or one for each core where there is much to read."""
    if jobs is not None:
        return max(1, jobs)
    return (os.cpu_count() or 1) if entries >= WORTHWHILE else 1


def within(column: str, edges: Bounds) -> sql.Composed:
    """The condition that a column lies in the range; the last range has what is empty, too."""
    first, beyond = edges
    name = sql.SQL(column)
    lower = sql.SQL("{} >= {}::uuid").format(name, first) if first else sql.SQL("true")
    if beyond is None:
        return sql.SQL("WHERE ({} OR {} IS NULL)").format(lower, name)
    return sql.SQL("WHERE {} AND {} < {}::uuid").format(lower, name, beyond)


class Crew:
    """Runs tasks in processes of their own, or, with one job, here and when the result is asked for."""

    def __init__(self, connection: Connection, *, dsn: str, schema: str, jobs: int, has_much: bool = False) -> None:
        self._connection, self.jobs = connection, jobs
        self._pool: ProcessPoolExecutor | None = None
        self._asking: ThreadPoolExecutor | None = None
        self._begun: WeakSet[Future[Any]] = WeakSet()
        if jobs > 1 or has_much:
            (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
            self._given = dsn, schema, snapshot
        if jobs > 1:
            self._pool = ProcessPoolExecutor(
                jobs,
                # A forked child would share the sockets of its parent's connection.
                mp_context=get_context("spawn"),
                initializer=_enter,
                initargs=self._given,
            )
        elif has_much:
            self._asking = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pool in (self._pool, self._asking):
            if pool is not None:
                pool.shutdown(wait=True, cancel_futures=True)

    def beside(self, task: Callable[[Connection], T]) -> Callable[[], T]:
        """Begin what the server does nearly alone; the answer is what the function says that is returned.

        With one job and much to read, a thread asks over a connection of its own while this one reads.
        """
        try:
            if self._pool is not None:
                future = self._pool.submit(_run, task)
            elif self._asking is not None:
                future = self._asking.submit(self._ask, task)
            else:
                return lambda: task(self._connection)
        except BrokenExecutor:
            return lambda: task(self._connection)
        self._begun.add(future)

        def answer() -> T:
            try:
                return future.result()
            except (BrokenExecutor, psycopg.OperationalError):
                return task(self._connection)

        return answer

    def _ask(self, task: Callable[[Connection], T]) -> T:
        dsn, schema, snapshot = self._given
        with connected(dsn, schema, snapshot=snapshot) as connection:
            return task(connection)

    def each(self, task: Callable[Concatenate[Connection, P], T], given: Iterable[Sequence[Any]]) -> Iterator[T]:
        """What the task finds, in the order of what it was given; with several jobs all of it is begun at once."""
        if self._pool is None:
            return (task(self._connection, *arguments) for arguments in given)  # type: ignore[call-arg]
        asked = list(given)
        try:
            futures = [self._pool.submit(_run, task, *arguments) for arguments in asked]
        except BrokenExecutor:
            futures = []
        self._begun.update(futures)
        return self._results(task, asked, futures)

    def _results(self, task: Callable[..., T], given: list[Sequence[Any]], futures: list[Future[T]]) -> Iterator[T]:
        # A result is dropped once it was handed on, so that memory never holds those of thousands of ranges.
        futures.reverse()
        for arguments in given:
            try:
                found = futures.pop().result() if futures else task(self._connection, *arguments)
            except BrokenExecutor:
                # A process was ended, or could not connect. This one sees the same snapshot.
                found = task(self._connection, *arguments)
            yield found

    def drop(self) -> None:
        """Cancel the tasks that have not begun."""
        for future in self._begun:
            future.cancel()


def _enter(dsn: str, schema: str, snapshot: str) -> None:
    connection = connected(dsn, schema, snapshot=snapshot)
    # Several processes read already: the server need not start more for each of them.
    connection.execute("SET LOCAL max_parallel_workers_per_gather TO 0")
    _here.append(connection)


def _run(task: Callable[..., T], *given: Any) -> T:
    # A range that is given up in its midst ends its transaction: the next task begins where this one began.
    with _here[0].transaction():
        return task(_here[0], *given)
