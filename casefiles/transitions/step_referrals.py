"""What becomes of the referrals of a casefile by a step: one is opened, moved, answered or voided.

Counts the next due day, from whose act and by which rule, and says who holds the turn. Asks no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from audit.ids import uuid7
from casefiles import flow
from casefiles.catalogue import deadlines
from casefiles.catalogue.law import LawBook, local_day, next_day_starts, rule_of
from casefiles.file import CaseFile, there
from casefiles.flow import AgencyView, CaseView, Clock, Outcome, Party
from casefiles.flow.parties import ROLE_OF
from casefiles.transitions import delay
from casefiles.transitions.loaded import Loaded
from casefiles.transitions.values import Act, Answered, Moved, Opened


def referral_opened(
    act: Act,
    loaded: Loaded,
    case: CaseView,
    outcome: Outcome,
    *,
    facts: CaseFile,
    pks: Mapping[str, int | None],
    law: LawBook,
) -> Opened | None:
    """The referral that the step opens, with its clock; none where whoever has the turn keeps it, or nobody has it.

    Raises `ValueError` where the row names nobody to open it for.
    """
    referral = outcome.opens
    if referral is None:
        return None
    turn = flow.turn_in(outcome.state, facts)
    party = referral.to or (turn.party if turn else None)
    purpose = referral.purpose or (turn.purpose if turn else None)
    if party is None or purpose is None:
        raise ValueError(f"{outcome.row.name} opens a referral for nobody")
    holder = _holder(loaded, party, pks)
    if holder is None:
        raise ValueError(f"{outcome.row.name}: the casefile has no {party}")
    clock = referral.clock(act.given) if callable(referral.clock) else referral.clock
    today = local_day(case.occurred_at, holder.time_zone)
    earlier = _earlier(loaded, purpose, holder=holder)
    continues = None
    if clock is Clock.FRESH or earlier is None:
        start = referral.runs_from(case, act.given) if referral.runs_from else today
        mandate = facts.get("mandate")
        rule = referral.rule(act.given) if referral.rule else _rule_so_far(loaded, purpose)
        due = law.due(rule=rule, start=start, time_zone=holder.time_zone, mandate=mandate)
        due_on, due_at, stated = due.due_on, due.due_at, rule_of(due)
        asked = delay.asked_before(loaded, referral, party=party, purpose=purpose, holder=holder)
        missed = delay.missed(asked, clock=referral.again, today=today, time_zone=holder.time_zone)
        origin = asked if missed else None
    else:
        missed = delay.missed(earlier, clock=clock, today=today, time_zone=holder.time_zone)
        origin = earlier
        continues = UUID(earlier["id"])
        start = date.fromisoformat(earlier["clock_from"])
        due_on = date.fromisoformat(earlier["due_on"])
        stated = dict(earlier["rule"])
        if clock is Clock.RESUMES:
            away = today
            if earlier["answered_at"]:
                away = local_day(datetime.fromisoformat(earlier["answered_at"]), holder.time_zone)
            days = law.days_away(away_from=away, away_until=today, basis=stated["day_basis"])
            due_on = law.resumed(due_on=due_on, away_from=away, away_until=today, basis=stated["day_basis"])
            was_due, kept = date.fromisoformat(earlier["due_on"]), stated
            stated = deadlines.explain_resumed(
                stated, away_from=away, away_until=today, days=days, due_on=due_on, seq=loaded.version + 1
            )
            stated = delay.moved(stated, kept, was_due, due_on, seq=loaded.version + 1, cause=outcome.row.name)
        due_at = next_day_starts(due_on, holder.time_zone)
    return Opened(
        id=uuid7(case.now),
        purpose=purpose,
        party=party,
        # What an office above forwards comes from the office of origin.
        from_agency=there(pks["submitter"]) if outcome.row.creates else case.acting.pk,
        to_agency=holder.pk,
        clock_from=start,
        due_on=due_on,
        due_at=due_at,
        time_zone=holder.time_zone,
        rule=stated,
        continues=continues,
        original_due_on=date.fromisoformat(origin["original_due_on"]) if origin else due_on,
        missed_due_on=missed,
        climbed_by=date.fromisoformat(origin["clock_from"]) if origin else None,
    )


def _earlier(loaded: Loaded, purpose: str, *, holder: AgencyView) -> Mapping[str, Any] | None:
    """The last referral of that purpose, which may be the one that is open until this step; none that was voided.

    Nor one of another agency: what it left undone is not held against the one that took its place. Bawaslu's offices
    are one institution.
    """
    if loaded.referral is not None and loaded.referral.purpose == purpose:
        return {
            "id": loaded.referral.id,
            "clock_from": loaded.referral.clock_from.isoformat(),
            "due_on": loaded.referral.due_on.isoformat(),
            "original_due_on": (loaded.referral.original_due_on or loaded.referral.due_on).isoformat(),
            "missed_due_on": loaded.referral.missed_due_on.isoformat() if loaded.referral.missed_due_on else None,
            "answered_at": None,
            "rule": loaded.referral.rule,
        }
    same = (past for past in loaded.past_referrals if past["purpose"] == purpose and past["status"] != "voided")
    return next((past for past in same if past["party"] == Party.SUBMITTER or past["to_agency_id"] == holder.pk), None)


def _rule_so_far(loaded: Loaded, purpose: str) -> str:
    """What is asked of another as it was asked until now goes by the same rule; otherwise the purpose says which."""
    same = loaded.referral is not None and loaded.referral.purpose == purpose
    return str(loaded.referral.rule["code"]) if same and loaded.referral else purpose


def _holder(loaded: Loaded, party: Party, pks: Mapping[str, int | None]) -> AgencyView | None:
    """The agency that is this party of the file; a party that is nobody's column is the agency of its role."""
    if party in ROLE_OF:
        return next(iter(loaded.with_role(ROLE_OF[party])), None)
    return next((agency for agency in loaded.context.agencies.values() if agency.pk == pks[party]), None)


def referral_moved(loaded: Loaded, case: CaseView, outcome: Outcome) -> Moved | None:
    """The open referral with its new due day, which ends at its holder's midnight; one that had passed is kept."""
    if outcome.moves is None or loaded.referral is None:
        return None
    before, moves = loaded.referral, outcome.moves
    rule = before.rule if moves.rule is None else moves.rule
    holder = loaded.agency(loaded.referral.to)
    zone = holder.time_zone if holder else "Asia/Jakarta"
    return Moved(
        id=UUID(loaded.referral.id),
        due_on=outcome.moves.due_on,
        due_at=next_day_starts(outcome.moves.due_on, zone),
        paused_days=outcome.moves.paused_days,
        rule=delay.moved(
            rule, before.rule, before.due_on, moves.due_on, seq=loaded.version + 1, cause=outcome.row.name
        ),
        clock_from=outcome.moves.clock_from or loaded.referral.clock_from,
        missed_due_on=flow.missed_due_day(case),
    )


def referral_answered(loaded: Loaded, case: CaseView, outcome: Outcome, law: LawBook) -> Answered | None:
    """The open referral as the step answers or voids it, with the days by which it is late."""
    if loaded.referral is None:
        return None
    holder = loaded.agency(loaded.referral.to)
    answered_on = local_day(case.occurred_at, holder.time_zone if holder else case.acting.time_zone)
    late = 0 if outcome.voids else deadlines.days_late(loaded.referral.late_from, answered_on)
    status = "voided" if outcome.voids else "answered"
    return Answered(id=UUID(loaded.referral.id), by=case.acting.pk, days_late=late, status=status)


def referrals_voided(loaded: Loaded, pks: Mapping[str, int | None]) -> tuple[UUID, ...]:
    """What the agency that was addressed wrongly answered before: its delay counts for nobody either."""
    left = {("employer", loaded.columns.employer_id), ("addressee", loaded.columns.addressee_id)} - set(pks.items())
    return tuple(
        UUID(past["id"])
        for past in loaded.past_referrals
        if past["status"] == "answered" and (past["party"], past["to_agency_id"]) in left
    )
