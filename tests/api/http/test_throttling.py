"""The generous limit holds across workers, gives back with time, and costs one statement per lot."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from agencies.models import Client
from api.http import throttling
from api.http.problems import Problem
from api.models import RateBucket
from tests.api.conftest import Caller
from tests.racing import room_for


@pytest.fixture
def client_pk(padang: Caller) -> int:
    throttling._lots.clear()
    return int(Client.objects.get(client_id="padang-pengawasan").pk)


def test_a_client_may_burst_and_then_waits(client_pk: int) -> None:
    draws = [throttling.draw(client_pk, permits=1, rate=0.5, burst=5) for _ in range(7)]
    assert draws[:5] == [0.0] * 5
    assert all(1.5 < wait <= 2.0 for wait in draws[5:])


def test_time_gives_permits_back(client_pk: int) -> None:
    assert throttling.draw(client_pk, permits=1, rate=10, burst=1) == 0.0
    assert 0 < throttling.draw(client_pk, permits=1, rate=10, burst=1) <= 0.1
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.12)")
    assert throttling.draw(client_pk, permits=1, rate=10, burst=1) == 0.0


@pytest.mark.race
def test_workers_share_one_bucket(client_pk: int) -> None:
    gate = threading.Barrier(8)

    def work(_: int) -> int:
        try:
            gate.wait()
            return sum(throttling.draw(client_pk, permits=1, rate=0.01, burst=20) == 0.0 for _ in range(5))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) == 20


def test_the_common_request_costs_no_statement(client_pk: int) -> None:
    throttling.check(client_pk)
    with CaptureQueriesContext(connection) as statements:
        for _ in range(throttling.LOT - 1):
            throttling.check(client_pk)
    assert len(statements) == 0


def test_who_asks_too_fast_is_told_when_to_come_back(padang: Caller, client_pk: int, settings: Settings) -> None:
    settings.LINTAS_RATE_PER_SECOND, settings.LINTAS_RATE_BURST = 0.1, 3
    answers = [padang("GET", "/api/v1/things") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    refused = json.loads(answers[-1].content)
    assert refused["code"] == "rate-limited"
    assert answers[-1]["Retry-After"] in refused["detail"]
    throttling._lots.clear()


def test_zero_switches_the_limit_off(client_pk: int, settings: Settings) -> None:
    settings.LINTAS_RATE_PER_SECOND, settings.LINTAS_RATE_BURST = 0, 1
    try:
        for _ in range(50):
            throttling.check(client_pk)
    except Problem:
        pytest.fail("no limit was asked for")


@pytest.mark.race
def test_the_threads_of_one_process_lose_no_permit_to_each_other(client_pk: int, settings: Settings) -> None:
    """A burst of 210 is 210, though a lot has 25, however many threads draw at once."""
    settings.LINTAS_RATE_PER_SECOND, settings.LINTAS_RATE_BURST = 0.001, 210
    room_for(8)
    gate = threading.Barrier(8)

    def work(_: int) -> int:
        allowed = 0
        gate.wait()
        try:
            for _ in range(40):
                try:
                    throttling.check(client_pk)
                    allowed += 1
                except Problem:
                    pass
        finally:
            connections.close_all()
        return allowed

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) == 210
    throttling._lots.clear()


def test_a_clock_that_was_set_back_holds_nobody_up(client_pk: int) -> None:
    """The bucket was filled tomorrow, as it were: it begins anew instead of counting down a day."""
    assert throttling.draw(client_pk, permits=1, rate=1, burst=5) == 0.0
    RateBucket.objects.filter(client=client_pk).update(busy_until=timezone.now() + timedelta(days=1))
    draws = [throttling.draw(client_pk, permits=1, rate=1, burst=5) for _ in range(6)]
    assert draws[:5] == [0.0] * 5
    assert 0 < draws[5] <= 1.0
