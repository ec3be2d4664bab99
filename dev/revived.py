"""A server that is started again whenever it ends by itself.

granian ends when one of its workers dies twice within five seconds, and PostgreSQL would end with the verb.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable


class Revived:
    """Stands for the child of the moment, until it is told to end; `context.waited` takes it for one."""

    def __init__(self, child: subprocess.Popen[bytes], start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._child, self._start = child, start
        self._over, self._turn = threading.Event(), threading.Lock()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _keep(self) -> None:
        while True:
            self._child.wait()
            # Ctrl-C reached the child as well as us, who are about to say that it is over.
            self._over.wait(1)
            with self._turn:
                if self._over.is_set():
                    return
                self._child = self._start()

    @property
    def pid(self) -> int:
        """Of the child of the moment."""
        return self._child.pid

    def poll(self) -> int | None:
        """Its exit code, once it was told to end and has; None before."""
        return None if self._keeper.is_alive() else self._child.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it was told to end and has; returns its exit code. Raises subprocess.TimeoutExpired."""
        self._keeper.join(timeout)
        if self._keeper.is_alive():
            raise subprocess.TimeoutExpired("the server", timeout or 0)
        return self._child.returncode

    def terminate(self) -> None:
        """Ask it to end, for good."""
        with self._turn:
            self._over.set()
            self._child.terminate()

    def kill(self) -> None:
        """End it, for good."""
        with self._turn:
            self._over.set()
            self._child.kill()
