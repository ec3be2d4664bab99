"""Registers a sandbox's clients by the operator's command, in one process that waits for the next one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agencies.asking import Said

Start = Callable[[], "subprocess.Popen[bytes]"]


class Registrar:
    """Starts `manage.py register_asked` by `start`, at once and whenever it has ended; one thread asks it."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._child = start()

    def register(self, file: Path) -> Said:
        """Register the clients of that file. Without lines where the process ended over it: its log says why."""
        if self._child.poll() is not None:
            self._close()
            self._child = self._start()
        asks, says = self._child.stdin, self._child.stdout
        assert asks is not None and says is not None  # noqa: S101, PT018 - it was started with pipes
        try:
            asks.write(f"{file}\n".encode())
            asks.flush()
            line = says.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            return Said(done=False, lines=())
        told = json.loads(line)
        return Said(told["done"], tuple(told["lines"]))

    def end(self) -> None:
        """End the process: its input ends, and it gets ten seconds."""
        self._close()
        try:
            self._child.wait(10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def _close(self) -> None:
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def registrar(start: Start) -> Iterator[Registrar]:
    """One that ends with the block."""
    made = Registrar(start)
    try:
        yield made
    finally:
        made.end()
