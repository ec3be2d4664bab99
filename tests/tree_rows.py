"""A small tree over the entries that wait, written with the sequencer's own role, for tests of the tables."""

import psycopg

# The last entry stays in the queue, so that there is something to take away from it.
GROWN = (
    """
    INSERT INTO audit_leaf (index, entry_id, leaf_hash)
    SELECT row_number() OVER (ORDER BY e.id) - 1, e.id, e.leaf_hash FROM audit_pending p JOIN audit_entry e
    ON e.id = p.entry_id WHERE e.id < (SELECT max(entry_id) FROM audit_pending)
    """,
    "DELETE FROM audit_pending WHERE entry_id IN (SELECT entry_id FROM audit_leaf)",
    r"""
    INSERT INTO audit_node (level, index, hash)
    SELECT 1, even.index / 2, sha256('\x01'::bytea || even.leaf_hash || odd.leaf_hash) FROM audit_leaf even
    JOIN audit_leaf odd ON odd.index = even.index + 1 WHERE even.index % 2 = 0
    """,
    "INSERT INTO audit_checkpoint (number, size, note) SELECT 1, count(*), 'a note' FROM audit_leaf",
    """
    INSERT INTO audit_cosignature (checkpoint_id, witness, line, cosigned_at)
    VALUES (1, 'witness.example/w1', 'a line', now())
    """,
    """
    INSERT INTO audit_sighting (agency, index)
    SELECT DISTINCT unnest(e.audience), l.index FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id
    """,
    """
    INSERT INTO audit_logstatus (id, beat_at, size, checkpoint_size, refused)
    SELECT 1, now(), size, size, '' FROM audit_checkpoint
    """,
    "UPDATE audit_logstatus SET beat_at = now()",
)


def grow(sequencer: psycopg.Connection) -> None:
    """Give every waiting entry but the last a place, and write one row of everything that follows from it."""
    for statement in GROWN:
        done = sequencer.execute(statement)
        assert done.rowcount, f"nothing came of: {statement.strip().splitlines()[0]}"
