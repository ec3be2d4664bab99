"""Management commands, with a sentence instead of a traceback where the database is not what the command needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import psycopg
from django.core.management import execute_from_command_line
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError, InterfaceError

from config.command_roles import role_of

OWNER = "LINTAS_DB_ROLE=owner"


def run(arguments: Sequence[str]) -> None:
    """Run `manage.py`, in the role that the command declares unless LINTAS_DB_ROLE says another.

    Ends the process with 1 and a sentence on stderr; `--traceback` gives the traceback as ever.
    """
    if len(arguments) > 1:
        os.environ.setdefault("LINTAS_DB_ROLE", role_of(arguments[1]))
    try:
        execute_from_command_line(list(arguments))
    except (DatabaseError, InterfaceError) as why:
        said = None if "--traceback" in arguments else explained(why)
        if said is None:
            raise
        sys.exit(said)


def explained(why: Exception) -> str | None:
    """What is the matter with the database and what to type; None for whatever may be a fault of the program."""
    match why.__cause__:
        case psycopg.errors.UndefinedTable() | psycopg.errors.UndefinedColumn() if _lacks_migrations():
            return (
                f"The database was never set up, or is older than this program: {_first_line(why)}.\n"
                f"Type, with {OWNER}: manage.py migrate, then manage.py grant_roles."
            )
        # The triggers of append-only tables speak with this code too, and not to a role that lacks a grant.
        case psycopg.errors.InsufficientPrivilege() if not str(why).startswith("append-only:"):
            return (
                f"The role that this command signed in with may not do this: {_first_line(why)}.\n"
                "Use `./run manage`, which picks the role, or set LINTAS_DB_ROLE (docs/runbook.md says which).\n"
                f"If it is the right one, the grants are missing: type, with {OWNER}: manage.py grant_roles."
            )
        case psycopg.errors.LockNotAvailable() | psycopg.errors.QueryCanceled() | psycopg.errors.DeadlockDetected():
            return (
                f"Others were at work on the same rows for too long: {_first_line(why)}.\nNothing was done. Try again."
            )
        case psycopg.OperationalError(sqlstate=None | "28P01" | "28000" | "3D000" | "57P03" | "53300"):
            return f"The database cannot be reached: {_first_line(why)}.\n`./run doctor` says what is missing."
    return None


def _lacks_migrations() -> bool:
    """Whether the database lacks a migration of this program; where it does not, the mistake is ours."""
    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        # This role may not read which there are.
        return False


def _first_line(why: Exception) -> str:
    lines = str(why).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(why.__cause__).__name__
