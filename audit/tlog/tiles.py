"""The tree as tiles (C2SP tlog-tiles): files of 256 hashes that anybody may serve, and proofs are made of.

Tile `n` of level `l` holds the hashes of the complete subtrees of height `8 * l` from index `256 * n` on. A tile that
is not full is a file for each width at which a checkpoint was signed. Entries are in no tile of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from . import tree

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""Hashes of a full tile."""
HASH = 32


class BadTile(ValueError):
    """A tile has another length than its path says."""


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A tile by level, index and width (1 to 256 hashes)."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it is served below the log's prefix, for example `tile/0/x001/x234/067.p/5`."""
        digits = f"{self.index:03}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        *high, low = (digits[at : at + 3] for at in range(0, len(digits), 3))
        whole = "/".join(("tile", str(self.level), *(f"x{part}" for part in high), low))
        return whole if self.width == WIDTH else f"{whole}.p/{self.width}"

    @property
    def full(self) -> Tile:
        """The same tile once it is full."""
        return Tile(self.level, self.index)

    def checked(self, content: bytes) -> bytes:
        """The content, if it is as long as this tile. Raises `BadTile`."""
        if len(content) != self.width * HASH:
            raise BadTile(f"{self.path} has {len(content)} bytes instead of {self.width * HASH}")
        return content


def new_tiles(before: int, after: int) -> Iterator[Tile]:
    """The tiles of a tree of `after` leaves that one of `before` leaves has not, the lowest level first."""
    level = 0
    while after >> (HEIGHT * level):
        had, has = before >> (HEIGHT * level), after >> (HEIGHT * level)
        if has > had:
            for index in range(had // WIDTH, -(-has // WIDTH)):
                yield Tile(level, index, min(WIDTH, has - index * WIDTH))
        level += 1


def holding(node: tree.Node, *, size: int) -> tuple[Tile, int, int]:
    """The tile of a tree of `size` leaves that says a node's hash, and from which of its hashes up to which to fold."""
    level, index = node
    above = level % HEIGHT
    first = index << above
    tiled = level // HEIGHT
    number = first // WIDTH
    width = min(WIDTH, (size >> (HEIGHT * tiled)) - number * WIDTH)
    if first - number * WIDTH + (1 << above) > width:
        raise ValueError(f"node {node} is not complete in a tree of {size}")
    at = first - number * WIDTH
    return Tile(tiled, number, width), at, at + (1 << above)


def node_hashes(nodes: Iterable[tree.Node], *, size: int, fetch: Callable[[Tile], bytes]) -> dict[tree.Node, bytes]:
    """The hashes of those nodes from the tiles of a tree of `size` leaves; each tile is fetched once.

    What is fetched proves nothing by itself: fold it into a root that is signed. Raises `BadTile`.
    """
    fetched: dict[Tile, bytes] = {}
    found = {}
    for node in nodes:
        tile, start, end = holding(node, size=size)
        if tile not in fetched:
            fetched[tile] = tile.checked(fetch(tile))
        hashes = [fetched[tile][at * HASH : (at + 1) * HASH] for at in range(start, end)]
        found[node] = tree.root_of(hashes)
    return found


def root(*, size: int, fetch: Callable[[Tile], bytes]) -> bytes:
    """The root of a tree of `size` leaves, from its tiles. Raises `BadTile`."""
    return tree.root_from(size, node_hashes(tree.peaks(size), size=size, fetch=fetch))
