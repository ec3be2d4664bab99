"""How many casefiles and referrals there are, for the operator's monitoring: numbers of no casefile in particular."""

from __future__ import annotations

from django.db import connection

OVERDUE = "status = 'open' AND (due_at <= now() OR missed_due_on IS NOT NULL)"
"""A condition on `casefiles_referral`: open past its due time, or having missed a due day."""


def casefiles_by_state() -> dict[str, int]:
    """How many casefiles stand in each state that occurs, by the state's name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM casefiles_casefile GROUP BY state ORDER BY state")
        return dict(cursor.fetchall())


def referrals_overdue() -> int:
    """How many referrals are overdue now, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM casefiles_referral WHERE {OVERDUE}")  # noqa: S608 - a constant
        return int(cursor.fetchone()[0])
