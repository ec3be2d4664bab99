"""Who is who: what an agency is to one loaded casefile, offices above and overseers included."""

from __future__ import annotations

from agencies.actor import Actor
from casefiles.flow import Party
from casefiles.flow import parties as flow_parties
from casefiles.flow.routing import is_province_above
from casefiles.transitions.columns import Columns
from casefiles.transitions.loaded import Loaded

DELEGATED = frozenset({Party.EMPLOYER, Party.ADDRESSEE})
"""As which parties a vendor acts for an employer."""


def holders_of(columns: Columns) -> dict[Party, int]:
    """The agencies that hold a place in the casefile's row, by primary key."""
    return flow_parties.holders(columns.submitter_id, columns.examiner_id, columns.employer_id, columns.addressee_id)


def parties_of(loaded: Loaded, actor: Actor) -> frozenset[Party]:
    """What the actor's agency is to this casefile; one agency may be several parties."""
    found = set(flow_parties.parties_of(actor.agency_id, holders_of(loaded.columns), actor.roles))
    if actor.agency_id in loaded.context.superiors:
        found.add(Party.SUPERIOR_OFFICE)
    if actor.roles & flow_parties.OVERSEES or governs(loaded, actor.agency_id):
        found.add(Party.OVERSIGHT)
    # Whatever else the agency is to the casefile, it has delegated what an employer does.
    return frozenset(found & DELEGATED if actor.vendor is not None else found)


def governs(loaded: Loaded, agency: int) -> bool:
    """Whether that agency is the province (the governor) above the government that employs or is obliged."""
    agencies, held = loaded.context.agencies, holders_of(loaded.columns)
    acting = agencies.get(agency)
    below = [agencies[held[party]] for party in (Party.EMPLOYER, Party.ADDRESSEE) if party in held]
    return acting is not None and any(is_province_above(acting, government) for government in below)
