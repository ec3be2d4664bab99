"""The stored nodes of the tree against those that the leaves make, a chunk at a time."""

from __future__ import annotations

from typing import Any

import psycopg

from .report import Report
from .trees import Levels

OF_CHUNK = """
SELECT w.level, n.hashes, n.number
FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS w (level, first, beyond)
CROSS JOIN LATERAL (
    SELECT string_agg(hash, ''::bytea ORDER BY index) AS hashes, count(*) AS number FROM audit_node
    WHERE level = w.level AND index >= w.first AND index < w.beyond
) n
"""
STORED = "SELECT index, hash FROM audit_node WHERE level = %s AND index >= %s AND index < %s"
SUPERFLUOUS = """
SELECT level, index FROM audit_node
WHERE level < 1 OR level > 62 OR index < 0 OR ((index + 1)::numeric * (2::numeric ^ level::int)) > %s
"""


class Nodes:
    """Compares as the tree regrows; `finish` says what was missing, superfluous or changed."""

    def __init__(self, connection: psycopg.Connection[Any], report: Report) -> None:
        self._connection, self._report = connection, report
        self._upper: dict[tuple[int, int], bytes] = {}
        self._made, self._all_there = 0, True
        self._changed: list[tuple[int, int]] = []

    def on_chunk(self, start: int, levels: Levels) -> None:
        """The nodes of one chunk of leaves, by level."""
        if len(levels) == 1:
            return
        numbers = list(range(1, len(levels)))
        first = [start >> level for level in numbers]
        beyond = [(start >> level) + len(levels[level]) for level in numbers]
        for level, hashes, number in self._connection.execute(OF_CHUNK, [numbers, first, beyond], binary=True):
            self._made += len(levels[level])
            if number != len(levels[level]) or hashes != b"".join(levels[level]):
                expected = dict(enumerate(levels[level], start=start >> level))
                self._compare(level, expected, first=start >> level, beyond=beyond[level - 1])

    def on_upper(self, level: int, index: int, digest: bytes) -> None:
        """A node above the chunks."""
        self._made += 1
        self._upper[level, index] = digest

    def finish(self, *, size: int, leaves_are_signed: bool) -> None:
        """Compare the upper nodes, look for superfluous ones, and say which were changed.

        Where the leaves make a root that nobody signed, it is the leaves below a node that were changed.
        """
        for level in sorted({level for level, _ in self._upper}):
            expected = {index: digest for (own, index), digest in self._upper.items() if own == level}
            self._compare(level, expected, first=0, beyond=max(expected) + 1)
        (number,) = self._connection.execute("SELECT count(*) FROM audit_node").fetchone() or (0,)
        self._report.checked["nodes"] += number
        # Where every node is there once, the number tells that no other is.
        if not self._all_there or number != self._made:
            for level, index in self._connection.execute(SUPERFLUOUS, [size]):
                self._report.add("node-extra", table="audit_node", level=level, index=index)
        # A node differs also where one below it does: the lowest tells where it happened.
        lowest = {(level, index) for level, index in self._changed}
        for level, index in self._changed:
            if {(level - 1, 2 * index), (level - 1, 2 * index + 1)} & lowest:
                if leaves_are_signed:
                    self._report.add("node-differs", table="audit_node", column="hash", level=level, index=index)
                continue
            if leaves_are_signed or level > 1:
                self._report.add("node-differs", table="audit_node", column="hash", level=level, index=index)
            else:
                self._report.add("leaf-differs", table="audit_leaf", index=2 * index, until=2 * index + 1)

    def _compare(self, level: int, expected: dict[int, bytes], *, first: int, beyond: int) -> None:
        seen: set[int] = set()
        for index, stored in self._connection.execute(STORED, [level, first, beyond], binary=True):
            if index in seen:
                self._all_there = False
                self._report.add("row-twice", table="audit_node", level=level, index=index)
            seen.add(index)
            if index in expected and stored != expected[index]:
                self._changed.append((level, index))
        for index in expected.keys() - seen:
            self._all_there = False
            self._report.add("node-missing", table="audit_node", level=level, index=index)
