"""What a witness signs and what it refuses, over real HTTP with real keys: C2SP tlog-witness, answer by answer."""

import sqlite3
from pathlib import Path

import pytest

from audit.tlog import notes, tree
from audit.tlog.notes import Checkpoint, Note
from audit.witness import home
from audit.witness.store import TWO_ROOTS, UNPROVEN
from audit.witness.submitting import Behind, Cosigned, Refused
from tests.audit.witness.logs import ORIGIN, Answered, Log, Running, asked, drawn, running

SIZES = [0, 1, 2, 3, 5, 8, 8, 13, 64, 65, 200]


def cosignature(witness: Running, log: Log, size: int, answer: Answered) -> int | None:
    assert answer.text.endswith("\n")
    text = log.checkpoint(size).text
    return notes.read_signature_lines(answer.text, text=text).signed_by(witness.witness.signer.vkey)


def test_a_growing_log_is_cosigned_step_by_step(witness: Running, log: Log) -> None:
    old = 0
    for size in SIZES:
        answer = witness.post(log.body(old, size))
        assert (answer.status, answer.kind) == (200, "text/plain; charset=utf-8")
        assert cosignature(witness, log, size, answer) == int(witness.clock.now)
        assert witness.remembered() == size  # before anything else happens
        old = size


def test_the_same_checkpoint_again_is_cosigned_again_with_a_later_time(witness: Running, log: Log) -> None:
    witness.post(log.body(0, 7))
    witness.clock.now += 60
    answer = witness.post(log.body(7, 7))
    assert answer.status == 200
    assert cosignature(witness, log, 7, answer) == int(witness.clock.now)


def test_a_log_that_is_unknown_here_is_404(witness: Running) -> None:
    stranger = Log(signer=drawn("other.example/log"))
    assert witness.post(stranger.body(0, 3)).status == 404
    assert witness.remembered() is None


def test_a_checkpoint_that_the_log_did_not_sign_is_403(witness: Running, log: Log) -> None:
    forger = Log(signer=drawn(ORIGIN))
    checkpoint = log.checkpoint(3)
    by_a_stranger = str(checkpoint.signed(forger.signer))
    own_line = checkpoint.signed(log.signer).lines[0]
    moved = str(Note(log.checkpoint(4).text, (own_line,)))
    by_a_cosigner = str(Note(checkpoint.text, (drawn(ORIGIN, notes.COSIGNER).sign(checkpoint.text, time=1),)))
    for note in (by_a_stranger, moved, by_a_cosigner):
        answer = witness.post(log.body(0, 3, note=note))
        assert answer.status == 403, note
    assert witness.remembered() is None


def test_unknown_signatures_beside_the_logs_own_are_ignored_and_not_kept(witness: Running, log: Log) -> None:
    checkpoint = log.checkpoint(3)
    other = drawn("somebody.example/x").sign(checkpoint.text)
    note = Note(checkpoint.text, (other, *checkpoint.signed(log.signer).lines))
    assert witness.post(log.body(0, 3, note=str(note))).status == 200
    assert "somebody" not in witness.witness.store.logs()[ORIGIN].note


def test_an_old_size_above_the_new_one_is_400(witness: Running, log: Log) -> None:
    witness.post(log.body(0, 5))
    assert witness.post(log.body(6, 5, proof=[])).status == 400
    assert witness.remembered() == 5


def test_another_old_size_than_the_latest_is_409_and_names_it(witness: Running, log: Log) -> None:
    assert witness.post(log.body(3, 8)) == Answered(409, "text/x.tlog.size", "0\n")
    witness.post(log.body(0, 5))
    for old in (0, 3, 7, 8):
        assert witness.post(log.body(old, 8)) == Answered(409, "text/x.tlog.size", "5\n")
    assert witness.remembered() == 5


def test_a_shrunk_tree_is_409(witness: Running, log: Log) -> None:
    witness.post(log.body(0, 100))
    for old in (0, 40, 60):
        assert witness.post(log.body(old, 60)) == Answered(409, "text/x.tlog.size", "100\n")
    assert witness.submit(log, 60, 60) == Behind(100)
    assert witness.submit(log, 100, 101) == Cosigned(line=witness_line(witness, log, 101), time=int(witness.clock.now))


def witness_line(witness: Running, log: Log, size: int) -> str:
    return witness.witness.signer.sign(log.checkpoint(size).text, time=int(witness.clock.now))


def test_two_roots_for_one_size_are_409_and_kept_as_evidence(witness: Running, log: Log) -> None:
    witness.post(log.body(0, 9))
    liar = log.fork(at=4)
    answer = witness.post(liar.body(9, 9))
    assert (answer.status, answer.kind) == (409, "text/plain; charset=utf-8")
    assert witness.post(liar.body(0, 9)) == Answered(409, "text/x.tlog.size", "9\n")
    outcome = witness.submit(liar, 9, 9)
    assert isinstance(outcome, Refused)
    assert outcome.contests

    (found,) = witness.witness.store.contradictions()
    assert (found.kind, found.size, found.cosigned.size) == (TWO_ROOTS, 9, 9)
    ours, _ = notes.open_checkpoint(found.cosigned.note, keys=[log.signer.vkey])
    theirs, _ = notes.open_checkpoint(found.note, keys=[log.signer.vkey])
    assert ours == log.checkpoint(9)
    assert theirs == liar.checkpoint(9)
    assert "two roots for one size: 1" in asked(witness.service.port, "GET", "/").text
    assert witness.remembered() == 9


def test_an_empty_tree_with_leaves_in_it_is_409(witness: Running, log: Log) -> None:
    note = str(Checkpoint(origin=ORIGIN, size=0, root=tree.leaf_hash(b"x")).signed(log.signer))
    assert witness.post(log.body(0, 0, note=note)).status == 409
    assert witness.remembered() is None


def test_a_rewritten_and_newly_signed_history_is_refused_whatever_it_tries(witness: Running, log: Log) -> None:
    witness.post(log.body(0, 50))
    rewritten = log.fork(at=20)
    assert witness.post(rewritten.body(0, 80)) == Answered(409, "text/x.tlog.size", "50\n")
    tried = [
        rewritten.proof(50, 80),
        log.proof(50, 80),
        [],
        rewritten.proof(20, 80),
        [*rewritten.proof(50, 80), b"0" * 32],
    ]
    for proof in tried:
        assert witness.post(rewritten.body(50, 80, proof=proof)).status == 422
    (found,) = witness.witness.store.contradictions()
    assert (found.kind, found.size, found.cosigned.size) == (UNPROVEN, 80, 50)
    assert witness.remembered() == 50
    assert witness.post(log.body(50, 80)).status == 200


@pytest.mark.parametrize(("old", "size"), [(0, 8), (8, 8), (3, 8), (7, 8), (4, 8)])
def test_a_proof_with_a_wrong_step_is_422(witness: Running, log: Log, old: int, size: int) -> None:
    witness.post(log.body(0, old))
    right = log.proof(old, size)
    wrong = [[*right, b"\x01" * 32], [b"\x01" * 32, *right]]
    wrong += [right[:-1], [*right[:-1], b"\x01" * 32]] if right else []
    for proof in wrong:
        assert witness.post(log.body(old, size, proof=proof)).status == 422
    assert witness.remembered() == old
    assert witness.post(log.body(old, size)).status == 200


def test_a_clock_a_little_behind_never_makes_a_time_smaller(witness: Running, log: Log) -> None:
    witness.post(log.body(0, 3))
    first = int(witness.clock.now)
    witness.clock.now -= 299
    assert cosignature(witness, log, 5, witness.post(log.body(3, 5))) == first


def test_a_clock_far_behind_signs_nothing_until_it_is_set_right(witness: Running, log: Log) -> None:
    witness.post(log.body(0, 3))
    witness.clock.now -= 301
    answer = witness.post(log.body(3, 5))
    assert answer.status == 503
    assert "clock" in answer.text
    assert witness.remembered() == 3
    witness.clock.now += 301
    assert witness.post(log.body(3, 5)).status == 200


def test_after_a_clock_that_was_ahead_the_times_can_be_set_back_and_the_sizes_stay(witness: Running, log: Log) -> None:
    witness.clock.now += 86_400 * 365
    witness.post(log.body(0, 3))
    witness.clock.now -= 86_400 * 365
    assert witness.post(log.body(3, 5)).status == 503
    assert witness.witness.store.set_times_back(int(witness.clock.now)) == 1
    assert witness.post(log.body(0, 5)) == Answered(409, "text/x.tlog.size", "3\n")
    assert cosignature(witness, log, 5, witness.post(log.body(3, 5))) == int(witness.clock.now)


def test_a_memory_that_cannot_be_written_signs_nothing(witness: Running, log: Log, directory: Path) -> None:
    witness.post(log.body(0, 3))
    witness.witness.store._connection.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(directory / home.STATE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = witness.post(log.body(3, 5))
    assert (answer.status, "—" in answer.text) == (503, False)
    other.execute("ROLLBACK")
    other.close()
    assert witness.remembered() == 3
    assert witness.post(log.body(3, 5)).status == 200


def test_a_full_disk_signs_nothing(witness: Running, log: Log) -> None:
    witness.post(log.body(0, 3))
    connection = witness.witness.store._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    long = log.checkpoint(5)
    long = Checkpoint(origin=ORIGIN, size=5, root=long.root, extension=("x" * 20_000,))
    note = str(long.signed(log.signer))
    answer = witness.post(log.body(3, 5, note=note))
    assert (answer.status, "—" in answer.text) == (503, False)
    assert witness.remembered() == 3
    connection.execute("PRAGMA max_page_count = 1000000")
    assert witness.post(log.body(3, 5, note=note)).status == 200


def test_a_second_key_of_the_log_signs_the_same_history(directory: Path, log: Log) -> None:
    rotated = Log(signer=drawn(ORIGIN))
    home.trust(directory, rotated.signer.vkey)
    with running(directory) as witness:
        assert witness.post(log.body(0, 4)).status == 200
        assert witness.post(rotated.body(4, 9)).status == 200
        assert witness.post(rotated.fork(at=2).body(9, 12)).status == 422


def test_suspicions_that_anyone_can_cause_do_not_fill_the_disk(
    witness: Running, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.witness.store.MOST_UNPROVEN", 3)
    witness.post(log.body(0, 4))
    for size in (*range(5, 12), 5, 6):
        assert witness.post(log.body(4, size, proof=[])).status == 422
    assert [one.size for one in witness.witness.store.contradictions()] == [11, 5, 6]
    assert witness.post(log.fork(at=1).body(4, 4)).status == 409
    assert witness.witness.store.count(TWO_ROOTS) == 1


def test_only_what_proves_something_is_an_alarm(witness: Running, log: Log, caplog: pytest.LogCaptureFixture) -> None:
    """Anybody may send the log's own public checkpoint with nonsense: that must not call people out of bed."""
    caplog.set_level("INFO", logger="lintas.witness")
    witness.post(log.body(0, 4))
    assert witness.post(log.body(4, 7, proof=[])).status == 422
    assert [(one.levelname, "ALARM" in one.getMessage()) for one in caplog.records] == [("INFO", False)]
    assert witness.post(log.fork(at=1).body(4, 4)).status == 409
    assert (caplog.records[-1].levelname, "ALARM two_roots" in caplog.records[-1].getMessage()) == ("WARNING", True)
