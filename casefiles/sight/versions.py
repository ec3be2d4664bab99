"""The versions of one casefile: each performed step with the file after it, a page of them at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from casefiles.errors import Erased

MOST_VERSIONS = 2**31
"""Beyond what a version can be."""

# The page's versions, the one before them (of which the first one's changes are counted), the newest, and those asked
# for beside: a page costs what it shows, however long the casefile goes on.
_STEPS = """
WITH head AS (
    SELECT max(t.seq) AS seq FROM casefiles_transition t
    WHERE t.casefile_id = %(casefile)s AND t.seq <= coalesce(%(until)s::int, t.seq)
), page AS (
    SELECT t.seq FROM casefiles_transition t, head
    WHERE t.casefile_id = %(casefile)s AND t.seq BETWEEN %(first)s::int AND head.seq
      AND (t.recorded_at AT TIME ZONE 'UTC')::date
          BETWEEN coalesce(%(from)s::date, '-infinity') AND coalesce(%(to)s::date, 'infinity')
    ORDER BY t.seq LIMIT %(most)s::int
), beside AS (
    SELECT seq FROM head UNION SELECT min(seq) - 1 FROM page UNION SELECT unnest(%(versions)s::int[])
    UNION SELECT (SELECT max(t.seq) FROM casefiles_transition t, head
                  WHERE t.casefile_id = %(casefile)s AND t.seq <= head.seq AND t.recorded_at <= m)
          FROM unnest(%(instants)s::timestamptz[]) m
)
SELECT t.seq, t.name, t.from_state, t.to_state, t.party, t.client, t.occurred_at, t.recorded_at, t.legal_basis,
    t.request_id, a.code, a.name, e.uuid, l.index, e.leaf_hash, p.given::text, p.facts::text,
    t.seq IN (SELECT seq FROM page)
FROM casefiles_transition t
JOIN agencies_agency a ON a.id = t.agency_id
JOIN audit_entry e ON e.id = t.entry_id
LEFT JOIN audit_leaf l ON l.entry_id = e.id
JOIN casefiles_payload p ON p.casefile_id = t.casefile_id AND p.seq = t.seq AND p.seq >= 1
WHERE t.casefile_id = %(casefile)s AND t.seq <= (SELECT seq FROM head)
  AND (t.seq IN (SELECT seq FROM page) OR t.seq IN (SELECT seq FROM beside)) ORDER BY t.seq
"""


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """One step as it was recorded, what it was given, and the file after it; `given` is empty where it was erased.

    `index` is the entry's place in the log, None while it has none. `is_of_page` is false for versions read beside.
    """

    seq: int
    name: str
    from_state: str
    to_state: str
    party: str
    client: str
    occurred_at: datetime
    recorded_at: datetime
    legal_basis: str
    request_id: UUID
    agency_code: str
    agency_name: str
    entry: UUID
    index: int | None
    leaf_hash: bytes
    given: Mapping[str, Any]
    facts: Mapping[str, Any]
    is_of_page: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which versions of a casefile: `most` from `first` on, recorded from `from_` until `to` (both days included, UTC).

    None after `until` is read, where that is given. `beside` are further ones, by number or as the newest at an
    instant.
    """

    first: int
    most: int
    until: int | None = None
    from_: date | None = None
    to: date | None = None
    beside: Iterable[int | datetime] = ()


def kept_versions(casefile: UUID, wanted: Wanted) -> tuple[KeptVersion, ...]:
    """The versions wanted, the one before the page, and the newest, oldest first, in one statement.

    The caller has asked for sight of the casefile before. Raises Erased where the newest has no content any more.
    """
    beside = tuple(wanted.beside)
    with connection.cursor() as cursor:
        cursor.execute(
            _STEPS,
            {
                "casefile": casefile,
                "until": wanted.until,
                "first": wanted.first,
                "most": wanted.most,
                "from": wanted.from_,
                "to": wanted.to,
                "versions": [moment for moment in beside if isinstance(moment, int) and moment < MOST_VERSIONS],
                "instants": [moment for moment in beside if isinstance(moment, datetime)],
            },
        )
        rows = cursor.fetchall()
    versions = tuple(_kept(row) for row in rows)
    if not versions or not versions[-1].facts:
        raise Erased
    return versions


def _kept(row: tuple[Any, ...]) -> KeptVersion:
    *columns, leaf_hash, given, facts, is_of_page = row
    read = (orjson.loads(given) if given else {}, orjson.loads(facts) if facts else {})
    values: tuple[Any, ...] = (*columns, bytes(leaf_hash), *read, is_of_page)
    return KeptVersion(*values)
