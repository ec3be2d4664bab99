"""A few walks of the machine, the seeds that found something once, and two planted faults: the measure of it all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import Copies
from tests.simulation import planted
from tests.simulation.running import Runner, kept
from tests.world import World

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def runner(copies: Copies, world: World, tmp_path: Path) -> Runner:
    return Runner(copies, world.template, tmp_path, Counter())


@pytest.mark.parametrize("seed", range(4))
def test_a_register_does_what_the_model_foresees(runner: Runner, seed: int) -> None:
    found = runner.walk(seed, walks=2)
    assert found is None, str(found)
    assert len(runner.reached) > 3, f"the walk came through nothing: {runner.reached}"


def test_what_was_found_once_is_not_found_again(runner: Runner) -> None:
    """Every seed under `seeds/`, on whatever the product has become."""
    again = [runner.again(where, seed) for where, seed in kept()]
    assert again
    assert [str(found) for found in again if found is not None] == []


@pytest.mark.parametrize("name", ["a-lock-dropped", "sight-that-does-not-end"])
def test_a_planted_fault_is_found(runner: Runner, name: str) -> None:
    """All of them: `./run simulate --planted`."""
    (fault,) = [one for one in planted.FAULTS if one.name == name]
    assert planted.found_by(runner, fault) is not None, fault.says
