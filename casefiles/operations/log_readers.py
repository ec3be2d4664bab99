"""Who reads which streams of the log beside the casefiles that they had sight of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from agencies import calendar, mandates, queries
from agencies.actor import Actor
from audit import holds, log, months, reading
from audit.reading import Reader
from casefiles.catalogue import versions
from casefiles.operations import erasure

# What is public of its own nature: who examines when, which days are off, the law as data, the log's own keys.
PUBLIC: Mapping[str, UUID] = MappingProxyType(
    {
        "mandates": mandates.STREAM,
        "calendar": calendar.STREAM,
        "catalogue": versions.STREAM,
        "log": log.STREAM,
    }
)
# Who ordered that which case's content be erased, and why; what is held; which months of reads ended: for auditors, who
# see every case.
FOR_AUDITORS: Mapping[str, UUID] = MappingProxyType(
    {"erasures": erasure.STREAM, "holds": holds.STREAM, "ended-reads": months.STREAM}
)


def streams_named(name: str, actor: Actor) -> tuple[UUID, ...] | None:
    """The streams of that name, None where the actor may not read them.

    An agency reads what is told of itself and of its people, so that it can look for what it did not expect
    (`lintas-verify watch --agency`). A vendor's client is told neither of the agency that it serves.
    """
    if name in ("agency", "people"):
        if actor.vendor is not None:
            return None
        if name == "agency":
            return (queries.stream_of(actor.agency_id),)
        return reading.streams_of_people(actor.agency_code)
    named = PUBLIC.get(name) or (FOR_AUDITORS.get(name) if actor.is_auditor else None)
    return None if named is None else (named,)


def reader_of(actor: Actor) -> Reader:
    """The actor's agency as a reader of the log, with the public streams and the agency's own. One statement.

    A vendor's client is not told which other clients and vendors the agency has.
    """
    own = () if actor.vendor is not None else (queries.stream_of(actor.agency_id),)
    return Reader(
        code=actor.agency_code,
        agency=actor.agency_id,
        reads_all=actor.is_auditor,
        streams=(*PUBLIC.values(), *own),
    )
