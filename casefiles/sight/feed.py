"""The feed: what happened, in the order of the log, as far as an agency had sight of it when it happened.

Which leaves an agency has in its feed is written down when they get their place (`audit.models.Sighting`) and never
changes, so a page read again says the same. Items are thin: ids, type, state, version, whose turn it became; nothing
that is ever erased. One statement makes a page, items as JSON text: nothing is done per item in Python.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from casefiles.flow import FLOW, Transition


def type_of(row: Transition) -> str:
    """The type of the event that a row announces, as `lintas.casefile.recommended`."""
    return f"lintas.{row.announces}"


TYPES: Final = {row.name: type_of(row) for row in FLOW}
OPENED: Final = "lintas.casefile.opened"
"""That the party whose turn it is read a version for the first time (`casefiles.sight.first_readings`)."""
EVERY: Final = sorted({*TYPES.values(), OPENED})
"""The types of all events."""

MOST: Final = 500
"""Items that a page can have."""

# The inner limit is a constant, so that the plan that suits every caller counts on few rows, and PostgreSQL need not
# plan each page anew.
_OF_ONE: Final = f"""
page AS (
    SELECT s.index, coalesce(
        lag(s.index) OVER (ORDER BY s.index),
        (SELECT max(index) FROM audit_sighting WHERE agency = %(agency)s AND index <= %(after)s)
    ) AS previous, %(agency)s::bigint AS agency
    FROM (
        SELECT index FROM (
            SELECT index FROM audit_sighting WHERE agency = %(agency)s AND index > %(after)s ORDER BY index LIMIT {MOST}
        ) most ORDER BY index LIMIT %(limit)s
    ) s
)
"""  # noqa: S608 - a constant
# The next indices in the feed of any of several agencies, and each item of each of these agencies there.
_OF_SEVERAL: Final = """
seen AS (
    SELECT a.id AS agency, s.index FROM unnest(%(agencies)s::bigint[]) a(id) CROSS JOIN LATERAL (
        SELECT index FROM audit_sighting WHERE agency = a.id AND index > %(after)s ORDER BY index LIMIT %(limit)s
    ) s
), page AS (
    SELECT s.index, s.agency, (
        SELECT max(b.index) FROM audit_sighting b WHERE b.agency = s.agency AND b.index < s.index
    ) AS previous
    FROM seen s WHERE s.index IN (SELECT DISTINCT index FROM seen ORDER BY index LIMIT %(limit)s)
)
"""
# JSON is put together as text: json_build_object looks up the type of each of its arguments again for every item, a
# quarter of a page's time. Only the number could hold what needs escaping; the origin is cut, escaped as it is, out of
# the entry's canonical bytes, whose spelling is fixed.
# The turn is the referral that was open after the step: opened by it or before, answered later or never. Whoever lost
# sight with that step learns that it happened and no more, so not who has the file now. An entry is a step's, or the
# only one of a stream that a first reading has: of that, the item tells the step whose version was opened.
_ITEMS: Final = f"""
SELECT (SELECT coalesce(max(index), -1) FROM audit_leaf), (SELECT count(*) FROM page), (SELECT max(index) FROM page),
    '[' || coalesce(string_agg(concat(
        '{{"specversion": "1.0", "id": "', e.uuid,
        '", "source": "', %(base)s::text, substring(split_part(
            split_part(convert_from(e.body, 'UTF8'), '"origin":"', 2), '"', 1) FROM '/.*'),
        '", "type": "', CASE WHEN t.opened THEN '{OPENED}' ELSE %(types)s::jsonb ->> t.name END,
        '", "subject": "casefiles/', t.casefile_id,
        '", "time": "', to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        '", "logindex": ', p.index,
        ', "previous": ', coalesce(p.previous::text, 'null'),
        ', "data": {{"casefile": "', t.casefile_id,
        '", "number": ', to_json(c.number),
        ', "version": ', t.seq,
        ', "transition": ', CASE WHEN t.opened THEN 'null' ELSE concat('"', t.name, '"') END,
        ', "state": "', t.to_state,
        '", "turn": ', CASE WHEN r.id IS NULL OR EXISTS (
            SELECT FROM casefiles_casefilegrant g
            WHERE g.content_object_id = t.casefile_id AND g.agency_id = p.agency AND g.until_entry_id = e.id
        ) THEN 'null' ELSE concat('{{"party": "', r.party, '", "agency": "', a.code, '"}}') END,
        ', "href": "', %(casefiles)s::text, t.casefile_id, '"}}}}'
    ), ', ' ORDER BY p.index, p.agency), '') || ']', array_agg(p.agency ORDER BY p.index, p.agency)
FROM page p
JOIN audit_leaf l ON l.index = p.index
JOIN audit_entry e ON e.id = l.entry_id
CROSS JOIN LATERAL (
    SELECT s.casefile_id, s.seq, s.name, s.to_state, false AS opened
    FROM casefiles_transition s WHERE s.entry_id = e.id
    UNION ALL SELECT s.casefile_id, s.seq, s.name, s.to_state, true
    FROM casefiles_firstreading o JOIN casefiles_transition s ON s.casefile_id = o.casefile_id AND s.seq = o.version
    WHERE o.id = e.stream AND e.seq = 1
) t
JOIN casefiles_casefile c ON c.id = t.casefile_id
LEFT JOIN casefiles_referral r ON r.casefile_id = t.casefile_id AND r.opened_seq <= t.seq
    AND (r.answered_seq IS NULL OR r.answered_seq > t.seq)
LEFT JOIN agencies_agency a ON a.id = r.to_agency_id
"""  # noqa: S608 - a constant
_PAGE: Final = f"WITH {_OF_ONE}{_ITEMS}"
_SHARED: Final = f"WITH {_OF_SEVERAL}{_ITEMS}"


@dataclass(frozen=True, slots=True)
class Page:
    """Events as JSON text (an array), how many they are, where to go on, and the newest index of the log (-1: none).

    `next_after` is the last item's index where the page is full, else the head: what lies between was not the
    agency's. Items and head are of one moment, or an event could fall between them.
    """

    items: str
    count: int
    next_after: int
    head: int


def page(*, agency: int, after: int, limit: int, base_url: str, casefiles: str) -> Page:
    """The agency's events with an index greater than `after`; `limit` is at most `MOST`.

    `base_url` begins every `source`, which ends in the path of the entry's own origin, so it changes with a fork of
    the log; `casefiles` begins every `href`.
    """
    if limit > MOST:
        raise ValueError(f"a page has {MOST} items at most")
    with connection.cursor() as cursor:
        cursor.execute(
            _PAGE,
            {
                "agency": agency,
                "after": after,
                "limit": limit,
                "base": _inside(base_url),
                "types": json.dumps(TYPES),
                "casefiles": _inside(casefiles),
            },
        )
        newest, count, last, items, _ = cursor.fetchone()
    return Page(items=items, count=count, next_after=last if count == limit else max(newest, after), head=newest)


def shared(
    *, agencies: Collection[int], after: int, limit: int, base_url: str, casefiles: str
) -> list[tuple[int, dict[str, Any]]]:
    """What comes after that index in the feeds of several agencies, as pairs of an agency and its item.

    In the order of the log, at most `limit` indices, and at each the item of every one of these agencies that has it in
    its feed. An item is what `page` shows to that agency. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _SHARED,
            {
                "agencies": sorted(agencies),
                "after": after,
                "limit": limit,
                "base": _inside(base_url),
                "types": json.dumps(TYPES),
                "casefiles": _inside(casefiles),
            },
        )
        *_, items, whose = cursor.fetchone()
    return list(zip(whose or (), json.loads(items), strict=True))


_BEFORE: Final = """
SELECT earlier.index, (
    SELECT count(*) FROM audit_sighting s
    WHERE s.agency = w.agency AND s.index < w.index AND s.index > coalesce(earlier.index, -1)
)
FROM unnest(%(agencies)s::bigint[], %(indices)s::bigint[]) WITH ORDINALITY w(agency, index, place)
CROSS JOIN LATERAL (
    SELECT max(s.index) AS index
    FROM audit_sighting s
    JOIN audit_leaf l ON l.index = s.index
    LEFT JOIN casefiles_transition t ON t.entry_id = l.entry_id
    WHERE s.agency = w.agency AND s.index < w.index
        -- What an agency has in its feed and is no step is a first reading.
        AND CASE WHEN t.id IS NULL THEN %(opened)s ELSE t.name = ANY(%(names)s) END
) earlier
ORDER BY w.place
"""


def before(*, agency: int, index: int, types: Collection[str]) -> tuple[int | None, int]:
    """The index of the agency's event of these types before that one, and how many of others lie between."""
    return before_each([(agency, index)], types=types)[0]


def before_each(places: Sequence[tuple[int, int]], *, types: Collection[str]) -> list[tuple[int | None, int]]:
    """The same for many pairs of an agency and an index, in their order. One statement."""
    names = [name for name, kind in TYPES.items() if kind in types]
    with connection.cursor() as cursor:
        cursor.execute(
            _BEFORE,
            {
                "agencies": [agency for agency, _ in places],
                "indices": [index for _, index in places],
                "names": names,
                "opened": OPENED in types,
            },
        )
        return [(earlier, between) for earlier, between in cursor.fetchall()]


def _inside(text: str) -> str:
    """The text as it stands between the quotes of a JSON string."""
    return json.dumps(text)[1:-1]


def newest_of(agencies: list[int]) -> dict[int, int]:
    """The newest index in each agency's feed; -1 where there is none. One look for all of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a, coalesce((SELECT max(s.index) FROM audit_sighting s WHERE s.agency = a), -1) "
            "FROM unnest(%s::bigint[]) a",
            [agencies],
        )
        return dict(cursor.fetchall())
