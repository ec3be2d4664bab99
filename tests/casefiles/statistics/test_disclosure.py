"""What goes to press shows no cell below five, and none can be computed: asked of an attacker who knows every rule.

The attacker is independent of what he attacks. He reads the printed table, and what is true of every register: counts
are whole and not negative, a withheld one is not nought, submitted = open + closed, and so on. Where he finds one value
only that a withheld cell can have, the table gave it away.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casefiles.statistics.disclosure import THRESHOLD, Row, Withheld, withhold

SUBMITTED, OPEN, RECOMMENDED, SANCTIONED, CLOSED = (1 << bit for bit in range(5))
NAMES = ("submitted", "open", "recommended", "sanctioned", "closed")
SMALL = range(1, THRESHOLD)
SUMS = ((0, 1, 4),)
# What a casefile can be; whoever was sanctioned had been recommended.
PROFILES = tuple(
    SUBMITTED | standing | further
    for standing in (OPEN, CLOSED)
    for further in (0, RECOMMENDED, RECOMMENDED | SANCTIONED)
)

Unit = tuple[str, int]
Printed = tuple[tuple[int | None, ...], ...]


def table(units: Sequence[Unit], keys: Sequence[str]) -> tuple[list[Row], Counter[int]]:
    """The rows and totals of a register where each unit has one key."""
    rows = []
    for key in keys:
        profiles = Counter(profile for at, profile in units if at == key)
        rows.append(Row(profiles, frozenset(profiles)))
    return rows, Counter(profile for _, profile in units)


def values(profiles: Mapping[int, int], measures: int = 5) -> list[int]:
    return [sum(count for one, count in profiles.items() if one >> bit & 1) for bit in range(measures)]


def printed(units: Sequence[Unit], keys: Sequence[str], withheld: Withheld) -> Printed:
    """The table as the press has it, the totals last; None where nothing is shown; no rows if they are left out."""
    rows, totals = table(units, keys)
    lines = [*(row.profiles for row in rows if withheld.rows is not None), totals]
    masks = [*(withheld.rows or ()), withheld.totals]
    return tuple(
        tuple(None if mask >> bit & 1 else value for bit, value in enumerate(values(line)))
        for line, mask in zip(lines, masks, strict=True)
    )


def withheld_noughts(shown: Printed, true: Printed) -> set[int]:
    """The columns of which noughts are withheld."""
    return {
        bit
        for line, cells in zip(shown, true, strict=True)
        for bit, value in enumerate(cells)
        if value == 0 and line[bit] is None
    }


def suppressed(units: Sequence[Unit], keys: Sequence[str]) -> Withheld:
    rows, totals = table(units, keys)
    return withhold(rows, totals, measures=5, sums=SUMS)


def small_ones(units: Sequence[Unit], keys: Sequence[str], withheld: Withheld) -> set[tuple[int, int]]:
    """Where the printed table would have a count of 1 to 4."""
    true = printed(units, keys, Withheld(rows=None if withheld.rows is None else (0,) * len(keys), totals=0))
    return {(line, bit) for line, cells in enumerate(true) for bit, value in enumerate(cells) if value in SMALL}


@st.composite
def registers(draw: st.DrawFn) -> tuple[list[Unit], list[str]]:
    """A few keys with a few kinds of casefiles each, many of them small."""
    keys = [f"k{number}" for number in range(draw(st.integers(0, 5)))]
    counts = st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 40))
    units = [(key, profile) for key in keys for profile in PROFILES for _ in range(draw(counts))]
    return units, keys


@settings(max_examples=150, deadline=None)
@given(registers())
def test_no_small_cell_is_shown_and_noughts_are(register: tuple[list[Unit], list[str]]) -> None:
    units, keys = register
    withheld = suppressed(units, keys)
    shown = printed(units, keys, withheld)
    assert not [value for line in shown for value in line if value is not None and 0 < value < THRESHOLD]
    everything = Withheld(rows=None if withheld.rows is None else (0,) * len(keys), totals=0)
    true = printed(units, keys, everything)
    whole = withheld_noughts(shown, true)
    for line, cells in enumerate(true):
        rows = line < len(true) - 1
        assert all(shown[line][bit] == 0 or (rows and bit in whole) for bit, one in enumerate(cells) if one == 0)
    assert all(line[bit] is None for line in shown[:-1] for bit in whole), (
        "a column of which noughts are is all withheld"
    )


@settings(max_examples=150, deadline=None)
@given(registers())
def test_no_small_cell_follows_from_totals_and_other_cells(register: tuple[list[Unit], list[str]]) -> None:
    """By equations, and by bounds that are drawn closer until nothing moves any more."""
    units, keys = register
    withheld = suppressed(units, keys)
    shown, small = printed(units, keys, withheld), small_ones(units, keys, withheld)
    true = printed(units, keys, Withheld(rows=None if withheld.rows is None else (0,) * len(keys), totals=0))
    assert small.isdisjoint(solved_by_equations(shown))
    assert small.isdisjoint(pinned_by_bounds(shown, withheld_noughts(shown, true)))
    for bit in range(5):
        if len(shown) > 1 and (total := shown[-1][bit]) is not None:
            together = total - sum(line[bit] or 0 for line in shown[:-1])
            assert together == 0 or together >= THRESHOLD, "what is withheld of a column is no small cell either"


@settings(max_examples=100, deadline=None)
@given(registers())
def test_each_small_cell_has_another_register_that_prints_the_same(
    register: tuple[list[Unit], list[str]],
) -> None:
    """The registers are built and counted from scratch."""
    units, keys = register
    withheld = suppressed(units, keys)
    shown = printed(units, keys, withheld)
    open_cells = small_ones(units, keys, withheld)
    nothing = Withheld(rows=None if withheld.rows is None else (0,) * len(keys), totals=0)
    before = printed(units, keys, nothing)
    for other in near(units, keys):
        if not open_cells:
            break
        after = printed(other, keys, nothing)
        last, whole = len(shown) - 1, withheld_noughts(shown, before)
        if printed(other, keys, withheld) == shown and all(
            after[line][bit] or (line < last and bit in whole) for line, bit in positions(shown)
        ):
            open_cells -= {(line, bit) for line, bit in open_cells if after[line][bit] != before[line][bit]}
    assert not open_cells


@settings(max_examples=100, deadline=None)
@given(registers())
def test_the_same_table_is_withheld_in_the_same_way(register: tuple[list[Unit], list[str]]) -> None:
    """Whatever order the units come in."""
    units, keys = register
    assert suppressed(units, keys) == suppressed(units[::-1], keys)


@settings(max_examples=100, deadline=None)
@given(registers(), st.data())
def test_units_that_stand_in_several_rows_are_no_witnesses(
    register: tuple[list[Unit], list[str]], data: st.DataObject
) -> None:
    """A row of such units only (casefiles of two forms) can be proved by nothing, and the rows are left out."""
    units, keys = register
    rows, totals = table(units, keys)
    joined = [Row(row.profiles, frozenset(p for p in row.alone if data.draw(st.booleans()))) for row in rows]
    withheld = withhold(joined, totals, measures=5, sums=SUMS)
    shown = printed(units, keys, withheld)
    assert not [value for line in shown for value in line if value is not None and 0 < value < THRESHOLD]
    assert small_ones(units, keys, withheld).isdisjoint(solved_by_equations(shown))


@settings(max_examples=100, deadline=None)
@given(registers(), st.data())
def test_the_totals_are_the_same_in_every_table_of_one_moment(
    register: tuple[list[Unit], list[str]], data: st.DataObject
) -> None:
    """However the units are keyed: what one table withholds of the totals, no other prints."""
    units, keys = register
    others = [(data.draw(st.sampled_from("xyz")), profile) for _, profile in units] if len(units) < 40 else []
    alone = suppressed(units, [])
    withheld = suppressed(units, keys)
    assert withheld.totals == alone.totals
    if others:
        assert suppressed(others, sorted({key for key, _ in others})).totals == alone.totals
    if withheld.rows:
        in_rows = 0
        for mask in withheld.rows:
            in_rows |= mask
        assert withheld.totals & ~in_rows == 0, "rows that are all shown add up to the total"


# -- an attacker who knows the rule -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("most", "longest"), [(9, 4), (6, 5)])
def test_of_one_measure_no_small_cell_is_found_by_running_the_rule_on_every_table(most: int, longest: int) -> None:
    """Every table there is, grouped by what is printed of it: no group has one small value in a withheld cell."""
    alike: defaultdict[Printed, list[tuple[int, ...]]] = defaultdict(list)
    left_out = []
    for rows in range(1, longest + 1):
        for counts in product(range(most + 1), repeat=rows):
            lines = [Counter({1: count}) if count else Counter() for count in counts]
            totals = Counter({1: sum(counts)}) if sum(counts) else Counter()
            withheld = withhold([Row(line, frozenset(line)) for line in lines], totals, measures=1)
            if withheld.rows is None:
                left_out.append(counts)
                continue
            shown = tuple(None if mask else count for mask, count in zip(withheld.rows, counts, strict=True))
            alike[shown, (None if withheld.totals else sum(counts),)].append(counts)
    for (shown, _), tables in alike.items():
        for place, value in enumerate(shown):
            if value is None and len({counts[place] for counts in tables}) == 1:
                assert tables[0][place] >= THRESHOLD, (shown, tables)
    assert all(set(counts) <= {0, 1} and sum(counts) >= THRESHOLD - 1 for counts in left_out), "nothing else is lost"


# -- told in numbers --------------------------------------------------------------------------------------------------


def many(key: str, **profiles: int) -> list[Unit]:
    """So many casefiles of these kinds under that key."""
    kinds = {"open": SUBMITTED | OPEN, "recommended": SUBMITTED | OPEN | RECOMMENDED, "closed": SUBMITTED | CLOSED}
    return [(key, kinds[name]) for name, count in profiles.items() for _ in range(count)]


def test_a_table_of_large_cells_is_shown_whole() -> None:
    units = [*many("a", open=9, closed=7), *many("b", open=5, closed=30)]
    assert suppressed(units, ["a", "b"]) == Withheld(rows=(0, 0), totals=0)


def test_a_small_cell_takes_the_next_smallest_with_it_and_no_more() -> None:
    """Three recommended in `a`: with the total shown, one other row must keep silent; what else there is, is shown."""
    units = [*many("a", open=20, recommended=3), *many("b", open=20, recommended=8), *many("c", recommended=30)]
    shown = printed(units, ["a", "b", "c"], suppressed(units, ["a", "b", "c"]))
    assert shown == (
        (23, 23, None, 0, 0),
        (28, 28, None, 0, 0),
        (30, 30, 30, 0, 0),
        (81, 81, 41, 0, 0),
    )


def test_what_is_withheld_together_is_no_small_cell_either() -> None:
    """Two rows of one and two: printed, the rest would say three."""
    units = [*many("a", open=20, recommended=1), *many("b", open=20, recommended=2), *many("c", recommended=30)]
    shown = printed(units, ["a", "b", "c"], suppressed(units, ["a", "b", "c"]))
    assert [line[2] for line in shown] == [None, None, None, 33]


def test_of_a_sum_two_parts_are_withheld() -> None:
    """Two open, so neither closed nor submitted may tell, where the other is shown."""
    (line,) = printed(many("a", open=2, closed=50), [], suppressed(many("a", open=2, closed=50), []))
    assert line == (52, None, 0, 0, None)


def test_a_row_alone_is_withheld_with_its_total() -> None:
    units = many("a", open=3)
    assert printed(units, ["a"], suppressed(units, ["a"])) == ((None, None, 0, 0, 0),) * 2


def test_a_total_that_is_withheld_beside_a_small_one_takes_a_row_with_it() -> None:
    """Two are closed of all, so the open of all are withheld, though each row has many: they would add up to it."""
    units = [*many("a", open=30), *many("b", open=20, closed=2)]
    shown = printed(units, ["a", "b"], suppressed(units, ["a", "b"]))
    assert shown == ((30, 30, 0, 0, 0), (22, None, 0, 0, None), (52, None, 0, 0, None))


def test_rows_of_one_each_are_left_out_with_their_keys() -> None:
    """Six keys and six in the total: there is nothing to withhold that would not be known."""
    keys = list("abcdef")
    units = [unit for key in keys for unit in many(key, open=1)]
    assert suppressed(units, keys) == Withheld(rows=None, totals=0)
    assert suppressed([*units, *many("a", open=1)], keys).rows is not None


def test_noughts_are_withheld_where_all_others_would_be_known_to_be_one() -> None:
    """Eight recommended, and eight rows with one: which they are may not be seen either."""
    keys = list("abcdefghij")
    units = [unit for key in keys for unit in many(key, open=20, recommended=int(key < "i"))]
    shown = printed(units, keys, suppressed(units, keys))
    assert [line[2] for line in shown] == [None] * 10 + [8]
    assert [line[1] for line in shown] == [21] * 8 + [20] * 2 + [208]


def test_equal_ones_are_withheld_together() -> None:
    """One of two fives, the first say, would tell which of the others is smaller."""
    units = [*many("a", open=5), *many("b", open=5), *many("c", open=1)]
    shown = printed(units, ["a", "b", "c"], suppressed(units, ["a", "b", "c"]))
    assert [line[1] for line in shown] == [None, None, None, 11]


def test_a_complement_that_its_neighbours_pin_down_is_not_relied_on() -> None:
    """In `b` all seven are sanctioned, so its recommended cannot be other than seven: another row must help."""
    sanctioned = SUBMITTED | OPEN | RECOMMENDED | SANCTIONED
    units = [*many("a", open=20, recommended=3), *[("b", sanctioned)] * 7, *many("c", open=10, recommended=30)]
    shown = printed(units, ["a", "b", "c"], suppressed(units, ["a", "b", "c"]))
    assert shown[0][2] is None
    assert shown[2][2] is None, "only c can differ"
    assert (0, 2) not in pinned_by_bounds(shown)


def test_an_attacker_who_finds_a_cell_is_heard() -> None:
    """The attackers can succeed: a column with one cell missing, and a row whose neighbours leave one value."""
    given_away: Printed = ((None, 9, 0, 0, 9), (30, 30, 0, 0, 0), (48, 39, 0, 0, 9))
    assert solved_by_equations(given_away) == [(0, 0)]
    pinned: Printed = ((7, 7, None, 7, 0), (9, 9, None, 0, 0), (16, 16, 10, 7, 0))
    assert (0, 2) in pinned_by_bounds(pinned)


@pytest.mark.parametrize("rows", [1, 700])
def test_a_table_of_all_employers_is_done_in_a_moment(rows: int) -> None:
    """No timing: only that it ends, for one row and for as many as there are employers."""
    units = [
        (f"{number:04}", PROFILES[(number * part) % len(PROFILES)])
        for number in range(rows)
        for part in range(number % 13)
    ]
    keys = [f"{number:04}" for number in range(rows)]
    withheld = suppressed(units, keys)
    shown = printed(units, keys, withheld)
    assert small_ones(units, keys, withheld).isdisjoint(solved_by_equations(shown[-1:]))


# -- the attackers ----------------------------------------------------------------------------------------------------


def positions(shown: Printed) -> list[tuple[int, int]]:
    return [(line, bit) for line, cells in enumerate(shown) for bit, value in enumerate(cells) if value is None]


def solved_by_equations(shown: Printed) -> list[tuple[int, int]]:
    """The withheld cells to which the sums of rows and columns leave one value: Gauss, in fractions."""
    unknown = positions(shown)
    column_of = {cell: number for number, cell in enumerate(unknown)}
    equations: list[list[Fraction]] = []

    def equation(terms: Sequence[tuple[int, int, int]]) -> None:
        row = [Fraction(0)] * (len(unknown) + 1)
        for line, bit, sign in terms:
            value = shown[line][bit]
            if value is None:
                row[column_of[line, bit]] += sign
            else:
                row[-1] -= sign * value
        if any(row[:-1]):
            equations.append(row)

    last = len(shown) - 1
    for line in range(len(shown)):
        equation([(line, 0, 1), (line, 1, -1), (line, 4, -1)])
    if last:
        for bit in range(5):
            equation([*((line, bit, 1) for line in range(last)), (last, bit, -1)])
    reduced: list[list[Fraction]] = []
    for column in range(len(unknown)):
        pivot = next((row for row in equations if row[column]), None)
        if pivot is None:
            continue
        equations.remove(pivot)
        pivot = [one / pivot[column] for one in pivot]
        equations = [_less(row, pivot, column) for row in equations]
        reduced = [*(_less(row, pivot, column) for row in reduced), pivot]
    return [unknown[row.index(Fraction(1))] for row in reduced if sum(map(bool, row[:-1])) == 1]


def _less(row: list[Fraction], pivot: list[Fraction], column: int) -> list[Fraction]:
    return [one - row[column] * other for one, other in zip(row, pivot, strict=True)]


def pinned_by_bounds(shown: Printed, may_be_nought: Collection[int] = ()) -> list[tuple[int, int]]:
    """The withheld cells whose bounds meet, once sums and parts have drawn them closer as far as they can.

    The columns named may have noughts in rows where nothing is shown; else what is withheld is one at least.
    """
    last, most = len(shown) - 1, 10**6
    bounds = {
        (line, bit): [value, value] if value is not None else [0 if line < last and bit in may_be_nought else 1, most]
        for line, cells in enumerate(shown)
        for bit, value in enumerate(cells)
    }
    sums = [((line, 0), [(line, 1), (line, 4)]) for line in range(len(shown))]
    if last:
        sums += [((last, bit), [(line, bit) for line in range(last)]) for bit in range(5)]
    parts = [((line, less), (line, more)) for line in range(len(shown)) for less, more in ((2, 0), (3, 2), (3, 0))]
    moved = True
    while moved:
        before = [tuple(one) for one in bounds.values()]
        for whole, terms in sums:
            bounds[whole][0] = max(bounds[whole][0], sum(bounds[one][0] for one in terms))
            bounds[whole][1] = min(bounds[whole][1], sum(bounds[one][1] for one in terms))
            for one in terms:
                others = [bounds[other] for other in terms if other != one]
                bounds[one][0] = max(bounds[one][0], bounds[whole][0] - sum(other[1] for other in others))
                bounds[one][1] = min(bounds[one][1], bounds[whole][1] - sum(other[0] for other in others))
        for less, more in parts:
            bounds[more][0] = max(bounds[more][0], bounds[less][0])
            bounds[less][1] = min(bounds[less][1], bounds[more][1])
        moved = before != [tuple(one) for one in bounds.values()]
    return [cell for cell in positions(shown) if bounds[cell][0] == bounds[cell][1]]


def near(units: Sequence[Unit], keys: Sequence[str]) -> Iterator[list[Unit]]:
    """The registers that differ by a casefile or two: gone, come, become another, moved, or changed places."""
    there = sorted(set(units))
    for one in there:
        yield _changed(units, one)
    for key, profile in product(keys, PROFILES):
        yield _changed(units, None, (key, profile))
        for one in there:
            yield _changed(units, one, (key, profile))
    for (key, profile), (other_key, other) in product(there, there):
        if key != other_key and profile != other:
            yield _changed(_changed(units, (key, profile), (key, other)), (other_key, other), (other_key, profile))


def _changed(units: Sequence[Unit], gone: Unit | None, come: Unit | None = None) -> list[Unit]:
    kept = list(units)
    if gone is not None:
        kept.remove(gone)
    return kept if come is None else [*kept, come]
