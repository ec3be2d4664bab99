"""The runbook's last chapter, played: a backup on an empty machine, and an older backup than the world has seen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from audit.tlog.notes import VerifierKey
from config.roles import VARIABLES, Roles
from demo.client import Client
from tests.audit.verify.logs import at_its_word
from tests.conftest import Copies
from tests.drills.conftest import LONG, wait_for
from tests.drills.service import Installation, Machine, Witness, dump, machine, restore, verify, witnessing
from tests.drills.soundness import assert_sound
from tests.drills.watched import kept_proof, refusal, watched_register
from tests.journeys.paths import EXAMINER, Journey, under_examination
from tests.live_server import ROOT
from tests.world import World

pytestmark = pytest.mark.drill


def empty_database(server: Machine) -> Roles:
    """What an administrator makes on a new server (`python -m config.roles`): the roles and a database."""
    variables = {name: value for name, value in os.environ.items() if name not in VARIABLES.values()}
    done = subprocess.run(
        [sys.executable, "-m", "config.roles", "--database", "register", "--renew"], cwd=ROOT, check=False,
        env={**variables, "DATABASE_ADMIN_URL": server.admin_url}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Roles.of(dict(line.split("=", 1) for line in done.stdout.splitlines()))


@contextmanager
def restored(backup: Path, old: Installation, folder: Path) -> Iterator[Installation]:
    """The backup on an empty machine, with the old one's keys, settings and address; nothing is started."""
    with machine(folder / "machine") as server:
        roles = empty_database(server)
        restore(roles.owner, backup)
        with Installation(
            roles=roles, folder=folder / "here", clients=old.clients, port=old.port, origin=old.origin,
            log_key_file=old.log_key_file, receipt_key_file=old.receipt_key_file, policy=old.policy,
        ) as new:  # fmt: skip
            new.manage("grant_roles")
            yield new


def shut_down(here: Installation) -> None:
    """The old machine is gone."""
    for name in tuple(here.running):
        here.stop(name)


def noted(journey: Journey) -> Mapping[str, object]:
    """One more accepted step; its receipt."""
    after = journey.act(EXAMINER, "note", code="inquiry_made", date=str(journey.today))
    receipt: Mapping[str, object] = after["receipt"]
    return receipt


def anew(here: Installation, journey: Journey, stack: ExitStack) -> Journey:
    """The journey goes on with clients that buy their tokens from the restored register."""
    return replace(journey, parties=stack.enter_context(here.parties()))


@dataclass(frozen=True)
class Lost:
    """What the world outside still holds of the time after the backup."""

    receipt: Mapping[str, object]
    checkpoint: Path
    proof: tuple[Path, Path]
    size: int
    after: int


def lose(here: Installation, journey: Journey, folder: Path) -> Lost:
    """Three more steps, sequenced and witnessed, that no backup has; and what those outside keep of them."""
    receipt = [noted(journey) for _ in range(3)][-1]
    here.wait_until_signed(cosigned=True)
    kept = folder / "newest.checkpoint"
    kept.write_text(here.ask("/api/v1/log/checkpoint")[1])
    examiner = journey.parties[EXAMINER]
    followed = examiner.get("/events", limit="500").data
    assert not followed["next"].endswith("after=-1")
    return Lost(
        receipt=receipt,
        checkpoint=kept,
        proof=kept_proof(examiner, receipt, folder),
        size=here.size(),
        after=followed["next_after"],
    )


@dataclass(frozen=True)
class Past:
    """A register that is gone: its settings, its log's key, a journey in it, two backups, and what was lost between.

    `witnessed` is the folder of its witness as that stood at the end.
    """

    here: Installation
    key: VerifierKey
    journey: Journey
    older: Path
    live: Path
    lost: Lost
    witnessed: Path
    vkey: str

    @contextmanager
    def outside(self, folder: Path) -> Iterator[Witness]:
        """The witness goes on, from what it had seen."""
        shutil.copytree(self.witnessed, folder)
        with witnessing(folder, vkey=self.vkey) as running:
            yield running


@pytest.fixture(scope="module")
def past(copies: Copies, world: World, tmp_path_factory: pytest.TempPathFactory) -> Past:
    """One past for all restores."""
    folder = tmp_path_factory.mktemp("past")
    with watched_register(copies, world, folder / "old") as (here, key, outside, parties):
        journey = under_examination(parties)
        here.wait_until_signed(cosigned=True)
        older = dump(here.roles.owner, folder / "older.dump")
        lost = lose(here, journey, folder)
        live = dump(here.roles.owner, folder / "live.dump")
        shut_down(here)
    return Past(here, key, journey, older, live, lost, outside.folder, outside.vkey)


def test_a_backup_restored_on_an_empty_machine_goes_on(past: Past, tmp_path: Path) -> None:
    here, key, size = past.here, past.key, past.lost.size
    with ExitStack() as stack:
        outside = stack.enter_context(past.outside(tmp_path / "witness"))
        new = stack.enter_context(restored(past.live, here, tmp_path / "new"))
        new.seen_by(outside, key)

        assert new.verify(key, kept=past.lost.checkpoint).exit == 0
        new.start_sequencer()
        wait_for(lambda: "active as" in new.running["sequencer"].log.read_text(), "active sequencer")
        new.start_web()
        new.wait_until_ready()
        journey = anew(new, past.journey, stack)
        leaf = str(past.lost.receipt["leaf_hash"])
        found = journey.parties[EXAMINER].get("/log/entries", leaf_hash=leaf).data["data"]
        assert found[0]["index"] < size
        noted(journey)
        new.wait_until_signed(cosigned=True)
        assert new.size() == size + 1
        assert outside.status()[0] == 0
        with new.owner() as owner:
            assert_sound(owner, keys=[key], drained=True)
        assert new.verify(key).exit == 0


MOMENTS = ["after the witness had answered", *(["before the witness had answered"] if LONG else [])]


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_older_backup_is_refused_until_a_fork_is_declared(past: Past, tmp_path: Path, moment: str) -> None:
    """The runbook, step by step; the newest checkpoint of the backup may have its cosignature, or not yet."""
    here, key, lost = past.here, past.key, past.lost
    with ExitStack() as stack:
        outside = stack.enter_context(past.outside(tmp_path / "witness"))
        new = stack.enter_context(restored(past.older, here, tmp_path / "new"))
        new.seen_by(outside, key)
        if moment.startswith("before"):
            _forget_the_newest_cosignature(new)

        # Sound by itself, and shorter than what somebody kept.
        assert new.verify(key).exit == 0
        said = new.verify(key, kept=lost.checkpoint)
        assert (said.exit, said.codes) == (1, {"kept-beyond"})
        size = new.size()
        new.start_sequencer()
        wait_for(lambda: "has seen" in new.running["sequencer"].log.read_text(), "word of the refusal in the log")
        new.start_web()
        _is_refused(new, size=size, seen=lost.size)
        shut_down(new)

        new_key = _forked(new, lost)
        outside.trust(new_key)
        new.seen_by(outside, key, new_key)
        new.start_sequencer()
        new.start_web()
        new.wait_until_ready()

        journey = anew(new, past.journey, stack)
        _followers_are_told(journey.parties[EXAMINER], lost, new)
        _the_loss_is_provable(journey.parties[EXAMINER], lost, key, tmp_path)
        noted(journey)
        new.wait_until_signed(cosigned=True)
        _followers_start_again(journey.parties[EXAMINER], here, new, size=size)
        with new.owner() as owner:
            assert_sound(owner, keys=[key, new_key], drained=True)
        assert new.verify(key, new_key).exit == 0
        # Whoever kept a checkpoint of what was lost is told what lies between, and that it cannot be decided.
        said = new.verify(key, new_key, kept=lost.checkpoint)
        assert (said.exit, said.codes) == (2, {"kept-forked"})


def _forget_the_newest_cosignature(here: Installation) -> None:
    """As if the backup had been made a second earlier."""
    with here.owner() as owner, owner.transaction():
        owner.execute("ALTER TABLE audit_cosignature DISABLE TRIGGER rows_stay")
        owner.execute("DELETE FROM audit_cosignature WHERE checkpoint_id = (SELECT max(number) FROM audit_checkpoint)")
        owner.execute("ALTER TABLE audit_cosignature ENABLE ALWAYS TRIGGER rows_stay")


def _is_refused(here: Installation, *, size: int, seen: int) -> None:
    """Runbook, step 2: nothing grows, /readyz says why, callers get `writes-paused`."""
    wait_for(lambda: f"has seen {seen} leaves" in here.complaint(), "refusal by the witness")
    assert f"here are {size}" in here.complaint()
    with here.parties() as parties:
        document = {"type": "assessment", "title": "Kajian", "media_type": "text/plain", "size": 1, "sha256": "ab" * 32}
        paused = refusal(lambda: parties[EXAMINER].post("/documents", document))
        assert (paused.status, paused.code) == (503, "writes-paused")
        assert paused.errors[0]["code"] == "log-refused"
        assert parties[EXAMINER].get("/casefiles").status == 200
    assert here.size() == size


def _forked(here: Installation, lost: Lost) -> VerifierKey:
    """Runbook, step 4: a new origin, a new key, and what is known of the loss."""
    here.origin = here.origin.rpartition("/")[0] + "/2"
    here.log_key_file = here.folder / "log_key_2.pem"
    key = here.declare_fork(reason="an older backup was restored, three entries are lost", lost=lost.checkpoint)
    assert key.name == here.origin
    return key


def _followers_are_told(client: Client, lost: Lost, here: Installation) -> None:
    """Runbook, step 6: who has seen more than there is now is refused."""
    beyond = refusal(lambda: client.get("/events", after=str(lost.after)))
    assert (beyond.status, beyond.code) == (400, "beyond-head")
    assert str(here.size() - 1) in beyond.detail


def _followers_start_again(client: Client, old: Installation, new: Installation, *, size: int) -> None:
    """Runbook, step 6: from the size that the fork names on, everything comes from another source."""
    before = client.get("/events", limit="500").data["data"]
    after = client.get("/events", after=str(size - 1), limit="500").data["data"]
    sources = {one["logindex"]: one["source"] for one in before}
    assert after
    assert {index for index, source in sources.items() if source.endswith(old.origin.partition("/")[2])} == {
        index for index in sources if index < size
    }
    assert all(one["source"].endswith(new.origin.partition("/")[2]) for one in after)


def _the_loss_is_provable(client: Client, lost: Lost, key: VerifierKey, folder: Path) -> None:
    """Runbook, step 5: receipt and proof stand by themselves, and the register has no such leaf."""
    jwks = folder / "jwks.json"
    jwks.write_bytes(client._http.get("/.well-known/jwks.json").content)
    receipt, proof = lost.proof
    assert verify("receipt", receipt, "--proof", proof, "--jwks", jwks, *at_its_word(key)).exit == 0
    found = refusal(lambda: client.get("/log/entries", leaf_hash=str(lost.receipt["leaf_hash"])))
    assert (found.status, found.code) == (404, "not-found")
