"""What of a table of counts may go to press and public: no cell of one to four, and none that the table gives away.

Pure, and of numbers only. A unit that is counted is known by its profile, the measures it counts in, one bit for each;
a row holds the units of one key. What is withheld of the totals follows from the totals alone, so that it is the same
in every table of that moment, unit and filters; then rows are withheld until the table, totals included, gives no small
cell away. Noughts are shown, unless a column gives one away even so (eight in the total, and eight rows of one): then
all of that column is withheld. Where nothing more can be (five keys, and five in the total), the rows are left out.

What is proved, of one table:

- No withheld cell of 1 to 4 can be computed: each has a witness, another register with the same numbers wherever this
  table shows one, that differs there. A witness changes as little as can be: two units of two rows change places, one
  moves to another row, or one of the table becomes another, comes or goes, where the totals are withheld too. As every
  unit keeps or takes a profile that there is, what is true of all units (submitted = open + closed, who was sanctioned
  had been recommended) holds in that register as well; and where noughts are shown it makes no withheld cell nought.
- Of one measure, where no unit stands in two rows, neither can it be found by whoever runs this rule on every register
  that there could be. Which cells are withheld beside the small ones depends on how large they are and not on where
  they stand, and one of `THRESHOLD` or more is among them wherever there is one: the withheld values may stand in any
  order. Tried on every table of up to four rows with counts to 9, and of five rows with counts to 6.

Not proved: the second for several measures together, where what one column withholds may depend on another. Of all
tables of submitted, open and closed with two rows and up to 24 units, running the rule gave away 0.3 % of the small
cells; with three rows and up to 17 units, of which nearly all cells are small, 1.3 %. And nothing guards against
whoever combines tables, of two moments, units or dimensions or with two filters, or already knows a row, as an employer
knows its own number. See `docs/auditors.md`.
"""

from __future__ import annotations

from collections import Counter
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
    """The measures that are not shown, one bit for each: of every row, in order, and of the totals.

    `rows` is None where no row may be shown, not even its key.
    """

    rows: tuple[int, ...] | None
    totals: int


def withhold(
    rows: Sequence[Row], totals: Mapping[int, int], *, measures: int, sums: Sequence[tuple[int, int, int]] = ()
) -> Withheld:
    """What to withhold of that table, whose totals count each unit once, by profile; `measures` is how many there are.

    `sums` names measures of which the first is the sum of the two others, bit by bit: a help to find what to withhold
    beside them. That nothing can be computed does not rest on it.
    """
    alone = _Table([], totals, measures=measures, sums=sums)
    alone.settle()
    if not rows:
        return Withheld(rows=(), totals=alone.total.hidden)
    table = _Table(rows, totals, measures=measures, sums=sums, of_totals=alone.total.hidden)
    may_be_shown = table.settle()
    return Withheld(
        rows=tuple(line.hidden for line in table.lines) if may_be_shown else None, totals=alone.total.hidden
    )


@dataclass(slots=True)
class _Line:
    """A row, or the totals: its values by measure, what is withheld and proved of it, and which values are just one.

    `small` are the values that must not be known, `may_hide` those that it makes a difference to withhold.
    """

    values: tuple[int, ...]
    profiles: frozenset[int]
    units: int
    hidden: int = 0
    proved: int = 0
    indexed: int = 0
    ones: int = field(init=False)
    small: int = field(init=False)
    may_hide: int = field(init=False)

    def __post_init__(self) -> None:
        self.ones = sum(1 << bit for bit, value in enumerate(self.values) if value == 1)
        self.small = sum(1 << bit for bit, value in enumerate(self.values) if 0 < value < THRESHOLD)
        self.may_hide = sum(1 << bit for bit, value in enumerate(self.values) if value)

    def hides(self, bit: int) -> bool:
        return bool(self.hidden >> bit & 1)

    def could_hide(self, bit: int) -> bool:
        """Whether the cell is shown and need not be."""
        return bool((self.may_hide & ~self.hidden) >> bit & 1)

    def may_lose(self, profile: int, instead: int = 0) -> bool:
        """Whether a unit of that profile may turn into another or go, and leave no withheld cell that cannot be nought.

        Nor may a line lose its last unit: there would be no such key.
        """
        return not profile & ~instead & self.ones and (bool(instead) or not profile or self.units > 1)


class _Table:
    """Rows with totals of which is withheld what is given; or, without rows, totals of which it is to be found."""

    def __init__(
        self,
        rows: Sequence[Row],
        totals: Mapping[int, int],
        *,
        measures: int,
        sums: Sequence[tuple[int, int, int]],
        of_totals: int = 0,
    ) -> None:
        self.bits = range(measures)
        self.sums = sums
        self.lines = [_Line(self._values(row.profiles), row.alone, sum(row.profiles.values())) for row in rows]
        self.total = _Line(self._values(totals), frozenset(totals), sum(totals.values()), hidden=of_totals)
        # A small total of rows that grew by one would be shown, so a witness must do without.
        self.fours = sum(1 << bit for bit in self.bits if rows and self.total.values[bit] == THRESHOLD - 1)
        self.index: dict[tuple[int, int], dict[int, list[_Line]]] = {}
        self.known = frozenset(totals).union(*(row.profiles for row in rows))
        self._leave_what_the_totals_tell()

    def _values(self, profiles: Mapping[int, int]) -> tuple[int, ...]:
        return tuple(sum(count for profile, count in profiles.items() if profile >> bit & 1) for bit in self.bits)

    def _leave_what_the_totals_tell(self) -> None:
        """A single row that is not zero equals the total: to withhold it under a shown total hides nothing."""
        for bit in self.bits:
            some = [line for line in self.lines if line.values[bit]]
            if len(some) == 1 and not self.total.hides(bit):
                some[0].may_hide &= ~(1 << bit)

    def settle(self) -> bool:
        """Withhold what must be; False where a small cell is given away even so."""
        for line in self._own():
            line.hidden = line.small
        while True:
            self.complete()
            given_away = self.first_without_witness()
            if given_away is None:
                return True
            if not self.withhold_more(*given_away):
                return False

    def _own(self) -> list[_Line]:
        """The lines of which something may be withheld here: the rows, or the totals where there are none."""
        return self.lines or [self.total]

    # -- what to withhold ---------------------------------------------------------------------------------------------

    def complete(self) -> None:
        """Withhold what the sums of a line and of a column would give away, until nothing more is to be withheld."""
        before: list[int] = []
        while before != (now := [line.hidden for line in self._own()]):
            before = now
            for line in self._own():
                for sum_of_two in self.sums:
                    _complete_sum(line, sum_of_two)
            for bit in self.bits:
                self._complete_column(bit)

    def _complete_column(self, bit: int) -> None:
        """A column withholds no row or at least two; under a withheld total, at least one.

        Where a withheld cell is small, another one that is large is withheld, too. What is added is
        chosen by its size alone, and all rows of that size are added.
        """
        withheld = [line.values[bit] for line in self.lines if line.hides(bit)]
        enough = bool(withheld) if self.total.hides(bit) else len(withheld) != 1
        if enough and (not withheld or min(withheld) >= THRESHOLD or max(withheld) >= THRESHOLD):
            return
        sizes = Counter(line.values[bit] for line in self.lines if line.could_hide(bit))
        size = min(sizes, key=lambda size: (size * sizes[size], size), default=None)
        for line in self.lines:
            if line.values[bit] == size and line.could_hide(bit):
                line.hidden |= 1 << bit

    def withhold_more(self, line: _Line, bit: int) -> bool:
        """Withhold more for the sake of that cell; False where there is nothing left to withhold.

        One more cell of the column, of a row that has the witness; where there is none, the noughts of the column,
        which may then be others; and then a whole line.
        """
        helping = [other for other in self.lines if other.could_hide(bit) and _may_trade(line, other, bit)]
        if (other := _smallest(helping, bit)) is not None:
            other.hidden |= 1 << bit
            return True
        if any(not other.values[bit] and not other.hides(bit) for other in self.lines):
            for other in self.lines:
                other.hidden |= 1 << bit
                other.ones &= ~(1 << bit)
            return True
        shown = [other for other in self._own() if other.may_hide & ~other.hidden]
        if not shown:
            return False
        alike = [other for other in shown if other.values[bit]]
        more = line if any(other is line for other in shown) else min(alike or shown, key=lambda other: other.values)
        more.hidden |= more.may_hide
        return True

    # -- whether it can be computed -----------------------------------------------------------------------------------

    def first_without_witness(self) -> tuple[_Line, int] | None:
        """A withheld cell of 1 to 4 that no other register could have; None where each has its witness.

        A witness stays one when more is withheld, so no cell is proved twice.
        """
        self._enter_in_index()
        for line in (*self.lines, self.total):
            if line.small == line.proved:
                continue
            for changed in self._witnesses(line):
                line.proved |= changed & line.small
                if line.small == line.proved:
                    break
            else:
                return line, (line.small & ~line.proved).bit_length() - 1
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
            for row in self.lines or [line]:
                yield from self._changes(row)
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
                    and not instead & ~mine & self.fours
                ):
                    yield changed


def _complete_sum(line: _Line, measures: tuple[int, int, int]) -> None:
    """Where a whole or one of its two parts is withheld, a second one of the three is withheld, too."""
    whole, first, second = measures
    withheld = [bit for bit in measures if line.hides(bit) and line.values[bit]]
    others = [bit for bit in (first, second, whole) if line.could_hide(bit)]
    if len(withheld) == 1 and others:
        line.hidden |= 1 << min(others, key=lambda bit: line.values[bit])


def _smallest(lines: Sequence[_Line], bit: int) -> _Line | None:
    return min(lines, key=lambda line: (line.values[bit], line.values), default=None)


def _may_trade(line: _Line, other: _Line, bit: int) -> bool:
    """Whether two units that differ in that measure only may change places between the rows."""
    pairs = ((mine, mine ^ 1 << bit) for mine in line.profiles)
    return any(
        theirs in other.profiles and line.may_lose(mine, theirs) and other.may_lose(theirs, mine)
        for mine, theirs in pairs
    )
