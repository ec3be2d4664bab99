"""The escalation ladder: what is reached when an obligation is not met in time, level by level.

The levels are rows of the catalogue (`casefiles/catalogue/data/ladder.yaml`), counted from the due day of the open
referral; once one had passed, from that one, as the days of delay are. The clock reaches them; what follows from a
level is done by people. Each climb belongs to one clock: a referral with a fresh clock begins at the foot, one whose
clock goes on, or that asks the same again of whoever is late, stands where it stood.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from casefiles.file import Reached
from casefiles.flow.grammar import AgencyView, CaseView, Changes, Facts, LadderLevel, Party, Refusal, State
from casefiles.flow.routing import REGIONAL, is_province_above

# After the last level, a report of this kind is the last measure: more cannot be done (codes.md, `not_followed_up`).
REPORTS = frozenset({"report_to_ministry", "report_to_president"})


def holder_of(case: CaseView) -> AgencyView | None:
    """The agency whose turn it is."""
    return case.agencies.get(case.referral.to) if case.referral is not None else None


def missed_due_day(case: CaseView) -> date | None:
    """The first due day of the open referral that had passed unanswered when the act happened; none while in time.

    No day that was granted since makes it one that was kept.
    """
    referral = case.referral
    if referral is None or referral.missed_due_on is not None:
        return referral.missed_due_on if referral else None
    return referral.due_on if case.occurred_at >= referral.due_at else None


def is_overdue(case: CaseView) -> bool:
    """Whether a due day of the open referral had passed unanswered when the act happened."""
    return missed_due_day(case) is not None


def levels_of(case: CaseView) -> tuple[LadderLevel, ...]:
    """All levels for whoever holds the open referral, lowest first; none where nothing follows."""
    holder = holder_of(case)
    if case.referral is None or holder is None:
        return ()
    judged = replace(case.referral, due_on=case.referral.late_from)
    return case.law.ladder(judged, regional=holder.level in REGIONAL, mandate=case.facts.get("mandate"), on=case.today)


def next_level(case: CaseView) -> LadderLevel | None:
    """The level above the one at which the file stands; none at the top."""
    standing_at = case.facts["overdue_level"]
    return next((level for level in levels_of(case) if level.level > standing_at), None)


def seeing(case: CaseView, level: LadderLevel) -> tuple[AgencyView, ...]:
    """The agencies of the roles that the level names.

    Home affairs and the governor oversee regional governments only; the governor is the province above the one obliged.
    """
    holder = holder_of(case)
    return tuple(
        agency
        for agency in case.agencies.values()
        if agency.in_force and holder is not None and any(_acts_as(agency, role, holder) for role in level.sees)
    )


def _acts_as(agency: AgencyView, role: str, holder: AgencyView) -> bool:
    if role == "governor":
        return is_province_above(agency, holder)
    return role in agency.roles and (role != "home_affairs" or holder.level in REGIONAL)


# --- what the file says of it ---------------------------------------------------------------------------------------


def climbed(case: CaseView, level: LadderLevel) -> list[Reached]:
    """The levels reached, this one included, as the file lists them. `measure` is what people did at that level."""
    referral = case.referral
    if referral is None:
        raise ValueError("a level is reached by an open referral")
    reached: Reached = {
        "level": level.level,
        "code": level.code,
        "party": str(referral.party),
        "agency": referral.to,
        "purpose": referral.purpose,
        "clock_from": referral.clock_from.isoformat(),
        "due_on": referral.late_from.isoformat(),
        "reached_on": level.reached_on.isoformat(),
        "last": level.last,
        "measure": None,
    }
    return [*case.facts.get("ladder", ()), reached]


def measured(case: CaseView, code: str) -> Changes:
    """A measure is noted at the level where the open referral stands; a report at the last level exhausts the ladder.

    The last level alone exhausts nothing: the clock reaches it, and a person has to act.
    """
    referral = case.referral
    listed = [reached.copy() for reached in case.facts.get("ladder", ())]
    here = [one for one in listed if referral is not None and _is_of(one, referral.purpose, referral.clock_from)]
    if not here:
        return {}
    here[-1]["measure"] = code
    exhausted = bool(case.facts.get("ladder_exhausted")) or _exhausts(here[-1])
    return {"ladder": listed, "ladder_exhausted": exhausted}


def followed(case: CaseView, clock_from: date) -> list[Reached]:
    """The levels listed, once the day was corrected that the open clock starts after: they stay that clock's own."""
    referral = case.referral
    return [
        {**one, "clock_from": clock_from.isoformat()}
        if referral is not None and _is_of(one, referral.purpose, referral.clock_from)
        else one.copy()
        for one in case.facts.get("ladder", ())
    ]


def standing(facts: Facts, *, purpose: str, climbed_by: date | None, clock_from: date) -> Changes:
    """At which level a referral stands that is opened now, with a clock that starts after `clock_from`.

    It goes on from what the clock `climbed_by` reached: its own where it runs on or resumes, the one before where the
    same is asked again of whoever is late; a fresh one (None) stands at none. What another climbed stays listed.
    """
    listed = facts.get("ladder", ())
    here = [one for one in listed if climbed_by is not None and _is_of(one, purpose, climbed_by)]
    changes: Changes = {
        "overdue_level": max((one["level"] for one in here), default=0),
        "ladder_exhausted": any(_exhausts(one) for one in here),
    }
    if here and climbed_by != clock_from:
        changes["ladder"] = [{**one, "clock_from": clock_from.isoformat()} if one in here else one for one in listed]
    return changes


def _is_of(reached: Reached, purpose: str, clock_from: date) -> bool:
    return bool(reached["purpose"] == purpose and reached["clock_from"] == clock_from.isoformat())


def _exhausts(reached: Reached) -> bool:
    return bool(reached["last"] and reached["measure"] in REPORTS)


# --- a return that lapsed -------------------------------------------------------------------------------------------


def lapsed_where_the_clock_recalls(case: CaseView, given: Any) -> Refusal | None:
    """The clock takes back only what the submitter left lying beyond the last level of the ladder."""
    if Party.CLOCK not in case.acts_as:
        return None
    levels = levels_of(case)
    if case.state is State.RETURNED and levels and case.occurred_at >= levels[-1].reached_at:
        return None
    return Refusal(
        "return-not-lapsed",
        "Pengembalian ini belum lewat waktu sampai jenjang pengingat terakhir.",
        "This return has not lapsed: the last level of its ladder is not reached yet.",
        pointer="#/turn/due_on",
    )
