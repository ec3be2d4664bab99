"""How many, as of a place in the log: counted over the versions that stood then, within the caller's sight of today.

    counted = count(Question(unit="casefiles", by=("employer",)), actor=actor)

A casefile stands at index N as its newest version whose entry has an index up to N, and what it had been through by
then is what its transitions up to N say. Both only ever grow by entries of a greater index, so the same question at the
same index has the same numbers whenever it is asked. Two things besides decide what is counted, and neither lies in the
log: the caller's sight (`Casefile.objects.visible_to`), and, for officers, that a NIP which was erased is gone from the
past as well (`Counted.erased` says how many).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from agencies.actor import Actor
from audit import ledger
from casefiles.errors import BeyondHead, TooManyRows
from casefiles.statistics import disclosure
from casefiles.statistics.disclosure import THRESHOLD, Row
from casefiles.statistics.keys import codes_of
from casefiles.statistics.measures import AGENCIES, EDITION, Counting, DimensionName, Unit, bit_of, measures_of
from casefiles.statistics.statements import reads_content, statement

MOST_ROWS: Final = 5_000
"""Rows that an answer may have."""

Key = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to count. `filters` are names of columns with the codes that pass; `form` passes who has that form.

    `submitted_from` and `submitted_until` are days in Asia/Jakarta, half-open. `as_of` is an index of the log, None the
    newest. `publish` withholds what may not go to press. `most` is how many rows there may be.
    """

    unit: Unit = "casefiles"
    by: tuple[Counting, ...] = ()
    filters: Mapping[DimensionName, tuple[str, ...]] = field(default_factory=dict)
    submitted_from: date | None = None
    submitted_until: date | None = None
    as_of: int | None = None
    publish: bool = False
    most: int = field(default_factory=lambda: MOST_ROWS)

    def plain(self) -> dict[str, Any]:
        """The filters as an answer repeats them: lists of codes in one order, days as dates."""
        days = {"submitted_from": self.submitted_from, "submitted_until": self.submitted_until}
        filters: dict[str, Any] = {name: sorted(codes) for name, codes in self.filters.items()}
        return filters | {name: day.isoformat() for name, day in days.items() if day is not None}


@dataclass(frozen=True, slots=True)
class Line:
    """The numbers of one key, by measure; None where it is withheld."""

    key: Key
    numbers: Mapping[str, int | None]

    @property
    def suppressed(self) -> bool:
        """Whether one of them is withheld."""
        return None in self.numbers.values()


@dataclass(frozen=True, slots=True)
class Counted:
    """The answer: the moment in the log, the newest index of today, the numbers, and the agencies' names by code.

    `recorded_at` is when the entry at that index was accepted; None in an empty log. `erased` is how many casefiles had
    lost their content to an erasure; None where nothing of it is read (`reads_content`). `digest` is the SHA-256, in
    hexadecimal digits, of the RFC 8785 form of what was asked and of the numbers as they are shown. For press and
    public `rows` may be empty though there are some.
    """

    index: int
    recorded_at: datetime | None
    head: int
    rows: tuple[Line, ...]
    totals: Line
    merged: int | None
    erased: int | None
    names: Mapping[str, str]
    digest: str


def count(question: Question, *, actor: Actor) -> Counted:
    """The numbers, in three statements. Raises `BeyondHead`, or `TooManyRows` beyond `MOST_ROWS`."""
    head, index, recorded_at = moment(question.as_of)
    if index > head:
        raise BeyondHead(head)
    found = units(question, index=index, actor=actor)
    lines, totals = _lines(question, found.rows, found.totals)
    merged = _disclosed(found.merged, question)
    erased = _disclosed(found.erased, question) if reads_content(question) else None
    return Counted(
        index=index,
        recorded_at=recorded_at,
        head=head,
        rows=lines,
        totals=totals,
        merged=merged,
        erased=erased,
        names=found.names,
        digest=_digest(question, index=index, lines=lines, totals=totals, merged=merged),
    )


def units(question: Question, *, index: int, actor: Actor) -> Found:
    """The units as they stood at an index that the log has, by key in the order of an answer; in two statements."""
    found = _found(question, index=index, actor=actor)
    names: dict[str, str] = {}
    keys: Mapping[tuple[str | None, ...], Row] = found.rows
    alone: Mapping[tuple[str | None, ...], Mapping[int, int]] = found.alone
    if agencies := [place for place, name in enumerate(question.by) if name in AGENCIES]:
        known = codes_of({key[place] for key in keys for place in agencies})
        names = dict(known.values())

        def called(key: tuple[str | None, ...]) -> tuple[str | None, ...]:
            return tuple(known[part][0] if place in agencies and part else part for place, part in enumerate(key))

        keys = {called(key): row for key, row in keys.items()}
        alone = {called(key): number for key, number in alone.items()}
    rows = {_typed(key, question.by): (row, alone[key]) for key, row in keys.items()}
    ordered = sorted(rows, key=lambda key: [(part is None, part if part is not None else "") for part in key])
    return Found(
        rows={key: rows[key][0] for key in ordered},
        alone={key: rows[key][1] for key in ordered},
        totals=found.totals,
        merged=found.merged,
        erased=found.erased,
        names=names,
    )


def _disclosed(number: int, question: Question) -> int | None:
    """The number, or None where it is too small for press and public."""
    return None if question.publish and 0 < number < THRESHOLD else number


def _typed(key: tuple[str | None, ...], by: tuple[Counting, ...]) -> Key:
    return tuple(int(part) if name == "overdue" and part else part for name, part in zip(by, key, strict=True))


def _lines(question: Question, rows: Mapping[Key, Row], totals: Mapping[int, int]) -> tuple[tuple[Line, ...], Line]:
    """The rows and the totals with a number for each measure; what may not be shown is None.

    No rows where their very keys may not be shown.
    """
    measures = measures_of(question.unit)
    bits = {measure.code: bit_of(measure.code) for measure in measures}

    def line(key: Key, profiles: Mapping[int, int], hidden: int = 0) -> Line:
        return Line(
            key,
            {
                code: None
                if hidden >> place & 1
                else sum(number for profile, number in profiles.items() if profile & bit)
                for place, (code, bit) in enumerate(bits.items())
            },
        )

    if not question.publish:
        return tuple(line(key, row.profiles) for key, row in rows.items()), line((), totals)

    def shown(profile: int) -> int:
        """The profile in the measures of the answer only, packed."""
        return sum(1 << place for place, bit in enumerate(bits.values()) if profile & bit)

    def packed(profiles: Mapping[int, int]) -> Mapping[int, int]:
        found: Counter[int] = Counter()
        for profile, number in profiles.items():
            found[shown(profile)] += number
        return found

    places = {code: place for place, code in enumerate(bits)}
    whole = ("submitted", "open", "closed")
    withheld = disclosure.withhold(
        [Row(packed(row.profiles), frozenset(map(shown, row.alone))) for row in rows.values()],
        packed(totals),
        measures=len(bits),
        sums=[(places["submitted"], places["open"], places["closed"])] if places.keys() >= set(whole) else [],
    )
    masks = () if withheld.rows is None else zip(rows.items(), withheld.rows, strict=True)
    return tuple(line(key, row.profiles, hidden) for (key, row), hidden in masks), line((), totals, withheld.totals)


def _digest(question: Question, *, index: int, lines: tuple[Line, ...], totals: Line, merged: int | None) -> str:
    """The digest of what is shown. A digest over withheld numbers would let a reader find them by trying."""
    return ledger.digest_of(
        {
            "edition": EDITION,
            "unit": question.unit,
            "as_of": index,
            "by": list(question.by),
            "filters": question.plain(),
            "publish": question.publish,
            "data": [{"key": dict(zip(question.by, line.key, strict=True)), **line.numbers} for line in lines],
            "totals": dict(totals.numbers),
            "merged": merged,
        }
    ).hex()


# -- asking the database ----------------------------------------------------------------------------------------------

_MOMENT: Final = """
SELECT h.index, asked.index, e.recorded_at
FROM (SELECT coalesce(max(index), -1) AS index FROM audit_leaf) h
CROSS JOIN LATERAL (SELECT coalesce(%s, h.index) AS index) asked
LEFT JOIN audit_leaf l ON l.index = asked.index
LEFT JOIN audit_entry e ON e.id = l.entry_id
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Units by key and profile, `alone` those of them that stand in no other row; totals count each unit once."""

    rows: Mapping[Any, Row]
    alone: Mapping[Any, Mapping[int, int]]
    totals: Mapping[int, int]
    merged: int
    erased: int
    names: Mapping[str, str]


def moment(as_of: int | None) -> tuple[int, int, datetime | None]:
    """The newest index, the one that is asked for (the newest if None), and when its entry was accepted."""
    with connection.cursor() as cursor:
        cursor.execute(_MOMENT, [as_of])
        head, index, recorded_at = cursor.fetchone()
    return head, index, recorded_at


def _found(question: Question, *, index: int, actor: Actor) -> Found:
    """The units by key and profile. `kind` says of each line of the result what it is."""
    text, values = statement(question, index=index, actor=actor)
    profiles: defaultdict[tuple[str | None, ...], Counter[int]] = defaultdict(Counter)
    alone: defaultdict[tuple[str | None, ...], Counter[int]] = defaultdict(Counter)
    totals: Counter[int] = Counter()
    others: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        for kind, *parts, profile, is_alone, number in cursor.fetchall():
            if kind == "row":
                key = tuple(parts[: len(question.by)])
                profiles[key][profile] += number
                if is_alone:
                    alone[key][profile] += number
            elif kind == "total":
                totals[profile] += number
            else:
                others[kind] += number
    if len(profiles) > question.most:
        raise TooManyRows(question.most)
    rows = {key: Row(found, frozenset(alone[key])) for key, found in profiles.items()} if question.by else {}
    return Found(
        rows=rows,
        alone={key: alone[key] for key in rows},
        totals=totals,
        merged=others["merged"],
        erased=others["erased"],
        names={},
    )
