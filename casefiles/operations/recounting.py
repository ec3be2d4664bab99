"""After the calendar was amended: what was counted with it is counted again, a `recompute` for each file that moves.

Open deadlines and the review's start, the last day of a remedy, the day to decide on a contest, the day of effect of a
sanction, in a closed file too while it lies ahead. The ladder is reckoned from the due day whenever it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import connection, transaction

from agencies import calendar, system
from audit.requests import RequestFacts
from casefiles.flow import CaseView, Party
from casefiles.flow.upkeep import Recomputation, recomputation_of
from casefiles.operations.pacing import Pace
from casefiles.transitions import perform

MOST = 500
"""Casefiles that a batch takes at the most."""

# Only working days are counted with the calendar. What a sanction and a contest hold is counted from the delivery.
COUNTED = """
SELECT c.id FROM casefiles_casefile c
JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1 AND p.erased_at IS NULL
LEFT JOIN casefiles_referral r ON r.id = c.open_referral_id
WHERE c.id > %s AND (
    (r.rule->>'day_basis' = 'working' AND r.rule->>'calendar_version' <> %s)
    OR (c.state <> 'closed' AND p.facts->'sanction'->>'delivered_on' IS NOT NULL)
    OR p.facts->'sanction'->>'effective_on' >= %s
)
ORDER BY c.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Recounted:
    """How many casefiles were looked at, and on how many a counted day moved."""

    looked_at: int
    moved: int


def recount(*, now: datetime, progress: Callable[[int], None] = lambda looked_at: None) -> Recounted:
    """Count everything again that was counted with an older calendar, a transaction for each batch of casefiles.

    `progress` is called after each batch with how many casefiles were looked at so far.

    What was moved does not move again, so the command may be ended and started at any time, and run twice at once.
    """
    newest = calendar.newest_version()
    if newest is None:
        raise calendar.NoCalendarYet("the calendar is empty")
    actor = system.operator("recompute_deadlines")
    request = RequestFacts(id=uuid4())

    def given(case: CaseView) -> Recomputation | None:
        return recomputation_of(case, newest)

    looked_at = moved = 0
    pace = Pace(MOST)
    for batch in _batches(newest, today=now.date(), pace=pace):
        with pace.batch(), transaction.atomic():
            steps, _ = perform.perform_all(
                actor=actor,
                casefiles=batch,
                name="recompute",
                given=given,
                now=now,
                request=request,
                as_party=Party.CLOCK,
            )
        looked_at += len(batch)
        moved += len(steps)
        progress(looked_at)
    return Recounted(looked_at, moved)


def _batches(newest: str, *, today: date, pace: Pace) -> Iterator[list[UUID]]:
    last = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(COUNTED, [last, newest, today.isoformat(), pace.size])
            found = [row[0] for row in cursor.fetchall()]
        if not found:
            return
        yield found
        last = found[-1]
