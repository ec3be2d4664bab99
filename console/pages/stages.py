"""How long a casefile stood in each state, against the day by which somebody had to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from console import telling, words

WIDTH = 1_000
"""Units of the picture's width; the style sheet says how wide they are drawn."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One turn: days it took, days it was given, days late; `x` and lengths in units of the picture."""

    referral: str
    label: str
    agency: str
    since: str
    until: str
    days: int
    limit: int
    due_on: str
    late: int
    paused: int
    x: float
    length: float
    limit_x: float
    late_x: float
    late_length: float


def stages_of(referrals: Sequence[Mapping[str, Any]], *, now: datetime) -> list[Stage]:
    """One row per referral, in the order in which they were opened; an open one lasts until `now`."""
    if not referrals:
        return []
    begins = min(_day(row["opened_at"]) for row in referrals)
    spans = [(row, _day(row["opened_at"]), _day(row["answered_at"] or now)) for row in referrals]
    ends = max(max(last, row["due_on"]) for row, _, last in spans)
    unit = WIDTH / max((ends - begins).days, 1)
    stages = []
    for row, first, last in spans:
        due: date = row["due_on"]
        x = (first - begins).days * unit
        late = max((last - due).days, 0)
        late_x = max((due - begins).days, (first - begins).days) * unit
        stages.append(
            Stage(
                referral=row["id"],
                label=str(words.PURPOSES.get(row["purpose"], row["purpose"])),
                agency=row["to_name"],
                since=telling.day(first, short=True),
                until=telling.day(last, short=True) if row["answered_at"] else "",
                days=(last - first).days,
                limit=(due - first).days,
                due_on=telling.day(due, short=True),
                late=late,
                paused=row["paused_days"] or 0,
                x=round(x, 1),
                length=round(max((last - first).days * unit, 3), 1),
                limit_x=round(min((due - begins).days * unit, WIDTH - 3), 1),
                late_x=round(late_x, 1),
                late_length=round((last - begins).days * unit - late_x, 1) if late else 0,
            )
        )
    return stages


def _day(moment: datetime) -> date:
    """The day where the reader sits."""
    return moment.astimezone(telling.zone()).date()
