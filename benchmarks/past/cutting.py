"""`manage.py import_cases` in a process of its own: ended by SIGKILL at some moments, and resumed to its end."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks import grounds
from benchmarks.past import listing
from config.roles import Roles

SEED: Final = 2020
LOOKS_EVERY_S: Final = 0.2


@dataclass
class Run:
    """What the runs of one list took together: seconds of the command's processor and of time, and where it was cut."""

    processor_s: float = 0.0
    took_s: float = 0.0
    cut_after: list[int] = field(default_factory=list)
    memory_kib: int = 0


def moments(count: int, cuts: int) -> list[int]:
    """After how many answers the command is ended, so many times: drawn, the same at each run."""
    return sorted(random.Random(SEED).sample(range(1, count), cuts))


def imported(on: Roles, path: Path, answers: Path, *, cut_at: list[int], log: Path) -> Run:
    """Take the list in, and end the command by SIGKILL some time after each of these numbers of answers."""
    run, draws = Run(), random.Random(SEED)
    for cut in (*cut_at, None):
        began = time.monotonic()
        child = _started(on, path, answers, log=log)
        if cut is not None:
            _wait_for(child, answers, cut)
            time.sleep(draws.random() * 2)
            child.send_signal(signal.SIGKILL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        run.processor_s += used.ru_utime + used.ru_stime
        run.took_s += time.monotonic() - began
        run.memory_kib = max(run.memory_kib, used.ru_maxrss)
        if cut is not None and child.returncode == -signal.SIGKILL:
            run.cut_after.append(_lines(answers) - 1)
        elif child.returncode:
            raise RuntimeError(f"import_cases ended with {child.returncode}: {log.read_text()[-2000:]}")
    return run


def _started(on: Roles, path: Path, answers: Path, *, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "import_cases", str(path), "--answers", str(answers), "--resume"]
    environment = grounds.environment("lintas", on, LINTAS_DB_ROLE="owner")
    with log.open("ab") as out:
        return subprocess.Popen(command, cwd=grounds.ROOT, env=environment, stdout=out, stderr=out)


def _wait_for(child: subprocess.Popen[bytes], answers: Path, count: int) -> None:
    """Until so many rows have their answer, or the command has ended (which the caller sees)."""
    while _lines(answers) - 1 < count:
        if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return
        time.sleep(LOOKS_EVERY_S)


def _lines(path: Path) -> int:
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def judged(answers: Path, count: int) -> Counter[str]:
    """How many rows came in and were refused. Raises `RuntimeError` where an answer is not what the list deserves."""
    found: Counter[str] = Counter()
    with answers.open("rb") as file:
        json.loads(next(file))
        for line, raw in enumerate(file, 1):
            said: dict[str, Any] = json.loads(raw)
            wanted = listing.bad_of(line)
            why = [(error["pointer"], error["code"]) for error in said.get("errors", ())]
            if said["line"] != line or said["status"] != ("imported" if wanted is None else "refused"):
                raise RuntimeError(f"line {line}: {said['line']}, {said['status']}, {why}, wanted {wanted}")
            if wanted is not None and wanted not in why:
                raise RuntimeError(f"line {line}: refused for {why}, wanted {wanted}")
            if any(not error["id"] or not error["en"] for error in said.get("errors", ())):
                raise RuntimeError(f"line {line}: a reason without words")
            found[said["status"]] += 1
    if found.total() != count:
        raise RuntimeError(f"{found.total()} answers for {count} rows")
    return found
