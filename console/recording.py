"""Each page that shows casefiles is a read, recorded with person and purpose before anything is shown."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from audit import access
from console.http import PageRequest


def record(request: PageRequest, *, route: str, shown: Iterable[UUID]) -> None:
    """Record it. Raises DatabaseError where it cannot be recorded: then nothing is shown.

    `route` is the template of the page's path: no id, no search term.
    """
    access.record(
        at=request.now,
        request_id=request.request_id,
        agency=request.actor.agency_id,
        client=request.actor.client_id,
        route=f"console:{route}",
        purpose=request.purpose,
        shown=shown,
    )
