"""What is written stays written: tried with the web's role, with the owner, and with triggers asleep."""
# ruff: noqa: S608 - every statement here is made of names of our own schema

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction
from psycopg import sql

from audit.database_roles import WEB, declared
from audit.models import Entry
from casefiles.flow import State
from tests.factories import Story, casefile_at, handed_to_siasn, prevention, zero_report
from tests.snapshots import snapshot, tables
from tests.tree_rows import grow

# Every table whose rows stay; the triggers say so to the owner as well.
APPEND_ONLY = (
    "agencies_historicalagency",
    "agencies_historicalclient",
    "agencies_historicalmandate",
    "audit_access",
    "audit_accessday",
    "audit_checkpoint",
    "audit_cosignature",
    "audit_entry",
    "audit_leaf",
    "audit_node",
    "audit_opening",
    "audit_sighting",
    "casefiles_attachment",
    "casefiles_catalogueversion",
    "casefiles_document",
    "casefiles_finding",
    "casefiles_historicalcasefile",
    "casefiles_hukdishandover",
    "casefiles_prevention",
    "casefiles_snapshot",
    "casefiles_transition",
    "casefiles_zeroreport",
)


PARTS = ("audit_access_first", "audit_access_rest")

READS = {
    "audit_access": (
        "INSERT INTO audit_access (at, request_id, agency, client, route, purpose, shown) "
        "VALUES (now(), gen_random_uuid(), 1, 'x', 'x', 'x', '{}')"
    ),
    "audit_access_rest": (
        "INSERT INTO audit_access (at, request_id, agency, client, route, purpose, shown) "
        "VALUES ('2199-01-01', gen_random_uuid(), 1, 'x', 'x', 'x', '{}')"
    ),
    "casefiles_snapshot": (
        "INSERT INTO casefiles_snapshot (id, name, index, agency_id, published, content, created_at, salt) "
        "SELECT gen_random_uuid(), 'n', 0, id, false, '{}', now(), '' FROM agencies_agency LIMIT 1"
    ),
    "audit_accessday": "INSERT INTO audit_accessday (number, day, salt, rows) VALUES (1, '2024-10-01', '', '')",
}
"""Of tables in which a casefile's story leaves nothing, a row to try on."""

# What a correction changes, once every casefile of the finding tells it.
CORRECTED = {("casefiles_finding", name) for name in ("register_number", "register_key", "known_on", "registered_on")}


@pytest.fixture(scope="module")
def walked(arranged_once: Callable[[Callable[[], Any]], tuple[str, Any]]) -> tuple[str, Story]:
    return arranged_once(lambda: casefile_at(State.RECOMMENDED))


@pytest.fixture(scope="module")
def arranged_copy(walked: tuple[str, Story]) -> str:
    return walked[0]


@pytest.fixture
def told(db: None, arranged_copy: str, walked: tuple[str, Story]) -> Story:
    """A casefile with a past."""
    return walked[1]


def _refused(statement: str, *parameters: str, match: str = "permission denied|must be owner") -> None:
    with pytest.raises((ProgrammingError, InternalError), match=match), transaction.atomic():
        _execute(statement, *parameters)


def _execute(statement: str, *parameters: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# --- the web's role -------------------------------------------------------------------------------------------------


def test_the_list_is_the_schema_s(told: Story) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, array_agg(t.tgname::text ORDER BY t.tgname), bool_and(t.tgenabled = 'A') "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE t.tgname IN ('rows_stay', 'table_stays') GROUP BY 1 ORDER BY 1"
        )
        named = sorted([*APPEND_ONLY, *PARTS])
        assert cursor.fetchall() == [(name, ["rows_stay", "table_stays"], True) for name in named]


@pytest.mark.parametrize("table", [*APPEND_ONLY, "casefiles_casefile", "casefiles_payload", "audit_pending"])
def test_the_web_removes_and_empties_nothing(told: Story, table: str) -> None:
    before = snapshot()
    _refused(f"DELETE FROM {table}")
    _refused(f"TRUNCATE {table} CASCADE")
    _refused(f"DROP TABLE {table} CASCADE")
    _refused(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    _refused(f"ALTER TABLE {table} ADD COLUMN smuggled int")
    assert snapshot() == before


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_web_changes_no_column_of_what_stays(told: Story, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", [table])
        columns = [name for (name,) in cursor.fetchall()]
    for column in columns:
        if (table, column) not in CORRECTED:
            _refused(f'UPDATE {table} SET "{column}" = "{column}"')


@pytest.mark.parametrize(
    "changes",
    [
        "register_number = 'X-1', register_key = 'X-1'",
        "register_number = register_number || ' '",
        "register_key = 'X-1'",
        "known_on = known_on - 1",
        "registered_on = registered_on + 1",
        "source = 'report'",
    ],
)
def test_a_finding_bears_no_number_and_no_day_that_its_casefiles_do_not_tell(told: Story, changes: str) -> None:
    _refused(f"UPDATE casefiles_finding SET {changes}", match="append-only|permission denied")


def test_the_web_does_not_put_the_triggers_to_sleep(told: Story) -> None:
    _refused("SET session_replication_role = replica")
    _refused("CREATE OR REPLACE FUNCTION lintas_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
             match="permission denied|must be owner")  # fmt: skip
    _refused("DROP FUNCTION lintas_refuse_change() CASCADE")
    _refused("SET ROLE lintas_owner", match="permission denied")
    _refused("CREATE TRIGGER mine BEFORE INSERT ON audit_entry EXECUTE FUNCTION lintas_refuse_change()")


@pytest.mark.parametrize(
    "table", ["audit_entry", "casefiles_transition", "casefiles_historicalcasefile", "audit_access"]
)
def test_the_web_does_not_choose_the_number_of_a_row(told: Story, table: str) -> None:
    key = "history_id" if "historical" in table else "id"
    _refused(f"INSERT INTO {table} ({key}) OVERRIDING SYSTEM VALUE VALUES (1000000)")
    _refused(f"INSERT INTO {table} ({key}) VALUES (1000000)")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, key])
        (sequence,) = cursor.fetchone()
    _refused(f"SELECT setval('{sequence}', 1)")
    _refused(f"ALTER SEQUENCE {sequence} RESTART")


@pytest.mark.parametrize("column", ["id", "number", "finding_id", "election", "created_at"])
def test_the_web_does_not_change_who_a_casefile_is(told: Story, column: str) -> None:
    _refused(f'UPDATE casefiles_casefile SET "{column}" = "{column}"')


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("casefiles_referral", "opened_at"),
        ("casefiles_referral", "to_agency_id"),
        ("casefiles_referral", "casefile_id"),
        ("casefiles_casefilegrant", "agency_id"),
        ("casefiles_casefilegrant", "from_entry_id"),
        ("casefiles_payload", "facts"),
        ("casefiles_payload", "facts_salt"),
        ("agencies_mandate", "valid_until"),
        ("agencies_agency", "roles"),
        ("agencies_client", "scopes"),
        ("agencies_clientkey", "awaits_approval"),
        ("agencies_delegation", "roles"),
    ],
)
def test_the_web_does_not_rewrite_what_was_promised(told: Story, table: str, column: str) -> None:
    _refused(f'UPDATE {table} SET "{column}" = "{column}"')


def test_the_web_writes_into_no_table_that_is_not_declared(told: Story) -> None:
    writable = {table for table, may in declared(WEB).items() if may.insert}
    for table in sorted(set(tables()) - writable):
        _refused(f"INSERT INTO {table} DEFAULT VALUES")
    unlisted = set(tables()) - set(declared(WEB))
    for table in sorted(unlisted):
        _refused(f"SELECT 1 FROM {table}")


def test_the_web_holds_exactly_what_is_declared(told: Story) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee = current_user AND table_schema = 'public'"
        )
        whole = {(table, privilege) for table, privilege in cursor.fetchall()}
        cursor.execute(
            "SELECT DISTINCT table_name, privilege_type FROM information_schema.role_column_grants "
            "WHERE grantee = current_user AND table_schema = 'public'"
        )
        columns = set(cursor.fetchall())
    for table, may in declared(WEB).items():
        assert ((table, "SELECT") in whole) is may.select
        assert ((table, "DELETE") in whole) is may.delete
        assert (table, "UPDATE") not in whole, "updates are granted column by column"
        assert (table, "INSERT") not in whole, "so are inserts"
        assert ((table, "UPDATE") in columns) is bool(may.update)
        assert ((table, "INSERT") in columns) is may.insert
    assert {table for table, _ in whole} == {table for table, may in declared(WEB).items() if may.select}
    assert not {privilege for _, privilege in whole} & {"TRUNCATE", "TRIGGER", "REFERENCES"}


def test_the_web_forges_no_version(told: Story) -> None:
    """A row of each kind by hand, without the step that belongs to it, goes nowhere."""
    for statement in (
        "UPDATE casefiles_casefile SET state = 'submitted'",
        "UPDATE casefiles_casefile SET version = version + 1",
        "UPDATE casefiles_casefile SET examiner_id = submitter_id",
        "UPDATE casefiles_casefile SET open_referral_id = gen_random_uuid(), version = version + 1",
    ):
        promise = re.compile("changed without a transition|the_open_referral_is_of_this_casefile")
        with pytest.raises(IntegrityError, match=promise), transaction.atomic():
            _execute(statement)


# --- the owner ------------------------------------------------------------------------------------------------------


@pytest.fixture
def owner(
    transactional_db: None,
    world: object,
    owner_connection: psycopg.Connection,
    sign_in: Callable[[str], psycopg.Connection],
) -> psycopg.Connection:
    """The owner's session on a database where one of everything is written."""
    handed_to_siasn(casefile_at(State.SANCTION_REPORTED))
    prevention()
    zero_report()
    grow(sign_in("sequencer"))
    return owner_connection


def _first_column(owner: psycopg.Connection, table: str) -> str:
    row = owner.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1", [table])
    return str(row.fetchall()[0][0])


def test_not_even_the_owner_changes_removes_or_empties(owner: psycopg.Connection) -> None:
    for table in (*APPEND_ONLY, *PARTS):
        name = sql.Identifier(table)
        row = owner.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone()
        assert row is not None
        if not row[0]:
            assert table in READS, f"nothing to try on in {table}"
            owner.execute(READS[table])
        key = _first_column(owner, table)
        for statement in ("UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                owner.execute(
                    sql.SQL(statement).format(name, *[sql.Identifier(key)] * 2)
                    if "SET" in statement
                    else sql.SQL(statement).format(name)
                )


def test_triggers_do_not_sleep_in_a_replica_s_session(owner: psycopg.Connection) -> None:
    """Whoever may set `session_replication_role` skips ordinary triggers; these are ALWAYS."""
    rows = owner.execute(
        "SELECT tgname::text, tgenabled FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = ANY("
        "SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND relname NOT LIKE 'procrastinate%')"  # the queue's own, which keep no promise of the log
    ).fetchall()
    assert {name for name, _ in rows} == {
        "rows_stay", "table_stays", "a_casefile_changes_by_transition_only", "a_person_has_an_entry",
    }  # fmt: skip
    assert {enabled for _, enabled in rows} == {"A"}
    try:
        owner.execute("SET session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege:
        return  # this owner is no superuser: he may not even try
    for table in set(APPEND_ONLY) - READS.keys():
        for statement in ("DELETE FROM {}", "TRUNCATE {} CASCADE"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                owner.execute(sql.SQL(statement).format(sql.Identifier(table)))
    owner.execute("SET session_replication_role = DEFAULT")


def test_not_even_the_owner_moves_a_casefile_by_hand(owner: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="without a transition"):
        owner.execute("UPDATE casefiles_casefile SET state = 'submitted'")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        owner.execute("DELETE FROM casefiles_casefile")


def test_entries_were_there_to_be_tried(told: Story) -> None:
    assert Entry.objects.filter(stream=told.casefile).count() == told.row.version
