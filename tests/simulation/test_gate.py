"""The gate alone, on nothing but locks: it sees who waits, it repeats itself, and it leaves nobody behind."""

from __future__ import annotations

import random
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, transaction

from tests.conftest import Copies
from tests.simulation.gate import Gate, Ran
from tests.simulation.seats import Seat

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def seats(copies: Copies, transactional_db: None) -> Iterator[dict[str, Seat]]:
    url = copies.roles.on(connection.settings_dict["NAME"]).web
    made = {name: Seat(name, url) for name in ("first", "second")}
    yield made
    for seat in made.values():
        seat.reconnect()
        seat.leave()


def lock(*numbers: int) -> str:
    """Take these locks one by one, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
    return "held"


def ran(
    owner: psycopg.Connection, seats: dict[str, Seat], seed: int, first: tuple[int, ...], second: tuple[int, ...],
    deadly: tuple[str, float] = ("", 0.0),
) -> Ran:  # fmt: skip
    acts = {"first": (seats["first"], lambda: lock(*first)), "second": (seats["second"], lambda: lock(*second))}
    return Gate(owner, random.Random(seed)).run(acts, deadly=deadly)


def test_who_waits_is_seen_and_a_seed_says_who(owner_connection: psycopg.Connection, seats: dict[str, Seat]) -> None:
    runs = [[ran(owner_connection, seats, seed, (7,), (7,)) for seed in range(12)] for _ in range(2)]
    assert [one.text for one in runs[0]] == [one.text for one in runs[1]]
    assert {name for one in runs[0] for name in one.waited} == {"first", "second"}
    assert all(one.outcomes == {"first": "held", "second": "held"} for one in runs[0])
    # While one waits only the other goes on, so a lock is given back by a COMMIT of its holder.
    for one in runs[0]:
        for step, after in zip(one.trace, one.trace[1:], strict=False):
            assert after.who not in step.waiting


def test_a_deadlock_is_told(owner_connection: psycopg.Connection, seats: dict[str, Seat]) -> None:
    """In the orders in which each holds what the other wants; PostgreSQL then ends one of them."""
    for seed in range(12):
        one = ran(owner_connection, seats, seed, (1, 2), (2, 1))
        if one.deadlocked:
            assert sorted(type(outcome).__name__ for outcome in one.outcomes.values()) == ["OperationalError", "str"]
            return
    pytest.fail("none of the seeds let each hold what the other wants")


def test_whoever_is_killed_holds_nothing(owner_connection: psycopg.Connection, seats: dict[str, Seat]) -> None:
    one = ran(owner_connection, seats, 3, (7, 8, 9), (7,), deadly=("first", 0.5))
    assert one.killed == "first"
    assert one.outcomes["second"] == "held"
    assert isinstance(one.outcomes["first"], Exception)
    assert [step.does for step in one.trace if step.who == "first"][-1:] == ["die"]
