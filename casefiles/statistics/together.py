"""What of several tables of counts may be published together: no cell of one to four, and none that they give away.

Pure, and of numbers only. All tables count the same units by different keys; a unit is known by its profile, the
measures that it counts in, one bit for each. Three things are withheld:

- A measure whose total is too small, in the totals and in every table, and what would tell that total.
- A row of fewer than `THRESHOLD` units, with its key: such rows are left out of their table, two at least, and as many
  larger ones with them as it takes.
- A single cell of a larger row, and cells of other rows beside it.

What is proved of all tables together: for each withheld cell of 1 to 4 there is another register that prints the same
tables and has 1 there, and another that has 4. Such a register is this one after a few units have exchanged their keys
in one table (or a unit of a row that is left out has taken the key of another such row), so that totals, profiles and
all other tables are as they were: whatever holds of every register holds of it as well. So no table may be the sum of
another by keys that belong together (agencies and their levels): one of the two is published.

Not proved: anything against whoever runs this rule on every register that there could be, who knows a row already (an
agency knows its own), or who compares tables of two moments. Rows that an earlier publication left out are left out
first, so that fewer of them appear in one and not in the other; that is a habit, and no proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from casefiles.statistics.disclosure import THRESHOLD

Key: TypeAlias = Hashable
MOST_SMALL: Final = THRESHOLD - 1
"""The largest count that is too small; a withheld one may be anything from 1 to this."""
_MOST_BITS: Final = 16
"""More than there are measures."""


@dataclass(frozen=True, slots=True)
class Units:
    """The units of one key: how many of each profile, and how many of those stand in no other row of the table."""

    profiles: Mapping[int, int]
    alone: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What is true of all units: pairs of measures of which each unit has one (open, closed), as bits.

    `narrower` are pairs of bits: whoever counts in the first counts in the second.
    """

    halves: Sequence[tuple[int, int]] = ()
    narrower: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What is withheld of one table: of each row that is shown the cells, one bit each. Other rows are left out."""

    hidden: Mapping[Key, int]
    are_some_left_out: bool


def hidden_totals(totals: Mapping[int, int], *, whole: int, sums: Sums) -> int:
    """The measures of which nothing is shown anywhere; `whole` is the bit that every unit has."""
    values = _values(totals)
    small = sum(bit for bit, value in values.items() if 0 < value < THRESHOLD)
    if small & whole:
        return sum(bit for bit, value in values.items() if value)
    hidden = small
    for one, other in sums.halves:
        for few, many in ((one, other), (other, one)):
            if not small & few:
                continue
            hidden |= few | (many if values.get(many) else 0)
            # Units of the other half that are shown to be narrower cannot be of this one.
            for narrow, wide in sums.narrower:
                if wide == many and values.get(many, 0) - values.get(narrow, 0) < MOST_SMALL - values[few]:
                    hidden |= narrow
    return hidden


def withhold(
    rows: Mapping[Key, Units],
    *,
    measures: int,
    whole: int,
    hidden: int = 0,
    sums: Sums | None = None,
    left_out_before: Collection[Key] = (),
) -> Shown:
    """What to withhold of one table whose total is known but for the measures `hidden`.

    `measures` are the bits that the table shows, `whole` is the one that every unit of it has. No row where nothing
    may be shown.
    """
    if hidden & whole:
        return Shown({}, are_some_left_out=bool(rows))
    table = _Table(
        {key: _Row(units, measures=measures, hidden=hidden, whole=whole) for key, units in rows.items()},
        sums=sums or Sums(),
        measures=measures & ~hidden,
        left_out_before=left_out_before,
    )
    table.settle()
    return Shown(
        {key: row.hidden & measures for key, row in table.rows.items() if not row.is_out},
        are_some_left_out=any(row.is_out for row in table.rows.values()),
    )


def _values(profiles: Mapping[int, int]) -> Counter[int]:
    """How many count in each measure, by its bit."""
    found: Counter[int] = Counter()
    for profile, number in profiles.items():
        for bit in _bits(profile):
            found[bit] += number
    return found


def _bits(mask: int) -> Iterator[int]:
    while mask:
        bit = mask & -mask
        yield bit
        mask ^= bit


@dataclass(slots=True)
class _Row:
    """A row with what is withheld of it. One that is out is withheld with its key."""

    units: Units
    measures: int
    hidden: int
    whole: int
    is_out: bool = False
    values: dict[int, int] = field(init=False)
    profiles: tuple[int, ...] = field(init=False)
    proved: int = 0

    def __post_init__(self) -> None:
        counted = _values(self.units.profiles)
        self.values = {1 << place: counted[1 << place] for place in range(_MOST_BITS)}
        self.profiles = tuple(sorted(self.units.alone))

    @property
    def free(self) -> int:
        """The measures in which the row may change, for all that is shown of it."""
        return -1 if self.is_out else self.hidden

    @property
    def size(self) -> int:
        return self.values[self.whole]

    def small(self, measures: int) -> int:
        return sum(bit for bit in _bits(measures) if 0 < self.values[bit] < THRESHOLD)


class _Table:
    def __init__(self, rows: dict[Key, _Row], *, sums: Sums, measures: int, left_out_before: Collection[Key]) -> None:
        self.rows, self.sums, self.measures = rows, sums, measures
        # The smallest first; among equals those that nobody was shown before.
        order = sorted(rows, key=lambda key: (rows[key].size, key not in left_out_before, str(key)))
        self.ordered = [rows[key] for key in order]

    def settle(self) -> None:
        """Withhold until every small cell has its two witnesses, or no row is left."""
        for row in self.rows.values():
            if row.size < THRESHOLD:
                row.is_out = True
            row.hidden |= row.small(self.measures)
            self._complete(row)
        while (found := self._unproved()) is not None:
            self._withhold_more(*found)

    def _complete(self, row: _Row) -> None:
        """Of two halves of a shown whole, one tells the other."""
        for one, other in self.sums.halves:
            if row.hidden & (one | other) and row.values[one] and row.values[other]:
                row.hidden |= (one | other) & self.measures

    def _unproved(self) -> tuple[_Row, int] | None:
        for row in self.ordered:
            open_cells = row.small(self.measures) & ~row.proved
            for bit in _bits(open_cells):
                if not self._is_safe(row, bit):
                    return row, bit
                row.proved |= bit
        return None

    def _withhold_more(self, row: _Row, bit: int) -> None:
        """One more row joins those that are left out, or one more cell those of its column.

        Where no cell would help, the row itself is left out.
        """
        if not row.is_out:
            for other in sorted(self.ordered, key=lambda other: other.values[bit]):
                if other is row or other.is_out or other.hidden & bit or not other.values[bit]:
                    continue
                before = other.hidden
                other.hidden |= bit
                self._complete(other)
                if self._helps(row, other, bit):
                    return
                other.hidden = before
            row.is_out = True
            return
        shown = next((other for other in self.ordered if not other.is_out), None)
        if shown is None:
            # Nothing of the table is shown, so there is nothing to compute from.
            row.proved = -1
            return
        shown.is_out = True

    @staticmethod
    def _helps(row: _Row, other: _Row, bit: int) -> bool:
        both = row.free & other.free
        return any(
            (mine ^ theirs) & bit and not (mine ^ theirs) & ~both
            for mine in row.units.alone
            for theirs in other.units.alone
        )

    def _is_safe(self, row: _Row, bit: int) -> bool:
        """Whether other registers have 1 and 4 in that cell."""
        value = row.values[bit]
        others = [other for other in self.ordered if other is not row]
        return (
            _can_change(row, others, bit, by=MOST_SMALL - value, is_more=True) >= MOST_SMALL - value
            and _can_change(row, others, bit, by=value - 1, is_more=False) >= value - 1
        )


@dataclass(slots=True)
class _Left:
    """What a row has while units leave it: those that may still go, and its values."""

    row: _Row
    units: dict[int, int]
    values: dict[int, int]

    @classmethod
    def of(cls, row: _Row) -> _Left:
        return cls(row, dict(row.units.alone), dict(row.values))

    def may_lose(self, lost: int) -> bool:
        """A cell that is withheld of a row that is shown is known not to be nought, and must not become it."""
        return self.row.is_out or all(self.values[one] > 1 for one in _bits(lost))

    def change(self, lost: int, come: int, number: int = 1) -> None:
        for one in _bits(lost):
            self.values[one] -= number
        for one in _bits(come):
            self.values[one] += number


def _can_change(row: _Row, others: Sequence[_Row], bit: int, *, by: int, is_more: bool) -> int:
    """By how much the cell may be more, or less, when units exchange their rows; `by` is enough."""
    done = 0
    mine = _Left.of(row)
    for other in others:
        if done >= by:
            break
        both = row.free & other.free
        if not both & bit:
            continue
        theirs: _Left | None = None
        if row.is_out and other.is_out:
            theirs = _Left.of(other)
            done += _moved(mine, theirs, bit, by=by - done, is_more=is_more)
        for own, foreign in _alike(row, other, bit, both=both, is_more=is_more):
            theirs = theirs or _Left.of(other)
            done += _exchanged(mine, theirs, own, foreign, by=by - done)
    return done


def _moved(mine: _Left, theirs: _Left, bit: int, *, by: int, is_more: bool) -> int:
    """Units go from one row that is left out to another; neither loses its last."""
    giver, taker = (theirs, mine) if is_more else (mine, theirs)
    done = 0
    for profile in sorted(giver.units):
        if profile & bit:
            number = min(giver.units[profile], giver.values[giver.row.whole] - 1, by - done)
            if number > 0:
                giver.units[profile] -= number
                giver.change(profile, 0, number)
                taker.change(0, profile, number)
                done += number
    return done


def _alike(row: _Row, other: _Row, bit: int, *, both: int, is_more: bool) -> Iterator[tuple[int, int]]:
    """Profiles of the one and of the other that differ in that measure, and only where nothing is shown of either."""
    for own in row.profiles:
        if bool(own & bit) is is_more:
            continue
        for foreign in other.profiles:
            changed = own ^ foreign
            if changed & bit and not changed & ~both:
                yield own, foreign


def _exchanged(mine: _Left, theirs: _Left, own: int, foreign: int, *, by: int) -> int:
    """Units of these profiles change places."""
    lost, come = own & ~foreign, foreign & ~own
    done = 0
    while (
        done < by
        and mine.units[own] > 0
        and theirs.units[foreign] > 0
        and mine.may_lose(lost)
        and theirs.may_lose(come)
    ):
        mine.units[own] -= 1
        theirs.units[foreign] -= 1
        mine.change(lost, come)
        theirs.change(come, lost)
        done += 1
    return done
