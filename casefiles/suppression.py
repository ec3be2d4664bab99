"""What of a table of counts may go to press and public: no cell of one to four, and none that the others give away.

Pure, and of numbers only. A unit that is counted is known by its profile, the measures it counts in, one bit for each;
a row holds the units of one key. Cells of 1 to 4 are withheld, and then further ones (complementary suppression, the
smallest first), until for each withheld cell there is another register that would have printed the very same table and
differs there: its witness. A witness changes as little as can be: two units of two rows change places, one moves to
another row, or one of the table becomes another, comes or goes, where the totals are withheld too. As every unit keeps
or takes a profile that there is, whatever is true of all units (submitted = open + closed, who was sanctioned had been
recommended) holds in that register as well, and so cannot be used to compute the cell. Zeros are shown, so a withheld
cell is known to be one at least, and no witness makes it less. Where nothing helps, nothing but noughts is shown.

Guards one table. Whoever has two, of two moments or with two filters, may subtract them: see `docs/auditors.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

THRESHOLD: Final = 5
"""Counts from one up to this one, itself not included, are not shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """The units of one key: how many of each profile, and the profiles of those that stand in no other row."""

    profiles: Mapping[int, int]
    alone: frozenset[int]


@dataclass(frozen=True, slots=True)
class Withheld:
    """The measures that are not shown, one bit for each: of every row, in order, and of the totals."""

    rows: tuple[int, ...]
    totals: int


def withhold(
    rows: Sequence[Row], totals: Mapping[int, int], *, measures: int, sums: Sequence[tuple[int, int, int]] = ()
) -> Withheld:
    """What to withhold of that table, whose totals count each unit once, by profile; `measures` is how many there are.

    `sums` names measures of which the first is the sum of the two others, bit by bit: a help to find what to withhold
    beside them. That nothing can be computed does not rest on it.
    """
    table = _Table(rows, totals, measures=measures, sums=sums)
    table.withhold_small()
    while True:
        table.complete()
        given_away = table.first_without_witness()
        if given_away is None or not table.withhold_more(*given_away):
            return Withheld(rows=tuple(line.hidden for line in table.lines), totals=table.total.hidden)


@dataclass(slots=True)
class _Line:
    """A row, or the totals: its values by measure, what is withheld and proved of it, and which values are just one."""

    values: tuple[int, ...]
    profiles: frozenset[int]
    hidden: int = 0
    proved: int = 0
    indexed: int = 0
    ones: int = field(init=False)
    some: int = field(init=False)

    def __post_init__(self) -> None:
        self.ones = sum(1 << bit for bit, value in enumerate(self.values) if value == 1)
        self.some = sum(1 << bit for bit, value in enumerate(self.values) if value)

    def hides(self, bit: int) -> bool:
        return bool(self.hidden >> bit & 1)

    def may_lose(self, profile: int, instead: int = 0) -> bool:
        """Whether a unit of that profile may turn into another and leave every withheld cell above nought."""
        return not profile & ~instead & self.ones


class _Table:
    def __init__(
        self, rows: Sequence[Row], totals: Mapping[int, int], *, measures: int, sums: Sequence[tuple[int, int, int]]
    ) -> None:
        self.bits = range(measures)
        self.sums = sums
        self.lines = [_Line(self._values(row.profiles), row.alone) for row in rows]
        self.total = _Line(self._values(totals), frozenset(totals))
        self.index: dict[tuple[int, int], dict[int, list[_Line]]] = {}
        self.known = frozenset(totals).union(*(row.profiles for row in rows))

    def _values(self, profiles: Mapping[int, int]) -> tuple[int, ...]:
        return tuple(sum(count for profile, count in profiles.items() if profile >> bit & 1) for bit in self.bits)

    # -- what to withhold ---------------------------------------------------------------------------------------------

    def withhold_small(self) -> None:
        for line in (*self.lines, self.total):
            line.hidden = sum(1 << bit for bit in self.bits if 0 < line.values[bit] < THRESHOLD)

    def complete(self) -> None:
        """Withhold what the sums of a line and of a column would give away, until nothing more is to be withheld."""
        before: list[int] = []
        while before != (now := [line.hidden for line in (*self.lines, self.total)]):
            before = now
            for line in (*self.lines, self.total):
                for whole, first, second in self.sums:
                    self._complete_sum(line, whole, first, second)
            for bit in self.bits:
                self._complete_column(bit)

    def _complete_sum(self, line: _Line, whole: int, first: int, second: int) -> None:
        withheld = [bit for bit in (whole, first, second) if line.hides(bit)]
        if len(withheld) != 1:
            return
        others = [bit for bit in (first, second, whole) if bit not in withheld and line.values[bit]]
        line.hidden |= 1 << min(others, key=lambda bit: line.values[bit])

    def _complete_column(self, bit: int) -> None:
        """Two rows at least are withheld, and no fewer than five units in them; or the total of the column is, too."""
        withheld = [line.values[bit] for line in self.lines if line.hides(bit)]
        if self.total.hides(bit):
            enough = bool(withheld) or not self.lines
        else:
            enough = not withheld or (len(withheld) > 1 and sum(withheld) >= THRESHOLD)
        if enough:
            return
        shown = [line for line in self.lines if line.values[bit] and not line.hides(bit)]
        (_smallest(shown, bit) or self.total).hidden |= 1 << bit

    def withhold_more(self, line: _Line, bit: int) -> bool:
        """Withhold more for the sake of that cell; False where there is nothing left to withhold.

        One more cell of the column, of a row that has the witness; where there is none, a whole line.
        """
        helping = [one for one in self.lines if one.values[bit] and not one.hides(bit) and _may_trade(line, one, bit)]
        if (one := _smallest(helping, bit)) is not None:
            one.hidden |= 1 << bit
            return True
        shown = [one for one in self.lines if one.hidden != one.some]
        alike = [one for one in shown if one.values[bit]]
        more = line if line.hidden != line.some else _smallest(alike or shown, bit) or self.total
        if more.hidden == more.some:
            return False
        more.hidden = more.some
        return True

    # -- whether it can be computed -----------------------------------------------------------------------------------

    def first_without_witness(self) -> tuple[_Line, int] | None:
        """A withheld cell that no other register could have; None where each has its witness.

        A witness stays one when more is withheld, so no cell is proved twice.
        """
        self._enter_in_index()
        for line in (*self.lines, self.total):
            if line.hidden == line.proved:
                continue
            for changed in self._witnesses(line):
                line.proved |= changed & line.hidden
                if line.hidden == line.proved:
                    break
            else:
                return line, (line.hidden & ~line.proved).bit_length() - 1
        return None

    def _enter_in_index(self) -> None:
        """Find rows by what they withhold and where they have just one, then by profile: two of each are enough."""
        for line in self.lines:
            if line.hidden and line.hidden != line.indexed:
                line.indexed = line.hidden
                of_kind = self.index.setdefault((line.hidden, line.ones), {})
                for profile in (0, *line.profiles):
                    kept = of_kind.setdefault(profile, [])
                    if len(kept) < 2:
                        kept.append(line)

    def _witnesses(self, line: _Line) -> Iterator[int]:
        """The measures that a register with the same table may have another value of in that line."""
        if line is self.total:
            for one in self.lines or [line]:
                yield from self._changes(one)
            return
        yield from self._changes(line)
        for mine in (0, *line.profiles):
            for (hidden, _), by_profile in self.index.items():
                both = line.hidden & hidden
                for theirs, rows in by_profile.items():
                    changed = mine ^ theirs
                    if not changed or changed & ~both or not line.may_lose(mine, theirs):
                        continue
                    if any(other is not line and other.may_lose(theirs, mine) for other in rows):
                        yield changed

    def _changes(self, line: _Line) -> Iterator[int]:
        """A unit of that line becomes another, comes or goes: the totals change with it."""
        both = line.hidden & self.total.hidden
        for mine in (0, *line.profiles):
            for instead in (0, *self.known):
                changed = mine ^ instead
                if (
                    changed
                    and not changed & ~both
                    and line.may_lose(mine, instead)
                    and self.total.may_lose(mine, instead)
                ):
                    yield changed


def _smallest(lines: Sequence[_Line], bit: int) -> _Line | None:
    return min(lines, key=lambda line: (line.values[bit], line.values), default=None)


def _may_trade(line: _Line, other: _Line, bit: int) -> bool:
    """Whether two units that differ in that measure only may change places between the rows."""
    pairs = ((mine, mine ^ 1 << bit) for mine in line.profiles)
    return any(
        theirs in other.profiles and line.may_lose(mine, theirs) and other.may_lose(theirs, mine)
        for mine, theirs in pairs
    )
