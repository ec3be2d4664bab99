"""How much one person may ask of the desk: the API's buckets, counted for the person and not for their browser.

A person reads before they act, so the quota is small. It keeps a script in somebody's session from filling the log, and
from trying bodies against the rules as fast as the server can.
"""

from __future__ import annotations

import math
from typing import Final
from uuid import UUID

from django.conf import settings

from api.http import throttling
from api.http.addresses import digest
from api.http.language import Wording
from api.http.problems import Problem
from console.desk.connection import as_desk

ACTS: Final = "acts of a person"
PAPERS: Final = "papers of a person"


def check(person: UUID, what: str, *, permits: int = 1) -> None:
    """Take so many permits of that person. Raises Problem `rate-limited`, which says when to come back.

    `LINTAS_DESK_RATE_PER_SECOND` (default 1; 0 switches the limit off) and `LINTAS_DESK_BURST` (default 60). What is
    only tried counts as what is performed does: it costs as much.
    """
    rate, burst = settings.LINTAS_DESK_RATE_PER_SECOND, max(settings.LINTAS_DESK_BURST, 1)
    if rate <= 0:
        return
    # In a transaction of its own: what is refused counts, too.
    with as_desk():
        taken = throttling.REFUSALS.take(digest(what, str(person)), permits=permits, rate=rate, burst=burst)
    if taken.wait > 0:
        seconds = max(1, math.ceil(taken.wait))
        raise Problem("rate-limited", detail=_said(seconds), headers={"Retry-After": str(seconds)})


def _said(seconds: int) -> Wording:
    return Wording(
        id=f"Terlalu banyak kiriman dari Anda sekaligus. Ulangi {seconds} detik lagi.",
        en=f"Too much came from you at once. Send it again in {seconds} s.",
    )
