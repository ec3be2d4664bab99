"""`Lintas-Purpose`: for what a caller reads, as a code of the catalogue's list `reading_purpose`."""

from __future__ import annotations

from agencies.actor import Actor
from api.http.problems import ErrorItem, Problem
from casefiles.catalogue import book

HEADER = "Lintas-Purpose"


def of(header: str | None, actor: Actor) -> str:
    """What the actor reads for: what the header says, else its default. Raises the problems of `read`.

    Raises Problem `purpose-not-delegated` where a vendor's client reads for what its employer has not delegated.
    """
    asked = read(header) or actor.default_purpose
    if actor.vendor is not None and asked not in actor.vendor.purposes:
        raise Problem("purpose-not-delegated", params={"purposes": ", ".join(sorted(actor.vendor.purposes))})
    return asked


def read(header: str | None) -> str | None:
    """The code in the header; None where there is none. Raises Problem `purpose-unknown`, for an empty one too."""
    if header is None:
        return None
    given = header.strip()
    known = book.load()
    if known.has("reading_purpose", given):
        return given
    near = known.nearest("reading_purpose", given)
    members = {"did_you_mean": near} if near else {"allowed": list(known.codes("reading_purpose"))}
    item = ErrorItem("unknown-code", parameter=HEADER, params={"list": "reading_purpose"}, members=members)
    raise Problem("purpose-unknown", errors=[item])
