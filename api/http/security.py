"""Forged assertions, bad tokens and refused scopes: a line of the security log each, a counter, and an alarm.

A line names the event and the codes of what was wrong, the request's id, the route, the client where it has proven
itself, and a digest of the address.
It holds no token, no name that a stranger gave and no address; the proxy's own log has that, under the request's id.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api.http import caller_ids
from api.http.addresses import address_of, digest
from api.http.throttling import REFUSED_TOO_OFTEN
from api.models import SecurityEvent

logger = logging.getLogger("lintas.security")

WINDOW_S: Final = 600
"""Seconds over which the alarm counts."""
LINES_A_SECOND: Final = 20
"""Lines that one process writes of one event in a second; the counter counts the others too."""

FORGED: Final = frozenset({"not-recognised", "replayed", "key-revoked", "client-inactive"})
"""What is wrong with an assertion that was made by somebody who may not make it."""

EVENTS: Final = {
    "assertion-forged": "Assertions that no valid key of the client made, or that were sent twice",
    "assertion-refused": "Assertions with another fault: a wrong clock, audience or form",
    "token-refused": "Tokens that do not exist or were revoked",
    "proof-refused": "Proofs of a token's key (DPoP) that are missing or do not hold",
    "scope-refused": "Calls and token requests beyond the client's scopes",
    "signature-refused": "Writes that are signed, and whose signature does not hold",
    "token-requests-limited": "Token requests beyond the limit",
    "refusals-limited": "Proofs and signatures that were refused beyond the limit",
}
_EVENT_OF: Final = {
    "invalid-client": "assertion-refused",
    "token-invalid": "token-refused",
    "delegation-ended": "token-refused",
    "dpop-proof-refused": "proof-refused",
    "invalid-dpop-proof": "proof-refused",
    "signature-refused": "signature-refused",
    "insufficient-scope": "scope-refused",
    "invalid-scope": "scope-refused",
    # A vendor's client that asks for an employer who did not let it.
    "invalid-target": "scope-refused",
    "not-delegated": "scope-refused",
}


class _Lines:
    """How many lines of each event were written in this second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._second = 0
        self._written: Counter[str] = Counter()

    def has_room(self, event: str) -> bool:
        """Whether one more line may be written now; it counts as written."""
        with self._lock:
            second = int(time.monotonic())
            if second != self._second:
                self._second = second
                self._written.clear()
            self._written[event] += 1
            return self._written[event] <= LINES_A_SECOND


_lines: Final = _Lines()


@dataclass(frozen=True, slots=True)
class Seen:
    """An event, how often it was seen in all, and how often in the newest window of ten minutes."""

    event: str
    total: int
    recent: int


def event_of(code: str, reasons: Sequence[str], *, request: HttpRequest) -> str | None:
    """The security event that a refusal with this code and these reasons is, or None where it is none."""
    if code == "rate-limited":
        if request.path.startswith("/oauth/"):
            return "token-requests-limited"
        return "refusals-limited" if REFUSED_TOO_OFTEN in request.META else None
    event = _EVENT_OF.get(code)
    return "assertion-forged" if event == "assertion-refused" and FORGED.intersection(reasons) else event


def note(request: HttpRequest, response: HttpResponseBase) -> None:
    """Log and count the answer where it is a refusal that security is interested in. Never fails."""
    code, reasons = getattr(response, "refused_with", ("", ()))
    note_refusal(request, code, reasons, status=response.status_code)


def note_refusal(request: HttpRequest, code: str, reasons: Sequence[str], *, status: int) -> None:
    """The same for a refusal inside of an answer. Never fails.

    `reasons` are the codes of what is wrong, never what was sent.
    """
    event = event_of(code, reasons, request=request)
    if event is None:
        return
    if _lines.has_room(event):
        route = getattr(request.resolver_match, "route", "")
        logger.warning(
            event,
            extra={
                "request_id": str(getattr(request, "request_id", "-")),
                "caller_request_id": caller_ids.of(request) or None,
                "route": route,
                "status": status,
                "reasons": list(reasons) or None,
                "client": request.META.get("lintas.client"),
                "source": digest("address", address_of(request)).hex()[:12],
            },
        )
    with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
        cursor.execute(_COUNT, {"event": event, "window": WINDOW_S})


def seen() -> list[Seen]:
    """Every event that was ever counted, in the order of `EVENTS`; those that never were, with zeros."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, {"window": WINDOW_S})
        rows = {event: (total, recent) for event, total, recent in cursor.fetchall()}
    return [Seen(event, *rows.get(event, (0, 0))) for event in EVENTS]


def complaints(events: Sequence[Seen]) -> list[str]:
    """What an operator must look at: an event more often than `LINTAS_SECURITY_ALARM` in ten minutes."""
    return [
        f"security: {event.event} {event.recent} times in ten minutes: "
        "see the lines of lintas.security in the web's log"
        for event in events
        if event.recent >= settings.LINTAS_SECURITY_ALARM
    ]


# Nobody waits for a counter: its commit is not flushed, and the row's lock is held for that statement only.
_TABLE = SecurityEvent._meta.db_table
_COUNT = f"""
    WITH unhurried AS (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO {_TABLE} AS seen (event, total, recent, since)
    SELECT %(event)s, 1, 1, clock_timestamp() FROM unhurried
    ON CONFLICT (event) DO UPDATE SET total = seen.total + 1,
        recent = CASE WHEN abs(extract(epoch FROM clock_timestamp() - seen.since)) < %(window)s
                 THEN seen.recent + 1 ELSE 1 END,
        since = CASE WHEN abs(extract(epoch FROM clock_timestamp() - seen.since)) < %(window)s
                THEN seen.since ELSE clock_timestamp() END
"""  # noqa: S608 - a constant table name
_SEEN = f"""
    SELECT event, total,
           CASE WHEN abs(extract(epoch FROM clock_timestamp() - since)) < %(window)s THEN recent ELSE 0 END
    FROM {_TABLE}
"""  # noqa: S608 - a constant table name
