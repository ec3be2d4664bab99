"""Take indexes, constraints and triggers off a table while millions of rows go in, and put all of them back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def bare_tables(cursor: Any, tables: Sequence[str], *, keys: bool = False) -> Iterator[None]:
    """Take foreign keys, secondary indexes and our own triggers away, and put them back when the rows are in.

    With `keys` primary keys and unique constraints too, and whatever refers to them. Meanwhile autovacuum leaves the
    tables alone: it would read again and again what is only added to. Whoever fills them vacuums them at the end.
    """
    cursor.execute(
        """
        SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
            format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid)),
            CASE contype WHEN 'f' THEN 0 ELSE 1 END AS turn
        FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%(tables)s::regclass[])
            OR %(keys)s AND (contype IN ('p', 'u') AND conrelid = ANY(%(tables)s::regclass[])
                OR contype = 'f' AND confrelid = ANY(%(tables)s::regclass[]))
        UNION ALL
        SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid), 2 FROM pg_index i
        WHERE indrelid = ANY(%(tables)s::regclass[])
            AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)
        UNION ALL
        SELECT format('ALTER TABLE %%s DISABLE TRIGGER %%I', tgrelid::regclass, tgname),
            format('ALTER TABLE %%s ENABLE %%s TRIGGER %%I', tgrelid::regclass,
                CASE tgenabled WHEN 'A' THEN 'ALWAYS' ELSE '' END, tgname), 3
        FROM pg_trigger WHERE tgrelid = ANY(%(tables)s::regclass[]) AND NOT tgisinternal AND tgenabled IN ('O', 'A')
        ORDER BY turn
        """,
        {"tables": list(tables), "keys": keys},
    )
    found = cursor.fetchall()
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for away, _, _ in found:
        cursor.execute(away)
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off, toast.autovacuum_enabled = off)")
    yield
    cursor.execute("SET maintenance_work_mem = '256MB'")
    for _, back, _ in reversed(found):
        cursor.execute(back)
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} RESET (autovacuum_enabled, toast.autovacuum_enabled)")
