"""Migrated databases by copying: one template per state of the migrations, a copy in a tenth of a second.

The tests and the sandbox both start from a fresh database, and TRUNCATE is refused by the append-only triggers, so
nothing is ever flushed: `CREATE DATABASE ... TEMPLATE` makes a new one instead. `python -m config.database` prints
what `./run doctor` wants to know.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

from config.roles import GUESTS, VARIABLES, Roles, Unavailable, close, database_name
from jobs import gauges

# Whatever a migrated database depends on: migrations, what they call, and the grants.
INGREDIENTS = (
    "*/migrations/*.py", "*/models.py", "*/models/*.py", "*/append_only.py", "*/database_roles.py", "*/role_grants.py",
    "*/management/commands/grant_roles.py", "config/database.py", "config/roles.py", "requirements.lock",
)  # fmt: skip
APPS = ("audit", "agencies", "people", "casefiles", "contents", "jobs", "delivery", "verifications", "api", "console")


def fingerprint(root: Path) -> str:
    """Twelve hex digits that change whenever a freshly migrated database would differ."""
    digest = hashlib.sha256()
    for pattern in INGREDIENTS:
        for path in sorted(root.glob(pattern)):
            name = path.relative_to(root)
            if name.parts[0] in (*APPS, "config", "requirements.lock") and path.suffix != ".pyc":
                digest.update(f"{name}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def template_name(database: str, root: Path) -> str:
    """The name of that database's template: it changes with the month, too, at whose end a migration cuts the reads."""
    return f"{database}_template_{fingerprint(root)}_{datetime.now(UTC):%y%m}"


def ensure_template(owner: "psycopg.Connection", roles: Roles, *, root: Path, environment: Mapping[str, str]) -> str:
    """The name of a migrated, granted template database; built when the migrations have changed (a few seconds).

    It stays for as long as the connection `owner` lives, even when another process sees newer migrations meanwhile.
    """
    prefix, name = f"{database_name(roles.owner)}_template_", template_name(database_name(roles.owner), root)
    with exclusively(owner, prefix):
        claim(owner, name)
        if not exists(owner, name):
            drop_abandoned(owner, prefix)
            draft = f"{prefix}draft"
            create(owner, draft, guests=roles.guests)
            built = roles.on(draft)
            for command in (("migrate", "--no-input", "-v", "0"), ("grant_roles",)):
                _manage(command, built, root=root, environment=environment)
            rename(owner, draft, name)
    return name


def fresh_copy(roles: Roles, *, root: Path, suffix: str, environment: Mapping[str, str]) -> str:
    """Replace the database `<name>_<suffix>` by an empty, migrated one; returns its name."""
    name = f"{database_name(roles.owner)}_{suffix}"
    with connected(roles.owner) as owner:
        template = ensure_template(owner, roles, root=root, environment=environment)
        drop(owner, name)
        create(owner, name, guests=roles.guests, template=template)
    return name


def connected(url: str) -> "psycopg.Connection":
    """A session for making and dropping databases; leaving its block closes it."""
    return psycopg.connect(url, autocommit=True, connect_timeout=10)


def create(
    owner: "psycopg.Connection",
    name: str,
    *,
    guests: tuple[str, ...],
    template: str = "template0",
    strategy: Literal["wal_log", "file_copy"] = "wal_log",
) -> None:
    """Create a database that this role owns and to which only the roles `guests` may connect besides.

    `file_copy` takes half the time where no checkpoint waits for a disk, as on the tests' server.
    """
    try:
        owner.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}").format(
                sql.Identifier(name), sql.Identifier(template), sql.SQL(strategy)
            )
        )
    except psycopg.errors.InsufficientPrivilege:
        role = owner.info.user
        raise Unavailable(f"{role} may not create databases. As an administrator: ALTER ROLE {role} CREATEDB") from None
    close(owner, name, guests=guests)


def exists(owner: "psycopg.Connection", name: str) -> bool:
    """Whether the server has a database of that name."""
    return owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def rename(owner: "psycopg.Connection", name: str, new: str) -> None:
    """Give a database that nobody is connected to another name."""
    owner.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(new)))


def drop(owner: "psycopg.Connection", name: str) -> None:
    """Drop a database, cutting off whoever is still connected.

    Not `WITH (FORCE)`: that wants the right to end a passing autovacuum too, and a plain DROP sends it away by itself.
    """
    owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND usesysid IS NOT NULL AND pg_has_role(usesysid, 'USAGE')",
        [name],
    )
    owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def drop_abandoned(owner: "psycopg.Connection", prefix: str) -> None:
    """Drop the databases whose process is gone: its session held a lock on the name while it lived."""
    for name in _names_like(owner, prefix):
        if _try_lock(owner, name):
            drop(owner, name)
            owner.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])


def claim(owner: "psycopg.Connection", name: str) -> None:
    """Hold a name for as long as this connection lives, so that `drop_abandoned` spares it."""
    owner.execute("SELECT pg_advisory_lock_shared(hashtext(%s))", [name])


def _try_lock(owner: "psycopg.Connection", name: str) -> bool:
    row = owner.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name]).fetchone()
    return bool(row and row[0])


def _names_like(owner: "psycopg.Connection", prefix: str) -> list[str]:
    found = owner.execute("SELECT datname FROM pg_database WHERE starts_with(datname::text, %s)", [prefix])
    return [str(name) for (name,) in found]


@contextmanager
def exclusively(owner: "psycopg.Connection", name: str) -> Iterator[None]:
    """One session at a time under this name, among all processes that use the server."""
    owner.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
    try:
        yield
    finally:
        owner.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])


def _manage(command: tuple[str, ...], roles: Roles, *, root: Path, environment: Mapping[str, str]) -> None:
    own = {**roles.environment(), "LINTAS_DB_ROLE": "owner"}
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=root, env={**environment, **own}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise Unavailable(f"`manage.py {' '.join(command)}` failed on the template database:\n{done.stderr[-3000:]}")


# -- what doctor asks --------------------------------------------------------------------------------------------------


# What a role that owns nothing must not be able to do in this database. A temporary table could stand in front of ours.
_POWERS = """
SELECT current_user, clock_timestamp(), array_remove(ARRAY[
    CASE WHEN rolsuper THEN 'is a superuser' END,
    CASE WHEN rolcreatedb OR rolcreaterole THEN 'makes databases or roles' END,
    CASE WHEN pg_has_role(rolname, datdba, 'MEMBER') THEN 'is the owner' END,
    CASE WHEN has_database_privilege(rolname, datname, 'TEMPORARY') THEN 'makes temporary tables' END,
    CASE WHEN has_database_privilege(rolname, datname, 'CREATE') OR has_schema_privilege(rolname, 'public', 'CREATE')
        THEN 'creates tables' END
], NULL) FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()
"""


def findings() -> list[tuple[str, bool, str, str]]:
    """`(name, well, found, remedy)` for the server, the roles that own nothing, the migrations and the clock."""
    found: list[tuple[str, bool, str, str]] = []
    for role in GUESTS:
        variable = VARIABLES[role]
        try:
            with psycopg.connect(os.environ[variable], connect_timeout=5) as guest:
                [(name, server_time, powers)] = guest.execute(_POWERS).fetchall()
                version = guest.info.server_version
        except psycopg.OperationalError as why:
            reason = str(why).strip().splitlines()[0]
            if role == "web":
                return [("database", False, reason, "Check DATABASE_URL and DATABASE_WEB_URL.")]
            found.append((role, False, reason, f"Check {variable}."))
            continue
        if role == "web":
            well = version >= 150000
            found.append(("database", well, f"PostgreSQL {version // 10000}", "PostgreSQL 15 is the oldest"))
            drift = abs((datetime.now(UTC) - server_time).total_seconds())
            found.append(("clock", drift < 2, f"{drift:.1f} s from the database's", "Synchronise both clocks (NTP)."))
        remedy = f"{variable} must name a role that owns and creates nothing; then: ./run manage grant_roles"
        found.append((role, not powers, f"{name} {', '.join(powers)}".strip(), remedy))
    return [*found, _migrations(), *_jobs()]


def _migrations() -> tuple[str, bool, str, str]:
    """Whether the database is up to date. One that was never set up is well: the first start does it."""
    remedy = "./run manage migrate && ./run manage grant_roles"
    try:
        with connected(os.environ[VARIABLES["owner"]]) as owner:
            [(began,)] = owner.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchall()
    except psycopg.OperationalError as why:
        return ("owner", False, str(why).strip().splitlines()[0], f"Check {VARIABLES['owner']}.")
    if not began:
        return ("migrations", True, "not set up yet: the first ./run serve or ./run seed does it", remedy)
    pending = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"], env={**os.environ, "LINTAS_DB_ROLE": "owner"}, check=False,
        capture_output=True,
    )  # fmt: skip
    applied = pending.returncode == 0
    return ("migrations", applied, "applied" if applied else "not all applied", remedy)


def _jobs() -> list[tuple[str, bool, str, str]]:
    """Whether a worker does what waits. Nothing is said of a database that has no queue yet."""
    with psycopg.connect(os.environ[VARIABLES["web"]], connect_timeout=5) as web:
        if web.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() == (None,):
            return []
        [(workers, waiting, doing, waiting_s)] = web.execute(
            gauges.QUERY, {"silent_s": gauges.SILENT_AFTER_S}
        ).fetchall()
    queue = gauges.Gauges(workers=workers, waiting=waiting, doing=doing, waiting_s=waiting_s)
    said = f"{workers or 'no'} worker{'s' if workers != 1 else ''}, {waiting} jobs wait, {doing} are being done"
    remedy = "./run serve starts one beside the service; on a server: systemctl start lintas-worker (manage.py work)"
    return [("jobs", not queue.complaints(), said, remedy)]


if __name__ == "__main__":
    print(json.dumps(findings()))
