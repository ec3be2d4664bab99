"""`./run bench --only past-cases`: a long list with bad rows comes in, although it is cut ten times."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from benchmarks import grounds, processor
from benchmarks.log import table
from benchmarks.log.table import Figure
from benchmarks.past import copying, cutting, listing
from benchmarks.progress import step
from config import database

PART = "past-cases"
TITLE = "Past cases: ratios within this run; this machine's figures"
GOAL = 0.5
ROWS, QUICK_ROWS = 100_000, 3_000
CUTS, QUICK_CUTS = 10, 3


def run(*, quick: bool, run_dir: Path, rows: int | None = None) -> None:
    """Measure and print; `rows` is how long the list shall be."""
    began = time.monotonic()
    rows = rows or (QUICK_ROWS if quick else ROWS)
    figures = measure(rows, QUICK_CUTS if quick else CUTS, log=run_dir / "bench-past.log")
    table.show(figures, Console(width=None if sys.stdout.isatty() else 160), title=TITLE)
    took = time.monotonic() - began
    table.write(run_dir / "bench-past.json", figures, run={"quick": quick, "took_s": round(took)})
    print(f"{took:.0f} s; the same is in {run_dir / 'bench-past.json'}")
    for fault in table.missed(figures):
        print(f"Goal not reached: {fault}")


def measure(count: int, cuts: int, *, log: Path) -> list[Figure]:
    """Take a list of so many rows in. Raises `RuntimeError` where the register or an answer is not as it has to be."""
    here = grounds.roles()
    log.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="lintas-bench-") as folder, database.connected(here.owner) as owner:
        path, answers, again = (Path(folder) / name for name in ("list.ndjson", "answers.ndjson", "again.ndjson"))
        name = database.fresh_copy(here, root=grounds.ROOT, suffix="bench_past", environment=os.environ)
        empty = f"{name}_empty"
        on = here.on(name)
        try:
            grounds.python("lintas", on, "benchmarks.past.world", LINTAS_DB_ROLE="owner")
            database.drop(owner, empty)
            database.create(owner, empty, guests=here.guests, template=name)
            server = processor.postmaster(on.owner) or 0
            with step(f"Writing a list of {count:,} rows"):
                bad = listing.write(path, count)
            before = processor.of_tree(server)
            with step(f"Taking it in, cut {cuts} times"):
                run = cutting.imported(on, path, answers, cut_at=cutting.moments(count, cuts), log=log)
            database_s = processor.of_tree(server) - before
            came = cutting.judged(answers, count)
            _require(dict(came), {"imported": count - bad, "refused": bad}, "the answers")
            there = copying.counted(on.owner)
            _require(there["casefiles_casefile"], count - bad, "the casefiles")
            with step("Taking it in once more"):
                second = cutting.imported(on, path, again, cut_at=[], log=log)
            _require(again.read_bytes() == answers.read_bytes(), True, "the second run's answers")
            _require(copying.counted(on.owner), there, "the rows after the second run")
            with step("Copying the same rows"):
                copied = copying.copied(on.owner, here.on(empty).owner)
            _require(copying.counted(here.on(empty).owner), there, "the rows that were copied")
        finally:
            for one in (name, empty):
                database.drop(owner, one)
    return _figures(count, run, second, database_s, copied)


def _figures(
    count: int, run: cutting.Run, second: cutting.Run, database_s: float, copied: copying.Copied
) -> list[Figure]:
    whole = run.processor_s + database_s
    cut = f"cut after {', '.join(f'{one:,}' for one in run.cut_after)}"
    return [
        Figure(
            "import", f"{count:,} rows, all processors", copied.processor_s / whole, "COPY of the same rows",
            f"{1000 * run.processor_s / count:.1f} ms a row here, {1000 * database_s / count:.1f} ms the database; "
            f"COPY of {copied.rows:,} rows {1000 * copied.processor_s / count:.1f} ms", GOAL,
        ),
        Figure("import", "the database alone", copied.processor_s / database_s, "COPY of the same rows", ""),
        Figure(
            "import", "by time", copied.took_s / run.took_s, "COPY of the same rows",
            f"{count / run.took_s:.0f} rows/s, {run.memory_kib // 1024} MB; {cut}",
        ),
        Figure("import", "a second run", second.processor_s / run.processor_s, "the first, processor of the command",
               f"{1000 * second.processor_s / count:.1f} ms a row"),
    ]  # fmt: skip


def _require(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise RuntimeError(f"{what}: {found}, wanted {wanted}")
