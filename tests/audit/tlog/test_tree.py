"""The tree against the Certificate Transparency vectors, a naive definition, and everything that is not a proof."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audit.tlog import tree
from audit.tlog.tree import Frontier, Unproven
from tests.audit.tlog import naive

# The eight leaves that the reference implementations of RFC 6962 share, and the roots at sizes 0 to 8.
REFERENCE = [bytes.fromhex(x) for x in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
REFERENCE.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)

LEAVES = [tree.leaf_hash(f"leaf {i}".encode()) for i in range(301)]
SIZES = st.integers(0, 300)
HASHES = st.binary(min_size=32, max_size=32)


def frontier_of(leaves: list[bytes]) -> tuple[Frontier, dict[tuple[int, int], bytes]]:
    """A frontier after these leaves, and all the nodes that it gave to store."""
    frontier, nodes = Frontier(), {}
    for leaf in leaves:
        for node, digest in frontier.append(leaf):
            assert node not in nodes
            nodes[node] = digest
    return frontier, nodes


STORED = {(0, i): leaf for i, leaf in enumerate(LEAVES)} | frontier_of(LEAVES)[1]
TOPS = [tree.root_of(LEAVES[:size]) for size in range(301)]


@st.composite
def place(draw: st.DrawFn) -> tuple[int, int]:
    """A leaf's index and the size of a tree that has it."""
    size = draw(st.integers(1, 300))
    return draw(st.integers(0, size - 1)), size


@st.composite
def growth(draw: st.DrawFn) -> tuple[int, int]:
    """Two sizes of a tree, the first not larger."""
    second = draw(SIZES)
    return draw(st.integers(0, second)), second


def path_of(index: int, size: int) -> list[bytes]:
    return tree.inclusion(index, size).hashes(STORED)


def growth_proof(first: int, second: int) -> list[bytes]:
    return tree.consistency(first, second).hashes(STORED)


def refuses_inclusion(index: int, size: int, path: list[bytes], *, leaf: bytes, root: bytes) -> None:
    with pytest.raises(Unproven):
        tree.verify_inclusion(leaf=leaf, index=index, size=size, path=path, root=root)


def refuses_consistency(first: int, second: int, proof: list[bytes], *, old: bytes, new: bytes) -> None:
    with pytest.raises(Unproven):
        tree.verify_consistency(first=first, second=second, first_root=old, second_root=new, proof=proof)


def bent(digest: bytes, bit: int) -> bytes:
    return (int.from_bytes(digest, "big") ^ 1 << bit).to_bytes(32, "big")


# -- the reference -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", range(9))
def test_the_reference_leaves_have_the_reference_roots(size: int) -> None:
    leaves = [tree.leaf_hash(entry) for entry in REFERENCE[:size]]

    assert tree.root_of(leaves).hex() == ROOTS[size]
    assert naive.mth(leaves).hex() == ROOTS[size]


def test_the_reference_tree_has_the_reference_proofs() -> None:
    known = {(0, i): tree.leaf_hash(entry) for i, entry in enumerate(REFERENCE)}
    known |= frontier_of([known[0, i] for i in range(8)])[1]

    assert [step.hex() for step in tree.inclusion(0, 8).hashes(known)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [step.hex() for step in tree.consistency(6, 8).hashes(known)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        ROOTS[4],
    ]


def test_a_leaf_is_no_inner_node() -> None:
    assert tree.leaf_hash(b"x") == sha256(b"\x00x").digest()
    assert tree.node_hash(LEAVES[0], LEAVES[1]) == sha256(b"\x01" + LEAVES[0] + LEAVES[1]).digest()
    assert tree.EMPTY.hex() == ROOTS[0]


# -- growing -----------------------------------------------------------------------------------------------------------


@given(SIZES)
@example(256)
@example(255)
@example(257)
def test_the_frontier_is_the_naive_tree(size: int) -> None:
    frontier, nodes = frontier_of(LEAVES[:size])

    assert frontier.size == size
    assert frontier.root() == naive.mth(LEAVES[:size])
    assert nodes == naive.subtrees(LEAVES[:size])


@given(growth())
def test_a_frontier_goes_on_from_stored_nodes(sizes: tuple[int, int]) -> None:
    first, second = sizes
    frontier = Frontier(first, [STORED[node] for node in tree.peaks(first)])
    for leaf in LEAVES[first:second]:
        frontier.append(leaf)

    assert frontier.root() == TOPS[second] == tree.root_from(second, STORED)


@given(st.integers(0, 2**62))
def test_peaks_are_complete_and_follow_each_other(size: int) -> None:
    at = 0
    levels = []
    for level, index in tree.peaks(size):
        assert index << level == at
        at += 1 << level
        levels.append(level)

    assert at == size
    assert levels == sorted(set(levels), reverse=True)


@given(SIZES, st.integers(0, 9))
def test_a_frontier_wants_as_many_hashes_as_peaks(size: int, count: int) -> None:
    if count != len(tree.peaks(size)):
        with pytest.raises(ValueError, match="peaks"):
            Frontier(size, LEAVES[:count])


# -- inclusion ---------------------------------------------------------------------------------------------------------


def test_every_leaf_of_every_small_tree_is_proved_as_the_rfc_says() -> None:
    for size in range(1, 41):
        for index in range(size):
            path = path_of(index, size)
            assert path == naive.path(index, LEAVES[:size])
            tree.verify_inclusion(leaf=LEAVES[index], index=index, size=size, path=path, root=TOPS[size])


@given(place())
def test_a_leaf_is_proved_by_stored_nodes_only(at: tuple[int, int]) -> None:
    index, size = at
    needs = tree.inclusion(index, size).needs

    assert all(((i + 1) << level) <= size for level, i in needs)
    assert len(needs) <= 2 * size.bit_length()
    path = path_of(index, size)
    assert path == naive.path(index, LEAVES[:size])
    assert path == tree.inclusion(index, size).hashes(tree.from_leaves(LEAVES[:size])(needs))
    tree.verify_inclusion(leaf=LEAVES[index], index=index, size=size, path=path, root=TOPS[size])


@given(place(), st.integers(-5, 400))
def test_no_other_index(at: tuple[int, int], other: int) -> None:
    index, size = at
    if other != index:
        refuses_inclusion(other, size, path_of(index, size), leaf=LEAVES[index], root=TOPS[size])


@given(place(), st.integers(-5, 400))
def test_no_other_size_under_its_own_root(at: tuple[int, int], other: int) -> None:
    index, size = at
    if other != size and 0 <= other <= 300:
        refuses_inclusion(index, other, path_of(index, size), leaf=LEAVES[index], root=TOPS[other])
    if other <= index:
        refuses_inclusion(index, other, path_of(index, size), leaf=LEAVES[index], root=TOPS[size])


@given(place(), st.data())
def test_no_other_path(at: tuple[int, int], data: st.DataObject) -> None:
    index, size = at
    path, leaf, root = path_of(index, size), LEAVES[index], TOPS[size]
    extra = data.draw(st.sampled_from([*path, leaf, root, LEAVES[-1], bytes(32)]))
    where = data.draw(st.integers(0, len(path)))
    refuses_inclusion(index, size, [*path[:where], extra, *path[where:]], leaf=leaf, root=root)
    if path:
        at_step, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))
        step = path[at_step]
        refuses_inclusion(index, size, path[:at_step] + path[at_step + 1 :], leaf=leaf, root=root)
        refuses_inclusion(index, size, path[:at_step], leaf=leaf, root=root)
        for wrong in (bent(step, bit), step[:-1], step + b"\x00", b""):
            refuses_inclusion(index, size, [*path[:at_step], wrong, *path[at_step + 1 :]], leaf=leaf, root=root)
    swapped = data.draw(st.permutations(path))
    if swapped != path:
        refuses_inclusion(index, size, swapped, leaf=leaf, root=root)


@given(place(), st.integers(0, 255), st.integers(0, 300))
def test_no_other_leaf_and_no_other_root(at: tuple[int, int], bit: int, other: int) -> None:
    index, size = at
    path, leaf, root = path_of(index, size), LEAVES[index], TOPS[size]
    for wrong in (bent(leaf, bit), leaf[:-1], leaf + b"\x00", b""):
        refuses_inclusion(index, size, path, leaf=wrong, root=root)
    for wrong in (bent(root, bit), root[:-1], root + b"\x00", b"", tree.EMPTY):
        refuses_inclusion(index, size, path, leaf=leaf, root=wrong)
    if other != index:
        refuses_inclusion(index, size, path, leaf=LEAVES[other], root=root)
    if other != size:
        refuses_inclusion(index, size, path, leaf=leaf, root=TOPS[other])


@given(place(), place())
def test_no_foreign_path(at: tuple[int, int], other: tuple[int, int]) -> None:
    index, size = at
    foreign = path_of(*other)
    if foreign != path_of(index, size):
        refuses_inclusion(index, size, foreign, leaf=LEAVES[index], root=TOPS[size])


def test_no_negative_index() -> None:
    """Counted from the end, -1 is the last leaf, and its path would fit."""
    for size in range(1, 65):
        for index in range(size):
            path = path_of(index, size)
            for wrong in (index - size, index - 64, -1, -size):
                refuses_inclusion(wrong, size, path, leaf=LEAVES[index], root=TOPS[size])


def test_no_byte_moves_from_a_hash_to_its_neighbour() -> None:
    """SHA-256(0x01 || left || right) is the same wherever the border between the two is drawn."""
    left, right = LEAVES[:2]
    for at in (1, 16, 31):
        refuses_inclusion(0, 2, [left[at:] + right], leaf=left[:at], root=TOPS[2])
        refuses_inclusion(1, 2, [left + right[: 32 - at]], leaf=right[32 - at :], root=TOPS[2])
        refuses_inclusion(0, 2, [right[at:]], leaf=left + right[:at], root=TOPS[2])
    step, *rest = growth_proof(4, 32)
    for at in (1, 16, 31):
        refuses_consistency(4, 32, [TOPS[4][at:] + step, *rest], old=TOPS[4][:at], new=TOPS[32])
        refuses_consistency(4, 32, [step[at:], *rest], old=TOPS[4] + step[:at], new=TOPS[32])


@given(place(), HASHES)
def test_a_path_stops_at_the_root_though_it_leads_to_what_is_signed(at: tuple[int, int], step: bytes) -> None:
    index, size = at
    path = [*path_of(index, size), step]
    for root in (tree.node_hash(step, TOPS[size]), tree.node_hash(TOPS[size], step)):
        refuses_inclusion(index, size, path, leaf=LEAVES[index], root=root)


@given(place())
def test_a_path_does_not_stop_below_the_root_though_it_leads_to_what_is_signed(at: tuple[int, int]) -> None:
    index, size = at
    path, below = path_of(index, size), LEAVES[index]
    start, end = index, index + 1
    for length in range(len(path)):
        refuses_inclusion(index, size, path[:length], leaf=LEAVES[index], root=below)
        # The next subtree up that holds the leaf, by the naive definition.
        start, end = _above(start, end, size)
        below = naive.mth(LEAVES[start:end])


def _above(start: int, end: int, size: int) -> tuple[int, int]:
    lo, hi = 0, size
    while True:
        middle = lo + naive.split(hi - lo)
        part = (lo, middle) if end <= middle else (middle, hi)
        if part == (start, end):
            return lo, hi
        lo, hi = part


def test_nothing_is_in_the_empty_tree() -> None:
    refuses_inclusion(0, 0, [], leaf=LEAVES[0], root=tree.EMPTY)
    refuses_inclusion(0, 0, [], leaf=tree.EMPTY, root=tree.EMPTY)


@given(st.integers(-9, 310), st.integers(-9, 310))
def test_a_leaf_beyond_the_tree_has_no_path(index: int, size: int) -> None:
    if not 0 <= index < size:
        with pytest.raises(ValueError, match="not in a tree"):
            tree.inclusion(index, size)


@given(
    st.integers(-(2**70), 2**70),
    st.integers(-(2**70), 2**70),
    st.lists(st.binary(max_size=33) | st.binary(min_size=32, max_size=32), max_size=80),
)
def test_whatever_is_said_the_answer_is_unproven(index: int, size: int, path: list[bytes]) -> None:
    refuses_inclusion(index, size, path, leaf=LEAVES[0], root=TOPS[300])
    refuses_consistency(index, size, path, old=TOPS[7], new=TOPS[300])


# -- consistency -------------------------------------------------------------------------------------------------------


def test_every_growth_of_small_trees_is_proved_as_the_rfc_says() -> None:
    for second in range(41):
        for first in range(second + 1):
            proof = growth_proof(first, second)
            assert proof == (naive.proof(first, LEAVES[:second]) if 0 < first < second else [])
            tree.verify_consistency(
                first=first, second=second, first_root=TOPS[first], second_root=TOPS[second], proof=proof
            )


@given(growth())
def test_growth_is_proved_by_stored_nodes_only(sizes: tuple[int, int]) -> None:
    first, second = sizes
    needs = tree.consistency(first, second).needs
    proof = growth_proof(first, second)

    assert all(((i + 1) << level) <= second for level, i in needs)
    assert proof == (naive.proof(first, LEAVES[:second]) if 0 < first < second else [])
    tree.verify_consistency(first=first, second=second, first_root=TOPS[first], second_root=TOPS[second], proof=proof)


@given(growth(), st.data())
def test_no_other_growth(sizes: tuple[int, int], data: st.DataObject) -> None:
    first, second = sizes
    proof, old, new = growth_proof(first, second), TOPS[first], TOPS[second]
    extra = data.draw(st.sampled_from([*proof, old, new, LEAVES[-1], bytes(32)]))
    where = data.draw(st.integers(0, len(proof)))
    refuses_consistency(first, second, [*proof[:where], extra, *proof[where:]], old=old, new=new)
    bit = data.draw(st.integers(0, 255))
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        refuses_consistency(first, second, proof[:at] + proof[at + 1 :], old=old, new=new)
        refuses_consistency(first, second, proof[:at], old=old, new=new)
        for wrong in (bent(proof[at], bit), proof[at][:-1], b""):
            refuses_consistency(first, second, [*proof[:at], wrong, *proof[at + 1 :]], old=old, new=new)
    swapped = data.draw(st.permutations(proof))
    if swapped != proof:
        refuses_consistency(first, second, swapped, old=old, new=new)
    refuses_consistency(first, second, proof, old=bent(old, bit), new=new)
    if first:  # The empty tree is the beginning of every tree.
        refuses_consistency(first, second, proof, old=old, new=bent(new, bit))
        refuses_consistency(first, second, proof, old=old, new=new[:-1])
    if first != second:
        refuses_consistency(second, first, proof, old=new, new=old)


def test_a_log_that_grows_or_shrinks_has_another_root() -> None:
    """Not the same root at another size, even with the proof left out."""
    for second in range(66):
        for first in range(67):
            for said in (TOPS[first], TOPS[second], bytes(32)):
                if first != second and (first, said) != (0, tree.EMPTY):
                    refuses_consistency(first, second, [], old=said, new=said)


@given(growth(), HASHES)
def test_a_proof_stops_at_the_roots_though_it_leads_to_what_is_signed(sizes: tuple[int, int], step: bytes) -> None:
    first, second = sizes
    proof = [*growth_proof(first, second), step]
    left = (tree.node_hash(step, TOPS[first]), tree.node_hash(step, TOPS[second]))
    right = (TOPS[first], tree.node_hash(TOPS[second], step))
    for old, new in (left, right):
        refuses_consistency(first, second, proof, old=old, new=new)


@given(growth(), SIZES)
def test_no_other_sizes_under_their_own_roots(sizes: tuple[int, int], other: int) -> None:
    first, second = sizes
    proof = growth_proof(first, second)
    # A proof may fit other sizes only where the RFC gives them the same one.
    if other != first and (other > second or proof != growth_proof(other, second)):
        refuses_consistency(other, second, proof, old=TOPS[other], new=TOPS[second])
    if other != second and (other < first or proof != growth_proof(first, other)):
        refuses_consistency(first, other, proof, old=TOPS[first], new=TOPS[other])


@given(growth(), st.integers(0, 299))
def test_a_rewritten_past_is_refused(sizes: tuple[int, int], touched: int) -> None:
    first, second = sizes
    if touched < first:
        rewritten = [*LEAVES[:touched], tree.leaf_hash(b"rewritten"), *LEAVES[touched + 1 : second]]
        known = {(0, i): leaf for i, leaf in enumerate(rewritten)} | frontier_of(rewritten)[1]
        proof = tree.consistency(first, second).hashes(known)
        refuses_consistency(first, second, proof, old=TOPS[first], new=tree.root_of(rewritten))


@given(st.integers(-9, 310), st.integers(-9, 310))
def test_a_shrunk_tree_has_no_proof(first: int, second: int) -> None:
    if not 0 <= first <= second:
        with pytest.raises(ValueError, match="no beginning"):
            tree.consistency(first, second)
