"""What the log's figures are, the goals among them, and the table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

VERIFYING_GOAL, TOGETHER_GOAL = 0.14, 0.30
"""Entries a second of the log's verification from the database, against hashing the same tree in memory: by one
process, and by one for each core.
"""


@dataclass(frozen=True)
class Figure:
    """One line. `ratio` is `ours` against `against`, both of this run; `said` is what this machine did."""

    part: str
    what: str
    ratio: float | None
    against: str
    said: str
    goal: float | None = None

    @property
    def is_missed(self) -> bool:
        """Whether it has a goal and does not reach it."""
        return self.goal is not None and self.ratio is not None and self.ratio < self.goal


def ratio(mine: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the rounds' ratios."""
    return median(a / b if b else 0.0 for a, b in zip(mine, theirs, strict=True))


def missed(figures: Sequence[Figure]) -> list[str]:
    """Every goal that was not reached, as a sentence."""
    return [f"{one.what}: {one.ratio:.2f} of {one.against}, goal {one.goal:g}" for one in figures if one.is_missed]


TITLE = "The log: ratios within this run (medians of rounds taken in turns); this machine's figures"


def show(figures: Sequence[Figure], console: Console, *, title: str = TITLE) -> None:
    """Print the table."""
    table = Table(title=title)
    for name in ("part", "what", "ratio", "goal", "against", "this machine"):
        table.add_column(name, justify="right" if name in ("ratio", "goal") else "left")
    last = ""
    for one in figures:
        table.add_row(
            one.part if one.part != last else "",
            one.what,
            "" if one.ratio is None else f"{one.ratio:.2f}",
            "" if one.goal is None else f"{one.goal:.2f}",
            one.against,
            one.said,
        )
        last = one.part
    console.print(table)


def write(path: Path, figures: Sequence[Figure], *, run: Mapping[str, Any]) -> None:
    """Everything as JSON."""
    said = {"run": dict(run), "figures": [asdict(one) for one in figures], "missed": missed(figures)}
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
