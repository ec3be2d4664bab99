"""The client dies at every line of its write path, and nothing is done twice and nothing is lost.

`./run test` tries every twelfth line, on each day of the month others; CI tries all of them (mark `crash`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.client import Client as Counterpart
from tests.journeys.paths import submitted
from tests.kit.client.conftest import registered
from tests.kit.client.dying import DIED
from tests.world import Sandbox

ROOT = Path(__file__).resolve().parents[3]
FILES = {"client.py", "outbox.py", "store.py", "wire.py", "answers.py", "signing.py", "keys.py", "tokens.py"}
"""What a write runs through; a file that is not among the lines was not tried."""


@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.crash)])
def test_a_client_that_dies_at_any_line_does_each_note_once(
    counterparts: Mapping[str, Counterpart], sandbox: Sandbox, tmp_path: Path, every: int
) -> None:
    journey, client = submitted(counterparts), registered(sandbox, "bkn")
    given = {
        "base_url": sandbox.base_url, "client_id": client["client_id"], "jwk": client["private_jwk"],
        "casefile": journey.casefile, "store": str(tmp_path / "store.sqlite"),
        "every": every, "from": datetime.now(UTC).day % every,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.kit.client.dying"], cwd=ROOT, input=json.dumps(given), capture_output=True,
        text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT / "kit" / "python")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    deaths = [json.loads(line) for line in done.stdout.splitlines()]
    if every == 1:
        assert {death["where"].partition(":")[0] for death in deaths} >= FILES
        assert len(deaths) > 100, "the trace does not see the write path"
    for death in deaths:
        assert death["code"] == DIED, death
        # What was on the disk was sent, and what is done again under its reference is found.
        assert death["pending"] in ([], [death["text"]]), death
        assert death["accepted"] == [True] * len(death["pending"]), death
        assert death["left"] == 0, death
    # Some died before the register was asked, some after it had done it, and some when all was noted.
    assert {death["replayed"] for death in deaths if death["pending"]} == {True, False}
    assert {bool(death["pending"]) for death in deaths} == {True, False}
    # Bodies that were accepted have gone, whoever died in between.
    assert not [path for path in tmp_path.iterdir() if b"2024-10-10" in path.read_bytes()]
    items = counterparts["bkn"].get(f"/casefiles/{journey.casefile}/timeline", limit="500").data["data"]
    notes = Counter(
        one["transition"]["given"]["text"]
        for one in items
        if one["kind"] == "transition" and one["transition"]["name"] == "note"
    )
    assert notes == Counter({"warm": 1, "dry run": 1, **{death["text"]: 1 for death in deaths}})
