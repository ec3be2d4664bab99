"""Which months of the record of reads have to stay, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from audit import months
from audit.holds import Hold
from casefiles.models import Casefile
from casefiles.operations import holding


@dataclass(frozen=True, slots=True)
class Keeps:
    """What keeps a month: the numbers of the holds, and the reason in words; both empty where it may go."""

    holds: tuple[int, ...] = ()
    why: str = ""


def kept_by(part: months.Part, standing: Sequence[Hold]) -> Keeps:
    """What keeps that part: holds, or a casefile that is itself marked as held and that was read in it."""
    if found := holding.on_part(part, standing):
        return Keeps(tuple(hold.number for hold in found), holding.told(found))
    marked = list(Casefile.objects.filter(legal_hold=True).values_list("pk", flat=True))
    if marked and months.shows_one_of(part, marked):
        return Keeps(why="it shows a casefile that is marked as held")
    return Keeps()


def month_of(part: months.Part) -> str:
    """The last month of a part that has one, as `2026-11`."""
    return "" if part.until is None else f"{part.until - timedelta(days=1):%Y-%m}"
