"""The sequencer dies before every one of its statements, by `kill -9`, with its connection: the tree stays whole."""

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from tests.drills.bare_entries import append, writing
from tests.drills.conftest import LONG, Ground, Sequencer, wait_for
from tests.drills.sequencer_driver import DIED
from tests.drills.soundness import assert_sound
from tests.live_server import ROOT

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]

AGENCIES = (3, 7, 11)
KILLS = 12 if LONG else 3
CUTS = 8 if LONG else 2
TAKES_OVER_WITHIN_S = 10


@contextmanager
def driver(ground: Ground) -> Iterator[Callable[[int, int], int]]:
    """A way to have one round run and die: `round(step, batch)` gives its exit code."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.drills.sequencer_driver"], cwd=ROOT, env=ground.environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as child:  # fmt: skip
        assert child.stdin is not None
        assert child.stdout is not None

        def one(step: int, batch: int) -> int:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(f"{step} {batch}\n")
            child.stdin.flush()
            said = child.stdout.readline()
            assert said, "the driver is gone"
            # Until its backend has noticed, a commit may still be under way.
            wait_for(lambda: ground.active() is None, "backend of the dead one that ends", seconds=10)
            return int(said)

        yield one
        child.stdin.close()


@pytest.mark.parametrize(("batch", "entries"), [(1000, 3), (2, 7)])
def test_dying_at_every_step_leaves_the_tree_whole(ground: Ground, batch: int, entries: int) -> None:
    """Each round finds new entries, and what the one before left undone; it dies one step later than that one."""
    streams = [uuid4() for _ in range(3)]
    deaths = 0
    with ground.web() as web, driver(ground) as one_round:
        for step in itertools.count(1):
            for number in range(entries):
                append(web, stream=streams[number % 3], audience=AGENCIES[: number % 4])
            outcome = one_round(step, batch)
            assert_sound(ground.owner, keys=[ground.key])
            if outcome == 0:
                break
            assert outcome == DIED
            deaths += 1
        assert one_round(0, batch) == 0
    found = assert_sound(ground.owner, keys=[ground.key], drained=True)
    assert deaths >= 20, "a round has more steps than that"
    # The entry that opened the log, and all that were written.
    assert found.size == 1 + entries * (deaths + 1)


@pytest.mark.parametrize("batch", [1000, 2])
def test_dying_at_every_step_of_the_very_first_round(ground: Ground, batch: int) -> None:
    """Until it survives, nothing was sequenced before: the genesis entry alone can be the first leaf."""
    with ground.web() as web, driver(ground) as one_round:
        append(web, stream=uuid4(), audience=AGENCIES)
        for step in range(1, 9):
            outcome = one_round(step, batch)
            assert outcome in (0, DIED)
            found = assert_sound(ground.owner, keys=[ground.key])
            assert found.size + found.pending == 2
        assert one_round(0, batch) == 0
    assert_sound(ground.owner, keys=[ground.key], drained=True)


def test_kill_9_of_the_active_one_again_and_again(ground: Ground) -> None:
    """Two run; whichever is active is killed under load: the other one takes over, nothing is doubled or lost."""
    pair = [ground.sequence(), ground.sequence()]
    wait_for(lambda: any(one.is_active for one in pair), "active sequencer")
    with writing(ground.web, writers=4, streams=[uuid4() for _ in range(5)], agencies=AGENCIES, seed=1) as written:
        for _ in range(KILLS):
            active, other = _told_apart(pair)
            wait_for(lambda one=other: one.stands_by, "second one that stands by")  # type: ignore[misc]
            before, grown = ground.active(), ground.count("audit_leaf")
            active.kill()
            wait_for(lambda one=other: one.is_active, "takeover", seconds=TAKES_OVER_WITHIN_S)  # type: ignore[misc]
            wait_for(lambda size=grown: ground.count("audit_leaf") > size + 5, "growth after it")  # type: ignore[misc]
            assert ground.active() not in (None, before), "the killed one's session holds the lock still"
            assert_sound(ground.owner, keys=[ground.key])
            pair = [other, ground.sequence()]
    wait_for(ground.drained, "empty queue")
    assert _entries(ground) == written.committed
    assert written.rolled_back
    assert_sound(ground.owner, keys=[ground.key], drained=True)
    for one in pair:
        one.stop()


def test_its_connection_is_cut_again_and_again(ground: Ground) -> None:
    """The lock goes with the connection: the other one takes over, or the same one comes back; both live on."""
    pair = [ground.sequence(), ground.sequence()]
    wait_for(lambda: any(one.is_active for one in pair), "active sequencer")
    with writing(ground.web, writers=4, streams=[uuid4() for _ in range(5)], agencies=AGENCIES, seed=2) as written:
        for _ in range(CUTS):
            before, grown = ground.active(), ground.count("audit_leaf")
            ground.owner.execute("SELECT pg_terminate_backend(%s)", [before])
            wait_for(lambda old=before: ground.active() not in (None, old), "new session", seconds=TAKES_OVER_WITHIN_S)  # type: ignore[misc]
            wait_for(lambda size=grown: ground.count("audit_leaf") > size + 5, "growth after it")  # type: ignore[misc]
            assert_sound(ground.owner, keys=[ground.key])
    wait_for(ground.drained, "empty queue")
    assert _entries(ground) == written.committed
    assert_sound(ground.owner, keys=[ground.key], drained=True)
    for one in pair:
        one.stop()


def _told_apart(pair: list[Sequencer]) -> tuple[Sequencer, Sequencer]:
    active = [one for one in pair if one.is_active]
    assert len(active) == 1, "two are active, or none"
    return active[0], next(one for one in pair if one is not active[0])


def _entries(ground: Ground) -> set[object]:
    """Those of the drill: not the log's own."""
    rows = ground.owner.execute(
        "SELECT uuid FROM audit_entry WHERE convert_from(body, 'UTF8')::json ->> 'kind' = 'drill.written'"
    ).fetchall()
    return {row[0] for row in rows}
