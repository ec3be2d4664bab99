"""A sound database is called sound; whatever was deleted, doubled, swapped, invented or cut off is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from psycopg import sql

from audit.tlog import tree
from audit.tlog.notes import LOG, Checkpoint, Signer
from audit.verify import clock
from tests.audit.verify.conftest import Copy, Register
from tests.audit.verify.logs import at_its_word, verify
from tests.audit.verify.tables import ROWS, TABLES


def test_a_sound_database_is_called_sound(sound: str, register: Register) -> None:
    said = verify("db", sound, "--policy", register.policy)
    assert [one["sentence"] for one in said.said["findings"]] == []
    assert said.exit == 0
    assert {name for name, number in said.said["checked"].items() if number} >= {
        "entries", "streams", "checkpoints", "cosignatures", "nodes", "casefiles", "versions", "contents", "sightings",
        "openings",
    }  # fmt: skip


def test_erased_content_is_counted_not_blamed(sound: str, register: Register) -> None:
    assert verify("db", sound, *at_its_word(register.vkey)).notes["erased"] == 9


def test_without_a_key_nothing_is_decided(sound: str) -> None:
    said = verify("db", sound)
    assert said.exit == 2
    assert "--trust-genesis" in said.said["findings"][0]["sentence"]


def test_another_logs_key_decides_nothing(sound: str, register: Register) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    other = Signer(name="other.example/log/1", type=LOG, private=Ed25519PrivateKey.generate())
    assert verify("db", sound, *at_its_word(other.vkey)).exit == 2
    same_name = Signer(name=register.signer.name, type=LOG, private=Ed25519PrivateKey.generate())
    assert "checkpoint-signature" in verify("db", sound, *at_its_word(same_name.vkey)).codes


def test_the_genesis_key_is_taken_only_when_asked_and_says_so(sound: str) -> None:
    said = verify("db", sound, "--trust-genesis")
    assert (said.exit, said.codes, "genesis-key" in said.notes) == (2, {"unwitnessed"}, True)


def test_an_unreachable_database_decides_nothing() -> None:
    said = verify("db", "postgresql://nobody:secret@127.0.0.1:1/none", "--trust-genesis")
    assert said.exit == 2
    assert "secret" not in str(said.said)


def test_a_reader_without_content_says_what_it_left_out(copy: Copy, register: Register) -> None:
    copy.owner.execute("REVOKE ALL ON casefiles_payload FROM lintas_reader")
    assert copy.verify().exit == 2
    said = copy.verify("--no-content")
    assert (said.exit, said.notes["content-unread"]) == (0, 27)


def test_an_invented_index_makes_no_endless_gap(copy: Copy) -> None:
    assert copy.tamper("UPDATE audit_leaf SET index = 1000000000000000 WHERE index = 20") == 1
    said = copy.verify()
    assert said.exit == 1
    assert said.named(code="leaf-gap", index=20, until=20)
    assert any(one["until"] == 10**15 - 1 for one in said.named(code="leaf-gap")), said.said["findings"]


# -- rows --------------------------------------------------------------------------------------------------------------


# A cosignature taken away is no lie of the log: whoever asks for a quorum misses it (test_dump.py).
@pytest.mark.parametrize("table", sorted(ROWS.keys() - {"audit_cosignature"}))
def test_a_deleted_row_is_named(edited: Copy, table: str) -> None:
    assert edited.tamper(f"DELETE FROM {table} WHERE {ROWS[table]}".format(**edited.register.casefiles)) == 1  # noqa: S608
    said = edited.verify()
    assert said.exit == 1
    assert said.named(table=table), said.said["findings"]


@pytest.mark.parametrize("table", sorted(ROWS.keys() - {"audit_cosignature"}))
def test_a_row_put_in_twice_is_named(edited: Copy, table: str) -> None:
    statement = f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {table} WHERE {ROWS[table]}"  # noqa: S608
    assert edited.tamper(statement.format(**edited.register.casefiles)) == 1
    said = edited.verify()
    assert said.exit == 1
    assert said.named(table=table), said.said["findings"]


SWAPS = {
    "audit_entry": ("id", ("body",), "stream = '{closed}' AND seq IN (3, 4)"),
    "audit_leaf": ("index", ("entry_id", "leaf_hash"), "index IN (20, 33)"),
    "audit_node": ("index", ("hash",), "level = 1 AND index IN (5, 6)"),
    "audit_checkpoint": ("number", ("note",), "number IN (1, 2)"),
    "audit_opening": ("entry_id", ("state", "state_salt"), "entry_id IN (1, 2)"),
    "casefiles_transition": ("id", ("name", "party"), "casefile_id = '{closed}' AND seq IN (3, 4)"),
    "casefiles_historicalcasefile": ("history_id", ("state",), "id = '{closed}' AND version IN (3, 4)"),
    "casefiles_casefile": ("id", ("number",), "id IN ('{closed}', '{open}')"),
    "casefiles_payload": ("id", ("facts", "facts_salt"), "casefile_id = '{closed}' AND seq IN (3, 4)"),
}


@pytest.mark.parametrize("table", SWAPS)
def test_two_rows_that_changed_places_are_named(edited: Copy, table: str) -> None:
    key, columns, where = SWAPS[table]
    pairs = ", ".join(f"{column} = other.{column}" for column in columns)
    statement = (
        f"UPDATE {table} t SET {pairs} FROM {table} other "  # noqa: S608 - our own tables
        f"WHERE t.{key} <> other.{key} AND t.ctid IN (SELECT ctid FROM {table} WHERE {where}) "
        f"AND other.ctid IN (SELECT ctid FROM {table} WHERE {where})"
    )
    assert edited.tamper(statement.format(**edited.register.casefiles)) == 2
    said = edited.verify()
    assert said.exit == 1
    assert said.named(table=table), said.said["findings"]


@pytest.mark.parametrize("rows", [1, 2, 9])
def test_a_tail_that_was_cut_off_is_named(edited: Copy, rows: int) -> None:
    edited.tamper("DELETE FROM audit_leaf WHERE index > (SELECT max(index) FROM audit_leaf) - %s", rows)
    said = edited.verify()
    assert said.exit == 1
    assert {"checkpoint-beyond", "leafless"} <= said.codes


def cut_with_everything(copy: Copy) -> None:
    """The last checkpoint, and all that came after the one before: what an insider leaves looks whole."""
    (size,) = copy.owner.execute("SELECT size FROM audit_checkpoint WHERE number = 2").fetchone() or (0,)
    copy.tamper("DELETE FROM audit_checkpoint WHERE number > 2")
    copy.tamper("DELETE FROM audit_cosignature")
    copy.tamper("DELETE FROM audit_sighting WHERE index >= %s", size)
    for table, key in (("audit_opening", "entry_id"), ("casefiles_transition", "entry_id")):
        copy.tamper(f"DELETE FROM {table} WHERE {key} IN (SELECT entry_id FROM audit_leaf WHERE index >= %s)", size)  # noqa: S608
    # Their entries stand in the streams of their employers; all came after that checkpoint.
    copy.tamper("DELETE FROM agencies_delegation")
    for table, key in (
        ("casefiles_finding", "id"),
        ("casefiles_document", "id"),
        ("casefiles_prevention", "id"),
        ("casefiles_zeroreport", "id"),
        ("casefiles_snapshot", "id"),
        ("casefiles_hukdishandover", "id"),
        ("casefiles_firstreading", "id"),
        ("delivery_webhook", "id"),
        *(
            ("casefiles_payload", f"{noun}_id")
            for noun in ("finding", "document", "prevention", "zero_report", "hukdis")
        ),
    ):
        copy.tamper(
            f"DELETE FROM {table} WHERE {key} IN (SELECT e.stream FROM audit_entry e "  # noqa: S608 - our own tables
            "JOIN audit_leaf l ON l.entry_id = e.id WHERE l.index >= %s)",
            size,
        )
    copy.tamper("DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_leaf WHERE index >= %s)", size)
    copy.tamper("DELETE FROM audit_leaf WHERE index >= %s", size)
    copy.tamper("DELETE FROM audit_node WHERE ((index + 1) << level::int) > %s", size)
    gone = copy.register.casefiles["erased"]
    for table, key in (
        ("casefiles_historicalcasefile", "id"),
        ("casefiles_casefile", "id"),
        ("casefiles_payload", "casefile_id"),
        ("casefiles_attachment", "casefile_id"),
        ("casefiles_casefilegrant", "content_object_id"),
        ("casefiles_referral", "casefile_id"),
    ):
        copy.tamper(sql.SQL("DELETE FROM {} WHERE {} = %s").format(*map(sql.Identifier, (table, key))), gone)


def test_a_tail_cut_off_with_all_its_traces_needs_a_checkpoint_kept_elsewhere(copy: Copy, tmp_path: Path) -> None:
    (note,) = copy.owner.execute("SELECT note FROM audit_checkpoint WHERE number = 3").fetchone() or ("",)
    kept = tmp_path / "kept.txt"
    kept.write_text(note)
    key = at_its_word(copy.register.vkey)
    assert verify("db", copy.reader, *key, "--checkpoint", kept).exit == 0
    cut_with_everything(copy)
    assert verify("db", copy.reader, *key).exit == 0
    said = verify("db", copy.reader, *key, "--checkpoint", kept)
    assert (said.exit, said.codes) == (1, {"kept-beyond"})


def test_a_whole_rewrite_signed_with_the_right_key_needs_a_checkpoint_kept_elsewhere(
    copy: Copy, tmp_path: Path
) -> None:
    """The two agencies' registrations, which nothing follows, change places; everything above is made anew."""
    (note,) = copy.owner.execute("SELECT note FROM audit_checkpoint WHERE number = 2").fetchone() or ("",)
    kept = tmp_path / "kept.txt"
    kept.write_text(note)
    alone = copy.owner.execute(
        "SELECT l.index FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id WHERE l.index > 0 AND e.seq = 1 "
        "AND NOT EXISTS (SELECT FROM audit_entry o WHERE o.stream = e.stream AND o.seq = 2) ORDER BY 1 LIMIT 2"
    ).fetchall()
    first, second = (index for (index,) in alone)
    copy.tamper(
        "UPDATE audit_leaf l SET entry_id = o.entry_id, leaf_hash = o.leaf_hash FROM audit_leaf o "
        "WHERE (l.index, o.index) IN ((%s, %s), (%s, %s))",
        first, second, second, first,
    )  # fmt: skip
    resign(copy)
    key = at_its_word(copy.register.vkey)
    assert verify("db", copy.reader, *key).exit == 0
    said = verify("db", copy.reader, *key, "--checkpoint", kept)
    assert (said.exit, said.codes) == (1, {"kept-root"})


def resign(copy: Copy) -> None:
    """Nodes and checkpoints anew over the leaves as they are, as a thief of the log key would."""
    leaves = [bytes(leaf) for (leaf,) in copy.owner.execute("SELECT leaf_hash FROM audit_leaf ORDER BY index")]
    sizes: dict[int, int] = dict(copy.owner.execute("SELECT size, number FROM audit_checkpoint").fetchall())
    copy.tamper("DELETE FROM audit_node")
    copy.tamper("DELETE FROM audit_cosignature")
    frontier = tree.Frontier()
    for leaf in leaves:
        for (level, index), digest in frontier.append(leaf):
            copy.tamper("INSERT INTO audit_node (level, index, hash) VALUES (%s, %s, %s)", level, index, digest)
        if frontier.size in sizes:
            made = Checkpoint(copy.register.signer.name, frontier.size, frontier.root()).signed(copy.register.signer)
            copy.tamper("UPDATE audit_checkpoint SET note = %s WHERE size = %s", str(made), frontier.size)


# -- what waits, and what was erased -----------------------------------------------------------------------------------


def test_an_entry_may_wait_for_a_minute_and_no_longer(copy: Copy) -> None:
    copy.tamper(
        "INSERT INTO audit_pending SELECT entry_id FROM audit_leaf WHERE index = (SELECT max(index) FROM audit_leaf)"
    )
    assert copy.verify().named(code="pending-and-leaf", table="audit_pending")
    copy.tamper("DELETE FROM audit_pending")
    copy.tamper("INSERT INTO audit_pending VALUES (987654)")
    assert copy.verify().named(code="row-extra", table="audit_pending", row=987654)


def test_a_promise_kept_late_is_not_called_tampering(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest entries are taken back into the queue, with the checkpoint that covered them."""
    later = datetime.now(UTC) + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    (size,) = copy.owner.execute("SELECT size FROM audit_checkpoint WHERE number = 2").fetchone() or (0,)
    copy.tamper("INSERT INTO audit_pending SELECT entry_id FROM audit_leaf WHERE index >= %s", size)
    copy.tamper("DELETE FROM audit_cosignature")
    copy.tamper("DELETE FROM audit_checkpoint WHERE number = 3")
    copy.tamper("DELETE FROM audit_sighting WHERE index >= %s", size)
    copy.tamper("DELETE FROM audit_leaf WHERE index >= %s", size)
    copy.tamper("DELETE FROM audit_node WHERE ((index + 1) << level::int) > %s", size)
    said = verify("db", copy.reader, *at_its_word(copy.register.vkey))
    assert (said.exit, said.codes) == (2, {"pending-late"})


def test_content_that_vanished_is_no_lawful_erasure(copy: Copy) -> None:
    copy.tamper(
        "UPDATE casefiles_payload SET given = NULL, given_salt = NULL, facts = NULL, facts_salt = NULL, "
        "attachments = NULL, nip = '', name_key = '', erased_at = now() WHERE casefile_id = %s AND seq = 2",
        copy.register.casefiles["open"],
    )
    said = copy.verify()
    assert said.exit == 1
    assert said.named(code="erased-undeclared", casefile=copy.register.casefiles["open"], seq=2)


def test_content_that_came_back_after_its_erasure_is_named(copy: Copy) -> None:
    copy.tamper(
        "UPDATE casefiles_payload SET nip = '198501012010011001' WHERE casefile_id = %s AND seq = 2",
        copy.register.casefiles["erased"],
    )
    assert copy.verify().named(code="erased-not-done", column="nip", seq=2)


@pytest.mark.parametrize("body", [b"x", b"[]", b"{}", b'{"kind":"casefile.erased"}', b"\xff"])
def test_an_entry_that_cannot_be_read_is_named_and_the_rest_is_looked_at(copy: Copy, body: bytes) -> None:
    (index,) = copy.owner.execute(
        "SELECT l.index FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id "
        "JOIN audit_opening o ON o.entry_id = e.id WHERE o.state ? 'erased_through'"
    ).fetchone() or (None,)
    copy.tamper("UPDATE audit_entry SET body = %s WHERE id = (SELECT entry_id FROM audit_leaf WHERE index = %s)",
                body, index)  # fmt: skip
    said = copy.verify()
    assert said.exit == 1
    assert "stopped" not in said.codes
    assert said.named(code="leaf-hash", table="audit_entry", column="body", index=index)
    assert said.said["checked"]["versions"] == 27


@pytest.mark.parametrize("body", [b"x", b"[]", b"{}", b"\xff"])
def test_a_genesis_that_cannot_be_read_is_no_crash(copy: Copy, body: bytes) -> None:
    copy.tamper("UPDATE audit_entry SET body = %s WHERE id = (SELECT entry_id FROM audit_leaf WHERE index = 0)", body)
    assert verify("db", copy.reader, "--trust-genesis").codes == {"stopped"}
    said = copy.verify()
    assert (said.exit, bool(said.named(code="leaf-hash", index=0)), "stopped" in said.codes) == (1, True, False)


# -- referrals ---------------------------------------------------------------------------------------------------------

WHAT_THE_ENTRIES_ALONE_SAY = {
    "opened_seq": "opened_seq + 1",
    "opened_at": "opened_at + interval '1 day'",
    "from_agency_id": "from_agency_id + 1",
    "status": "'open'",
    "answered_seq": "answered_seq + 1",
    "answered_at": "answered_at - interval '1 day'",
    "answered_by_id": "answered_by_id + 1",
    "answered_with": "'close'",
    "days_late": "days_late + 3",
    "due_on": "due_on + 1",
    "due_at": "due_at + interval '1 day'",
    "time_zone": "'Asia/Jayapura'",
}


@pytest.mark.parametrize("column", WHAT_THE_ENTRIES_ALONE_SAY)
def test_a_referral_of_an_erased_casefile_is_checked_against_the_entries(copy: Copy, column: str) -> None:
    changed = copy.tamper(
        f"UPDATE casefiles_referral SET {column} = {WHAT_THE_ENTRIES_ALONE_SAY[column]} "  # noqa: S608 - constants
        "WHERE casefile_id = %s AND opened_seq = 1",
        copy.register.casefiles["erased"],
    )
    assert changed == 1
    said = copy.verify()
    assert said.exit == 1
    assert said.named(code="column-differs", table="casefiles_referral", column=column), said.said["findings"]


def test_a_whole_deadline_moved_is_named(copy: Copy) -> None:
    """Day, moment and days late fit each other, and not what the content says."""
    copy.tamper(
        "UPDATE casefiles_referral SET due_on = due_on + 30, due_at = due_at + interval '30 days', days_late = 0 "
        "WHERE casefile_id = %s AND status = 'open'",
        copy.register.casefiles["open"],
    )
    found = copy.verify().named(table="casefiles_referral", casefile=copy.register.casefiles["open"])
    assert {one["column"] for one in found} == {"due_on", "due_at"}


@pytest.mark.parametrize("name", ["open", "erased"])
def test_a_referral_that_nobody_opened_is_named(copy: Copy, name: str) -> None:
    columns = (
        "casefile_id, purpose, party, from_agency_id, to_agency_id, status, opened_at, opened_seq, clock_from, due_on, "
        "due_at, time_zone, rule, answered_with, days_late, paused_days"
    )
    copy.tamper(
        f"INSERT INTO casefiles_referral (id, {columns}) SELECT gen_random_uuid(), {columns} "  # noqa: S608 - constants
        "FROM casefiles_referral WHERE casefile_id = %s AND opened_seq = 1",
        copy.register.casefiles[name],
    )
    assert copy.verify().named(code="row-extra", table="casefiles_referral", casefile=copy.register.casefiles[name])


def test_without_content_referrals_are_checked_as_far_as_the_entries_tell(copy: Copy) -> None:
    copy.tamper("UPDATE casefiles_referral SET answered_with = 'recommend' WHERE opened_seq = 1")
    assert copy.verify("--no-content").named(table="casefiles_referral", column="answered_with")


# -- what nobody wrote -------------------------------------------------------------------------------------------------


def test_a_row_nobody_wrote_is_named(copy: Copy) -> None:
    columns = (
        "seq, name, from_state, to_state, party, agency_id, client, occurred_at, recorded_at, legal_basis, request_id"
    )
    copy.tamper(
        f"INSERT INTO casefiles_transition (casefile_id, {columns}) "  # noqa: S608 - constants
        f"SELECT casefile_id, 99, {columns.removeprefix('seq, ')} FROM casefiles_transition "
        "WHERE casefile_id = %s AND seq = 2",
        copy.register.casefiles["open"],
    )
    assert copy.verify().named(code="row-extra", table="casefiles_transition", seq=99)


def test_no_finding_quotes_personal_content(copy: Copy) -> None:
    copy.tamper("UPDATE casefiles_payload SET nip = '198501012010011009', name_key = 'nama lain' WHERE nip <> ''")
    said = copy.verify()
    assert said.exit == 1
    assert not any(word in str(said.said) for word in ("19850101", "nama lain", "ekaan", "erlapor"))


def test_every_table_of_this_chapter_has_a_row_to_edit() -> None:
    # Nothing waits for its leaf there, and no courier has run.
    assert TABLES.keys() - ROWS.keys() == {"audit_pending", "delivery_delivery", "delivery_attempt"}
