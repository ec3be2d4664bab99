"""PostgreSQL itself dies between any two statements, and comes back, or its standby does: sampled, by a seed.

`./run drill` takes a longer sample than CI does.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import transaction

from audit import log, sequencer
from audit.tlog.notes import Signer
from casefiles.references import plain
from tests.callers import signed_in_at
from tests.conftest import Copies
from tests.drills.conftest import LONG
from tests.drills.service import dump, machine, restore
from tests.factories import recorded_at_once
from tests.ready import ROUTED, ready
from tests.sequencing import RECEIPT_KEY, log_signer
from tests.simulation.checkers import Thorough, Told, check_all
from tests.simulation.crashing import Act, command_of, request_of, without_a_word
from tests.simulation.servers import Outage, Pair
from tests.simulation.statements import interposed
from tests.world import World

pytestmark = [pytest.mark.crash, pytest.mark.drill, pytest.mark.django_db(transaction=True)]

RESTARTS = 40 if LONG else 3
FAIL_OVERS = range(6 if LONG else 1)
ATTEMPTS = 4
# A request has about so many statements.
STATEMENTS = 12


@pytest.fixture(scope="module")
def seeded(copies: Copies, world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sandbox's world as a backup."""
    return dump(copies.roles.on(world.template).owner, tmp_path_factory.mktemp("seeded") / "world.dump")


@contextmanager
def register(folder: Path, seeded: Path) -> Iterator[tuple[Pair, Signer]]:
    """A register on a server of its own, with an open log; Django signs in there as the web."""
    signer = log_signer()
    with machine(folder) as server, Pair(server) as pair:
        restore(server.roles.owner, seeded)
        with signed_in_at(server.roles.owner):
            call_command("grant_roles", stdout=StringIO())
            with transaction.atomic():
                log.open_log(origin=signer.name, log_key=signer.vkey, receipt_key=RECEIPT_KEY, now=datetime.now(UTC))
        with signed_in_at(server.roles.web), recorded_at_once():
            yield pair, signer


def sequencing(pair: Pair, signer: Signer) -> Act:
    """A round of the sequencer."""

    def sequence() -> None:
        with signed_in_at(pair.roles.sequencer):
            while sequencer.grow(limit=20).new:
                pass
            sequencer.checkpoint(signer)
            sequencer.beat()

    return command_of("sequence", sequence)


def sent_until_done(act: Act, outage: Outage) -> list[Told]:
    """Send it until it is done, to whichever server takes writes; what its client was told in the end."""
    for _ in range(ATTEMPTS):
        with signed_in_at(outage.pair.roles.web), interposed(outage), without_a_word():
            outcome = act.attempt()
        assert not outcome.fault, f"{act.name}, {outage.struck}: {outcome.fault}"
        if outcome.done:
            return [outcome.told] if outcome.told else []
    raise AssertionError(f"{act.name} is not done after {ATTEMPTS} attempts; {outage.struck}")


def assert_well(pair: Pair, signer: Signer, told: list[Told], *, thorough: bool = False, of: str = "") -> None:
    look = Thorough([signer.vkey], pair.roles.reader) if thorough else None
    with signed_in_at(pair.roles.web), psycopg.connect(pair.roles.owner, autocommit=True) as owner:
        assert check_all(owner, told=told, drained=thorough, thorough=look) == [], of


def acts(chance: random.Random, count: int) -> Iterator[Act]:
    """Rows of the flow, each on a casefile that stands ready for it."""
    for name in chance.sample(ROUTED, count) if count <= len(ROUTED) else chance.choices(ROUTED, k=count):
        case = ready(name)
        path = f"/casefiles/{case.story.casefile}/{name}"
        yield request_of(name, case.who, path, plain(case.given), version=case.story.row.version)


def test_it_stops_at_once_and_starts_again(seeded: Path, tmp_path: Path) -> None:
    """Each act meets an outage at a place of the seed's, the sequencer's rounds between them too."""
    chance = random.Random(11)
    told: list[Told] = []
    with register(tmp_path / "machine", seeded) as (pair, signer):
        for act in acts(chance, RESTARTS):
            outage = Outage(pair, chance.randint(1, STATEMENTS), after_it=chance.random() < 0.5)
            told += sent_until_done(act, outage)
            # Where the act ended before, the outage is the sequencer's.
            sent_until_done(sequencing(pair, signer), outage)
            assert_well(pair, signer, told, of=f"{act.name}, {outage.struck}")
        assert pair.crashes == RESTARTS
        assert_well(pair, signer, told, thorough=True)


@pytest.mark.parametrize("seed", FAIL_OVERS)
def test_its_standby_takes_over(seed: int, seeded: Path, tmp_path: Path) -> None:
    """What was acknowledged, the promoted one has; whoever sends again finds it there, and the log goes on."""
    chance = random.Random(seed)
    told: list[Told] = []
    with register(tmp_path / "machine", seeded) as (pair, signer):
        pair.replicate()
        first, second, third = acts(chance, 3)
        calm = Outage(pair, 0, after_it=False)
        told += sent_until_done(first, calm)
        sent_until_done(sequencing(pair, signer), calm)
        outage = Outage(pair, chance.randint(1, STATEMENTS), after_it=chance.random() < 0.5, for_ever=True)
        for act in (second, sequencing(pair, signer), third, sequencing(pair, signer)):
            told += sent_until_done(act, outage)
        assert pair.failed_over
        assert sent_until_done(first, calm) == told[:1]
        assert_well(pair, signer, told, thorough=True)
