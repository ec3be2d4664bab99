"""The versions of one casefile: each performed step with the file after it, a page of them at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from agencies.naming import day_of, name_on
from audit import access
from casefiles.errors import Erased

MOST_VERSIONS = 2**31 - 1
"""What no version can be."""

# The referrals that the version opened, as `casefiles.sight.referrals` has them.
_OPENED = f"""
(
SELECT coalesce(json_agg(json_build_object('id', r.id, 'casefile_id', r.casefile_id, 'purpose', r.purpose, 'party',
    r.party, 'status', r.status, 'opened_at', r.opened_at, 'opened_seq', r.opened_seq, 'clock_from', r.clock_from,
    'due_on', r.due_on, 'due_at', r.due_at, 'time_zone', r.time_zone, 'answered_at', r.answered_at, 'answered_seq',
    r.answered_seq, 'answered_with', r.answered_with, 'days_late', r.days_late, 'paused_days', r.paused_days,
    'original_due_on', r.original_due_on, 'missed_due_on', r.missed_due_on,
    'continues_id', r.continues_id, 'rule', r.rule, 'case_number', c.number, 'case_state', c.state, 'case_version',
    c.version, 'from_code', f.code, 'from_name', {name_on("f", day_of("r.opened_at"))}, 'to_code', g.code,
    'to_name', {name_on("g", day_of("r.opened_at"))}, 'by_code', b.code,
    'by_name', {name_on("b", day_of("r.answered_at"))})), '[]')::text
FROM casefiles_referral r
JOIN casefiles_casefile c ON c.id = r.casefile_id
JOIN agencies_agency f ON f.id = r.from_agency_id
JOIN agencies_agency g ON g.id = r.to_agency_id
LEFT JOIN agencies_agency b ON b.id = r.answered_by_id
WHERE r.casefile_id = t.casefile_id AND r.opened_seq = t.seq
)
"""  # noqa: S608 - composed of constants only
# Nothing is shown, and so no read recorded, where the newest version was erased or a version asked for is none.
_SHOWS = """
shown WHERE seq = (SELECT seq FROM head) AND facts IS NOT NULL
    AND (SELECT coalesce(bool_and(v BETWEEN 1 AND seq), true) FROM unnest(%(versions)s::int[]) v)
"""

# The page's versions, the one before them (of which the first one's changes are counted), the newest, and those asked
# for beside: a page costs what it shows, however long the casefile goes on.
_STEPS = f"""
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
, shown AS MATERIALIZED (
SELECT t.seq, t.name, t.from_state, t.to_state, t.party, t.client, t.occurred_at, t.recorded_at, t.legal_basis,
    t.request_id, e.caller_request_id, a.code, {name_on("a", day_of("t.occurred_at"))} AS agency, v.code AS vendor,
    v.name AS vendor_name, e.uuid, l.index, e.leaf_hash, p.given::text, p.facts::text,
    CASE WHEN t.seq IN (SELECT seq FROM page) THEN {_OPENED} END AS opened, t.seq IN (SELECT seq FROM page) AS of_page
FROM casefiles_transition t
JOIN agencies_agency a ON a.id = t.agency_id
LEFT JOIN agencies_client k ON k.client_id = t.client AND k.agency_id <> t.agency_id
LEFT JOIN agencies_agency v ON v.id = k.agency_id AND 'vendor' = ANY (v.roles)
JOIN audit_entry e ON e.id = t.entry_id
LEFT JOIN audit_leaf l ON l.entry_id = e.id
JOIN casefiles_payload p ON p.casefile_id = t.casefile_id AND p.seq = t.seq AND p.seq >= 1
WHERE t.casefile_id = %(casefile)s AND t.seq <= (SELECT seq FROM head)
  AND (t.seq IN (SELECT seq FROM page) OR t.seq IN (SELECT seq FROM beside))
), {access.noted(_SHOWS)}
SELECT * FROM shown ORDER BY seq
"""  # noqa: S608 - composed of constants only


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """One step as it was recorded, what it was given, and the file after it; `given` is empty where it was erased.

    `index` is the entry's place in the log, None while it has none. `opened` are the referrals it opened, as JSON rows.
    `caller_request_id` is the acting system's own, and for nobody else. `vendor_code` is whose client it was that acted
    for the agency, None where the agency's own. `is_of_page` is false for versions read beside, which come without
    those.
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
    caller_request_id: str
    agency_code: str
    agency_name: str
    vendor_code: str | None
    vendor_name: str | None
    entry: UUID
    index: int | None
    leaf_hash: bytes
    given: Mapping[str, Any]
    facts: Mapping[str, Any]
    opened: tuple[Mapping[str, Any], ...]
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


def kept_versions(casefile: UUID, wanted: Wanted, *, read: access.Read) -> tuple[KeptVersion, ...]:
    """The versions wanted, the one before the page, and the newest, oldest first, in one statement.

    The caller has asked for sight of the casefile before. The `read` is recorded where something is shown. Raises
    Erased where the newest has no content any more.
    """
    beside = tuple(wanted.beside)
    with connection.cursor() as cursor:
        cursor.execute(
            _STEPS,
            {
                **access.parameters_of(read),
                "casefile": casefile,
                "until": wanted.until,
                "first": wanted.first,
                "most": wanted.most,
                "from": wanted.from_,
                "to": wanted.to,
                "versions": [min(max(moment, 0), MOST_VERSIONS) for moment in beside if isinstance(moment, int)],
                "instants": [moment for moment in beside if isinstance(moment, datetime)],
            },
        )
        rows = cursor.fetchall()
    versions = tuple(_kept(row) for row in rows)
    if not versions or not versions[-1].facts:
        raise Erased
    return versions


def _kept(row: tuple[Any, ...]) -> KeptVersion:
    *columns, leaf_hash, given, facts, opened, is_of_page = row
    read = (orjson.loads(given) if given else {}, orjson.loads(facts) if facts else {})
    referrals = tuple(orjson.loads(opened)) if opened else ()
    values: tuple[Any, ...] = (*columns, bytes(leaf_hash), *read, referrals, is_of_page)
    return KeptVersion(*values)
