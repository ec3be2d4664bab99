"""The worker: does jobs until it is told to end, and takes up again what a dead worker left.

One event loop for the queue, one thread for each job; a job's own statements use Django's connection of that thread.
Any number of workers share the queue: a job is claimed by `FOR UPDATE SKIP LOCKED`, and a worker that lives says so by
its heartbeat.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connections
from procrastinate import App, JobContext
from procrastinate.contrib.django import DjangoApp, app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.worker import Worker

from jobs.queue import MOST_ATTEMPTS

logger = logging.getLogger("lintas.jobs")

KEPT_HOURS: Final = 72
"""For how long what is done, or was given up, can be looked at."""
CLEAN_EVERY_S: Final = 3600.0
AWAY_S: Final = 2.0
"""Seconds to wait for a database that is away."""


@dataclass(frozen=True)
class Pace:
    """How a worker works; seconds."""

    at_once: int = 2
    """Jobs done at a time, each in a thread."""
    beat_s: float = 5.0
    dead_after_s: float = 20.0
    """A worker without a heartbeat for so long is dead, and its jobs are taken up again."""
    ends_within_s: float = 20.0
    """How long a job may go on once the worker is told to end; then it is asked to stop between two parts."""
    look_every_s: float = 2.0


async def work(pace: Pace, *, once: bool = False) -> None:
    """Do jobs until SIGTERM or SIGINT, or `once`: until none waits.

    Raises `ConnectorException` where the database is away.
    """
    async with _opened() as queue:
        looking = asyncio.create_task(_look_after(queue, pace))
        try:
            await queue.run_worker_async(
                wait=not once,
                concurrency=pace.at_once,
                fetch_job_polling_interval=pace.look_every_s,
                abort_job_polling_interval=pace.look_every_s,
                update_heartbeat_interval=pace.beat_s,
                stalled_worker_timeout=pace.dead_after_s,
                shutdown_graceful_timeout=pace.ends_within_s,
            )
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking


@contextlib.asynccontextmanager
async def _opened() -> AsyncIterator[App]:
    """The queue's own sessions, beside those of the jobs.

    What a job defers goes through Django's connection, in the transaction of the job's own rows.
    """
    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError("The queue's connector is Django's (jobs/queue.py).")
    queue = DjangoApp(
        connector=connector.get_worker_connector(), worker_defaults={"task_middleware": [_with_a_connection_of_its_own]}
    )
    queue.tasks, queue.periodic_registry = app.tasks, app.periodic_registry
    async with queue.open_async():
        yield queue


def _with_a_connection_of_its_own(call_next: Callable[[], Any], context: JobContext, worker: Worker) -> Any:
    """Django's connection of a job's thread ends with the job: the next may come hours later."""
    try:
        return call_next()
    finally:
        connections.close_all()


async def _look_after(queue: App, pace: Pace) -> None:
    """Take up what dead workers left, again and again; now and then delete what is long done."""
    cleaned = -CLEAN_EVERY_S
    loop = asyncio.get_running_loop()
    while True:
        try:
            await take_up(queue, dead_after_s=pace.dead_after_s)
            if loop.time() - cleaned >= CLEAN_EVERY_S:
                await queue.job_manager.delete_old_jobs(
                    nb_hours=KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
                )
                cleaned = loop.time()
        except ConnectorException as why:
            logger.warning("the database is away: %s", why)
        await asyncio.sleep(pace.look_every_s)


async def take_up(queue: App, *, dead_after_s: float) -> None:
    """Put the jobs of dead workers back into the queue; one that was begun too often is given up."""
    manager = queue.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=dead_after_s):
        if job.attempts + 1 < MOST_ATTEMPTS:
            logger.warning("job %s (%s) is taken up again: its worker died", job.id, job.task_name)
            await manager.retry_job(job)
        else:
            logger.error("job %s (%s) is given up: its worker died at every attempt", job.id, job.task_name)
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
