"""The sequencer by hand: places, nodes, checkpoints, its pulse; and everything that it refuses to go on with."""

import itertools
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from audit import log, sequencer, status
from audit.nodes import LogBroken
from audit.sequencer import CannotSequence, Grown
from audit.tlog import notes
from tests.audit.running import SignIn, pem, sequence, unlocked, use, written
from tests.drills.bare_entries import append
from tests.drills.soundness import assert_sound
from tests.factories import PADANG
from tests.partner import Partner, said
from tests.sequencing import Sequencing, as_sequencer, log_signer
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = {"type": "assessment", "title": "Kajian", "media_type": "application/pdf", "size": 1, "sha256": "ab" * 32}


@pytest.fixture
def opened(transactional_db: None) -> Sequencing:
    """A log that was just opened, on an empty database."""
    return Sequencing()


def refused() -> str | None:
    """What the pulse says to the web."""
    pulse = status.health().pulse
    return pulse.refused if pulse else None


# --- the order --------------------------------------------------------------------------------------------------------


def test_before_the_log_is_opened_everything_waits(sign_in: SignIn, owner_connection: psycopg.Connection) -> None:
    written(sign_in, 3)
    with as_sequencer():
        assert sequencer.grow() == Grown(size=0, new=0)
        with pytest.raises(CannotSequence, match=r"has not been opened.*open_log --draw-keys"):
            sequencer.must_match(log_signer())
    assert_sound(owner_connection, keys=[])


def test_index_0_is_the_opening_whatever_was_written_before(
    sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    written(sign_in, 3, audience=(4,))
    opened = Sequencing()
    assert opened() is not None
    first = owner_connection.execute(
        "SELECT convert_from(e.body, 'UTF8')::json ->> 'kind' FROM audit_leaf l "
        "JOIN audit_entry e ON e.id = l.entry_id ORDER BY index"
    ).fetchall()
    assert first == [("log.opened",), *[("drill.written",)] * 3]
    assert owner_connection.execute("SELECT agency, index FROM audit_sighting ORDER BY 2").fetchall() == [
        (4, 1), (4, 2), (4, 3),
    ]  # fmt: skip
    assert_sound(owner_connection, keys=[opened.signer.vkey], drained=True)


@pytest.mark.parametrize("batch", [1, 3, 1000])
def test_batches_of_any_size_make_the_same_tree(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection, batch: int
) -> None:
    written(sign_in, 20, audience=(4, 5))
    sizes = []
    with as_sequencer():
        while (grown := sequencer.grow(limit=batch)).new:
            sizes.append(grown.size)
    assert sizes[0] == 1, "the opening comes alone"
    assert sizes[1:] == [*range(1 + batch, 21, batch), 21]
    opened.sign()
    assert_sound(owner_connection, keys=[opened.signer.vkey], drained=True)


def test_an_entry_that_is_not_committed_yet_holds_up_nobody_and_gets_its_place_later(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    slow, began, may_end = uuid4(), threading.Event(), threading.Event()

    def write_slowly(web: psycopg.Connection) -> None:
        with web.transaction():
            append(web, stream=slow)
            began.set()
            may_end.wait(60)

    thread = threading.Thread(target=write_slowly, args=(sign_in("web"),))
    thread.start()
    assert began.wait(60)
    written(sign_in, 2)
    assert opened() is not None
    assert_sound(owner_connection, keys=[opened.signer.vkey], drained=True)
    may_end.set()
    thread.join()
    signed = opened()
    assert signed is not None
    assert signed.size == 4
    ids = [row[0] for row in owner_connection.execute("SELECT entry_id FROM audit_leaf ORDER BY index").fetchall()]
    assert ids != sorted(ids), "the slow one drew its id first, and has its place last"
    assert_sound(owner_connection, keys=[opened.signer.vkey], drained=True)


def test_where_nothing_is_new_nothing_is_written(opened: Sequencing, owner_connection: psycopg.Connection) -> None:
    first = opened()
    assert first is not None
    assert first.size == 1
    assert opened() is None
    assert owner_connection.execute("SELECT number, size FROM audit_checkpoint").fetchall() == [(1, 1)]


def test_entries_that_another_hand_takes_from_the_queue_are_not_sequenced(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    opened()
    written(sign_in, 3)

    def meddle(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
        if sql == sequencer.PLACED:
            owner_connection.execute(
                "DELETE FROM audit_pending WHERE entry_id = (SELECT max(entry_id) FROM audit_pending)"
            )
        return execute(sql, params, many, context)

    with as_sequencer(), connection.execute_wrapper(meddle), pytest.raises(CannotSequence, match="Another hand"):
        sequencer.grow()
    assert owner_connection.execute("SELECT count(*) FROM audit_leaf").fetchone() == (1,)


def queued_again(sign_in: SignIn, *, how_many: int = 1) -> None:
    """Put entries that have their place into the queue once more, as the web's role may."""
    sign_in("web").execute(
        "INSERT INTO audit_pending (entry_id) SELECT id FROM audit_entry WHERE stream <> %s ORDER BY id LIMIT %s",
        [log.STREAM, how_many],
    )


def told_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged as critical."""
    return [record.getMessage() for record in caplog.records if record.levelname == "CRITICAL"]


def test_an_entry_that_is_queued_again_is_taken_out_and_told_of(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """Alone, and among new ones; it keeps its one place, and holds up nobody."""
    written(sign_in, 3, audience=(4,))
    opened()
    assert told_of(caplog) == []
    queued_again(sign_in)
    with as_sequencer():
        assert sequencer.grow() == Grown(size=4, new=0)
    queued_again(sign_in, how_many=2)
    written(sign_in, 2, audience=(4, 5))
    with as_sequencer():
        assert sequencer.grow() == Grown(size=6, new=2)
    assert told_of(caplog) == [f"{count} entries were queued that have their place already" for count in (1, 2)]
    opened.sign()
    assert_sound(owner_connection, keys=[opened.signer.vkey], drained=True)


def test_an_agency_that_is_named_twice_has_it_once_in_its_feed(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    opened()
    written(sign_in, 1, audience=(5, 4, 5, 5))
    written(sign_in, 1, audience=(4,))
    opened()
    assert owner_connection.execute("SELECT agency, index FROM audit_sighting ORDER BY 2, 1").fetchall() == [
        (4, 1), (5, 1), (4, 2),
    ]  # fmt: skip


def test_one_is_active_and_the_next_one_is_when_its_connection_ends(opened: Sequencing, sign_in: SignIn) -> None:
    first = sign_in("sequencer")
    taken = "SELECT pg_try_advisory_lock(%s)"
    assert first.execute(taken, [sequencer.LOCK]).fetchone() == (True,)
    with as_sequencer():
        assert not sequencer.try_to_be_active()
        assert sequencer.holder() == connection.settings_dict["USER"]
        first.close()
        until = time.monotonic() + 5
        while not sequencer.try_to_be_active():
            assert time.monotonic() < until
        assert sign_in("sequencer").execute(taken, [sequencer.LOCK]).fetchone() == (False,)
    assert sequencer.holder() is None


# --- signing ----------------------------------------------------------------------------------------------------------


def test_a_checkpoint_states_origin_size_and_root_and_the_log_s_key_signed_it(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    written(sign_in, 4)
    signed = opened()
    row = owner_connection.execute("SELECT number, size, note FROM audit_checkpoint").fetchone()
    assert row is not None
    checkpoint, _ = notes.open_checkpoint(row[2], keys=[opened.signer.vkey])
    assert checkpoint == signed
    assert (row[0], row[1], checkpoint.size, checkpoint.origin) == (1, 5, 5, opened.signer.name)
    with pytest.raises(notes.BadNote):
        notes.open_checkpoint(row[2], keys=[log_signer().vkey])


def test_a_changed_node_is_noticed_before_anything_is_signed(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    written(sign_in, 4)
    opened()
    with unlocked(owner_connection, "audit_node") as owner:
        owner.execute("UPDATE audit_node SET hash = sha256(hash) WHERE level = 2 AND index = 0")
    written(sign_in, 1)
    with pytest.raises(CannotSequence, match=r"did not grow out of the checkpoint of size 5.*lintas-verify"):
        opened()
    assert owner_connection.execute("SELECT max(size) FROM audit_checkpoint").fetchone() == (5,)


def test_a_missing_node_is_named(opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection) -> None:
    written(sign_in, 5)
    opened()
    with unlocked(owner_connection, "audit_node") as owner:
        owner.execute("DELETE FROM audit_node WHERE level = 1 AND index = 2")
    written(sign_in, 1)
    with pytest.raises(LogBroken, match="Node 2 of level 1 is missing"):
        opened()


def test_leaves_that_were_taken_away_are_noticed(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    written(sign_in, 5)
    opened()
    with unlocked(owner_connection, "audit_leaf") as owner:
        owner.execute("DELETE FROM audit_leaf WHERE index = 5")
    with pytest.raises(CannotSequence, match="5 leaves and 6 were signed: leaves were taken away"):
        opened.sign()


def test_after_a_fork_nothing_is_signed_before_the_fork_has_its_leaf(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    """What waited before it belongs to the tree of the old origin, and nobody signs that any more."""
    written(sign_in, 3)
    opened()
    old = opened.signer
    written(sign_in, 5)
    opened.fork("lintas.localhost/log/2")
    written(sign_in, 1)
    with as_sequencer():
        for _ in range(2):
            assert sequencer.checkpoint(opened.signer) is None
            assert sequencer.grow(limit=2).new == 2
        assert sequencer.grow(limit=1).new == 1
        assert sequencer.checkpoint(opened.signer) is None, "the fork is the next"
        assert sequencer.grow(limit=1).new == 1
        signed = sequencer.checkpoint(opened.signer)
        assert signed is not None
        assert (signed.origin, signed.size) == ("lintas.localhost/log/2", 10)
        assert sequencer.grow().new == 1
        with pytest.raises(CannotSequence, match=r"The log is lintas.localhost/log/2"):
            sequencer.checkpoint(old)
    assert owner_connection.execute("SELECT size FROM audit_checkpoint ORDER BY 1").fetchall() == [(4,), (10,)]
    opened.sign()
    assert_sound(owner_connection, keys=[old.vkey, opened.signer.vkey], drained=True)


def test_a_key_that_the_log_does_not_name_signs_nothing(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    written(sign_in, 1)
    opened.grow()
    with as_sequencer(), pytest.raises(CannotSequence, match="The log's key is"):
        sequencer.checkpoint(log_signer())
    assert owner_connection.execute("SELECT count(*) FROM audit_checkpoint").fetchone() == (0,)


@pytest.mark.parametrize("note", ["", "no note", "a\n\n— b AAAAAAA=\n", "origin\nmany\nroot\n\n— b AAAAAAA=\n"])
def test_a_checkpoint_that_is_none_any_more_is_noticed(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection, note: str
) -> None:
    opened()
    with unlocked(owner_connection, "audit_checkpoint") as owner:
        owner.execute("UPDATE audit_checkpoint SET note = %s", [note])
    written(sign_in, 1)
    with pytest.raises(CannotSequence, match="newest checkpoint is none any more"):
        opened()


def test_a_checkpoint_of_another_tree_is_noticed(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    """Even one that the log's own key signed."""
    opened()
    other = notes.Checkpoint(origin=opened.signer.name, size=1, root=b"\1" * 32).signed(opened.signer)
    with unlocked(owner_connection, "audit_checkpoint") as owner:
        owner.execute("UPDATE audit_checkpoint SET note = %s", [str(other)])
    written(sign_in, 1)
    with pytest.raises(CannotSequence, match="did not grow out of"):
        opened()


# --- the key ----------------------------------------------------------------------------------------------------------


def test_the_log_key_is_read_as_the_signer_of_the_origin(tmp_path: Path) -> None:
    signer = log_signer()
    read = sequencer.read_log_key(pem(signer, tmp_path / "key.pem"), origin=signer.name)
    assert (read.vkey, read.type) == (signer.vkey, notes.LOG)


def test_a_key_file_that_is_none_is_said_plainly(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with pytest.raises(CannotSequence, match=f"{path} cannot be read: No such file"):
        sequencer.read_log_key(path, origin="o")
    with pytest.raises(CannotSequence, match="cannot be read: Is a directory"):
        sequencer.read_log_key(tmp_path, origin="o")
    for garbage in (b"", b"\xff\x00", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        path.write_bytes(garbage)
        with pytest.raises(CannotSequence, match="holds no private key in PEM"):
            sequencer.read_log_key(path, origin="o")
    pem(log_signer(), path, passphrase=b"a secret")
    with pytest.raises(CannotSequence, match="without a passphrase"):
        sequencer.read_log_key(path, origin="o")
    pem(ec.generate_private_key(ec.SECP256R1()), path)
    with pytest.raises(CannotSequence, match="holds no Ed25519 key"):
        sequencer.read_log_key(path, origin="o")


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "x" * 201])
def test_an_origin_that_cannot_stand_in_a_note_is_said_plainly(tmp_path: Path, origin: str) -> None:
    path = pem(log_signer(), tmp_path / "key.pem")
    with pytest.raises(CannotSequence, match=r"LINTAS_LOG_ORIGIN.*cannot name a log"):
        sequencer.read_log_key(path, origin=origin)


def test_another_origin_or_key_than_the_log_s_is_refused(opened: Sequencing) -> None:
    with as_sequencer():
        sequencer.must_match(opened.signer)
        with pytest.raises(CannotSequence, match=r"LINTAS_LOG_ORIGIN says other.example/log/1.*declare_fork"):
            sequencer.must_match(log_signer("other.example/log/1"))
        other = log_signer()
        with pytest.raises(CannotSequence) as told:
            sequencer.must_match(other)
        assert str(opened.signer.vkey) in str(told.value)
        assert str(other.vkey) in str(told.value)


# --- the pulse --------------------------------------------------------------------------------------------------------


def test_the_pulse_says_how_far_it_is_and_a_beat_keeps_a_refusal(opened: Sequencing, sign_in: SignIn) -> None:
    assert status.health().pulse is None
    assert status.health().complaints() == ["the log has not been opened: manage.py open_log --draw-keys"]
    written(sign_in, 3)
    opened.grow()
    with as_sequencer():
        sequencer.beat()
    health = status.health()
    assert health.pulse is not None
    assert (health.pulse.size, health.pulse.checkpoint_size, health.pulse.refused) == (4, 0, "")
    assert health.pulse.origin == opened.signer.name
    assert (health.waiting, health.pulse.paused(), health.complaints()) == (0, None, [])
    opened.sign()
    with as_sequencer():
        sequencer.refuse("a reason")
        sequencer.beat()
    pulse = status.health().pulse
    assert pulse is not None
    assert (pulse.checkpoint_size, pulse.refused, pulse.paused()) == (4, "a reason", "refused")
    assert status.health().complaints() == ["the tree was refused: a reason"]
    with as_sequencer():
        sequencer.refuse("", contested="another reason")
        sequencer.beat()
    pulse = status.health().pulse
    assert pulse is not None
    assert (pulse.refused, pulse.contested, pulse.paused()) == ("", "another reason", None)
    assert status.health().complaints() == ["the tree is contested: another reason"]
    with as_sequencer():
        sequencer.refuse("")
    assert status.health().complaints() == []


def test_what_waits_too_long_is_complained_of(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    opened()
    with as_sequencer():
        sequencer.beat()
    written(sign_in, 2)
    assert status.health().waiting == 2
    assert status.health().complaints() == [], "they have just come"
    with unlocked(owner_connection, "audit_entry") as owner:
        owner.execute("UPDATE audit_entry SET recorded_at = recorded_at - interval '90 s' WHERE seq = 2")
    assert [said for said in status.health().complaints() if said.startswith("2 entries wait")]


# --- the loop and the command -----------------------------------------------------------------------------------------


def test_the_loop_signs_at_most_once_a_second_and_all_in_the_end(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    signed: list[float] = []
    web, stream, until = sign_in("web"), uuid4(), time.monotonic() + 1.6

    def over() -> bool:
        if time.monotonic() < until:
            append(web, stream=stream)
        row = owner_connection.execute("SELECT count(*) FROM audit_pending").fetchone()
        found = owner_connection.execute("SELECT coalesce(max(size), 0) FROM audit_checkpoint").fetchone()
        leaves = owner_connection.execute("SELECT count(*) FROM audit_leaf").fetchone()
        return (time.monotonic() > until and row == (0,) and found == leaves) or time.monotonic() > until + 10

    with as_sequencer():
        sequencer.run(
            signer=opened.signer, over=over, held=lambda: False, signed=lambda: signed.append(time.monotonic())
        )
    assert 2 <= len(signed) <= 4
    assert all(later - earlier > 0.9 for earlier, later in itertools.pairwise(signed))
    assert_sound(owner_connection, keys=[opened.signer.vkey], drained=True)


def test_while_it_is_held_nothing_grows_and_the_pulse_beats(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    written(sign_in, 2)
    turns = iter([False, False, False, True])
    with as_sequencer():
        sequencer.run(
            signer=opened.signer, over=lambda: next(turns), held=lambda: True, signed=lambda: pytest.fail("signed")
        )
    assert owner_connection.execute("SELECT count(*) FROM audit_leaf").fetchone() == (0,)
    assert status.health().pulse is not None


def test_the_command_takes_everything_and_ends_when_it_is_told(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection, settings: Settings, tmp_path: Path
) -> None:
    written(sign_in, 5)
    use(settings, opened.signer, tmp_path)
    sequence(
        until=lambda: owner_connection.execute("SELECT 1 FROM audit_logstatus WHERE checkpoint_size = 6").fetchone()
    )
    assert_sound(owner_connection, keys=[opened.signer.vkey], drained=True)
    assert refused() == ""


def test_a_tree_that_was_tampered_with_pauses_the_writes(
    world: World, sequenced: Sequencing, owner_connection: psycopg.Connection, settings: Settings, tmp_path: Path
) -> None:
    sequenced()
    use(settings, sequenced.signer, tmp_path)
    padang = Partner(PADANG)
    assert padang.post("/documents", DOCUMENT).status_code == 201
    with unlocked(owner_connection, "audit_node") as owner:
        kept = owner.execute("SELECT hash FROM audit_node WHERE level = (SELECT max(level) FROM audit_node)").fetchone()
        owner.execute("UPDATE audit_node SET hash = sha256(hash) WHERE level = (SELECT max(level) FROM audit_node)")
    written_by_another_stream(owner_connection)
    with pytest.raises(CommandError, match="did not grow out of"):
        sequence()
    assert (refused() or "").startswith("The tree did not grow out of")
    problem = said(padang.post("/documents", DOCUMENT))
    assert (problem["code"], problem["errors"][0]["code"]) == ("writes-paused", "log-refused")

    assert kept is not None
    with unlocked(owner_connection, "audit_node") as owner:
        owner.execute("UPDATE audit_node SET hash = %s WHERE level = (SELECT max(level) FROM audit_node)", [kept[0]])
    sequence(until=lambda: refused_is_lifted(owner_connection))
    assert padang.post("/documents", DOCUMENT).status_code == 201, "the row was put back, and its sequencer started"


def written_by_another_stream(owner: psycopg.Connection) -> None:
    append(owner, stream=uuid4())


def refused_is_lifted(owner: psycopg.Connection) -> bool:
    return owner.execute("SELECT FROM audit_logstatus WHERE refused = ''").fetchone() is not None


def test_what_the_database_refuses_is_not_a_database_that_is_away(
    opened: Sequencing, sign_in: SignIn, settings: Settings, tmp_path: Path, owner_connection: psycopg.Connection
) -> None:
    """It would be tried for ever while promises are broken: it is refused, with the name of what stands in the way."""
    opened()
    use(settings, opened.signer, tmp_path)
    sign_in("sequencer").execute("INSERT INTO audit_node (level, index, hash) VALUES (1, 0, sha256(''))")
    written(sign_in, 1)
    with pytest.raises(CommandError, match=r"The database refuses what waits for its place: .*audit_node"):
        sequence()
    reason = refused() or ""
    assert reason.startswith("The database refuses what waits")
    assert "Key (" not in reason, "names, no content"
    assert owner_connection.execute("SELECT count(*) FROM audit_leaf").fetchone() == (1,)
    with unlocked(owner_connection, "audit_node") as owner:
        owner.execute("DELETE FROM audit_node")
    sequence(until=lambda: refused_is_lifted(owner_connection))
    assert_sound(owner_connection, keys=[opened.signer.vkey], drained=True)


def test_a_lock_in_foreign_hands_is_told_loudly_and_once(
    opened: Sequencing, sign_in: SignIn, settings: Settings, tmp_path: Path, owner_connection: psycopg.Connection,
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Any role may take an advisory lock; then nobody can sequence, and only the operator can end that."""
    monkeypatch.setattr("audit.management.commands.sequence.STAND_BY", 0.05)
    caplog.set_level("INFO", logger="lintas.sequencer")
    use(settings, opened.signer, tmp_path)
    taken = "SELECT pg_try_advisory_lock(%s)"
    reader = sign_in("reader")
    assert reader.execute(taken, [sequencer.LOCK]).fetchone() == (True,)
    tries, holder = list[str | None](), sequencer.holder

    def counted() -> str | None:
        tries.append(holder())
        return tries[-1]

    monkeypatch.setattr(sequencer, "holder", counted)
    sequence(until=lambda: len(tries) > 4)
    (told,) = told_of(caplog)
    assert told == f"the sequencer's lock is held by the database role {reader.info.user}: end that session"
    assert owner_connection.execute("SELECT count(*) FROM audit_leaf").fetchone() == (0,)
    reader.close()
    caplog.clear()
    tries.clear()
    other = sign_in("sequencer")
    while other.execute(taken, [sequencer.LOCK]).fetchone() != (True,):
        time.sleep(0.01)
    sequence(until=lambda: len(tries) > 4)
    assert told_of(caplog) == []
    assert [record.getMessage() for record in caplog.records].count("another sequencer is active; standing by") == 1


def test_a_wrong_key_or_origin_ends_the_command_and_pauses_the_writes(
    opened: Sequencing, owner_connection: psycopg.Connection, settings: Settings, tmp_path: Path
) -> None:
    opened()
    use(settings, log_signer(), tmp_path)
    with pytest.raises(CommandError, match="The log's key is"):
        sequence()
    assert (refused() or "").startswith("The log's key is")
    use(settings, log_signer("other.example/log/1"), tmp_path)
    with pytest.raises(CommandError, match=r"says other.example/log/1"):
        sequence()
    use(settings, opened.signer, tmp_path)
    sequence(until=lambda: refused_is_lifted(owner_connection))
    assert refused() == ""


def test_a_second_one_that_is_misconfigured_does_not_stop_the_first(
    opened: Sequencing, sign_in: SignIn, settings: Settings, tmp_path: Path
) -> None:
    opened()
    with as_sequencer():
        sequencer.beat()
    assert sign_in("sequencer").execute("SELECT pg_try_advisory_lock(%s)", [sequencer.LOCK]).fetchone() == (True,)
    settings.LINTAS_LOG_KEY_FILE = tmp_path / "nowhere.pem"
    with pytest.raises(CommandError, match=r"nowhere.pem cannot be read"):
        sequence()
    use(settings, opened.signer, tmp_path)
    settings.LINTAS_WITNESS_POLICY_FILE = tmp_path / "nowhere.policy"
    with pytest.raises(CommandError, match=r"nowhere.policy cannot be read"):
        sequence()
    assert refused() == ""


def test_without_a_key_file_the_command_says_what_to_type(settings: Settings) -> None:
    settings.LINTAS_LOG_KEY_FILE = None
    with pytest.raises(CommandError, match=r"LINTAS_LOG_KEY_FILE is not set.*open_log --draw-keys"):
        call_command("sequence")


def test_a_log_that_was_not_opened_ends_the_command(transactional_db: None, settings: Settings, tmp_path: Path) -> None:
    use(settings, log_signer(), tmp_path)
    with pytest.raises(CommandError, match="has not been opened"):
        sequence()
    assert log.current() is None
