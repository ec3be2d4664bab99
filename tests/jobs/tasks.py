"""Jobs that write down that they were begun, and wait to be let go on."""

from __future__ import annotations

import os
import time
from pathlib import Path

from procrastinate import JobContext

from jobs.queue import goes_on, job


def _note(ident: str, what: str) -> None:
    with (Path(os.environ["TESTED_JOBS"]) / ident).open("a") as told:
        told.write(f"{what} {os.getpid()}\n")


@job(queue="tested")
def waits(context: JobContext, *, ident: str) -> None:
    """Wait until somebody puts a file `go` beside the notes."""
    _note(ident, "begun")
    while not (Path(os.environ["TESTED_JOBS"]) / "go").exists():
        goes_on(context)
        time.sleep(0.02)
    _note(ident, "done")


@job(queue="tested", attempts=1)
def fails(context: JobContext, *, ident: str) -> None:
    """Fail, at the only attempt."""
    _note(ident, "begun")
    raise RuntimeError("on purpose")
