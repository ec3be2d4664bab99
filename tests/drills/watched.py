"""A register that is watched: by a witness, and by agencies and auditors who keep what they were given."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from audit.tlog.notes import VerifierKey
from demo.client import Client, Refused
from tests.conftest import Copies
from tests.drills.service import Installation, Witness, witness
from tests.world import World


@contextmanager
def watched_register(
    copies: Copies, world: World, folder: Path
) -> Iterator[tuple[Installation, VerifierKey, Witness, Mapping[str, Client]]]:
    """A register on a copy of the world, watched by a witness; its log key, the witness, everyone's clients."""
    name = copies.make(world.template)
    try:
        with Installation(roles=copies.roles.on(name), folder=folder, clients=world.clients) as here:
            key = here.open_log()
            with witness(folder / "witness", log=key) as outside:
                here.seen_by(outside, key)
                here.start_sequencer()
                here.start_web()
                here.tick()
                here.wait_until_ready()
                with here.parties() as parties:
                    yield here, key, outside, parties
    finally:
        copies.drop(name)


def refusal(act: Callable[[], object]) -> Refused:
    """How the service refuses that."""
    with pytest.raises(Refused) as refused:
        act()
    return refused.value


def kept_proof(client: Client, receipt: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """What an agency keeps of an accepted write: receipt and proof, as files."""
    found = client.get("/log/entries", leaf_hash=receipt["leaf_hash"]).data["data"]
    (folder / "receipt.json").write_text(json.dumps(receipt))
    (folder / "kept.tlog-proof").write_bytes(client.get(f"/log/entries/{found[0]['index']}/receipt").content)
    return folder / "receipt.json", folder / "kept.tlog-proof"
