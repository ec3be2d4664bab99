"""The record of reads: one row per request, with the ids that were shown, the purpose and the client."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection


def record(
    *,
    at: datetime,
    request_id: UUID,
    agency: int,
    client: str,
    route: str,
    purpose: str,
    shown: Iterable[UUID],
) -> None:
    """Record one reading request. `route` is the path's template, never the path: no id, no search term."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_access (at, request_id, agency, client, route, purpose, shown) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [at, request_id, agency, client, route, purpose, list(shown)],
        )
