"""What earlier runs took, so that a regression is seen: a line of JSON for each run that was recorded.

A machine is named by its number of cores only. Processor time per request is compared, not rates: a neighbour on the
machine slows a rate down, and leaves processor time nearly as it is. Record a run of a quiet machine.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import grounds
from benchmarks.report import Line, title

FILE = grounds.ROOT / "benchmarks" / "history.jsonl"
MOST_GROWTH = 1.15


def record(found: Sequence[Line], *, sizes: Sequence[int]) -> dict[str, Any]:
    """What is kept of a run: of each operation at each size, ours only, and the ratios to the other sides."""
    return {
        "on": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "sizes": list(sizes),
        "operations": {
            f"{line.operation}/{line.size}": {
                "cpu_ms": _cpu_ms(line),
                "per_s": round(line.rates["lintas"], 1),
                "to_naive": line.to_naive and round(line.to_naive, 2),
                "to_bare": line.to_bare and round(line.to_bare, 3),
                "flat": line.flat and round(line.flat, 2),
            }
            for line in found
        },
    }


def append(made: Mapping[str, Any], *, file: Path = FILE) -> None:
    """Write the run as the newest."""
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(made) + "\n")


def grown(made: Mapping[str, Any], *, file: Path = FILE) -> list[str]:
    """Where a request took over 15 % more processor time than in the last run on as many cores, as sentences.

    An operation is compared with the last run that measured it at that size; what nobody recorded is not judged.
    """
    faults = []
    before: dict[str, float] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        earlier = json.loads(line)
        if earlier["cores"] == made["cores"]:
            before |= {name: said["cpu_ms"] for name, said in earlier["operations"].items() if said["cpu_ms"]}
    for name, said in made["operations"].items():
        if said["cpu_ms"] and name in before and said["cpu_ms"] > MOST_GROWTH * before[name]:
            operation, _, size = name.rpartition("/")
            faults.append(
                f"{title(operation)} at {int(size):,}: {said['cpu_ms']:.2f} ms CPU a request, {before[name]:.2f} before"
            )
    return faults


def _cpu_ms(line: Line) -> float | None:
    """Web server and database together."""
    web, database = line.server_ms["lintas"], line.database_ms["lintas"]
    return round(web + database, 3) if web is not None and database is not None else None
