"""Define a job, and defer it.

A job is a plain function in a module `tasks.py` of any installed app above this package; `job` registers it. Its
arguments are ids: what it needs to know it reads when its turn comes, with the rights that hold then. It may be done
twice, because a worker may die after the work and before the note of it; so it looks first at what is done already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Concatenate, Final, ParamSpec, TypeAlias
from uuid import UUID

from django.db import transaction
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job
from procrastinate.tasks import Task

MOST_ATTEMPTS: Final = 3
"""How often a job is begun before it is given up."""
AGAIN_AFTER_S: Final = 10
"""Seconds before a job that failed is tried again; twice as many before the third attempt."""

P = ParamSpec("P")
Function: TypeAlias = Callable[Concatenate[JobContext, P], None]


class Again(BaseRetryStrategy):
    """A job that raised is begun `attempts` times in all; one whose worker had to end, whenever that is."""

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to begin it again; None: never. `job.attempts` are those before this one."""
        if isinstance(exception, JobAborted):
            return RetryDecision(retry_in={"seconds": 0})
        if job.attempts + 1 >= self.attempts:
            return None
        return RetryDecision(retry_in={"seconds": AGAIN_AFTER_S * (job.attempts + 1)})


def job(
    *, queue: str, attempts: int = MOST_ATTEMPTS
) -> Callable[[Function[P]], Task[Concatenate[JobContext, P], None, P]]:
    """Register a function `f(context, *, some_id: str) -> None` as a job of that queue.

    An exception has it tried again, `attempts` times in all. The first argument is the job's context: a long job calls
    `goes_on(context)` between its parts.
    """
    return app.task(queue=queue, pass_context=True, retry=Again(attempts))


@contextmanager
def deferring() -> Iterator[None]:
    """One short transaction of its own for a row and the job that is about it: both are there, or neither.

    Raises RuntimeError inside another transaction. The queue's triggers notify the workers, and PostgreSQL lets
    transactions that notify commit one after the other: no step of a case may stand in that line.
    """
    with transaction.atomic(durable=True):
        yield


def defer(
    task: Task[..., None, ...], *, at: datetime | None = None, lock: UUID | str | None = None, **ids: UUID | int
) -> int:
    """Put a job into the queue; returns its number. To be called within `deferring`.

    `ids` are the function's arguments, UUIDs as strings. `at` is the earliest time to begin. Jobs of the same `lock`
    are done one after the other.
    """
    for name, ident in ids.items():
        if isinstance(ident, bool) or not isinstance(ident, UUID | int):
            raise TypeError(f"{task.name}({name}=…): a job is told ids and nothing else; it reads the rest itself.")
    asked = task.configure(schedule_at=at, lock=None if lock is None else str(lock))
    return asked.defer(**{name: str(ident) if isinstance(ident, UUID) else ident for name, ident in ids.items()})


def under_way(numbers: Collection[int]) -> Mapping[int, str]:
    """Those of these jobs that are not over yet, in one statement: `todo` for what waits, `doing` for what is begun."""
    rows = ProcrastinateJob.objects.filter(pk__in=numbers, status__in=("todo", "doing")) if numbers else ()
    return {row.id: row.status for row in rows}


def goes_on(context: JobContext) -> None:
    """To be called between two parts of a long job: raises `JobAborted` where the worker is to end.

    The job is then tried again by another worker.
    """
    if context.should_abort():
        raise JobAborted
