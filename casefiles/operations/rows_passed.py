"""Which rows of a list went by, however long it is: digests of their keys in a file that the system takes away.

A list of a million rows would be a hundred megabytes of keys in memory. The digests are made with a key of the process,
so that nobody can try NIPs on what is left of the file after a crash.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable
from typing import Final

_CACHE_KIB: Final = 4_096


class Passed:
    """The keys that went by."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        # The empty name: a file of its own in the folder for temporary files, gone when it is closed.
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("PRAGMA synchronous = OFF")
        self._file.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._file.execute("CREATE TABLE passed (key BLOB PRIMARY KEY) WITHOUT ROWID")

    def holds(self, keys: Iterable[tuple[str, ...]]) -> bool:
        """Whether one of the keys went by."""
        return any(
            self._file.execute("SELECT 1 FROM passed WHERE key = ?", (self._digest(key),)).fetchone() for key in keys
        )

    def add(self, keys: Iterable[tuple[str, ...]]) -> None:
        """They went by."""
        self._file.executemany("INSERT OR IGNORE INTO passed VALUES (?)", [(self._digest(key),) for key in keys])

    def _digest(self, key: tuple[str, ...]) -> bytes:
        return hashlib.blake2b("\0".join(key).encode(), digest_size=16, key=self._secret).digest()
