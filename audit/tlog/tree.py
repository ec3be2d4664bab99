"""The Merkle tree of RFC 9162, section 2.1, by its complete subtrees.

A node is addressed by `(level, index)`: level 0 are the leaves, and node `(l, i)` covers the leaves `i * 2**l` up to
`(i + 1) * 2**l`. A node exists once it is complete and never changes afterwards, so it can be stored; whatever is not
complete is computed from at most one node a level. Hashes are 32 bytes of SHA-256.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256

Node = tuple[int, int]
"""`(level, index)`."""

EMPTY = sha256(b"").digest()
"""The root of the tree without leaves."""


class Unproven(ValueError):
    """A proof does not show what it should; the message says which step failed."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


# -- growing -----------------------------------------------------------------------------------------------------------


class Frontier:
    """The right edge of a growing tree: the roots of the complete subtrees that make up `size` leaves.

    `append` takes leaf hashes one by one; memory is O(log n). Start from stored nodes with `Frontier(size, hashes)`,
    the hashes in the order of `peaks(size)`.
    """

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        nodes = peaks(size)
        if len(nodes) != len(hashes):
            raise ValueError(f"{size} leaves have {len(nodes)} peaks, not {len(hashes)}")
        self.size = size
        self._stack = [(level, digest) for (level, _), digest in zip(nodes, hashes, strict=True)]

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Add a leaf hash; returns the inner nodes that became complete, lowest first."""
        level, digest = 0, leaf
        complete: list[tuple[Node, bytes]] = []
        index = self.size
        while self._stack and self._stack[-1][0] == level:
            digest = node_hash(self._stack.pop()[1], digest)
            level, index = level + 1, index >> 1
            complete.append(((level, index), digest))
        self._stack.append((level, digest))
        self.size += 1
        return complete

    def root(self) -> bytes:
        """The root over all leaves so far."""
        return _fold([digest for _, digest in self._stack])


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root of the tree with these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def peaks(size: int) -> list[Node]:
    """The complete subtrees that make up the first `size` leaves, largest first."""
    return _cover(0, size)


def root_from(size: int, hashes: Mapping[Node, bytes]) -> bytes:
    """The root at that size, from the hashes of `peaks(size)`."""
    return _fold([hashes[node] for node in peaks(size)])


def _fold(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return EMPTY
    *rest, digest = hashes
    for left in reversed(rest):
        digest = node_hash(left, digest)
    return digest


def _cover(start: int, end: int) -> list[Node]:
    """The complete subtrees from leaf `start` up to `end`, left to right; `start` is aligned, as in RFC 9162."""
    nodes: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (> 1)."""
    return 1 << ((size - 1).bit_length() - 1)


# -- proving -----------------------------------------------------------------------------------------------------------


class Proof:
    """A path whose steps are each one complete subtree, or several folded into one: ask for `needs`, then `hashes`."""

    def __init__(self, steps: Sequence[Sequence[Node]]) -> None:
        self._steps = tuple(tuple(step) for step in steps)

    @property
    def needs(self) -> list[Node]:
        """The nodes whose hashes must be looked up."""
        return [node for step in self._steps for node in step]

    def hashes(self, known: Mapping[Node, bytes]) -> list[bytes]:
        """The proof, from the hashes of what it needs."""
        return [_fold([known[node] for node in step]) for step in self._steps]


def inclusion(index: int, size: int) -> Proof:
    """The path from leaf `index` to the root of the tree of `size` leaves (RFC 9162, 2.1.3.1), leaf's sibling first.

    Raises ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    steps: list[list[Node]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            steps.append(_cover(middle, end))
            end = middle
        else:
            steps.append(_cover(start, middle))
            start = middle
    return Proof(steps[::-1])


def consistency(first: int, second: int) -> Proof:
    """The proof that the tree of `first` leaves is the beginning of that of `second` (RFC 9162, 2.1.4.1).

    Empty where `first` is 0 or equals `second`. Raises ValueError unless 0 <= first <= second.
    """
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {first} is no beginning of one of {second}")
    if first in (0, second):
        return Proof(())
    steps: list[list[Node]] = []
    start, end, whole = 0, second, True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            steps.append(_cover(middle, end))
            end = middle
        else:
            steps.append(_cover(start, middle))
            start, whole = middle, False
    if not whole:
        steps.append(_cover(start, end))
    return Proof(steps[::-1])


def from_leaves(leaves: Sequence[bytes]) -> Callable[[Iterable[Node]], dict[Node, bytes]]:
    """A lookup of nodes over leaf hashes in memory, for tests and small dumps."""

    def look_up(nodes: Iterable[Node]) -> dict[Node, bytes]:
        return {(level, i): root_of(leaves[i << level : (i + 1) << level]) for level, i in nodes}

    return look_up


# -- verifying ---------------------------------------------------------------------------------------------------------


def verify_inclusion(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash is at `index` of the tree with that size and root (RFC 9162, 2.1.3.2).

    Raises `Unproven`.
    """
    if not 0 <= index < size:
        raise Unproven(f"leaf {index} cannot be in a tree of {size}")
    _check_hashes((leaf, root, *path))
    fn, sn, digest = index, size - 1, leaf
    for step in path:
        if sn == 0:
            raise Unproven("the path is longer than the tree is high")
        if fn & 1 or fn == sn:
            digest = node_hash(step, digest)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            digest = node_hash(digest, step)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise Unproven("the path ends below the root")
    if digest != root:
        raise Unproven("the path leads to another root")


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of `first` leaves is the beginning of that of `second` (RFC 9162, 2.1.4.2).

    Raises `Unproven`.
    """
    if not 0 <= first <= second:
        raise Unproven(f"a tree of {first} is no beginning of one of {second}")
    _check_hashes((first_root, second_root, *proof))
    if first in (0, second):
        if proof:
            raise Unproven("there is nothing to prove, and the proof is not empty")
        if first == second and first_root != second_root:
            raise Unproven("two roots for one size")
        if first == 0 and first_root != EMPTY:
            raise Unproven("the empty tree has another root")
        return
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        raise Unproven("the proof is empty")
    fr, sr = _roots_at_the_end(path, first=first, second=second)
    if fr != first_root:
        raise Unproven("the proof does not lead to the earlier root")
    if sr != second_root:
        raise Unproven("the proof does not lead to the later root")


def _roots_at_the_end(path: Sequence[bytes], *, first: int, second: int) -> tuple[bytes, bytes]:
    """The roots of the earlier and of the later tree that the path leads to (the same section, steps 3 to 6)."""
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for step in path[1:]:
        if sn == 0:
            raise Unproven("the proof is longer than the tree is high")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(step, fr), node_hash(step, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, step)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise Unproven("the proof ends below the root")
    return fr, sr


def _check_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(digest) != 32 for digest in hashes):
        raise Unproven("a hash is not 32 bytes long")
