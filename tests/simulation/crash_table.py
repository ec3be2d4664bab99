"""The table "crash points" of docs/simulation.md: what each act was measured to have, compared with what is written.

    LINTAS_CRASH_POINTS=write ./run test -n0 -q tests/simulation/test_crash_points*.py

writes the table anew; without it a test fails whose act has other points than the table says.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Final

from casefiles import flow
from tests.live_server import ROOT
from tests.ready import ROUTED
from tests.simulation.crashing import Course

DOCUMENT: Final = ROOT / "docs" / "simulation.md"
BEGIN: Final = "<!-- crash-points:begin, written by tests/simulation/crash_table.py -->\n"
END: Final = "<!-- crash-points:end -->\n"
HEAD: Final = "| act | points | on the ways that remain |\n|---|---|---|\n"
WRITES: Final = os.environ.get("LINTAS_CRASH_POINTS") == "write"

SUBJECTS: Final = 68
MADE: Final = (
    "document", "submit", f"submit with {SUBJECTS} subjects", "add subjects", "prevention", "zero report", "withdrawal",
    "to siasn", "snapshot",
)  # fmt: skip
DESK: Final = ("act at the desk", "finding at the desk")
COMMANDS: Final = ("tick", "recount", "hand over", "erase", "hold", "lift a hold", "end months of reads", "sequence")
WEBHOOKS: Final = (
    "register webhook", "change webhook", "new secret", "ping", "ping an unproven webhook", "replay", "redeliver",
    "end webhook",
)  # fmt: skip
COURIER: Final = (
    "deliver a challenge", "deliver events", "deliver some types", "deliver what was asked for", "deliver in vain",
    "deliver to who is gone", "deliver to a vendor", "warn of a pause", "forget deliveries",
)  # fmt: skip
# In the table as in the flow; a row without a route happens with another, or by a command.
ORDER: Final = (*MADE, *(row.name for row in flow.FLOW if row.name in ROUTED), *DESK, *COMMANDS, *WEBHOOKS, *COURIER)

Row = tuple[int, int]


def assert_documented(courses: Iterable[Course]) -> None:
    """Each act has the points that the table says; the table is written first where that is asked."""
    measured = {course.act: _row(course) for course in courses}
    if WRITES:
        _write({**written(), **measured})
    table = written()
    differs = {name: (row, table.get(name)) for name, row in measured.items() if table.get(name) != row}
    assert not differs, f"measured and documented differ; see tests/simulation/crash_table.py: {differs}"


def written() -> dict[str, Row]:
    """The table's rows by act: points on the first way, and on those that remain after it."""
    text = DOCUMENT.read_text()
    table = text[text.index(BEGIN) : text.index(END)]
    rows = re.findall(r"^\| ([^|]+) \| (\d+) \| (\d+) \|$", table, re.MULTILINE)
    return {name: (int(first), int(rest)) for name, first, rest in rows if name != "together"}


def _row(course: Course) -> Row:
    first, *rest = course.ways
    return first, sum(rest)


def _write(rows: dict[str, Row]) -> None:
    text = DOCUMENT.read_text()
    before, after = text[: text.index(BEGIN)], text[text.index(END) :]
    lines = [f"| {name} | {rows[name][0]} | {rows[name][1]} |\n" for name in ORDER if name in rows]
    first, rest = (sum(rows[name][column] for name in ORDER if name in rows) for column in (0, 1))
    DOCUMENT.write_text("".join([before, BEGIN, HEAD, *lines, f"| together | {first} | {rest} |\n", after]))
