"""A lock for who counts rows and then adds one: without it, two at once pass a limit that allows one more."""

from __future__ import annotations

from django.db import connection


def one_at_a_time(what: str) -> None:
    """Whoever names the same waits until this transaction ends. `what` says the kind and the id: `views of 7`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [what])
