"""One office: how many casefiles it has as which party, and how late it answers.

Casefiles are counted over the same rows as the list that shows them (`casefiles.sight.waiting`), so that the two agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Avg, Count, Max, Q, Sum

from agencies.actor import Actor
from casefiles.catalogue.law import local_day
from casefiles.models import Referral, ZeroReport
from casefiles.sight.waiting import SOON, WaitingFilters, is_late, waiting_seen

OVER: Final = timedelta(days=365)
"""How far back answers are counted."""
ZERO_REPORTS: Final = 12
"""Shown, the newest first."""
AS_PARTY: Final = ("submitter", "examiner", "employer")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the office answered within `OVER`: how often, how often late, by how many days then, days it was granted.

    `last_at` is its newest answer of any time.
    """

    number: int
    late: int
    days_late: float | None
    paused_days: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Nothing:
    """A zero report: of what (`findings`, `sanctions`), of which election (empty: all), and its days, both included.

    `withdrawn_at` is None while it counts.
    """

    subject: str
    election: str
    first: date
    last: date
    reported_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Office:
    """Casefiles that wait for it, late ones and those due soon, and those that it is party of, by party."""

    waiting: int
    late: int
    soon: int
    as_party: Mapping[str, int]
    answers: Answers


def office(actor: Actor, agency: int, *, now: datetime) -> Office:
    """What the actor sees of that office (its primary key), in two statements."""
    its = Q(open_referral__to_agency=agency)
    parties = {party: Count("pk", filter=Q(**{party: agency})) for party in AS_PARTY}
    rows = waiting_seen(actor, WaitingFilters(), now=now).order_by()
    of_it = its | Q(submitter=agency) | Q(examiner=agency) | Q(employer=agency)
    soon = Q(open_referral__due_at__gt=now, open_referral__due_at__lte=now + timedelta(days=SOON))
    counted: dict[str, Any] = rows.filter(of_it).aggregate(
        waiting=Count("pk", filter=its),
        late=Count("pk", filter=its & is_late(1, None, now=now)),
        soon=Count("pk", filter=its & soon),
        **parties,
    )
    recent = Q(answered_at__gte=now - OVER)
    answered = Referral.objects.visible_to(actor).filter(to_agency=agency, answered_at__isnull=False)
    answers = answered.aggregate(
        number=Count("pk", filter=recent),
        late=Count("pk", filter=recent & Q(days_late__gt=0)),
        days_late=Avg("days_late", filter=recent & Q(days_late__gt=0)),
        paused_days=Sum("paused_days", filter=recent),
        last_at=Max("answered_at"),
    )
    return Office(
        waiting=counted["waiting"],
        late=counted["late"],
        soon=counted["soon"],
        as_party={party: counted[party] for party in AS_PARTY},
        answers=Answers(**{**answers, "paused_days": answers["paused_days"] or 0}),
    )


def zero_reports(actor: Actor, agency: int, *, now: datetime) -> Sequence[Nothing]:
    """The newest that the actor sees of that office, in one statement."""
    rows = ZeroReport.objects.visible_to(actor, on=local_day(now, actor.time_zone)).filter(agency=agency)
    found = rows.with_withdrawal().order_by("-period_until", "-created_at")[:ZERO_REPORTS]
    return [
        Nothing(row.subject, row.election, row.period_from, row.period_until, row.created_at, row.withdrawal)
        for row in found
    ]
