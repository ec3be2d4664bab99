"""The tables of a snapshot: which there are, and what of them may be published, alone and beside earlier snapshots.

Numbers in, numbers out: `snapshots` counts, and stores what comes of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from casefiles.errors import NearPublished
from casefiles.statistics import between, together
from casefiles.statistics.between import Moved
from casefiles.statistics.count import Found
from casefiles.statistics.disclosure import THRESHOLD
from casefiles.statistics.measures import DimensionName, bit_of, measures_of
from casefiles.statistics.together import Shown, Sums, Told, Units

SUBMITTED, FOLLOWED_UP = bit_of("submitted"), bit_of("followed_up")
SUMS: Final = Sums(
    halves=((bit_of("open"), bit_of("closed")),),
    narrower=((bit_of("overdue"), bit_of("open")), (bit_of("not_proven"), bit_of("closed"))),
)
ALL: Final = sum(bit_of(measure.code) for measure in measures_of("casefiles"))


@dataclass(frozen=True, slots=True)
class TableOf:
    """A table of a snapshot: by what, which measures (bits), and the one that each of its units has.

    `adds_up` says that each unit stands in one row.
    """

    by: DimensionName
    measures: int = ALL
    whole: int = SUBMITTED
    adds_up: bool = True


TABLES: Final = (
    TableOf("month"),
    TableOf("election"),
    TableOf("form", adds_up=False),
    TableOf("violation_class"),
    TableOf("submitter"),
    TableOf("examiner"),
    TableOf("employer"),
    TableOf("position_kind"),
    TableOf("channel", measures=SUBMITTED, adds_up=False),
    TableOf("interaction", measures=SUBMITTED, adds_up=False),
    TableOf("sanction", measures=FOLLOWED_UP, whole=FOLLOWED_UP),
)
"""None may be the sum of another: agencies stand here, so their levels do not."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was published before, as contents: the newest, and those whose numbers are `compared`.

    `guarded` is the newest one that counted what the same agency sees; the new one is guarded together with it, and
    `moves` are the casefiles that differ between the two.
    """

    newest: Mapping[str, Any] | None = None
    compared: Sequence[Mapping[str, Any]] = ()
    guarded: Mapping[str, Any] | None = None
    moves: Sequence[Moved] = ()

    def told(self, by: str) -> Told:
        """What they tell of a table."""
        values: defaultdict[Any, defaultdict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for content in self.compared:
            for row in _table_in(content, by).get("rows", ()):
                for bit, number in _by_bit(row["numbers"]).items():
                    values[row["key"]][bit].add(number)
        if self.guarded is None:
            return Told(values=values)
        hidden = {
            row["key"]: ALL & ~sum(_by_bit(row["numbers"])) & ~_unasked(by)
            for row in _table_in(self.guarded, by).get("rows", ())
        }
        return Told(values=values, hidden=hidden, measures=sum(_by_bit(self.guarded["totals"][0]["numbers"])))

    def totals(self, unit: str) -> dict[int, set[int]]:
        """The totals that they tell, by measure."""
        values: defaultdict[int, set[int]] = defaultdict(set)
        for told in (told for content in self.compared for told in content["totals"] if told["unit"] == unit):
            for bit, number in _by_bit(told["numbers"]).items():
                values[bit].add(number)
        return values


def _table_in(content: Mapping[str, Any], by: str) -> Mapping[str, Any]:
    return next((table for table in content["tables"] if table["by"] == by), {})


def _by_bit(numbers: Mapping[str, int | None]) -> dict[int, int]:
    """The numbers that are told, by measure."""
    return {bit_of(code): number for code, number in numbers.items() if number is not None}


def _unasked(by: str) -> int:
    """The measures that a table does not show at all."""
    return ALL & ~next(table.measures for table in TABLES if table.by == by)


def withheld(
    tables: Mapping[DimensionName, Found],
    others: Mapping[str, Mapping[int, int]],
    *,
    earlier: Earlier | None = None,
) -> dict[str, Any]:
    """Totals and tables with only what may be published together. `others` are the totals of the other units.

    Raises `NearPublished` where there are one to four casefiles more or fewer than a snapshot of `earlier` shows.
    """
    earlier = earlier or Earlier()
    whole = tables["month"]
    totals = whole.totals
    of_before = earlier.totals("casefiles")
    submitted = sum(totals.values())
    if any(0 < abs(submitted - one) < THRESHOLD for one in of_before.get(SUBMITTED, ())):
        raise NearPublished
    hidden = together.hidden_totals(totals, whole=SUBMITTED, sums=SUMS, told=of_before)
    told, given_away = _tables(tables, earlier, hidden)
    while given_away & ~hidden:
        hidden |= together.with_halves(given_away, SUMS)
        told, given_away = _tables(tables, earlier, hidden)
    return {
        "totals": [
            _numbers_of("casefiles", totals, hidden),
            *(_numbers_of(unit, one, _hidden_alone(one, earlier.totals(unit))) for unit, one in others.items()),
        ],
        "merged": _unless_small(whole.merged, [content["merged"] for content in earlier.compared]),
        "tables": told,
    }


def _tables(tables: Mapping[DimensionName, Found], earlier: Earlier, hidden: int) -> tuple[list[dict[str, Any]], int]:
    """The tables with these measures shown nowhere, and the measures whose totals tell what was withheld before."""
    told: list[dict[str, Any]] = []
    given_away = 0
    for table in TABLES:
        counted = tables[table.by]
        rows = {key[0]: _units(counted, key, table.whole) for key in counted.rows}
        rows = {key: one for key, one in rows.items() if one.profiles}
        if earlier.guarded is not None:
            rows = between.of_both(rows, table.by, earlier.moves, whole=table.whole)
        shown = together.withhold(
            rows,
            measures=table.measures,
            whole=table.whole,
            hidden=hidden,
            sums=SUMS,
            left_out_before=_left_out(earlier.newest, table.by, rows),
            told=earlier.told(table.by),
        )
        told.append(_table(table, rows, shown, hidden=hidden, names=counted.names))
        given_away |= shown.given_away
    return told, given_away


def _units(counted: Found, key: Any, whole: int) -> Units:
    """The units of that row that the table is about."""
    return Units(
        {profile: number for profile, number in counted.rows[key].profiles.items() if profile & whole},
        {profile: number for profile, number in counted.alone[key].items() if profile & whole},
    )


def _left_out(before: Mapping[str, Any] | None, by: str, keys: Iterable[Any]) -> set[Any]:
    """Keys that the publication before did not show."""
    if before is None:
        return set()
    shown = {row["key"] for table in before["tables"] if table["by"] == by for row in table["rows"]}
    return set(keys) - shown


def _table(
    table: TableOf, rows: Mapping[Any, Units], shown: Shown, *, hidden: int, names: Mapping[str, str]
) -> dict[str, Any]:
    ordered = sorted(shown.hidden, key=lambda key: (key is None, str(key)))
    return {
        "by": table.by,
        "measures": [code for code, bit in _codes(table.measures & ~hidden)],
        "rows": [
            {
                "key": key,
                **({"name": names[str(key)]} if key in names else {}),
                "numbers": _told(rows[key].profiles, table.measures & ~hidden, shown.hidden[key]),
            }
            for key in ordered
        ],
        "left_out": shown.are_some_left_out,
        "adds_up": table.adds_up,
    }


def _codes(mask: int) -> Sequence[tuple[str, int]]:
    return [(one.code, bit_of(one.code)) for one in measures_of("officers") if bit_of(one.code) & mask]


def _told(profiles: Mapping[int, int], measures: int, hidden: int) -> dict[str, int | None]:
    return {
        code: None if bit & hidden else sum(number for profile, number in profiles.items() if profile & bit)
        for code, bit in _codes(measures)
    }


def _numbers_of(unit: str, profiles: Mapping[int, int], hidden: int) -> dict[str, Any]:
    measures = ALL | (bit_of("unidentified") if unit == "officers" else 0)
    return {"unit": unit, "numbers": _told(profiles, measures, hidden)}


def _hidden_alone(profiles: Mapping[int, int], told: Mapping[int, set[int]]) -> int:
    """Of totals of another unit, which may be open and closed at once: the small, and what would narrow them down."""
    return together.hidden_totals(profiles, whole=SUBMITTED, sums=SUMS, told=told)


def _unless_small(number: int, told: Sequence[int | None]) -> int | None:
    """The number, or None where it or what it has changed by since one that was told is small."""
    changes = [abs(number - one) for one in told if one is not None]
    return None if any(0 < one < THRESHOLD for one in (number, *changes)) else number
