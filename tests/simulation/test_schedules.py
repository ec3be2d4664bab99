"""The contested pairs under a few dozen schedules, and the promise that a seed is a schedule."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import Copies
from tests.simulation.register import BEGINS, register
from tests.simulation.schedules import CONTESTS, Schedules
from tests.world import World

pytestmark = [pytest.mark.crash, pytest.mark.race, pytest.mark.django_db(transaction=True)]

LATER = BEGINS + timedelta(days=45)
SEEDS = 10
# How one sees that a pair met, where neither waits: a revocation holds the stream of the agency's clients, no act does.
MET = {"sequencer against restart": "killed", "revoke against use": "401 token-invalid"}


@pytest.mark.parametrize("share", range(3))
def test_whatever_order_their_statements_take_it_is_as_if_one_had_come_first(
    copies: Copies, world: World, tmp_path: Path, share: int
) -> None:
    reached: set[str] = set()
    with register(copies, world.template, tmp_path) as here:
        here.clock.move_to(LATER, tick=False)
        schedules = Schedules(here)
        for contest in CONTESTS[share::3]:
            for seed in range(SEEDS):
                verdict = schedules.run(contest, seed)
                assert verdict.faults == [], f"{contest.name}, seed {seed}\n{verdict.ran.text}"
                reached |= verdict.reached
    # A pair that never meets would show nothing.
    for contest in CONTESTS[share::3]:
        met = MET.get(contest.name, "waited for a lock")
        assert any(one.startswith(contest.name) and one.endswith(met) for one in reached), f"{contest.name}: {reached}"


def test_the_same_seed_is_the_same_schedule(copies: Copies, world: World, tmp_path: Path) -> None:
    """Byte for byte, on other casefiles of another register."""
    chosen = [contest for contest in CONTESTS if contest.name in {"two merges into each other", "tick against act"}]
    traces = []
    for _ in range(2):
        with register(copies, world.template, tmp_path) as here:
            here.clock.move_to(LATER, tick=False)
            schedules = Schedules(here)
            traces.append([schedules.run(contest, seed).ran.text for contest in chosen for seed in range(3)])
    assert traces[0] == traces[1]
    assert len(set(traces[0])) > 4, "the seeds draw one schedule"
