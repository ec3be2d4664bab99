"""A progress line on stderr for long verifications; drawn by `rich` where it is installed, plain otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Progress(Protocol):
    """Told how far a part of the work has come."""

    def __call__(self, part: str, done: int, total: int | None) -> None:
        """`done` of `total` (None: unknown) items of that part."""


def silent(part: str, done: int, total: int | None) -> None:
    """Nobody watches."""


@contextmanager
def showing(wanted: bool) -> Iterator[Progress]:
    """Show progress on a terminal, or where it is `wanted`; at most five times a second."""
    if not (wanted or sys.stderr.isatty()):
        yield silent
        return
    try:
        from rich import progress as bars
        from rich.console import Console
    except ImportError:
        yield _plain()
        return
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain()
        return
    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=console, transient=True, refresh_per_second=5) as bar:
        tasks: dict[str, bars.TaskID] = {}

        def draw(part: str, done: int, total: int | None) -> None:
            if part not in tasks:
                tasks[part] = bar.add_task(part, total=total)
            bar.update(tasks[part], completed=done, total=total)

        yield draw


def _plain() -> Progress:
    last = 0.0

    def line(part: str, done: int, total: int | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < 2 and done != total:
            return
        last = now
        share = f" of {total:,} ({100 * done // total} %)" if total else ""
        print(f"{part}: {done:,}{share}", file=sys.stderr, flush=True)

    return line
