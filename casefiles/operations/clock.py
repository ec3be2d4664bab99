"""The clock: what happens when nobody acts. It reaches levels of the ladder, gives lapsed returns back and seals reads.

It decides nothing by itself: each step is a row of the flow that names the clock as its party, judged again under the
lock of its casefile, and no such row closes a case. Levels are reached one by one, each its own transition, so that a
clock that stood still for a week goes through them in order. Two clocks at once do nothing twice.

What is due is found by index: each open referral keeps the instant at which the clock comes to it
(`casefiles.transitions.rings`), so that a search costs what is due, however much is open. Where the law changed since
those were reckoned, the round reckons them anew first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from agencies import system
from agencies.actor import Actor
from audit import access, status
from audit.requests import RequestFacts
from casefiles import flow, register_time
from casefiles.catalogue.law import LawBook, local_day, open_book
from casefiles.flow import CaseView, Party, State
from casefiles.flow.given import RecallReason
from casefiles.flow.identity import Recall
from casefiles.operations import reckoning
from casefiles.operations.gauges import OVERDUE
from casefiles.operations.pacing import Pace, teller
from casefiles.transitions import perform

logger = logging.getLogger("lintas.clock")

MOST = 500
"""Casefiles that a batch takes at the most, however fast they go."""
LOCK = 0x6C6F6E63656E67  # "lonceng", the bell
BACKWARD = timedelta(minutes=5)
"""Where the database's clock was set back by this at most, a round uses the last moment. By more, it is refused."""
FORWARD = timedelta(days=31)
"""A pause is seldom longer. After a longer one, a person must confirm the time before the clock acts on it."""
SILENT_S = 3600


class Adrift(Exception):
    """The database's clock is not where the last round left it; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a round did; `sealed` counts days of reads.

    `busy`: another clock was at it; `paused`: the log accepts nothing now, so nothing was done.
    """

    at: datetime
    escalated: int = 0
    given_back: int = 0
    refused: int = 0
    sealed: int = 0
    busy: bool = False
    paused: str = ""


def tick(*, now: datetime, batch: int = MOST) -> Ticked:
    """Do whatever is due at that moment, up to `batch` casefiles per transaction, until nothing is left.

    Raises `agencies.system.NoOperator` where nobody runs the register.
    """
    with _alone() as alone:
        if not alone:
            return Ticked(at=now, busy=True)
        pulse = status.health().pulse
        if pulse is not None and (why := pulse.paused()):
            return Ticked(at=now, paused=why)
        round_ = _Round(actor=system.operator("tick"), now=now, batch=batch)
        round_.reckon()
        escalated = round_.until_nothing_is_left("escalate", given=flow.escalation_of)
        given_back = round_.until_nothing_is_left("recall", given=_given_back)
        if given_back:
            # A clock that resumes may have run out before the file was returned.
            escalated += round_.until_nothing_is_left("escalate", given=flow.escalation_of)
        _remember(now)
        sealed = access.seal(now=now)
        return Ticked(at=now, escalated=escalated, given_back=given_back, refused=round_.refused, sealed=sealed)


def _given_back(case: CaseView) -> Recall | None:
    return Recall(reason=RecallReason(code="no_answer")) if case.state is State.RETURNED else None


# --- what time it is ------------------------------------------------------------------------------------------------


def moment(*, force: bool = False) -> datetime:
    """The database's time (a sandbox's may be ahead of it), held against the last round's.

    Raises `Adrift`; `force` says that the time is right.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp() + make_interval(secs => %s), (SELECT ticked_at FROM casefiles_tick)",
            [register_time.ahead().total_seconds()],
        )
        read: tuple[datetime, datetime | None] = cursor.fetchone()
        now, last = read
        if last is None or last <= now <= last + FORWARD:
            return now
        if force:
            logger.warning("the clock goes on at %s; its last round was at %s", now.isoformat(), last.isoformat())
            cursor.execute("UPDATE casefiles_tick SET ticked_at = %s", [now])
            return now
    if now > last:
        raise Adrift(
            f"The database says {now.isoformat()}, and the last round was at {last.isoformat()}: more than "
            f"{FORWARD.days} days ago. If the time is right, type: manage.py tick --force"
        )
    if last - now <= BACKWARD:
        return last
    raise Adrift(
        f"The database says {now.isoformat()}, which is before the last round at {last.isoformat()}. Nothing was done. "
        "Mend the database server's clock; if it is right now, type: manage.py tick --force"
    )


def _remember(now: datetime) -> None:
    """The moment of this round; never an earlier one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO casefiles_tick (id, ticked_at) VALUES (1, %s) ON CONFLICT (id) DO UPDATE "
            "SET ticked_at = greatest(casefiles_tick.ticked_at, excluded.ticked_at)",
            [now],
        )


def silent_s() -> float | None:
    """Seconds since the last round; None before the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp() - ticked_at)::float FROM casefiles_tick")
        row = cursor.fetchone()
    return row[0] if row else None


def complaints() -> list[str]:
    """What an operator must look at: a clock that stands still, or one that was never started and is needed."""
    silent = silent_s()
    if silent is not None:
        return [f"the clock has been silent for {silent:.0f} s: is lintas-tick.timer up?"] if silent > SILENT_S else []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM casefiles_referral WHERE {OVERDUE})"  # noqa: S608 - a constant
        )
        needed = cursor.fetchone()[0]
    return ["something is overdue, and the clock has never ticked: manage.py tick"] if needed else []


@contextmanager
def _alone() -> Iterator[bool]:
    """Hold the clock's one lock for this round; False where another round has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        # A lost connection took the lock along.
        if held and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


# --- what is due ----------------------------------------------------------------------------------------------------

# The next batch begins after the last casefile that was tried, also where that one failed.
SEARCH = """
SELECT casefile_id, clock_at, id FROM casefiles_referral
WHERE status = 'open' AND clock_law = %(law)s AND clock_at <= %(now)s AND (clock_at, id) > (%(after_at)s, %(after_id)s)
ORDER BY clock_at, id LIMIT %(batch)s
"""


class _Round:
    """One round of the clock, at one moment and under one law."""

    def __init__(self, *, actor: Actor, now: datetime, batch: int) -> None:
        self.actor, self.now, self.pace = actor, now, Pace(batch)
        self.law: LawBook = open_book()
        self.on = local_day(now, actor.time_zone)
        self.refused = 0

    def reckon(self) -> int:
        """Reckon anew the instants that were reckoned by another law. Returns how many."""
        return reckoning.reckon(
            law=self.law, on=self.on, progress=teller(logger, "the law changed: reckoned %d referrals anew so far")
        )

    def until_nothing_is_left(self, name: str, *, given: Callable[[CaseView], Any]) -> int:
        """Perform that row wherever it is due, pass after pass, until a pass performs none. Returns how often."""
        done = 0
        while performed := self._pass(name, given=given, progress=teller(logger, f"{name}: %d casefiles in this pass")):
            done += performed
        return done

    def _pass(self, name: str, *, given: Callable[[CaseView], Any], progress: Callable[[int], None]) -> int:
        done = 0
        after: tuple[datetime, UUID] = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
        while rows := self._found(after=after, most=(most := self.pace.size)):
            with self.pace.batch(), transaction.atomic():
                steps, refused = perform.perform_all(
                    actor=self.actor,
                    casefiles=[casefile for casefile, _, _ in rows],
                    name=name,
                    given=given,
                    now=self.now,
                    request=RequestFacts(id=uuid4()),
                    as_party=Party.CLOCK,
                )
            for casefile, why in refused.items():
                logger.error("%s was refused on casefile %s: %s", name, casefile, why)
            self.refused += len(refused)
            done += len(steps)
            progress(done)
            if len(rows) < most:
                break
            after = (rows[-1][1], rows[-1][2])
        return done

    def _found(self, *, after: tuple[datetime, UUID], most: int) -> list[tuple[UUID, datetime, UUID]]:
        with connection.cursor() as cursor:
            cursor.execute(
                SEARCH,
                {
                    "law": self.law.ladder_digest(self.on),
                    "now": self.now,
                    "after_at": after[0],
                    "after_id": after[1],
                    "batch": most,
                },
            )
            rows: list[tuple[UUID, datetime, UUID]] = cursor.fetchall()
        return rows
