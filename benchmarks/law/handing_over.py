"""Every case of a mandate passes to another's holder, against bare SQL that writes the same rows in one transaction.

    LINTAS_BENCH_BARE=... python -m benchmarks.law.handing_over --out FILE

as the owner of a register `of_kasn`; the variable names an equal one.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from datetime import UTC, date, datetime
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

CASES, QUICK_CASES = 10_000, 500
ROUNDS, QUICK_ROUNDS = 3, 1
DAY = datetime(2024, 9, 12, 3, tzinfo=UTC)


def measure(quick: bool) -> list[Figure]:
    """Make the register once, and copy it twice for every round."""
    cases, rounds = (QUICK_CASES, QUICK_ROUNDS) if quick else (CASES, ROUNDS)
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="lintas-bench-") as name:
        folder = Path(name)
        out, keys = folder / "handed_over.json", ground.log_environment(folder)
        with ground.fresh("law_mandate", folder) as first:
            with step(f"Filling a register of {cases:,} casefiles under one mandate"):
                seeding = ("benchmarks.law.registers", "of_kasn", "--casefiles", str(cases))
                grounds.python("lintas", first, *seeding, LINTAS_DB_ROLE="owner", **keys)
            with step(f"Handing them over (rounds: {rounds})"):
                for _ in range(rounds):
                    with ground.copy_of(first, "law_mandate_ours") as on, ground.copy_of(first, "law_bare") as bare:
                        command = ("benchmarks.law.handing_over", "--out", str(out))
                        grounds.python("lintas", on, *command, LINTAS_DB_ROLE="owner", **{**keys, BARE: bare.owner})
                    found.append(json.loads(out.read_text(encoding="utf-8")))
    return figures(found)


def compare(ours: str, bare: str, *, now: datetime) -> dict[str, Any]:
    """Hand over in the database that Django is connected to, whose owner's URL is `ours`, then write the same again."""
    from casefiles import flow
    from casefiles.catalogue import law
    from casefiles.operations import handover

    # Reading the catalogue's files and the flow's own source, once in a process, is not what is compared.
    law.open_book()
    flow.digest()
    protocol = handover.Signed(
        from_mandate="examining-2014",
        to_mandate="examining-2024",
        number="BA-12/2024",
        date=date(2024, 9, 12),
        signed_by=("kasn", "bkn"),
        occurred_at=DAY,
        by_state={
            "submitted": "restart",
            "under_examination": "report_to_ministry",
            "sanction_reported": "continue",
        },
    )
    with Bare(ours, bare) as writing:
        began = time.perf_counter()
        done = handover.hand_over(protocol=protocol, now=now)
        took = time.perf_counter() - began
        written = writing.again(batch=handover.BATCH)
    return {"ours": took, "bare": written.seconds, "rows": written.rows, "cases": done.total}


def figures(found: list[dict[str, Any]]) -> list[Figure]:
    """The lines of the table."""
    cases, rows = found[0]["cases"], found[0]["rows"]
    ours, bare = median(one["ours"] for one in found), median(one["bare"] for one in found)
    return [
        Figure(
            "handing-over",
            f"{cases:,} cases to another mandate, in one transaction",
            ratio([1 / one["ours"] for one in found], [1 / one["bare"] for one in found]),
            f"the same {rows:,} rows in bare SQL, in one transaction",
            f"{ours:,.1f} s: {cases / ours:,.0f} cases/s, {rows / ours:,.0f} rows/s against {rows / bare:,.0f}",
        )
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
