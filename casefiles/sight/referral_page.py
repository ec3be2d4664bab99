"""A page of referrals as bytes: PostgreSQL writes each as the list shows it, and the read is recorded with it.

`api.v1.presenting.referral` writes the same of a row, for timelines; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final, Literal

import orjson
from django.db import connection

from agencies.naming import day_of, name_on
from audit import access
from audit.ledger import instant
from casefiles import flow
from casefiles.flow import Party, State
from casefiles.queries import ReferralQuerySet

RULE: Final = (
    "code", "days", "day_basis", "starts_from", "clock_from", "counted_to", "time_zone", "source", "legal_basis",
    "certainty", "calendar_version", "skipped", "beyond_calendar", "resumed", "pauses",
)  # fmt: skip
"""How a deadline was counted, in the order in which it is written; JSONB does not keep one."""
MOVED: Final = ("seq", "cause", "due_from", "due_to", "calendar_from", "calendar_to")


@dataclass(frozen=True, slots=True)
class ReferralPage:
    """The items of a page as one JSON list, and the position of the last one where more follow."""

    items: bytes
    last: tuple[str, str] | None


def page_of(
    rows: ReferralQuerySet, *, limit: int, now: datetime, language: Literal["id", "en"], read: access.Read
) -> ReferralPage:
    """The first `limit` of the rows, which are in the order of due instant and id; the `read` of them is recorded."""
    inner, given = rows.values("id", "due_at", "casefile_id")[: limit + 1].query.sql_with_params()
    parameters = {
        **access.parameters_of(read),
        **{f"row_{place}": value for place, value in enumerate(given)},
        "limit": limit,
        "now": now,
        "expects": _expectations(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_statement(inner, len(given), language), parameters)
        ((items, found, due_at, ident),) = cursor.fetchall()
    return ReferralPage(items.encode(), last=(instant(due_at), str(ident)) if found > limit else None)


@cache
def _expectations() -> str:
    """What an open referral to each party expects in each state, as JSON."""
    return orjson.dumps(
        {str(party): {str(state): flow.expected_of(party, state) for state in State} for party in Party}
    ).decode()


@cache
def _statement(inner: str, given: int, language: str) -> str:
    """The statement for rows that are chosen so, whose parameters get names to stand beside the others."""
    named = inner % tuple(f"%(row_{place})s" for place in range(given))
    return f"""
WITH found AS MATERIALIZED ({named}), page AS MATERIALIZED (
    SELECT id, due_at, casefile_id, row_number() OVER (ORDER BY due_at, id) AS place FROM found
), {access.noted("(SELECT) once", shown=_SHOWN)}
SELECT (SELECT coalesce(json_agg({_item(language)} ORDER BY page.place), '[]') {_JOINED})::text,
    (SELECT count(*) FROM page), last.due_at, last.id
FROM (SELECT) once LEFT JOIN page last ON last.place = %(limit)s
"""  # noqa: S608 - composed of constants, and of what the ORM writes


_SHOWN: Final = (
    "(SELECT coalesce(array_agg(casefile_id ORDER BY place), '{}'::uuid[]) FROM page WHERE place <= %(limit)s)"
)
_JOINED: Final = """
FROM page
JOIN casefiles_referral r ON r.id = page.id
JOIN casefiles_casefile c ON c.id = r.casefile_id
JOIN agencies_agency f ON f.id = r.from_agency_id
JOIN agencies_agency g ON g.id = r.to_agency_id
LEFT JOIN agencies_agency b ON b.id = r.answered_by_id
CROSS JOIN LATERAL jsonb_to_record(r.rule) AS rule(
    code jsonb, days jsonb, day_basis jsonb, starts_from jsonb, clock_from jsonb, counted_to jsonb, time_zone jsonb,
    source jsonb, legal_basis jsonb, certainty jsonb, calendar_version jsonb, skipped jsonb, beyond_calendar jsonb,
    resumed jsonb, pauses jsonb, moved jsonb, explanation_id jsonb, explanation_en jsonb)
WHERE page.place <= %(limit)s
"""


def _item(language: str) -> str:
    answered_by = _object(code="b.code", name=name_on("b", day_of("r.answered_at")))
    is_open = "r.status = 'open'"
    late = "(%(now)s::timestamptz AT TIME ZONE r.time_zone)::date - coalesce(r.missed_due_on, r.due_on)"
    return _object(
        id="r.id",
        casefile=_object(
            id="c.id",
            number="c.number",
            state="c.state",
            version="c.version",
            href="'/api/v1/casefiles/' || c.id",
        ),
        purpose="r.purpose",
        party="r.party",
        **{"from": _object(code="f.code", name=name_on("f", day_of("r.opened_at")))},
        to=_object(code="g.code", name=name_on("g", day_of("r.opened_at"))),
        status="r.status",
        opened_at=_instant("r.opened_at"),
        clock_from="r.clock_from",
        due_on="r.due_on",
        original_due_on="r.original_due_on",
        missed_due_on="r.missed_due_on",
        due_at=_instant("r.due_at"),
        time_zone="r.time_zone",
        overdue=f"({is_open} AND (r.missed_due_on IS NOT NULL OR %(now)s::timestamptz >= r.due_at))",
        answered_at=_instant("r.answered_at"),
        answered_by=f"CASE WHEN b.id IS NOT NULL THEN {answered_by} END",
        answered_with="nullif(r.answered_with, '')",
        days_late=f"CASE WHEN {is_open} THEN greatest(0, {late}) ELSE r.days_late END",
        paused_days="r.paused_days",
        continues="r.continues_id",
        rule=_object(
            **{name: f"rule.{name}" for name in RULE},
            moved=_MOVES,
            explanation=f"rule.explanation_{language}",
        ),
        expects=f"CASE WHEN {is_open} THEN %(expects)s::jsonb -> r.party -> c.state ELSE '[]' END",
    )


def _object(**members: str) -> str:
    listed = ", ".join(f"'{name}', {value}" for name, value in members.items())
    return f"json_build_object({listed})"


def _instant(column: str) -> str:
    """As `audit.ledger.instant` spells it."""
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""


def _moved() -> Iterator[str]:
    # Rules kept before moves said their cause were moved by calendars only.
    for name in MOVED:
        yield f"'{name}', coalesce(move->'{name}', '\"recompute\"')"


# Most have none, and for those nothing is aggregated.
_MOVES: Final = f"""
CASE WHEN rule.moved IS NULL OR rule.moved = '[]' THEN '[]'::json ELSE (
    SELECT json_agg(json_build_object({", ".join(_moved())})) FROM jsonb_array_elements(rule.moved) move
) END
"""  # noqa: S608 - composed of constants only
