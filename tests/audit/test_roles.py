"""What each database role may do, and everything that somebody who has one's password might try besides."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql
from pytest_django import Settings

from audit.database_roles import CLOSED, COURIER, READ, READER, ROLES, SEQUENCER, WEB, declared, sequences
from casefiles.flow import State
from config.roles import Roles, on_database
from config.settings import database
from tests.audit.test_append_only import APPEND_ONLY, CORRECTED
from tests.audit.ways_around import PROMISED, attempts, columns_of, refusal
from tests.conftest import Copies
from tests.factories import casefile_at
from tests.live_server import ROOT
from tests.snapshots import snapshot, tables
from tests.tree_rows import grow

SignIn = Callable[[str], psycopg.Connection]


@pytest.fixture(scope="module")
def filled(arranged_once: Callable[[Callable[[], Any]], tuple[str, Any]], copies: Copies) -> str:
    """A casefile with a past, and a tree that the sequencer's role has written."""

    def arrange() -> None:
        casefile_at(State.RECOMMENDED)
        here = on_database(copies.roles.sequencer, connection.settings_dict["NAME"])
        with psycopg.connect(here, autocommit=True) as sequencer:
            grow(sequencer)

    return arranged_once(arrange)[0]


@pytest.fixture
def owner(transactional_db: None, filled: str, owner_connection: psycopg.Connection) -> psycopg.Connection:
    """The owner on a database that holds all that."""
    return owner_connection


@pytest.mark.parametrize("role", ROLES)
def test_no_way_around_is_open(owner: psycopg.Connection, sign_in: SignIn, role: str) -> None:
    before, session, tried = snapshot(owner), sign_in(role), 0
    through: list[str] = []
    with session.transaction():  # each attempt in a savepoint; what is accepted is committed, and shows below
        for statement in attempts(owner, role):
            tried += 1
            if outcome := refusal(session, statement):
                through.append(f"{statement}\n    {outcome}")
    assert not through, f"{len(through)} of {tried}:\n" + "\n".join(through[:40])
    assert tried > 1_000
    assert snapshot(owner) == before


def test_what_is_not_refused_is_told(owner: psycopg.Connection, sign_in: SignIn) -> None:
    """In a transaction, as above, and without one."""
    session = sign_in(READER)
    assert refusal(session, "SELECT 1") == "accepted"
    assert refusal(session, "SELECT 1 / 0").startswith("DivisionByZero")
    with session.transaction():
        assert refusal(session, "SELECT 1 / 0").startswith("DivisionByZero")
        assert refusal(session, "SELECT 1") == "accepted"
        assert refusal(session, "DELETE FROM audit_entry") == ""


@pytest.mark.parametrize("role", ROLES)
def test_the_promises_hold_by_name(owner: psycopg.Connection, sign_in: SignIn, role: str) -> None:
    before, session = snapshot(owner), sign_in(role)
    assert {one: said for one in PROMISED[role] if (said := refusal(session, one))} == {}
    assert snapshot(owner) == before


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_grants_itself_something_has_nothing_more(
    owner: psycopg.Connection, sign_in: SignIn, role: str
) -> None:
    """PostgreSQL only warns whoever holds some right on the table, so the rights themselves are compared."""
    before, session = _held(owner), sign_in(role)
    for table in tables():
        for right in ("ALL", "UPDATE", "TRIGGER"):
            refusal(session, f"GRANT {right} ON {table} TO CURRENT_USER")
            refusal(session, f"GRANT {right} ON {table} TO PUBLIC")
        refusal(session, f"ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC; REVOKE ALL ON {table} FROM PUBLIC")
    assert _held(owner) == before


def test_a_large_object_is_nowhere_near_a_table(owner: psycopg.Connection, sign_in: SignIn) -> None:
    """Anybody may make one in PostgreSQL; none of our rows is one, and no server file becomes one."""
    before = snapshot(owner)
    for role in ROLES:
        session = sign_in(role)
        session.execute("SELECT lo_unlink(lo_from_bytea(0, 'mine'))")
    assert snapshot(owner) == before


@pytest.mark.parametrize("role", [role for role in ROLES if role != "web"])
def test_only_the_door_sees_tokens_that_can_still_be_used(sign_in: SignIn, role: str) -> None:
    """They stand in what was signed (`audit.evidence`); the worker opens files of strangers."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="audit_evidence"):
        sign_in(role).execute("SELECT base FROM audit_evidence")


# --- rights held are rights declared --------------------------------------------------------------------------------

WHOLE = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
BY_COLUMN = ("SELECT", "INSERT", "UPDATE", "REFERENCES")
VIEWS = ("casefiles_livegrant", "audit_settledevidence")


def _held(owner: psycopg.Connection) -> set[tuple[str, ...]]:
    """(role, right, table) and (role, right, table, column), as the server answers for every table there is."""
    held: set[tuple[str, ...]] = set()
    for role, name in settings.LINTAS_DB_ROLES.items():
        whole = owner.execute(
            "SELECT p, c.oid::regclass::text FROM pg_class c, unnest(%s::text[]) p, pg_namespace n"
            " WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.oid = c.relnamespace"
            " AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'"
            " AND has_table_privilege(%s, c.oid, p)",
            [list(WHOLE), name],
        )
        held |= {(role, right, table) for right, table in whole}
        columns = owner.execute(
            "SELECT p, c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid,"
            " unnest(%s::text[]) p WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
            " AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(%s, c.oid, a.attnum, p)",
            [list(BY_COLUMN), name],
        )
        held |= {(role, right, table, column) for right, table, column in columns}
    return held


def test_every_role_holds_exactly_what_is_declared(owner: psycopg.Connection) -> None:
    expected: set[tuple[str, ...]] = set()
    for role in ROLES:
        for table, columns in columns_of(owner).items():
            may = declared(role).get(table, CLOSED)
            if may.select:
                expected |= {(role, "SELECT", table, column) for column in may.only or columns}
                expected |= set() if may.only else {(role, "SELECT", table)}
            if may.delete:
                expected.add((role, "DELETE", table))
            if may.insert:
                expected |= {(role, "INSERT", table, column) for column, drawn in columns.items() if not drawn}
            expected |= {(role, "UPDATE", table, column) for column in may.update}
        expected |= {(role, "SELECT", view) for view in VIEWS if declared(role).get(view) == READ}
    held = _held(owner)
    assert sorted(held - expected) == []
    assert sorted(expected - held) == []


def test_every_table_of_ours_is_decided_for_the_web_and_the_reader(owner: psycopg.Connection) -> None:
    prefixes = ("agencies_", "api_", "audit_", "casefiles_", "console_", "delivery_", "people_", "procrastinate_")
    ours = {table for table in tables() if table.startswith(prefixes)}
    assert ours - set(declared(WEB)) == set()
    assert ours - set(declared(READER)) == set()
    assert set(declared(SEQUENCER)) <= {table for table in ours if table.startswith("audit_")}


def test_the_courier_reads_no_content_and_changes_its_own_tables_only() -> None:
    """It talks to strangers: what it could give away is what the feed says, and what it could do is deliver."""
    granted = declared(COURIER)
    hidden = {"casefiles_payload", "casefiles_document", "agencies_clientkey", "agencies_accesstoken", "audit_access"}
    assert hidden & set(granted) == set()
    changing = {table for table, may in granted.items() if may.insert or may.update or may.delete}
    own = {"delivery_webhook", "delivery_delivery", "delivery_attempt"}
    assert changing == {*own, "audit_entry", "audit_pending"}
    assert not {column for column in granted["delivery_webhook"].update if column.startswith(("secret", "url"))}


def test_nothing_but_the_queue_the_pulse_and_what_is_done_changes(owner: psycopg.Connection) -> None:
    for role in ROLES:
        changing = {table for table, may in declared(role).items() if may.update or may.delete}
        corrected = {
            (table, column) for table in changing & set(APPEND_ONLY) for column in declared(role)[table].update
        }
        assert corrected <= CORRECTED
    assert {table for table, may in declared(SEQUENCER).items() if may.update or may.delete} == {
        "audit_pending",
        "audit_logstatus",
    }
    assert not [may for may in declared(READER).values() if may.insert or may.update or may.delete]


def test_sequences_are_drawn_from_only_where_a_list_says_so(owner: psycopg.Connection) -> None:
    for role, name in settings.LINTAS_DB_ROLES.items():
        rows = owner.execute(
            "SELECT relname::text, p FROM pg_class, unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) p WHERE relkind = 'S'"
            " AND relnamespace = 'public'::regnamespace AND has_sequence_privilege(%s, oid, p)",
            [name],
        ).fetchall()
        assert set(rows) == {(sequence, "USAGE") for sequence in sequences(role)}


def test_no_role_owns_creates_or_belongs_to_anything(owner: psycopg.Connection) -> None:
    names = list(settings.LINTAS_DB_ROLES.values())
    for name in names:
        row = owner.execute(
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls,"
            " has_database_privilege(rolname, current_database(), 'CONNECT'),"
            " has_database_privilege(rolname, current_database(), 'CREATE'),"
            " has_database_privilege(rolname, current_database(), 'TEMPORARY'),"
            " has_schema_privilege(rolname, 'public', 'CREATE'),"
            " (SELECT count(*) FROM pg_auth_members WHERE member = r.oid),"
            " (SELECT count(*) FROM pg_class WHERE relowner = r.oid)"
            " FROM pg_roles r WHERE rolname = %s",
            [name],
        ).fetchone()
        assert row == (False, True, False, False, False, 0, 0), name
    # PUBLIC is grantee 0: it holds nothing on the database, and nothing in the schema but its use.
    rows = owner.execute(
        "SELECT a.privilege_type FROM pg_database, aclexplode(datacl) a"
        " WHERE datname = current_database() AND a.grantee = 0"
    ).fetchall()
    assert rows == []


def test_two_functions_work_with_their_owner_s_rights_and_the_console_alone_may_call_them(
    owner: psycopg.Connection,
) -> None:
    """Entries of invitations and of first readings (ADR 34, 38). Nobody can put before what they look up and call."""
    rows = owner.execute(
        "SELECT oid, proname, proconfig FROM pg_proc "
        "WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY proname"
    ).fetchall()
    path = ["search_path=pg_catalog, public, pg_temp"]
    assert [row[1:] for row in rows] == [("casefiles_opens", path), ("people_tells", path)]
    owner.execute("GRANT EXECUTE ON FUNCTION people_tells, casefiles_opens TO PUBLIC")
    _as_owner(owner)
    may = {
        (role, function)
        for role, name in settings.LINTAS_DB_ROLES.items()
        for ident, function, _ in rows
        if owner.execute("SELECT has_function_privilege(%s, %s::oid, 'EXECUTE')", [name, ident]).fetchone() == (True,)
    }
    assert may == {("console", "casefiles_opens"), ("console", "people_tells")}


# --- the command ----------------------------------------------------------------------------------------------------


def test_granting_again_takes_back_what_somebody_gave_by_hand(owner: psycopg.Connection) -> None:
    name = settings.LINTAS_DB_ROLES[WEB]
    before = _held(owner)
    database_now = sql.Identifier(owner.info.dbname)
    owner.execute(sql.SQL("GRANT UPDATE, DELETE ON audit_entry TO {}").format(sql.Identifier(name)))
    owner.execute("GRANT SELECT ON agencies_accesstoken TO PUBLIC")
    owner.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO PUBLIC").format(database_now))
    assert _held(owner) != before

    _as_owner(owner)

    assert _held(owner) == before
    row = owner.execute("SELECT has_database_privilege(%s, current_database(), 'TEMPORARY')", [name]).fetchone()
    assert row == (False,)


def test_a_role_that_is_missing_is_named_and_nothing_is_granted(owner: psycopg.Connection, settings: Settings) -> None:
    before = _held(owner)
    before_them = settings.LINTAS_DB_ROLES
    settings.LINTAS_DB_ROLES = {**before_them, READER: "lintas_nobody"}
    with pytest.raises(CommandError, match=r"does not know lintas_nobody\. .*python -m config\.roles"):
        call_command("grant_roles")
    settings.LINTAS_DB_ROLES = {**before_them, SEQUENCER: "lintas_web"}
    with pytest.raises(CommandError, match="eight roles, not fewer"):
        call_command("grant_roles")
    settings.LINTAS_DB_ROLES = before_them
    assert _held(owner) == before


def _as_owner(owner: psycopg.Connection) -> None:
    roles = Roles.of(os.environ).on(owner.info.dbname)
    done = subprocess.run(
        [sys.executable, "manage.py", "grant_roles"], cwd=ROOT, check=False, capture_output=True, text=True,
        env={**os.environ, **roles.environment(), "LINTAS_DB_ROLE": "owner"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "lintas_sequencer: 9 tables granted." in done.stdout


def test_the_reader_s_sessions_are_read_only_and_each_role_signs_its_name() -> None:
    assert "default_transaction_read_only=on" in database("reader")["OPTIONS"]["options"]
    assert {database(role)["OPTIONS"]["application_name"] for role in ROLES} == {
        "lintas-web",
        "lintas-sequencer",
        "lintas-reader",
        "lintas-console",
        "lintas-courier",
        "lintas-worker",
        "lintas-desk",
    }
