"""A mapping that may grow without end: what memory shall not hold lies in a temporary file of SQLite's."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, Final, Generic, TypeVar

V = TypeVar("V")

HELD: Final = 8_192
"""Values of one mapping that stay in memory, a few hundred bytes each."""


def _same(value: Any) -> Any:
    return value


class Spilled(Generic[V]):
    """Text to values; `encode` makes JSON of a value and `decode` the value of it, where it is not JSON already."""

    def __init__(
        self, *, encode: Callable[[V], Any] = _same, decode: Callable[[Any], V] = _same, held: int | None = None
    ) -> None:
        self._encode, self._decode = encode, decode
        self._held = HELD if held is None else held
        self._young: dict[str, V] = {}
        self._old: sqlite3.Connection | None = None

    def get(self, key: str) -> V | None:
        """The value of the key; None where there is none."""
        found = self._young.get(key)
        if found is not None or self._old is None:
            return found
        row = self._old.execute("SELECT value FROM spilled WHERE key = ?", [_blob(key)]).fetchone()
        return None if row is None else self._decode(json.loads(row[0]))

    def put(self, key: str, value: V) -> None:
        """Set the value of the key, which is never None."""
        self._young[key] = value
        if len(self._young) > self._held:
            self._spill()

    def items(self) -> Iterator[tuple[str, V]]:
        """Every key and value, each once: in the order in which they came, or by their keys where some were spilled."""
        if self._old is None:
            yield from list(self._young.items())
            return
        self._spill()
        for key, value in self._old.execute("SELECT key, value FROM spilled ORDER BY key"):
            yield key.decode("utf-8", "surrogatepass"), self._decode(json.loads(value))

    def _spill(self) -> None:
        if self._old is None:
            # A database without a name: private, on disk only as far as its cache is full, gone when it is closed.
            self._old = sqlite3.connect("")
            self._old.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2000;")
            self._old.execute("CREATE TABLE spilled (key BLOB PRIMARY KEY, value TEXT) WITHOUT ROWID")
        # In the order of the keys, pages are written one after the other.
        rows = ((_blob(key), json.dumps(self._encode(self._young[key]))) for key in sorted(self._young))
        self._old.executemany("INSERT OR REPLACE INTO spilled VALUES (?, ?)", rows)
        self._old.commit()
        self._young.clear()


def _blob(key: str) -> bytes:
    # The parser of the standard library lets half a surrogate pass, which is no text for a database.
    return key.encode("utf-8", "surrogatepass")
