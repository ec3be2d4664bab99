"""A child process that reads what strangers wrote: little memory and time, no environment, nothing of the register."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

MEMORY: Final = 768 * 1024 * 1024
"""Bytes of address space that the child may have."""
CPU_S: Final = 20
WALL_S: Final = 40.0
_ROOT: Final = Path(__file__).resolve().parent.parent


def output_of(module: str, *arguments: str, parts: Iterable[bytes]) -> bytes | None:
    """What `python -m module` prints of these bytes; None where it failed, or ran out of memory or time."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=_ROOT, env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:  # fmt: skip
        stdin = child.stdin
        try:
            if stdin is not None:
                try:
                    for part in parts:
                        stdin.write(part)
                    stdin.close()
                except BrokenPipeError:
                    pass
                child.stdin = None
            said, _ = child.communicate(timeout=WALL_S)
        except subprocess.TimeoutExpired:
            child.kill()
            return None
        except BaseException:
            child.kill()
            raise
    return said if child.returncode == 0 else None


def limit() -> None:
    """Take the limits on, in the child."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    sys.setrecursionlimit(2_000)
