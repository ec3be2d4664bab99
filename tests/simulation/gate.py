"""The seeded gate: of several workers, one statement at a time leaves this process, and a seed decides whose.

PostgreSQL schedules itself, so what is owned here is the order in which statements leave. Before each statement a
worker parks. The gate frees one, and waits until it has *arrived*: at its next statement, at its end, or at a lock that
somebody parked holds. Only then it chooses again; otherwise the order would depend on how fast the machine is, and a
seed would not find the same thing twice. Who waits for a lock is found by `pg_blocking_pids`, from a session apart.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal

import psycopg

from tests.simulation.seats import Seat
from tests.simulation.statements import AnswerLost, Statement, interposed

LOOK_AFTER_S: Final = 0.002
"""So long a statement that waits for nobody takes at most, mostly; then it is asked whether a lock is in the way."""
STUCK_AFTER_S: Final = 20

BLOCKED = "SELECT p, pg_blocking_pids(p) FROM unnest(%s::int[]) p"

_SAVEPOINT = re.compile(r'"s\d+_x(\d+)"')
_BLANKS = re.compile(r"\s+")


class Stuck(AssertionError):
    """Nobody can go on, or somebody does not arrive."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One step of a schedule: who was freed (or killed), before which statement, and who waits for a lock after it."""

    who: str
    does: Literal["go", "die"]
    statement: str
    waiting: tuple[str, ...]

    def __str__(self) -> str:
        waits = f"  [{', '.join(self.waiting)} waits]" if self.waiting else ""
        return f"{self.who} {self.does} {self.statement}{waits}"


@dataclass(slots=True)
class Ran:
    """What came of a schedule: each step, each worker's outcome, and who met a lock or a deadlock."""

    trace: list[Chosen] = field(default_factory=list)
    outcomes: dict[str, Any] = field(default_factory=dict)
    waited: set[str] = field(default_factory=set)
    killed: str | None = None
    deadlocked: bool = False

    @property
    def text(self) -> str:
        """The trace, line by line; the same for the same seed."""
        return "\n".join(map(str, self.trace))


class Gate:
    """Runs acts on seats, statement by statement, in the order that `chance` draws.

    `monitor` is the owner's session, in autocommit, which nobody else uses.
    """

    def __init__(self, monitor: psycopg.Connection[Any], chance: random.Random) -> None:
        self._monitor, self._chance = monitor, chance
        self._turn = threading.Condition()
        self._names: dict[int, str] = {}
        self._pids: dict[str, int] = {}
        self._parked: dict[str, Statement] = {}
        self._done: dict[str, Any] = {}
        self._order: dict[str, Literal["go", "die"]] = {}
        self._waiting: frozenset[str] = frozenset()
        self._given_up = False
        # A long act is overtaken, or done before the other has begun, only where turns are not drawn one by one.
        self._sticks = chance.choice((0.0, 0.5, 0.9))

    # -- in the workers' threads ---------------------------------------------------------------------------------------

    def before(self, statement: Statement) -> None:
        """Park until the gate says go, or die."""
        name = self._names.get(statement.thread)
        if name is None:
            return
        with self._turn:
            self._pids[name] = statement.pid
            self._parked[name] = statement
            self._turn.notify_all()
            self._turn.wait_for(lambda: name in self._order or self._given_up)
            order = self._order.pop(name, "die")
        if order == "die":
            statement.connection.pgconn.finish()
            raise AnswerLost("server closed the connection unexpectedly")

    def after(self, statement: Statement) -> None:
        """Nothing: a worker arrives before its next statement, or at its end."""

    def _work(self, name: str, act: Callable[[], Any]) -> None:
        with self._turn:
            self._names[threading.get_ident()] = name
        try:
            outcome = act()
        except Exception as error:
            outcome = error
        with self._turn:
            del self._names[threading.get_ident()]
            self._done[name] = outcome
            self._turn.notify_all()

    # -- in the gate's own thread --------------------------------------------------------------------------------------

    def run(self, acts: Mapping[str, tuple[Seat, Callable[[], Any]]], *, deadly: tuple[str, float] = ("", 0.0)) -> Ran:
        """Run them to their ends. Raises `Stuck` where they do not get there.

        `deadly` names the worker whose connection may be killed, once, before one of its statements, and how likely
        that is each time it is chosen.
        """
        ran = Ran()
        self._pids = {name: seat.pid for name, (seat, _) in acts.items()}
        with interposed(self, sees=lambda _: threading.get_ident() in self._names):
            running = [seat.begin(partial(self._work, name, act)) for name, (seat, act) in acts.items()]
            try:
                while self._settled(acts, ran):
                    self._step(ran, deadly)
            finally:
                with self._turn:  # nobody stays parked, whatever happened
                    self._given_up = True
                    self._turn.notify_all()
            for one in running:
                one.result(STUCK_AFTER_S)
        ran.outcomes = {name: self._done[name] for name in acts}
        return ran

    def _step(self, ran: Ran, deadly: tuple[str, float]) -> None:
        """Draw who goes next, and free it."""
        with self._turn:
            name = self._drawn(ran.trace[-1].who if ran.trace else "")
            does: Literal["go", "die"] = "go"
            if name == deadly[0] and ran.killed is None and self._chance.random() < deadly[1]:
                does, ran.killed = "die", name
            said = _said(self._parked.pop(name))
            self._order[name] = does
            self._turn.notify_all()
        if does == "die":
            self._gone(self._pids[name])
        ran.trace.append(Chosen(name, does, said, ()))

    def _drawn(self, last: str) -> str:
        """Whoever went last goes on, as often as this schedule sticks to one; else anybody who is parked."""
        parked = sorted(self._parked)
        if last in parked and self._chance.random() < self._sticks:
            return last
        return self._chance.choice(parked)

    def _settled(self, acts: Mapping[str, Any], ran: Ran) -> bool:
        """Wait until everybody has arrived; False once all are done."""
        until = time.monotonic() + STUCK_AFTER_S
        with self._turn:
            while True:
                # Whoever waited for a lock before may have got it by the last step; that is asked anew.
                if not set(self._away(acts)) <= self._waiting:
                    self._turn.wait(LOOK_AFTER_S)
                away = self._away(acts)
                waiting = self._waiting_for_a_lock(away) if away else frozenset()
                if waiting == frozenset(away) == frozenset(self._away(acts)):
                    if self._parked or not away:
                        return self._arrived(waiting, ran)
                    ran.deadlocked = True  # nobody is parked: PostgreSQL ends one of them in a second
                    self._turn.wait(LOOK_AFTER_S * 10)
                self._waiting = waiting
                if time.monotonic() > until:
                    raise Stuck(f"{', '.join(away)} does not arrive\n{ran.text}")

    def _away(self, acts: Mapping[str, Any]) -> list[str]:
        return [name for name in acts if name not in self._parked and name not in self._done]

    def _arrived(self, waiting: frozenset[str], ran: Ran) -> bool:
        self._waiting = waiting
        if waiting and ran.trace:
            last = ran.trace[-1]
            ran.trace[-1] = Chosen(last.who, last.does, last.statement, tuple(sorted(waiting)))
            ran.waited |= waiting
        return bool(self._parked)

    def _waiting_for_a_lock(self, away: list[str]) -> frozenset[str]:
        names = {self._pids[name]: name for name in away}
        ours = set(self._pids.values())
        self._turn.release()  # whoever arrives meanwhile may say so
        try:
            rows = self._monitor.execute(BLOCKED, [list(names)]).fetchall()
        finally:
            self._turn.acquire()
        return frozenset(names[pid] for pid, by in rows if ours & set(by))

    def _gone(self, pid: int) -> None:
        until = time.monotonic() + STUCK_AFTER_S
        while self._monitor.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() is not None:
            if time.monotonic() > until:
                raise Stuck(f"backend {pid} does not end")
            time.sleep(0.0005)


def _said(statement: Statement) -> str:
    """The statement as a trace tells it: nothing of it differs between two runs."""
    text = _BLANKS.sub(" ", _SAVEPOINT.sub(r"s_x\1", statement.sql)).strip()
    return f"{statement.kind}: {text[:90]}"
