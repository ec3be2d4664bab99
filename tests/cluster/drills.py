"""The drills on the cluster; each raises AssertionError or RuntimeError where something is not as it must be."""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

from audit.tlog.notes import VerifierKey
from tests.cluster.ground import Cluster, wait_for
from tests.cluster.load import OneAfterTheOther, Recorded
from tests.cluster.register import Pooled, register
from tests.drills.soundness import assert_sound
from tests.drills.test_crashes import assert_nothing_acknowledged_is_lost


class Hurt(NamedTuple):
    """How a primary is hurt, and mended once another one serves."""

    name: str
    hurt: Callable[[Cluster, str], None]
    mend: Callable[[Cluster, str], None]


WAYS = (
    Hurt("machine killed", Cluster.kill_machine, Cluster.revive_machine),
    Hurt("machine cut off", Cluster.unplug, Cluster.plug),
    Hurt("machine paused", Cluster.pause, Cluster.go_on),
    Hurt("cut off from the other nodes", Cluster.cut, Cluster.join),
    Hurt("postmaster killed", Cluster.kill_postgres, Cluster.leave),
)


def say(words: str) -> None:
    """A line, at once."""
    print(f"   {words}", flush=True)


def spread(seconds: list[float]) -> str:
    """Least, middle and most."""
    return f"{min(seconds):.1f} / {statistics.median(seconds):.1f} / {max(seconds):.1f} s"


@contextmanager
def cluster_at(folder: Path, chosen: argparse.Namespace) -> Iterator[Cluster]:
    """A whole cluster; nothing of it runs afterwards."""
    made = Cluster(folder, patroni=chosen.patroni)
    try:
        made.make()
        made.serve_clients()
        yield made
    finally:
        made.stop()


def quorum(folder: Path, chosen: argparse.Namespace) -> None:
    """The primary is lost again and again under load: 0 lost, 0 doubled, no witness objects, 503 at most."""
    with cluster_at(folder, chosen) as cluster, register(cluster, folder.parent / "here") as (here, key):
        say(f"register ready on {cluster.primary()}")
        gaps: dict[str, list[float]] = defaultdict(list)
        with Recorded(here, number=chosen.writers) as load:
            wait_for(lambda: len(load.moments) > 20 or load.faults, "acknowledged writes")
            until = time.monotonic() + 60 * chosen.minutes
            for number in range(chosen.rounds):
                if time.monotonic() > until:
                    say(f"{chosen.minutes} minutes are over: {number} rounds instead of {chosen.rounds}")
                    break
                way = WAYS[number % len(WAYS)]
                gap = _one_round(cluster, load, way)
                gaps[way.name].append(gap)
                say(f"round {number + 1}: {way.name}: {gap:.1f} s without an acknowledged write")
                assert not load.faults, load.faults
        _settled(here)
        say(f"{len(load.acknowledged)} writes acknowledged, {load.outages} attempts repeated")
        say(f"answers: {dict(load.statuses)}")
        assert not load.unbearable(), load.unbearable()
        _all_is_well(here, key, load)
        for name, found in gaps.items():
            say(f"{name}: {spread(found)} (least / median / most of {len(found)})")
        say(f"all: {spread([gap for found in gaps.values() for gap in found])}")
        if not chosen.no_asynchronous:
            asynchronous(cluster, here, key, folder)


def _one_round(cluster: Cluster, load: Recorded, way: Hurt) -> float:
    """Hurt the primary, wait for another one and for writes, mend, wait for all three; the gap in seconds."""
    old = cluster.primary()
    assert old, "there is no primary"
    began = time.monotonic()
    way.hurt(cluster, old)
    wait_for(lambda: cluster.primary(but=old), f"primary other than {old}")
    promoted = time.monotonic()
    wait_for(lambda: load.acknowledged_since(promoted) > 5 or load.faults, "acknowledged writes")
    gap = load.longest_gap(began)
    way.mend(cluster, old)
    wait_for(cluster.is_whole, f"whole cluster after {way.name}", seconds=240)
    return gap


def _settled(here: Pooled) -> None:
    here.tick()
    here.wait_until_ready(seconds=300)
    here.wait_until_signed(cosigned=True)


def _all_is_well(here: Pooled, key: VerifierKey, load: Recorded) -> None:
    assert_nothing_acknowledged_is_lost(here, load)
    with here.owner() as owner:
        assert_sound(owner, keys=[key], drained=True)
        refused = owner.execute("SELECT refused, contested FROM audit_logstatus").fetchone()
        assert refused == ("", ""), refused
    objected = [log for log in folder_logs(here) if "does not accept" in log or "has seen" in log]
    assert not objected, "a witness objected"
    for one in here.witnesses:
        assert "ALARM" not in one.process.log.read_text(), "a witness has evidence against the log"
    found = here.verify(key)
    assert found.exit == 0, found.said
    say("0 lost, 0 doubled, no witness objected, lintas-verify db: exit 0")


def folder_logs(here: Pooled) -> list[str]:
    """What the sequencer said."""
    return [here.running["sequencer"].log.read_text(errors="replace")]


def asynchronous(cluster: Cluster, here: Pooled, key: VerifierKey, folder: Path) -> None:
    """What an asynchronous failover would do: acknowledged writes are gone, and the witnesses refuse what is left."""
    cluster.stop_waiting()
    say("from here on a commit waits for no other node")
    old = cluster.primary()
    with OneAfterTheOther(here) as load:
        wait_for(lambda: len(load.told) > 10 or load.faults, "acknowledged writes")
        cluster.cut(old)
        wait_for(lambda: cluster.primary(but=old), f"primary other than {old}")
    assert not load.faults, load.faults
    wait_for(cluster.is_reached, "primary behind haproxy")
    with here.owner() as owner:
        kept = {bytes(row[0]).hex() for row in owner.execute("SELECT leaf_hash FROM audit_entry").fetchall()}
    receipts = [receipt for one in load.told for receipt in one.receipts]
    lost = [receipt for receipt in receipts if receipt["leaf_hash"] not in kept]
    say(f"{len(receipts)} writes acknowledged with a receipt, {len(lost)} of them are gone after the failover")
    assert lost, "nothing was lost: the old primary did not acknowledge while it was cut off"
    wait_for(lambda: _refused(here), "refusal by the witnesses")
    say(f"the log says: {_refused(here)}")
    newest = folder.parent / "witnessed.checkpoint"
    newest.write_text(load.checkpoint)
    found = here.verify(key, kept=newest)
    say(f"lintas-verify db --checkpoint (the one that an agency kept): exit {found.exit}")
    assert found.exit != 0, "nothing is missed"
    # The pooler's sessions to the old primary end with the first call on each.
    wait_for(lambda: load.try_once()[1] == "503 writes-paused", "pause of writes", seconds=60)
    say("a writer is told: 503 writes-paused")


def _refused(here: Pooled) -> str:
    try:
        with here.owner() as owner:
            row = owner.execute("SELECT refused FROM audit_logstatus").fetchone()
    except psycopg.OperationalError:
        return ""
    return str(row[0]) if row else ""
