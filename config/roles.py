"""The eight roles that a database knows, and how they come to be: `python -m config.roles` on a server of one's own.

    DATABASE_ADMIN_URL=postgresql://postgres:secret@db.internal/postgres python -m config.roles

makes what is missing (roles, database) and prints the eight lines that belong into the environment; they are shown
nowhere else, and PostgreSQL is given verifiers, not passwords, so its log never holds one. A checkout's own server is
provisioned by `config/postgres.py`.
"""

import argparse
import hashlib
import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    import psycopg

DATABASE = "lintas"
OWNER, WEB, SEQUENCER, READER = "lintas_owner", "lintas_web", "lintas_sequencer", "lintas_reader"
CONSOLE = "lintas_console"
COURIER = "lintas_courier"
WORKER = "lintas_worker"
DESK = "lintas_desk"
# What `LINTAS_DB_ROLE` may say: the role's name on a server that we provision, and the variable that holds its URL.
NAMES = {
    "owner": OWNER,
    "web": WEB,
    "sequencer": SEQUENCER,
    "reader": READER,
    "console": CONSOLE,
    "courier": COURIER,
    "worker": WORKER,
    "desk": DESK,
}
VARIABLES = {
    "owner": "DATABASE_URL",
    "web": "DATABASE_WEB_URL",
    "sequencer": "DATABASE_SEQUENCER_URL",
    "reader": "DATABASE_READER_URL",
    "console": "DATABASE_CONSOLE_URL",
    "courier": "DATABASE_COURIER_URL",
    "worker": "DATABASE_WORKER_URL",
    "desk": "DATABASE_DESK_URL",
}
# They own nothing and create nothing: `manage.py grant_roles` says what each may.
GUESTS = ("web", "sequencer", "reader", "console", "courier", "worker", "desk")


class Unavailable(Exception):
    """No database can be had; the message says what is missing and what to type."""


@dataclass(frozen=True)
class Roles:
    """Where the eight roles sign in.

    `owner` migrates and may create databases, `web` serves requests, `sequencer` puts entries into the tree, `reader`
    verifies, `console` serves people's pages, `courier` delivers webhooks,
    `worker` does what takes long, `desk` stores what people of the console do to a case.
    """

    owner: str = field(repr=False)
    web: str = field(repr=False)
    sequencer: str = field(repr=False)
    reader: str = field(repr=False)
    console: str = field(repr=False)
    courier: str = field(repr=False)
    worker: str = field(repr=False)
    desk: str = field(repr=False)

    @property
    def guests(self) -> tuple[str, ...]:
        """The names of the roles that own nothing, as their URLs have them."""
        return tuple(user_of(url) or NAMES[role] for role, url in asdict(self).items() if role in GUESTS)

    def on(self, name: str) -> "Roles":
        """The same roles on another database of the same server."""
        return Roles(**{role: on_database(url, name) for role, url in asdict(self).items()})

    def environment(self) -> dict[str, str]:
        """The eight variables that config/settings.py reads."""
        return {VARIABLES[role]: url for role, url in asdict(self).items()}

    def alone(self, role: str) -> dict[str, str]:
        """What a process needs that signs in as this role only: the other passwords are taken from it."""
        return {VARIABLES[other]: "" for other in asdict(self) if other != role} | {"LINTAS_DB_ROLE": role}

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Roles":
        """The roles of an environment that `./run` has made."""
        return cls(**{role: environment[variable] for role, variable in VARIABLES.items()})


def on_database(url: str, name: str) -> str:
    """The same server and role, another database: `postgresql://role:password@host/name`."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def database_name(url: str) -> str:
    """The database a URL names."""
    return unquote(urlsplit(url).path.lstrip("/"))


def user_of(url: str) -> str:
    """The role a URL signs in as."""
    return unquote(urlsplit(url).username or "")


def signing_in(url: str, *, role: str, password: str) -> str:
    """The same server and database, another role."""
    server = urlsplit(url)
    place = server.netloc.rpartition("@")[2]
    return server._replace(netloc=f"{quote(role, safe='')}:{quote(password, safe='')}@{place}").geturl()


# -- as an administrator ---------------------------------------------------------------------------------------------


def set_role(admin: "psycopg.Connection", name: str, *, password: str, rights: str = "") -> None:
    """Create a role that may sign in, or give the one that exists this password."""
    from psycopg import sql

    known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    # The server would write the statement into its log, so it gets what a password is checked against.
    verifier = admin.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    admin.execute(
        sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
            sql.SQL("ALTER" if known else "CREATE"), sql.Identifier(name), sql.SQL(rights), sql.Literal(verifier)
        )
    )


def close(admin: "psycopg.Connection", database: str, *, guests: tuple[str, ...]) -> None:
    """Let only these roles connect, besides the owner.

    PUBLIC loses TEMPORARY too: whoever makes temporary tables can shadow ours, for the triggers' functions as well.
    """
    from psycopg import sql

    name = sql.Identifier(database)
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    for guest in guests:
        role = sql.Identifier(guest)
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(name, role))
        admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, role))


def provision(superuser_url: str, *, passwords: Mapping[str, str]) -> None:
    """Make the checkout's own server's roles with these passwords, by `LINTAS_DB_ROLE`, and the database.

    As often as one likes: what exists is brought up to date, so that a server made for fewer roles gets the others.
    """
    import psycopg
    from psycopg import sql

    with psycopg.connect(superuser_url, autocommit=True) as admin:
        for role, name in NAMES.items():
            rights = "NOSUPERUSER NOCREATEROLE " + ("CREATEDB" if role == "owner" else "NOCREATEDB")
            set_role(admin, name, password=passwords[role], rights=rights)
            if role in GUESTS:
                # The owner may end the others' sessions, as dropping a test's database must.
                admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(name), sql.Identifier(OWNER)))
        _make_database(admin, DATABASE, owner=OWNER)
        close(admin, DATABASE, guests=tuple(NAMES[role] for role in GUESTS))


def _make_database(admin: "psycopg.Connection", name: str, *, owner: str) -> None:
    from psycopg import sql

    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner)))


# -- on a server given by DATABASE_URL -------------------------------------------------------------------------------


def given(environment: Mapping[str, str], *, run_dir: Path) -> Roles:
    """The roles of a server that `DATABASE_URL` names; those without a URL of their own are made when missing.

    Their passwords are kept in the run folder, one file per role and server. Raises `Unavailable` when the owner may
    not create a role, or when it exists and nobody here knows its password.
    """
    owner = environment["DATABASE_URL"]
    urls = {role: environment.get(VARIABLES[role]) or _kept_or_made(role, owner, run_dir=run_dir) for role in GUESTS}
    return Roles(owner=owner, **urls)


def _kept_or_made(role: str, owner_url: str, *, run_dir: Path) -> str:
    import psycopg
    from psycopg import sql

    server, name = urlsplit(owner_url), NAMES[role]
    place = server.netloc.rpartition("@")[2]
    note = run_dir / f"{role}-{hashlib.sha256(f'{place}?{server.query}'.encode()).hexdigest()[:10]}.json"
    remedy = (
        f"Set {VARIABLES[role]}: as {name}, which owns nothing, to the database {database_name(owner_url)!r}. "
        f"An administrator makes all roles with: DATABASE_ADMIN_URL=... python -m config.roles"
    )
    if note.exists():
        return signing_in(owner_url, role=name, password=json.loads(note.read_text())[role])
    password = secrets.token_urlsafe(24)
    try:
        with psycopg.connect(owner_url, autocommit=True, connect_timeout=10) as owner:
            if owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
                raise Unavailable(f"The role {name} exists there, and its password is not known here. {remedy}")
            set_role(owner, name, password=password)
            owner.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege:
        raise Unavailable(f"The role in DATABASE_URL may not create the role {name}. {remedy}") from None
    except psycopg.OperationalError as failed:
        raise Unavailable(f"DATABASE_URL does not answer: {str(failed).strip().splitlines()[0]}") from None
    write_secret(note, json.dumps({role: password}))
    return signing_in(owner_url, role=name, password=password)


def write_secret(path: Path, text: str) -> None:
    """Replace a file by one that only this user reads."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.rename(path)


# -- the command -----------------------------------------------------------------------------------------------------


def make(admin_url: str, *, database: str, environment: Mapping[str, str], renew: bool = False) -> Roles:
    """Make the eight roles and the database as an administrator, and return where they sign in.

    A role whose URL the environment has gets the name and password of that URL; another one gets a drawn password.
    A role that exists already keeps its password unless `renew` (or its URL) says otherwise: then `Unavailable`, with
    nothing changed. The administrator may be a superuser, or hold CREATEROLE and CREATEDB.
    """
    import psycopg
    from psycopg import sql

    wanted: dict[str, tuple[str, str]] = {}
    for role, usual in NAMES.items():
        parts = urlsplit(environment.get(VARIABLES[role], ""))
        password = unquote(parts.password) if parts.password else ""
        wanted[role] = (unquote(parts.username or usual), password)
    if len({name for name, _ in wanted.values()}) < len(wanted):
        raise Unavailable("Two of the URLs sign in as the same role; each needs its own.")
    try:
        with psycopg.connect(admin_url, autocommit=True, connect_timeout=10) as admin:
            here = {name for (name,) in admin.execute("SELECT rolname FROM pg_roles").fetchall()}
            for role, (name, password) in wanted.items():
                if name == admin.info.user:
                    raise Unavailable(
                        f"{name} is the administrator itself; {VARIABLES[role]} must name a role that owns less."
                    )
                if name in here and not password and not renew:
                    raise Unavailable(
                        f"The role {name} exists, and its password is not known here. Set {VARIABLES[role]}, or give "
                        f"all of them new passwords with --renew."
                    )
                wanted[role] = (name, password or secrets.token_urlsafe(24))
            for name, password in wanted.values():
                set_role(admin, name, password=password)
            owner = wanted["owner"][0]
            row = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
            if row is not None and not row[0]:
                # To hand a database to a role, one must be that role.
                admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(owner)))
            _make_database(admin, database, owner=owner)
            close(admin, database, guests=tuple(wanted[role][0] for role in GUESTS))
    except psycopg.errors.InsufficientPrivilege as refused:
        raise Unavailable(f"The administrator's role may not do that: {refused.diag.message_primary}.") from None
    except psycopg.OperationalError as failed:
        raise Unavailable(f"The server does not answer: {str(failed).strip().splitlines()[0]}") from None
    place = on_database(admin_url, database)
    return Roles(**{role: signing_in(place, role=name, password=secret) for role, (name, secret) in wanted.items()})


def main(arguments: list[str] | None = None) -> int:
    """Read `DATABASE_ADMIN_URL`, make the roles, print their variables."""
    parser = argparse.ArgumentParser(prog="python -m config.roles", description=__doc__)
    parser.add_argument("--database", default=DATABASE, help=f"the database to make (default {DATABASE})")
    parser.add_argument("--renew", action="store_true", help="give roles that exist a new password")
    chosen = parser.parse_args(arguments)
    admin = os.environ.get("DATABASE_ADMIN_URL")
    if not admin:
        print("DATABASE_ADMIN_URL is not set: a superuser, or a role with CREATEROLE and CREATEDB.", file=sys.stderr)
        return 1
    try:
        made = make(admin, database=chosen.database, environment=os.environ, renew=chosen.renew)
    except Unavailable as why:
        print(why, file=sys.stderr)
        return 1
    for variable, url in made.environment().items():
        print(f"{variable}={url}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
