"""Each page that shows casefiles is a read, recorded with person and purpose before anything is shown."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from audit import access
from console.http import PageRequest


def read(request: PageRequest, *, route: str, shown: Iterable[UUID] = ()) -> access.Read:
    """The read that a statement records which shows what was asked for (`audit.access.noted`).

    `route` is the template of the page's path: no id, no search term.
    """
    return access.Read(
        at=request.now,
        request_id=request.request_id,
        agency=request.actor.agency_id,
        client=request.actor.client_id,
        route=f"console:{route}",
        purpose=request.purpose,
        shown=tuple(shown),
    )


def record(request: PageRequest, *, route: str, shown: Iterable[UUID]) -> None:
    """Record it. Raises DatabaseError where it cannot be recorded: then nothing is shown."""
    said = read(request, route=route, shown=shown)
    access.record(
        at=said.at,
        request_id=said.request_id,
        agency=said.agency,
        client=said.client,
        route=said.route,
        purpose=said.purpose,
        shown=said.shown,
    )
