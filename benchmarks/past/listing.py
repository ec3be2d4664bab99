"""A list of past cases of any length, bad rows among them: the curve of Pilkada 2020 as often as it takes.

One row in a hundred is bad, in ten ways in turns; each says where it is bad (`BAD`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from demo import pilkada_2020

ONE_IN: Final = 100
Row = dict[str, Any]


def _without(row: Row, name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}


BAD: Final[tuple[tuple[str, str, Callable[[Row], Row | str]], ...]] = (
    ("#", "syntax", lambda row: json.dumps(row)[:-20]),
    ("#/nip", "bad-nip-rounded", lambda row: {**row, "nip": "1.98501E+17"}),
    ("#/registered_on", "no-such-date", lambda row: {**row, "registered_on": "2020-13-01"}),
    ("#/source", "unknown-code", lambda row: {**row, "source": "rumour"}),
    ("#/unknown", "unknown-field", lambda row: {**row, "unknown": 1}),
    ("#/origin_office", "unknown-agency", lambda row: {**row, "origin_office": "bawaslu-kota-rekaan"}),
    ("#/known_on", "out-of-order", lambda row: {**row, "known_on": "2019-01-01"}),
    ("#/description", "missing-field", lambda row: _without(row, "description")),
    ("#/outcome", "outcome-differs", lambda row: {**row, "outcome": "rejected"}),
    ("#/employer", "unknown-agency", lambda row: {**row, "employer": "pemkot-rekaan"}),
)
"""Where a bad row is bad, the code of its refusal, and how it is made of a good one."""


def bad_of(line: int) -> tuple[str, str] | None:
    """Pointer and code of the refusal of that line (from 1); None for a good one."""
    if line % ONE_IN != ONE_IN // 2:
        return None
    pointer, code, _ = BAD[line // ONE_IN % len(BAD)]
    return pointer, code


def lines(count: int) -> Iterator[str]:
    """So many rows, as lines of NDJSON."""
    curve = pilkada_2020.rows(scale=count / pilkada_2020.REPORTED[-1][1])
    for line, row in enumerate(curve, 1):
        if bad_of(line) is not None:
            *_, spoiled = BAD[line // ONE_IN % len(BAD)]
            made = spoiled(row)
            yield (made if isinstance(made, str) else json.dumps(made)) + "\n"
        else:
            yield json.dumps(row) + "\n"


def write(path: Path, count: int) -> int:
    """Write the list; how many rows of it are bad."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines(count))
    return sum(1 for line in range(1, count + 1) if bad_of(line) is not None)
