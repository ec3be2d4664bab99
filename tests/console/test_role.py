"""The console's role of the database changes nothing of a case; the API's role knows nothing of people."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from psycopg import sql

from audit.database_roles import CONSOLE, READ, WEB, declared
from people.role_grants import TABLES

pytestmark = pytest.mark.django_db

SignIn = Callable[[str], psycopg.Connection]


def test_the_console_writes_no_casefile_and_no_entry(sign_in: SignIn) -> None:
    console = sign_in("console")
    opened = {table: may for table, may in declared(CONSOLE).items() if table.startswith(("casefiles_", "audit_"))}
    assert {table for table, may in opened.items() if may != READ} == {"audit_access"}
    for table in (*opened, "audit_opening"):
        for way in ("INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}", "SELECT 1 FROM {} FOR UPDATE"):
            if table == "audit_access" and way.startswith("INSERT"):
                continue
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                console.execute(sql.SQL(way).format(sql.Identifier(table)))
    for statement in (
        "UPDATE casefiles_casefile SET state = 'closed'",
        "UPDATE casefiles_payload SET facts = '{}'",
        "UPDATE people_person SET role = 'manager'",
        "UPDATE agencies_user SET is_active = true",
        "SELECT nextval('casefiles_number')",
        "SELECT token_checksum FROM agencies_accesstoken",
        "SELECT public_jwk FROM agencies_clientkey",
        "SELECT answer FROM api_idempotencyrecord",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            console.execute(statement)


@pytest.mark.parametrize("role", [WEB, "reader", "sequencer", "courier", "worker"])
def test_no_other_role_reads_sessions_or_people(sign_in: SignIn, role: str) -> None:
    other = sign_in(role)
    for table in TABLES:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            other.execute(sql.SQL("SELECT 1 FROM {}").format(sql.Identifier(table)))
