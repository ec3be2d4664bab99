"""What a witness remembers, on disk before it is told to anyone: SQLite in WAL mode, synchronous FULL.

Per origin only the newest checkpoint, and besides it what does not fit together, as evidence.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BUSY_S = 5.0
MOST_UNPROVEN = 1_000  # an origin; anybody may send a public checkpoint with a proof of nonsense

_SCHEMA = """
CREATE TABLE memory (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    witness TEXT NOT NULL,
    since INTEGER NOT NULL
);
CREATE TABLE latest (
    origin TEXT PRIMARY KEY,
    size INTEGER NOT NULL CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    note TEXT NOT NULL,
    cosigned_at INTEGER NOT NULL
);
CREATE TABLE contradiction (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('two_roots', 'unproven')),
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note TEXT NOT NULL,
    cosigned_size INTEGER NOT NULL,
    cosigned_root BLOB NOT NULL,
    cosigned_note TEXT NOT NULL,
    cosigned_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    UNIQUE (origin, kind, size, root)
);
"""

TWO_ROOTS = "two_roots"
"""The log signed two roots for one size: proof against it, whoever holds both notes."""
UNPROVEN = "unproven"
"""A signed larger checkpoint came without a proof that it continues ours: a suspicion, until the log proves it."""


class Unusable(Exception):
    """The state file is missing, damaged, or another witness's."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The newest checkpoint cosigned: `note` with the log's signatures, `cosigned_at` the POSIX second we stated."""

    size: int
    root: bytes
    note: str
    cosigned_at: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two checkpoints under the log's own signature that do not fit together, or were not shown to."""

    origin: str
    kind: str
    size: int
    root: bytes
    note: str
    cosigned: Remembered
    seen_at: int


class Memory:
    """The open transaction of one decision."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def latest(self, origin: str) -> Remembered | None:
        """The newest checkpoint cosigned for this origin."""
        query = "SELECT size, root, note, cosigned_at FROM latest WHERE origin = ?"
        row = self._connection.execute(query, (origin,)).fetchone()
        return Remembered(*row) if row else None

    def keep(self, origin: str, checkpoint: Remembered) -> None:
        """Make this the newest checkpoint of the origin."""
        self._connection.execute(
            "INSERT INTO latest (origin, size, root, note, cosigned_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note,"
            " cosigned_at = excluded.cosigned_at",
            (origin, checkpoint.size, checkpoint.root, checkpoint.note, checkpoint.cosigned_at),
        )

    def keep_evidence(self, found: Contradiction) -> bool:
        """Keep a contradiction; False where it was known already. Of suspicions only the newest are kept."""
        ours = found.cosigned
        done = self._connection.execute(
            "INSERT INTO contradiction (origin, kind, size, root, note, cosigned_size, cosigned_root, cosigned_note,"
            " cosigned_at, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                *(found.origin, found.kind, found.size, found.root, found.note),
                *(ours.size, ours.root, ours.note, ours.cosigned_at, found.seen_at),
            ),
        )
        if found.kind == UNPROVEN and done.rowcount > 0:
            self._connection.execute(
                "DELETE FROM contradiction WHERE origin = ? AND kind = ? AND id <= (SELECT id FROM contradiction"
                " WHERE origin = ? AND kind = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (found.origin, UNPROVEN, found.origin, UNPROVEN, MOST_UNPROVEN),
            )
        return done.rowcount > 0


class Store:
    """The state file of one witness; safe for many threads, and for a second process by mistake."""

    def __init__(self, path: Path, *, witness: str) -> None:
        """Open the state of the witness with that vkey. Raises `Unusable`."""
        if not path.exists():
            raise Unusable("it is missing")
        self._lock = threading.Lock()
        try:
            self._connection = _connect(path)
        except sqlite3.Error as why:
            raise Unusable(str(why)) from None
        try:
            damage = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            known = self._connection.execute("SELECT witness, since FROM memory").fetchone()
        except sqlite3.Error as why:
            self.close()
            raise Unusable(str(why)) from None
        if damage != "ok" or known is None or known[0] != witness:
            self.close()
            raise Unusable("it is damaged" if damage != "ok" or known is None else "it belongs to another witness")
        self.since: int = known[1]

    @staticmethod
    def create(path: Path, *, witness: str, now: int) -> None:
        """Make the empty memory of a new witness. Raises FileExistsError."""
        path.touch(mode=0o600, exist_ok=False)
        connection = _connect(path)
        try:
            connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}")
            connection.execute("INSERT INTO memory (one, witness, since) VALUES (1, ?, ?)", (witness, now))
            connection.execute("COMMIT")
        finally:
            connection.close()

    @contextmanager
    def deciding(self) -> Iterator[Memory]:
        """One decision, alone: what is read stays true until what is kept lies on disk, which is when the block ends.

        Raises sqlite3.Error where the disk does not take it; then nothing has changed.
        """
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Memory(self._connection)
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def logs(self) -> dict[str, Remembered]:
        """The newest checkpoint of every origin."""
        with self._lock:
            rows = self._connection.execute("SELECT origin, size, root, note, cosigned_at FROM latest").fetchall()
        return {origin: Remembered(*rest) for origin, *rest in rows}

    def contradictions(self) -> list[Contradiction]:
        """All evidence, oldest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT c.origin, c.kind, c.size, c.root, c.note, c.seen_at,"
                " c.cosigned_size, c.cosigned_root, c.cosigned_note, c.cosigned_at FROM contradiction c ORDER BY c.id"
            ).fetchall()
        return [
            Contradiction(
                origin=origin, kind=kind, size=size, root=root, note=note, cosigned=Remembered(*ours), seen_at=seen_at
            )
            for origin, kind, size, root, note, seen_at, *ours in rows
        ]

    def count(self, kind: str) -> int:
        """How many contradictions of this kind there are."""
        with self._lock:
            row = self._connection.execute("SELECT count(*) FROM contradiction WHERE kind = ?", (kind,)).fetchone()
        return int(row[0])

    def set_times_back(self, now: int) -> int:
        """Forget cosignature times after `now`, once a wrong clock is right; sizes and roots stay. Returns how many."""
        with self.deciding():
            done = self._connection.execute("UPDATE latest SET cosigned_at = ? WHERE cosigned_at > ?", (now, now))
            return done.rowcount

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
