"""A running log may only grow: against a small server that can lie, and against the real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.tlog import tree
from audit.tlog.notes import COSIGNER, LOG, Checkpoint, Signer
from audit.verify.anchors import Anchors
from audit.verify.report import Report
from audit.verify.watch import Watching, watch
from casefiles.flow import State
from tests.audit.verify.logs import Verdict, at_its_word, verify
from tests.audit.verify.served_log import ORIGIN, Log, serving
from tests.callers import as_owner, register_system
from tests.factories import BKN, casefile_at
from tests.live_server import Server
from tests.partner import Partner
from tests.sequencing import Sequencing


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def url(log: Log) -> Iterator[str]:
    """The log over HTTP."""
    with serving(log) as address:
        yield address


def look(url: str, log: Log, tmp_path: Path, *more: object) -> Verdict:
    return verify("watch", url, "--once", *at_its_word(log.signer.vkey), "--state", tmp_path / "state", *more)


def test_a_log_that_grows_is_sound(url: str, log: Log, tmp_path: Path) -> None:
    for more in (0, 1, 3, 0, 9):
        log.leaves += [bytes([99, more]) * 16 for _ in range(more)]
        assert look(url, log, tmp_path).exit == 0
    assert json.loads((tmp_path / "state").read_text())["checkpoint"].splitlines()[1] == str(len(log.leaves))


def test_a_log_that_shrank_is_named(url: str, log: Log, tmp_path: Path) -> None:
    look(url, log, tmp_path)
    log.leaves.pop()
    assert look(url, log, tmp_path).codes == {"watch-shrunk"}
    assert look(url, log, tmp_path).exit == 1  # the state still holds the larger one


def test_a_smaller_checkpoint_of_the_same_log_is_only_older(url: str, log: Log, tmp_path: Path) -> None:
    """Once no checkpoint had its quorum and the newest was shown; now an older one has it, and is shown."""
    older = log.answer("/api/v1/log/checkpoint")
    assert isinstance(older, str)
    log.leaves += [b"z" * 32] * 4
    assert look(url, log, tmp_path).exit == 0
    log.checkpoint = older
    assert look(url, log, tmp_path).exit == 0
    # What is remembered is the larger one still.
    assert json.loads((tmp_path / "state").read_text())["checkpoint"].splitlines()[1] == "9"
    log.proof = '{"proof": []}'
    assert look(url, log, tmp_path).codes == {"watch-shrunk"}
    log.proof, log.status = None, 503
    assert look(url, log, tmp_path).codes == {"watch-unreachable"}


def test_a_smaller_checkpoint_of_another_history_is_named(url: str, log: Log, tmp_path: Path) -> None:
    log.leaves += [b"z" * 32] * 4
    look(url, log, tmp_path)
    log.checkpoint = str(Checkpoint(ORIGIN, 5, tree.root_of([b"y" * 32] * 5)).signed(log.signer))
    assert look(url, log, tmp_path).codes == {"watch-shrunk"}


@pytest.mark.parametrize("grown", [0, 1, 4])
def test_a_rewritten_log_is_named(url: str, log: Log, tmp_path: Path, grown: int) -> None:
    look(url, log, tmp_path)
    log.leaves[1] = b"x" * 32
    log.leaves += [b"y" * 32] * grown
    assert look(url, log, tmp_path).codes == {"watch-inconsistent"}


def test_a_bad_signature_is_named(url: str, log: Log, tmp_path: Path) -> None:
    other = Signer(ORIGIN, LOG, Ed25519PrivateKey.generate())
    log.checkpoint = str(Checkpoint(ORIGIN, 5, tree.root_of(log.leaves)).signed(other))
    assert look(url, log, tmp_path).codes == {"checkpoint-signature"}


@pytest.mark.parametrize("said", ["", "<html>maintenance</html>", "x\n\n— x", "\x00"])
def test_what_is_no_checkpoint_decides_nothing(url: str, log: Log, tmp_path: Path, said: str) -> None:
    log.checkpoint = said
    found = look(url, log, tmp_path)
    assert (found.exit, found.codes) == (2, {"watch-unreachable"})


@pytest.mark.parametrize("said", ["", "{}", '{"proof": 7}', '{"proof": ["*"]}'])
def test_a_proof_that_cannot_be_read_decides_nothing(url: str, log: Log, tmp_path: Path, said: str) -> None:
    look(url, log, tmp_path)
    log.leaves.append(b"z" * 32)
    log.proof = said
    assert look(url, log, tmp_path).codes == {"watch-unreachable"}


def test_a_proof_of_something_else_is_named(url: str, log: Log, tmp_path: Path) -> None:
    look(url, log, tmp_path)
    log.leaves.append(b"z" * 32)
    log.proof = '{"proof": []}'
    assert look(url, log, tmp_path).codes == {"watch-inconsistent"}


def test_an_unreachable_log_decides_nothing(url: str, log: Log, tmp_path: Path) -> None:
    log.status = 503
    assert look(url, log, tmp_path).exit == 2
    assert look("http://127.0.0.1:1", log, tmp_path).exit == 2
    assert look("file:///etc/passwd", log, tmp_path).exit == 2


def test_a_damaged_state_file_decides_nothing(url: str, log: Log, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("{")
    assert look(url, log, tmp_path).exit == 2
    (tmp_path / "state").write_text('{"checkpoint": "x"}')
    assert look(url, log, tmp_path).exit == 2


def test_a_missing_quorum_alarms_after_the_patience(url: str, log: Log, tmp_path: Path) -> None:
    witness = Signer("w.example/1", COSIGNER, Ed25519PrivateKey.generate())
    policy = tmp_path / "policy"
    policy.write_text(f"log {log.signer.vkey}\nwitness w {witness.vkey}\nquorum w\n")
    asked = ("watch", url, "--once", "--policy", policy, "--state", tmp_path / "state")
    said = verify(*asked)
    assert (said.exit, said.codes) == (2, {"quorum"})  # one look, and nobody vouched for what it showed
    assert verify(*asked, "--quorum-patience", "0").codes == {"watch-quorum"}
    log.witnesses = (witness,)
    assert verify(*asked, "--quorum-patience", "0").exit == 0
    assert json.loads((tmp_path / "state").read_text())["without_quorum_since"] is None


def test_it_looks_again_until_something_is_wrong(url: str, log: Log, tmp_path: Path) -> None:
    report, naps = Report(), []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            log.status = 500  # a hiccup is told and waited out
        if len(naps) == 3:
            log.status = 200
            log.leaves.pop()

    watching = Watching(url, anchors=Anchors(keys=(log.signer.vkey,)), state=tmp_path / "state", patience=0)
    watch(watching, report=report, once=False, every=7, sleep=sleep)
    assert (report.exit_code, dict(report.counts), naps) == (1, {"watch-shrunk": 1}, [7, 7, 7])


# -- as tiles ----------------------------------------------------------------------------------------------------------


def look_at_tiles(url: str, log: Log, tmp_path: Path) -> Verdict:
    shown = ("--once", *at_its_word(log.signer.vkey), "--state", tmp_path / "state")
    return verify("watch", "--tiles", f"{url}/log/1/", *shown)


def test_tiles_that_grow_are_sound_and_those_of_a_shrunk_or_rewritten_log_are_named(
    url: str, log: Log, tmp_path: Path
) -> None:
    for more in (0, 1, 300, 0, 250, 9):
        log.leaves += [bytes([99, more % 251]) * 16 for _ in range(more)]
        assert look_at_tiles(url, log, tmp_path).exit == 0
    whole = list(log.leaves)
    log.leaves[:] = whole[:-1]
    assert look_at_tiles(url, log, tmp_path).codes == {"watch-shrunk"}
    log.leaves[:] = [b"x" * 32, *whole[1:], b"y" * 32]
    assert look_at_tiles(url, log, tmp_path).codes == {"watch-inconsistent"}
    log.leaves[:] = whole
    assert look_at_tiles(url, log, tmp_path).exit == 0


@pytest.mark.parametrize("damaged", [0, 255, 299])
def test_damaged_tiles_decide_nothing(url: str, log: Log, tmp_path: Path, damaged: int) -> None:
    """Whoever copies them may be at fault; the signed checkpoint accuses the log only where whole tiles fit it."""
    log.leaves += [bytes([7]) * 32 for _ in range(255)]
    assert look_at_tiles(url, log, tmp_path).exit == 0
    log.leaves += [bytes([8]) * 32 for _ in range(40)]
    log.damaged = list(log.leaves)
    log.damaged[damaged] = b"z" * 32
    assert look_at_tiles(url, log, tmp_path).codes == {"watch-unreachable"}
    log.damaged = None
    log.status = 503
    assert look_at_tiles(url, log, tmp_path).codes == {"watch-unreachable"}


def test_one_address_is_wanted(url: str, log: Log, tmp_path: Path) -> None:
    for asked in ((), (url, "--tiles", url)):
        assert verify("watch", *asked, "--once", *at_its_word(log.signer.vkey)).exit == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("world")
def test_the_real_log_can_be_watched(sequenced: Sequencing, server_here: Server, tmp_path: Path) -> None:
    sequenced()
    watching = Watching(
        server_here.base_url, anchors=Anchors(keys=(sequenced.signer.vkey,)), state=tmp_path / "state", patience=60
    )
    before = watching.look(now=0)
    casefile_at(State.RETURNED)
    sequenced()
    assert watching.look(now=1) > before
    # An agency that watches begins with what the log says of it today, and is told what comes.
    token, own = tmp_path / "token", tmp_path / "expected.toml"
    token.write_text(Partner(BKN).token)
    asked = ("watch", server_here.base_url, "--once", *at_its_word(sequenced.signer.vkey), "--state", tmp_path / "s")
    agency = ("--agency", BKN, "--token", token)
    assert verify(*asked, *agency, "--expect-today", own).exit == 0
    with as_owner():
        register_system("bkn-baru", agency=BKN)
    sequenced()
    found = verify(*asked, *agency, "--expect", own)
    assert (found.exit, found.codes) == (1, {"unexpected-client", "unexpected-key"})
    token.write_text("expired")
    assert verify(*asked, *agency, "--expect", own).codes == {"watch-unreachable"}
