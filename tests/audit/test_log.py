"""The log's own stream: opening it, its keys, and forks; by function and by command."""

import json
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError
from django.db import transaction
from pytest_django import Settings

from audit import keys, log, receipts, sequencer
from audit.log import LogRefused, LogState
from audit.sequencer import CannotSequence
from audit.tlog import notes
from audit.tlog.notes import Checkpoint, Signer
from tests.audit.running import SignIn, by_the_owner, pem, sequence, use, written
from tests.callers import as_owner
from tests.drills.soundness import assert_sound
from tests.sequencing import RECEIPT_KEY, Sequencing, as_sequencer, log_signer

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
SECOND_KEY = {**RECEIPT_KEY, "kid": "another"}


@pytest.fixture
def opened(transactional_db: None) -> Sequencing:
    """A log that was just opened, on an empty database."""
    return Sequencing()


def open_again(signer: Signer, *, receipt_key: dict[str, str] = RECEIPT_KEY, origin: str | None = None) -> Any:
    with as_owner(), transaction.atomic():
        return log.open_log(
            origin=origin or signer.name, log_key=signer.vkey, receipt_key=receipt_key, now=NOW
        )  # fmt: skip


def fork(signer: Signer, *, old: str, lost: str | None = None, origin: str | None = None) -> Any:
    with as_owner(), transaction.atomic():
        return log.fork(
            origin=origin or signer.name, log_key=signer.vkey, reason="a drill", old_checkpoint=old,
            lost_checkpoint=lost, now=NOW,
        )  # fmt: skip


def state() -> LogState:
    found = log.current()
    assert found is not None
    return found


def said(owner: psycopg.Connection) -> list[tuple[str, dict[str, Any]]]:
    """The log's own entries: kind, and what was given."""
    return owner.execute(
        "SELECT convert_from(e.body, 'UTF8')::json ->> 'kind', o.given FROM audit_entry e "
        "JOIN audit_opening o ON o.entry_id = e.id WHERE e.stream = %s ORDER BY e.seq",
        [log.STREAM],
    ).fetchall()


def newest(owner: psycopg.Connection) -> str:
    row = owner.execute("SELECT note FROM audit_checkpoint ORDER BY number DESC LIMIT 1").fetchone()
    assert row is not None
    return str(row[0])


# --- opening ----------------------------------------------------------------------------------------------------------


def test_a_log_that_was_never_opened_has_no_state(transactional_db: None) -> None:
    assert log.current() is None


def test_the_opening_names_origin_keys_and_format(opened: Sequencing, owner_connection: psycopg.Connection) -> None:
    assert state() == LogState(opened.signer.name, opened.signer.vkey, (), (RECEIPT_KEY,))
    assert said(owner_connection) == [
        (
            "log.opened",
            {
                "origin": opened.signer.name,
                "log_key": str(opened.signer.vkey),
                "receipt_key": RECEIPT_KEY,
                "format": "lintas-entry/1",
            },
        )
    ]


def test_opening_it_again_says_nothing_new(opened: Sequencing, owner_connection: psycopg.Connection) -> None:
    assert open_again(opened.signer) is None
    assert len(said(owner_connection)) == 1


def test_a_new_receipt_key_is_recorded_and_the_old_one_stays(
    opened: Sequencing, owner_connection: psycopg.Connection
) -> None:
    assert open_again(opened.signer, receipt_key=SECOND_KEY) is not None
    assert state().receipt_keys == (RECEIPT_KEY, SECOND_KEY)
    for known in (RECEIPT_KEY, SECOND_KEY):
        assert open_again(opened.signer, receipt_key=known) is None
    assert said(owner_connection)[1:] == [("log.receipt_key_added", {"receipt_key": SECOND_KEY})]
    assert state().log_key == opened.signer.vkey
    opened()
    assert_sound(owner_connection, keys=[opened.signer.vkey], drained=True)


def test_neither_origin_nor_log_key_change_silently(opened: Sequencing, owner_connection: psycopg.Connection) -> None:
    with pytest.raises(LogRefused, match=f"opened as {opened.signer.name}.*declare_fork"):
        open_again(log_signer("other.example/log/1"))
    with pytest.raises(LogRefused, match="This log's key is"):
        open_again(log_signer())
    with pytest.raises(LogRefused, match="they must be one"):
        open_again(opened.signer, origin="other.example/log/1")
    assert len(said(owner_connection)) == 1


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_drawn_key_is_this_user_s_and_is_never_drawn_over(tmp_path: Path) -> None:
    for draw in (keys.draw_log_key, keys.draw_receipt_key):
        path = tmp_path / draw.__name__
        assert draw(path)
        drawn = path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not draw(path)
        assert path.read_bytes() == drawn
    assert sorted(path.name for path in tmp_path.iterdir()) == ["draw_log_key", "draw_receipt_key"]


def test_of_many_who_draw_at_once_one_wins_and_its_key_is_whole(tmp_path: Path) -> None:
    path, won, together = tmp_path / "key.pem", [], threading.Barrier(2)
    # Drafts are told apart by the process; here, two racers come between check and link.
    path_exists = Path.exists

    def meet(self: Path, **more: Any) -> bool:
        there = path_exists(self, **more)
        if self == path:
            together.wait(60)
        return there

    def draw(other: Path) -> None:
        won.append(keys.draw_log_key(other))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "exists", meet)
        patch.setattr("os.getpid", threading.get_ident)
        threads = [threading.Thread(target=draw, args=(path,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(won) == [False, True]
    assert sequencer.read_log_key(path, origin="o").vkey.name == "o"
    assert [left.name for left in tmp_path.iterdir()] == ["key.pem"]


# --- forks ------------------------------------------------------------------------------------------------------------


def test_a_fork_goes_on_from_the_leaves_that_are_left(
    opened: Sequencing, sign_in: SignIn, owner_connection: psycopg.Connection
) -> None:
    written(sign_in, 4)
    before = opened()
    assert before is not None
    old_key, old_note = opened.signer.vkey, newest(owner_connection)
    opened.fork("lintas.localhost/log/2")
    assert state() == LogState("lintas.localhost/log/2", opened.signer.vkey, (old_key,), (RECEIPT_KEY,))
    kind, given = said(owner_connection)[-1]
    assert kind == "log.forked"
    assert given == {
        "origin": "lintas.localhost/log/2",
        "log_key": str(opened.signer.vkey),
        "reason": "a drill",
        "old_origin": old_key.name,
        "old_checkpoint": old_note,
        "lost_checkpoint": None,
    }
    written(sign_in, 2)
    after = opened()
    assert after is not None
    assert (after.origin, after.size) == ("lintas.localhost/log/2", before.size + 3)
    row = owner_connection.execute(
        "SELECT e.stream FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id WHERE l.index = %s", [before.size]
    ).fetchone()
    assert row == (log.STREAM,), "the first leaf after the old checkpoint is the fork"
    assert_sound(owner_connection, keys=[old_key, opened.signer.vkey], drained=True)
    assert owner_connection.execute("SELECT size FROM audit_checkpoint ORDER BY number").fetchall() == [(5,), (8,)]


def test_after_a_fork_the_old_origin_is_refused_and_a_second_fork_remembers_both(
    opened: Sequencing, owner_connection: psycopg.Connection
) -> None:
    opened()
    first = opened.signer
    opened.fork("lintas.localhost/log/2")
    second = opened.signer
    with as_sequencer(), pytest.raises(CannotSequence, match=r"The log is lintas.localhost/log/2"):
        sequencer.must_match(first)
    # Nothing was signed under the second origin: the newest checkpoint is the first one's still.
    opened.fork("lintas.localhost/log/3")
    assert state().former_log_keys == (second.vkey, first.vkey)
    with as_sequencer():
        sequencer.must_match(opened.signer)
        for earlier in (first, second):
            with pytest.raises(CannotSequence):
                sequencer.must_match(earlier)
    opened()
    assert_sound(owner_connection, keys=[first.vkey, second.vkey, opened.signer.vkey], drained=True)


def test_a_fork_keeps_the_checkpoint_that_was_lost(opened: Sequencing, owner_connection: psycopg.Connection) -> None:
    opened()
    lost = str(Checkpoint(origin=opened.signer.name, size=9, root=b"\7" * 32).signed(opened.signer))
    fork(log_signer("lintas.localhost/log/2"), old=newest(owner_connection), lost=lost)
    assert said(owner_connection)[-1][1]["lost_checkpoint"] == lost


def test_what_is_no_checkpoint_of_this_log_forks_nothing(
    opened: Sequencing, owner_connection: psycopg.Connection
) -> None:
    opened()
    new, old = log_signer("lintas.localhost/log/2"), newest(owner_connection)
    stranger = log_signer("stranger.example/log/1")
    impostor = log_signer()
    foreign = [
        str(Checkpoint(origin=stranger.name, size=9, root=b"\7" * 32).signed(stranger)),
        str(Checkpoint(origin=opened.signer.name, size=9, root=b"\7" * 32).signed(impostor)),
        str(Checkpoint(origin=opened.signer.name, size=9, root=b"\7" * 32).signed(stranger)),
        old.replace("\n1\n", "\n2\n"),
        "no note",
    ]
    for lost in foreign:
        with pytest.raises(LogRefused, match="That is no checkpoint of"):
            fork(new, old=old, lost=lost)
        with pytest.raises(LogRefused, match="That is no checkpoint of"):
            fork(new, old=lost)
    assert [kind for kind, _ in said(owner_connection)] == ["log.opened"]


def test_a_fork_has_an_origin_of_its_own_and_something_to_fork_from(
    transactional_db: None, owner_connection: psycopg.Connection
) -> None:
    with pytest.raises(LogRefused, match="There is no log to fork"):
        fork(log_signer(), old="")
    opened = Sequencing()
    opened()
    old = newest(owner_connection)
    with pytest.raises(LogRefused, match="an origin of its own"):
        fork(log_signer(), old=old)
    with pytest.raises(LogRefused, match="a log key of that name"):
        fork(log_signer("a.example/log/1"), old=old, origin="b.example/log/1")


# --- the commands -----------------------------------------------------------------------------------------------------


@pytest.fixture
def files(settings: Settings, tmp_path: Path) -> Path:
    """Where the two keys shall lie."""
    settings.LINTAS_LOG_KEY_FILE = tmp_path / "log_key.pem"
    settings.LINTAS_RECEIPT_KEY_FILE = tmp_path / "receipt_key.pem"
    return tmp_path


def test_open_log_draws_the_keys_and_says_the_log_s(
    transactional_db: None, files: Path, owner_connection: psycopg.Connection
) -> None:
    with pytest.raises(CommandError, match=r"log_key.pem cannot be read"):
        by_the_owner("open_log")
    told = by_the_owner("open_log", draw_keys=True)
    assert told.startswith("Recorded: ")
    assert str(state().log_key) in told
    assert state().receipt_keys[0]["kid"] in told
    assert by_the_owner("open_log", draw_keys=True) == told.replace("Recorded", "Open already")
    assert len(said(owner_connection)) == 1
    row = owner_connection.execute("SELECT size, checkpoint_size, refused FROM audit_logstatus").fetchone()
    assert row == (0, 0, ""), "the pulse is there before the sequencer is"


def test_open_log_records_a_receipt_key_that_was_drawn_anew(
    transactional_db: None, files: Path, owner_connection: psycopg.Connection
) -> None:
    by_the_owner("open_log", draw_keys=True)
    first = state().receipt_keys[0]
    (files / "receipt_key.pem").unlink()
    # A process reads its key once.
    receipts._read.cache_clear()
    assert by_the_owner("open_log", draw_keys=True).startswith("Recorded: ")
    assert state().receipt_keys[0] == first
    assert len(state().receipt_keys) == 2
    assert json.dumps(said(owner_connection)).count('"d"') == 0, "no private member is anywhere"


def test_open_log_without_places_for_the_keys_says_which(
    transactional_db: None, settings: Settings, files: Path
) -> None:
    settings.LINTAS_LOG_KEY_FILE = files / "no folder" / "log_key.pem"
    with pytest.raises(CommandError, match="No such file or directory"):
        by_the_owner("open_log", draw_keys=True)
    settings.LINTAS_LOG_KEY_FILE = None
    with pytest.raises(CommandError, match="Set LINTAS_LOG_KEY_FILE and LINTAS_RECEIPT_KEY_FILE"):
        by_the_owner("open_log", draw_keys=True)
    assert log.current() is None


def test_declare_fork_takes_the_newest_checkpoint_and_lifts_the_refusal(
    opened: Sequencing, sign_in: SignIn, settings: Settings, tmp_path: Path, owner_connection: psycopg.Connection
) -> None:
    written(sign_in, 2)
    opened()
    with as_sequencer():
        sequencer.refuse("witness w has seen 9 leaves, and here are 3")
    lost = tmp_path / "lost"
    lost.write_text(str(Checkpoint(origin=opened.signer.name, size=9, root=b"\7" * 32).signed(opened.signer)))
    settings.LINTAS_LOG_ORIGIN = "lintas.localhost/log/2"
    settings.LINTAS_LOG_KEY_FILE = tmp_path / "new.pem"
    told = by_the_owner("declare_fork", reason="an older backup", lost_checkpoint=lost, draw_key=True)
    assert "goes on as lintas.localhost/log/2" in told
    assert str(state().log_key) in told
    assert state().former_log_keys == (opened.signer.vkey,)
    given = said(owner_connection)[-1][1]
    assert (given["reason"], given["lost_checkpoint"]) == ("an older backup", lost.read_text())
    assert owner_connection.execute("SELECT refused FROM audit_logstatus").fetchone() == ("",)

    sequence(until=lambda: owner_connection.execute("SELECT 1 FROM audit_checkpoint WHERE number = 2").fetchone())
    signed, _ = notes.open_checkpoint(newest(owner_connection), keys=[state().log_key])
    assert (signed.origin, signed.size) == ("lintas.localhost/log/2", 4)
    use(settings, opened.signer, tmp_path)
    with pytest.raises(CommandError, match=r"The log is lintas.localhost/log/2"):
        sequence()


def test_declare_fork_waits_for_the_sequencer_to_end(
    opened: Sequencing, sign_in: SignIn, settings: Settings, tmp_path: Path, owner_connection: psycopg.Connection
) -> None:
    """Whoever signs on under the old origin meanwhile makes two logs of one."""
    opened()
    use(settings, log_signer("lintas.localhost/log/2"), tmp_path)
    active = sign_in("sequencer")
    assert active.execute("SELECT pg_try_advisory_lock(%s)", [sequencer.LOCK]).fetchone() == (True,)
    with pytest.raises(CommandError, match=r"A sequencer is active. Stop web and sequencer first"):
        by_the_owner("declare_fork", reason="too early")
    assert [kind for kind, _ in said(owner_connection)] == ["log.opened"]
    active.execute("SELECT pg_advisory_unlock(%s)", [sequencer.LOCK])
    by_the_owner("declare_fork", reason="in time")
    assert [kind for kind, _ in said(owner_connection)] == ["log.opened", "log.forked"]
    assert active.execute("SELECT pg_try_advisory_lock(%s)", [sequencer.LOCK]).fetchone() == (True,), "it let go"


def test_the_state_in_the_tree_is_that_of_the_newest_entry_with_a_leaf(opened: Sequencing) -> None:
    assert log.current(placed=True) is None
    opened()
    before = state()
    assert log.current(placed=True) == before
    opened.fork("lintas.localhost/log/2")
    assert log.current(placed=True) == before != state()
    opened.grow()
    assert log.current(placed=True) == state()


def test_declare_fork_with_a_foreign_or_unreadable_checkpoint_changes_nothing(
    opened: Sequencing, settings: Settings, tmp_path: Path, owner_connection: psycopg.Connection
) -> None:
    use(settings, log_signer("lintas.localhost/log/2"), tmp_path)
    lost = tmp_path / "lost"
    with pytest.raises(CommandError, match="Nothing was signed yet"):
        by_the_owner("declare_fork", reason="none")
    opened()
    with pytest.raises(CommandError, match="No such file"):
        by_the_owner("declare_fork", reason="none", lost_checkpoint=lost)
    stranger = log_signer("stranger.example/log/1")
    foreign = str(Checkpoint(origin=stranger.name, size=9, root=b"\7" * 32).signed(stranger)).encode()
    for content in (foreign, b"\xff\xfe", b"", b"no note"):
        lost.write_bytes(content)
        with pytest.raises(CommandError):
            by_the_owner("declare_fork", reason="none", lost_checkpoint=lost)
    settings.LINTAS_LOG_KEY_FILE = tmp_path / "nowhere.pem"
    with pytest.raises(CommandError, match=r"nowhere.pem cannot be read"):
        by_the_owner("declare_fork", reason="none")
    settings.LINTAS_LOG_KEY_FILE = None
    with pytest.raises(CommandError, match="Set LINTAS_LOG_KEY_FILE"):
        by_the_owner("declare_fork", reason="none")
    assert [kind for kind, _ in said(owner_connection)] == ["log.opened"]
    assert state().origin == opened.signer.name


def test_the_log_key_of_the_opening_may_come_from_a_file(transactional_db: None, files: Path, tmp_path: Path) -> None:
    signer = log_signer()
    pem(signer, files / "log_key.pem")
    by_the_owner("open_log", draw_keys=True)
    assert state().log_key == signer.vkey
