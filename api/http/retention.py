"""The end of kept answers: an answer is replayed for so many days, and its key stays used for ever.

What came of the lines of a batch ends with them; each line's key stays used, too.

Only the bytes of the answer go, and what names them. Nothing that the log commits to is touched: an entry commits to
the digest of the key, which stays. Needs the owner's role, as all removing does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from api.http import batching

BATCH = 1_000

# The rows of keys lie in the order in which they were used. What was ended or erased before has no answer any more.
END = """
WITH old AS MATERIALIZED (
    SELECT r.id, r.answer FROM api_idempotencyrecord r
    JOIN casefiles_payload p ON p.id = r.answer AND p.answer IS NOT NULL
    WHERE r.id > %(after)s AND r.created_at < %(before)s
    ORDER BY r.id LIMIT %(batch)s FOR UPDATE OF r
), gone AS (
    DELETE FROM casefiles_payload p USING old WHERE p.id = old.answer
), ended AS (
    UPDATE api_idempotencyrecord r SET status = NULL, answer = NULL, etag = '' FROM old WHERE r.id = old.id
)
SELECT count(*), max(id) FROM old
"""


def end_answers(*, before: datetime, progress: Callable[[int], None] = lambda done: None, batch: int = BATCH) -> int:
    """Take away the answers kept before that instant, a transaction for each batch; how many.

    `progress` is called after each batch with how many there are so far. It may be ended and started at any time.
    """
    done, after = 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(END, {"after": after, "before": before, "batch": batch})
            count, last = cursor.fetchone()
        if not count:
            _end_batches(before)
            return done
        done, after = done + count, last
        progress(done)


def _end_batches(before: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in batching.ended_before(before):
            cursor.execute(statement, {"before": before})
