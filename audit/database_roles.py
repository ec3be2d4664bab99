"""What the web's database role may do, table by table: INSERT and SELECT, and little else.

Every app lists its own tables in `<app>/web_role.py` as `GRANTS`; `manage.py grant_web_role` applies them as the
owner. A table that no list names is closed to the web. INSERT is granted per column, without the identity column,
so that the web cannot choose the number of a row in an append-only table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

WEB = "lintas_web"


@dataclass(frozen=True, slots=True)
class May:
    """Privileges on one table. `update` names columns; `insert` means all columns but the identity column."""

    insert: bool = False
    update: Sequence[str] = ()
    delete: bool = False


READ = May()


def declared() -> Mapping[str, May]:
    """Every app's list, joined; a table named twice is an error."""
    joined: dict[str, May] = {}
    for app in apps.get_app_configs():
        name = f"{app.name}.web_role"
        if find_spec(name) is None:
            continue
        grants: Mapping[str, May] = import_module(name).GRANTS
        if twice := joined.keys() & grants.keys():
            raise ValueError(f"{name}: granted elsewhere already: {', '.join(sorted(twice))}")
        joined |= grants
    return joined


def grant(role: str = WEB) -> int:
    """Take everything from the role and give it exactly what is declared; returns the number of tables."""
    tables = declared()
    with transaction.atomic(), connection.cursor() as cursor:
        who = sql.Identifier(role)
        for statement in (
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {0}",
            "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {0}",
            "REVOKE CREATE ON SCHEMA public FROM {0}",
            "GRANT USAGE ON SCHEMA public TO {0}",
        ):
            cursor.execute(sql.SQL(statement).format(who).as_string(cursor.connection))
        for table, may in tables.items():
            for privilege in _privileges(table, may):
                cursor.execute(
                    sql.SQL("GRANT {0} ON {1} TO {2}")
                    .format(privilege, sql.Identifier(table), who)
                    .as_string(cursor.connection)
                )
        cursor.execute("SELECT to_regclass('casefiles_number')")
        if cursor.fetchone()[0]:
            cursor.execute(
                sql.SQL("GRANT USAGE ON SEQUENCE casefiles_number TO {0}").format(who).as_string(cursor.connection)
            )
    return len(tables)


def _privileges(table: str, may: May) -> list[sql.Composable]:
    found: list[sql.Composable] = [sql.SQL("SELECT")]
    if may.insert:
        found.append(sql.SQL("INSERT ({0})").format(_columns(_insertable(table))))
    if may.update:
        found.append(sql.SQL("UPDATE ({0})").format(_columns(may.update)))
    if may.delete:
        found.append(sql.SQL("DELETE"))
    return found


def _columns(names: Sequence[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _insertable(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
            "AND attidentity = '' ORDER BY attnum",
            [table],
        )
        return [row[0] for row in cursor.fetchall()]
