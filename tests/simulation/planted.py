"""Faults, each planted into the product for a while: the measure of the harness is that it finds them.

A fault is what somebody might write in good faith. It replaces a function or a passage of SQL, is found by a contest of
`schedules` or by the machine, and within so many seeds. A passage that is not there any more fails loudly: a fault that
was not planted is not found either, and nobody would know why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection, transaction

from api.http import idempotency, idempotency_key, rendering, view
from api.models import IdempotencyRecord
from audit import sequencer
from casefiles.sight import feed
from casefiles.transitions import decide, load, load_many, pair, perform, taking, write
from casefiles.transitions.unit import Question, Unit
from tests.simulation.patching import patched, replaced
from tests.simulation.running import BY_NAME, MACHINE, Found, Runner
from tests.simulation.schedules import Schedules


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what it is, how it is planted, where it must be found (a contest's name, or `machine`), how soon."""

    name: str
    says: str
    plant: Callable[[], AbstractContextManager[None]]
    where: str
    within: int


def _sql(owner: Any, name: str, *passages: tuple[str, str]) -> Callable[[], AbstractContextManager[None]]:
    """Plant by replacing passages of a statement."""

    def plant() -> AbstractContextManager[None]:
        text = getattr(owner, name)
        for old, new in passages:
            text = replaced(text, old, new)
        return patched(owner, name, text)

    return plant


# -- locks -------------------------------------------------------------------------------------------------------------


@contextmanager
def _two_locks_in_the_order_of_asking() -> Iterator[None]:
    one = replaced(load_many.LOCK_MANY, "WHERE id = ANY(%s) ORDER BY id FOR UPDATE", "WHERE id = %s FOR UPDATE")

    def lock_each(casefiles: Any) -> frozenset[UUID]:
        held = []
        for casefile in casefiles:
            with connection.cursor() as cursor:
                cursor.execute(one, [casefile])
                held += [row[0] for row in cursor.fetchall()]
        return frozenset(held)

    with patched(pair, "lock_many", lock_each):
        yield


@contextmanager
def _decided_on_what_was_read_before_the_lock() -> Iterator[None]:
    """Everything the guards ask is read first, and then the row is locked."""
    bring, lock = decide.bring, load.lock

    def brought(casefile: UUID, given: Any, **more: Any) -> Any:
        loaded = bring(casefile, given, **more)
        lock(casefile)
        return loaded

    with (
        patched(perform, "locks_alone", lambda name, given: False),
        patched(perform, "lock", lambda casefile: None),
        patched(perform, "bring", brought),
    ):
        yield


# -- keys --------------------------------------------------------------------------------------------------------------


def acted(act: Any, first: Any) -> Any:
    """Perform a door's act with no key claimed: its first question is asked alone. Returns the answer."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {first.sql}", first.parameters)
        ((said,),) = cursor.fetchall()
    unit = Unit()
    answer = act(unit, first.read(None if said is None else orjson.loads(said)))
    unit.write()
    return answer


@contextmanager
def _the_key_is_written_after_the_commit() -> Iterator[None]:
    """The act commits, and then a second transaction writes the key: whoever dies in between does it twice."""

    def performed(request: Any, act: Any, sight: Any, first: Any) -> Any:
        digest = idempotency_key.digest(client=request.actor.client_id, key=request.key)
        mark = idempotency_key.fingerprint(
            client=request.actor.client_id, method=request.method or "", path=request.path, body=request.json
        )
        client = request.actor.client_pk
        found = IdempotencyRecord.objects.filter(client=client, key_digest=digest).first()
        if found is not None:
            return idempotency._replayed(found, mark, sight)
        with transaction.atomic():
            answer = acted(act, first)
        body = rendering.dumps(answer.data)
        tag = idempotency._tag(answer)
        nothing: Question[None] = Question("NULL", {}, lambda _: None)
        with transaction.atomic():
            claimed = idempotency._claimed(nothing, client=client, digest=digest, fingerprint=mark, now=request.now)
            assert claimed is not None
            unit = Unit()
            unit.store(idempotency._kept(answer, body, tag, record=claimed[0], now=request.now))
            unit.write()
        return view.answer(body, status=answer.status, etag=tag, location=answer.location)

    with patched(idempotency, "_performed", performed):
        yield


@contextmanager
def _a_key_answers_to_any_request() -> Iterator[None]:
    original = idempotency._replayed

    def replayed(record: Any, fingerprint: bytes, sight: Any) -> Any:
        return original(record, bytes(record.fingerprint), sight)

    with patched(idempotency, "_replayed", replayed):
        yield


# -- versions and sight ------------------------------------------------------------------------------------------------


@contextmanager
def _the_version_is_not_compared() -> Iterator[None]:
    original = decide.decide

    def blind(*args: Any, expected_version: int | None = None, **more: Any) -> Any:
        return original(*args, expected_version=None, **more)

    with patched(perform, "decide", blind):
        yield


# -- the log -----------------------------------------------------------------------------------------------------------


@contextmanager
def _two_sequencers_at_once() -> Iterator[None]:
    with patched(sequencer, "try_to_be_active", lambda: True):
        yield


BY_TIME: Final = """
    SELECT x.index FROM audit_sighting x JOIN audit_leaf y ON y.index = x.index JOIN audit_entry z ON z.id = y.entry_id
    WHERE x.agency = %(agency)s AND z.recorded_at > coalesce((
        SELECT o.recorded_at FROM audit_leaf n JOIN audit_entry o ON o.id = n.entry_id WHERE n.index = %(after)s
    ), '-infinity') ORDER BY x.index LIMIT"""

FAULTS: Final = (
    Fault(
        "a-lock-dropped",
        "The casefile's row is read without FOR UPDATE: two acts are decided on one version.",
        _sql(taking, "_SIGHT_AND_LOCK", ("\nFOR UPDATE", "")), "transfer against report-sanction", 12,
    ),
    Fault(
        "key-after-the-commit",
        "The idempotency key is written by a transaction of its own, after the act has committed.",
        _the_key_is_written_after_the_commit, "twin keys", 12,
    ),
    Fault(
        "sight-before-the-lock",
        "Parties and sight are read first, and the row is locked then: the decision is about a file that moved on.",
        _decided_on_what_was_read_before_the_lock, "transfer against report-sanction", 12,
    ),
    Fault(
        "locks-in-the-order-of-asking",
        "A merge locks its own casefile first, whatever its id: two merges into each other wait for each other.",
        _two_locks_in_the_order_of_asking, "two merges into each other", 40,
    ),
    Fault(
        "a-sequence-that-skips",
        "A leaf's index is counted from one too many where a batch holds more than one entry.",
        _sql(sequencer, "LEAVES", ("SELECT %s::bigint + n - 1, id", "SELECT %s::bigint + n - 1 + (n > 1)::int, id")),
        "machine", 6,
    ),
    Fault(
        "a-cursor-by-time",
        "The feed goes on behind the instant of the last item: what was recorded in the same millisecond is skipped.",
        _sql(feed, "_PAGE", (
            "SELECT index FROM audit_sighting WHERE agency = %(agency)s AND index > %(after)s ORDER BY index LIMIT",
            BY_TIME,
        )),
        "machine", 6,
    ),
    Fault(
        "sight-that-does-not-end",
        "Whoever is left behind by a transfer keeps its grant.",
        _sql(write, "STEPS", ("AND g.until_entry_id IS NULL\n)", "AND g.until_entry_id IS NULL AND false\n)")),
        "machine", 6,
    ),
    Fault(
        "a-version-not-compared",
        "If-Match is read and forgotten: an act on an old version is accepted.",
        _the_version_is_not_compared, "machine", 6,
    ),
    Fault(
        "a-key-for-anything",
        "A key that was used answers to any request, without a look at its fingerprint.",
        _a_key_answers_to_any_request, "machine", 6,
    ),
    Fault(
        "a-clock-that-does-not-lock",
        "The clock's batch is loaded without locks: it writes a level on a file that moved on.",
        _sql(load_many, "LOCK_MANY", (" FOR UPDATE", "")), "tick against act", 12,
    ),
    Fault(
        "two-sequencers",
        "A sequencer does not ask whether another one is active: both give the same places.",
        _two_sequencers_at_once, "sequencer against restart", 12,
    ),
)  # fmt: skip


def found_by(runner: Runner, fault: Fault) -> Found | None:
    """What the first seed that finds the fault found; None where none does within its bound."""
    with ExitStack() as stack:
        schedules: Schedules | None = None
        if fault.where != MACHINE:
            schedules = stack.enter_context(runner.schedules())
            # What the serial orders lead to is learnt from the sound product.
            assert runner.contest(schedules, BY_NAME[fault.where], 0, times=1) is None
        stack.enter_context(fault.plant())
        for number in range(fault.within):
            found = (
                runner.walk(number) if schedules is None
                else runner.contest(schedules, BY_NAME[fault.where], number, times=1)
            )  # fmt: skip
            if found is not None:
                return found
    return None
