"""Which agency is which party of a casefile: by a place in the file, by its role, or by where it stands.

The one answer, whoever holds the file: its row names agencies by key, its content by code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final, TypeVar

from casefiles.flow.grammar import Party

A = TypeVar("A", int, str)

HOLDERS: Final = (Party.SUBMITTER, Party.EXAMINER, Party.EMPLOYER, Party.ADDRESSEE)
"""The parties that have a place in the file, in the order in which they are told."""

ROLE_OF: Final[Mapping[Party, str]] = {
    Party.CIVIL_SERVICE_AGENCY: "civil_service_agency",
    Party.APPEAL_BOARD: "appeal_board",
}
"""The parties that an agency is by its role, to every casefile."""

OVERSEES: Final = frozenset({"civil_service_agency", "home_affairs", "policy_ministry"})
"""The roles of those who oversee whoever is late."""


def holders(submitter: A | None, examiner: A | None, employer: A | None, addressee: A | None) -> dict[Party, A]:
    """Who holds which place; places that are empty are left out."""
    held = zip(HOLDERS, (submitter, examiner, employer, addressee), strict=True)
    return {party: agency for party, agency in held if agency is not None}


def parties_of(agency: A, held: Mapping[Party, A], roles: Collection[str]) -> Iterator[Party]:
    """What an agency of those roles is to a casefile: whatever it holds, and what it is by its role."""
    yield from (party for party, holder in held.items() if holder == agency)
    yield from (party for party, role in ROLE_OF.items() if role in roles)
