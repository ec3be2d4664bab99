"""When the clock comes to every open referral, by the flow's own ladder, held against what is stored."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from agencies import system
from casefiles.catalogue.law import open_book
from casefiles.flow import CaseView, State
from casefiles.flow.ladder import levels_of, next_level
from casefiles.transitions.decide import view
from casefiles.transitions.load import Mentioned
from casefiles.transitions.load_many import load_many


def wrong_instants(*, now: datetime) -> list[str]:
    """The open referrals whose instant is not the ladder's, or that no law of today's reckoned; a line for each."""
    actor = system.operator("tick")
    stored = _stored()
    law, on = open_book(), now.date()
    faults = []
    for loaded in load_many(stored, actor=actor.agency_id, today=on, mentioned=Mentioned()):
        case = view(loaded, actor=actor, law=law, now=now, occurred_at=now)
        at, by = stored[loaded.id]
        if (at, by) != (_due(case), law.ladder_digest(on)):
            last = ", ".join(case.facts["steps"])
            faults.append(f"{case.number} ({case.state}, {last}): {at} by {by!r}, and the ladder says {_due(case)}")
    return faults


def _due(case: CaseView) -> datetime | None:
    """The next level's instant; that of the last one where the clock gives a return back beyond it."""
    if (level := next_level(case)) is not None:
        return level.reached_at
    levels = levels_of(case)
    return levels[-1].reached_at if levels and case.state is State.RETURNED else None


def _stored() -> dict[UUID, tuple[datetime | None, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT casefile_id, clock_at, clock_law FROM casefiles_referral WHERE status = 'open'")
        return {casefile: (at, by) for casefile, at, by in cursor.fetchall()}
