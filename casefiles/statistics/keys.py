"""How a version `h` of a casefile is read by each dimension; what it says in its content is read from its payload `p`.

A dimension that reads the content knows nothing of what was erased: such casefiles stand under the key null, and an
answer says how many they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.db import connection

from casefiles.statistics import sbt
from casefiles.statistics.measures import Counting, DimensionName

# The longest delay of a turn that had been answered by then, and was not wrongly addressed. Days are the holder's.
_LATE: Final = """
(
    SELECT CASE WHEN max(late.days) <= 0 THEN '0' WHEN max(late.days) <= 7 THEN '1-7' WHEN max(late.days) <= 30
        THEN '8-30' WHEN max(late.days) > 30 THEN '31+' END
    FROM (
        SELECT (r.answered_at AT TIME ZONE r.time_zone)::date - r.due_on AS days FROM casefiles_referral r
        WHERE r.casefile_id = h.id AND r.answered_seq <= h.version
            AND NOT coalesce(p.facts->'voided_referrals', '[]'::jsonb) @> to_jsonb(r.id::text)
    ) late
)
"""

# All that a snapshot reads of the content at once, because to unpack a payload costs more than to count it:
# [position_kind, sanction, [channel…], [interaction…]].
_MIX: Final = """
(
    SELECT jsonb_build_array(
        f.subject->>'position_kind', CASE WHEN f.sanction->>'annulled_on' IS NULL THEN f.sanction->>'sanction' END,
        ARRAY(SELECT DISTINCT v->>'channel' FROM jsonb_array_elements(coalesce(f.violations, '[]')) v
            WHERE v->>'channel' IS NOT NULL ORDER BY 1),
        ARRAY(SELECT DISTINCT v->>'interaction' FROM jsonb_array_elements(coalesce(f.violations, '[]')) v
            WHERE v->>'interaction' IS NOT NULL ORDER BY 1)
    )::text FROM jsonb_to_record(coalesce(p.facts, '{}')) f(subject jsonb, sanction jsonb, violations jsonb)
)
"""

KEYS: Final[Mapping[Counting, str]] = {
    "state": "h.state",
    "outcome": "nullif(h.outcome, '')",
    "election": "nullif(h.election, '')",
    "form": "f.form",
    "violation_class": "nullif(h.violation_class, '')",
    "submitter": "h.submitter_id::text",
    "examiner": "h.examiner_id::text",
    "employer": "h.employer_id::text",
    "employer_level": "(SELECT a.level FROM agencies_agency a WHERE a.id = h.employer_id)",
    "overdue": "h.overdue_level::text",
    "data_block": "h.data_block",
    "month": "to_char(h.created_at AT TIME ZONE 'Asia/Jakarta', 'YYYY-MM')",
    # What was never followed up, or is not closed, need not be read.
    "sanction": "CASE WHEN b.followed_up IS NOT NULL AND p.facts->'sanction'->>'annulled_on' IS NULL "
    "THEN p.facts->'sanction'->>'sanction' END",
    "reason": "CASE WHEN h.state = 'closed' THEN p.facts->'closing'->'reason'->>'code' END",
    "position_kind": "p.facts->'subject'->>'position_kind'",
    "channel": "of_channel.code",
    "interaction": "of_interaction.code",
    "lateness": _LATE,
    "sbt_status": sbt.key_in_sql(),
    "mix": _MIX,
}

# A day in Jakarta, which has been seven hours ahead of UTC since 1964: arithmetic, where a zone would be looked up for
# each casefile. Every day lies in one month.
_DAY_OF_JAKARTA: Final = "date_bin('1 day', h.created_at, timestamptz '2000-01-01 00:00+07')"
RAW: Final[Mapping[Counting, tuple[str, str]]] = {
    "submitter": ("h.submitter_id", "{}::text"),
    "examiner": ("h.examiner_id", "{}::text"),
    "employer": ("h.employer_id", "{}::text"),
    "employer_level": ("h.employer_id", "(SELECT a.level FROM agencies_agency a WHERE a.id = {})"),
    "overdue": ("h.overdue_level", "{}::text"),
    "month": (_DAY_OF_JAKARTA, "to_char({} AT TIME ZONE 'Asia/Jakarta', 'YYYY-MM')"),
}
"""What is cheaper to group by than the key, and the key made of it: of a group, not of each casefile."""


def _said_of_violations(member: str) -> str:
    return (
        f"LEFT JOIN LATERAL (SELECT DISTINCT v->>'{member}' AS code "  # noqa: S608 - constants
        "FROM jsonb_array_elements(CASE jsonb_typeof(p.facts->'violations') WHEN 'array' THEN p.facts->'violations' "
        f"ELSE '[]' END) v WHERE v->>'{member}' IS NOT NULL) of_{member} ON true"
    )


PAYLOAD: Final = "JOIN casefiles_payload p ON p.casefile_id = h.id AND p.seq = h.version AND p.seq >= 1"
BESIDE: Final[Mapping[Counting, str]] = {
    "form": "LEFT JOIN LATERAL unnest(h.forms) f(form) ON true",
    "channel": _said_of_violations("channel"),
    "interaction": _said_of_violations("interaction"),
}
"""What is joined for a dimension of which a casefile may have several keys."""

OF_CONTENT: Final[frozenset[Counting]] = frozenset(
    {"sanction", "reason", "position_kind", "channel", "interaction", "lateness", "sbt_status", "mix"}
)
"""Dimensions that read the payload."""

# What may be asked to pass, and how.
FILTERS: Final[Mapping[DimensionName, str]] = {
    "state": "h.state = ANY(%s)",
    "outcome": "h.outcome = ANY(%s)",
    "election": "h.election = ANY(%s)",
    "form": "h.forms && %s::varchar[]",
    "violation_class": "h.violation_class = ANY(%s)",
    "submitter": "h.submitter_id IN (SELECT id FROM agencies_agency WHERE code = ANY(%s))",
    "examiner": "h.examiner_id IN (SELECT id FROM agencies_agency WHERE code = ANY(%s))",
    "employer": "h.employer_id IN (SELECT id FROM agencies_agency WHERE code = ANY(%s))",
}
_DAY: Final = "(h.created_at AT TIME ZONE 'Asia/Jakarta')::date"


def grouped_by(
    by: Sequence[Counting], *, of_groups: bool, known: Mapping[Counting, str]
) -> tuple[list[str], list[str]]:
    """By what is grouped, and the two keys (`k1`, `k2` of `told`) made of it.

    `of_groups`: keys are made once of each group, where a unit stands in one row. `known` keys are read otherwise.
    """
    pairs = [RAW[name] if of_groups and name in RAW else (known.get(name, KEYS[name]), "{}") for name in by]
    pairs += [("NULL::text", "{}")] * (2 - len(pairs))
    return [raw for raw, _ in pairs], [key.format(f"told.k{place}") for place, (_, key) in enumerate(pairs, 1)]


def asked_to_pass(
    filters: Mapping[DimensionName, tuple[str, ...]], *, submitted_from: date | None, submitted_until: date | None
) -> tuple[list[str], list[Any]]:
    """The conditions on a version that filters and days make, with their parameters; the days are half-open."""
    conditions: list[str] = ["true"]
    values: list[Any] = []
    for name, codes in filters.items():
        conditions.append(FILTERS[name])
        values.append(list(codes))
    for comparison, day in ((">=", submitted_from), ("<", submitted_until)):
        if day is not None:
            conditions.append(f"{_DAY} {comparison} %s")
            values.append(day)
    return conditions, values


def codes_of(keys: Collection[str | None]) -> dict[str | None, tuple[str, str]]:
    """Code and name of agencies by their primary keys as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id::text, code, name FROM agencies_agency WHERE id = ANY(%s)",
            [[int(key) for key in keys if key is not None]],
        )
        return {key: (code, name) for key, code, name in cursor.fetchall()}
