"""What a sandbox's server asks of the `./run serve --sandbox` that started it: to register a client, to begin anew.

The web's role of the database registers nobody and empties nothing, in a sandbox neither. So the server writes what it
was asked for into a folder, and `./run`, which is the sandbox's operator, does it by the commands that operators have:

    run                 which run of the sandbox this is; there once it is ready
    reset               begin anew
    ID.client.json      register these clients: a file as `manage.py register_client` takes it
    ID.said.json        what came of it

Standard library only: `./run` imports it.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

LOOKS_EVERY_S: Final = 0.1
PATIENCE_S: Final = 180.0
"""How long a registration may take before the server gives up: it is a command, which a busy machine starts slowly."""
KEPT: Final = "clients"
"""The folder of what was registered this way; it is registered again after a reset."""


class Unanswered(Exception):
    """Nobody answers in that folder: the sandbox was not started by `./run serve --sandbox`, or is just beginning."""


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended: whether it did what it was asked for, and its lines."""

    done: bool
    lines: tuple[str, ...]


# -- the server's side ------------------------------------------------------------------------------------------------


def run_of(folder: Path) -> str | None:
    """The run of the sandbox, or None while it is not ready."""
    try:
        return (folder / "run").read_text(encoding="ascii")
    except OSError:
        return None


def reset(folder: Path) -> str:
    """Ask for a new beginning; returns the run that ends with it. Raises `Unanswered`."""
    run = run_of(folder)
    if run is None:
        raise Unanswered
    _write(folder / "reset", "")
    return run


def register(folder: Path, registration: Mapping[str, Any], *, patience_s: float = PATIENCE_S) -> Said:
    """Have that client registered, and wait for the answer. Raises `Unanswered`."""
    if run_of(folder) is None:
        raise Unanswered
    ident = secrets.token_hex(8)
    asked, answer = folder / f"{ident}.client.json", folder / f"{ident}.said.json"
    _write(asked, json.dumps(registration))
    until = time.monotonic() + patience_s
    while not answer.exists():
        if time.monotonic() > until:
            asked.unlink(missing_ok=True)
            raise Unanswered
        time.sleep(LOOKS_EVERY_S / 2)
    said = json.loads(answer.read_text(encoding="utf-8"))
    answer.unlink()
    return Said(said["done"], tuple(said["lines"]))


# -- the side of `./run` ----------------------------------------------------------------------------------------------


@dataclass
class Clerk:
    """Does what is asked in a folder, in a thread of its own: `register` a file, or `reset`, which ends the work."""

    folder: Path
    register: Callable[[Path], Said]
    reset: Callable[[], None]
    was_reset: bool = False
    _over: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Until it is over."""
        while not self._over.wait(LOOKS_EVERY_S):
            for asked in sorted(self.folder.glob("*.client.json")):
                self._answer(asked)
            if (self.folder / "reset").exists():
                self.was_reset = True
                self.reset()
                return

    def end(self) -> None:
        """No more."""
        self._over.set()

    def _answer(self, asked: Path) -> None:
        said = self.register(asked)
        ident = asked.name.removesuffix(".client.json")
        if said.done:
            (self.folder / KEPT).mkdir(mode=0o700, exist_ok=True)
            with suppress(FileNotFoundError):  # who asked has given up meanwhile
                asked.replace(self.folder / KEPT / f"{time.time_ns()}.json")
        else:
            asked.unlink(missing_ok=True)
        _write(self.folder / f"{ident}.said.json", json.dumps({"done": said.done, "lines": said.lines}))


@contextmanager
def answering(folder: Path, *, register: Callable[[Path], Said], reset: Callable[[], None]) -> Iterator[Clerk]:
    """Answer what is asked in that folder until the block ends; what was asked of an earlier run is forgotten."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for left in (*folder.glob("*.json"), folder / "reset", folder / "run"):
        left.unlink(missing_ok=True)
    clerk = Clerk(folder, register, reset)
    thread = threading.Thread(target=clerk.work, daemon=True)
    thread.start()
    _write(folder / "run", secrets.token_hex(8))
    try:
        yield clerk
    finally:
        (folder / "run").unlink(missing_ok=True)
        clerk.end()
        thread.join(PATIENCE_S)


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    beside.touch(mode=0o600)
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
