"""The runbook's chapter on the end of a year, played by real processes: web, sequencer, witness, both verifiers."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.tlog.notes import VerifierKey, read_vkey
from demo.client import Client
from tests.audit.verify.logs import at_its_word
from tests.conftest import Copies
from tests.drills.conftest import LONG
from tests.drills.service import Installation, verify
from tests.drills.soundness import assert_sound
from tests.drills.watched import kept_proof, watched_register
from tests.journeys.paths import EXAMINER, Journey, under_examination
from tests.live_server import ROOT
from tests.world import World

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(not LONG, reason="tests/audit/verify/test_closed_year.py has the short form; ./run drill"),
]


def closing(here: Installation, *more: str) -> subprocess.CompletedProcess[str]:
    """`manage.py close_log` as an operator types it."""
    command = [sys.executable, "manage.py", "close_log", "--reason", "end of 2026", "--draw-key", *more]
    return subprocess.run(
        command, cwd=ROOT, env=here.environment("owner"), check=False, capture_output=True, text=True
    )  # fmt: skip


def noted(journey: Journey) -> dict[str, Any]:
    """One more accepted step; its receipt."""
    after = journey.act(EXAMINER, "note", code="inquiry_made", date=str(journey.today))
    return dict(after["receipt"])


def test_a_year_is_closed_and_the_next_one_begins(
    copies: Copies, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with watched_register(copies, world, tmp_path / "here") as (here, key, outside, parties):
        journey = under_examination(parties)
        receipt = noted(journey)
        here.wait_until_signed(cosigned=True)
        kept = kept_proof(parties[EXAMINER], receipt, tmp_path)
        jwks = tmp_path / "jwks.json"
        jwks.write_bytes(parties[EXAMINER]._http.get("/.well-known/jwks.json").content)
        before = feed(parties[EXAMINER])
        keep_watching(here, tmp_path, key)

        # Days before: the next key is drawn, and the witness trusts it.
        here.origin, here.log_key_file = here.origin.rpartition("/")[0] + "/2", tmp_path / "log_key_2.pem"
        looked = closing(here, "--dry-run")
        assert looked.returncode == 1
        assert looked.stderr.strip().splitlines()[-1].startswith("A sequencer is active"), looked.stderr
        new = key_in(looked.stdout)
        outside.trust(new)
        # On the day: whatever writes ends first, the sequencer last.
        began, final = time.monotonic(), here.size()
        here.stop("web")
        here.wait_until_signed(cosigned=True)
        here.stop("sequencer")
        would = closing(here, "--dry-run")
        assert would.returncode == 0, would.stderr
        done = closing(here)
        assert done.returncode == 0, done.stderr
        here.seen_by(outside, key, new)
        here.start_sequencer()
        here.start_web()
        here.wait_until_ready()
        pause = time.monotonic() - began
        with here.parties() as again:
            goes_on(replace(journey, parties=again), here, before, final)
            keep_watching(here, tmp_path, key, new)
            old_proofs_stand(kept, jwks, key)
            asked = kept_proof(again[EXAMINER], receipt, tmp_path)
            old_proofs_stand(asked, jwks, key, new)
        assert here.verify(key, new).exit == 0
        assert outside.status()[0] == 0
        with here.owner() as owner:
            assert_sound(owner, keys=[key, new], drained=True)
    with capsys.disabled():
        print(f"\n  the year was closed; nothing was accepted for {pause:.1f} s")


def key_in(said: str) -> VerifierKey:
    """The next log key, as the dry run names it."""
    return read_vkey(said.splitlines()[0].rpartition(" ")[2])


def feed(client: Client, after: int = -1) -> list[dict[str, Any]]:
    """What a follower reads from there on."""
    return list(client.get("/events", after=str(after), limit="500").data["data"])


def goes_on(journey: Journey, here: Installation, before: list[dict[str, Any]], final: int) -> None:
    """The next step of the case has the next index but one: the entry that closed the year lies between."""
    noted(journey)
    here.wait_until_signed(cosigned=True)
    after = feed(journey.parties[EXAMINER], before[-1]["logindex"])
    assert [one["logindex"] for one in after] == [final + 1]
    assert feed(journey.parties[EXAMINER]) == before + after
    assert after[0]["source"].endswith(here.origin.partition("/")[2])


def keep_watching(here: Installation, folder: Path, *keys: VerifierKey) -> None:
    """`lintas-verify watch`, with what it remembered of the year before."""
    said = verify("watch", here.base_url, "--once", *at_its_word(*keys), "--state", folder / "watched")
    assert said.exit == 0, said.said["findings"]


def old_proofs_stand(kept: tuple[Path, Path], jwks: Path, *keys: VerifierKey) -> None:
    """Receipt and proof of the year that was closed, by both verifiers."""
    receipt, proof = kept
    trust = at_its_word(*keys)
    assert verify("receipt", receipt, "--proof", proof, "--jwks", jwks, *trust).exit == 0
    node = shutil.which("node")
    assert node is not None, "Debian: apt-get install nodejs"
    script = ROOT / "docs/verify/lintas-verify.mjs"
    done = subprocess.run(
        [node, script, proof, *trust, "--receipt", receipt, "--jwks", jwks], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
