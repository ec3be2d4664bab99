"""`./run bench --only log`: make the log, measure its parts, print the table."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import grounds
from benchmarks.log import following, ground, proving, table, verifying, writing
from benchmarks.log.table import Figure
from benchmarks.progress import step
from config.roles import Roles

PARTS = ("verify", "proofs", "log-on-off", "feed")


@dataclass(frozen=True)
class Size:
    """How large a run is: leaves of the log and of the smaller one beside it, entries in the queue, and the rest."""

    entries: int
    smaller: int
    waiting: int
    casefiles: int
    rounds: int
    seconds: float
    verifications: int
    receipts: int
    long_polls: int


FULL = Size(
    entries=1_000_000, smaller=100_000, waiting=100_000, casefiles=1_000, rounds=5, seconds=1.5, verifications=2,
    receipts=300, long_polls=50,
)  # fmt: skip
QUICK = Size(
    entries=50_000, smaller=10_000, waiting=10_000, casefiles=600, rounds=2, seconds=0.4, verifications=2,
    receipts=50, long_polls=6,
)  # fmt: skip


def run(parts: Collection[str], *, quick: bool, run_dir: Path) -> None:
    """Measure the parts and print them, the goals that are not reached yet among them."""
    size, began, log = QUICK if quick else FULL, time.monotonic(), run_dir / "bench-log.log"
    log.unlink(missing_ok=True)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="lintas-bench-") as name:
        folder = Path(name)
        drained: dict[str, float] | None = None
        rates: dict[str, dict[str, list[float]]] = {}
        with ground.fresh("log", folder) as on:
            plan = _made(on, folder, entries=size.entries, waiting=size.waiting)
            with step(f"Sequencing a queue of {size.waiting:,}"):
                drained = writing.drained(on, folder=folder, waiting=size.waiting, log=log)
            plan["size"] += size.waiting
            if "verify" in parts:
                with step(f"Verifying {plan['size']:,} entries, {size.verifications} times"):
                    found = _verified(on, folder, vkey=plan["vkey"], rounds=size.verifications)
                figures += verifying.figures(found)
            if {"proofs", "feed"} & set(parts):
                with grounds.serving("lintas", on, log=log, **ground.log_environment(folder)) as served:
                    if "proofs" in parts:
                        with step("Asking for proofs"):
                            asked = proving.measure(plan, port=served.port, tries=size.receipts)
                            counted = proving.statements(on, plan, folder=folder)
                        figures += proving.figures(asked, counted=counted)
                    if "feed" in parts:
                        with step("Following the feed"):
                            rates = following.measure(
                                on, plan, rounds=min(3, size.rounds), seconds=size.seconds, port=served.port
                            )
        if "verify" in parts:
            with ground.fresh("log_whole", folder) as on:
                plan = _made(on, folder, entries=size.smaller, waiting=0)
                with step(f"Verifying everything about {plan['size']:,} entries"):
                    found = _verified(on, folder, vkey=plan["vkey"], rounds=0)
                figures += verifying.figures(found)
        if {"log-on-off", "feed"} & set(parts):
            written = _written(size, parts, folder=folder, log=log)
            if "log-on-off" in parts:
                figures += writing.figures(written, drained)
            if "feed" in parts:
                figures += following.figures(rates, written["latency"])
    figures.sort(key=lambda one: PARTS.index(one.part))
    table.show(figures, Console(width=None if sys.stdout.isatty() else 160))
    took = time.monotonic() - began
    settings = {"quick": quick, "parts": sorted(parts), "took_s": round(took)}
    table.write(run_dir / "bench-log.json", figures, run=settings)
    print(f"{took:.0f} s; the same is in {run_dir / 'bench-log.json'}")
    for fault in table.missed(figures):
        print(f"Goal not reached: {fault}")


def _made(on: Roles, folder: Path, *, entries: int, waiting: int) -> dict[str, Any]:
    with step(f"Making a log of {entries:,} entries"):
        out = folder / "log-plan.json"
        command = ("benchmarks.log.register", "--entries", str(entries), "--waiting", str(waiting), "--out", str(out))
        grounds.python("lintas", on, *command, LINTAS_DB_ROLE="owner", **ground.log_environment(folder))
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def _verified(on: Roles, folder: Path, *, vkey: str, rounds: int) -> dict[str, list[float]]:
    out = folder / "verified.json"
    command = ("benchmarks.log.verifying", "--vkey", vkey, "--rounds", str(rounds), "--out", str(out))
    grounds.python("lintas", on, *command)
    found: dict[str, list[float]] = json.loads(out.read_text(encoding="utf-8"))
    return found


def _written(size: Size, parts: Collection[str], *, folder: Path, log: Path) -> dict[str, Any]:
    with ground.fresh("log_on", folder) as on:
        with step(f"Filling a register of {size.casefiles:,} casefiles, twice"):
            out = folder / "writes.json"
            command = ("benchmarks.seeding", "lintas", "--casefiles", str(size.casefiles), "--out", str(out))
            grounds.python("lintas", on, *command, LINTAS_DB_ROLE="owner", **ground.log_environment(folder))
        plan = json.loads(out.read_text(encoding="utf-8"))
        with ground.copy_of(on, "log_off") as off, step("Writing with the log and without, and waiting for events"):
            return writing.measure(
                on, off, plan, folder=folder, rounds=size.rounds if "log-on-off" in parts else 0,
                seconds=size.seconds, tries=size.long_polls if "feed" in parts else 0, log=log,
            )  # fmt: skip
