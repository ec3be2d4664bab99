"""A decree changes the calendar: every open deadline is counted again, against bare SQL that writes the same rows.

    LINTAS_BENCH_BARE=... python -m benchmarks.law.calendar_change --out FILE

as the owner of a register of `examined` cases; the variable names an equal one. `recount` is the project's own, and
goes on undisturbed: between two of its transactions, what it just wrote is written again in the other database.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any

import django

from benchmarks import grounds
from benchmarks.law.rows import Bare
from benchmarks.log import ground
from benchmarks.log.table import Figure, ratio
from benchmarks.progress import step

CASES, QUICK_CASES = 100_000, 1_000
# A working day in the weeks that the examiner had in three of the four cases that are multiplied.
DAY_OFF = date(2024, 10, 25)
BARE = "LINTAS_BENCH_BARE"


def measure(quick: bool) -> list[Figure]:
    """Make the register twice, change the calendar in one, and count."""
    cases = QUICK_CASES if quick else CASES
    with tempfile.TemporaryDirectory(prefix="lintas-bench-") as name:
        folder = Path(name)
        out, keys = folder / "recounted.json", ground.log_environment(folder)
        with ground.fresh("law_calendar", folder) as on:
            with step(f"Filling a register of {cases:,} casefiles under examination, twice"):
                seeding = ("benchmarks.law.registers", "examined", "--casefiles", str(cases))
                grounds.python("lintas", on, *seeding, LINTAS_DB_ROLE="owner", **keys)
            with ground.copy_of(on, "law_calendar_bare") as bare, step("Counting the open deadlines again"):
                command = ("benchmarks.law.calendar_change", "--out", str(out))
                grounds.python("lintas", on, *command, LINTAS_DB_ROLE="owner", **{**keys, BARE: bare.owner})
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return figures(found)


def amended(*, now: datetime) -> str:
    """Take that day away by a decree, in the database that Django is connected to; the new version."""
    from agencies import calendar
    from agencies.calendar_files import Amendment, Change

    decree = "SKB 3 Menteri (pengukuran kinerja)"
    day = Change(1, DAY_OFF, "joint_leave", "Cuti bersama (pengukuran)")
    amendment = Amendment("decree", decree=decree, source="benchmarks", reason="-", add=(day,), remove=())
    return calendar.amend(amendment, now=now)[0]


class Turns:
    """Told of every statement that Django executes: times each transaction of `recount`, then has it written again."""

    def __init__(self, bare: Bare) -> None:
        from casefiles.operations import recounting
        from casefiles.transitions import load_many, write

        self.found: dict[str, Any] = {"rows": [], "ours": [], "bare": [], "held": [], "spent": Counter()}
        self._bare, self._begun, self._locked = bare, 0.0, 0.0
        self._between = recounting.COUNTED
        self._known = {
            recounting.COUNTED: "find",
            load_many.LOCK_MANY: "lock",
            load_many.LOAD_MANY: "read",
            load_many.SHARED: "read",
            write.WRITE: "write",
        }

    def __call__(self, execute: Callable[..., Any], statement: str, params: Any, many: bool, context: Any) -> Any:
        """An execute_wrapper of Django's."""
        began = time.perf_counter()
        if statement == self._between:
            if self._begun:
                self._turn(began)
            self._begun = began = time.perf_counter()
        answer = execute(statement, params, many, context)
        if (name := self._known.get(statement)) is not None:
            self.found["spent"][name] += time.perf_counter() - began
        if name == "lock":
            self._locked = time.perf_counter()
        return answer

    def _turn(self, ended: float) -> None:
        written = self._bare.again()
        if not written.rows:
            return
        self.found["held"].append(ended - self._locked)
        self.found["ours"].append(ended - self._begun)
        self.found["bare"].append(written.seconds)
        self.found["rows"].append(written.rows)


def compare(ours: str, bare: str, *, now: datetime) -> dict[str, Any]:
    """Change the calendar and recount in the database that Django is connected to, whose owner's URL is `ours`."""
    from django.db import connection

    from casefiles.operations import recounting

    amended(now=now)
    with Bare(ours, bare) as write:
        turns = Turns(write)
        with connection.execute_wrapper(turns):
            done = recounting.recount(now=now)
    return {**turns.found, "looked_at": done.looked_at, "moved": done.moved, "batch": recounting.MOST}


def figures(found: dict[str, Any]) -> list[Figure]:
    """The lines of the table."""
    ours, bare, rows = sum(found["ours"]), sum(found["bare"]), sum(found["rows"])
    spent = found["spent"]
    rest = ours - sum(spent.values())
    shares = ", ".join(f"{name} {share / ours:.0%}" for name, share in (*spent.items(), ("Python and commit", rest)))
    against = f"the same {rows:,} rows in bare SQL, in transactions as large"
    held = sorted(found["held"])
    return [
        Figure(
            "calendar-change",
            f"{found['looked_at']:,} open deadlines counted again, {found['moved']:,} moved",
            ratio([1 / one for one in found["ours"]], [1 / one for one in found["bare"]]),
            against,
            f"{found['looked_at'] / ours:,.0f} cases/s, {rows / ours:,.0f} rows/s against {rows / bare:,.0f}; {shares}",
        ),
        Figure(
            "calendar-change",
            f"how long a batch (at most {found['batch']}) holds its casefiles",
            None,
            "",
            f"{median(held) * 1000:,.0f} ms, at most {held[-1] * 1000:,.0f} ms",
        ),
    ]


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    django.setup()
    found = compare(os.environ["DATABASE_URL"], os.environ[BARE], now=datetime.now(UTC))
    chosen.out.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
