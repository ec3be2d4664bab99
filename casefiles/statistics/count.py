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
from casefiles.models import Casefile
from casefiles.queries import granted
from casefiles.statistics import disclosure
from casefiles.statistics.disclosure import THRESHOLD, Row
from casefiles.statistics.keys import BESIDE, KEYS, OF_CONTENT, PAYLOAD, asked_to_pass, codes_of
from casefiles.statistics.measures import AGENCIES, EDITION, Counting, DimensionName, Unit, bit_of, measures_of

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


def reads_content(question: Question) -> bool:
    """Whether the numbers depend on content that may be erased."""
    return question.unit == "officers" or not OF_CONTENT.isdisjoint(question.by)


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


# -- the statements ---------------------------------------------------------------------------------------------------

_MOMENT: Final = """
SELECT h.index, asked.index, e.recorded_at
FROM (SELECT coalesce(max(index), -1) AS index FROM audit_leaf) h
CROSS JOIN LATERAL (SELECT coalesce(%s, h.index) AS index) asked
LEFT JOIN audit_leaf l ON l.index = asked.index
LEFT JOIN audit_entry e ON e.id = l.entry_id
"""

_UNITS: Final[Mapping[Unit, str]] = {
    "casefiles": "h.id",
    "findings": "h.finding_id",
    "officers": "coalesce(nullif(p.nip, ''), h.id::text)",
}


def _bits(*conditions: tuple[str, str]) -> str:
    return " | ".join(f"CASE WHEN {condition} THEN {bit_of(code)} ELSE 0 END" for code, condition in conditions)


# The measures of `MEASURES`, bit by bit: what the version itself says, and what the casefile had been through.
_STANDS: Final = _bits(
    ("submitted", "true"),
    ("open", "h.state <> 'closed'"),
    ("not_proven", "h.outcome = 'not_proven'"),
    ("closed", "h.state = 'closed'"),
    ("overdue", "h.state <> 'closed' AND h.overdue_level > 0"),
    ("blocked", "h.data_block = 'active'"),
)
_HAS_BEEN: Final = _bits(("recommended", "b.recommended > b.anew"), ("followed_up", "b.followed_up > b.anew"))
PROFILE: Final = f"{_STANDS} | {_HAS_BEEN}"

_READ: Final = (
    "id", "finding_id", "version", "state", "outcome", "election", "forms", "violation_class", "submitter_id",
    "examiner_id", "employer_id", "addressee_id", "overdue_level", "data_block", "created_at",
)  # fmt: skip
_COLUMNS: Final = ", ".join(f"h.{name}" for name in _READ)
# A step that opened a casefile again for another person: whoever is identified next has no part in what was before. The
# ground itself may be erased, so it is told by the version, which has no addressee any more: every recommendation sets
# one, and nothing takes it away but a reopening for a wrong person. On other grounds a version without one was never
# recommended, so nothing is lost.
ANEW: Final = (
    "t.name = 'reopen' AND (SELECT v.addressee_id IS NULL FROM casefiles_historicalcasefile v "
    "WHERE v.id = t.casefile_id AND v.version = t.seq)"
)
# What a casefile had been through, as far as its row tells: who was recommended has an addressee (see above), and to
# these states and outcomes come only those that were followed up. Of others with an addressee the steps are asked.
_FOLLOWED_UP: Final = "(h.state IN ('sanction_reported', 'contested') OR h.outcome IN ('sanctioned', 'annulled'))"
_TOLD: Final = _bits(
    ("recommended", "h.addressee_id IS NOT NULL"), ("followed_up", f"h.addressee_id IS NOT NULL AND {_FOLLOWED_UP}")
)
_UNSURE: Final = f"h.addressee_id IS NOT NULL AND NOT {_FOLLOWED_UP}"
# A casefile that stands in one row: whatever stands alike is counted as it is read, and nothing is kept of each. All
# are counted by what their row says now; the few of which there is more to say are taken out and put back.
_ONE_ROW_EACH: Final = f"""
), alike AS MATERIALIZED (
    SELECT merged, k1, k2, profile, sum(number)::bigint AS number FROM (
        SELECT {{keyed}}, {_STANDS} | {_TOLD} AS profile, count(*) AS number
        FROM seen h WHERE {{conditions}} GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT s.merged, s.k1, s.k2, s.profile | x.profile, s.number * x.number FROM (
            SELECT {{keyed}}, {_STANDS} | {_TOLD} AS profile, {_HAS_BEEN} AS more, count(*) AS number
            FROM been b JOIN casefiles_casefile h ON h.id = b.id
            WHERE {_UNSURE} AND NOT EXISTS (SELECT FROM moved m WHERE m.id = b.id) AND {{conditions}}
            GROUP BY 1, 2, 3, 4, 5
        ) s CROSS JOIN LATERAL (VALUES (0, -1), (s.more, 1)) x(profile, number)
        UNION ALL
        SELECT {{keyed}}, {_STANDS} | {_TOLD}, -count(*) FROM moved m JOIN casefiles_casefile h ON h.id = m.id
        WHERE {{conditions}} GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT {{keyed}}, {PROFILE}, count(*) FROM earlier h LEFT JOIN been b ON b.id = h.id
        WHERE {{conditions}} GROUP BY 1, 2, 3, 4
    ) told GROUP BY merged, k1, k2, profile HAVING sum(number) <> 0
)
SELECT 'row', k1, k2, profile, true, number
FROM (SELECT *, dense_rank() OVER (ORDER BY k1, k2) AS place FROM alike WHERE NOT merged) ranked
WHERE place <= {{most}}
UNION ALL
SELECT 'total', NULL, NULL, profile, NULL, sum(number)::bigint FROM alike WHERE NOT merged GROUP BY profile
UNION ALL
SELECT 'merged', NULL, NULL, 0, NULL, sum(number)::bigint FROM alike WHERE merged HAVING count(*) > 0
"""  # noqa: S608 - composed of constants only
_ASKED_ONCE_A_PART: Final = 4
"""How often it asks what passes."""
# A unit that may stand in several rows: it has one profile in each.
_SEVERAL_ROWS: Final = f"""
), version AS (
    SELECT {_COLUMNS} FROM seen h WHERE NOT EXISTS (SELECT FROM moved m WHERE m.id = h.id)
    UNION ALL
    SELECT * FROM earlier
), standing AS MATERIALIZED (
    SELECT h.id, {{keyed}}, {{unit}} AS unit, {{erased}} AS erased, {{profile}} AS profile
    FROM version h LEFT JOIN been b ON b.id = h.id {{beside}}
    WHERE {{conditions}}
), units AS (
    SELECT unit, k1, k2, bit_or(profile) AS profile, count(*) OVER (PARTITION BY unit) = 1 AS alone
    FROM standing WHERE NOT merged GROUP BY unit, k1, k2
), rows AS (
    SELECT k1, k2, profile, alone, count(*) AS number FROM units GROUP BY k1, k2, profile, alone
)
SELECT 'row', k1, k2, profile, alone, number
FROM (SELECT *, dense_rank() OVER (ORDER BY k1, k2) AS place FROM rows) ranked WHERE place <= {{most}}
UNION ALL
SELECT 'total', NULL, NULL, profile, NULL, count(*)
FROM (SELECT bit_or(profile) AS profile FROM units GROUP BY unit) whole GROUP BY profile
UNION ALL
SELECT 'merged', NULL, NULL, 0, NULL, count(DISTINCT id) FROM standing WHERE merged
UNION ALL
SELECT 'erased', NULL, NULL, 0, NULL, count(DISTINCT id) FROM standing WHERE erased AND NOT merged
"""  # noqa: S608 - composed of constants only


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
    statement, values = _statement(question, index=index, actor=actor)
    profiles: defaultdict[tuple[str | None, ...], Counter[int]] = defaultdict(Counter)
    alone: defaultdict[tuple[str | None, ...], Counter[int]] = defaultdict(Counter)
    totals: Counter[int] = Counter()
    others: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
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


def _statement(question: Question, *, index: int, actor: Actor) -> tuple[str, list[Any]]:
    seen, seeing = Casefile.objects.visible_to(actor).values(*_READ).query.sql_with_params()
    # A reader of everything sees each casefile. To ask for each of them would cost as much as the count.
    mine, whose = granted(actor).query.sql_with_params()
    among, whose = ("true", ()) if actor.is_auditor else (f"t.casefile_id IN ({mine})", whose)
    conditions, filtering = asked_to_pass(
        question.filters, submitted_from=question.submitted_from, submitted_until=question.submitted_until
    )
    keys = [KEYS[name] for name in question.by] + ["NULL::text"] * (2 - len(question.by))
    officers = question.unit == "officers"
    one_row_each = question.unit == "casefiles" and "form" not in question.by and not reads_content(question)
    beside = [PAYLOAD] if reads_content(question) else []
    beside += [BESIDE[name] for name in question.by if name in BESIDE]
    counted = (_ONE_ROW_EACH if one_row_each else _SEVERAL_ROWS).format(
        keyed=f"h.outcome = 'merged' AS merged, {keys[0]} AS k1, {keys[1]} AS k2",
        conditions=" AND ".join(conditions),
        unit=_UNITS[question.unit],
        erased="p.erased_at IS NOT NULL" if reads_content(question) else "false",
        profile=f"CASE WHEN p.nip = '' THEN {bit_of('unidentified')} ELSE {PROFILE} END" if officers else PROFILE,
        beside=" ".join(beside),
        most=question.most + 1,
    )
    # Of whom the steps are asked: where rows tell the rest, a few.
    unsure = f"SELECT h.id FROM casefiles_casefile h WHERE {_UNSURE} UNION ALL SELECT id FROM moved"  # noqa: S608 - constants
    asked_of = f"t.casefile_id IN ({unsure})" if one_row_each else "true"
    statement = f"""
WITH seen AS NOT MATERIALIZED (
    {seen}
), moved AS MATERIALIZED (
    -- What has had a step since; hardly anything where the newest index is asked for. All else stands as it did.
    SELECT t.casefile_id AS id FROM audit_leaf l JOIN casefiles_transition t ON t.entry_id = l.entry_id
    WHERE l.index > %s AND {among}
    UNION
    -- An array, for which each is looked up: joined, PostgreSQL would read every step that there is.
    SELECT t.casefile_id FROM casefiles_transition t
    WHERE t.entry_id = ANY(ARRAY(SELECT entry_id FROM audit_pending)) AND {among}
), been AS (
    SELECT t.casefile_id AS id,
        max(t.seq) FILTER (WHERE t.name = 'recommend') AS recommended,
        max(t.seq) FILTER (WHERE t.name = 'report-sanction') AS followed_up,
        coalesce(max(t.seq) FILTER (WHERE {ANEW}), 0) AS anew
    FROM casefiles_transition t LEFT JOIN moved m ON m.id = t.casefile_id
    WHERE t.name IN ('recommend', 'report-sanction', 'reopen') AND {among}
        AND {asked_of}
        AND (m.id IS NULL OR EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = t.entry_id AND l.index <= %s))
    GROUP BY t.casefile_id
), earlier AS (
    -- The version that stood then, of what has moved.
    SELECT {_COLUMNS} FROM (
        SELECT m.id, max(t.seq) AS version
        FROM moved m JOIN casefiles_transition t ON t.casefile_id = m.id JOIN audit_leaf l ON l.entry_id = t.entry_id
        WHERE l.index <= %s GROUP BY m.id
    ) was JOIN casefiles_historicalcasefile h ON h.id = was.id AND h.version = was.version
{counted}
"""  # noqa: S608 - composed of constants and of what the ORM wrote
    return statement, [
        *seeing,
        index,
        *whose * 3,
        index,
        index,
        *filtering * (_ASKED_ONCE_A_PART if one_row_each else 1),
    ]
