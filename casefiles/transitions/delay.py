"""Delay is not wiped: which due day a referral had missed, and what the next one that asks the same keeps of it.

Asks no database. A due day counts as missed once its office's day has ended and nothing was answered; whatever moves
it later leaves it missed (`flow.missed_due_day`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from casefiles.catalogue import deadlines
from casefiles.catalogue.law import local_day
from casefiles.flow import AgencyView, Clock, Party
from casefiles.flow.grammar import Referral
from casefiles.transitions.loaded import Loaded

# What an agency was asked to do is done by these, whoever did it for the agency; anything else leaves it undone.
FULFILS = {
    "identify": frozenset({"identify", "disown"}),
    "complete": frozenset({"complete", "withdraw"}),
    "acknowledge": frozenset({"acknowledge", "serve"}),
    "follow_up": frozenset({"report-sanction"}),
    "deliver": frozenset({"record-delivery"}),
    "settle": frozenset({"settle", "annul"}),
}


def asked_before(
    loaded: Loaded, referral: Referral, *, party: Party, purpose: str, holder: AgencyView
) -> Mapping[str, Any] | None:
    """Where that referral asks the same again: the last one that asked it of the same agency, if it was left undone."""
    if referral.again is None or purpose not in FULFILS:
        return None
    asked = (past for past in loaded.past_referrals if (past["purpose"], past["party"]) == (purpose, party))
    last = next((past for past in asked if past["to_agency_id"] == holder.pk), None)
    if last is None or last["status"] == "voided" or last["answered_with"] in FULFILS[purpose]:
        return None
    return last


def missed(earlier: Mapping[str, Any] | None, *, clock: Clock | None, today: date, time_zone: str) -> date | None:
    """The due day that the earlier referral had missed, as the new one keeps it; none where it was in time.

    The days between the two count where its clock ran on. Otherwise the missed day is later by as many, so that the
    delay stays as long as it was.
    """
    if earlier is None:
        return None
    left = today
    if earlier["answered_at"] and clock is not Clock.RUNS_ON:
        left = local_day(datetime.fromisoformat(earlier["answered_at"]), time_zone)
    passed, due_on = earlier["missed_due_on"], earlier["due_on"]
    if passed is None and date.fromisoformat(due_on) < left:
        passed = due_on
    return None if passed is None else date.fromisoformat(passed) + (today - left)


def moved(
    rule: Mapping[str, Any], before: Mapping[str, Any], due_from: date, due_to: date, *, seq: int, cause: str
) -> dict[str, Any]:
    """The rule of a referral after a step, which lists every move of the due day; `before` is the rule before it."""
    if due_from == due_to:
        return dict(rule)
    return deadlines.explain_moved(rule, before=before, due_from=due_from, due_to=due_to, seq=seq, cause=cause)
