"""Management commands, with a sentence instead of a traceback where the database is not what the command needs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import psycopg
from django.core.management import execute_from_command_line
from django.db.utils import DatabaseError, InterfaceError

OWNER = "LINTAS_DB_ROLE=owner"


def run(arguments: Sequence[str]) -> None:
    """Run `manage.py`. Ends the process with 1 and a sentence on stderr; `--traceback` gives the traceback as ever."""
    try:
        execute_from_command_line(list(arguments))
    except (DatabaseError, InterfaceError) as why:
        said = None if "--traceback" in arguments else explained(why)
        if said is None:
            raise
        sys.exit(said)


def explained(why: Exception) -> str | None:
    """What is the matter with the database and what to type; None for what is a fault of the program."""
    match why.__cause__:
        case psycopg.errors.UndefinedTable() | psycopg.errors.UndefinedColumn() | psycopg.errors.UndefinedFunction():
            return (
                f"The database was never set up, or is older than this program: {_first_line(why)}.\n"
                f"Type, with {OWNER}: manage.py migrate, then manage.py grant_roles."
            )
        case psycopg.errors.InsufficientPrivilege():
            return (
                f"The role that this command signed in with may not do this: {_first_line(why)}.\n"
                "Use `./run manage`, which picks the role, or set LINTAS_DB_ROLE (docs/runbook.md says which).\n"
                f"If it is the right one, the grants are missing: type, with {OWNER}: manage.py grant_roles."
            )
        case psycopg.errors.InvalidPassword() | psycopg.errors.InvalidCatalogName():
            return f"The database refused the sign-in: {_first_line(why)}.\nLook at DATABASE_URL."
        case psycopg.OperationalError():
            return f"The database cannot be reached: {_first_line(why)}.\n`./run doctor` says what is missing."
    return None


def _first_line(why: Exception) -> str:
    return str(why).strip().splitlines()[0].rstrip(".")
