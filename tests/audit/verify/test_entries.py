"""The walk over the leaves in memory: the same tree as the server's, every break of a chain, and forks."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog import tree
from audit.verify import trees
from audit.verify.entries import MEMBERS, verify_log
from audit.verify.report import Report
from audit.verify.trees import Regrown
from tests.audit.verify.logs import at_its_word, verify
from tests.factories import casefile_at
from tests.sequencing import Sequencing

from casefiles.flow import State  # isort: skip

STREAMS = ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
Row = tuple[int, bytes, bytes]


def a_log(size: int, *, forks: dict[int, str] | None = None, **changed: Any) -> list[Row]:
    """Rows of a sound log over two streams; `changed` members are those of every entry."""
    heads: dict[str, tuple[int, str, str]] = {}
    rows: list[Row] = []
    origin = "log.example/1"
    for index in range(size):
        stream, kind = STREAMS[index % 2], "log.opened" if index == 0 else "recommend"
        if forks and index in forks:
            origin, kind = forks[index], "log.forked"
        seq, prev, before = heads.get(stream, (0, None, None))
        after = hashlib.sha256(str(index).encode()).hexdigest()
        said = dict.fromkeys(MEMBERS) | {
            "format": "lintas-entry/1", "origin": origin, "entry": f"e{index}", "stream": stream, "seq": seq + 1,
            "prev": prev, "before": before, "after": after, "kind": kind, "grants": [],
            "recorded_at": (BEGAN + timedelta(seconds=index)).isoformat(),
        }  # fmt: skip
        rows.append(row(index, said | changed))
        heads[stream] = (seq + 1, rows[-1][1].hex(), after)
    return rows


def row(index: int, said: dict[str, Any]) -> Row:
    body = rfc8785.dumps(said)
    return index, tree.leaf_hash(body), body


def found(rows: list[Row]) -> dict[str, int]:
    report = Report()
    verify_log(rows, report=report)
    return dict(report.counts)


@given(size=st.integers(0, 40), height=st.integers(1, 4), data=st.data())
def test_the_regrown_tree_is_the_servers(size: int, height: int, data: st.DataObject) -> None:
    leaves = [hashlib.sha256(bytes([n])).digest() for n in range(size)]
    sizes = sorted(data.draw(st.sets(st.integers(1, max(1, size)))))
    frontier = tree.Frontier()
    roots: dict[int, bytes] = {}
    nodes: dict[tree.Node, bytes] = {}
    for leaf in leaves:
        nodes |= dict(frontier.append(leaf))
        roots[frontier.size] = frontier.root()
    seen: dict[int, bytes] = {}
    made: dict[tree.Node, bytes] = {}

    def on_chunk(start: int, levels: trees.Levels) -> None:
        for level, hashes in enumerate(levels[1:], start=1):
            made.update({(level, (start >> level) + n): digest for n, digest in enumerate(hashes)})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees, "HEIGHT", height)
        patch.setattr(trees, "CHUNK", 1 << height)
        regrown = Regrown(
            sizes=sizes,
            on_root=seen.__setitem__,
            on_chunk=on_chunk,
            on_upper=lambda level, index, digest: made.update({(level, index): digest}),
        )
        for leaf in leaves:
            regrown.append(leaf)
        regrown.flush()
    assert regrown.size == size
    assert seen == {wanted: roots[wanted] for wanted in sizes if wanted <= size}
    assert made == nodes


@pytest.mark.parametrize("size", [1, 2, 7, 40])
def test_a_sound_log_has_no_findings(size: int) -> None:
    assert found(a_log(size)) == {}


def test_each_break_of_a_chain_has_its_name() -> None:
    rows = a_log(9)
    said = json.loads(rows[6][2])
    for member, value, code in (
        ("seq", 9, "seq-broken"),
        ("prev", "00" * 32, "prev-broken"),
        ("before", "00" * 32, "before-broken"),
        ("entry", "e3", "entry-twice"),
        ("origin", "other.example/1", "origin-wrong"),
        ("format", "lintas-entry/2", "entry-shape"),
    ):
        assert code in found([*rows[:6], row(6, said | {member: value}), *rows[7:]]), member
    assert "entry-shape" in found([*rows[:6], row(6, said | {"more": 1}), *rows[7:]])


def test_a_log_must_begin_with_its_opening() -> None:
    assert found([]) == {"genesis-missing": 1}
    assert "genesis-missing" in found(a_log(3, kind="recommend"))


def test_a_fork_changes_the_origin_and_only_a_fork_does() -> None:
    assert found(a_log(9, forks={4: "log.example/2", 7: "log.example/3"})) == {}
    assert "origin-wrong" in found(a_log(9, forks={4: "log.example/2", 7: "log.example/1"}))


def test_what_was_accepted_before_a_fork_keeps_the_origin_of_its_time() -> None:
    rows = a_log(9, forks={4: "log.example/2"})
    early, late = ((BEGAN + timedelta(seconds=second)).isoformat() for second in (3, 5))
    said = json.loads(rows[8][2]) | {"origin": "log.example/1"}
    assert found([*rows[:8], row(8, said | {"recorded_at": early})]) == {}
    assert found([*rows[:8], row(8, said | {"recorded_at": late})]) == {"origin-wrong": 1}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("world")
def test_a_declared_fork_is_sound_with_both_keys(sequenced: Sequencing, reader_url: str, settings: Any) -> None:
    casefile_at(State.RETURNED)
    sequenced()
    first = sequenced.signer
    settings.LINTAS_LOG_ORIGIN = "lintas.localhost/log/2"
    sequenced.fork("lintas.localhost/log/2")
    casefile_at(State.RETURNED)
    sequenced()
    both = at_its_word(first.vkey, sequenced.signer.vkey)
    said = verify("db", reader_url, *both)
    assert (said.exit, said.said["findings"]) == (0, [])
    assert verify("db", reader_url, *at_its_word(first.vkey)).codes == {"checkpoint-unknown-key"}
    assert verify("db", reader_url, "--trust-genesis").codes == {"unwitnessed"}
