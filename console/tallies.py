"""The overview's numbers: counted while one waits where that is quick, else kept, and counted anew by the worker.

Where an agency sees so many casefiles that counting them takes long, its numbers are kept with the moment they were
counted at, which the page tells; whoever finds them older than `FRESH` has the worker count again. A small register
keeps none, and there every number is the very one of its list.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import OperationalError
from psycopg.errors import QueryCanceled

from agencies.actor import Actor
from casefiles.sight import waiting
from casefiles.sight.waiting import Overview, PartyDelay
from casefiles.sight.weeks import Weeks, weeks
from console import tasks
from console.models import Tally
from jobs.queue import defer, deferring

KEPT_FROM_S: Final = 0.25
"""Seconds of counting from which its result is kept."""
FRESH: Final = timedelta(minutes=1)
"""How old kept numbers may be before they are counted again."""
TRUSTED: Final = timedelta(hours=1)
"""How old they may be where the worker does not come; then whoever asks waits."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The overview and its weeks, and when they were counted; `is_kept` where that was not now."""

    overview: Overview
    weeks: Weeks
    at: datetime
    is_kept: bool


def of(actor: Actor, *, now: datetime) -> Counted | None:
    """The numbers of the actor's agency; None where counting takes longer than a request may, and is under way."""
    kept = Tally.objects.filter(agency=actor.agency_id).first()
    if kept is not None and kept.counts is not None and now - kept.counted_at < TRUSTED:
        if now - kept.counted_at >= FRESH:
            _ask(actor, now=now)
        return Counted(*_read(kept.counts), at=kept.counted_at, is_kept=True)
    try:
        return count(actor, now=now)
    except OperationalError as fault:
        if not isinstance(fault.__cause__, QueryCanceled):
            raise
    _ask(actor, now=now)
    return None


def count(actor: Actor, *, now: datetime) -> Counted:
    """Count them now; the result is kept where that took long, and forgotten where it no longer does."""
    began = time.monotonic()
    overview = waiting.overview(actor, now=now)
    lines = weeks(actor, waiting=overview.total("waiting"), now=now)
    if time.monotonic() - began >= KEPT_FROM_S:
        counts = {
            "overview": asdict(overview),
            "weeks": {**asdict(lines), "mondays": [str(day) for day in lines.mondays]},
        }
        Tally.objects.update_or_create(
            agency_id=actor.agency_id, defaults={"counted_at": now, "counts": counts, "asked_at": None}
        )
    else:
        Tally.objects.filter(agency=actor.agency_id).delete()
    return Counted(overview, lines, at=now, is_kept=False)


def _ask(actor: Actor, *, now: datetime) -> None:
    """Have the worker count, unless that was asked for within the last `FRESH`."""
    with deferring():
        Tally.objects.get_or_create(agency_id=actor.agency_id, defaults={"counted_at": now})
        row = Tally.objects.select_for_update().get(agency=actor.agency_id)
        if row.asked_at is None or now - row.asked_at >= FRESH:
            Tally.objects.filter(pk=row.pk).update(asked_at=now)
            defer(tasks.count_overview, lock=f"overview-{actor.agency_id}", agency=actor.agency_id)


def _read(counts: Mapping[str, Any]) -> tuple[Overview, Weeks]:
    overview, lines = counts["overview"], counts["weeks"]
    parties = [PartyDelay(**row) for row in overview["by_party"]]
    mondays = [date.fromisoformat(day) for day in lines["mondays"]]
    return Overview(**{**overview, "by_party": parties}), Weeks(**{**lines, "mondays": mondays})
