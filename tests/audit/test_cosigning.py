"""The sequencer's side of witnessing, against a real witness on loopback: kept, noted, retried, refused."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError
from django.db import InterfaceError
from pytest_django import Settings

from audit import cosigning, log, quorum, sequencer, status
from audit.cosigning import Cosigning
from audit.quorum import BadPolicyFile
from audit.tlog import notes, policy, tree
from audit.tlog.notes import Checkpoint, Signer, VerifierKey
from audit.tlog.policy import Policy
from audit.witness import home
from audit.witness.submitting import Behind, Cosigned, Outcome, Refused, Unreachable, submit
from tests.audit.running import SignIn, by_the_owner, sequence, unlocked, use, written
from tests.audit.witness.logs import Running, running
from tests.drills.soundness import assert_sound
from tests.factories import PADANG
from tests.partner import Partner, said
from tests.sequencing import SEEN, Sequencing, as_sequencer, log_signer
from tests.sequencing import witness as signer_of
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = {"type": "assessment", "title": "Kajian", "media_type": "application/pdf", "size": 1, "sha256": "ab" * 32}


@pytest.fixture
def opened(transactional_db: None) -> Sequencing:
    """A log that was just opened, with its pulse."""
    made = Sequencing()
    with as_sequencer():
        sequencer.beat()
    return made


Begin = Callable[..., Running]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Start a witness on loopback; one whose name is known already comes back as it was."""
    with ExitStack() as stack:

        def started(name: str, *keys: VerifierKey) -> Running:
            folder = tmp_path / name
            if not folder.exists():
                home.begin(folder, name=name, logs=keys, now=1_700_000_000)
            back = stack.enter_context(running(folder))
            back.clock.now = float(SEEN)
            return back

        yield started


def rule(*witnesses: Running, quorum: str = "all", away: tuple[tuple[str, str], ...] = ()) -> Policy:
    """The policy of these witnesses, and of some that are `away`: (vkey, url)."""
    lines = [f"witness w{number} {one.witness.signer.vkey} {one.url}" for number, one in enumerate(witnesses)]
    lines += [f"witness away{number} {vkey} {url}" for number, (vkey, url) in enumerate(away)]
    names = [line.split()[1] for line in lines]
    return policy.read_policy("\n".join([*lines, f"group g {quorum} {' '.join(names)}", "quorum g"]) + "\n")


def ask(by: Policy | Cosigning) -> bool:
    with as_sequencer():
        return (by if isinstance(by, Cosigning) else Cosigning(by)).ask_all()


def objection(by: Policy) -> str:
    """Ask once; why the tree must not grow."""
    asking = Cosigning(by)
    assert not ask(asking)
    return asking.refused


def kept(owner: psycopg.Connection) -> list[tuple[int, str, str]]:
    return owner.execute(
        "SELECT c.size, s.witness, c.note || s.line || chr(10) FROM audit_cosignature s "
        "JOIN audit_checkpoint c ON c.number = s.checkpoint_id ORDER BY 1, 2"
    ).fetchall()


def waiting_since(owner: psycopg.Connection) -> Any:
    row = owner.execute("SELECT waiting_since FROM audit_logstatus").fetchone()
    assert row is not None
    return row[0]


def refused(owner: psycopg.Connection) -> str:
    row = owner.execute("SELECT refused FROM audit_logstatus").fetchone()
    assert row is not None
    return str(row[0])


def eventually(condition: Callable[[], object], *, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def show_more_than_is_here(owner: psycopg.Connection, signer: Signer, witness: Running, *, more: int) -> None:
    """Have the witness cosign a larger tree of this log, as before an older backup was restored."""
    leaves = [bytes(row[0]) for row in owner.execute("SELECT leaf_hash FROM audit_leaf ORDER BY index").fetchall()]
    leaves += [bytes([number]) * 32 for number in range(more)]
    seen = witness.witness.store.logs().get(signer.name)
    old = seen.size if seen else 0
    note = str(Checkpoint(origin=signer.name, size=len(leaves), root=tree.root_of(leaves)).signed(signer))
    way = tree.consistency(old, len(leaves))
    proof = way.hashes(tree.from_leaves(leaves)(way.needs))
    answer = submit(url=witness.url, note=note, old_size=old, proof=proof, key=witness.witness.signer.vkey)
    assert isinstance(answer, Cosigned)


# --- asking -----------------------------------------------------------------------------------------------------------


def test_before_anything_was_signed_nobody_is_asked(opened: Sequencing, begin: Begin) -> None:
    assert ask(rule(begin("w1.example", opened.signer.vkey)))


def test_a_cosignature_is_kept_and_fits_the_checkpoint(
    opened: Sequencing, begin: Begin, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    witness = begin("w1.example", opened.signer.vkey)
    written(sign_in, 3)
    opened()
    assert ask(rule(witness))
    ((size, name, note),) = kept(owner_connection)
    assert (size, name) == (4, "w0")
    signed = notes.read_note(note)
    assert signed.signed_by(opened.signer.vkey) == 0
    assert signed.signed_by(witness.witness.signer.vkey) == int(witness.clock.now)
    assert waiting_since(owner_connection) is None
    assert ask(rule(witness)), "the same again is well, and asks for nothing"
    assert len(kept(owner_connection)) == 1


def test_each_growth_is_proved_from_what_the_witness_saw_last(
    opened: Sequencing, begin: Begin, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    """By one that remembers, and by one that was just started and knows nothing."""
    witness = begin("w1.example", opened.signer.vkey)
    remembering = Cosigning(rule(witness))
    for count in (3, 1, 7, 2):
        written(sign_in, count)
        opened()
        assert ask(remembering)
    written(sign_in, 5)
    opened()
    assert ask(rule(witness))
    assert [size for size, _, _ in kept(owner_connection)] == [4, 5, 12, 14, 19]


def test_a_witness_that_lost_its_memory_is_shown_the_tree_from_the_beginning(
    opened: Sequencing, begin: Begin, sign_in: SignIn, tmp_path: Path, owner_connection: psycopg.Connection
) -> None:
    witness = begin("w1.example", opened.signer.vkey)
    opened()
    remembering = Cosigning(rule(witness))
    assert ask(remembering)
    witness.service.stop()
    witness.witness.store.close()
    (tmp_path / "w1.example" / home.STATE).unlink()
    home.begin_anew(tmp_path / "w1.example", now=1_700_000_000)
    again = begin("w1.example")
    remembering._witnesses = rule(again).witnesses
    written(sign_in, 3)
    opened()
    assert ask(remembering)
    assert [size for size, _, _ in kept(owner_connection)] == [1, 4]


def test_the_quorum_is_waited_for_from_the_first_miss_until_it_is_met(
    opened: Sequencing, begin: Begin, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    first = begin("w1.example", opened.signer.vkey)
    second = begin("w2.example", opened.signer.vkey)
    both = rule(first, second, quorum="all")
    one_is_enough = rule(first, second, quorum="1")
    second.service.stop()

    opened()
    assert not ask(both)
    since = waiting_since(owner_connection)
    assert since is not None
    assert not ask(both)
    assert waiting_since(owner_connection) == since, "from the first on"
    written(sign_in, 1)
    opened()
    assert not ask(both)
    assert waiting_since(owner_connection) == since
    assert [name for _, name, _ in kept(owner_connection)] == ["w0", "w0"]
    owner_connection.execute("UPDATE audit_logstatus SET waiting_since = clock_timestamp() - interval '4 h 1 s'")
    pulse = status.health().pulse
    assert pulse is not None
    assert pulse.paused() == "unwitnessed"
    assert [text for text in status.health().complaints() if text.startswith("no quorum of witnesses for")]

    assert not ask(one_is_enough), "one has not cosigned"
    assert waiting_since(owner_connection) is None, "but one is enough"
    assert not ask(both)
    assert waiting_since(owner_connection) is not None
    back = begin("w2.example")
    assert ask(rule(first, back, quorum="all"))
    assert waiting_since(owner_connection) is None
    assert [(size, name) for size, name, _ in kept(owner_connection)] == [(1, "w0"), (2, "w0"), (2, "w1")]


def test_a_witness_that_does_not_know_the_log_or_answers_rubbish_is_waited_for(
    opened: Sequencing, begin: Begin, owner_connection: psycopg.Connection
) -> None:
    stranger = begin("w1.example", log_signer().vkey)
    other = begin("w2.example", opened.signer.vkey)
    opened()
    assert not ask(rule(stranger))
    assert not ask(rule(other, away=((str(begin("w3.example", opened.signer.vkey).witness.signer.vkey), other.url),)))
    assert [name for _, name, _ in kept(owner_connection)] == ["w0"], "a cosignature of another key is not kept"
    assert waiting_since(owner_connection) is not None
    assert refused(owner_connection) == ""


# --- refused ----------------------------------------------------------------------------------------------------------


def test_a_witness_that_has_seen_more_means_that_entries_were_lost(
    opened: Sequencing, begin: Begin, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    witness = begin("w1.example", opened.signer.vkey)
    written(sign_in, 2)
    opened()
    show_more_than_is_here(owner_connection, opened.signer, witness, more=4)
    assert "w0 has seen 7 leaves, and here are 3: entries were lost" in objection(rule(witness))
    assert "w0 has seen 7 leaves" in refused(owner_connection), "the web is told"
    assert kept(owner_connection) == []


def test_a_witness_that_cosigned_the_restored_checkpoint_too_is_asked_what_it_saw_since(
    opened: Sequencing, begin: Begin, owner_connection: psycopg.Connection
) -> None:
    witness = begin("w1.example", opened.signer.vkey)
    opened()
    assert ask(rule(witness))
    show_more_than_is_here(owner_connection, opened.signer, witness, more=2)
    assert "w0 has seen 3 leaves, and here are 1" in objection(rule(witness))
    assert waiting_since(owner_connection) is not None, "what it cosigned before counts no more"


@pytest.mark.parametrize("grown", [0, 5])
def test_a_witness_that_has_seen_another_tree_means_that_entries_were_rewritten(
    opened: Sequencing, begin: Begin, sign_in: SignIn, owner_connection: psycopg.Connection, grown: int
) -> None:
    """Of the same size, and of a size that ours has outgrown meanwhile."""
    witness = begin("w1.example", opened.signer.vkey)
    opened()
    show_more_than_is_here(owner_connection, opened.signer, witness, more=2)
    written(sign_in, 2 + grown)
    opened()
    assert "w0 does not accept that this tree grew out of the one it has seen" in objection(rule(witness))
    assert kept(owner_connection) == []


def test_restored_too_old_nothing_grows_and_writes_pause_until_a_fork_is_declared(
    world: World, sequenced: Sequencing, begin: Begin, settings: Settings, tmp_path: Path,
    owner_connection: psycopg.Connection,
) -> None:  # fmt: skip
    witness = begin("w1.example", sequenced.signer.vkey)
    sequenced()
    old_key = sequenced.signer.vkey
    use(settings, sequenced.signer, tmp_path)
    settings.LINTAS_WITNESS_POLICY_FILE = tmp_path / "policy"
    settings.LINTAS_WITNESS_POLICY_FILE.write_text(
        f"witness w0 {witness.witness.signer.vkey} {witness.url}\nquorum w0\n"
    )
    show_more_than_is_here(owner_connection, sequenced.signer, witness, more=3)
    padang = Partner(PADANG)
    waits = owner_connection.execute("SELECT count(*) FROM audit_leaf").fetchone()
    assert padang.post("/documents", DOCUMENT).status_code == 201

    sequence(until=lambda: owner_connection.execute("SELECT 1 FROM audit_logstatus WHERE refused <> ''").fetchone())
    assert "has seen" in refused(owner_connection)
    assert owner_connection.execute("SELECT count(*) FROM audit_leaf").fetchone() == waits, "nothing grows"
    assert said(padang.post("/documents", DOCUMENT))["code"] == "writes-paused"

    url, path = witness.url, settings.LINTAS_WITNESS_POLICY_FILE
    path.write_text(path.read_text().replace(url, "http://127.0.0.1:9"))
    before = owner_connection.execute("SELECT beat_at FROM audit_logstatus").fetchone()
    sequence(until=lambda: owner_connection.execute("SELECT beat_at FROM audit_logstatus").fetchone() != before)
    assert "has seen" in refused(owner_connection), "a witness that is away lifts nothing"
    assert owner_connection.execute("SELECT count(*) FROM audit_leaf").fetchone() == waits
    path.write_text(path.read_text().replace("http://127.0.0.1:9", url))

    settings.LINTAS_LOG_ORIGIN = "lintas.localhost/log/2"
    settings.LINTAS_LOG_KEY_FILE = tmp_path / "second.pem"
    by_the_owner("declare_fork", reason="an older backup was restored", draw_key=True)
    assert refused(owner_connection) == ""
    assert padang.post("/documents", DOCUMENT).status_code == 201
    sequence(until=lambda: waiting_since(owner_connection) is not None and signed_all(owner_connection))
    assert refused(owner_connection) == "", "a log that the witness does not know yet is waited for"

    state = log.current()
    assert state is not None
    witness.witness.logs = (*witness.witness.logs, state.log_key)
    sequence(until=lambda: waiting_since(owner_connection) is None)
    assert kept(owner_connection)[-1][1] == "w0"
    assert_sound(owner_connection, keys=[old_key, state.log_key], drained=True)


def signed_all(owner: psycopg.Connection) -> bool:
    return bool(
        owner.execute(
            "SELECT 1 FROM audit_logstatus WHERE NOT EXISTS (SELECT FROM audit_pending) "
            "AND (SELECT max(size) FROM audit_checkpoint) = (SELECT count(*) FROM audit_leaf)"
        ).fetchone()
    )


# --- one who objects, and enough who do not ---------------------------------------------------------------------------


def test_one_who_objects_stops_nothing_while_enough_others_agree(
    opened: Sequencing, begin: Begin, sign_in: SignIn, owner_connection: psycopg.Connection,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """An answer is no evidence that anybody else could check: one witness alone must not be able to stop a log."""
    ones = [begin(f"w{number}.example", opened.signer.vkey) for number in range(3)]
    written(sign_in, 2)
    opened()
    show_more_than_is_here(owner_connection, opened.signer, ones[0], more=4)
    most = Cosigning(rule(*ones, quorum="2"))
    assert not ask(most), "one is still to be asked again"
    assert most.refused == refused(owner_connection) == ""
    pulse = status.health().pulse
    assert pulse is not None
    assert "w0 has seen 7 leaves, and here are 3" in pulse.contested
    assert pulse.paused() is None
    assert status.health().complaints() == [f"the tree is contested: {pulse.contested}"]
    assert waiting_since(owner_connection) is None, "the quorum is met"
    assert [name for _, name, _ in kept(owner_connection)] == ["w1", "w2"]

    # The same three, where all are needed: then it stops.
    assert "w0 has seen 7 leaves" in objection(rule(*ones, quorum="all"))
    assert "w0 has seen 7 leaves" in refused(owner_connection)
    pulse = status.health().pulse
    assert pulse is not None
    assert pulse.contested == "", "it is said once"
    assert [record.levelname for record in caplog.records].count("CRITICAL") == 1


def agreed(*witnesses: Signer, needed: str = "any") -> Policy:
    """The policy of witnesses that a test answers for."""
    lines = [f"witness w{number} {one.vkey} http://127.0.0.1:9" for number, one in enumerate(witnesses)]
    names = " ".join(f"w{number}" for number in range(len(witnesses)))
    return policy.read_policy("\n".join([*lines, f"group g {needed} {names}", "quorum g", ""]))


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[str], Outcome]]:
    """By a witness's name, what it answers to a note."""
    given: dict[str, Callable[[str], Outcome]] = {}

    def submitted(*, note: str, key: VerifierKey, **_: object) -> Outcome:
        return given[key.name](note)

    monkeypatch.setattr(cosigning, "submit", submitted)
    return given


def cosigns(one: Signer, *, time: int = SEEN) -> Callable[[str], Outcome]:
    return lambda note: Cosigned(line=one.sign(notes.read_note(note).text, time=SEEN), time=time)


def away(_: str) -> Outcome:
    return Unreachable("down for weeks")


def contests(_: str) -> Outcome:
    return Refused(422, "no")


ONE, TWO = signer_of("one.example/w"), signer_of("two.example/w")


def test_a_witness_that_was_shown_a_newer_checkpoint_by_somebody_else_does_not_object(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection, answers: dict[str, Any]
) -> None:
    """The log signed on while it was asked, and checkpoints are public."""
    written(sign_in, 3)
    opened()

    def meanwhile(note: str) -> Outcome:
        written(sign_in, 2)
        while sequencer.grow().new:
            pass
        newer = sequencer.checkpoint(opened.signer)
        return Behind(newer.size) if newer else cosigns(ONE)(note)

    asking = Cosigning(agreed(ONE))
    with as_sequencer():
        answers[ONE.name] = meanwhile
        assert not asking.ask_all()
        assert asking.refused == ""
        answers[ONE.name] = cosigns(ONE)
        assert asking.ask_all()
    assert refused(owner_connection) == ""
    assert [size for size, _, _ in kept(owner_connection)] == [6]


def test_what_a_witness_refused_stays_until_enough_agree(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection, answers: dict[str, Any]
) -> None:
    """Whoever can keep the witness away, or restart the sequencer, must not be able to lift it."""
    written(sign_in, 3)
    opened()
    asking = Cosigning(agreed(ONE))
    answers[ONE.name] = contests
    assert not ask(asking)
    reason = refused(owner_connection)
    assert reason == asking.refused != ""
    for answer in (away, lambda _: Refused(500, "broken"), lambda _: Behind(2), away):
        answers[ONE.name] = answer
        assert not ask(asking)
        assert reason == asking.refused == refused(owner_connection)
    again = Cosigning(agreed(ONE), refused=sequencer.refused())
    answers[ONE.name] = away
    assert not ask(again)
    assert reason == again.refused == refused(owner_connection)
    answers[ONE.name] = cosigns(ONE)
    assert ask(again)
    assert again.refused == refused(owner_connection) == ""


def test_one_odd_answer_is_lifted_although_another_witness_is_down(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection, answers: dict[str, Any]
) -> None:
    written(sign_in, 3)
    opened()
    asking = Cosigning(agreed(ONE, TWO, needed="any"))
    answers[ONE.name], answers[TWO.name] = (lambda _: Behind(10**6)), away
    assert not ask(asking)
    assert "has seen 1000000 leaves" in refused(owner_connection)
    answers[ONE.name] = cosigns(ONE)
    assert not ask(asking), "the other one is to be asked again"
    assert asking.refused == refused(owner_connection) == ""


def test_where_nothing_of_this_origin_was_signed_there_is_nothing_to_object_to(
    opened: Sequencing, owner_connection: psycopg.Connection, answers: dict[str, Any]
) -> None:
    opened()
    answers[ONE.name] = contests
    asking = Cosigning(agreed(ONE))
    assert not ask(asking)
    assert refused(owner_connection) != ""
    opened.fork("lintas.localhost/log/2")
    assert ask(asking)
    assert asking.refused == refused(owner_connection) == ""


@pytest.mark.parametrize("is_signed", [True, False])
def test_nothing_is_said_after_the_end(
    opened: Sequencing, owner_connection: psycopg.Connection, answers: dict[str, Any], is_signed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Another sequencer may be active by then, and know better."""
    if is_signed:
        opened()
    asking, newest = Cosigning(agreed(ONE)), cosigning.newest

    def ended(note: str) -> Outcome:
        asking.stop()
        return contests(note)

    def ended_before() -> Any:
        asking.stop()
        return newest()

    answers[ONE.name] = ended
    if not is_signed:
        monkeypatch.setattr(cosigning, "newest", ended_before)
    with as_sequencer():
        sequencer.refuse("said by another one")
    assert not ask(asking)
    assert refused(owner_connection) == "said by another one"
    assert waiting_since(owner_connection) is None


def with_policy(settings: Settings, folder: Path, *, needed: str) -> None:
    settings.LINTAS_WITNESS_POLICY_FILE = folder / "policy"
    settings.LINTAS_WITNESS_POLICY_FILE.write_text(f"witness w0 {ONE.vkey} http://127.0.0.1:9\nquorum {needed}\n")


@pytest.mark.parametrize("needed", ["none", "w0"])
def test_what_the_sequencer_refused_itself_is_tried_again_after_a_restart(
    opened: Sequencing, sign_in: SignIn, settings: Settings, tmp_path: Path, owner_connection: psycopg.Connection,
    needed: str,
) -> None:  # fmt: skip
    """No witness has to answer for a mistake of ours: one that is down must not keep a mended log from growing."""
    opened()
    use(settings, opened.signer, tmp_path)
    with_policy(settings, tmp_path, needed=needed)
    with as_sequencer():
        sequencer.refuse("The log's key is A; LINTAS_LOG_KEY_FILE holds B.")
    written(sign_in, 2)
    sequence(until=lambda: signed_all(owner_connection) and refused(owner_connection) == "")
    assert_sound(owner_connection, keys=[opened.signer.vkey], drained=True)


def test_a_restart_says_again_what_a_witness_refused(
    opened: Sequencing, sign_in: SignIn, settings: Settings, tmp_path: Path, owner_connection: psycopg.Connection,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """And neither grows nor lifts it while the witness is away."""
    opened()
    use(settings, opened.signer, tmp_path)
    with_policy(settings, tmp_path, needed="w0")
    reason = "witness w0 has seen 900 leaves, and here are 1: entries were lost"
    with as_sequencer():
        sequencer.refuse(reason)
    written(sign_in, 2)
    before = owner_connection.execute("SELECT beat_at FROM audit_logstatus").fetchone()
    sequence(
        until=lambda: (
            waiting_since(owner_connection) is not None
            and owner_connection.execute("SELECT beat_at FROM audit_logstatus").fetchone() != before
        )
    )
    assert refused(owner_connection) == reason
    assert owner_connection.execute("SELECT count(*) FROM audit_leaf").fetchone() == (1,)
    assert reason in [record.getMessage() for record in caplog.records if record.levelname == "CRITICAL"]


def test_a_fault_of_ours_does_not_cover_what_a_witness_refused(
    opened: Sequencing, settings: Settings, tmp_path: Path, owner_connection: psycopg.Connection
) -> None:
    """A start with the wrong key in between, and the mended one would begin with nothing to remember."""
    opened()
    with_policy(settings, tmp_path, needed="w0")
    reason = "witness w0 has seen 900 leaves, and here are 1: entries were lost"
    with as_sequencer():
        sequencer.refuse(reason)
    use(settings, log_signer(), tmp_path)
    with pytest.raises(CommandError, match="The log's key is"):
        sequence()
    assert refused(owner_connection) == reason


# --- the thread -------------------------------------------------------------------------------------------------------


@contextmanager
def at_work(by: Policy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cosigning]:
    """The thread, asking again soon."""
    monkeypatch.setattr(cosigning, "RETRY_EVERY", 0.1)
    with as_sequencer():
        made = Cosigning(by)
        made.start()
        try:
            yield made
        finally:
            made.stop()
    assert not made._thread.is_alive()


def test_the_thread_cosigns_what_it_is_woken_for(
    opened: Sequencing, begin: Begin, sign_in: SignIn, owner_connection: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    opened()
    with at_work(rule(begin("w1.example", opened.signer.vkey)), monkeypatch) as thread:
        eventually(lambda: len(kept(owner_connection)) == 1)
        written(sign_in, 2)
        assert sequencer.grow().new == 2
        sequencer.checkpoint(opened.signer)
        thread.wake()
        eventually(lambda: len(kept(owner_connection)) == 2)


def test_the_thread_refuses_the_tree_and_lifts_it_once_the_witness_is_content(
    opened: Sequencing, begin: Begin, owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    """As when the witness's operator, told of a mistake, begins it anew."""
    witness = begin("w1.example", opened.signer.vkey)
    opened()
    show_more_than_is_here(owner_connection, opened.signer, witness, more=2)
    with at_work(rule(witness), monkeypatch) as thread:
        eventually(lambda: thread.refused)
        assert "has seen 3 leaves" in thread.refused
        eventually(lambda: refused(owner_connection) == thread.refused)
        witness.witness.store.close()
        (tmp_path / "w1.example" / home.STATE).unlink()
        home.begin_anew(tmp_path / "w1.example", now=1_700_000_000)
        witness.witness.store = home.open_state(tmp_path / "w1.example", witness.witness.signer)
        eventually(lambda: refused(owner_connection) == "")
        assert thread.refused == ""
        assert len(kept(owner_connection)) == 1


def test_the_thread_survives_a_database_that_is_away_and_a_tree_with_a_hole(
    opened: Sequencing, begin: Begin, sign_in: SignIn, owner_connection: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    written(sign_in, 6)
    opened()
    witness = begin("w1.example", opened.signer.vkey)
    assert ask(rule(witness))
    written(sign_in, 6)
    opened()
    with unlocked(owner_connection, "audit_node") as owner:
        rows = owner.execute("DELETE FROM audit_node WHERE level = 1 RETURNING *").fetchall()
    failures = iter([InterfaceError("connection already closed")])
    newest = cosigning.newest

    def once_away() -> Any:
        for failure in failures:
            raise failure
        return newest()

    monkeypatch.setattr(cosigning, "newest", once_away)
    with at_work(rule(witness), monkeypatch) as thread:
        eventually(lambda: "is missing" in thread.refused)
        eventually(lambda: "is missing" in refused(owner_connection))
        with owner_connection.cursor() as cursor:
            cursor.executemany("INSERT INTO audit_node (level, index, hash) VALUES (%s, %s, %s)", rows)
        eventually(lambda: refused(owner_connection) == "")
        eventually(lambda: len(kept(owner_connection)) == 2)
    assert not thread.refused


def test_the_thread_survives_whatever_a_witness_makes_of_it(
    opened: Sequencing, owner_connection: psycopg.Connection, answers: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time that no calendar has, and a fault of our own."""
    opened()
    answers[ONE.name] = cosigns(ONE, time=2**62)
    with at_work(agreed(ONE), monkeypatch) as thread:
        time.sleep(0.5)
        assert thread._thread.is_alive()
        answers[ONE.name] = lambda _: 1 // 0
        time.sleep(0.3)
        assert thread._thread.is_alive()
        assert kept(owner_connection) == []
        answers[ONE.name] = cosigns(ONE)
        eventually(lambda: len(kept(owner_connection)) == 1)
        assert not thread.refused


# --- the policy file --------------------------------------------------------------------------------------------------


def test_without_a_policy_nobody_is_asked_and_the_quorum_is_met(
    opened: Sequencing, owner_connection: psycopg.Connection
) -> None:
    assert quorum.read(None) is policy.NONE
    opened()
    assert ask(policy.NONE)
    assert waiting_since(owner_connection) is None


def test_a_policy_file_that_is_none_is_said_plainly(tmp_path: Path) -> None:
    path = tmp_path / "policy"
    with pytest.raises(BadPolicyFile, match=f"LINTAS_WITNESS_POLICY_FILE={path} cannot be read: No such file"):
        quorum.read(path)
    for content, why in ((b"\xff\xfe", "utf-8"), (b"", "names no quorum"), (b"witness w x\nquorum w\n", "line 1")):
        path.write_bytes(content)
        with pytest.raises(BadPolicyFile, match=f"LINTAS_WITNESS_POLICY_FILE={path}: .*{why}"):
            quorum.read(path)


def test_a_bad_policy_ends_the_command(
    opened: Sequencing, settings: Settings, tmp_path: Path, owner_connection: psycopg.Connection
) -> None:
    use(settings, opened.signer, tmp_path)
    settings.LINTAS_WITNESS_POLICY_FILE = tmp_path / "policy"
    settings.LINTAS_WITNESS_POLICY_FILE.write_text("quorum all\n")
    with pytest.raises(CommandError, match="line 1: all is not defined above"):
        sequence()
    assert refused(owner_connection) == ""
