"""The stored nodes of the tree, as the sequencer and the readers look them up."""

from __future__ import annotations

from typing import Any

from audit.tlog import tree


class LogBroken(Exception):
    """The tables of the log do not hold together; the message says where, and what to do."""


def tree_size(cursor: Any) -> int:
    """How many leaves there are, as the newest says."""
    cursor.execute("SELECT index FROM audit_leaf ORDER BY index DESC LIMIT 1")
    row = cursor.fetchone()
    return row[0] + 1 if row else 0


def node_hashes(cursor: Any, nodes: list[tree.Node]) -> dict[tree.Node, bytes]:
    """The stored hashes of those complete subtrees; leaves come from the leaves. Raises `LogBroken` on a hole."""
    cursor.execute(
        """
        SELECT n.level, n.index, n.hash FROM audit_node n
        JOIN unnest(%s::int[], %s::bigint[]) AS w(level, index) ON n.level = w.level AND n.index = w.index
        UNION ALL SELECT 0, l.index, l.leaf_hash FROM audit_leaf l WHERE l.index = ANY(%s)
        """,
        [
            [level for level, _ in nodes if level],
            [index for level, index in nodes if level],
            [index for level, index in nodes if not level],
        ],
    )
    found = {(level, index): bytes(digest) for level, index, digest in cursor.fetchall()}
    if missing := sorted(set(nodes) - found.keys()):
        level, index = missing[0]
        raise LogBroken(f"Node {index} of level {level} is missing: the tree was tampered with. Run lintas-verify.")
    return found
