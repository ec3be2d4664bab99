"""Seeds, run and told: one seed is a few walks of the machine and a few schedules of every contest.

A seed that found something is kept as a file under `seeds/` and replayed by the ordinary tests ever after.
"""

from __future__ import annotations

import json
import subprocess
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import Copies
from tests.live_server import ROOT
from tests.simulation.machine import RegisterMachine
from tests.simulation.register import BEGINS, register
from tests.simulation.schedules import CONTESTS, Contest, Schedules

SEEDS: Final = Path(__file__).parent / "seeds"
MACHINE: Final = "machine"
LATE: Final = BEGINS + timedelta(days=45)
"""When schedules are run: whoever had a deadline is late by then."""

WALKS: Final = 3
"""Walks that Hypothesis makes of a seed; in the first one next to nothing happens."""
STEPS: Final = 40
SCHEDULES: Final = 3
"""Schedules of each contest that belong to a seed."""

BY_NAME: Final[Mapping[str, Contest]] = {contest.name: contest for contest in CONTESTS}


@dataclass(frozen=True, slots=True)
class Found:
    """What a seed found: in the machine or in that contest, at which commit, and in words."""

    where: str
    seed: int
    commit: str
    says: str

    @property
    def replay(self) -> str:
        """The command that finds it again."""
        return f"./run simulate --seed {self.seed}"

    def keep(self) -> Path:
        """Write it where the tests will replay it."""
        SEEDS.mkdir(exist_ok=True)
        path = SEEDS / f"{self.where.replace(' ', '-')}-{self.seed}.json"
        path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n")
        return path

    def __str__(self) -> str:
        return f"{self.where}, seed {self.seed}, commit {self.commit}\n{self.says}\nReplay: {self.replay}"


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs seeds on copies of that database; `reached` counts the rare states."""

    copies: Copies
    template: str
    folder: Path
    reached: Counter[str]

    def walk(self, number: int, *, walks: int = WALKS, steps: int = STEPS) -> Found | None:
        """The machine under that seed."""
        opens = partial(register, self.copies, self.template, self.folder)
        bound = type("Walk", (RegisterMachine,), {"opens": staticmethod(opens), "reached": self.reached})
        # A fault is told with the steps that led to it, not with fewer: each step less costs a whole walk.
        chosen = settings(
            max_examples=walks, stateful_step_count=steps, phases=[Phase.generate], database=None, deadline=None,
            suppress_health_check=list(HealthCheck), print_blob=False, report_multiple_bugs=False,
        )  # fmt: skip
        try:
            run_state_machine_as_test(seed(number)(bound), settings=chosen)
        except Exception as error:  # whatever it is, it is what the seed found
            return Found(MACHINE, number, commit(), _told(error))
        return None

    @contextmanager
    def schedules(self) -> Iterator[Schedules]:
        """A register for schedules."""
        with register(self.copies, self.template, self.folder) as here:
            here.clock.move_to(LATE, tick=False)
            yield Schedules(here)

    def contest(self, schedules: Schedules, contest: Contest, number: int, *, times: int = SCHEDULES) -> Found | None:
        """That contest's schedules of that seed."""
        for one in range(number * SCHEDULES, number * SCHEDULES + times):
            verdict = schedules.run(contest, one)
            self.reached.update(verdict.reached)
            if verdict.faults:
                told = "\n".join(verdict.faults)
                return Found(contest.name, number, commit(), f"{told}\nschedule {one}\n{verdict.ran.text}")
        return None

    def everything(self, schedules: Schedules, number: int) -> list[Found]:
        """The whole seed."""
        contests = [self.contest(schedules, contest, number) for contest in CONTESTS]
        return [found for found in (self.walk(number), *contests) if found is not None]

    def again(self, where: str, number: int) -> Found | None:
        """What was found there once, tried again."""
        if where == MACHINE:
            return self.walk(number)
        with self.schedules() as schedules:
            return self.contest(schedules, BY_NAME[where], number)


def _told(error: BaseException) -> str:
    """The error, the place in the simulation, and the steps that Hypothesis noted."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    notes = "\n".join(getattr(error, "__notes__", ()))
    return f"{type(error).__name__}: {str(error)[:3000]}\n{place.name}, line {place.lineno}\n{notes}"


def commit() -> str:
    """The commit that is checked out."""
    done = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    return done.stdout.strip() or "unknown"


def kept() -> list[tuple[str, int]]:
    """Where and under which seeds something was found before."""
    return [
        (said["where"], said["seed"])
        for said in (json.loads(path.read_text()) for path in sorted(SEEDS.glob("*.json")))
    ]
