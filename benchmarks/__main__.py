"""`./run bench [--quick]`: seed, serve, ask in turns, print ratios, and exit with 1 where a floor is missed."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import bare, grounds, history, load, processor, report, requests
from benchmarks.law import run as law_run
from benchmarks.load import Driver, Generators, Key
from benchmarks.log import run as log_run
from benchmarks.past import run as past_run
from benchmarks.progress import step
from benchmarks.report import SIDES, Measure
from config.roles import Roles

SIZES, QUICK_SIZES = (1_000, 100_000), (1_000,)
# The console signs nothing and has no key; its session is made by the owner, who may do what signing in does.
NO_KEYS = {"LINTAS_LOG_KEY_FILE": "", "LINTAS_RECEIPT_KEY_FILE": "", "LINTAS_COURIER_KEY_FILE": ""}
CONSOLE_AS_OWNER = {"LINTAS_DB_ROLE": "owner"}
Databases = dict[tuple[str, int], Roles]
Plans = dict[tuple[str, int], dict[str, Any]]


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="./run bench", description="Measure the API as ratios within one run.")
    parser.add_argument("--quick", action="store_true", help="a minute: 1,000 casefiles and two short rounds")
    parser.add_argument("--rounds", type=int, help="rounds of each measure (default 5; quick 2)")
    parser.add_argument("--seconds", type=float, help="seconds of each round (default 1.5; quick 1)")
    every = {**requests.operations("lintas"), **requests.PAGES}
    only = (*every, "log", *log_run.PARTS, "law", *law_run.PARTS, past_run.PART)
    told = "measure this only (log, law: all parts of it)"
    parser.add_argument("--only", choices=only, action="append", help=told)
    parser.add_argument("--sizes", type=_sizes, help="numbers of casefiles, such as 1000,100000")
    parser.add_argument("--gate", action="store_true", help="fail where a request takes 15 %% more CPU than recorded")
    parser.add_argument("--record", action="store_true", help="write this run into benchmarks/history.jsonl")
    chosen = parser.parse_args()
    rounds = chosen.rounds or (2 if chosen.quick else 5)
    seconds = chosen.seconds or (1.0 if chosen.quick else 1.5)
    sizes = chosen.sizes or (QUICK_SIZES if chosen.quick else SIZES)
    operations = tuple(name for name in chosen.only or every if name in every)
    run_dir = Path(os.environ.get("LINTAS_RUN_DIR") or grounds.ROOT / ".run")
    began = time.monotonic()
    if (busy := os.getloadavg()[0]) > (os.cpu_count() or 1) / 2:
        print(f"  This machine is busy (load {busy:.1f}): the ratios will be noisy.", flush=True)
    _measure_apart(chosen.only or (), quick=chosen.quick, sizes=chosen.sizes, run_dir=run_dir)
    if not operations:
        return 0
    with_naive = any("naive" in _sides(operation) for operation in operations)
    with (
        grounds.databases(sizes, with_naive=with_naive) as databases,
        tempfile.TemporaryDirectory(prefix="lintas-bench-") as folder,
    ):
        grounds.draw_receipt_key(Path(folder))
        plans = _seed(databases, sizes, Path(folder))
        measures = {
            (side, size, operation): Measure()
            for operation in operations
            for size in sizes
            for side in _sides(operation)
        }
        _count(databases, plans, Path(folder), measures)
        _measure(databases, plans, measures, rounds=rounds, seconds=seconds, log=run_dir / "bench.log")
    found = report.lines(measures)
    report.show(found, Console(width=None if sys.stdout.isatty() else 180))
    took = time.monotonic() - began
    settings = {"rounds": rounds, "seconds": seconds, "sizes": sizes, "connections": 8, "took_s": round(took)}
    report.write(run_dir / "bench.json", found, measures=measures, run=settings)
    print(f"{took:.0f} s; every round is in {run_dir / 'bench.json'}")
    faults = report.missed(found)
    record = history.record(found, sizes=sizes)
    if chosen.gate:
        faults += history.grown(record)
    if chosen.record:
        history.append(record)
    for fault in faults:
        print(f"Floor missed: {fault}")
    if max(sizes) < report.JUDGED_FROM:
        print(f"Floors are judged at {report.JUDGED_FROM:,} casefiles; this run had none of that size.")
    return bool(faults)


def _measure_apart(only: Sequence[str], *, quick: bool, sizes: Sequence[int] | None, run_dir: Path) -> None:
    """What has a table of its own: the log, the law, past cases (`sizes`: how long the list is)."""
    if parts := {part for part in log_run.PARTS for name in only if name in ("log", part)}:
        log_run.run(parts, quick=quick, run_dir=run_dir)
    if parts := {part for part in law_run.PARTS for name in only if name in ("law", part)}:
        law_run.run(parts, quick=quick, run_dir=run_dir)
    if past_run.PART in only:
        past_run.run(quick=quick, run_dir=run_dir, rows=max(sizes) if sizes else None)


def _sides(operation: str) -> tuple[str, ...]:
    """Who is asked this: ours always, the two others where they know of it."""
    ours = {**requests.operations("lintas"), **requests.PAGES}
    known = {"lintas": ours, "naive": requests.OPERATIONS, "bare": bare.OPERATIONS}
    return tuple(side for side in SIDES if operation in known[side])


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(one) for one in text.split(",")}))


def _seed(databases: Databases, sizes: tuple[int, ...], folder: Path) -> Plans:
    """Ours at the smallest size gives the walked cases; the rest is then filled side by side."""

    def fill(side: str, size: int) -> None:
        command = ["benchmarks.seeding", side, "--casefiles", str(size), "--out", str(folder / f"{side}-{size}.json")]
        if side == "naive":
            command += ["--templates", str(folder / f"lintas-{sizes[0]}.json")]
        grounds.python(side, databases[side, size], *command, LINTAS_DB_ROLE="owner")

    def fill_all(side: str, which: tuple[int, ...]) -> None:
        for size in which:
            fill(side, size)

    naive = tuple(size for size in sizes if ("naive", size) in databases)
    said = f"{' and '.join(f'{size:,}' for size in sizes)} casefiles{', ours and naive' if naive else ''}"
    with step(f"Filling registers of {said}"):
        fill("lintas", sizes[0])
        _together(lambda: fill_all("lintas", sizes[1:]), lambda: fill_all("naive", naive))
    plans = {key: json.loads((folder / f"{key[0]}-{key[1]}.json").read_text()) for key in databases}
    for size in sizes:
        out = folder / f"console-{size}.json"
        grounds.python(
            "console", databases["lintas", size], "benchmarks.console_session", "--out", str(out), **CONSOLE_AS_OWNER
        )
        plans["lintas", size]["console"] |= json.loads(out.read_text())
        if naive:
            plans["naive", size] = requests.naive_plan(plans["naive", size], plans["lintas", size])
    return plans


def _together(*acts: Callable[[], None]) -> None:
    faults: list[BaseException] = []

    def run(act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def _count(databases: Databases, plans: Plans, folder: Path, measures: dict[Key, Measure]) -> None:
    """SQL statements per request, on casefiles that are kept for this."""
    with step("Counting statements"):
        sides = [(*key, on) for key, on in databases.items()]
        sides += [("console", size, on) for side, size, on in sides if side == "lintas"]
        for side, size, on in sides:
            plan, out = folder / f"probe-{side}-{size}.json", folder / f"statements-{side}-{size}.json"
            whole = plans["lintas" if side == "console" else side, size]
            apart = {**whole["transition"], **whole["transition"]["probe"]}
            plan.write_text(json.dumps({**whole, "transition": apart}), encoding="utf-8")
            role = {"LINTAS_DB_ROLE": "console"} if side == "console" else {}
            grounds.python(side, on, "benchmarks.probe", side, "--plan", str(plan), "--out", str(out), **role)
            for operation, count in json.loads(out.read_text()).items():
                if (key := ("lintas" if side == "console" else side, size, operation)) in measures:
                    measures[key].statements = count
    for key, measure in measures.items():
        if key[0] == "bare":
            measure.statements = 1.0


def _measure(
    databases: Databases, plans: Plans, measures: dict[Key, Measure], *, rounds: int, seconds: float, log: Path
) -> None:
    log.unlink(missing_ok=True)
    with ExitStack() as stack:
        served = {key: stack.enter_context(grounds.serving(key[0], on, log=log)) for key, on in databases.items()}
        for side, size in list(served):
            if side == "lintas" and any(key[2] in requests.PAGES for key in measures):
                on = databases[side, size]
                served["console", size] = stack.enter_context(
                    grounds.serving("console", on, log=log, LINTAS_DB_ROLE="console", **NO_KEYS)
                )
        postmaster = processor.postmaster(next(iter(databases.values())).owner)

        def make(key: Key, number: int) -> Driver:
            side, size, operation = key
            if side == "bare":
                return bare.driver(databases["lintas", size].web, operation, plans["lintas", size], number=number)
            door = _door(side, operation)
            return requests.driver(door, operation, plans[side, size], number=number, port=served[door, size].port)

        generators = Generators(make)
        stack.callback(generators.close)
        for operation in dict.fromkeys(key[2] for key in measures):
            turn = [key for key in measures if key[2] == operation]
            # Ours at both sizes, naive at both, bare at both, ours again: what is compared lies close together in time.
            turn.sort(key=lambda key: (SIDES.index(key[0]), key[1]))
            with step(f"Measuring {report.title(operation)}"):
                for key in turn:
                    generators.run(key, 0.7)
                for _ in range(rounds):
                    for key in turn:
                        web = served[_door(key[0], key[2]), key[1]].pid if key[0] != "bare" else None
                        _one(generators, key, seconds, measures[key], web=web, postmaster=postmaster)


def _door(side: str, operation: str) -> str:
    """Whose server answers: pages are the console's."""
    return "console" if side == "lintas" and operation in requests.PAGES else side


def _one(
    generators: Generators, key: Key, seconds: float, measure: Measure, *, web: int | None, postmaster: int | None
) -> None:
    """One round, with the processor time it took."""
    before = [processor.of_tree(pid) if pid else 0.0 for pid in (web, postmaster)]
    done = generators.run(key, seconds)
    after = [processor.of_tree(pid) if pid else 0.0 for pid in (web, postmaster)]
    used = [(b - a) / done.count * 1000 for a, b in zip(before, after, strict=True)]
    measure.rates.append(done.rate)
    measure.latencies += done.latencies
    if web:
        measure.server_ms.append(used[0])
    if postmaster:
        measure.database_ms.append(used[1])


__all__ = ("load", "main")

if __name__ == "__main__":
    sys.exit(main())
