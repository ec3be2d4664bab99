"""The digest of the rules follows what a rule says and does, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import make_dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Annotated

import pytest

from casefiles import flow
from casefiles.flow import chronology
from casefiles.flow.dates import Tells
from casefiles.flow.digesting import digest, of_row
from casefiles.shapes import members

LIMIT = '''
"""A chapter."""
LIMIT = {"return": 3}


def times(case, name):
    return case.done(name)


def at_most(name):
    def guard(case, given):
        """Refuses what was done too often."""
        counted = [one for one in (times(case, name),)]
        if counted[0] < LIMIT[name]:
            return None
        return "limit-reached"

    return guard


not_too_often = at_most("return")
'''
Chapter = Callable[[str], str]
NUMBERS = count()


@pytest.fixture
def of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chapter:
    """The digest of the rule in a chapter of that source."""

    def chapter(source: str) -> str:
        name = f"casefiles.flow.toy_{next(NUMBERS)}"
        path = tmp_path / f"{name}.py"
        path.write_text(source)
        module = ModuleType(name)
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, name, module)
        exec(compile(source, str(path), "exec"), module.__dict__)  # noqa: S102 - the source above
        return digest((module.__dict__["not_too_often"],))

    return chapter


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def guard(", "def refuses_the_fourth("),
        ("times(", "how_often("),
        ("LIMIT", "MOST"),
        ("Refuses what was done too often.", "Another sentence."),
        ("(case, given):", "(case: object, given: object) -> str | None:"),
        ("        if counted", "        # Why.\n        if counted"),
    ],
    ids=["its name", "a helper's name", "a table's name", "docstring", "types", "comment"],
)
def test_what_a_rule_is_called_is_no_law(of: Chapter, before: str, after: str) -> None:
    source = LIMIT.replace("return guard", "return refuses_the_fourth") if "fourth" in after else LIMIT
    assert before in source
    assert of(source.replace(before, after)) == of(LIMIT)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("counted[0] <", "counted[0] <="),
        ('"return": 3', '"return": 4'),
        ("case.done(name)", "case.done(name) + 1"),
        ('at_most("return")', 'at_most("complete")'),
        ("limit-reached", "limit-passed"),
    ],
    ids=["its body", "a table", "a helper's body", "what it closes over", "its code"],
)
def test_what_a_rule_does_is(of: Chapter, before: str, after: str) -> None:
    assert before in LIMIT
    assert of(LIMIT.replace(before, after)) != of(LIMIT)


def test_of_which_kind_a_day_of_its_body_is_is_a_rule() -> None:
    """The shape of a body is told by the contract; what may follow its days is told by nothing else."""
    (row,) = [one for one in flow.CHAPTERS if one.name == "note"]

    def telling(kind: str) -> str:
        body = make_dataclass("Body", [("held_on", Annotated[date, Tells(kind)])])
        return digest((of_row(chronology.held_to_order(replace(row, takes=body))),))

    assert telling("received") == telling("received")
    assert telling("received") != telling("served")


def test_every_row_of_the_table_is_read() -> None:
    assert len({digest((of_row(row),)) for row in flow.FLOW}) == len(flow.FLOW)


OTHERS = [sys.executable, *(found for version in ("3.12", "3.13") if (found := shutil.which(f"python{version}")))]


@pytest.mark.parametrize("python", OTHERS)
def test_another_process_and_another_python_read_the_same_rules(python: str) -> None:
    """Hash seeds, addresses, caches and syntax trees differ from one process and version to the next, rules do not."""
    done = subprocess.run(
        [python, "-c", "from casefiles import flow; print(flow.digest())"],
        cwd=Path(flow.__file__).parents[2],
        env={"PYTHONHASHSEED": "7", "PATH": "/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert [one.name for one in members(flow.ROWS["submit"].takes or object)], (
        "a cache that a fresh process has not filled"
    )
    if done.returncode and "version" in done.stderr:
        pytest.skip(f"{python} is a name without an interpreter")
    assert done.stdout.strip() == flow.digest(), done.stderr
