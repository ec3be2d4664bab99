"""Append-only tables: triggers that refuse UPDATE, DELETE and TRUNCATE, for use in migrations.

`ENABLE ALWAYS`, so that `session_replication_role = replica` does not skip them. The owner of the table can still
disable a trigger: prevention ends there, and detection by the log begins.
"""

from __future__ import annotations

from django.db.migrations.operations import RunSQL

_REFUSE = "EXECUTE FUNCTION lintas_refuse_change()"

FUNCTION = RunSQL(
    """
    CREATE FUNCTION lintas_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'append-only: % on % is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Rows of this table are never changed or removed. Write a new one.';
    END $$
    """,
    "DROP FUNCTION lintas_refuse_change()",
)


def append_only(table: str) -> RunSQL:
    """The operation that makes a table append-only."""
    return RunSQL(
        [
            f"CREATE TRIGGER rows_stay BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {_REFUSE}",
            f"CREATE TRIGGER table_stays BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {_REFUSE}",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER rows_stay",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER table_stays",
        ],
        [f"DROP TRIGGER rows_stay ON {table}", f"DROP TRIGGER table_stays ON {table}"],
    )
