"""Ratios within one run, the floors they must reach, and the table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

SIDES = ("lintas", "naive", "bare")
BOTH = "detail + timeline"

# What was set out to reach, for a register of this size or larger: how many times the naive app.
JUDGED_FROM = 100_000
FLOORS = {"submit": 2.0, "transition": 3.0, BOTH: 5.0, "page": 4.0}
FLAT = 0.85  # our own rate at the largest size against the smallest
TITLES = {
    "page": "referral page of 100",
    "mixed": "transition, a tenth refused",
    "busy": "detail, officer of many cases",
    "listing": "casefiles of an employer",
    "search": "search by name and employer",
    "statistics": "statistics by state",
    "months": "statistics by employer and month",
    "officers": "statistics of officers by state",
    "crowd": "submit, a hundred subjects",
    "overview": "console: overview",
    "list": "console: list of 50",
    "case": "console: a casefile",
}
# A count reads what it counts.
GROWS = frozenset({"statistics", "months", "officers", "overview", "list"})


@dataclass
class Measure:
    """One operation on one side at one size."""

    rates: list[float] = field(default_factory=list)  # requests a second, round by round
    latencies: list[float] = field(default_factory=list)  # seconds
    server_ms: list[float] = field(default_factory=list)  # processor per request, of the web server's processes
    database_ms: list[float] = field(default_factory=list)  # the same, of PostgreSQL's
    statements: float | None = None


Measures = Mapping[tuple[str, int, str], Measure]


@dataclass(frozen=True)
class Line:
    """One operation at one size, as the table shows it. `flat` is our rate here against that at the smallest size."""

    operation: str
    size: int
    rates: dict[str, float]
    to_naive: float | None
    to_bare: float | None
    flat: float | None
    p95_ms: float | None
    statements: dict[str, float | None]
    server_ms: dict[str, float | None]
    database_ms: dict[str, float | None]


def with_both(measures: Measures) -> dict[tuple[str, int, str], Measure]:
    """The measures, and detail and timeline taken together: one of each, as somebody who opens a case asks for them."""
    whole = dict(measures)
    for side, size, operation in list(measures):
        other = measures.get((side, size, "timeline"))
        if operation != "detail" or other is None:
            continue
        one = measures[side, size, operation]
        joined = Measure(
            rates=[1 / (1 / a + 1 / b) if a and b else 0.0 for a, b in zip(one.rates, other.rates, strict=True)],
            server_ms=[a + b for a, b in zip(one.server_ms, other.server_ms, strict=True)],
            database_ms=[a + b for a, b in zip(one.database_ms, other.database_ms, strict=True)],
        )
        if one.statements is not None and other.statements is not None:
            joined.statements = one.statements + other.statements
        whole[side, size, BOTH] = joined
    return whole


def lines(measures: Measures) -> list[Line]:
    """The table's lines, in the order in which the operations were measured, sizes within."""
    whole = with_both(measures)
    operations = list(dict.fromkeys(operation for _, _, operation in measures))
    if "timeline" in operations:
        operations.insert(operations.index("timeline") + 1, BOTH)
    sizes = sorted({size for _, size, _ in measures})
    return [_line(whole, operation, size, smallest=sizes[0]) for operation in operations for size in sizes]


def missed(found: Sequence[Line]) -> list[str]:
    """Every floor that was not reached, as a sentence."""
    smallest = min(line.size for line in found)
    faults = []
    for line in found:
        floor = FLOORS.get(line.operation)
        if floor is not None and line.to_naive is not None and line.size >= JUDGED_FROM and line.to_naive < floor:
            faults.append(f"{title(line.operation)}: {line.to_naive:.2f} times the naive app, floor {floor:g}")
        if line.operation in GROWS:
            continue
        if line.flat is not None and line.size >= JUDGED_FROM and line.flat < FLAT:
            faults.append(
                f"{title(line.operation)}: {line.flat:.2f} of its own rate at {smallest:,} casefiles, floor {FLAT:g}"
            )
    return faults


def show(found: Sequence[Line], console: Console) -> None:
    """Print the table."""
    table = Table(title="Lintas (L) against the naive app (N) and bare psycopg (B): medians of rounds taken in turns")
    table.add_column("operation")
    for name in ("casefiles", "L/N", "floor", "L/B", "flat", "L, N, B per s", "p95 ms", "SQL L, N"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("CPU ms web L, N", justify="right")
    table.add_column("CPU ms db L, N, B", justify="right")
    for line in found:
        floor = FLOORS.get(line.operation) if line.size >= JUDGED_FROM else None
        table.add_row(
            title(line.operation),
            f"{line.size:,}",
            "" if line.to_naive is None else f"{line.to_naive:.1f}",
            f"{floor:g}" if floor else "",
            "" if line.to_bare is None else f"{line.to_bare:.2f}",
            "" if line.flat is None else f"{line.flat:.2f}",
            ", ".join(f"{line.rates[side]:,.0f}" for side in SIDES if side in line.rates),
            _shown(line.p95_ms),
            ", ".join(_shown(line.statements[side]) for side in SIDES[:2] if side in line.rates),
            ", ".join(_shown(line.server_ms[side]) for side in SIDES[:2] if side in line.rates),
            ", ".join(_shown(line.database_ms[side]) for side in SIDES if side in line.rates),
        )
    console.print(table)


def write(path: Path, found: Sequence[Line], *, measures: Measures, run: Mapping[str, Any]) -> None:
    """Everything as JSON: the run's settings, the table, the floors missed, and every round."""
    rounds = {f"{side}/{size}/{operation}": asdict(one) for (side, size, operation), one in measures.items()}
    for one in rounds.values():
        one["latency_ms"] = {f"p{p}": _percentile(one["latencies"], p) for p in (50, 95, 99)}
        del one["latencies"]
    said = {"run": dict(run), "table": [asdict(line) for line in found], "missed": missed(found), "rounds": rounds}
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def title(operation: str) -> str:
    """An operation as people read it."""
    return TITLES.get(operation, operation)


def _line(measures: Measures, operation: str, size: int, *, smallest: int) -> Line:
    at = {side: measures[side, size, operation] for side in SIDES if (side, size, operation) in measures}
    before = measures["lintas", smallest, operation]
    return Line(
        operation=operation,
        size=size,
        rates={side: median(one.rates) for side, one in at.items()},
        to_naive=_ratio(at["lintas"].rates, at["naive"].rates) if "naive" in at else None,
        to_bare=_ratio(at["lintas"].rates, at["bare"].rates) if "bare" in at else None,
        flat=None if size == smallest else _ratio(at["lintas"].rates, before.rates),
        p95_ms=_percentile(at["lintas"].latencies, 95),
        statements={side: one.statements for side, one in at.items()},
        server_ms={side: _median(one.server_ms) for side, one in at.items()},
        database_ms={side: _median(one.database_ms) for side, one in at.items()},
    )


def _ratio(mine: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the rounds' ratios: what is slow for a moment is slow for both."""
    return median(a / b if b else 0.0 for a, b in zip(mine, theirs, strict=True))


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _percentile(seconds: Sequence[float], percent: int) -> float | None:
    if not seconds:
        return None
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1000, 2)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
