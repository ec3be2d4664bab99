"""Two snapshots give no small cell away, nor how few came between them: asked of linear programmes over both.

The attacker knows every number of both, which kinds of casefiles there can be, that each casefile of the first is one
of the second under the same keys, and which rows either left out. For each withheld count of one to four, and for each
cell that differs by one to four from what the first shows of it, he asks how small and how large it may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import coo_array

from casefiles.errors import NearPublished
from casefiles.statistics import snapshot_tables
from casefiles.statistics.between import Moved, Standing
from casefiles.statistics.disclosure import THRESHOLD
from casefiles.statistics.snapshot_tables import Earlier
from tests.casefiles.statistics.test_together import (
    BITS,
    CLOSED,
    FOLLOWED_UP,
    KEYS,
    NOT_PROVEN,
    OPEN,
    RECOMMENDED,
    SUBMITTED,
    Case,
    found,
    numbers_of,
)

KINDS: Final = tuple(
    SUBMITTED | standing | been
    for standing in (OPEN, CLOSED, CLOSED | NOT_PROVEN)
    for been in (0, RECOMMENDED, RECOMMENDED | FOLLOWED_UP)
)
ONCE: Final = RECOMMENDED | FOLLOWED_UP
"""Who was recommended or followed up stays so."""
PAIRS: Final = tuple((before, after) for before in (0, *KINDS) for after in KINDS if not before & ~after & ONCE)
CODES: Final = ("submitted", "open", "recommended", "not_proven", "followed_up", "closed")


@dataclass
class Past:
    """A casefile as both moments count it (0: it was not there), and its keys."""

    before: int
    after: int
    keys: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def keys_in(self, by: str) -> tuple[Any, ...]:
        """Its keys in a table."""
        return self.keys.get(by, (None,))


@st.composite
def histories(draw: st.DrawFn) -> list[Past]:
    """Groups that stay, change or come, large and small."""
    cases: list[Past] = []
    for _ in range(draw(st.integers(2, 8))):
        before, after = draw(st.sampled_from(PAIRS))
        if draw(st.booleans()):
            before = after
        keys = {by: (draw(st.sampled_from(of)),) for by, of in KEYS.items() if by != "sanction"}
        cases += [Past(before, after, keys)] * draw(st.one_of(st.integers(1, 4), st.integers(5, 30)))
    return cases


def counted(cases: Sequence[Case], earlier: Earlier | None = None) -> dict[str, Any]:
    """What a snapshot of these holds."""
    tables = {table.by: found(cases, table.by) for table in snapshot_tables.TABLES}
    return snapshot_tables.withheld(tables, {}, earlier=earlier)


def both(cases: Sequence[Past]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the first publishes, and what the second does beside it. Raises `NearPublished`."""
    first = counted([Case(one.before, one.keys) for one in cases if one.before])
    moves = [Moved(_standing(one, one.before), _standing(one, one.after)) for one in cases if one.before != one.after]
    earlier = Earlier(newest=first, compared=[first], guarded=first, moves=moves)
    return first, counted([Case(one.after, one.keys) for one in cases], earlier)


def _standing(one: Past, profile: int) -> Standing | None:
    return Standing(profile, {table.by: one.keys_in(table.by) for table in snapshot_tables.TABLES}) if profile else None


@settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(histories())
def test_no_small_cell_and_no_small_change_is_pinned_by_both(cases: list[Past]) -> None:
    """Each could be the least and the most that would be withheld, or more than that, so nobody knows it is small."""
    try:
        first, second = both(cases)
    except NearPublished:
        reject()
    shown = dict(numbers_of(first))
    for name, value in numbers_of(second):
        told = shown.get(name)
        assert value is None or not 0 < value < THRESHOLD, name
        assert value is None or told is None or not 0 < abs(value - told) < THRESHOLD, name
    for cell, (least, most), (low, high) in Attack(cases, first, second).on_small_cells():
        assert high > most - 0.001, (cell, least, most, low, high)
        assert low < least + 0.001 or high > most + 0.999, (cell, least, most, low, high)


KEYED: Final = {"form": ("posting",), "employer": ("kota-a",)}


def of(month: str, number: int, *, before: int = SUBMITTED | OPEN, after: int = SUBMITTED | OPEN) -> list[Past]:
    """So many casefiles of a month."""
    return [Past(before, after, {"month": (month,), **KEYED})] * number


def rows_of(content: Mapping[str, Any], by: str = "month") -> dict[str, dict[str, int | None]]:
    """The rows of a table that are shown."""
    (table,) = (one for one in content["tables"] if one["by"] == by)
    return {row["key"]: row["numbers"] for row in table["rows"]}


def test_an_attacker_who_subtracts_is_heard() -> None:
    """Alone, the second would show 22 where the first shows 20: the programme pins the two that came."""
    cases = [*of("2024-09", 20), *of("2024-10", 20), *of("2024-09", 2, before=0), *of("2024-10", 9, before=0)]
    first, guarded = both(cases)
    alone = counted([Case(one.after, one.keys) for one in cases])
    heard = {cell: found for cell, _, found in Attack(cases, first, alone, near_too=True).on_small_cells()}
    least, most = heard["now", "month", "2024-09", "submitted"]
    assert least == most == 22
    assert rows_of(first)["2024-09"]["submitted"] == 20
    assert "2024-09" not in rows_of(guarded)


def test_what_came_in_fives_is_shown() -> None:
    cases = [*of("2024-09", 20), *of("2024-10", 20), *of("2024-09", 7, before=0), *of("2024-11", 9, before=0)]
    _, second = both(cases)
    assert {key: row["submitted"] for key, row in rows_of(second).items()} == {
        "2024-09": 27, "2024-10": 20, "2024-11": 9,
    }  # fmt: skip


def test_a_snapshot_a_few_casefiles_after_a_published_one_is_refused() -> None:
    with pytest.raises(NearPublished):
        both([*of("2024-09", 20), *of("2024-09", 3, before=0)])


class Attack:
    """A linear programme: so many casefiles of each past under each key of each table, and everything that is known."""

    def __init__(
        self, cases: Sequence[Past], first: Mapping[str, Any], second: Mapping[str, Any], *, near_too: bool = False
    ) -> None:
        self.cases, self.near_too = cases, near_too
        self.moments = (("then", first, 0), ("now", second, 1))
        self.places: dict[Any, int] = {}
        self.equal: list[tuple[dict[int, float], float]] = []
        self.most: list[tuple[dict[int, float], float]] = []
        self.targets: list[tuple[Any, tuple[int, int], list[int]]] = []
        for _, content, side in self.moments:
            totals = content["totals"][0]["numbers"]
            for code in CODES:
                if (value := totals[code]) is not None:
                    self.equal.append((dict.fromkeys(self._of("total", None, code, side), 1.0), value))
            self._hidden = {code for code in CODES if totals[code] is None}
        for table in snapshot_tables.TABLES:
            if table.by in KEYS and table.by != "sanction":
                self._table(table.by)
        self.most.append(({self._at("total", None, pair): 1.0 for pair in PAIRS}, 1000))

    def _at(self, table: str, key: Any, pair: tuple[int, int]) -> int:
        return self.places.setdefault((table, key, pair), len(self.places))

    def _of(self, table: str, key: Any, code: str, side: int) -> list[int]:
        return [self._at(table, key, pair) for pair in PAIRS if pair[side] & BITS[code]]

    def _table(self, by: str) -> None:
        keys = {key for case in self.cases for key in case.keys_in(by)}
        if not any(rows_of(content, by) for _, content, _ in self.moments):
            return
        for pair in PAIRS:
            row = {self._at(by, key, pair): 1.0 for key in keys}
            self.equal.append(({**row, self._at("total", None, pair): -1.0}, 0))
        told: dict[Any, int] = {}
        for moment, content, side in self.moments:
            self._moment(by, keys, moment, content, side, told)

    def _moment(self, by: str, keys: Any, moment: str, content: Any, side: int, told: dict[Any, int]) -> None:
        shown = rows_of(content, by)
        measures = next(table["measures"] for table in content["tables"] if table["by"] == by)
        true = Counter(
            (key, code)
            for case in self.cases
            for key in case.keys_in(by)
            for code in CODES
            if (case.before, case.after)[side] & BITS[code]
        )
        for key in keys:
            for code in CODES:
                cells, value = self._of(by, key, code, side), shown.get(key, {}).get(code)
                aims = self._aims(true[key, code], told.get((key, code)))
                if value is not None:
                    self.equal.append((dict.fromkeys(cells, 1.0), value))
                    told[key, code] = value
                elif key in shown and code in shown[key]:
                    self.most.append((dict.fromkeys(cells, -1.0), -1))
                if code in measures and (value is None or self.near_too):
                    self.targets += [((moment, by, key, code), aim, cells) for aim in aims]
            if key not in shown and shown:
                # The keys of rows that were left out are known; where there was none, that is known, too.
                cells = self._of(by, key, "submitted", side)
                if true[key, "submitted"]:
                    self.most.append((dict.fromkeys(cells, -1.0), -1))
                else:
                    self.equal.append((dict.fromkeys(cells, 1.0), 0))

    @staticmethod
    def _aims(true: int, told: int | None) -> list[tuple[int, int]]:
        """What the cell must be able to be: anything from one to four, or as far from what was told."""
        if 0 < true < THRESHOLD:
            return [(1, THRESHOLD - 1)]
        if told is None or not 0 < abs(true - told) < THRESHOLD:
            return []
        return [(told + 1, told + 4) if true > told else (max(told - 4, 0), told - 1)]

    def on_small_cells(self) -> Iterator[tuple[Any, tuple[int, int], tuple[float, float]]]:
        """Each cell that has to be guarded: what it must be able to be, and between what it lies."""
        if not self.targets:
            return
        known: dict[str, Any] = {
            "A_eq": self._matrix(self.equal), "b_eq": [value for _, value in self.equal],
            "A_ub": self._matrix(self.most), "b_ub": [value for _, value in self.most],
        }  # fmt: skip
        for name, aim, cells in self.targets:
            objective = np.zeros(len(self.places))
            objective[cells] = 1
            ends = [linprog(sign * objective, **known, method="highs") for sign in (1, -1)]
            assert [end.status for end in ends] == [0, 0], [end.message for end in ends]
            yield name, aim, (round(ends[0].fun, 6), round(-ends[1].fun, 6))

    def _matrix(self, rows: Sequence[tuple[Mapping[int, float], float]]) -> Any:
        entries = [(number, at, value) for number, (row, _) in enumerate(rows) for at, value in row.items()]
        lines, columns, values = zip(*entries, strict=True)
        return coo_array((values, (lines, columns)), shape=(len(rows), len(self.places))).tocsr()
