"""A year of the log is closed: what was kept of it verifies for ever, and who follows misses and repeats nothing."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client as Browser
from pytest_django import Settings

from audit import log, reading, sequencer, status
from audit.models import Leaf
from audit.tlog.notes import Checkpoint, Signer, read_note
from audit.verify import db
from casefiles.flow import State
from tests.audit.running import by_the_owner, pem
from tests.audit.verify.conftest import ROOT, manage
from tests.audit.verify.logs import Verdict, verify
from tests.audit.verify.served_log import Log, serving
from tests.callers import as_owner
from tests.delivery.receiver import Wound, listening
from tests.factories import BKN, casefile_at
from tests.partner import Partner, call, said
from tests.sequencing import Sequencing, as_sequencer, log_signer, witness

pytestmark = pytest.mark.django_db(transaction=True)

NEXT = "lintas.localhost/log/2"


@dataclass
class Year:
    """A register with a witness, and what an agency keeps of a year of it."""

    sequenced: Sequencing
    settings: Settings
    reader_url: str
    folder: Path

    def __post_init__(self) -> None:
        """The witness is asked from the first checkpoint on."""
        self.old, self.outside = self.sequenced.signer, witness("outside.example/w1")
        self.settings.LINTAS_WITNESS_POLICY_FILE = self.trust(self.old)[1]

    def trust(self, *logs: Signer) -> tuple[str, Path]:
        """A verifier's policy that names those logs and asks the witness."""
        file = self.folder / f"policy-{len(logs)}"
        names = "".join(f"log {one.vkey}\n" for one in logs)
        file.write_text(f"{names}witness outside {self.outside.vkey} http://x.example\nquorum outside\n")
        return "--policy", file

    def witnessed(self) -> int:
        """Everything has its place, and the witness saw it; how many leaves that are."""
        self.sequenced()
        now = datetime.now(UTC).replace(microsecond=0)
        with as_sequencer(), connection.cursor() as cursor:
            cursor.execute("SELECT number, note FROM audit_checkpoint ORDER BY number DESC LIMIT 1")
            number, note = cursor.fetchone()
            line = self.outside.sign(read_note(note).text, time=int(now.timestamp()))
            cursor.execute(
                "INSERT INTO audit_cosignature (checkpoint_id, witness, line, cosigned_at) VALUES (%s, %s, %s, %s)",
                [number, "outside", line, now],
            )
        return reading.size()

    def close(self) -> Signer:
        """Close the year as an operator does, and go on under the next name."""
        new = self.sequenced.signer = log_signer(NEXT)
        self.settings.LINTAS_LOG_ORIGIN = NEXT
        self.settings.LINTAS_LOG_KEY_FILE = pem(new, self.folder / "next.pem")
        by_the_owner("close_log", reason="the end of a year")
        return new

    def kept(self, name: str, casefile: object, index: int) -> tuple[Path, Path, Path]:
        """An export of the case, one of the log, and the proof of an entry, as they are now."""
        case, dump, proof = (self.folder / f"{name}-{what}" for what in ("case", "dump", "proof"))
        manage(self.reader_url, "export_case", "--casefile", str(casefile), "--out", str(case))
        manage(self.reader_url, "export_log", "--out", str(dump))
        proof.write_bytes(Partner(BKN).get(f"/log/entries/{index}/receipt", Accept="text/plain").content)
        return case, dump, proof

    def verdicts(self, kept: tuple[Path, Path, Path], *logs: Signer) -> list[int]:
        """What both verifiers say of what was kept; the second one judges proofs."""
        trust = self.trust(*logs)
        said = [verify(what, file, *trust).exit for what, file in zip(("case", "dump", "receipt"), kept, strict=True)]
        if (node := shutil.which("node")) is not None:
            script = ROOT / "docs/verify/lintas-verify.mjs"
            done = subprocess.run([node, script, kept[-1], *trust], check=False, capture_output=True)
            said.append(done.returncode)
        return said

    def watch(self, *logs: Signer) -> Verdict:
        """One look at the tree as it stands, with what was remembered of the last one."""
        checkpoint = call("GET", "/log/checkpoint").content.decode()
        leaves = [bytes(leaf) for leaf in Leaf.objects.order_by("index").values_list("leaf_hash", flat=True)]
        with serving(Log(self.sequenced.signer, leaves, checkpoint=checkpoint)) as url:
            return verify("watch", url, "--once", *self.trust(*logs), "--state", self.folder / "state")


@pytest.fixture
def year(sequenced: Sequencing, settings: Settings, reader_url: str, tmp_path: Path) -> Year:
    return Year(sequenced, settings, reader_url, tmp_path)


def feed(after: int = -1) -> list[dict[str, Any]]:
    return list(said(Partner(BKN).get(f"/events?after={after}&limit=500"))["data"])


def test_a_closed_year_verifies_for_ever_and_nobody_misses_anything(
    world: object, year: Year, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LINTAS_WEBHOOKS_TO_LOOPBACK = True
    with listening() as receiver:
        story, wound = casefile_at(State.UNDER_EXAMINATION), Wound()
        year.witnessed()
        Partner(BKN).post("/webhooks", {"url": receiver.url, "after": -1})
        for _ in range(2):
            wound.turns()
        final = year.witnessed()
        before, index = feed(), Leaf.objects.get(entry__stream=story.casefile, entry__seq=1).index
        kept = year.kept("old", story.casefile, index)
        assert set(year.verdicts(kept, year.old)) == {0}
        assert year.watch(year.old).exit == 0

        new = year.close()
        paused_and_well(settings, year.old.name)
        story.do("note")
        year.witnessed()
        assert Leaf.objects.get(entry__stream=log.STREAM, entry__seq=2).index == final
        assert status.why_paused() == ""
        assert [one for one in Browser().get("/readyz").json()["alarms"] if "log" in one or "witness" in one] == []
        for _ in range(2):
            wound.turns()
        after = feed(before[-1]["logindex"])
        assert [one["data"]["transition"] for one in after] == ["note"]
        assert [one["source"].rpartition("/")[2] for one in (before[-1], after[0])] == ["1", "2"]
        assert feed() == before + after
        told = [one["logindex"] for one in receiver.events]
        assert told == [one["logindex"] for one in before + after], "the webhook's cursor skips and repeats nothing"

    # What was kept of the year stands as it is, with the old key alone; what is asked for now needs both.
    assert set(year.verdicts(kept, year.old)) == set(year.verdicts(kept, year.old, new)) == {0}
    now = year.kept("new", story.casefile, index)
    assert set(year.verdicts(now, year.old, new)) == {0}
    assert 0 not in year.verdicts(now, year.old)[1:]
    assert year.watch(year.old, new).exit == 0
    both_ways(year, new, final, monkeypatch)


def paused_and_well(settings: Settings, old: str) -> None:
    """A server that was forgotten and still has the old name accepts nothing; the next one does."""
    assert status.why_paused() == ""
    new, settings.LINTAS_LOG_ORIGIN = settings.LINTAS_LOG_ORIGIN, old
    assert status.why_paused() == "elsewhere"
    settings.LINTAS_LOG_ORIGIN = new


def both_ways(year: Year, new: Signer, final: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database, entry by entry and the long way; and an operator who signed on under the name that was closed."""
    trust, root = year.trust(year.old, new), reading.root(final)
    ways = (("_verify_leaves", None), ("acquit_log", lambda *_, **__: None))
    for name, instead in ways:
        with monkeypatch.context() as patched:
            patched.setattr(db, name, instead)
            for size, signed, found in (
                (final, root, set[str]()),
                (final + 1, reading.root(final + 1), {"kept-after-closing"}),
                (final, b"x" * 32, {"kept-root"}),
            ):
                checkpoint = year.folder / "kept.checkpoint"
                checkpoint.write_text(str(Checkpoint(year.old.name, size, signed).signed(year.old)))
                said = verify("db", year.reader_url, *trust, "--checkpoint", checkpoint)
                assert (said.codes, said.exit) == (found, 1 if found else 0), said.said["findings"]


def test_a_name_that_was_closed_before_its_end_is_named(
    world: object, year: Year, settings: Settings, owner_connection: psycopg.Connection, tmp_path: Path
) -> None:
    """An operator goes round the command: entries came after the checkpoint that is called final."""
    year.witnessed()
    (stale,) = owner_connection.execute("SELECT note FROM audit_checkpoint ORDER BY number DESC LIMIT 1").fetchall()[0]
    casefile_at(State.UNDER_EXAMINATION)
    year.sequenced.grow()
    new = year.sequenced.signer = log_signer(NEXT)
    with as_owner(), transaction.atomic():
        settings.LINTAS_LOG_ORIGIN = NEXT
        log.continue_as(origin=NEXT, log_key=new.vkey, reason="x", final_checkpoint=stale, now=datetime.now(UTC))
        sequencer.beat()
    year.witnessed()
    trust = year.trust(year.old, new)
    manage(year.reader_url, "export_log", "--out", str(tmp_path / "dump"))
    for asked in (("db", year.reader_url), ("dump", tmp_path / "dump")):
        said = verify(*asked, *trust)
        assert "log-not-final" in said.codes, said.said["findings"]
