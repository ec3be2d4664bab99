"""The whole tree again, from its leaf hashes: 1,024 leaves at a time, level by level, with the roots on the way.

Gives what `audit.tlog.tree.Frontier` gives (the tests compare them) in two thirds of its time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from ..tlog.tree import EMPTY, node_hash, peaks

HEIGHT = 10
CHUNK = 1 << HEIGHT

Levels = Sequence[Sequence[bytes]]
"""Of one chunk: the leaf hashes, then each level's complete nodes."""


class Regrown:
    """Takes leaf hashes in order. `on_chunk(start, levels)` sees each chunk's nodes, `on_upper` those above chunks;
    `on_root(size, root)` is called once for each of the `sizes` (ascending) as it is reached.
    """

    def __init__(
        self,
        *,
        sizes: Sequence[int] = (),
        on_root: Callable[[int, bytes], None] | None = None,
        on_chunk: Callable[[int, Levels], None] | None = None,
        on_upper: Callable[[int, int, bytes], None] | None = None,
    ) -> None:
        self._sizes = [size for size in sizes if size > 0][::-1]
        self._on_root, self._on_chunk, self._on_upper = on_root, on_chunk, on_upper
        self._start = 0
        self._peaks: list[tuple[int, bytes]] = []
        self.leaves: list[bytes] = []

    @property
    def size(self) -> int:
        """How many leaves were taken."""
        return self._start + len(self.leaves)

    def append(self, leaf: bytes) -> None:
        """Take the next leaf hash."""
        self.leaves.append(leaf)
        if len(self.leaves) == CHUNK:
            self.flush()

    def flush(self) -> None:
        """Work off the chunk that is begun; call once at the end."""
        levels: list[list[bytes]] = [self.leaves]
        while len(levels[-1]) > 1:
            pairs = iter(levels[-1])
            levels.append([sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)])
        end = self._start + len(self.leaves)
        while self._sizes and self._sizes[-1] <= end:
            size = self._sizes.pop()
            if self._on_root:
                self._on_root(size, self._root(size, levels))
        if self._on_chunk:
            self._on_chunk(self._start, levels)
        if len(self.leaves) < CHUNK:
            return
        level, digest, index = HEIGHT, levels[-1][0], self._start >> HEIGHT
        while self._peaks and self._peaks[-1][0] == level:
            digest = node_hash(self._peaks.pop()[1], digest)
            level, index = level + 1, index >> 1
            if self._on_upper:
                self._on_upper(level, index, digest)
        self._peaks.append((level, digest))
        self._start, self.leaves = end, []

    def _root(self, size: int, levels: Levels) -> bytes:
        inside = [levels[level][index] for level, index in peaks(size - self._start)]
        *rest, digest = [*(digest for _, digest in self._peaks), *inside] or [EMPTY]
        for left in reversed(rest):
            digest = node_hash(left, digest)
        return digest
