"""What ends: calls that will be taken away, since when that is known, until when they answer, and who makes them.

A row of `ENDINGS` is all there is to do. Its answers carry `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`;
the OpenAPI document marks the operation; each call is counted for the client that makes it. An agency reads its own
under `/me`, the operator all with `manage.py deprecated_calls`, and `/metrics` has sums without clients. The call
answers as before until somebody takes it away: nothing ends by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest
from django.utils.http import http_date

from agencies.actor import Actor
from api.models import DeprecatedCall

NOTICE: Final = timedelta(days=180)
"""The least time between the day on which it is known that a call ends and the day on which it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One operation that ends. `operation` is its operationId; `page` and `successor` are paths of ours.

    It is deprecated at `since`; at `sunset` it may be gone (None: the day is not decided). `page` tells whoever makes
    the call what to do; `successor` is what to call in its place, where there is one.
    """

    operation: str
    since: datetime
    page: str
    sunset: datetime | None = None
    successor: str | None = None

    def fields(self) -> dict[str, str]:
        """The header fields that say so."""
        links = [(self.page, 'rel="deprecation"; type="text/html"')]
        found = {"Deprecation": f"@{int(self.since.timestamp())}"}
        if self.sunset is not None:
            found["Sunset"] = http_date(self.sunset.timestamp())
            links.append((self.page, 'rel="sunset"; type="text/html"'))
        if self.successor is not None:
            links.append((self.successor, 'rel="successor-version"'))
        return {**found, "Link": ", ".join(f"<{settings.LINTAS_BASE_URL}{path}>; {what}" for path, what in links)}


ENDINGS: Sequence[Ending] = ()
"""Nothing ends today."""


def faults(endings: Sequence[Ending], *, operations: Sequence[str]) -> Iterator[str]:
    """What is wrong with the table, given the ids of all operations."""
    named = [ending.operation for ending in endings]
    for ending in endings:
        if ending.operation not in operations:
            yield f"{ending.operation} is no operation"
        if named.count(ending.operation) > 1:
            yield f"{ending.operation} stands there twice"
        if ending.since.tzinfo is None or (ending.sunset is not None and ending.sunset.tzinfo is None):
            yield f"{ending.operation}: an instant without a zone"
        elif ending.sunset is not None and ending.sunset - ending.since < NOTICE:
            yield f"{ending.operation}: less than {NOTICE.days} days from `since` to `sunset`"
        if any(path is not None and not path.startswith("/") for path in (ending.page, ending.successor)):
            yield f"{ending.operation}: page and successor are paths that begin with a slash"


def of(operation: str) -> Ending | None:
    """How that operation ends, if it does."""
    return next((ending for ending in ENDINGS if ending.operation == operation), None)


def tell(request: HttpRequest, operation: str, *, client_pk: int | None) -> None:
    """Where the operation ends, have the answer say so, and count the call for its client.

    A counter that cannot be written stops nobody.
    """
    if not ENDINGS or (ending := of(operation)) is None:
        return
    request.ending = ending  # type: ignore[attr-defined]  # read by `fields_for`
    if client_pk is not None:
        with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute(_COUNT, {"client": client_pk, "operation": operation})


def fields_for(request: HttpRequest) -> dict[str, str]:
    """The fields of what was told of this request; none where the call stays."""
    ending: Ending | None = getattr(request, "ending", None)
    return ending.fields() if ending is not None else {}


def calls(*, to: Actor | None = None) -> list[dict[str, Any]]:
    """Who still makes calls that end, the latest call first: of all clients, or of those that the actor is told of.

    These are its agency's own; a vendor's client that acts for another agency is told of itself.
    """
    endings = {ending.operation: ending for ending in ENDINGS}
    if not endings:
        return []
    rows = DeprecatedCall.objects.filter(operation__in=endings)
    if to is not None and to.vendor is not None:
        rows = rows.filter(client=to.client_pk)
    elif to is not None:
        rows = rows.filter(client__agency=to.agency_id)
    return [
        {
            "operation": row.operation,
            "client": row.client.client_id,
            "calls": row.total,
            "last_at": row.last_at,
            "deprecated_since": endings[row.operation].since,
            "sunset": endings[row.operation].sunset,
            "successor": endings[row.operation].successor,
            "href": endings[row.operation].page,
        }
        for row in rows.select_related("client").order_by("-last_at", "operation")
    ]


def totals() -> dict[str, int]:
    """How often each call that ends was made, by all clients together, for the metrics."""
    found = dict.fromkeys((ending.operation for ending in ENDINGS), 0)
    if found:
        for operation, total in DeprecatedCall.objects.filter(operation__in=found).values_list("operation", "total"):
            found[operation] += total
    return found


# Nobody waits for a counter: its commit is not flushed.
_COUNT: Final = f"""
    WITH unhurried AS (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO {DeprecatedCall._meta.db_table} AS seen (client_id, operation, total, last_at)
    SELECT %(client)s, %(operation)s, 1, clock_timestamp() FROM unhurried
    ON CONFLICT (client_id, operation) DO UPDATE SET total = seen.total + 1, last_at = excluded.last_at
"""  # noqa: S608 - a constant table name
