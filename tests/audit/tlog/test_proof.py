"""Proof files: written and read back, refused where they are no proof, and the verifier's word on each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog import proof, tree
from audit.tlog.notes import BadNote
from audit.tlog.proof import ProofFile
from tests.audit.tlog.make_vectors import LOG_KEY, OTHER_LOG, checkpoint, leaves, noted
from tests.audit.tlog.make_vectors import proof as proof_of

GOOD = proof_of()
SAID = str(GOOD)
HASH = st.binary(min_size=32, max_size=32)


@given(
    st.integers(0, 2**63 - 1), st.lists(HASH, max_size=63).map(tuple), st.none() | st.binary(max_size=300), st.text()
)
def test_a_proof_file_reads_as_it_was_written(
    index: int, path: tuple[bytes, ...], extra: bytes | None, said: str
) -> None:
    made = ProofFile(index=index, path=path, checkpoint=said, extra=extra)

    assert proof.read_proof(str(made)) == made


@given(st.integers(1, 40), st.data())
def test_every_leaf_of_every_tree_verifies(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    made = proof.read_proof(str(proof_of(index, size)))

    said, note = made.verify(leaf=leaves()[index], keys=[LOG_KEY.vkey])

    assert said == checkpoint(size)
    assert str(note) == made.checkpoint


def test_the_path_is_not_enough_without_the_log_s_signature() -> None:
    with pytest.raises(BadNote):
        GOOD.verify(leaf=leaves()[12], keys=[OTHER_LOG.vkey])
    with pytest.raises(BadNote):
        replace(GOOD, checkpoint=str(noted(checkpoint(), by=OTHER_LOG))).verify(leaf=leaves()[12], keys=[LOG_KEY.vkey])


def test_the_signature_is_not_enough_without_the_path() -> None:
    for wrong in (
        replace(GOOD, index=13),
        replace(GOOD, path=GOOD.path[1:]),
        replace(GOOD, path=(*GOOD.path, bytes(32))),
    ):
        with pytest.raises(tree.Unproven):
            wrong.verify(leaf=leaves()[12], keys=[LOG_KEY.vkey])
    with pytest.raises(tree.Unproven):
        GOOD.verify(leaf=leaves()[13], keys=[LOG_KEY.vkey])
    with pytest.raises(tree.Unproven):
        replace(proof_of(39), index=40).verify(leaf=leaves()[39], keys=[LOG_KEY.vkey])


def test_no_byte_of_the_file_changes_unnoticed() -> None:
    """The entry is the leaf here, as for a verifier: whatever is hit, the file no longer proves what it did."""
    raw = SAID.encode()
    for at in range(len(raw)):
        for bit in range(8):
            changed = raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]
            try:
                made = proof.read_proof(changed.decode())
                assert made.extra is not None
                made.verify(leaf=tree.leaf_hash(made.extra), keys=[LOG_KEY.vkey])
            except (UnicodeDecodeError, BadNote, tree.Unproven, AssertionError):
                continue
            pytest.fail(f"bit {bit} of byte {at} changed and nobody noticed")


LINES = SAID.split("\n")


@pytest.mark.parametrize(
    "said",
    [
        "",
        "\n\n",
        SAID.replace("@v1", "@v2"),
        SAID.replace("c2sp", "C2SP"),
        " " + SAID,
        "\ufeff" + SAID,
        SAID.replace("\n", "\r\n"),
        SAID.replace("\n\n", "\n"),
        SAID.replace("index 12", "index 012"),
        SAID.replace("index 12", "index  12"),
        SAID.replace("index 12", "index 12 "),
        SAID.replace("index 12", "index +12"),
        SAID.replace("index 12", "index 1_2"),
        SAID.replace("index 12", "index ١٢"),
        SAID.replace("index 12", "index 1\u0662"),
        SAID.replace("index 12", "index " + "9" * 20),
        SAID.replace("index 12", f"index {2**63}"),
        SAID.replace("index 12", "Index 12"),
        SAID.replace("index 12\n", ""),
        SAID.replace("index 12\n", "index 12\nindex 12\n"),
        SAID.replace("extra ", "extra  "),
        SAID.replace("extra ", "extra"),
        SAID.replace(LINES[1] + "\n", f"{LINES[1]}\n{LINES[1]}\n"),
        SAID.replace(f"{LINES[1]}\n{LINES[2]}", f"{LINES[2]}\n{LINES[1]}"),
        SAID.replace(LINES[3], LINES[3][:-1]),
        SAID.replace(LINES[3], LINES[3] + " "),
        SAID.replace(LINES[3], "AAAA"),
        str(replace(GOOD, path=(bytes(32),) * 64)),
    ],
)
def test_this_is_no_proof_file(said: str) -> None:
    with pytest.raises(BadNote):
        proof.read_proof(said)


@given(st.text() | st.text(alphabet="extra index01=A\n\ud800", max_size=60), st.integers(0, len(SAID)))
def test_any_text_is_a_proof_file_or_a_bad_note_and_never_a_proof(said: str, at: int) -> None:
    for text in (said, SAID[:at] + said + SAID[at:], f"{proof.HEADER}\nindex 0\n{said}\n\n{noted(checkpoint(1))}"):
        try:
            made = proof.read_proof(text)
            made.verify(leaf=leaves()[12], keys=[LOG_KEY.vkey])
        except (BadNote, tree.Unproven):
            continue
        assert (made.index, made.path, made.checkpoint) == (GOOD.index, GOOD.path, GOOD.checkpoint)
