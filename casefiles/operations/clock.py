"""The clock: what happens when nobody acts. It reaches levels of the ladder, gives lapsed returns back and seals reads.

It decides nothing by itself: each step is a row of the flow that names the clock as its party, judged again under the
lock of its casefile, and no such row closes a case. Levels are reached one by one, each its own transition, so that a
clock that stood still for a week goes through them in order. Two clocks at once do nothing twice.

What is due is found by index: the catalogue's levels and the calendar say up to which due day each level is reached
today, and one statement compares the open referrals with that, by the due day they missed where it was moved since.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.db import connection, transaction

from agencies import system
from agencies.actor import Actor
from audit import access, status
from casefiles import flow
from casefiles.catalogue import deadlines
from casefiles.catalogue.law import LawBook, local_day, open_book
from casefiles.catalogue.rows import ANY_MANDATE, LadderStep
from casefiles.flow import CaseView, Party, State
from casefiles.flow.given import RecallReason
from casefiles.flow.identity import Recall
from casefiles.flow.routing import REGIONAL
from casefiles.operations.gauges import OVERDUE
from casefiles.transitions import perform
from casefiles.transitions.values import RequestFacts

logger = logging.getLogger("lintas.clock")

BATCH = 500
LOCK = 0x6C6F6E63656E67  # "lonceng", the bell
BACKWARD = timedelta(minutes=5)
"""A database's clock that was set back by no more stands still until it has caught up; by more, it is refused."""
FORWARD = timedelta(days=31)
"""A pause is seldom longer; beyond, somebody has to say that the time is right before letters follow from it."""
SILENT_S = 3600
HIGHEST = 32_767


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


def tick(*, now: datetime, batch: int = BATCH) -> Ticked:
    """Do whatever is due at that moment, a batch of casefiles per transaction, until nothing is left.

    Raises `agencies.system.NoOperator` where nobody runs the register.
    """
    with _alone() as alone:
        if not alone:
            return Ticked(at=now, busy=True)
        pulse = status.health().pulse
        if pulse is not None and (why := pulse.paused()):
            return Ticked(at=now, paused=why)
        round_ = _Round(actor=system.operator("tick"), now=now, batch=batch)
        escalated = round_.until_nothing_is_left("escalate", due=round_.next_levels(), given=flow.escalation_of)
        given_back = round_.until_nothing_is_left("recall", due=round_.beyond_the_ladder(), given=_given_back)
        _remember(now)
        sealed = access.seal(now=now)
        return Ticked(at=now, escalated=escalated, given_back=given_back, refused=round_.refused, sealed=sealed)


def _given_back(case: CaseView) -> Recall | None:
    return Recall(reason=RecallReason(code="no_answer")) if case.state is State.RETURNED else None


# --- what time it is ------------------------------------------------------------------------------------------------


def moment(*, force: bool = False) -> datetime:
    """The database's time, held against the last round's. Raises `Adrift`; `force` says that the time is right."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp(), (SELECT ticked_at FROM casefiles_tick)")
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


@dataclass(frozen=True, slots=True)
class Due:
    """Which open referrals a step is due for: those of that kind, due by `until`, that stand from `above` to `below`.

    `today` is the holder's local day for which `until` was reckoned.
    """

    party: str
    purpose: str
    mandate: str
    regional: bool
    today: date
    above: int
    below: int
    until: date


# A referral meets one of the rows of `due` at most. Where it stands is put together once, and compared then. The keyset
# goes on behind what was tried, whatever came of it.
SEARCH = """
WITH standing AS MATERIALIZED (
    SELECT r.casefile_id, r.due_at, r.id, r.party, r.purpose, coalesce(r.missed_due_on, r.due_on) AS due_on,
        c.overdue_level,
        a.level = ANY(%(levels)s) AS regional, (%(now)s AT TIME ZONE r.time_zone)::date AS today,
        CASE WHEN m.code = ANY(%(mandates)s) THEN m.code ELSE '' END AS mandate
    FROM casefiles_referral r
    JOIN casefiles_casefile c ON c.id = r.casefile_id
    JOIN agencies_agency a ON a.id = r.to_agency_id
    LEFT JOIN agencies_mandate m ON m.id = c.mandate_id
    WHERE r.status = 'open' AND (r.due_at < %(bound)s OR r.missed_due_on IS NOT NULL)
        AND (r.due_at, r.id) > (%(after_due)s, %(after_id)s)
)
SELECT s.casefile_id, s.due_at, s.id
FROM standing s
JOIN jsonb_to_recordset(%(due)s::jsonb) AS d(
    party text, purpose text, mandate text, regional bool, today date, above int, below int, until date
) ON d.party = s.party AND d.purpose = s.purpose AND d.regional = s.regional AND d.today = s.today
    AND d.mandate = s.mandate AND s.due_on <= d.until AND s.overdue_level >= d.above AND s.overdue_level < d.below
ORDER BY s.due_at, s.id LIMIT %(batch)s
"""


class _Round:
    """One round of the clock, at one moment and under one law."""

    def __init__(self, *, actor: Actor, now: datetime, batch: int) -> None:
        self.actor, self.now, self.batch = actor, now, batch
        self.law: LawBook = open_book()
        self.on = local_day(now, actor.time_zone)
        # Mandates that have a ladder of their own; all others climb the common one.
        self.mandates = sorted({step.mandate for step in self.law.catalogue.ladder} - {ANY_MANDATE})
        self.refused = 0

    def until_nothing_is_left(self, name: str, *, due: tuple[Due, ...], given: Callable[[CaseView], Any]) -> int:
        """Perform that row wherever it is due, again and again, until a pass performs none; how often it was."""
        done = 0
        while due and (performed := self._pass(name, due=due, given=given)):
            done += performed
        return done

    def _pass(self, name: str, *, due: tuple[Due, ...], given: Callable[[CaseView], Any]) -> int:
        done = 0
        after: tuple[datetime, UUID] = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
        while rows := self._found(due, after=after):
            with transaction.atomic():
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
            if len(rows) < self.batch:
                break
            after = (rows[-1][1], rows[-1][2])
        return done

    def _found(self, due: tuple[Due, ...], *, after: tuple[datetime, UUID]) -> list[tuple[UUID, datetime, UUID]]:
        latest = max(level.until for level in due)
        with connection.cursor() as cursor:
            cursor.execute(
                SEARCH,
                {
                    "due": orjson.dumps(due).decode(),
                    "levels": sorted(REGIONAL),
                    "now": self.now,
                    "mandates": self.mandates,
                    # Two days cover every time zone; the index needs one instant.
                    "bound": datetime.combine(latest + timedelta(days=2), time(), tzinfo=UTC),
                    "after_due": after[0],
                    "after_id": after[1],
                    "batch": self.batch,
                },
            )
            rows: list[tuple[UUID, datetime, UUID]] = cursor.fetchall()
        return rows

    def next_levels(self) -> tuple[Due, ...]:
        """For every ladder and level: up to which due day its holders have reached it today, wherever they sit."""
        return tuple(
            self._due(steps[number], mandate, regional, today, steps[number - 1].level if number else 0)
            for mandate, regional, steps in self._ladders()
            for number in range(len(steps))
            for today in self._days()
        )

    def beyond_the_ladder(self) -> tuple[Due, ...]:
        """Returns whose last level is reached: the submitter has kept silent for good."""
        return tuple(
            self._due(steps[-1], mandate, regional, today, steps[-1].level, below=HIGHEST)
            for mandate, regional, steps in self._ladders()
            if (steps[-1].party, steps[-1].purpose) == ("submitter", "complete")
            for today in self._days()
        )

    def _due(
        self, step: LadderStep, mandate: str, regional: bool, today: date, above: int, *, below: int | None = None
    ) -> Due:
        return Due(
            party=step.party,
            purpose=step.purpose,
            mandate=mandate,
            regional=regional,
            today=today,
            above=above,
            below=step.level if below is None else below,
            until=self._last_due_on(step, today),
        )

    def _ladders(self) -> Iterator[tuple[str, bool, tuple[LadderStep, ...]]]:
        kinds = sorted({(step.party, step.purpose) for step in self.law.catalogue.ladder})
        for party, purpose in kinds:
            for mandate in ("", *self.mandates):
                for regional in (False, True):
                    steps = self.law.ladder_steps(
                        party, purpose, regional=regional, mandate=mandate or None, on=self.on
                    )
                    if steps:
                        yield mandate, regional, steps

    def _days(self) -> tuple[date, ...]:
        here = self.now.astimezone(UTC).date()
        return tuple(here + timedelta(days=days) for days in (-1, 0, 1))

    def _last_due_on(self, step: LadderStep, today: date) -> date:
        """The latest due day for which that level is reached on `today`."""
        ahead = max(0, -step.offset_days)
        due_on = deadlines.moved(today, ahead, step.day_basis, self.law.calendar)
        while deadlines.moved(due_on, step.offset_days, step.day_basis, self.law.calendar) >= today:
            due_on -= timedelta(days=1)
        return due_on
