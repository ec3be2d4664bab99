"""The models of the feed's order and of the idempotent door hold, and Spin finds every mistake put into them."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

pytestmark = pytest.mark.drill

MODELS = Path(__file__).resolve().parent / "models"
PATIENCE = 20  # seconds for each search

# Each mistake, and the assertion (or what else) that must catch it.
MISTAKES = {
    "feed": {
        "NAIVE": "seen==committed",
        "XMIN": "seen==committed",
        "ID_BEFORE_LOCK": "turn_of[leaf[cursor]]==last[stream_of[leaf[cursor]]]",
        "NO_LOCK": "sequencing==1",
        "FROM_MEMORY": "leaf[next]==0",
        "TORN": "leaf[next]==0",
        "DELETE_ALL": "seen==committed",
        "UNORDERED": "turn_of[leaf[cursor]]==last[stream_of[leaf[cursor]]]",
        "LOCK_KEPT": "invalid end state",
    },
    "idempotency": {
        "KEY_AFTER_WORK": "works<=1",
        "KEY_BEFORE_WORK": "(works==1)&&(answer==stored)",
        "LOOK_THEN_WORK": "works<=1",
        "WORK_AGAIN": "(works==1)&&(answer==stored)",
        "CLAIM_KEPT": "assertion violated (sent<",
    },
}
# Servers wait for work for ever: their last brace is never reached, and Spin need not call that a deadlock.
ENDLESS = {"feed": 0, "idempotency": 1}


class Search(NamedTuple):
    """What Spin's verifier said, and how many errors it counted."""

    said: str
    errors: int

    @property
    def complete(self) -> bool:
        """Whether every state was looked at: not stopped by an error, by the depth or by memory."""
        stopped = ("Search not completed", "max search depth too small", "out of memory", "memory limit")
        return not any(reason in self.said for reason in stopped)

    @property
    def unreached(self) -> int:
        return sum(int(count) for count in re.findall(r"\((\d+) of \d+ states\)", self.said))


def search(folder: Path, model: str, *, switch: str = "", endless_runs: bool = False, short: bool = False) -> Search:
    """Search all that a model can do: for broken assertions and deadlocks, or for runs that never end.

    A `short` search ends at a mistake after some milliseconds: compiling it well would take a hundred times as long.
    """
    for tool, package in (("spin", "spin"), ("cc", "gcc")):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed: apt-get install {package}")
    switches = [f"-D{switch}"] if switch else []
    (folder / "model.pml").write_text(model)
    _run(folder, "spin", *switches, "-a", "model.pml")
    _run(folder, "cc", "-O0" if short else "-O1", "-w", "-DNP" if endless_runs else "-DSAFETY", "-o", "pan", "pan.c")
    said = _run(folder, "./pan", "-m100000", *(["-l"] if endless_runs else []))
    counted = re.search(r"errors: (\d+)", said)
    assert counted, said
    return Search(said, int(counted[1]))


def _run(folder: Path, *command: str) -> str:
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    return said


def _text(name: str) -> str:
    return (MODELS / f"{name}.pml").read_text()


@pytest.mark.parametrize("name", MISTAKES)
def test_the_design_keeps_its_promises_in_every_state(name: str, tmp_path: Path) -> None:
    found = search(tmp_path, _text(name))

    assert found.complete, found.said
    assert found.errors == 0, found.said
    assert found.unreached == ENDLESS[name], found.said  # no line of the model is idle


@pytest.mark.parametrize("name", MISTAKES)
def test_the_design_always_comes_to_an_end(name: str, tmp_path: Path) -> None:
    found = search(tmp_path, _text(name), endless_runs=True)

    assert found.complete, found.said
    assert found.errors == 0, found.said


@pytest.mark.parametrize(
    ("name", "mistake", "caught_by"),
    [
        pytest.param(name, mistake, caught, id=mistake)
        for name, mistakes in MISTAKES.items()
        for mistake, caught in mistakes.items()
    ],
)
def test_a_mistake_is_found(name: str, mistake: str, caught_by: str, tmp_path: Path) -> None:
    found = search(tmp_path, _text(name), switch=mistake, short=True)

    assert found.errors > 0, found.said
    assert caught_by in found.said, found.said


@pytest.mark.parametrize("name", MISTAKES)
def test_every_switch_of_a_model_is_tried(name: str) -> None:
    sizes = {"WRITERS", "CRASHES", "WORKERS", "TROUBLES", "HURRIES"}
    switches = set(re.findall(r"#if(?:n?def) (\w+)|defined\((\w+)\)", _text(name)))

    assert {one or other for one, other in switches} - sizes == set(MISTAKES[name])


def test_a_run_that_never_ends_would_be_seen(tmp_path: Path) -> None:
    found = search(tmp_path, "bool on;\nactive proctype lamp() { do :: on = !on od }\n", endless_runs=True, short=True)

    assert found.errors > 0
    assert "non-progress cycle" in found.said
