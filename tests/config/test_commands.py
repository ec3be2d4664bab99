"""A command whose database is not what it needs ends in a sentence that says what to type."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from config.commands import explained
from config.roles import VARIABLES, Roles
from tests.conftest import Copies

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty(copies: Copies) -> Iterator[Roles]:
    """A database that was made, and never migrated."""
    name = copies.make("template0")
    yield copies.roles.on(name)
    copies.drop(name)


def ends(roles: Roles, *command: str, role: str | None = "web") -> tuple[int, str]:
    """The exit code of that command, and what it said on stderr; without a role it signs in as it declares."""
    urls = {VARIABLES[name]: url for name, url in asdict(roles).items()}
    inherited = {name: value for name, value in os.environ.items() if name != "LINTAS_DB_ROLE"}
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**inherited, **urls, **({"LINTAS_DB_ROLE": role} if role else {})},
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stderr


def test_a_database_that_was_never_migrated(empty: Roles) -> None:
    code, said = ends(empty, "load_catalogue", role="owner")
    assert (code, "Traceback" in said) == (1, False)
    assert said.startswith("The database was never set up, or is older than this program: relation ")
    assert "LINTAS_DB_ROLE=owner: manage.py migrate, then manage.py grant_roles." in said


def test_the_traceback_is_there_for_who_asks(empty: Roles) -> None:
    code, said = ends(empty, "load_catalogue", "--traceback", role="owner")
    assert code == 1
    assert said.startswith("Traceback")


def test_a_command_signs_in_as_the_role_that_it_declares(copies: Copies) -> None:
    roles = copies.roles.on(copies.template)
    assert ends(roles, "migrate", "--check", role=None) == (0, "")
    code, said = ends(replace(roles, owner="postgresql://nobody@127.0.0.1:1/x"), "load_catalogue", "--check", role=None)
    assert code == 0, said
    code, said = ends(replace(roles, owner="postgresql://nobody@127.0.0.1:1/x"), "load_catalogue", role=None)
    assert (code, said.partition(":")[0]) == (1, "The database cannot be reached")


def test_a_role_that_may_not(copies: Copies) -> None:
    code, said = ends(copies.roles.on(copies.template), "load_catalogue", role="web")
    assert (code, "Traceback" in said) == (1, False)
    assert said.startswith("The role that this command signed in with may not do this: permission denied")
    assert "LINTAS_DB_ROLE" in said


def test_a_database_that_does_not_answer(copies: Copies) -> None:
    nowhere = replace(copies.roles, web="postgresql://lintas_web:x@127.0.0.1:1/lintas")
    code, said = ends(nowhere, "tick")
    assert (code, "Traceback" in said) == (1, False)
    assert said.startswith("The database cannot be reached: connection failed")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)", "Others were at work on the same rows for too long"),
        ("INSERT INTO casefiles_catalogueversion DEFAULT VALUES", "The role that this command signed in with may not"),
    ],
)
def test_what_the_moment_or_the_role_refuses_is_explained(db: None, statement: str, said: str) -> None:
    with pytest.raises(DatabaseError) as refused, connection.cursor() as cursor:
        cursor.execute(statement)
    assert (explained(refused.value) or "").startswith(said)


def test_a_mistake_of_the_program_keeps_its_traceback(db: None) -> None:
    """A column that nobody has, although every migration is there; a change of what is append-only."""
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM casefiles_casefile")
    assert explained(refused.value) is None
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DO $$ BEGIN RAISE EXCEPTION 'append-only: UPDATE on x is refused' "
            "USING ERRCODE = 'insufficient_privilege'; END $$"
        )
    assert explained(refused.value) is None
    assert explained(DatabaseError("")) is None
