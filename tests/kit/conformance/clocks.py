"""A clock that moves when somebody sleeps, so that waiting costs no time."""

from __future__ import annotations

import time


class Clock:
    """POSIX seconds; `sleep` moves it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.ahead += seconds
