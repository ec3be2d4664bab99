"""The id that a caller, or a proxy on the way, gave its request: kept beside ours, and never in its place."""

from __future__ import annotations

import re
from typing import Final

from django.http import HttpRequest

from casefiles import personal_numbers

HEADER: Final = "X-Request-Id"
ANSWERED_AS: Final = "X-Caller-Request-Id"

LONGEST: Final = 64
_ID: Final = re.compile(rf"[0-9A-Za-z][0-9A-Za-z._:=/+-]{{0,{LONGEST - 1}}}")


def of(request: HttpRequest) -> str:
    """The id as it is kept: up to 64 letters, digits and `._:=/+-`; "" where none was sent, or one that is not kept.

    Nothing is refused for it, as a proxy may have drawn it. What reads as a NIP or NIK would outlive the erasure of
    what it was sent with, and anything else might say anything. Whether it was kept, the answer's header tells.
    """
    sent = request.headers.get(HEADER, "")
    return sent if _ID.fullmatch(sent) and not personal_numbers.is_or_could_be_in(sent) else ""
