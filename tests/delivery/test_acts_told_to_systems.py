"""What an officer did at the desk, as the systems of other agencies are told of it: by an id, and by no name."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from uuid import UUID

import pytest
from pytest_django import Settings

from audit import receipts
from casefiles.flow import State
from casefiles.transitions.decide import Performed
from console.desk.acting import stated
from tests import desk_acts
from tests.audit.tlog.test_node import NODE, VERIFIER
from tests.audit.verify.logs import at_its_word, verify
from tests.delivery.receiver import Receiver, Wound, listening
from tests.factories import BKN, PEMKOT, casefile_at
from tests.partner import Partner, said
from tests.sequencing import Sequencing
from tests.vendors import VENDOR, delegated
from tests.world import World

ACKNOWLEDGED = "lintas.casefile.acknowledged"


@pytest.mark.django_db(transaction=True)
def test_what_an_officer_did_is_told_by_id_and_proved_to_everybody(
    world: World, sequenced: Sequencing, settings: Settings, tmp_path: Path
) -> None:
    """A vendor and the examiner are rung, feeds and the timeline tell of it, and both verifiers accept its entry."""
    settings.LINTAS_WEBHOOKS_TO_LOOPBACK = True
    wound = Wound()
    with listening() as receiver:
        delegated(world, PEMKOT)
        for agency in (VENDOR, BKN):
            answer = Partner(agency).post("/webhooks", {"url": f"{receiver.url}/{agency}", "after": -1})
            assert answer.status_code == 201, answer.content
        officer, story = desk_acts.invited(), casefile_at(State.RECOMMENDED)
        done = desk_acts.acknowledged(desk_acts.acting(officer), story)
        sequenced()
        wound.turns(3)
    _rung(receiver, officer)
    for path in ("/events", f"/casefiles/{story.casefile}", "/referrals"):
        answer = Partner(PEMKOT).get(path)
        assert answer.status_code == 200, answer.content
        assert not _named_in(answer.content, officer), path
    told = Partner(BKN).get(f"/casefiles/{story.casefile}/timeline?kind=transition")
    step = said(told)["data"][-1]["transition"]
    actor = step["actor"]
    assert (step["name"], actor["agency"]["code"]) == ("acknowledge", PEMKOT)
    assert (actor["client"], actor["person"]) == (f"person:{officer}", str(officer))
    assert desk_acts.NAME not in told.content.decode()
    _proved(done, sequenced, tmp_path)


def _named_in(content: bytes, officer: UUID) -> bool:
    return any(one in content.decode() for one in (str(officer), desk_acts.NAME, "person:"))


def _rung(receiver: Receiver, officer: UUID) -> None:
    """Both were told of the act, and nothing that went out names the person: neither the body nor a header."""
    assert {one.path for one in receiver.got if one.said["type"] == ACKNOWLEDGED} == {
        f"/hook/{VENDOR}", f"/hook/{BKN}",
    }  # fmt: skip
    for one in receiver.got:
        assert not _named_in(one.body + json.dumps(dict(one.headers)).encode(), officer), one


def _proved(done: Performed, sequenced: Sequencing, folder: Path) -> None:
    """The officer's receipt and the proof of its entry hold by lintas-verify, and by the verifier in JavaScript."""
    receipt, key = stated(done.sealed), receipts.signing_key()
    assert key is not None
    (entry,) = said(Partner(BKN).get(f"/log/entries?leaf_hash={receipt['leaf_hash']}"))["data"]
    proof = Partner(BKN).get(f"/log/entries/{entry['index']}/receipt", Accept="text/plain")
    assert proof.status_code == 200, proof.content
    files = {
        "receipt.json": json.dumps(receipt).encode(),
        "jwks.json": json.dumps({"keys": [key.public]}).encode(),
        "act.tlog-proof": proof.content,
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    trust = at_its_word(sequenced.signer.vkey)
    promised, keys, proved = (folder / name for name in files)
    judged = verify("receipt", promised, "--proof", proved, "--jwks", keys, *trust)
    assert (judged.exit, judged.codes) == (0, set()), judged.said
    if NODE is None:
        pytest.skip("node is not on PATH: the verifier in JavaScript did not judge the entry")
    words = [str(proved), *map(str, trust), "--receipt", str(promised), "--jwks", str(keys), "--json"]
    ran = subprocess.run(
        [NODE, str(VERIFIER), *words], capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip
    answer = json.loads(ran.stdout)
    assert (ran.returncode, answer["verdict"]) == (0, "sound"), ran.stdout
    assert answer["entry"] == receipt["entry"]
