"""Who stands above whom: the one answer for agencies that were brought along, by the parent that each names.

In the database `agencies.ancestry` answers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from casefiles.flow.grammar import AgencyView


def above(agency: AgencyView | None, brought: Iterable[AgencyView]) -> Iterator[AgencyView]:
    """The agencies above that one, nearest first, up to the highest that was brought along."""
    known = {one.pk: one for one in brought}
    seen: set[int] = set()
    while agency is not None and agency.parent is not None and agency.parent not in seen:
        seen.add(agency.parent)
        agency = known.get(agency.parent)
        if agency is not None:
            yield agency
