"""After the calendar was amended: open deadlines are counted again, a `recompute` transition for each that moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection, transaction

from agencies import calendar, system
from casefiles import transitions
from casefiles.flow import CaseView, Party
from casefiles.flow.upkeep import Recomputation
from casefiles.law import open_book
from casefiles.steps import RequestFacts

BATCH = 500

# Only working days are counted with the calendar.
OPEN = """
SELECT casefile_id FROM casefiles_referral
WHERE status = 'open' AND rule->>'day_basis' = 'working' AND rule->>'calendar_version' <> %s AND casefile_id > %s
ORDER BY casefile_id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Recounted:
    """How many open deadlines were looked at, and how many moved."""

    looked_at: int
    moved: int


def recount(*, now: datetime) -> Recounted:
    """Count every open deadline again that was counted with an older calendar, a transaction for each batch.

    What was moved is not found again, so the command may be ended and started at any time, and run twice at once.
    """
    newest = calendar.newest_version()
    if newest is None:
        raise calendar.NoCalendarYet("the calendar is empty")
    actor = system.operator("recompute_deadlines")
    request = RequestFacts(id=uuid4())
    law = open_book(calendar_version=newest)

    def given(case: CaseView) -> Recomputation | None:
        if case.referral is None:
            return None
        due_on, _ = law.recounted(case.referral)
        if due_on == case.referral.due_on:
            return None
        return Recomputation(calendar_version=newest, old_due=case.referral.due_on, new_due=due_on)

    looked_at = moved = 0
    for batch in _batches(newest):
        with transaction.atomic():
            steps, _ = transitions.perform_all(
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
    return Recounted(looked_at, moved)


def _batches(newest: str) -> Iterator[list[UUID]]:
    last = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(OPEN, [newest, last, BATCH])
            found = [row[0] for row in cursor.fetchall()]
        if not found:
            return
        yield found
        last = found[-1]
