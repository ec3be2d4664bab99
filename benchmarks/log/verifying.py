"""Verification against bare hashing: how many entries a second, on one core.

    python -m benchmarks.log.verifying --vkey VKEY --rounds 3 --out FILE

in a process of its own, with DATABASE_READER_URL. In turns: the bodies from memory, hashed as leaves and nodes with
nothing else (`bare`); `verify_log` over the same rows in memory; and the log's part of `lintas-verify db` from the
database, by one process and by one for each core. With `--rounds 0` the whole of `db --no-content`, rows of every table
compared, once.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile
from unittest.mock import patch

import psycopg

from audit.tlog.notes import read_vkey
from audit.tlog.policy import NONE
from audit.verify import db
from audit.verify.anchors import Anchors
from audit.verify.entries import verify_log
from audit.verify.report import Report
from benchmarks.log.table import TOGETHER_GOAL, VERIFYING_GOAL, Figure, ratio

ROWS = "SELECT l.index, l.leaf_hash, e.body FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id ORDER BY l.index"

CORES = os.cpu_count() or 1


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--vkey", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    found = measure(os.environ["DATABASE_READER_URL"], vkey=chosen.vkey, rounds=chosen.rounds)
    chosen.out.write_text(json.dumps(found), encoding="utf-8")


def measure(url: str, *, vkey: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of each way, round by round, `entries`, and what the verifications said (`faults`, 0)."""
    with psycopg.connect(url) as connection, connection.cursor("rows", binary=True) as cursor:
        cursor.itersize = 5000
        rows = [(index, bytes(leaf), bytes(body)) for index, leaf, body in cursor.execute(ROWS)]
    bodies = [body for _, _, body in rows]
    found: dict[str, list[float]] = {"bare": [], "memory": [], "database": [], "together": [], "whole": []}
    # The rows stay for the whole run; looking through them again and again would be charged to whoever allocates.
    gc.freeze()
    roots = set()
    for _ in range(rounds):
        found["bare"].append(_seconds_of(lambda: roots.add(hashed(bodies))))
        report = Report()
        found["memory"].append(
            _seconds_of(
                lambda report=report: verify_log(  # type: ignore[misc]
                    rows, report=report, sizes=[len(rows)], on_root=lambda _, root: roots.add(root)
                )
            )
        )
        _must_be_sound(report)
        found["database"].append(_seconds_of(lambda: verify_the_log(url, vkey=vkey, jobs=1)))
        found["together"].append(_seconds_of(lambda: verify_the_log(url, vkey=vkey, jobs=CORES)))
    if len(roots) > 1:
        raise RuntimeError("bare hashing and the verifier do not find the same root")
    if not rounds:
        found["bare"].append(_seconds_of(lambda: hashed(bodies)))
        found["whole"].append(_seconds_of(lambda: verify_everything(url, vkey=vkey)))
    return {**found, "entries": [float(len(rows))]}


def hashed(bodies: Sequence[bytes]) -> bytes:
    """The root over these bodies by SHA-256 and nothing else: every leaf, every node, a level at a time."""
    level = [sha256(b"\x00" + body).digest() for body in bodies]
    while len(level) > 1:
        odd = [level[-1]] if len(level) % 2 else []
        pairs = iter(level)
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)] + odd
    return level[0]


def verify_the_log(url: str, *, vkey: str, jobs: int) -> None:
    """`lintas-verify db` without the tables that are not the log's."""
    report, anchors = Report(), Anchors(keys=(read_vkey(vkey),), policy=NONE)
    with patch.object(db, "verify_records"):
        db.verify_db(url, anchors=anchors, report=report, extent=db.Extent(contents=False, jobs=jobs))
    _must_be_sound(report)


def verify_everything(url: str, *, vkey: str) -> None:
    """`lintas-verify db --no-content`, as a person types it."""
    with NamedTemporaryFile("w", suffix=".policy") as policy:
        policy.write(f"log {vkey}\nquorum none\n")
        policy.flush()
        command = [sys.executable, "-m", "audit.verify", "db", url, "--no-content", "--policy", policy.name]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"lintas-verify: {done.stdout}")


def figures(found: dict[str, list[float]]) -> list[Figure]:
    """The lines of the table."""
    entries, bare = found["entries"][0], found["bare"]

    def line(what: str, seconds: Sequence[float], goal: float | None = None) -> Figure:
        said = f"{entries / median(seconds):,.0f} entries/s against {entries / median(bare):,.0f} ({entries:,.0f})"
        return Figure("verify", what, ratio(bare, seconds), "bare SHA-256 of the same tree", said, goal)

    if found["whole"]:
        return [line("db --no-content: the log and every table it commits to", found["whole"])]
    return [
        line("the log, rows in memory", found["memory"]),
        line("the log, from the database, one process", found["database"], VERIFYING_GOAL),
        line(f"the log, from the database, {CORES} processes", found["together"], TOGETHER_GOAL),
    ]


def _seconds_of(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _must_be_sound(report: Report) -> None:
    if report.exit_code:
        report.print()
        raise RuntimeError("the bench's log is not sound")


if __name__ == "__main__":
    main()
