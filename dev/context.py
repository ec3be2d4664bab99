"""A verb's surroundings: a PostgreSQL with its roles, and python started in the project with what settings read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from config import command_roles, postgres
from config import roles as database_roles
from config.roles import Roles
from dev.ground import PORT, PYTHON, ROOT, RUN_DIR, secret_key_file
from dev.screen import Stop, step, tail

# In a child, before it becomes what it shall run: be asked to end when `./run` is killed (PR_SET_PDEATHSIG is 1).
ENDS_WITH_US = (
    "import ctypes, os, signal, sys; ctypes.CDLL(None).prctl(1, signal.SIGTERM); os.execv(sys.argv[1], sys.argv[1:])"
)


@contextmanager
def database(*, for_tests: bool = False) -> Iterator[Context]:
    """Bring a PostgreSQL for as long as the verb runs; yields a Context.

    The tests get a server, keys and a folder of their own: they share nothing with what a person has running.
    """
    folder = RUN_DIR / "tests" if for_tests else RUN_DIR
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        if os.environ.get("DATABASE_URL"):
            with postgres.exclusively(RUN_DIR / "roles.lock"):
                roles = database_roles.given(os.environ, run_dir=RUN_DIR)
            yield Context(roles, descriptors=(), folder=folder)
            return
        settings = postgres.FOR_TESTS if for_tests else None
        stack = postgres.running(checkout=ROOT, run_dir=folder, settings=settings, in_memory=for_tests)
        with step("Starting PostgreSQL"):
            roles, descriptor = stack.__enter__()
        try:
            yield Context(roles, descriptors=(descriptor,), folder=folder)
        finally:
            stack.__exit__(None, None, None)
    except database_roles.Unavailable as why:
        raise Stop(str(why)) from None


class Context:
    """A verb's surroundings: the database's roles and the environment made of them."""

    def __init__(self, roles: Roles, *, descriptors: tuple[int, ...], folder: Path = RUN_DIR) -> None:
        self.roles, self.descriptors = roles, descriptors
        self.run_dir = self.log_folder = folder

    def on(self, name: str, *, descriptors: tuple[int, ...] = ()) -> Context:
        """The same on another database of that server."""
        return Context(self.roles.on(name), descriptors=(*self.descriptors, *descriptors), folder=self.run_dir)

    def environment(self, **more: str) -> dict[str, str]:
        """What config/settings.py reads; what the shell has set goes before our defaults."""
        defaults = {} if "SECRET_KEY" in os.environ else {"SECRET_KEY_FILE": str(secret_key_file())}
        defaults |= {"LINTAS_BASE_URL": f"http://127.0.0.1:{PORT}", "DJANGO_SETTINGS_MODULE": "config.settings"}
        defaults |= log_files(self.log_folder)
        fixed = {**self.roles.environment(), "LINTAS_RUN_DIR": str(self.run_dir)}
        return {**defaults, **os.environ, **fixed, **more}

    def python(self, *arguments: object, **more: str) -> int:
        """Run python in the project with this environment; returns its exit code, after an interrupt too."""
        return waited(self.started(*arguments, settings=more))

    def started(
        self,
        *arguments: object,
        log: IO[bytes] | None = None,
        lasting: bool = False,
        asked: bool = False,
        settings: Mapping[str, str] = {},
    ) -> subprocess.Popen[bytes]:
        """Start python in the project; what lasts as long as the verb ends with it, also when it is killed (Linux).

        What is `asked` is written to and read from: its input and output are pipes.
        """
        command = [str(PYTHON), *map(str, arguments)]
        if lasting and sys.platform == "linux":
            command = [str(PYTHON), "-I", "-S", "-c", ENDS_WITH_US, *command]
        pipe = subprocess.PIPE if asked else None
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment(**settings), pass_fds=self.descriptors,
            stdin=pipe, stdout=pipe or log, stderr=log,
        )  # fmt: skip

    def manage(self, title: str, *arguments: object, **more: str) -> None:
        """Run a management command, in the role it declares, behind a progress line; it is heard only when it fails."""
        more = {"LINTAS_DB_ROLE": command_roles.role_of(str(arguments[0])), **more}
        log = RUN_DIR / f"{arguments[0]}.log"
        with log.open("wb") as out, step(title):
            if waited(self.started("manage.py", *arguments, log=out, settings=more)):
                raise Stop(f"{title} failed ({log}):\n{tail(log, 25)}")

    def migrate(self) -> None:
        """Bring the database to this version, with its grants and the catalogue."""
        self.manage("Migrating the database", "migrate", "--no-input")
        self.manage("Granting the roles", "grant_roles")
        self.load_catalogue()

    def load_catalogue(self) -> None:
        """Put the catalogue's version on record; nothing happens where it is.

        Quietly, because the receipt key may not be drawn yet; the entry's proof can be downloaded all the same.
        """
        self.manage("Loading the catalogue", "load_catalogue", "--quiet-receipts")


def log_files(folder: Path) -> dict[str, str]:
    """Where a log of this checkout keeps its keys, and its name, which stays the same on another port."""
    return {
        "LINTAS_LOG_ORIGIN": "lintas.localhost/log/1",
        "LINTAS_LOG_KEY_FILE": str(folder / "log_key.pem"),
        "LINTAS_RECEIPT_KEY_FILE": str(folder / "receipt_key.pem"),
        "LINTAS_COURIER_KEY_FILE": str(folder / "courier_key.pem"),
    }


class Child(Protocol):
    """A process, or what stands for one."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; returns its exit code."""
        ...

    def terminate(self) -> None:
        """Ask it to end."""
        ...

    def kill(self) -> None:
        """End it."""
        ...


def waited(child: Child) -> int:
    """Wait for a child; an interrupt or a request to end is passed on, and then it gets ten seconds."""
    try:
        return child.wait()
    except (KeyboardInterrupt, SystemExit) as ending:
        # Ctrl-C reached the child as well; `kill` reached only us.
        try:
            return child.wait(0.5 if isinstance(ending, KeyboardInterrupt) else 0)
        except subprocess.TimeoutExpired:
            child.terminate()
        try:
            return child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()
        finally:
            if isinstance(ending, SystemExit):
                raise ending
