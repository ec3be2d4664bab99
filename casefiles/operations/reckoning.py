"""After the law changed: when the clock comes to each open referral is reckoned anew, in short batches.

A ladder of another catalogue, a ladder that came into force or ended, another calendar: each changes the digest that a
referral's instant was reckoned by, and an index finds those of another digest. What a process of an earlier release
wrote has none and is found too. Nothing is told to the log: the instant is nobody's fact, only where to look.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import orjson
from django.db import connection, transaction

from casefiles.catalogue.law import LawBook
from casefiles.flow.routing import REGIONAL
from casefiles.transitions.rings import Standing, instant

BATCH = 500

# Looks at both ends of an index. So the plan does not depend on how many referrals were left earlier.
IS_STALE = """
SELECT coalesce(min(clock_law) <> %(law)s OR max(clock_law) <> %(law)s, false)
FROM casefiles_referral WHERE status = 'open'
"""

# Whoever performs a step holds the casefile; those are left out, and taken by the next round. Nobody is waited for, so
# the order of the locks does not matter. The referral is locked too, so that it is read as it stands then.
STALE = """
SELECT r.id, r.party, r.purpose, coalesce(r.missed_due_on, r.due_on), r.time_zone, a.level = ANY(%(regional)s),
    m.code, c.overdue_level
FROM casefiles_referral r
JOIN casefiles_casefile c ON c.id = r.casefile_id
JOIN agencies_agency a ON a.id = r.to_agency_id
LEFT JOIN agencies_mandate m ON m.id = c.mandate_id
WHERE r.id > %(after)s AND r.status = 'open' AND r.clock_law <> %(law)s
ORDER BY r.id LIMIT %(batch)s
FOR NO KEY UPDATE OF r, c SKIP LOCKED
"""

RECKONED = """
UPDATE casefiles_referral r SET clock_at = n.at, clock_law = %(law)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n(id uuid, at timestamptz) WHERE r.id = n.id
"""


def reckon(*, law: LawBook, on: date, progress: Callable[[int], None], batch: int = BATCH) -> int:
    """Reckon anew the referrals that were reckoned by another law than that of the day. Returns how many.

    `progress` is called with how many there are so far, after each batch.
    """
    done, after = 0, UUID(int=0)
    if not _is_stale(law.ladder_digest(on)):
        return 0
    while rows := _batch(law, on=on, after=after, batch=batch):
        done, after = done + len(rows), rows[-1]
        progress(done)
    return done


def _is_stale(digest: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(IS_STALE, {"law": digest})
        return bool(cursor.fetchone()[0])


def _batch(law: LawBook, *, on: date, after: UUID, batch: int) -> list[UUID]:
    digest = law.ladder_digest(on)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STALE, {"regional": sorted(REGIONAL), "law": digest, "after": after, "batch": batch})
        found = cursor.fetchall()
        rows = [{"id": row[0], "at": instant(Standing(*row[1:]), law=law, on=on)} for row in found]
        if rows:
            cursor.execute(RECKONED, {"law": digest, "rows": orjson.dumps(rows).decode()})
    return [row[0] for row in found]
