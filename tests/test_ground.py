"""What every other test stands on: the web role, copies instead of flushes."""

import re
import threading
from pathlib import Path

import httpx
import psycopg
import pytest
from django.db import ProgrammingError, connection
from psycopg import sql

from config.roles import WEB, database_name, on_database
from tests import undoing
from tests.conftest import Copies
from tests.live_server import Server
from tests.world import World

pytestmark = pytest.mark.django_db


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        (name,) = cursor.fetchone()
    return str(name)


def test_tests_sign_in_as_the_web_role_which_owns_and_creates_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (WEB, False, False, False)

    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("CREATE TABLE smuggled (x int)")


def test_the_web_session_gives_up_on_locks_and_long_statements() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('lock_timeout'), current_setting('statement_timeout'),"
            " current_setting('idle_in_transaction_session_timeout'), current_setting('synchronous_commit')"
        )
        assert cursor.fetchone() == ("5s", "10s", "15s", "on")


@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_has_a_database_of_its_own_seen_by_every_thread(
    owner_connection: psycopg.Connection,
) -> None:
    own, seen = _database(), []

    def look() -> None:
        seen.append(_database())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [own]
    assert owner_connection.info.dbname == own


@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_may_leave_anything_behind(owner_connection: psycopg.Connection) -> None:
    assert owner_connection.execute("SELECT count(*) FROM pg_stat_user_tables WHERE relname = 'mark'").fetchone() == (
        0,
    )
    owner_connection.execute("CREATE TABLE mark (x int)")


@pytest.mark.django_db(transaction=True)
def test_and_the_next_one_finds_nothing_of_it(owner_connection: psycopg.Connection) -> None:
    assert owner_connection.execute("SELECT to_regclass('mark')").fetchone() == (None,)


def _rows(owner: psycopg.Connection) -> dict[str, list[str]]:
    """Every row of every table, and where each sequence stands."""
    tables = [name for (name,) in owner.execute(undoing.TABLES)]
    rows = {
        name: sorted(
            str(row) for (row,) in owner.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name)))
        )
        for name in tables
    }
    stand = owner.execute("SELECT sequencename || ' ' || last_value FROM pg_sequences WHERE last_value IS NOT NULL")
    return {**rows, "sequences": sorted(name for (name,) in stand)}


def test_rows_that_were_committed_are_undone_and_what_else_was_changed_is_told(copies: Copies, world: World) -> None:
    name = copies.make(world.template)
    here, template = (on_database(copies.roles.owner, one) for one in (name, world.template))
    with psycopg.connect(here, autocommit=True) as owner, psycopg.connect(here, autocommit=True) as session:
        reused = undoing.Reused(name=name, owner=owner, template=template)
        before = _rows(owner)
        for _ in range(2):
            session.execute("UPDATE agencies_agency SET name = name || '!' WHERE id IN (1, 2)")
            session.execute("DELETE FROM agencies_usedassertion")
            session.execute(
                "INSERT INTO audit_evidence (request_id, base, signature, alg, jwk, salt, created_at)"
                " VALUES (gen_random_uuid(), 'b', 's', 'ES256', '{}', 's', now())"
            )
            session.execute("SELECT nextval('casefiles_number')")
            assert _rows(owner) != before
            assert reused.undo(spared=[session.info.backend_pid])
            assert _rows(owner) == before
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                session.execute("DELETE FROM audit_entry")
        session.execute("DROP TRIGGER rows_stay ON audit_entry")
        assert not reused.undo(spared=[])
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
    copies.drop(name)


@pytest.mark.smoke
def test_the_server_answers_on_a_database_of_its_own(server: Server) -> None:
    assert httpx.get(f"{server.base_url}/livez").status_code == 200
    assert database_name(server.roles.web) != connection.settings_dict["NAME"]


def test_every_variable_that_settings_read_is_explained_to_operators() -> None:
    root = Path(__file__).resolve().parent.parent
    read = set(re.findall(r"\"(LINTAS_[A-Z_]+)\"", (root / "config" / "settings.py").read_text(encoding="utf-8")))
    explained = set(re.findall(r"^#([A-Z_]+)=", (root / ".env.example").read_text(encoding="utf-8"), re.M))
    missing = {name for name in read if not {name, f"{name}_FILE"} & explained}
    assert len(read) > 10
    assert missing == set()
