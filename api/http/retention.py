"""The end of kept answers: an answer is replayed for so many days, and its key stays used for ever.

What came of the lines of a batch ends with them; each line's key stays used, too.

Only the bytes of the answer go, and what names them. Nothing that the log commits to is touched: an entry commits to
the digest of the key, which stays. Needs the owner's role, as all removing does.

A legal hold keeps the answers about the casefiles that it reaches; on an agency also all that its clients were
answered, on a span all that was answered in it. While any hold stands, the lines of batches stay.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from api.http import batching
from audit import holds
from casefiles.operations import holding

BATCH = 1_000

# Whether a hold in `holding.parameters` reaches the kept answer `p` of the request `r`.
HELD = f"""(
    EXISTS (SELECT FROM agencies_client x JOIN agencies_agency a ON a.id = x.agency_id
        WHERE x.id = r.client_id AND a.code = ANY(%(held_agencies)s::text[]))
    OR EXISTS (SELECT FROM unnest(%(held_begins)s::timestamptz[], %(held_beyond)s::timestamptz[]) AS s (begins, beyond)
        WHERE r.created_at >= s.begins AND r.created_at < s.beyond)
    OR EXISTS (SELECT FROM casefiles_casefile k JOIN casefiles_casefile c ON c.finding_id = k.finding_id
        WHERE k.id = p.casefile_id AND {holding.REACHES})
    OR EXISTS (SELECT FROM casefiles_casefile c WHERE c.finding_id = p.finding_id AND {holding.REACHES})
    OR EXISTS (SELECT FROM casefiles_attachment t JOIN casefiles_casefile k ON k.id = t.casefile_id
        JOIN casefiles_casefile c ON c.finding_id = k.finding_id
        WHERE t.document_id = p.document_id AND {holding.REACHES})
)"""  # noqa: S608 - constants

# The rows of keys lie in the order in which they were used. What was ended or erased before has no answer any more.
END = f"""
WITH old AS MATERIALIZED (
    SELECT r.id, r.answer FROM api_idempotencyrecord r
    JOIN casefiles_payload p ON p.id = r.answer AND p.answer IS NOT NULL
    WHERE r.id > %(after)s AND r.created_at < %(before)s
        AND NOT (%(is_any_held)s AND {HELD})
    ORDER BY r.id LIMIT %(batch)s FOR UPDATE OF r
), gone AS (
    DELETE FROM casefiles_payload p USING old WHERE p.id = old.answer
), ended AS (
    UPDATE api_idempotencyrecord r SET status = NULL, answer = NULL, etag = '' FROM old WHERE r.id = old.id
)
SELECT count(*), max(id) FROM old
"""  # noqa: S608 - constants


def end_answers(*, before: datetime, progress: Callable[[int], None] = lambda done: None, batch: int = BATCH) -> int:
    """Take away the answers kept before that instant, a transaction for each batch; how many.

    `progress` is called after each batch with how many there are so far. It may be ended and started at any time.
    """
    done, after = 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            standing = holds.wait_for_holds()
            given: dict[str, Any] = {"after": after, "before": before, "batch": batch, "is_any_held": bool(standing)}
            cursor.execute(END, {**given, **holding.parameters(standing)})
            count, last = cursor.fetchone()
        if not count:
            _end_batches(before)
            return done
        done, after = done + count, last
        progress(done)


def _end_batches(before: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        if holds.wait_for_holds():
            return
        for statement in batching.ended_before(before):
            cursor.execute(statement, {"before": before})
