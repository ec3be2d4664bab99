"""The soak loses nothing on a real server, and says what did not hold."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.soak import Seen, judged, quantiles, soak
from tests.live_server import Server, sequencing
from tests.world import World


def test_a_short_soak_loses_nothing(world: World, server_here: Server, tmp_path: Path) -> None:
    keys = tmp_path / "sandbox.json"
    keys.write_text(json.dumps({"clients": list(world.clients.values())}))
    with sequencing(server_here):
        verdict = soak(keys, base_url=server_here.base_url, seconds=3, share=0.5, writers=2, pids=[server_here.pid])
    # How fast this machine is now is no promise of the service's.
    assert [fault for fault in verdict.faults if "are slow" not in fault] == []
    assert "5xx: 0; lost: 0; gaps in the feed: 0" in verdict.lines
    assert not verdict.lines[1].startswith("0 casefiles")


def test_what_does_not_hold_is_named() -> None:
    seen = Seen(answers=[("read", 200, 0.04)] * 94 + [("read", 200, 0.2)] * 6 + [("write", 503, 0.01)] * 2, gaps=1)
    seen.acknowledged = {"a": 3, "b": 1, "c": 1}
    seen.followed = {"a": 2, "b": 1}
    assert seen.untold() == ["a", "c"]
    memory = [{7: 100 << 20, 8: 50 << 20}] * 6 + [{7: 115 << 20, 8: 54 << 20}] * 6
    verdict = judged(seen, lost=seen.untold(), memory=memory, seconds=60)
    assert verdict.faults == [
        "reads are slow: p95 200 ms, and the contract says 150",
        "2 answers of 5xx",
        "2 casefiles are lost: a, c",
        "1 gaps in the feed",
        "process 7 grew from 100 to 115 MiB",
    ]


def test_quantiles_are_of_what_was_measured() -> None:
    assert quantiles([]) == [0.0, 0.0, 0.0]
    assert quantiles([5.0]) == [5.0, 5.0, 5.0]
    assert quantiles([float(number) for number in range(101)]) == [50.0, 95.0, 99.0]
