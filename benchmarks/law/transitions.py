"""Every routed row of the flow, performed in the domain without HTTP: what each costs against `acknowledge`.

    python -m benchmarks.law.transitions --out FILE --rounds 12

as the owner of an empty migrated database. Each row has its casefile walked to where it may be performed
(`tests.ready`), about an officer of its own, so that none is suspected to be another's duplicate. Commits are not
timed; nor is anything rolled back, because psycopg forgets the connection's prepared statements with each rollback.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import django

from benchmarks import grounds
from benchmarks.log import ground
from benchmarks.log.table import Figure, ratio
from benchmarks.progress import step

ROUNDS, QUICK_ROUNDS = 12, 3
# The row of the spine that all others are held against: no document, one referral answered and one opened.
SPINE = "acknowledge"


def measure(quick: bool) -> list[Figure]:
    """Perform every row, round by round."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    with tempfile.TemporaryDirectory(prefix="lintas-bench-") as name:
        folder = Path(name)
        out, keys = folder / "rows.json", ground.log_environment(folder)
        with ground.fresh("law_rows", folder) as on, step(f"Performing every row of the flow (rounds: {rounds})"):
            command = ("benchmarks.law.transitions", "--out", str(out), "--rounds", str(rounds))
            grounds.python("lintas", on, *command, LINTAS_DB_ROLE="owner", **keys)
        return figures(json.loads(out.read_text(encoding="utf-8")))


class Statements:
    """Told of every statement that Django executes: how many there were, and how long they took."""

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], statement: str, params: Any, many: bool, context: Any) -> Any:
        """An execute_wrapper of Django's."""
        began = time.perf_counter()
        answer = execute(statement, params, many, context)
        self.seconds += time.perf_counter() - began
        self.count += 1
        return answer


def compare(*, rounds: int) -> dict[str, Any]:
    """Seconds, seconds within PostgreSQL and statements of each row, in the database that Django is connected to."""
    from tests.ready import ROUTED

    numbers = count()
    # The first round shows everything once to whatever remembers: the law, plans, prepared statements.
    for name in ROUTED:
        _perform(name, next(numbers))
    found: dict[str, Any] = {name: {"took": [], "database": [], "statements": 0} for name in ROUTED}
    for _ in range(rounds):
        for name in ROUTED:
            took, statements = _perform(name, next(numbers))
            found[name]["took"].append(took)
            found[name]["database"].append(statements.seconds)
            found[name]["statements"] = statements.count
    return found


def _perform(name: str, number: int) -> tuple[float, Statements]:
    """Walk a casefile about the officer of that number there, and perform that row."""
    from django.db import connection, transaction

    from casefiles.transitions import perform
    from tests import factories
    from tests.ready import ready

    case = ready(
        name, officer={"nip": f"198501{1 + number // 1000:02}2010011{number % 1000:03}", "name": f"P {number}"}
    )
    asked: dict[str, Any] = {
        "actor": factories.actor(case.who),
        "casefile": case.story.casefile,
        "name": name,
        "given": case.given,
        "occurred_at": case.given.occurred_at,
        "now": datetime.now(UTC),
        "request": factories.request(),
        "expected_version": case.story.row.version,
    }
    statements = Statements()
    with transaction.atomic(), connection.execute_wrapper(statements):
        began = time.perf_counter()
        perform.perform(**asked)
        took = time.perf_counter() - began
    return took, statements


def figures(found: dict[str, Any]) -> list[Figure]:
    """The lines of the table, the heaviest row first."""
    spine = found[SPINE]["took"]
    lines = [
        Figure(
            "rows",
            name,
            ratio(one["took"], spine),
            f"{SPINE}: below 1 is lighter",
            f"{median(one['took']) * 1000:.1f} ms, {median(one['database']) * 1000:.1f} of it in "
            f"{one['statements']} statements",
        )
        for name, one in found.items()
    ]
    return sorted(lines, key=lambda line: line.ratio or 0.0, reverse=True)


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    chosen = parser.parse_args()
    django.setup()
    from benchmarks import world

    world.build_small(offices=1, now=datetime.now(UTC))
    chosen.out.write_text(json.dumps(compare(rounds=chosen.rounds)), encoding="utf-8")


if __name__ == "__main__":
    main()
