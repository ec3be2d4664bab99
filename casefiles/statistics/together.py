"""What of several tables of counts may be published together: no cell of one to four, and none that they give away.

Pure, and of numbers only. All tables count the same units by different keys; a unit is known by its profile, the
measures that it counts in, one bit for each. Three things are withheld:

- A measure whose total is too small, in the totals and in every table, and what would tell that total.
- A row of fewer than `THRESHOLD` units, with its key: such rows are left out of their table, two at least, and as many
  larger ones with them as it takes.
- A single cell of a larger row, and cells of other rows beside it.

What was published before counts as small, too: a cell that differs by one to four from what an earlier publication
shows of it (`Told.values`) would tell how many came or went. It is withheld as a small one is.

What is proved of all tables together: for each withheld cell of 1 to 4 there is another register that prints the same
tables and has 1 there, and another that has 4; of a cell that came near an earlier one, registers in which it differs
by 1 and by 4. Such a register is this one after a few units have exchanged their keys in one table (or a unit of a row
that is left out has taken the key of another such row), so that totals, profiles and all other tables are as they were:
whatever holds of every register holds of it as well. So no table may be the sum of another by keys that belong together
(agencies and their levels): one of the two is published.

With one publication before, whose cells are given as `Told.hidden`, all this is proved of both together: the profile of
a unit is then what it counts in now, and what it counted in then (`then`), and only such units exchange keys as leave
what either publication shows. A cell of 1 to 4 that was withheld then is guarded like one that is withheld now.

Not proved: anything against whoever runs this rule on every register that there could be, who knows a row already (an
agency knows its own), or who compares more than two publications: of older ones the numbers are compared, and no more.
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
_THEN: Final = 16
"""By so many bits the measures of the publication before stand above those of this one; there are fewer measures."""
_NOW_ALL: Final = (1 << _THEN) - 1
_THEN_ALL: Final = _NOW_ALL << _THEN


def then(profile: int) -> int:
    """The profile that a unit had when the publication before was counted, as a part of its profile of both."""
    return profile << _THEN


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What publications before this one tell of the table.

    `values` are the numbers of each row by measure, as any of them shows it. `hidden` is what the publication withheld
    with which this one is guarded together: of each row that it shows the cells, one bit each; it left out all others.
    None where there is none such: then profiles say nothing of then. `measures` are those of which it shows anything.
    """

    values: Mapping[Key, Mapping[int, Collection[int]]] = field(default_factory=dict)
    hidden: Mapping[Key, int] | None = None
    measures: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """What is withheld of one table: of each row that is shown the cells, one bit each. Other rows are left out.

    `given_away` are measures whose totals tell of a small cell beside an earlier publication, though no row is shown.
    """

    hidden: Mapping[Key, int]
    are_some_left_out: bool
    given_away: int = 0


def hidden_totals(
    totals: Mapping[int, int], *, whole: int, sums: Sums, told: Mapping[int, Collection[int]] | None = None
) -> int:
    """The measures of which nothing is shown anywhere; `whole` is the bit that every unit has.

    `told` are the totals of earlier publications, by measure.
    """
    values = _values(totals)
    near = sum(bit for bit in told or () if _near(values[bit], (told or {})[bit]))
    small = near | sum(bit for bit, value in values.items() if 0 < value < THRESHOLD)
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
                if wide == many and (
                    near & few or values.get(many, 0) - values.get(narrow, 0) < MOST_SMALL - values[few]
                ):
                    hidden |= narrow
    return hidden


def with_halves(measures: int, sums: Sums) -> int:
    """These measures and those that would tell them."""
    for one, other in sums.halves:
        if measures & (one | other):
            measures |= one | other
    return measures | sum(narrow for narrow, wide in sums.narrower if measures & wide and not measures & narrow)


def withhold(
    rows: Mapping[Key, Units],
    *,
    measures: int,
    whole: int,
    hidden: int = 0,
    sums: Sums | None = None,
    left_out_before: Collection[Key] = (),
    told: Told | None = None,
) -> Shown:
    """What to withhold of one table whose total is known but for the measures `hidden`.

    `measures` are the bits that the table shows, `whole` is the one that every unit of it has. No row where nothing
    may be shown.
    """
    if hidden & whole:
        return Shown({}, are_some_left_out=bool(rows))
    told = told or Told()
    table = _Table(
        {
            key: _Row(
                units,
                measures=measures,
                hidden=hidden,
                whole=whole,
                told=told.values.get(key, {}),
                # A row that nobody had then is known to have been none.
                hidden_then=0 if told.hidden is None else told.hidden.get(key),
            )
            for key, units in rows.items()
        },
        sums=sums or Sums(),
        measures=measures & ~hidden,
        left_out_before=left_out_before,
        measures_then=told.measures & measures,
    )
    table.settle()
    return Shown(
        {key: row.hidden & measures for key, row in table.rows.items() if not row.is_out and row.size},
        are_some_left_out=any(row.is_out and row.size for row in table.rows.values()),
        given_away=table.given_away if told.hidden else 0,
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


def _near(value: int, told: Collection[int]) -> list[tuple[int, int]]:
    """Where the value differs by one to four from one that was told: the least and the most that it could be."""
    found = [(one + 1, one + MOST_SMALL) for one in told if 0 < value - one <= MOST_SMALL]
    return found + [(max(one - MOST_SMALL, 0), one - 1) for one in told if 0 < one - value <= MOST_SMALL]


@dataclass(frozen=True, slots=True)
class _Target:
    """A cell that must be withheld: it has to be possible that it is the least, and that it is the most."""

    bit: int
    least: int
    most: int


@dataclass(slots=True)
class _Row:
    """A row with what is withheld of it. One that is out is withheld with its key.

    `hidden_then` is what the publication before withheld of it, None where it left the row out.
    """

    units: Units
    measures: int
    hidden: int
    whole: int
    told: Mapping[int, Collection[int]]
    hidden_then: int | None
    is_out: bool = False
    values: Counter[int] = field(init=False)
    profiles: tuple[int, ...] = field(init=False)
    targets: list[_Target] = field(init=False)

    def __post_init__(self) -> None:
        self.values = _values(self.units.profiles)
        self.profiles = tuple(sorted(self.units.alone))
        if self.hidden_then is None and not self.values[then(self.whole)]:
            self.hidden_then = 0
        self.targets = [*self._now(), *self._then()]

    @property
    def free(self) -> int:
        """The measures in which the row may change, for all that is shown of it, now and then."""
        now = _NOW_ALL if self.is_out else self.hidden
        return now | (_THEN_ALL if self.hidden_then is None else then(self.hidden_then))

    @property
    def size(self) -> int:
        return self.values[self.whole]

    def _now(self) -> Iterator[_Target]:
        for bit in _bits(self.measures):
            value = self.values[bit]
            if 0 < value < THRESHOLD:
                yield _Target(bit, 1, MOST_SMALL)
            else:
                yield from (_Target(bit, least, most) for least, most in _near(value, self.told.get(bit, ())))

    def _then(self) -> Iterator[_Target]:
        withheld = self.measures if self.hidden_then is None else self.hidden_then & self.measures
        for bit in map(then, _bits(withheld)):
            if 0 < self.values[bit] < THRESHOLD:
                yield _Target(bit, 1, MOST_SMALL)

    def may_lose(self, lost: int, values: Mapping[int, int]) -> bool:
        """Whether a unit with these measures may go, and leave what is known not to be nought.

        That is a cell that is withheld of a row that is shown, and how many there are of a row that is left out.
        """
        now, before = lost & _NOW_ALL, lost & _THEN_ALL
        held = now & self.whole if self.is_out else now
        held |= before & then(self.whole) if self.hidden_then is None else before
        return all(values[one] > 1 for one in _bits(held))


class _Table:
    def __init__(
        self,
        rows: dict[Key, _Row],
        *,
        sums: Sums,
        measures: int,
        measures_then: int,
        left_out_before: Collection[Key],
    ) -> None:
        self.rows, self.sums, self.measures, self.given_away = rows, sums, measures, 0
        for row in rows.values():
            # Of a measure that is shown nowhere no cell needs a witness.
            row.targets = [one for one in row.targets if one.bit & (measures | then(measures_then))]
        # The smallest first; among equals those that nobody was shown before.
        order = sorted(rows, key=lambda key: (rows[key].size, key not in left_out_before, str(key)))
        self.ordered = [rows[key] for key in order]

    def settle(self) -> None:
        """Withhold until every small cell has its two witnesses, or no row is left."""
        for row in self.rows.values():
            row.is_out = 0 < row.size < THRESHOLD
            row.hidden |= sum({one.bit for one in row.targets if one.bit & _NOW_ALL})
            self._complete(row)
        while (found := self._unproved()) is not None:
            self._withhold_more(*found)

    def _complete(self, row: _Row) -> None:
        """Of two halves of a shown whole, one tells the other. A whole is withheld with its row."""
        for one, other in self.sums.halves:
            if row.hidden & (one | other):
                if row.values[one] and row.values[other]:
                    row.hidden |= (one | other) & self.measures
                elif any(target.bit & (one | other) for target in row.targets):
                    row.is_out = True
        if row.hidden & row.whole:
            row.is_out = True

    def _unproved(self) -> tuple[_Row, _Target] | None:
        for row in self.ordered:
            while row.targets:
                if not self._is_safe(row, row.targets[0]):
                    return row, row.targets[0]
                # A witness stays one when more is withheld.
                row.targets.pop(0)
        return None

    def _withhold_more(self, row: _Row, target: _Target) -> None:
        """One more row joins those that are left out, or one more cell those of its column.

        Where no cell would help, the row itself is left out.
        """
        bit = target.bit if target.bit & _NOW_ALL else target.bit >> _THEN
        if row.size and not row.is_out:
            if not row.hidden & bit and row.values[bit]:
                # What was withheld then is told by what is shown now.
                row.hidden |= bit
                self._complete(row)
                return
            for other in sorted(self.ordered, key=lambda other: other.values[bit]):
                if other is row or other.is_out or other.hidden & bit or not other.values[bit]:
                    continue
                before = other.hidden, other.is_out
                other.hidden |= bit
                self._complete(other)
                if self._helps(row, other, target.bit):
                    return
                other.hidden, other.is_out = before
            row.is_out = True
            return
        shown = next((other for other in self.ordered if other.size and not other.is_out), None)
        if shown is None:
            # Nothing of the table is shown, so there is nothing to compute from but what was shown before.
            self.given_away |= bit
            row.targets.remove(target)
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

    def _is_safe(self, row: _Row, target: _Target) -> bool:
        """Whether other registers have the least and the most in that cell."""
        value = row.values[target.bit]
        others = [other for other in self.ordered if other is not row]
        more, less = max(target.most - value, 0), max(value - target.least, 0)
        return (
            _can_change(row, others, target.bit, by=more, is_more=True) >= more
            and _can_change(row, others, target.bit, by=less, is_more=False) >= less
        )


@dataclass(slots=True)
class _Left:
    """What a row has while units leave it: those that may still go, and its values."""

    row: _Row
    units: dict[int, int]
    values: Counter[int]

    @classmethod
    def of(cls, row: _Row) -> _Left:
        return cls(row, dict(row.units.alone), Counter(row.values))

    def may_lose(self, lost: int) -> bool:
        return self.row.may_lose(lost, self.values)

    def change(self, lost: int, come: int) -> None:
        for one in _bits(lost):
            self.values[one] -= 1
        for one in _bits(come):
            self.values[one] += 1


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
        theirs = _Left.of(other)
        done += _moved(mine, theirs, bit, both=both, by=by - done, is_more=is_more)
        for own, foreign in _alike(row, other, bit, both=both, is_more=is_more):
            done += _exchanged(mine, theirs, own, foreign, by=by - done)
    return done


def _moved(mine: _Left, theirs: _Left, bit: int, *, both: int, by: int, is_more: bool) -> int:
    """Units go from one row to another, of both of which nothing that they count in is shown; none loses its last."""
    giver, taker = (theirs, mine) if is_more else (mine, theirs)
    done = 0
    for profile in sorted(giver.units):
        if not profile & bit or profile & ~both:
            continue
        while done < by and giver.units[profile] > 0 and giver.may_lose(profile):
            giver.units[profile] -= 1
            giver.change(profile, 0)
            taker.change(0, profile)
            done += 1
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
