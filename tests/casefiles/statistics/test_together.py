"""What a snapshot publishes gives no small cell away, whatever its tables are combined to: asked of linear programmes.

The attacker is independent of what he attacks. He knows every number that is published, what kinds of casefiles there
are, that the tables count the same casefiles, and the keys of the rows that were left out where others are shown. For
each count of one to four he asks how small and how large it may be.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casefiles.statistics import snapshot_tables
from casefiles.statistics.count import Found
from casefiles.statistics.disclosure import THRESHOLD, Row
from casefiles.statistics.measures import bit_of
from casefiles.statistics.snapshot_tables import Earlier

BITS: Final = {
    code: bit_of(code)
    for code in ("submitted", "open", "recommended", "not_proven", "followed_up", "closed", "overdue", "blocked")
}
SUBMITTED, OPEN, RECOMMENDED, NOT_PROVEN, FOLLOWED_UP, CLOSED, OVERDUE, BLOCKED = BITS.values()
# Every kind of casefile that there can be: who was followed up had been recommended, and so on.
PROFILES: Final = tuple(
    SUBMITTED | standing | been | blocked
    for standing in (OPEN, OPEN | OVERDUE, CLOSED, CLOSED | NOT_PROVEN)
    for been in (0, RECOMMENDED, RECOMMENDED | FOLLOWED_UP)
    for blocked in (0, BLOCKED)
)
USUAL: Final = (
    SUBMITTED | OPEN,
    SUBMITTED | OPEN | OVERDUE,
    SUBMITTED | OPEN | RECOMMENDED,
    SUBMITTED | CLOSED,
    SUBMITTED | CLOSED | NOT_PROVEN,
    SUBMITTED | CLOSED | RECOMMENDED | FOLLOWED_UP,
    SUBMITTED | OPEN | RECOMMENDED | BLOCKED,
)
KEYS: Final[Mapping[str, Sequence[Any]]] = {
    "month": ("2024-09", "2024-10", "2024-11", "2024-12"),
    "form": ("posting", "campaign", "photo"),
    "sanction": ("moral_open", "moral_closed", "reprimand"),
    "employer": ("kota-a", "kota-b", "kota-c", "prov-a", "prov-b", None),
}


@dataclass
class Case:
    """A casefile: what it counts in, and its keys; it may have several forms."""

    profile: int
    keys: dict[str, tuple[Any, ...]] = field(default_factory=dict)


@st.composite
def registers(draw: st.DrawFn) -> list[Case]:
    """Some large groups and some small ones, so that most tables have cells to show and cells to withhold."""
    cases: list[Case] = []
    groups = draw(st.integers(1, 14))
    for _ in range(groups):
        profile = draw(st.sampled_from(USUAL))
        keys = {by: (draw(st.sampled_from(of)),) for by, of in KEYS.items()}
        if draw(st.booleans()):
            keys["form"] = tuple(draw(st.sets(st.sampled_from(KEYS["form"]), min_size=1, max_size=2)))
        if not profile & FOLLOWED_UP:
            keys["sanction"] = (None,)
        cases += [Case(profile, keys)] * draw(st.one_of(st.integers(1, 4), st.integers(5, 30)))
    return cases


def found(cases: Sequence[Case], *by: str) -> Found:
    """The register counted by these, as the database counts it."""
    rows: defaultdict[tuple[Any, ...], Counter[int]] = defaultdict(Counter)
    alone: defaultdict[tuple[Any, ...], Counter[int]] = defaultdict(Counter)
    for case in cases:
        keys = list(product(*(_keys_of(case, one) for one in by)))
        for key in keys:
            rows[key][case.profile] += 1
            if len(keys) == 1:
                alone[key][case.profile] += 1
    return Found(
        rows={key: Row(units, frozenset(alone[key])) for key, units in rows.items()},
        alone={key: alone[key] for key in rows},
        totals=Counter(case.profile for case in cases),
        merged=0,
        erased=0,
        names={},
    )


def _keys_of(case: Case, by: str) -> tuple[Any, ...]:
    return case.keys.get(by, (None,))


def published(cases: Sequence[Case], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a snapshot of that register holds; rows that the one before left out are left out first."""
    tables = {table.by: found(cases, table.by) for table in snapshot_tables.TABLES}
    return snapshot_tables.withheld(tables, {}, earlier=Earlier(newest=before))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(registers())
def test_no_small_cell_is_shown_and_none_is_pinned_by_all_tables_together(cases: list[Case]) -> None:
    content = published(cases)
    for name, value in numbers_of(content):
        assert value is None or not 0 < value < THRESHOLD, name
    for cell, least, most in Attack(cases, content).on_small_cells():
        assert least < 1.001, (cell, least, most)
        assert most > THRESHOLD - 1.001, (cell, least, most)


def test_an_attacker_who_can_compute_a_cell_is_heard() -> None:
    """One row is withheld alone, as no snapshot would: the others and the total tell it."""
    cases = [Case(SUBMITTED | OPEN, {"month": (month,), "form": ("posting",), "sanction": (None,),
                                     "employer": ("kota-a",)})
             for month, number in (("2024-09", 9), ("2024-10", 3), ("2024-11", 9)) for _ in range(number)]  # fmt: skip
    content = published(cases)
    month = next(table for table in content["tables"] if table["by"] == "month")
    month["rows"] = [
        {"key": key, "numbers": {code: 9 if code in {"submitted", "open"} else 0 for code in BITS}}
        for key in ("2024-09", "2024-11")
    ]
    found_out = {cell: (least, most) for cell, least, most in Attack(cases, content).on_small_cells()}
    assert found_out["month", "2024-10", "submitted"] == (3, 3)


def test_what_can_be_shown_is_shown() -> None:
    """Twenty a month and nothing small: every cell stands there. With three of them overdue, two rows hide it."""

    def of(month: str, profile: int, number: int) -> list[Case]:
        return [Case(profile, {"month": (month,), "form": ("posting",), "employer": ("kota-a",)})] * number

    plain = [case for month in KEYS["month"] for case in of(month, SUBMITTED | OPEN, 20)]
    (table,) = (one for one in published(plain)["tables"] if one["by"] == "month")
    assert [row["numbers"]["submitted"] for row in table["rows"]] == [20] * 4
    assert not table["left_out"]
    late = [*plain, *of("2024-09", SUBMITTED | OPEN | OVERDUE, 3), *of("2024-10", SUBMITTED | OPEN | OVERDUE, 9)]
    (table,) = (one for one in published(late)["tables"] if one["by"] == "month")
    assert [row["numbers"]["overdue"] for row in table["rows"]] == [None, None, 0, 0]
    assert [row["numbers"]["submitted"] for row in table["rows"]] == [23, 29, 20, 20]


def test_rows_that_were_left_out_before_are_left_out_first() -> None:
    """Of two rows that are as large, the one that nobody has read yet."""

    def of(month: str, number: int) -> list[Case]:
        return [Case(SUBMITTED | OPEN, {"month": (month,), "form": ("posting",), "employer": ("kota-a",)})] * number

    cases = [*of("2024-09", 8), *of("2024-10", 8), *of("2024-11", 2), *of("2024-12", 30)]

    def months(before: Any = None) -> list[str]:
        (table,) = (one for one in published(cases, before)["tables"] if one["by"] == "month")
        return [row["key"] for row in table["rows"]]

    assert months() == ["2024-10", "2024-12"]
    earlier = published([*of("2024-09", 8), *of("2024-12", 30)])
    assert months(earlier) == ["2024-09", "2024-12"]


def numbers_of(content: Mapping[str, Any]) -> Iterator[tuple[Any, int | None]]:
    """Every number that is printed."""
    for total in content["totals"]:
        yield from ((("total", code), value) for code, value in total["numbers"].items())
    for table in content["tables"]:
        for row in table["rows"]:
            yield from (((table["by"], row["key"], code), value) for code, value in row["numbers"].items())


# -- the attacker ------------------------------------------------------------------------------------------------------


class Attack:
    """A linear programme: so many casefiles of each kind under each key of each table, and everything that is known."""

    def __init__(self, cases: Sequence[Case], content: Mapping[str, Any]) -> None:
        self.cases, self.content = cases, content
        self.places: dict[Any, int] = {}
        self.equal: list[tuple[dict[int, float], float]] = []
        self.most: list[tuple[dict[int, float], float]] = []
        self.small: list[tuple[Any, list[int]]] = []
        totals = content["totals"][0]["numbers"]
        hidden = {code for code, value in totals.items() if value is None}
        self._lines("total", [None], {None: totals}, hidden=hidden)
        for table in content["tables"]:
            self._table(table, hidden)
        self._bounded()

    def _at(self, table: str, key: Any, profile: int) -> int:
        return self.places.setdefault((table, key, profile), len(self.places))

    def _of(self, table: str, key: Any, code: str) -> list[int]:
        return [self._at(table, key, profile) for profile in self._profiles(table) if profile & BITS[code]]

    @staticmethod
    def _profiles(table: str) -> Sequence[int]:
        return [one for one in PROFILES if one & FOLLOWED_UP] if table == "sanction" else PROFILES

    def _table(self, table: Mapping[str, Any], hidden: set[str]) -> None:
        by = table["by"]
        shown = {row["key"]: row["numbers"] for row in table["rows"]}
        if not shown:
            # Nothing is known of a table of which no row is shown, not even its keys.
            return
        counted = [case for case in self.cases if by != "sanction" or case.profile & FOLLOWED_UP]
        keys = {key for case in counted for key in _keys_of(case, by)}
        self._lines(by, keys, shown, hidden=hidden)
        for profile in self._profiles(by):
            row = {self._at(by, key, profile): 1.0 for key in keys}
            total = self._at("total", None, profile)
            if table["adds_up"]:
                self.equal.append(({**row, total: -1.0}, 0))
            else:
                self.most.append(({**dict.fromkeys(row, -1.0), total: 1.0}, 0))
                self.most += [({at: 1.0, total: -1.0}, 0) for at in row]

    def _lines(self, by: str, keys: Any, shown: Mapping[Any, Mapping[str, int | None]], *, hidden: set[str]) -> None:
        measures = next((table["measures"] for table in self.content["tables"] if table["by"] == by), None)
        true = self._true(by)
        for key in keys:
            for code in BITS:
                cells = self._of(by, key, code)
                value = shown.get(key, {}).get(code)
                if value is not None:
                    self.equal.append((dict.fromkeys(cells, 1.0), value))
                    continue
                if 0 < true[key, code] < THRESHOLD and (by == "total" or measures is None or code in measures):
                    self.small.append(((by, key, code), cells))
                if key in shown and code in shown[key] and code not in hidden:
                    # Noughts are shown, so what is withheld here is none.
                    self.most.append((dict.fromkeys(cells, -1.0), -1))
            if key not in shown:
                whole = "followed_up" if by == "sanction" else "submitted"
                self.most.append((dict.fromkeys(self._of(by, key, whole), -1.0), -1))

    def _true(self, by: str) -> Counter[tuple[Any, str]]:
        counted: Counter[tuple[Any, str]] = Counter()
        for case in self.cases:
            for key in (None,) if by == "total" else _keys_of(case, by):
                counted.update((key, code) for code, bit in BITS.items() if case.profile & bit)
        return counted

    def _bounded(self) -> None:
        """A published total bounds the programme; without one there are at most a thousand casefiles."""
        self.most.append(({self._at("total", None, profile): 1.0 for profile in PROFILES}, 1000))

    def on_small_cells(self) -> Iterator[tuple[Any, float, float]]:
        """Each withheld cell of one to four, with the least and the most that it may be."""
        from scipy import optimize  # it takes a second and a half to load, in every process that collects tests

        known: dict[str, Any] = {
            "A_eq": self._matrix(self.equal), "b_eq": [value for _, value in self.equal],
            "A_ub": self._matrix(self.most), "b_ub": [value for _, value in self.most],
        }  # fmt: skip
        for name, cells in self.small:
            objective = np.zeros(len(self.places))
            objective[cells] = 1
            ends = [optimize.linprog(sign * objective, **known, method="highs") for sign in (1, -1)]
            assert [end.status for end in ends] == [0, 0], [end.message for end in ends]
            yield name, round(ends[0].fun, 6), round(-ends[1].fun, 6)

    def _matrix(self, rows: Sequence[tuple[Mapping[int, float], float]]) -> Any:
        from scipy import sparse

        entries = [(number, at, value) for number, (row, _) in enumerate(rows) for at, value in row.items()]
        lines, columns, values = zip(*entries, strict=True)
        return sparse.coo_array((values, (lines, columns)), shape=(len(rows), len(self.places))).tocsr()
