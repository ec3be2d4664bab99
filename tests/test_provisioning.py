"""How a server comes by its eight roles: a checkout's own, one made before there were eight, an operator's."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from config import roles
from config.database import findings
from config.postgres import Cluster
from config.roles import GUESTS, NAMES, VARIABLES, Roles, Unavailable


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server of this module's own, which writes every statement into its log."""
    checkout = tmp_path_factory.mktemp("checkout")
    made = _cluster(checkout)
    made.start()
    with _superuser(made) as admin:
        admin.execute("ALTER SYSTEM SET log_statement = 'all'")
        admin.execute("SELECT pg_reload_conf()")
    yield made
    made.stop()
    shutil.rmtree(made.home)


@pytest.fixture(autouse=True)
def _as_it_was(cluster: Cluster) -> Iterator[None]:
    """After each test the eight roles have the passwords that the checkout remembers."""
    yield
    passwords = {role: getattr(cluster.passwords, role) for role in NAMES}
    roles.provision(cluster.url("superuser", "postgres"), passwords=passwords)


def _cluster(checkout: Path) -> Cluster:
    run_dir = checkout / ".run"
    run_dir.mkdir(exist_ok=True)
    return Cluster(checkout=checkout, run_dir=run_dir)


def _superuser(cluster: Cluster, database: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(cluster.url("superuser", database), autocommit=True)


def _who(url: str) -> tuple[object, ...]:
    """Who a URL signs in as, on which database, and whether he may make temporary tables there."""
    with psycopg.connect(url) as session:
        row = session.execute(
            "SELECT current_user, current_database(), has_database_privilege(current_database(), 'TEMPORARY')"
        ).fetchone()
    assert row is not None
    return tuple(row)


def _drop_guests(cluster: Cluster) -> None:
    with _superuser(cluster, "lintas") as admin:
        for role in GUESTS:
            admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(NAMES[role])))
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(NAMES[role])))


def test_a_checkout_s_server_has_eight_roles(cluster: Cluster) -> None:
    signed_in = {role: _who(url) for role, url in asdict(cluster.roles()).items()}
    assert signed_in == {role: (name, "lintas", role == "owner") for role, name in NAMES.items()}


def test_a_server_made_for_two_roles_gets_the_others_and_keeps_what_it_holds(cluster: Cluster) -> None:
    before = cluster.roles()
    with psycopg.connect(before.owner, autocommit=True) as owner:
        owner.execute("CREATE TABLE kept (x int)")
    with _superuser(cluster, "lintas") as admin:
        for name in (
            "lintas_sequencer",
            "lintas_reader",
            "lintas_console",
            "lintas_courier",
            "lintas_worker",
            "lintas_desk",
        ):
            admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
        admin.execute("GRANT CONNECT, TEMPORARY ON DATABASE lintas TO PUBLIC")
    note = json.loads(cluster.note.read_text())
    for newer in ("sequencer", "reader", "console", "courier", "worker", "desk", "roles"):
        del note[newer]
    cluster.note.write_text(json.dumps(note))

    upgraded = _cluster(Path(cluster.passwords.checkout))
    assert not upgraded.passwords.complete
    upgraded.start()

    cluster.passwords, after = upgraded.passwords, upgraded.roles()
    assert (after.owner, after.web) == (before.owner, before.web)
    assert {role: _who(url) for role, url in asdict(after).items()} == {
        role: (name, "lintas", role == "owner") for role, name in NAMES.items()
    }
    with psycopg.connect(after.owner) as owner:
        assert owner.execute("SELECT to_regclass('kept')::text").fetchone() == ("kept",)
    assert _cluster(Path(cluster.passwords.checkout)).passwords == upgraded.passwords


def test_a_note_from_a_later_version_is_still_read(cluster: Cluster) -> None:
    note = json.loads(cluster.note.read_text())
    cluster.note.write_text(json.dumps({**note, "something": "newer"}))
    assert _cluster(Path(cluster.passwords.checkout)).passwords.complete


def _names(prefix: str, cluster: Cluster) -> dict[str, str]:
    """The eight variables for roles of other names; the server's place in them is only read over."""
    place = cluster.url("superuser", "lintas")
    given = {role: f"{prefix}_{role}" for role in NAMES}
    return {
        VARIABLES[role]: roles.signing_in(place, role=name, password=f"p@ss/{name}") for role, name in given.items()
    }


@pytest.mark.parametrize("rights", ["SUPERUSER", "CREATEROLE CREATEDB"])
def test_an_administrator_makes_roles_and_a_database(cluster: Cluster, rights: str) -> None:
    prefix = rights.partition(" ")[0].lower()
    with _superuser(cluster) as admin:
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD 'x'").format(sql.Identifier(f"{prefix}_admin"), sql.SQL(rights))
        )
    boss = roles.signing_in(cluster.url("superuser", "postgres"), role=f"{prefix}_admin", password="x")

    made = roles.make(boss, database=f"{prefix}_db", environment=_names(prefix, cluster))
    again = roles.make(boss, database=f"{prefix}_db", environment=made.environment())

    assert again == made
    assert made.guests == tuple(f"{prefix}_{role}" for role in GUESTS)
    assert {role: _who(url) for role, url in asdict(made).items()} == {
        role: (f"{prefix}_{role}", f"{prefix}_db", role == "owner") for role in NAMES
    }
    with psycopg.connect(made.owner) as owner:
        owner.execute("CREATE TABLE migrated (x int)")
    with psycopg.connect(made.web) as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute("SELECT * FROM migrated")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(roles.on_database(cluster.roles().reader, f"{prefix}_db"))


def test_roles_that_exist_keep_their_passwords_unless_told(cluster: Cluster) -> None:
    admin, before = cluster.url("superuser", "postgres"), cluster.roles()
    with pytest.raises(Unavailable, match=r"The role lintas_owner exists.*Set DATABASE_URL.*--renew"):
        roles.make(admin, database="another", environment={})
    assert _who(before.owner)[0] == "lintas_owner"

    renewed = roles.make(admin, database="lintas", environment={}, renew=True)

    assert {name for name, _, _ in map(_who, asdict(renewed).values())} == set(NAMES.values())
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        _who(before.web)


def test_one_role_for_two_purposes_is_refused(cluster: Cluster) -> None:
    same = _names("same", cluster)
    same[VARIABLES["sequencer"]] = same[VARIABLES["web"]]
    with pytest.raises(Unavailable, match="each needs its own"):
        roles.make(cluster.url("superuser", "postgres"), database="lintas", environment=same)


def test_the_command_prints_the_four_lines_and_nothing_else_knows_them(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.delenv("DATABASE_ADMIN_URL", raising=False)
    assert roles.main([]) == 1
    assert "DATABASE_ADMIN_URL is not set" in capsys.readouterr().err

    monkeypatch.setenv("DATABASE_ADMIN_URL", cluster.url("superuser", "postgres"))
    assert roles.main(["--renew"]) == 0

    shown = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    assert list(shown) == list(VARIABLES.values())
    log = cluster.log.read_text()
    assert "ALTER ROLE" in log
    for url in shown.values():
        assert _who(url)
        password = url.split(":")[2].split("@")[0]
        assert len(password) > 20
        assert password not in log


def test_the_doctor_looks_at_every_role(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, url in cluster.roles().environment().items():
        monkeypatch.setenv(variable, url)

    def looked() -> dict[str, tuple[bool, str]]:
        return {name: (well, found) for name, well, found, _ in findings()}

    well = looked()
    assert [well[role] for role in GUESTS] == [(True, NAMES[role]) for role in GUESTS]
    with _superuser(cluster) as admin:
        admin.execute("GRANT TEMPORARY ON DATABASE lintas TO lintas_sequencer")
        admin.execute("ALTER ROLE lintas_reader CREATEDB")
        admin.execute("ALTER ROLE lintas_web PASSWORD 'another'")
    # Nothing else can be asked when the web cannot sign in.
    assert looked() == {"database": (False, looked()["database"][1])}
    monkeypatch.setenv(VARIABLES["web"], cluster.roles().owner)
    ill = looked()
    assert ill["web"] == (
        False,
        "lintas_owner makes databases or roles, is the owner, makes temporary tables, creates tables",
    )
    assert ill["sequencer"] == (False, "lintas_sequencer makes temporary tables")
    assert ill["reader"] == (False, "lintas_reader makes databases or roles")


def test_with_only_an_owner_the_missing_roles_are_made_once_and_remembered(cluster: Cluster, tmp_path: Path) -> None:
    owner = cluster.roles().owner
    with pytest.raises(Unavailable, match=r"lintas_web exists there.*Set DATABASE_WEB_URL.*python -m config\.roles"):
        roles.given({"DATABASE_URL": owner}, run_dir=tmp_path)
    _drop_guests(cluster)
    with pytest.raises(Unavailable, match=r"may not create the role lintas_web\. Set DATABASE_WEB_URL"):
        roles.given({"DATABASE_URL": owner}, run_dir=tmp_path)
    with _superuser(cluster) as admin:
        admin.execute("ALTER ROLE lintas_owner CREATEROLE")
        admin.execute("GRANT CONNECT ON DATABASE lintas TO PUBLIC")

    made = roles.given({"DATABASE_URL": owner, "DATABASE_READER_URL": "postgresql://r:p@h/lintas"}, run_dir=tmp_path)

    assert made.reader == "postgresql://r:p@h/lintas"
    assert [_who(url)[0] for url in (made.web, made.sequencer)] == ["lintas_web", "lintas_sequencer"]
    assert roles.given({"DATABASE_URL": owner, "DATABASE_READER_URL": made.reader}, run_dir=tmp_path) == made
    assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == {"0o600"}
    assert Roles.of(made.environment()) == made
