"""Processor time of a server's processes, from /proc."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg

_TICK = os.sysconf("SC_CLK_TCK")


def of_tree(pid: int) -> float:
    """Seconds used by a process, its children, and those of its children that have ended."""
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            waiting += [int(child) for task in Path(f"/proc/{one}/task").iterdir() for child in _children(task)]
        except OSError:  # it ended meanwhile; its time is in its parent's
            continue
        # utime, stime, and cutime, cstime of children that were waited for
        total += sum(int(field) for field in fields[11:15]) / _TICK
    return total


def _children(task: Path) -> list[str]:
    return (task / "children").read_text().split()


def postmaster(url: str) -> int | None:
    """The pid of the PostgreSQL server behind a URL, where it runs on this machine and may be looked at."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        try:
            fields = Path(f"/proc/{row[0]}/stat").read_text() if row else ""
        except OSError:
            return None
        if "(postgres)" not in fields:
            return None
        parent = int(fields.rpartition(")")[2].split()[1])
        return parent if parent > 1 else None
