"""An adversary with the database, the clock, the log key and the receipt key: nothing is sound without witnesses.

Each seed draws how the log is rewritten, whose times are moved where, and what becomes of the cosignatures. What comes
out is whole, chained and signed; only the witnesses of the policy saw another tree, or none.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import rfc8785

from audit.tlog import tree
from audit.tlog.notes import Checkpoint
from audit.tlog.proof import ProofFile
from tests.audit.tlog.make_vectors import RECEIPT_KEY, Promises
from tests.audit.tlog.test_node import NODE, VERIFIER, needs_node
from tests.audit.verify.conftest import Register
from tests.audit.verify.logs import at_its_word, verify

Bodies = list[dict[str, Any]]


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def write(file: Path, rows: list[dict[str, Any]]) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def moved(instant: str, by: timedelta) -> str:
    at = datetime.fromisoformat(instant) + by
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


class Adversary:
    """Rewrites a dump and signs it anew."""

    def __init__(self, dump: Path, register: Register, seed: int) -> None:
        self.dump, self.register, self.random = dump, register, Random(seed)
        self.bodies: Bodies = [json.loads(row["body"]) for row in lines(dump / "entries.jsonl")]
        self.leaves: list[bytes] = []

    def forge(self) -> None:
        """Change some entries or the length, move the times, sign everything, and deal with the cosignatures."""
        draw = self.random
        steps = [index for index, said in enumerate(self.bodies) if said["to"] is not None]
        if draw.random() < 0.3:
            del self.bodies[draw.choice(steps) :]
        for index in draw.sample(range(len(self.bodies)), 3):
            # A lie of the operator's own, in a member that no key of another proves.
            self.bodies[index]["basis"] = draw.choice(["", "PP 94/2021", "SKB 2/2022 bis"])
            self.bodies[index]["catalogue"] = f"invented {draw.random()}"
        shift = draw.choice([timedelta(), timedelta(days=-800), timedelta(minutes=-14), timedelta(days=27_000)])
        since = draw.choice([0, draw.randrange(len(self.bodies))])
        for said in self.bodies[since:]:
            said["recorded_at"], said["occurred_at"] = (
                moved(said[name], shift) for name in ("recorded_at", "occurred_at")
            )
        self._chain()
        self._sign(keep=draw.choice(["none", "replayed"]))
        manifest = json.loads((self.dump / "manifest.json").read_text())
        made = draw.choice([datetime(2024, 1, 1, tzinfo=UTC), datetime.now(UTC), datetime(2099, 1, 1, tzinfo=UTC)])
        counted = {file.name: len(lines(file)) for file in self.dump.glob("*.jsonl")}
        manifest |= {"size": len(self.bodies), "made_at": made.isoformat(), "lines": counted}
        (self.dump / "manifest.json").write_text(json.dumps(manifest))

    def _chain(self) -> None:
        heads: dict[str, tuple[str, str]] = {}
        rows = []
        for index, said in enumerate(self.bodies):
            said["prev"], said["before"] = heads.get(said["stream"], (None, None))
            body = rfc8785.dumps(said)
            self.leaves.append(tree.leaf_hash(body))
            heads[said["stream"]] = self.leaves[-1].hex(), said["after"]
            rows.append({"index": index, "leaf_hash": self.leaves[-1].hex(), "body": body.decode()})
        write(self.dump / "entries.jsonl", rows)
        for name in ("openings", "parties"):
            file = self.dump / f"{name}.jsonl"
            write(file, [row for row in lines(file) if row["index"] < len(rows)])

    def _sign(self, *, keep: str) -> None:
        rows: list[dict[str, Any]] = []
        for row in lines(self.dump / "checkpoints.jsonl"):
            size = min(row["size"], len(self.leaves))
            if rows and rows[-1]["size"] == size:
                break
            note = str(self.checkpoint(size).signed(self.register.signer))
            # A cosignature of the true tree is all that a witness ever gave.
            rows.append(
                {**row, "size": size, "note": note, "cosignatures": row["cosignatures"] if keep == "replayed" else []}
            )
        write(self.dump / "checkpoints.jsonl", rows)

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(self.register.signer.name, size, tree.root_of(self.leaves[:size]))

    def receipt(self, folder: Path) -> tuple[Path, Path]:
        """A promise by the receipt key for a forged entry, and its proof in the forged tree."""
        index, size = self.random.randrange(len(self.bodies)), len(self.bodies)
        said, needed = self.bodies[index], tree.inclusion(index, size)
        path = tuple(needed.hashes(tree.from_leaves(self.leaves)(needed.needs)))
        note = str(self.checkpoint(size).signed(self.register.signer))
        proof = ProofFile(index=index, path=path, checkpoint=note, extra=rfc8785.dumps(said))
        promise = {
            "iss": "https://lintas.example",
            **{name: said[name] for name in ("origin", "entry", "stream", "seq")},
            "leaf_hash": self.leaves[index].hex(),
            "accepted_at": said["recorded_at"],
            "in_tree_by": said["recorded_at"],
        }
        (folder / "proof").write_text(str(proof))
        (folder / "receipt").write_text(json.dumps({"receipt": {"jws": Promises({}).jws("forged", promise)}}))
        (folder / "jwks").write_text(json.dumps({"keys": [RECEIPT_KEY.jwk]}))
        return folder / "receipt", folder / "proof"


@pytest.fixture
def dump(exported: Path, tmp_path: Path) -> Path:
    shutil.copytree(exported, tmp_path / "dump")
    return tmp_path / "dump"


@pytest.mark.parametrize("seed", range(16))
def test_no_forged_log_is_called_sound(dump: Path, register: Register, seed: int) -> None:
    adversary = Adversary(dump, register, seed)
    adversary.forge()
    said = verify("dump", dump, "--policy", register.policy)
    assert said.exit != 0, said.said
    assert said.codes & {"quorum", "cosignature-bad"}
    assert (said.said["verified"]["witnessed"], said.said["verified"].get("witnesses")) == (0, None)
    # It was well forged: whoever takes the operator's word finds nothing but its times.
    alone = verify("dump", dump, *at_its_word(register.vkey))
    assert alone.codes <= {"time-ahead", "time-backwards", "actor-key-ended", "cosignature-bad", "unsigned-late"}


@needs_node
@pytest.mark.parametrize("seed", range(3))
def test_no_forged_receipt_is_called_sound_in_either_language(
    dump: Path, register: Register, tmp_path: Path, seed: int
) -> None:
    adversary = Adversary(dump, register, seed)
    adversary.forge()
    receipt, proof = adversary.receipt(tmp_path)
    for policy in (("--policy", register.policy), ("--key", register.vkey)):
        words = ("receipt", receipt, "--proof", proof, "--jwks", tmp_path / "jwks", *policy)
        assert verify(*words).exit != 0
        assert NODE is not None
        words = (proof, "--receipt", receipt, "--jwks", tmp_path / "jwks", *policy)
        done = subprocess.run([NODE, str(VERIFIER), *map(str, words)], capture_output=True, text=True, check=False)
        assert done.returncode in (1, 2), done.stdout
