"""What `./run simulate` runs, which the ordinary tests do not collect: seeds by the minute, and the planted faults.

LINTAS_SIMULATE holds what was asked for, as JSON: `seed`, `minutes`, `planted`.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conftest import Copies
from tests.simulation.drawing import LINES
from tests.simulation.planted import FAULTS, Fault, found_by
from tests.simulation.running import Found, Runner
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

ASKED: Final[dict[str, Any]] = json.loads(os.environ.get("LINTAS_SIMULATE", "{}"))
MINUTES: Final = float(ASKED.get("minutes") or 5)
NIGHT: Final = 60
"""So many seeds are a night, which has to reach every rare state."""
RENEWED_AFTER: Final = 25
"""Seeds after which the schedules get a fresh register."""

RARE: Final = (
    "a backend died after a commit", "a backend died before a commit", "a backend died before a statement",
    "a lost answer was replayed", "what a crash undid was done again", "an answer was replayed",
    "a key was refused for another request", "two systems of one agency used one key", "the sequencer died",
    "the clock escalated", "the clock gave a silent return back", "the clock was set back",
    "a new calendar moved a deadline", "cases were handed over", "a casefile was erased",
    "a replay was told that the content is erased", "writes were paused for want of witnesses",
    "a stranger was told of nothing", "a former party read the file as it left it",
    "an act ended the actor's own sight", "a casefile of more than twelve versions",
    "a correction was recorded in all casefiles of a finding", "a court ruled",
    "refused: stale-version", "refused: wrong-party", "refused: wrong-state", "refused: erased",
    "refused: transition-refused", "refused: writes-paused",
    "merge against recommend: merge waited for a lock", "merge against recommend: recommend waited for a lock",
    "two merges into each other: there waited for a lock", "two merges into each other: back waited for a lock",
    "transfer against report-sanction: 403 wrong-party", "twin keys: twin waited for a lock",
    "twin keys: first waited for a lock", "recount against act: recount waited for a lock",
    "tick against act: tick waited for a lock", "tick against act: report waited for a lock",
    "tick against act: 412 stale-version", "revoke against use: 401 token-invalid",
    "sequencer against restart: killed", *(f"accepted: {name}" for name in LINES),
)  # fmt: skip
"""What a night must come through at least once, or it has shown little."""


@pytest.fixture
def runner(copies: Copies, world: World, tmp_path: Path) -> Runner:
    """Runs seeds on copies of the sandbox's world."""
    return Runner(copies, world.template, tmp_path, Counter())


@pytest.mark.skipif(bool(ASKED.get("planted")), reason="the planted faults were asked for")
def test_seeds(runner: Runner) -> None:
    """Seeds one after the other for so many minutes, or the one that was asked for; stops at the first that finds."""
    first = int(ASKED.get("seed") or 0)
    alone = ASKED.get("seed") is not None and not ASKED.get("minutes")
    began, done = time.monotonic(), 0
    until = began + MINUTES * 60
    found: list[Found] = []
    while not found and (done == 0 or (not alone and time.monotonic() < until)):
        with runner.schedules() as schedules:
            for _ in range(RENEWED_AFTER):
                found = runner.everything(schedules, first + done)
                done += 1
                _progress(runner, done, time.monotonic() - began)
                if found or alone or time.monotonic() >= until:
                    break
    for one in found:
        print(f"\n{one}\nKept: {one.keep()}")
    assert not found, f"{len(found)} found in seed {first + done - 1}"
    if not alone:
        missed = [state for state in RARE if not runner.reached[state]]
        print(f"\nRare states reached: {len(RARE) - len(missed)} of {len(RARE)}")
        for state, count in sorted(runner.reached.items()):
            print(f"  {count:6}  {state}")
        assert not missed or done < NIGHT, f"a night must reach these too: {missed}"


def _progress(runner: Runner, done: int, took: float) -> None:
    reached = sum(bool(runner.reached[state]) for state in RARE)
    print(
        f"  {done} seeds in {took:.0f} s, {done / took * 60:.1f} a minute; rare states {reached} of {len(RARE)}",
        flush=True,
    )


@pytest.mark.skipif(not ASKED.get("planted"), reason="seeds were asked for")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_planted(runner: Runner, fault: Fault) -> None:
    """Each planted fault is found, by the contest or the machine that shall find it, within its bound."""
    found = found_by(runner, fault)
    assert found is not None, f"{fault.name} was not found by {fault.where} in {fault.within} seeds: {fault.says}"
    print(f"\n  {fault.name}: found by {fault.where}, seed {found.seed}\n    {found.says.splitlines()[0][:160]}")
