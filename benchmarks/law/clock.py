"""A round of the clock over a register of open referrals: what it costs to look, and to escalate what is due.

    LINTAS_BENCH_BARE=... python -m benchmarks.law.clock --out FILE

as the owner of a register `waiting`; the variable names an equal one. Rounds come in turns: one before anything is
due, one that takes the silent authorities to their next level, and bare SQL that writes the same rows in the other
database.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import django

from benchmarks import grounds
from benchmarks.law.calendar_change import BARE
from benchmarks.law.rows import Bare
from benchmarks.log import ground
from benchmarks.log.table import Figure, ratio
from benchmarks.progress import step

CASES, QUICK_CASES = 100_000, 1_000
# Whoever acknowledged on 12 October 2024 is late after the 26th: reminded three working days before, warned when it has
# passed, and a block is proposed five working days later. On the day before each, nothing is due.
REACHED = tuple(datetime(2024, month, day, 3, tzinfo=UTC) for month, day in ((10, 24), (10, 27), (11, 2)))
BEFORE = timedelta(days=1)


def measure(quick: bool) -> list[Figure]:
    """Make the register twice, and let the clock run in one."""
    cases = QUICK_CASES if quick else CASES
    with tempfile.TemporaryDirectory(prefix="lintas-bench-") as name:
        folder = Path(name)
        out, keys = folder / "ticked.json", ground.log_environment(folder)
        with ground.fresh("law_clock", folder) as on:
            with step(f"Filling a register of {cases:,} open referrals, twice"):
                seeding = ("benchmarks.law.registers", "waiting", "--casefiles", str(cases))
                grounds.python("lintas", on, *seeding, LINTAS_DB_ROLE="owner", **keys)
            with ground.copy_of(on, "law_clock_bare") as bare, step(f"Letting the clock run (rounds: {len(REACHED)})"):
                command = ("benchmarks.law.clock", "--out", str(out))
                grounds.python("lintas", on, *command, LINTAS_DB_ROLE="owner", **{**keys, BARE: bare.owner})
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return figures(found)


class Searches:
    """Told of every statement that Django executes: how long the clock's search took, and how often it searched."""

    def __init__(self) -> None:
        self.seconds, self.count = 0.0, 0

    def __call__(self, execute: Callable[..., Any], statement: str, params: Any, many: bool, context: Any) -> Any:
        """An execute_wrapper of Django's."""
        from casefiles.operations import clock

        if statement != clock.SEARCH:
            return execute(statement, params, many, context)
        began = time.perf_counter()
        answer = execute(statement, params, many, context)
        self.seconds += time.perf_counter() - began
        self.count += 1
        return answer


def compare(ours: str, bare: str) -> dict[str, Any]:
    """Tick in the database that Django is connected to, whose owner's URL is `ours`, and write the same again."""
    from django.db import connection

    from casefiles import flow
    from casefiles.catalogue import law
    from casefiles.models import Referral
    from casefiles.operations import clock

    # Reading the catalogue's files and the flow's own source, once in a process, is not what is compared.
    law.open_book()
    flow.digest()
    found: dict[str, Any] = {name: [] for name in ("quiet", "ours", "searching", "searches", "bare", "rows", "cases")}
    found |= {"open": Referral.objects.filter(status="open").count(), "batch": clock.MOST}
    with Bare(ours, bare) as writing:
        for moment in REACHED:
            took, _ = _round(moment - BEFORE, due=False)
            found["quiet"].append(took)
            searches = Searches()
            with connection.execute_wrapper(searches):
                took, cases = _round(moment, due=True)
            written = writing.again(batch=clock.MOST)
            for name, value in (
                ("ours", took),
                ("searching", searches.seconds),
                ("searches", searches.count),
                ("bare", written.seconds),
                ("rows", written.rows),
                ("cases", cases),
            ):
                found[name].append(value)
    return found


def _round(moment: datetime, *, due: bool) -> tuple[float, int]:
    """How long a round at that moment took, and how many casefiles it escalated."""
    from casefiles.operations import clock

    began = time.perf_counter()
    done = clock.tick(now=moment)
    took = time.perf_counter() - began
    if done.busy or done.paused or done.refused or bool(done.escalated) is not due:
        raise RuntimeError(f"this round is no measure: {done}")
    return took, done.escalated


def figures(found: dict[str, Any]) -> list[Figure]:
    """The lines of the table."""
    ours, bare = median(found["ours"]), median(found["bare"])
    cases, rows, searches = (found[name][0] for name in ("cases", "rows", "searches"))
    return [
        Figure(
            "clock",
            f"a round over {found['open']:,} open referrals when nothing is due",
            None,
            "",
            f"{median(found['quiet']) * 1000:,.0f} ms",
        ),
        Figure(
            "clock",
            f"a round that takes {cases:,} of them to their next level",
            ratio([1 / one for one in found["ours"]], [1 / one for one in found["bare"]]),
            f"the same {rows:,} rows in bare SQL, {found['batch']} cases at a time in one transaction",
            f"{ours:,.1f} s: {cases / ours:,.0f} cases/s, {rows / ours:,.0f} rows/s against {rows / bare:,.0f}; "
            f"{searches} searches took {median(found['searching']):.2f} s",
        ),
    ]


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    django.setup()
    found = compare(os.environ["DATABASE_URL"], os.environ[BARE])
    chosen.out.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
