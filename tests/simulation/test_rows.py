"""The machine knows every row of the flow: a walk through all of them, foreseen by the model step by step."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from casefiles import flow
from tests.conftest import Copies
from tests.simulation.drawing import LINES
from tests.simulation.machine import RegisterMachine
from tests.simulation.register import register
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

BESIDE: Final = {
    "submit": "its own rule",
    "absorb": "of the other casefile of a merge",
    "release": "of the other casefile of an unmerge",
    "escalate": "tick",
    "recompute": "the_calendar_changes",
    "hand-over": "hand_over",
}
"""The rows that no line draws, and the rule that leads through each."""

# Which casefile, and what happens to it; a number chooses among what may be given.
STORY: Final = """
0 extend 1 | 0 reassign 0 | 0 reassign 2 | 0 reassign 0 | 0 reassign 1 | 0 correct 3 | 0 correct 9
0 request-identity | 0 recall | 0 request-identity | 0 disown | 0 request-identity | 0 identify
0 return | 0 complete | 0 accept | 0 transfer
4 merge | 4 unmerge | 4 terminate
0 recommend | 0 dispute | 0 uphold | 0 serve | 0 report-sanction | 0 require-correction | 0 report-sanction
0 record-delivery | 0 contest | 0 settle | 0 record-execution | 0 close | 0 reopen | 0 clear | 0 correct 0
1 note | 1 block-data | 1 unblock-data
2 accept | 2 recommend | 2 acknowledge | 2 dispute | 2 retract
3 reject | 5 redirect
6 accept | 6 recommend | 6 acknowledge | 6 report-sanction | 6 record-delivery | 6 contest | 6 settle
6 contest | 6 settle | 6 contest | 6 terminate | 6 close | 6 reopen
7 accept | 7 recommend | 7 acknowledge | 7 report-sanction | 7 record-delivery | 7 contest | 7 annul | 7 reopen
"""
LATER: Final = "1 measure 28 | 1 withdraw"


def test_every_row_has_a_line_or_a_rule() -> None:
    assert {*LINES, *BESIDE} == set(flow.ROWS)
    assert not {*LINES} & {*BESIDE}


def test_every_row_is_walked_as_the_model_foresees(copies: Copies, world: World, tmp_path: Path) -> None:
    opens = partial(register, copies, world.template, tmp_path)
    machine = type("Walk", (RegisterMachine,), {"opens": staticmethod(opens), "reached": Counter()})()
    try:
        _walk(machine)
        stored = machine.register.monitor.execute("SELECT DISTINCT name FROM casefiles_transition").fetchall()
        assert {name for (name,) in stored} == set(flow.ROWS)
        assert [name for name in LINES if not machine.reached[f"accepted: {name}"]] == []
    finally:
        machine.teardown()


def _walk(machine: RegisterMachine) -> None:
    machine._forward(officers=2, known=False, twice=False)
    machine._forward(officers=2, known=True, twice=False)
    machine._forward(officers=2, known=True, twice=True)
    machine._forward(officers=2, known=True, twice=False)
    _tell(machine, STORY)
    for ahead in range(1, 13):
        machine.the_calendar_changes(ahead=ahead)
    machine.days_pass(days=60)
    machine.tick()
    _tell(machine, LATER)
    machine.hand_over()


def _tell(machine: RegisterMachine, story: str) -> None:
    files = list(machine.model.cases.values())
    for act in story.replace("\n", " | ").strip(" |").split(" | "):
        which, name, *choice = act.split()
        case = files[int(which)]
        machine._act(case, name, machine.model.holders(case, name)[0], choice=int(*choice or "1"))
