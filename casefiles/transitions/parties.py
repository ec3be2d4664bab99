"""Who is who: what an agency is to one casefile."""

from __future__ import annotations

from agencies.actor import Actor
from casefiles.flow import Party
from casefiles.flow.routing import is_province_above
from casefiles.transitions.loaded import Loaded
from casefiles.transitions.step_referrals import ROLE_OF

OVERSEES = frozenset({"civil_service_agency", "home_affairs", "policy_ministry"})


def parties_of(loaded: Loaded, actor: Actor) -> frozenset[Party]:
    """What the actor's agency is to this casefile; one agency may be several parties."""
    found: set[Party] = set()
    for party, agency in (
        (Party.SUBMITTER, loaded.submitter),
        (Party.EXAMINER, loaded.examiner),
        (Party.EMPLOYER, loaded.employer),
        (Party.ADDRESSEE, loaded.addressee),
    ):
        if agency == actor.agency_id:
            found.add(party)
    for party, role in ROLE_OF.items():
        if role in actor.roles:
            found.add(party)
    if actor.agency_id in loaded.superiors:
        found.add(Party.SUPERIOR_OFFICE)
    if actor.roles & OVERSEES or governs(loaded, actor.agency_id):
        found.add(Party.OVERSIGHT)
    return frozenset(found)


def governs(loaded: Loaded, agency: int) -> bool:
    """Whether that agency is the province (the governor) above the government that employs or is obliged."""
    acting = loaded.agencies.get(agency)
    below = [loaded.agencies[pk] for pk in (loaded.employer, loaded.addressee) if pk is not None]
    return acting is not None and any(is_province_above(acting, other) for other in below)
