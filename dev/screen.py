"""Words on the screen: what `./run` says, and that something slow goes on. Standard library only."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Stop(Exception):
    """The verb cannot go on; the message says why and what to type."""


TTY = sys.stderr.isatty()
COLOURS = {"dim": 2, "bold": 1, "red": 31, "green": 32}


def paint(colour: str, text: str) -> str:
    """The text in that colour, where a person reads along."""
    plain = not TTY or os.environ.get("NO_COLOR")
    return text if plain else f"\033[{COLOURS[colour]}m{text}\033[0m"


def say(text: str = "") -> None:
    """A line for the person; what other programs read goes to stdout."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(title: str, *, quiet_for: float = 0.4) -> Iterator[None]:
    """Show that something slow goes on, and how long: a turning line for people, a line every ten seconds for logs."""
    began, over = time.monotonic(), threading.Event()

    def turn() -> None:
        if over.wait(quiet_for):
            return
        if not TTY:
            say(f"  {title} ...")
            while not over.wait(10):
                say(f"  {title} ... {time.monotonic() - began:.0f} s")
            return
        for mark in iter(lambda: "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"[int(time.monotonic() * 10) % 10], ""):
            sys.stderr.write(f"\r\033[2K  {mark} {title} {paint('dim', f'{time.monotonic() - began:.0f} s')}")
            sys.stderr.flush()
            if over.wait(0.1):
                break

    shown = threading.Thread(target=turn, daemon=True)
    shown.start()
    word = paint("red", "failed")
    try:
        yield
        word = paint("green", "ok")
    finally:
        over.set()
        shown.join()
        took = time.monotonic() - began
        if took >= quiet_for:
            say(f"{chr(13) + chr(27) + '[2K' if TTY else ''}  {title}: {word} ({took:.1f} s)")


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, to show under a message."""
    return "\n".join("    " + line for line in log.read_text(errors="replace").splitlines()[-lines:])
