"""Who stands above whom, as statements ask it: an agency, its parent, that one's parent, up to the top.

For agencies that a statement brought along `casefiles.flow.offices` answers it.
"""

from __future__ import annotations


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
