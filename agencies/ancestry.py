"""Who stands above whom, as the database is asked: the one answer for statements and for querysets.

For agencies that a statement brought along `casefiles.flow.offices` answers it.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from agencies.models import Agency


def and_above(start: str) -> str:
    """A query of the ids of the agencies that meet that condition and of all above them.

    Each parent is looked up by its id, level by level: a join would read the whole directory at each.
    """
    return f"""
    WITH RECURSIVE up(id) AS (
        SELECT id FROM agencies_agency WHERE {start}
        UNION SELECT (SELECT parent_id FROM agencies_agency WHERE id = up.id) FROM up WHERE id IS NOT NULL
    ) SELECT id FROM up WHERE id IS NOT NULL
"""  # noqa: S608 - composed of constants only


# Of many rows at once the question is asked level by level: a regency's office, its province's, the national one.


def is_or_above(who: str, office: str) -> str:
    """A condition: `who` (an id) is the agency of the alias `office`, or one of the two above it."""
    above = f"(SELECT up.parent_id FROM agencies_agency up WHERE up.id = {office}.parent_id)"  # noqa: S608 - an alias
    return f"{who} IN ({office}.id, {office}.parent_id, {above})"


def its_or_below(office: str, agency: int) -> Q:
    """Rows whose `office` (a foreign key's path) is that agency, or one of those up to two levels below it."""
    return Q(**{office: agency}) | Q(**{f"{office}__parent": agency}) | Q(**{f"{office}__parent__parent": agency})


def itself_and_below(agency: int) -> QuerySet[Agency, int]:
    """The ids of that agency and of those up to two levels below it, for use in a query of another table."""
    mine = Q(pk=agency) | Q(parent=agency) | Q(parent__parent=agency)
    return Agency.objects.filter(mine).values_list("pk", flat=True)
