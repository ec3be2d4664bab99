"""The short way by ranges and processes, and the long way, say the same; and neither holds what the log is long of."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from struct import pack
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.tlog import tree
from audit.tlog.notes import LOG, Checkpoint, Signer
from audit.verify import crew, db
from audit.verify.actors import Standing
from audit.verify.crew import Crew, connected
from audit.verify.entries import FORMAT, MEMBERS
from audit.verify.ordinary import SIGNATURE, Law, NotOrdinary, acquit, cells
from audit.verify.ranges import ids_are_unique
from audit.verify.sight import Sights
from audit.verify.spill import Spilled
from audit.verify.times import EPOCH, Seen
from tests.audit.verify.conftest import ROOT, Copy, Register
from tests.audit.verify.logs import at_its_word, verify


@pytest.fixture
def long_ways(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every log that goes the long way."""
    gone: list[int] = []
    whole = db._verify_leaves

    def counted(*given: object, **named: object) -> object:
        gone.append(1)
        return whole(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(db, "_verify_leaves", counted)
    return gone


def test_a_sound_log_goes_the_short_way_alone_or_in_company(
    sound: str, register: Register, long_ways: list[int]
) -> None:
    alone = verify("db", sound, "--policy", register.policy, "--jobs", 1)
    together = verify("db", sound, "--policy", register.policy, "--jobs", 2)
    assert (alone.exit, alone.said) == (0, together.said)
    assert long_ways == []


TAMPERINGS = {
    "entry": "UPDATE audit_entry SET body = overlay(body placing 'x' from 200 for 1) "
    "WHERE stream = '{closed}' AND seq = 3",
    "id": "UPDATE audit_entry SET uuid = (SELECT uuid FROM audit_entry WHERE id = 7) WHERE id = 9",
    "order": "UPDATE audit_leaf SET index = 53 - index WHERE index IN (20, 33)",
    "feed": "UPDATE audit_sighting SET index = index + 1 WHERE ctid = (SELECT max(ctid) FROM audit_sighting)",
    "rows": "UPDATE casefiles_transition SET party = 'operator' WHERE seq = 2",
}
LONG = {"entry", "id", "order"}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_whoever_reads_the_same_is_named(edited: Copy, long_ways: list[int], what: str) -> None:
    assert edited.tamper(TAMPERINGS[what].format(**edited.register.casefiles)) >= 1
    alone, together = edited.verify("--jobs", 1), edited.verify("--jobs", 2)
    assert alone.said["counts"] == together.said["counts"]
    assert (alone.exit, alone.said) == (1, together.said)
    assert len(long_ways) == (2 if what in LONG else 0)


def test_what_no_process_could_read_is_read_here(sound: str) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    with connected(sound, "public") as connection, Crew(connection, dsn=nowhere, schema="public", jobs=2) as lost:
        assert list(lost.each(ids_are_unique, [(), (), ()])) == [True, True, True]
        # The crew is known to be broken by now.
        assert list(lost.each(ids_are_unique, [()])) == [True]


def test_a_process_goes_on_after_a_range_that_it_gave_up(sound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with connected(sound, "public") as connection:
        monkeypatch.setattr(crew, "_here", [connection])
        with pytest.raises(NotOrdinary):
            crew._run(given_up)
        assert crew._run(ids_are_unique)


def given_up(connection: psycopg.Connection) -> None:
    with connection.cursor().copy("COPY (SELECT body FROM audit_entry) TO STDOUT (FORMAT BINARY)") as copy:
        for _ in copy:
            raise NotOrdinary


# -- memory ------------------------------------------------------------------------------------------------------------

ORIGIN = "long.example/log/1"
MOMENT = "2026-01-01T00:00:00.000Z"
OPENED = sha256(bytes(32) + b"null").hexdigest()
MEASURED = r"""
import re, sys
from pathlib import Path
from audit.verify.__main__ import main
code = main(sys.argv[1:])
print(*re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text()))
sys.exit(code)
"""


def bodies(count: int) -> Iterator[bytes]:
    """A log of the operator's own notes: each thousand begins new streams, and the next thousand goes on with them."""
    heads: list[tuple[str, str]] = []
    begun = heads
    for number in range(count):
        second, place = divmod(number, 1000)
        if place == 0:
            begun, heads = heads, []
        prev, before = begun[place] if second % 2 else (None, None)
        said = dict.fromkeys(MEMBERS) | {
            "actor": {"agency": "bkn", "client": "bkn", "key": None, "party": "operator", "person": None},
            "after": sha256(b"%d" % number).hexdigest() if number else OPENED, "attachments": [], "basis": "",
            "before": before, "catalogue": "1", "entry": str(UUID(int=number)), "format": FORMAT, "grants": [],
            "kind": "note.made" if number else "log.opened", "occurred_at": MOMENT, "origin": ORIGIN, "prev": prev,
            "payload": OPENED, "recorded_at": MOMENT, "request": {"id": str(UUID(int=number))}, "seq": 1 + second % 2,
            "stream": str(UUID(int=second // 2 * 1000 + place)),
        }  # fmt: skip
        body = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
        heads.append((tree.leaf_hash(body).hex(), str(said["after"])))
        yield body


def dump_of(folder: Path, count: int, signer: Signer) -> Path:
    """A dump of such a log, with one checkpoint over all of it."""
    folder.mkdir()
    leaves, lines = tree.Frontier(), []
    for index, body in enumerate(bodies(count)):
        leaf = tree.leaf_hash(body)
        leaves.append(leaf)
        lines.append(json.dumps({"index": index, "leaf_hash": leaf.hex(), "body": body.decode()}) + "\n")
    (folder / "entries.jsonl").write_text("".join(lines))
    note = str(Checkpoint(signer.name, count, leaves.root()).signed(signer))
    stated = {"number": 1, "size": count, "note": note, "cosignatures": []}
    (folder / "checkpoints.jsonl").write_text(json.dumps(stated) + "\n")
    opening = {"index": 0, "given": None, "given_salt": "00" * 32, "state": None, "state_salt": "00" * 32}
    (folder / "openings.jsonl").write_text(json.dumps(opening) + "\n")
    (folder / "parties.jsonl").write_text("")
    manifest = {"format": "lintas-log-dump/1", "size": count, "made_at": "2026-01-01T00:00:01+00:00", "keys": []}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_a_longer_dump_needs_no_more_memory(tmp_path: Path) -> None:
    signer = Signer(name=ORIGIN, type=LOG, private=Ed25519PrivateKey.generate())
    needed = []
    for count in (20_000, 40_000):
        dump = dump_of(tmp_path / str(count), count, signer)
        command = [sys.executable, "-c", MEASURED, "dump", dump, *at_its_word(signer.vkey), "--json"]
        done = subprocess.run(list(map(str, command)), cwd=ROOT, check=False, capture_output=True, text=True)
        said, kibibytes = done.stdout.splitlines()
        assert json.loads(said)["counts"] == {"quorum-none": 1}, done.stdout
        assert json.loads(said)["checked"]["entries"] == count
        needed.append(int(kibibytes))
    # Ids and heads alone would be some 700 bytes an entry: 14 MB.
    assert needed[1] - needed[0] < 5 * 1024, needed


def message(index: int, body: bytes) -> bytes:
    """An entry as binary COPY sends it."""
    said = json.loads(body)
    cells = (
        pack(">q", index + 1), pack(">q", index), tree.leaf_hash(body), said["entry"].encode(),
        said["stream"].encode(), pack(">i", said["seq"]), pack(">q", AT), body, pack(">iii", 0, 0, 20),
    )  # fmt: skip
    return pack(">h", len(cells)) + b"".join(pack(">i", len(cell)) + cell for cell in cells)


AT = (datetime.fromisoformat(MOMENT) - EPOCH) // timedelta(microseconds=1)
LAW = Law(
    [(0, ORIGIN)],
    [],
    (),
    Standing(),
    Sights({}, frozenset(), [], [frozenset()]),
    Seen(),
    ahead=AT // 1000,
    apart=900_000,
)


def messages(count: int) -> Iterator[bytes]:
    """Such a log in the order of its streams; two thousand leaves are sorted at a time."""
    yield SIGNATURE + bytes(8)
    every = enumerate(bodies(count))
    while lot := list(islice(every, 2000)):
        yield from (message(*one) for one in sorted(lot, key=lambda one: (json.loads(one[1])["stream"], one[0])))
    yield pack(">h", -1)


def test_a_longer_range_needs_no_more_memory() -> None:
    peaks = []
    for count in (4_000, 8_000):
        tracemalloc.start()
        found = acquit(cells(messages(count)), LAW)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (found.entries, found.leaves, found.streams) == (count, count, count // 2)
    # Ids and heads alone would be some 700 bytes an entry: 2.8 MB.
    assert peaks[1] - peaks[0] < 400_000, peaks


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("seq", 2), ("seq", True), ("prev", "00" * 32), ("before", "00" * 32), ("origin", "other.example/log/1"),
        ("grants", [{"agency": "bkn"}]), ("recorded_at", "2026-01-01T00:00:00.001Z"), ("recorded_at", None),
        ("kind", "log.forked"), ("kind", "agency.registered"), ("kind", None), ("basis", 1), ("occurred_at", 1),
        ("actor", {"agency": "bkn", "client": "bkn", "key": "k", "party": "operator"}), ("attachments", [1]),
        ("request", {}), ("to", "accepted"), ("format", "lintas-entry/2"),
    ],
)  # fmt: skip
def test_what_is_not_ordinary_is_not_acquitted(member: str, value: object) -> None:
    rows = list(bodies(4))
    said = json.loads(rows[3])
    rows[3] = json.dumps(said | {member: value}, sort_keys=True, separators=(",", ":")).encode()
    sent = [message(index, body) for index, body in enumerate(rows)]
    with pytest.raises(NotOrdinary):
        acquit(cells([SIGNATURE + bytes(8) + sent[0], *sent[1:]]), LAW)


def test_what_was_spilled_is_found_again() -> None:
    spilled: Spilled[tuple[int, str]] = Spilled(decode=tuple, held=3)
    for number in range(20):
        spilled.put(f"key {number % 10} \ud800", (number, "é"))
    assert spilled.get("key 3 \ud800") == (13, "é")
    assert spilled.get("key 33") is None
    assert dict(spilled.items()) == {f"key {number} \ud800": (10 + number, "é") for number in range(10)}
