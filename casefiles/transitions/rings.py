"""When the clock comes to an open referral: the instant of its next level, kept beside it so that an index finds it.

The instant follows from the ladder in force, the calendar, and where the referral stands. A step writes what it
changed. A change of the law changes all of them: the clock notices by the digest of the law, and reckons them anew
(`casefiles.operations.reckoning`). The guards never read it: what is found by it is judged again by the ladder itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from casefiles.catalogue.law import LawBook, local_day
from casefiles.file import CaseFile
from casefiles.flow import AgencyView, Party
from casefiles.flow.routing import REGIONAL
from casefiles.transitions.loaded import Loaded
from casefiles.transitions.values import Act, Rings, TurnChange


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an open referral stands: what its ladder is counted from, and the level that it has reached.

    `late_from` is the due day that a delay is counted from; `mandate` is the casefile's, by its code.
    """

    party: str
    purpose: str
    late_from: date
    time_zone: str
    regional: bool
    mandate: str | None
    level: int


def instant(standing: Standing, *, law: LawBook, on: date) -> datetime | None:
    """When the clock has something to do, by the ladder in force on that day; None where it never has.

    Its next level, or the last one of a return: whoever is silent then gives the case back.
    """
    levels = law.levels(
        standing.party,
        standing.purpose,
        due_on=standing.late_from,
        time_zone=standing.time_zone,
        regional=standing.regional,
        mandate=standing.mandate,
        on=on,
    )
    following = (level.reached_at for level in levels if level.level > standing.level)
    lapses = levels[-1].reached_at if levels and is_return(standing.party, standing.purpose) else None
    return next(following, lapses)


def is_return(party: str, purpose: str) -> bool:
    """Whether the submitter was asked to complete what was returned, which lapses beyond the last level."""
    return (party, purpose) == (Party.SUBMITTER, "complete")


def after_step(act: Act, loaded: Loaded, turn: TurnChange, *, facts: CaseFile, law: LawBook) -> Rings | None:
    """When the clock comes to the referral that is open after the step; None where the step changes nothing of it."""
    on = local_day(act.now, act.actor.time_zone)
    if turn.opens is not None:
        opened = turn.opens
        holder = loaded.context.agencies[opened.to_agency]
        after = Standing(
            opened.party,
            opened.purpose,
            opened.missed_due_on or opened.due_on,
            opened.time_zone,
            _is_regional(holder),
            facts.get("mandate"),
            facts["overdue_level"],
        )
        return Rings(opened.id, instant(after, law=law, on=on), law.ladder_digest(on))
    if turn.keeps is None:
        return None
    kept, moves = turn.keeps, turn.moves
    regional = _is_regional(loaded.agency(kept.to))
    before = Standing(
        kept.party,
        kept.purpose,
        kept.late_from,
        kept.time_zone,
        regional,
        loaded.facts.get("mandate"),
        loaded.facts["overdue_level"],
    )
    late_from = (moves.missed_due_on or moves.due_on) if moves else kept.late_from
    after = Standing(
        kept.party,
        kept.purpose,
        late_from,
        kept.time_zone,
        regional,
        facts.get("mandate"),
        facts["overdue_level"],
    )
    if before == after:
        return None
    return Rings(UUID(kept.id), instant(after, law=law, on=on), law.ladder_digest(on))


def _is_regional(holder: AgencyView | None) -> bool:
    return holder is not None and holder.level in REGIONAL
