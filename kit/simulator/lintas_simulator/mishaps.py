"""What goes wrong when somebody says so: each mishap waits for a request that it is meant for, and is then spent."""

from __future__ import annotations

import fnmatch
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "late": ("menjawab terlambat (seconds)", "answers late (seconds)"),
    "unavailable": ("503 dengan Retry-After; tidak ada yang terjadi", "503 with Retry-After; nothing has happened"),
    "unavailable-after": ("503 sesudah langkah dilakukan", "503 after the act was done"),
    "limited": ("429 dengan Retry-After", "429 with Retry-After"),
    "in-progress": ("409 request-in-progress dengan Retry-After", "409 request-in-progress with Retry-After"),
    "cut": ("sambungan diputus sebelum apa pun terjadi", "the connection is cut before anything happened"),
    "cut-after": ("sambungan diputus sesudah langkah dilakukan", "the connection is cut after the act was done"),
    "half": ("jawaban terpotong di tengah sesudah langkah dilakukan", "the answer is cut in the middle, after the act"),
    "race": ("pihak lain mendahului: 412", "another party comes first: 412"),
    "token-revoked": ("semua token dicabut sebelum permintaan ini", "all tokens are revoked before this request"),
    "token-refused": ("token ditolak, betapapun barunya", "the token is refused, however new it is"),
    "forbidden": ("403 wrong-party", "403 wrong-party"),
    "page-repeated": ("halaman umpan yang lalu datang lagi", "the feed's last page comes once more"),
    "hole": ("satu peristiwa hilang dari halaman umpan", "one event is missing from the feed's page"),
}
"""Every kind, with a sentence in both languages."""
FEED: Final = frozenset({"page-repeated", "hole"})


class UnknownMishap(ValueError):
    """There is no such mishap; the message names those that there are."""


@dataclass
class Mishap:
    """One mishap: on requests whose operationId fits the pattern `at`, so many `times`.

    `retry_after` and `seconds` (of being late) are in seconds.
    """

    kind: str
    at: str = "*"
    times: int = 1
    retry_after: int = 1
    seconds: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a kind that nobody knows."""
        if self.kind not in KINDS:
            raise UnknownMishap(f"{self.kind!r} is no mishap. There are: {', '.join(KINDS)}.")

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Mishap:
        """A mishap as the control address takes it. Raises `UnknownMishap` or TypeError."""
        return cls(**{str(name): value for name, value in told.items()})


class Mishaps:
    """The mishaps that wait, in the order in which they were told."""

    def __init__(self) -> None:
        self._waiting: list[Mishap] = []
        self._lock = threading.Lock()

    def add(self, mishap: Mishap) -> None:
        """Let it happen to the next request that it is meant for."""
        with self._lock:
            self._waiting.append(mishap)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._waiting.clear()

    def take(self, operation: str) -> Mishap | None:
        """The mishap that happens to this request, if any; one use of it is spent."""
        with self._lock:
            for mishap in self._waiting:
                if fnmatch.fnmatchcase(operation, mishap.at):
                    mishap.times -= 1
                    if mishap.times <= 0:
                        self._waiting.remove(mishap)
                    return mishap
        return None
