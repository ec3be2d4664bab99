"""After the law changed: when the clock comes to each open referral is reckoned anew, in short batches.

A ladder of another catalogue, a ladder that came into force or ended, another calendar: each changes the digest that a
referral's instant was reckoned by, and an index finds those of another digest. What a process of an earlier release
wrote has none and is found too. Nothing is told to the log: the instant is nobody's fact, only where to look.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import orjson
from django.db import connection, transaction

from casefiles.catalogue.law import LawBook
from casefiles.flow.routing import REGIONAL
from casefiles.transitions.rings import Standing, instant

BATCH = 2_000

# Whoever performs a step holds the casefile; those are left out, and taken by the next round. Nobody is waited for, so
# the order of the locks does not matter. The referral is locked too, so that it is read as it stands then.
STALE = """
SELECT r.id, r.party, r.purpose, coalesce(r.missed_due_on, r.due_on), r.time_zone, a.level = ANY(%(regional)s),
    m.code, c.overdue_level
FROM casefiles_referral r
JOIN casefiles_casefile c ON c.id = r.casefile_id
JOIN agencies_agency a ON a.id = r.to_agency_id
LEFT JOIN agencies_mandate m ON m.id = c.mandate_id
WHERE r.status = 'open' AND (r.clock_law < %(law)s OR r.clock_law > %(law)s)
LIMIT %(batch)s
FOR NO KEY UPDATE OF r, c SKIP LOCKED
"""

RECKONED = """
UPDATE casefiles_referral r SET clock_at = n.at, clock_law = %(law)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n(id uuid, at timestamptz) WHERE r.id = n.id
"""


def reckon(*, law: LawBook, on: date, told: Callable[[int], None], batch: int = BATCH) -> int:
    """Reckon whatever was reckoned by another law than the one in force on that day; how many referrals.

    `told` is called with how many there are so far, after each batch.
    """
    done = 0
    while count := _batch(law, on=on, batch=batch):
        done += count
        told(done)
    return done


def _batch(law: LawBook, *, on: date, batch: int) -> int:
    digest = law.ladder_digest(on)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STALE, {"regional": sorted(REGIONAL), "law": digest, "batch": batch})
        rows = [
            {"id": found, "at": instant(Standing(*standing), law=law, on=on)} for found, *standing in cursor.fetchall()
        ]
        if rows:
            cursor.execute(RECKONED, {"law": digest, "rows": orjson.dumps(rows).decode()})
    return len(rows)
