"""The real worker in a process of its own: killed, told to end, given a job that fails."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client as Browser
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from jobs import gauges
from jobs.queue import MOST_ATTEMPTS, defer, deferring
from tests.conftest import ROOT, Copies
from tests.jobs import tasks

PATIENCE_S = 60
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(transactional_db: None, copies: Copies, tmp_path: Path) -> Iterator[Start]:
    """Start a worker on this test's database, as `./run serve` does."""
    roles = copies.roles.on(connection.settings_dict["NAME"])
    own = {"DJANGO_SETTINGS_MODULE": "tests.jobs.settings", "TESTED_JOBS": str(tmp_path)}
    started: list[subprocess.Popen[bytes]] = []

    def worker(*options: str) -> subprocess.Popen[bytes]:
        with (tmp_path / "worker.log").open("ab") as out:
            started.append(
                subprocess.Popen(
                    [sys.executable, "manage.py", "work", "--dead-after", "1", *options], cwd=ROOT,
                    env={**os.environ, **roles.environment(), **roles.alone("worker"), **own}, stdout=out, stderr=out,
                )
            )  # fmt: skip
        return started[-1]

    yield worker
    for one in started:
        one.kill()
        one.wait()


def put(task: object, ident: UUID, **how: object) -> int:
    with deferring():
        return defer(task, ident=ident, **how)  # type: ignore[arg-type]  # a test's own shorthand


def status(number: int) -> str:
    return str(ProcrastinateJob.objects.get(pk=number).status)


def until(true: Callable[[], bool], folder: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, (folder / "worker.log").read_text()[-4000:]
        time.sleep(0.02)


def told(folder: Path, ident: UUID) -> list[str]:
    notes = folder / str(ident)
    return notes.read_text().splitlines() if notes.exists() else []


def test_a_killed_worker_s_job_is_done_by_another_and_one_that_kills_all_is_given_up(
    start: Start, owner_connection: psycopg.Connection, tmp_path: Path
) -> None:
    ident, deadly = uuid4(), uuid4()
    first, number = start(), put(tasks.waits, ident)
    until(lambda: len(told(tmp_path, ident)) == 1, tmp_path)
    assert (status(number), gauges.read().doing) == ("doing", 1)

    first.send_signal(signal.SIGKILL)
    first.wait()
    assert status(number) == "doing", "nobody could note it"
    # A job that was with a worker at each attempt so far, and the worker is gone.
    given_up = put(tasks.waits, deadly)
    owner_connection.execute(
        "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s WHERE id = %s", [MOST_ATTEMPTS - 1, given_up]
    )
    second = start()
    until(lambda: len(told(tmp_path, ident)) == 2, tmp_path)
    (tmp_path / "go").touch()
    until(lambda: status(number) == "succeeded", tmp_path)

    assert told(tmp_path, ident) == [f"begun {first.pid}", f"begun {second.pid}", f"done {second.pid}"]
    until(lambda: status(given_up) == "failed", tmp_path)
    assert told(tmp_path, deadly) == []
    log = (tmp_path / "worker.log").read_text()
    assert "is taken up again" in log
    assert "is given up" in log


def test_a_worker_that_is_told_to_end_finishes_or_gives_back_and_survives_a_failure(
    start: Start, tmp_path: Path
) -> None:
    ident, bad = uuid4(), uuid4()
    patient, failed = start(), put(tasks.fails, bad)
    until(lambda: status(failed) == "failed", tmp_path)
    number = put(tasks.waits, ident)
    until(lambda: len(told(tmp_path, ident)) == 1, tmp_path)
    patient.terminate()
    (tmp_path / "go").touch()
    assert patient.wait(PATIENCE_S) == 0
    assert (status(number), told(tmp_path, ident)[-1]) == ("succeeded", f"done {patient.pid}")
    assert gauges.read().workers == 0, "it has signed off"

    (tmp_path / "go").unlink()
    again = uuid4()
    hasty, number = start("--ends-within", "0.1"), put(tasks.waits, again)
    until(lambda: len(told(tmp_path, again)) == 1, tmp_path)
    hasty.terminate()
    assert hasty.wait(PATIENCE_S) == 0
    assert status(number) == "todo"


@pytest.mark.django_db(transaction=True)
def test_a_job_is_told_ids_in_a_transaction_of_its_own() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        put(tasks.waits, uuid4())
    with deferring(), pytest.raises(TypeError, match="ids and nothing else"):
        defer(tasks.waits, ident="Siti Aminah")  # type: ignore[arg-type]  # what is refused
    with deferring():
        defer(tasks.waits, ident=uuid4())
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()
    put(tasks.waits, (ident := uuid4()))
    assert ProcrastinateJob.objects.get().args == {"ident": str(ident)}


def _without_seconds(alarms: list[str]) -> list[str]:
    """The clock goes on while the test runs."""
    return [re.sub("[0-9]+ s:", "N s:", alarm) for alarm in alarms]


@pytest.mark.django_db(transaction=True)
def test_an_operator_is_told_that_no_worker_runs(owner_connection: psycopg.Connection, settings: Settings) -> None:
    settings.LINTAS_METRICS_TOKEN = "metrics"

    def seen() -> tuple[list[str], str]:
        alarms = json.loads(Browser().get("/readyz").content)["alarms"]
        metrics = Browser().get("/metrics", headers={"Authorization": "Bearer metrics"}).content.decode()
        return [alarm for alarm in alarms if "job" in alarm], metrics

    assert seen()[0] == []
    put(tasks.waits, uuid4())
    assert seen()[0] == [], "it waits since now"
    owner_connection.execute("UPDATE procrastinate_events SET at = at - interval '90 s'")
    alarms, metrics = seen()
    assert _without_seconds(alarms) == ["no worker runs, and 1 job waits, for N s: start manage.py work"]
    assert "lintas_jobs_workers 0\n" in metrics
    assert "lintas_jobs_waiting 1\n" in metrics
    assert 90 <= float(re.findall("^lintas_jobs_oldest_waiting_seconds (.+)$", metrics, re.MULTILINE)[0]) < 300
    owner_connection.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert _without_seconds(seen()[0]) == ["1 job waits, for N s: start another worker (manage.py work)"]
