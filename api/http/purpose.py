"""`Lintas-Purpose`: for what a caller reads, as a code of the catalogue's list `reading_purpose`."""

from __future__ import annotations

from api.http.problems import ErrorItem, Problem
from casefiles.catalogue import book

HEADER = "Lintas-Purpose"


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
