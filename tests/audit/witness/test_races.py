"""Many at once: the check and the memory are one step, so exactly one history is ever cosigned."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from audit.witness.submitting import Behind, Cosigned, Refused
from tests.audit.witness.logs import Log, Running, running

pytestmark = pytest.mark.race
THREADS = 8


def test_eight_threads_submitting_one_growing_log_never_take_it_back(witness: Running, log: Log) -> None:
    sizes = iter(range(1, 97))
    guard, acknowledged = threading.Lock(), [0]
    cosigned: list[int] = []

    def work(_: int) -> None:
        while True:
            with guard:
                size, seen = next(sizes, None), acknowledged[0]
            if size is None:
                return
            old = seen
            while old <= size:
                with guard:
                    seen = acknowledged[0]
                outcome = witness.submit(log, old, size)
                if isinstance(outcome, Behind):
                    assert outcome.size >= seen, "it forgot what it had acknowledged"
                    old = outcome.size
                    continue
                assert isinstance(outcome, Cosigned)
                with guard:
                    acknowledged[0] = max(acknowledged[0], size)
                    cosigned.append(size)
                break

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    assert witness.remembered() == 96
    assert 96 in cosigned
    assert witness.witness.store.contradictions() == []


@pytest.mark.parametrize("common", [0, 5])
def test_of_two_histories_at_once_exactly_one_is_cosigned(witness: Running, log: Log, common: int) -> None:
    race_of_two_histories(witness, witness, log, common)


def test_two_services_started_on_one_directory_by_mistake_are_still_one_witness(witness: Running, log: Log) -> None:
    with running(witness.directory) as twin:
        race_of_two_histories(witness, twin, log, 5)


def race_of_two_histories(witness: Running, twin: Running, log: Log, common: int) -> None:
    if common:
        assert isinstance(witness.submit(log, 0, common), Cosigned)
    histories = {name: log.fork(at=common, history=name) for name in ("a", "b")}
    together = threading.Barrier(THREADS)
    won: list[tuple[str, int]] = []
    sizes = {name: itertools.count(common + 1) for name in histories}
    guard = threading.Lock()

    def work(number: int) -> None:
        name = "ab"[number % 2]
        mine = histories[name]
        together.wait()
        for _ in range(10):
            with guard:
                size = next(sizes[name])
            old = common
            while old <= size:
                outcome = (witness, twin)[number // 2 % 2].submit(mine, old, size)
                if isinstance(outcome, Behind):
                    old = outcome.size
                    continue
                if isinstance(outcome, Cosigned):
                    won.append((name, size))
                else:
                    assert isinstance(outcome, Refused)
                    assert outcome.contests
                break

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    assert won
    assert len({name for name, _ in won}) == 1
    assert witness.witness.store.contradictions()
