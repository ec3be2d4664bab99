"""Nobody is taken out of an entry's audience, or put into it, unnoticed: not even with his row of the feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from audit.verify.anchors import Anchors
from audit.verify.checkpoints import Checkpoints
from audit.verify.entries import Walk
from audit.verify.report import Report
from tests.audit.verify.conftest import Copy
from tests.audit.verify.logs import at_its_word, verify
from tests.audit.verify.test_entries import a_log
from tests.factories import AUDITOR, BKN, PEMPROV, submit
from tests.sequencing import Sequencing, log_signer

from audit.tlog.notes import Checkpoint  # isort: skip


def agency(owner: psycopg.Connection, code: str) -> int:
    row = owner.execute("SELECT id FROM agencies_agency WHERE code = %s", [code]).fetchone()
    assert row is not None
    return int(row[0])


def test_a_party_taken_out_is_missed(copy: Copy) -> None:
    gone, casefile = agency(copy.owner, BKN), copy.register.casefiles["open"]
    copy.tamper("UPDATE audit_entry SET audience = array_remove(audience, %s) WHERE stream = %s", gone, casefile)
    copy.tamper(
        "DELETE FROM audit_sighting WHERE agency = %s AND index IN "
        "(SELECT index FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id WHERE e.stream = %s)",
        gone, casefile,
    )  # fmt: skip
    said = copy.verify()
    assert (said.exit, said.codes) == (1, {"audience-lacks"})
    assert said.named(table="audit_entry", column="audience", casefile=casefile, agency=gone, seq=1)


def test_a_stranger_put_in_is_named(copy: Copy) -> None:
    stranger, casefile = agency(copy.owner, PEMPROV), copy.register.casefiles["open"]
    copy.tamper(
        "UPDATE audit_entry SET audience = (SELECT array_agg(a ORDER BY a) FROM unnest(audience || %s::bigint) a) "
        "WHERE stream = %s AND seq = 2",
        stranger, casefile,
    )  # fmt: skip
    said = copy.verify()
    assert said.exit == 1
    assert said.named(code="audience-extra", agency=stranger, seq=2)
    assert said.named(code="sighting-missing", agency=stranger)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("world")
def test_an_auditor_taken_out_is_missed(
    sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection
) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=5)).replace(microsecond=0)
    taken = submit(now=soon)
    sequenced()
    key = at_its_word(sequenced.signer.vkey)
    assert verify("db", reader_url, *key).exit == 0
    owner_connection.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    gone = agency(owner_connection, AUDITOR)
    owner_connection.execute(
        "UPDATE audit_entry SET audience = array_remove(audience, %s) WHERE stream = %s",
        [gone, taken.steps[0].casefile],
    )
    assert verify("db", reader_url, *key).named(code="audience-lacks", agency=gone)


def test_a_checkpoint_kept_from_before_a_fork_that_lost_entries_decides_nothing() -> None:
    """The log says itself that it broke: what lay between is lost, lawfully or not."""
    rows, report = a_log(9, forks={6: "log.example/2"}), Report()
    old, new = log_signer("log.example/1"), log_signer("log.example/2")
    kept = Checkpoint("log.example/1", 8, b"k" * 32)
    checkpoints = Checkpoints(
        report,
        [],
        anchors=Anchors(keys=(old.vkey, new.vkey)),
        where={"file": "checkpoints.jsonl"},
        kept=[kept],
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )
    walk = Walk(report, sizes=checkpoints.sizes, on_root=checkpoints.on_root)
    for row in rows:
        walk.take(*row)
    walk.finish()
    checkpoints.finish(walk, made_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert (report.exit_code, dict(report.counts)) == (
        2,
        {"kept-forked": 1, "checkpoint-none": 1, "unsigned": 1, "unwitnessed": 1},
    )
