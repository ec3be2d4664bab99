"""What a server process sees of its machine and its database: disks that fill up, clocks that jump."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Final

from django.conf import settings

from api.http import problems

JUMP_S: Final = 5.0
"""Seconds by which a clock may be set, or two clocks differ, without anybody being told."""
TOLD_FOR_S: Final = 3600.0
"""Seconds for which a jump is an alarm: whoever comes later than that looks at the log."""
FULL_FOR_S: Final = 10.0
"""Seconds for which a statement that found no room says that the disk is full."""
LITTLE: Final = 0.05
"""Share of a disk that is an alarm when no more than that is free."""


class WallClock:
    """Notices that the machine's clock was set, by the clock that nobody can set."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = time.time() - time.monotonic()
        self._jump: tuple[float, float] | None = None

    def look(self) -> float | None:
        """By how many seconds the clock was set, forward or back, within the last hour; None where it was not."""
        with self._lock:
            now = time.monotonic()
            offset = time.time() - now
            if abs(offset - self._offset) > JUMP_S:
                self._jump = (now, offset - self._offset)
            self._offset = offset
            if self._jump is not None and now - self._jump[0] > TOLD_FOR_S:
                self._jump = None
            return self._jump[1] if self._jump is not None else None


_wall_clock: Final = WallClock()


def clocks(database_now: float) -> list[str]:
    """What an operator must know of the clocks. `database_now` is the database's, in seconds since 1970."""
    alarms = []
    if (jump := _wall_clock.look()) is not None:
        alarms.append(f"this machine's clock was set by {jump:+.0f} s within the last hour: is NTP at work?")
    if abs(ahead := database_now - time.time()) > JUMP_S:
        alarms.append(
            f"the database's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"
        )
    return alarms


def disks() -> list[str]:
    """What an operator must know of the disks named in `LINTAS_DISKS`."""
    alarms = []
    for folder in settings.LINTAS_DISKS:
        try:
            disk = os.statvfs(Path(folder))
        except OSError as why:
            alarms.append(f"the disk of {folder} cannot be looked at: {why.strerror}")
            continue
        if disk.f_bavail < LITTLE * disk.f_blocks:
            free = disk.f_bavail * disk.f_frsize / 1024**2
            alarms.append(f"the disk of {folder} is nearly full: {free:.0f} MB are free")
    return alarms


def has_no_room() -> bool:
    """Whether the database found no room for a statement of this process, seconds ago."""
    return time.monotonic() - problems.last_without_room() < FULL_FOR_S
