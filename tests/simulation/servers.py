"""PostgreSQL that dies as a whole, in the middle of whatever is sent: it starts again, or its standby takes over.

    with Pair(server) as pair:
        pair.replicate()        # a synchronous standby: what was acknowledged, it has
        pair.crash()            # immediate stop and recovery
        pair.fail_over()        # immediate stop for ever; the standby is promoted
        pair.roles              # where the roles sign in now

An `Outage` has it happen at one statement of what is sent.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import psycopg

from config.roles import Roles
from tests.drills.conftest import wait_for
from tests.drills.service import Machine
from tests.simulation.statements import Statement


@dataclass
class Pair:
    """A server, and where there is one its standby; leaving the block stops the standby."""

    server: Machine
    folder: Path | None = None
    failed_over: bool = False
    crashes: int = 0

    def __enter__(self) -> Pair:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.folder is None:
            return
        if (self._data / "postmaster.pid").exists():
            self._pg("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", self._data)
        shutil.rmtree(self.folder)

    @property
    def roles(self) -> Roles:
        """Of the server that takes writes."""
        roles = self.server.roles
        return self._moved(roles) if self.failed_over else roles

    def crash(self) -> None:
        """The server dies at once, and starts again through recovery."""
        self.crashes += 1
        self.server.crash()
        self.server.start()

    def replicate(self) -> None:
        """Give it a standby for which each commit waits."""
        cluster = self.server.cluster
        with (cluster.data / "pg_hba.conf").open("a") as rules:
            rules.write("local replication all scram-sha-256\n")
        self.folder = Path(tempfile.mkdtemp(prefix="lintas-"))
        if cluster.os_user:
            os.chown(self.folder, cluster.os_user.pw_uid, cluster.os_user.pw_gid)
        with self._administrator() as administrator:
            administrator.execute("SELECT pg_reload_conf()")
            self._pg(
                *("pg_basebackup", "-D", self._data, "-R", "-X", "stream", "-c", "fast", "-d"),
                self.server.admin_url,
            )
            log, options = self.folder / "server.log", f"-k {self.folder}"
            self._pg("pg_ctl", "start", "-w", "-s", "-D", self._data, "-l", log, "-o", options)
            administrator.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            administrator.execute("SELECT pg_reload_conf()")
            waits = "SELECT FROM pg_stat_replication WHERE sync_state = 'sync'"
            wait_for(lambda: administrator.execute(waits).fetchone() is not None, "synchronous standby")

    def fail_over(self) -> None:
        """The server is gone; its standby is promoted. Whoever signs in from now on signs in there."""
        assert self.folder is not None, "there is no standby"
        self.crashes += 1
        self.server.crash()
        self._pg("pg_ctl", "promote", "-w", "-s", "-D", self._data)
        self.failed_over = True

    @property
    def _data(self) -> Path:
        assert self.folder is not None
        return self.folder / "data"

    def _moved(self, roles: Roles) -> Roles:
        before, after = (quote(str(where), safe="") for where in (self.server.cluster.socket_dir, self.folder))
        return replace(roles, **{name: url.replace(before, after) for name, url in vars(roles).items()})

    def _administrator(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.server.admin_url, autocommit=True)

    def _pg(self, program: str, *arguments: object) -> None:
        self.server.cluster._pg(program, *arguments)


@dataclass(eq=False)
class Outage:
    """Has PostgreSQL die at one statement of all that is sent: before it leaves, or when it is done."""

    pair: Pair
    number: int
    after_it: bool
    for_ever: bool = False
    struck: str = ""
    seen: int = 0
    thread: int = field(default_factory=threading.get_ident)

    def before(self, statement: Statement) -> None:
        """Count, and strike if it is the one."""
        if statement.thread != self.thread:
            return
        self.seen += 1
        if self.seen == self.number and not self.after_it:
            self._strike(statement)

    def after(self, statement: Statement) -> None:
        """Strike if it was the one; the caller hears that the connection is gone."""
        is_it = self.seen == self.number and self.after_it and statement.thread == self.thread
        if is_it and not self.struck and statement.error is None:
            self._strike(statement)
            statement.connection.pgconn.finish()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    def _strike(self, statement: Statement) -> None:
        self.struck = f"{'after' if self.after_it else 'before'} {statement}"
        if self.for_ever:
            self.pair.fail_over()
        else:
            self.pair.crash()
