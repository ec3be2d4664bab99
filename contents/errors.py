"""What this package refuses. The door's table turns each into a problem."""

from __future__ import annotations

from typing import Literal


class ContentError(Exception):
    """A content was not taken in, or is not given out."""


class NotOffered(ContentError):
    """This installation keeps descriptors only (`LINTAS_CONTENTS` is empty)."""


class LogPaused(ContentError):
    """The log takes no entries now, and an upload is one; `why` is the log's reason."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotYours(ContentError):
    """The document is another agency's: its owner alone brings its content."""


class NotAccepted(ContentError):
    """The descriptor names a media type that is not taken in."""


class TooLarge(ContentError):
    """The content is larger than any that is taken in."""


Difference = Literal["digest", "length"]


class Differs(ContentError):
    """What was sent is not what the descriptor describes; `by` says what tells so."""

    def __init__(self, *by: Difference) -> None:
        super().__init__(", ".join(by))
        self.by = by


class Damaged(ContentError):
    """The bytes that came are not those that the request's digest announced."""


class NotWhatItSays(ContentError):
    """The bytes do not begin as a file of the descriptor's media type does."""


class OverQuota(ContentError):
    """The agency has as many bytes here as it may have; both in bytes."""

    def __init__(self, *, used: int, most: int) -> None:
        super().__init__(f"{used} of {most}")
        self.used, self.most = used, most


class NoRoom(ContentError):
    """The disk of the contents is full."""


class StoreDown(ContentError):
    """The store of the contents cannot be reached."""


class Absent(ContentError):
    """The document has no content here."""


class NotClean(ContentError):
    """The content has not been found clean, and does not leave; `status` says how it stands."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Unreadable(ContentError):
    """What is kept cannot be read: the file is gone or was changed, or its key is not in the key file."""


class Misconfigured(ContentError):
    """The settings do not let contents be kept; the message says what to type."""
