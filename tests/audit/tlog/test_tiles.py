"""Tiles as C2SP tlog-tiles has them: the specification's own examples, and a reading of it in Go's manner, by paths."""

from __future__ import annotations

import hashlib

import pytest

from audit.tlog import tiles, tree
from audit.tlog.tiles import BadTile, Tile, new_tiles


def test_paths_are_those_of_the_specification() -> None:
    assert Tile(0, 1_234_067).path == "tile/0/x001/x234/067"
    assert Tile(0, 273, 112).path == "tile/0/273.p/112"
    assert Tile(2, 0, 1).path == "tile/2/000.p/1"
    assert Tile(1, 1000, 255).path == "tile/1/x001/000.p/255"
    assert Tile(3, 999).path == "tile/3/999"


def test_a_tree_of_70000_leaves_has_the_tiles_of_the_specification() -> None:
    found = list(new_tiles(0, 70_000))
    assert [tile for tile in found if tile.width < 256] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert [len([t for t in found if t.level == level and t.width == 256]) for level in (0, 1, 2)] == [273, 1, 0]
    assert list(new_tiles(0, 256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(new_tiles(0, 0)) == []
    assert list(new_tiles(300, 300)) == []


@pytest.mark.parametrize(
    ("before", "after"), [(0, 1), (1, 255), (255, 256), (256, 257), (300, 66_000), (65_535, 65_536)]
)
def test_what_is_new_is_what_the_smaller_tree_had_not(before: int, after: int) -> None:
    assert set(new_tiles(before, after)) == set(new_tiles(0, after)) - set(new_tiles(0, before))


LEAVES = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(65_537)]


def naive(tile: Tile) -> bytes:
    """The tile as the specification defines it: MTH over slices of the leaves, by recursion."""

    def mth(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return leaves[0]
        split = 1
        while split * 2 < len(leaves):
            split *= 2
        return hashlib.sha256(b"\x01" + mth(leaves[:split]) + mth(leaves[split:])).digest()

    each = 256**tile.level
    starts = (tile.index * 256 + number for number in range(tile.width))
    return b"".join(mth(LEAVES[start * each : (start + 1) * each]) for start in starts)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 1000, 65_537])
def test_root_and_proofs_come_from_tiles(size: int) -> None:
    served = {tile.path: naive(tile) for tile in new_tiles(0, size)}

    def fetch(tile: Tile) -> bytes:
        return served[tile.path]

    whole = tree.root_of(LEAVES[:size])
    assert tiles.root(size=size, fetch=fetch) == whole
    for first in {1, size // 3, size // 2, size - 1, size} - {0}:
        proof = tree.consistency(first, size)
        tree.verify_consistency(
            first=first, second=size, first_root=tree.root_of(LEAVES[:first]), second_root=whole,
            proof=proof.hashes(tiles.node_hashes(proof.needs, size=size, fetch=fetch)),
        )  # fmt: skip
    path = tree.inclusion(size // 2, size)
    tree.verify_inclusion(
        leaf=LEAVES[size // 2], index=size // 2, size=size, root=whole,
        path=path.hashes(tiles.node_hashes(path.needs, size=size, fetch=fetch)),
    )  # fmt: skip


def test_a_tile_of_another_length_and_a_node_that_is_not_complete_are_refused() -> None:
    with pytest.raises(BadTile):
        tiles.root(size=3, fetch=lambda tile: b"x" * 64)
    with pytest.raises(ValueError, match="not complete"):
        tiles.holding((1, 1), size=3)
