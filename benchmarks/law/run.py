"""`./run bench --only law`: measure the parts, print the table. A part is a module with `measure`; PARTS names it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from rich.console import Console

from benchmarks.law import calendar_change, clock, counting, deep, handing_over, transitions
from benchmarks.log import table
from benchmarks.log.table import Figure
from benchmarks.progress import step

# By the name that `--only` takes: quick in, figures out.
PARTS: Mapping[str, Callable[[bool], list[Figure]]] = {
    "counting": counting.measure,
    "calendar-change": calendar_change.measure,
    "handing-over": handing_over.measure,
    "clock": clock.measure,
    "rows": transitions.measure,
    "deep": deep.measure,
}

TITLE = "The law: ratios within this run (medians of rounds taken in turns); this machine's figures"


def run(parts: Collection[str], *, quick: bool, run_dir: Path) -> None:
    """Measure the parts and print them."""
    began, figures = time.monotonic(), []
    for name, measure in PARTS.items():
        if name in parts:
            with step(f"Measuring {name}"):
                figures += measure(quick)
    table.show(figures, Console(width=None if sys.stdout.isatty() else 160), title=TITLE)
    took = time.monotonic() - began
    settings = {"quick": quick, "parts": sorted(parts), "took_s": round(took)}
    table.write(run_dir / "bench-law.json", figures, run=settings)
    print(f"{took:.0f} s; the same is in {run_dir / 'bench-law.json'}")
    for fault in table.missed(figures):
        print(f"Goal not reached: {fault}")
