"""What a client must not forget, in one SQLite file that its owner alone may read: outbox, receipts, token, places.

Each transaction is on the disk before it counts (WAL, synchronous FULL). What is removed is overwritten
(secure_delete), also in the write-ahead log, which is emptied after a removal.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from lintas_client.problems import LintasError

VERSION: Final = 1
SCHEMA: Final = """
CREATE TABLE secret (salt BLOB NOT NULL);
CREATE TABLE intention (
    id INTEGER PRIMARY KEY,
    who TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    reference TEXT,
    digest BLOB NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    body BLOB,
    if_match TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'refused')),
    made_at REAL NOT NULL,
    settled_at REAL,
    code TEXT,
    summary TEXT,
    UNIQUE (who, reference),
    CONSTRAINT what_was_accepted_has_no_body CHECK (state <> 'accepted' OR body IS NULL),
    CONSTRAINT what_is_pending_has_a_body CHECK (state <> 'pending' OR body IS NOT NULL)
);
CREATE TABLE receipt (
    leaf_hash TEXT PRIMARY KEY,
    who TEXT NOT NULL,
    entry TEXT NOT NULL,
    stream TEXT NOT NULL,
    seq INTEGER NOT NULL,
    in_tree_by TEXT NOT NULL,
    receipt TEXT NOT NULL,
    proof TEXT,
    verdict TEXT NOT NULL DEFAULT 'unredeemed'
);
CREATE TABLE token (who TEXT PRIMARY KEY, token TEXT NOT NULL, ends REAL NOT NULL, issuer TEXT NOT NULL);
CREATE TABLE version (who TEXT, casefile TEXT, version INTEGER NOT NULL, PRIMARY KEY (who, casefile));
CREATE TABLE place (name TEXT PRIMARY KEY, after INTEGER NOT NULL, previous INTEGER, source TEXT);
CREATE TABLE heard (id TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE jwks (base_url TEXT PRIMARY KEY, document TEXT NOT NULL);
"""


class StoreUnusable(LintasError):
    """The file of the store cannot be used; the message says why and what to do. Nothing was sent."""


class Store:
    """One file, for one thread at a time; several processes may share it."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        _private(self.path)
        try:
            self.db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "busy_timeout=30000"):
                self.db.execute(f"PRAGMA {pragma}")
            self._prepare()
            self.wipe()  # what a process that died has left there
        except sqlite3.DatabaseError as why:
            raise StoreUnusable(f"{self.path}: {why}. Give another file, or put this one right.") from None

    def close(self) -> None:
        """Let the file go."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; on the disk when the block has ended. Raises `StoreUnusable`."""
        try:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")
        except sqlite3.OperationalError as why:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise StoreUnusable(f"{self.path}: {why}. Is the disk full, or is another process writing?") from None

    def wipe(self) -> None:
        """Empty the write-ahead log, in which removed bytes still stand. Another process that reads puts it off."""
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @property
    def salt(self) -> bytes:
        """32 bytes of this file alone: what digests of bodies are made with, for a NIP is guessable."""
        salt: bytes = self.db.execute("SELECT salt FROM secret").fetchone()[0]
        return salt

    # -- tokens and versions -------------------------------------------------------------------------------------------

    def token(self, who: str) -> tuple[str, float, str] | None:
        """The token of an identity, the POSIX second at which it ends, and the issuer."""
        row = self._one("SELECT token, ends, issuer FROM token WHERE who = ?", who)
        return None if row is None else (row[0], row[1], row[2])

    def keep_token(self, who: str, token: str, *, ends: float, issuer: str) -> None:
        """Keep it until it is replaced."""
        with self.transaction() as db:
            db.execute("REPLACE INTO token VALUES (?, ?, ?, ?)", (who, token, ends, issuer))

    def version(self, who: str, casefile: str) -> int | None:
        """The version of a casefile that was read last."""
        row = self._one("SELECT version FROM version WHERE who = ? AND casefile = ?", who, casefile)
        return None if row is None else int(row[0])

    def keep_version(self, who: str, casefile: str, version: int) -> None:
        """Note what was read; an older answer that comes late changes nothing."""
        if (self.version(who, casefile) or 0) >= version:
            return
        with self.transaction():
            self.note_version(who, casefile, version)

    def note_version(self, who: str, casefile: str, version: int) -> None:
        """The same inside a transaction that has begun."""
        self.db.execute(
            "INSERT INTO version VALUES (?, ?, ?) ON CONFLICT (who, casefile)"
            " DO UPDATE SET version = max(version, excluded.version)",
            (who, casefile, version),
        )

    # -- the published keys of a register -----------------------------------------------------------------------------

    def jwks(self, base_url: str) -> str | None:
        """The keys of the register as they were fetched first, or told of later."""
        row = self._one("SELECT document FROM jwks WHERE base_url = ?", base_url)
        return None if row is None else str(row[0])

    def keep_jwks(self, base_url: str, document: str) -> None:
        """Keep the document of keys."""
        with self.transaction() as db:
            db.execute("REPLACE INTO jwks VALUES (?, ?)", (base_url, document))

    def _one(self, sql: str, *values: Any) -> Any:
        return self.db.execute(sql, values).fetchone()

    def _prepare(self) -> None:
        if self._version() < VERSION:
            with self.transaction() as db:
                # Another process may have been first.
                if self._version() < VERSION:
                    for statement in SCHEMA.split(";\n"):
                        db.execute(statement)
                    db.execute("INSERT INTO secret VALUES (?)", (secrets.token_bytes(32),))
                    db.execute(f"PRAGMA user_version = {VERSION}")
        if self._version() > VERSION:
            raise StoreUnusable(f"{self.path} was made by a newer lintas-client: install that one.")

    def _version(self) -> int:
        return int(self._one("PRAGMA user_version")[0])


def _private(path: Path) -> None:
    """Make the file for its owner alone; SQLite gives the files beside it the same mode. Refuse one open to others."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as why:
        raise StoreUnusable(f"{path}: {why.strerror or why}. Give a file that can be written.") from None
    if os.name == "posix" and mode & 0o077:
        raise StoreUnusable(
            f"{path} may be read by others (mode {mode:o}), and it holds personal data: chmod 600 {path}"
        )
