"""Every statement a crash point: an intention is sent until it is done, and dies each time at the next statement.

    course = exhaust(act, by=owner)        # dies at 1 before, 1 after, 2 before, ... until it ends undisturbed
    course.faults                          # what was wrong on the way, in words
    course.points                          # where it died

Two ways to die at a statement: *before*, its backend ends and the statement never arrives; *after*, it was done (where
it was COMMIT: committed), the backend ends, and nobody hears of it. A death that left nothing is followed by one at the
next place of the same way, for everything is as it was: that is asserted row by row. A death that left something is
followed by the checkers, and by the deaths on the way that remains: of a request its replay, of a command the rest of
its work. So each way is walked to its end without arranging its beginning anew for each point.

Before the first death the act is rehearsed in a transaction that is rolled back: the process then knows what it keeps
(calendar, catalogue), so that each attempt walks the same way; and it is seen that nothing follows a request's COMMIT.
"""

from __future__ import annotations

import logging
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson
import psycopg
from django.db import DatabaseError, InterfaceError, close_old_connections, connection, transaction
from psycopg import sql

from agencies.models import Client
from api.http import throttling
from demo.client import PASSING
from tests.partner import Partner, said
from tests.simulation.checkers import Told, check_all
from tests.simulation.statements import Statement, end_backend, interposed, lose_answer, numbered

When = Literal["before", "after"]
State = dict[str, tuple[int, int]]
"""By table: how many rows, and which versions of them."""

SIDES: Final[tuple[When, When]] = ("before", "after")
POINTS_AT_MOST: Final = 1000

# What says nothing of anybody's case: how fast a client asks, who read what (a replay is read), the two pulses.
PASSING_TABLES: Final = frozenset(
    {
        "api_ratebucket",
        "api_writebucket",
        "api_proofbucket",
        "api_uploadbucket",
        "api_refusalbucket",
        "audit_access",
        "audit_logstatus",
        "casefiles_tick",
    }
)
# Nor does a courier's claim, to deliver or to warn, which runs out by itself: of that table the rest of the row is
# compared.
PASSING_COLUMNS: Final = {"delivery_webhook": ("lease", "leased_until", "warns_at")}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt: `done` where it ended well; `fault` where it ended as nobody may be answered."""

    done: bool
    fault: str = ""
    told: Told | None = None
    replayed: bool = False


@dataclass(frozen=True)
class Act:
    """Something that somebody wants to happen once: `attempt` does it, or does it again."""

    name: str
    attempt: Callable[[], Outcome]
    # A request has one effect; a command may do its work in parts.
    one_effect: bool = True
    # Whether it dies on the way of its replay too. That way is the same for all requests to one view.
    replays: bool = True
    rehearsed: bool = True
    # It sends from one thread of its own, and what it sends outside of a transaction is its work too.
    works_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A place at which it died: on the `way`-th way (from 0), at the `number`th statement."""

    way: int
    number: int
    when: When
    statement: str

    def __str__(self) -> str:
        return f"way {self.way}, {self.when} {self.statement}"


@dataclass
class Course:
    """All that happened to one act."""

    act: str
    points: list[Point] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    @property
    def answer(self) -> Any:
        """What a request's client was told in the end, as JSON."""
        return orjson.loads(self.told[-1].content)

    @property
    def ways(self) -> list[int]:
        """How many points each way had."""
        return [sum(point.way == way for point in self.points) for way in range(self.points[-1].way + 1)]


# Names of savepoints and of the server's cursors, which differ from one attempt to the next.
_DRAWN: Final = re.compile(r"_django_curs_\w+|\bs\d+_x\d+")


@dataclass(eq=False)
class Killer:
    """Ends the backend at one statement of one attempt, which runs in the thread that made this or `elsewhere`."""

    number: int
    when: When
    by: psycopg.Connection[Any]
    elsewhere: bool = False
    thread: int = field(default_factory=threading.get_ident)
    seen: list[str] = field(default_factory=list)
    struck: Statement | None = None
    committed: bool = False

    def before(self, statement: Statement) -> None:
        """Note it, and strike if it is the one."""
        if self.struck is not None or self._is_another_s(statement):
            return
        self.seen.append(_DRAWN.sub("", statement.sql))
        if (statement.number, "before") == (self.number, self.when):
            self.struck = statement
            end_backend(self.by, statement.pid)

    def after(self, statement: Statement) -> None:
        """Note what was committed, and strike if it is the one."""
        if statement.error is not None or self._is_another_s(statement):
            return
        # What commits itself is the rate's, or is seen as a change without a commit; a courier's is its own.
        self.committed |= statement.kind == "commit" or (self.elsewhere and statement.alone)
        if self.struck is None and (statement.number, "after") == (self.number, self.when):
            self.struck = statement
            lose_answer(self.by, statement)

    def _is_another_s(self, statement: Statement) -> bool:
        return (statement.thread == self.thread) is self.elsewhere


def exhaust(act: Act, *, by: psycopg.Connection[Any], to_first_fault: bool = False) -> Course:
    """Have it die everywhere, or until something is wrong.

    `by` is the owner's session in autocommit: it ends backends and looks.
    """
    course = Course(act.name, faults=_rehearsed(act) if act.rehearsed else [])
    looker = Looker(by)
    kept, walked = looker.state(), list[str]()
    way = step = 0
    while len(course.points) < POINTS_AT_MOST and not (to_first_fault and course.faults):
        number, when = 1 + step // 2, SIDES[step % 2]
        killer, outcome = strike(act, number, when, by=by)
        if killer.struck is None:
            _ended(course, outcome, way, one_effect=act.one_effect, by=by)
            return course
        point = Point(way, number, when, str(killer.struck))
        course.points.append(point)
        now = looker.state()
        faults = _faults_of(killer, walked, outcome)
        if now == kept:
            step, walked = step + 1, max(walked, killer.seen, key=len)
        else:
            if not killer.committed:
                faults.append(f"nothing was committed, and it changed {_differing(kept, now)}")
            faults += check_all(by)
            kept, walked, way, step = now, [], way + 1, 0
        course.faults += [f"{act.name}, {point}: {fault}" for fault in faults]
        if way and not act.replays:
            _, outcome = strike(act, 0, "before", by=by)
            _ended(course, outcome, way, one_effect=act.one_effect, by=by)
            return course
    if not course.faults:
        course.faults.append(f"{act.name} does not end")
    return course


def _rehearsed(act: Act) -> list[str]:
    with transaction.atomic(), numbered() as seen:
        outcome = act.attempt()
        transaction.set_rollback(True)
    # Locks that a session holds beyond its transaction go with it.
    connection.close()
    if not outcome.done:
        return [f"{act.name} is not done even undisturbed: {outcome.fault}"]
    # Within the rehearsal's transaction a commit is the release of a savepoint.
    if act.one_effect and seen[-1].kind != "savepoint":
        return [f"{act.name} sends {seen[-1]} after its commit"]
    return []


@contextmanager
def without_a_word() -> Iterator[None]:
    """What a thousand outages are logged as would bury the failure that somebody looks for."""
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def strike(act: Act, number: int, when: When, *, by: psycopg.Connection[Any]) -> tuple[Killer, Outcome]:
    """One attempt, that dies at its `number`th statement (0: at none); who killed it, and what came of it."""
    killer = Killer(number, when, by, elsewhere=act.works_elsewhere)
    # Each attempt draws its permits anew: by another worker, or later than a second.
    throttling._lots.clear()
    connection.ensure_connection()
    try:
        with interposed(killer), without_a_word():
            outcome = act.attempt()
    finally:
        # As the server does at the end of each request.
        close_old_connections()
    return killer, outcome


def _faults_of(killer: Killer, walked: list[str], outcome: Outcome) -> list[str]:
    faults = [outcome.fault] if outcome.fault else []
    common = min(len(walked), len(killer.seen))
    if walked[:common] != killer.seen[:common]:
        faults.append("the way is not the one of the attempt before: its points cannot be numbered")
    if outcome.told is not None and not killer.committed:
        faults.append("it was acknowledged, and nothing was committed")
    return faults


def _ended(course: Course, outcome: Outcome, effects: int, *, one_effect: bool, by: psycopg.Connection[Any]) -> None:
    """Undisturbed at last: what the client is told now is what was done."""
    if not outcome.done:
        course.faults.append(f"{course.act} ends undisturbed, and is not done: {outcome.fault}")
    if one_effect and effects != 1:
        course.faults.append(f"{course.act} changed something {effects} times")
    if outcome.told is not None:
        course.told.append(outcome.told)
        if not outcome.replayed:
            course.faults.append(f"{course.act} was done before, and its answer is no replay")
    course.faults += [f"{course.act}, at its end: {fault}" for fault in check_all(by, told=course.told)]


def _differing(one: State, other: State) -> str:
    return ", ".join(sorted(name for name in other if one.get(name) != other[name]))


# -- what is sent ------------------------------------------------------------------------------------------------------


def request_of(
    name: str, agency: str, path: str, body: Any, *, version: int | None = None, replays: bool = True
) -> Act:
    """A keyed request of that agency's system, sent again as often as it takes: the same key, the same bytes."""
    partner, key = Partner(agency), uuid.uuid4().hex
    client = Client.objects.get(agency__code=agency).client_id

    def attempt() -> Outcome:
        answer = partner.post(path, body, version=version, key=key)
        if 200 <= answer.status_code < 300:
            told = Told(client, key, answer.status_code, answer.content)
            return Outcome(done=True, told=told, replayed="Idempotency-Replayed" in answer.headers)
        return _refused(answer)

    return Act(name, attempt, replays=replays)


def call_of(name: str, send: Callable[[], Any], *, again: int | None = None) -> Act:
    """A request whose answer is not kept; `again` is the status by which it is refused where it was done before."""

    def attempt() -> Outcome:
        answer = send()
        if 200 <= answer.status_code < 300 or answer.status_code == again:
            return Outcome(done=True)
        return _refused(answer)

    return Act(name, attempt, replays=False)


def _refused(answer: Any) -> Outcome:
    problem = said(answer)
    known = answer.status_code == 503 and problem.get("code") in PASSING
    return Outcome(done=False, fault="" if known else f"answered {answer.status_code}: {problem}")


def read_of(name: str, agency: str, path: str) -> Act:
    """A read of that agency's system."""
    partner = Partner(agency)

    def attempt() -> Outcome:
        answer = partner.get(path)
        fault = "" if answer.status_code in {200, 503} else f"answered {answer.status_code}: {said(answer)}"
        return Outcome(done=answer.status_code == 200, fault=fault)

    return Act(name, attempt)


def command_of(name: str, run: Callable[[], object], *, again: tuple[type[Exception], ...] = ()) -> Act:
    """What an operator types, and types again; `again` is how it refuses what was done already."""

    def attempt() -> Outcome:
        try:
            run()
        except (DatabaseError, InterfaceError):
            return Outcome(done=False)
        except again:
            return Outcome(done=True)
        return Outcome(done=True)

    return Act(name, attempt, one_effect=False)


# -- what is there -----------------------------------------------------------------------------------------------------

_TABLES: Final = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    AND relname <> ALL(%s) ORDER BY relname
"""


def _compared(table: str) -> sql.Composable:
    """What is compared of a row: which version it is, or its content but for the columns that are passing."""
    if table not in PASSING_COLUMNS:
        return sql.SQL("ctid::text || xmin")
    return sql.SQL("(to_jsonb(seen) - {}::text[])::text").format(sql.Literal(list(PASSING_COLUMNS[table])))


class Looker:
    """Says which row versions there are, with one statement that is planned once."""

    def __init__(self, by: psycopg.Connection[Any]) -> None:
        names = [name for (name,) in by.execute(_TABLES, [list(PASSING_TABLES)]).fetchall()]
        parts = [
            sql.SQL("SELECT {}, count(*), coalesce(sum(hashtextextended({}, 0)), 0) FROM {} AS seen").format(
                sql.Literal(name), _compared(name), sql.Identifier(name)
            )
            for name in names
        ]
        self._by = by
        self._statement = sql.SQL(" UNION ALL ").join(parts).as_bytes(by)

    def state(self) -> State:
        """By table: how many rows, and the sum of the hashes of their places and transactions.

        Any INSERT, UPDATE or DELETE that was committed changes it, and none that was undone. Content is read only where
        some columns are passing.
        """
        rows = self._by.execute(self._statement, prepare=True).fetchall()
        return {name: (count, digest) for name, count, digest in rows}
