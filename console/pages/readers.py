"""Recorded reads in words. A person is named to their own agency; to others they are somebody of theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from agencies import queries as directory
from agencies.actor import Actor
from audit.models import Access
from console import telling, words
from people import persons


@dataclass(frozen=True, slots=True)
class Reader:
    """One read: when, by whom (`who` is empty for another agency's person), where, for what, and what was shown."""

    at: str
    agency: str
    who: str
    is_person: bool
    route: str
    purpose: str
    shown: Sequence[UUID]


def told(rows: Sequence[Access], *, actor: Actor, with_names: bool = True) -> list[Reader]:
    """Those reads, in their order. Without names the agency's own persons are told by their number."""
    agencies = directory.codes_and_names({row.agency for row in rows})
    clients = [row.client for row in rows if row.agency == actor.agency_id]
    own = persons.names(clients) if with_names else {client: client for client in clients}
    systems = {row.client for row in rows if not row.client.startswith(persons.CLIENT)}
    vendors = directory.vendors(systems) if systems else {}
    return [
        Reader(
            at=telling.instant(row.at),
            agency=agencies.get(row.agency, ("", ""))[1],
            who=own.get(row.client) or _system(row.client, vendors),
            is_person=row.client.startswith(persons.CLIENT),
            route=row.route,
            purpose=words.code("reading_purpose", row.purpose),
            shown=row.shown,
        )
        for row in rows
    ]


def _system(client: str, vendors: Mapping[str, tuple[str, str]]) -> str:
    """A system's id, and whose it is where that is a vendor; empty for a person."""
    if client.startswith(persons.CLIENT):
        return ""
    return f"{client}, {vendors[client][1]}" if client in vendors else client
