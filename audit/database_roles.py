"""What a database role that owns nothing may do, table by table: little, and only what a list names.

Every app lists its own tables in `<app>/role_grants.py`, one mapping per role: `WEB` serves requests, `SEQUENCER` puts
entries into the tree, `READER` verifies, `CONSOLE` shows people their pages, `COURIER` delivers webhooks, `WORKER` does
what takes long, `DESK` stores what people do to a case. `manage.py grant_roles` applies them as the owner. A table that
no list names is closed; `CLOSED` says so aloud. INSERT is granted per column, without the identity column, so that
nobody chooses the number of a row in an append-only table, and UPDATE column by column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

WEB, SEQUENCER, READER, CONSOLE, COURIER, WORKER = "web", "sequencer", "reader", "console", "courier", "worker"
DESK = "desk"
ROLES = (WEB, SEQUENCER, READER, CONSOLE, COURIER, WORKER, DESK)


@dataclass(frozen=True, slots=True)
class May:
    """Privileges on one table. `update` names columns; `insert` means all columns but the identity column.

    `only` names the columns that may be read, where not all may be.
    """

    select: bool = True
    only: Sequence[str] = ()
    insert: bool = False
    update: Sequence[str] = ()
    delete: bool = False


READ = May()
CLOSED = May(select=False)


@dataclass(frozen=True, slots=True)
class Connected:
    """This connection: whether its role owns the database, and the database's clock in seconds since 1970."""

    as_owner: bool
    now: float


class MissingRole(Exception):
    """The server does not know a role; the message says what to type."""


def connected() -> Connected:
    """Whether the role owns the database, and its clock. Raises DatabaseError where it is out of reach."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(current_user, datdba, 'USAGE'), extract(epoch FROM clock_timestamp())::float8 "
            "FROM pg_database WHERE datname = current_database()"
        )
        return Connected(*cursor.fetchone())


def declared(role: str) -> Mapping[str, May]:
    """Every app's list for a role, joined; a table named twice is an error."""
    joined: dict[str, May] = {}
    for lists in _lists():
        grants: Mapping[str, May] = getattr(lists, role.upper(), {})
        if twice := joined.keys() & grants.keys():
            raise ValueError(f"{lists.__name__}: granted elsewhere already: {', '.join(sorted(twice))}")
        joined |= grants
    return joined


def sequences(role: str) -> tuple[str, ...]:
    """The sequences from which a role may draw: those that no identity column owns."""
    return tuple(name for lists in _lists() for name in getattr(lists, f"{role.upper()}_SEQUENCES", ()))


def functions(role: str) -> tuple[str, ...]:
    """The functions of ours that a role may call, which do something with their owner's rights."""
    return tuple(name for lists in _lists() for name in getattr(lists, f"{role.upper()}_FUNCTIONS", ()))


def grant() -> Mapping[str, int]:
    """Take everything from every role and give it exactly what is declared; returns the number of tables by name.

    Raises `MissingRole`, with nothing changed, where the server does not know one of them.
    """
    names: Mapping[str, str] = settings.LINTAS_DB_ROLES
    with transaction.atomic():
        _refuse_unknown(names)
        _close_to_everybody()
        return {names[role]: _grant(role, names[role]) for role in ROLES}


def _lists() -> Iterator[ModuleType]:
    for app in apps.get_app_configs():
        name = f"{app.name}.role_grants"
        if find_spec(name) is not None:
            yield import_module(name)


def _refuse_unknown(names: Mapping[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(names.values())])
        known = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
    if missing := sorted(set(names.values()) - known):
        raise MissingRole(
            f"The server does not know {', '.join(missing)}. An administrator makes the roles with "
            f"`python -m config.roles` (.env.example describes it)."
        )
    if len({owner, *names.values()}) <= len(names):
        raise MissingRole(
            "The owner, the web, the sequencer, the reader, the console, the courier, the worker and the desk must "
            "be eight roles, not fewer."
        )


def _close_to_everybody() -> None:
    """Take all rights from PUBLIC. A temporary table could hide a table of ours, so nobody may make one either."""
    _execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC")
    _execute("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC")
    for function in {name for role in ROLES for name in functions(role)}:
        _execute("REVOKE ALL ON FUNCTION {0} FROM PUBLIC", sql.Identifier(function))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname, pg_has_role(current_user, datdba, 'USAGE') FROM pg_database"
            " WHERE datname = current_database()"
        )
        database, ours = cursor.fetchone()
    # An administrator who owns the database has to do this (`python -m config.roles` does it).
    if ours:
        _execute("REVOKE ALL ON DATABASE {0} FROM PUBLIC", sql.Identifier(database))
        _execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        for name in settings.LINTAS_DB_ROLES.values():
            _execute("REVOKE ALL ON DATABASE {0} FROM {1}", sql.Identifier(database), sql.Identifier(name))
            _execute("GRANT CONNECT ON DATABASE {0} TO {1}", sql.Identifier(database), sql.Identifier(name))


def _grant(role: str, name: str) -> int:
    who = sql.Identifier(name)
    for statement in (
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {0}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {0}",
        "REVOKE CREATE ON SCHEMA public FROM {0}",
        "GRANT USAGE ON SCHEMA public TO {0}",
    ):
        _execute(statement, who)
    opened = {table: may for table, may in declared(role).items() if may != CLOSED}
    for table, may in opened.items():
        for privilege in _privileges(table, may):
            _execute("GRANT {0} ON {1} TO {2}", privilege, sql.Identifier(table), who)
    for sequence in sequences(role):
        _execute("GRANT USAGE ON SEQUENCE {0} TO {1}", sql.Identifier(sequence), who)
    for other in {name for role in ROLES for name in functions(role)}:
        _execute("REVOKE ALL ON FUNCTION {0} FROM {1}", sql.Identifier(other), who)
    for function in functions(role):
        _execute("GRANT EXECUTE ON FUNCTION {0} TO {1}", sql.Identifier(function), who)
    return len(opened)


def _privileges(table: str, may: May) -> list[sql.Composable]:
    privileges: list[sql.Composable] = []
    if may.select:
        only = sql.SQL(" ({0})").format(_columns(may.only)) if may.only else sql.SQL("")
        privileges.append(sql.SQL("SELECT{0}").format(only))
    if may.insert:
        privileges.append(sql.SQL("INSERT ({0})").format(_columns(insertable(table))))
    if may.update:
        privileges.append(sql.SQL("UPDATE ({0})").format(_columns(may.update)))
    if may.delete:
        privileges.append(sql.SQL("DELETE"))
    return privileges


def _execute(statement: str, *parts: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*parts).as_string(cursor.connection))


def _columns(names: Sequence[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def insertable(table: str) -> list[str]:
    """The columns of a table but its identity column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
            "AND attidentity = '' ORDER BY attnum",
            [table],
        )
        return [row[0] for row in cursor.fetchall()]
