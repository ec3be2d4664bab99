"""Everything a database holds, as one value: to show that a refusal changed nothing."""

from collections.abc import Mapping

import psycopg
from django.db import connection

# A table in parts is one table; its parts are none.
WHOLE_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""


def tables() -> list[str]:
    """The tables of the schema, as the catalogue knows them."""
    with connection.cursor() as cursor:
        cursor.execute(WHOLE_TABLES)
        return sorted(name for (name,) in cursor.fetchall())


def snapshot(owner: psycopg.Connection | None = None) -> Mapping[str, tuple[int, int]]:
    """Per table that may be read: how many rows, and the sum of their hashes.

    Read over Django's connection, or over the owner's own: that one sees every table, but nothing uncommitted.
    """
    with owner.cursor() if owner else connection.cursor() as cursor:
        cursor.execute(WHOLE_TABLES + "AND has_table_privilege(oid, 'SELECT')")
        readable = sorted(name for (name,) in cursor.fetchall())
        parts = [
            f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {name} t"  # noqa: S608 - names from the catalogue
            for name in readable
        ]
        cursor.execute(" UNION ALL ".join(parts))
        return {name: (count, digest) for name, count, digest in cursor.fetchall()}
