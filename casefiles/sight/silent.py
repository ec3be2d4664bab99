"""Who has said nothing, of what, and since when: silence is not "none".

Of findings an office has spoken by registering one or by a zero report; of sanctions an employer has by answering a
referral or by a zero report. What was withdrawn says nothing. The examiner in office and auditors read every agency;
anybody else reads itself, and an office of Bawaslu those below it as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from django.db.models import (
    Case,
    Count,
    DateField,
    F,
    Func,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest

from agencies import queries as directory
from agencies.actor import Actor
from casefiles.catalogue.law import local_day
from casefiles.models import Finding, Referral, ZeroReport
from casefiles.shapes import AgencyCode, Between, Doc

Subject = Literal["findings", "sanctions"]
"""Of what an agency may have something to say."""
SPEAKS: Final[Mapping[Subject, str]] = {"findings": "election_supervisor", "sanctions": "employer"}
"""The role that has."""
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class SilentFilters:
    """The filters of the list."""

    subject: Annotated[
        Subject,
        Doc(
            id="findings: kantor pengawas pemilu; sanctions: instansi pegawai",
            en="findings: election supervisors; sanctions: employers",
            example="sanctions",
        ),
    ] = "sanctions"
    agency: Annotated[AgencyCode, Doc(id="Instansi", en="Agency")] | None = None
    weeks: Annotated[
        int,
        Between(0, 520),
        Doc(id="Paling sedikit sekian pekan penuh diam", en="At least so many full weeks of silence", example=4),
    ] = 0


def silent_seen(actor: Actor, asked: SilentFilters, *, now: datetime) -> QuerySet[Any]:
    """The agencies in force that report of that subject, as far as the actor may read them.

    Each has `acted_on` (day of its last finding or answer), `reported_until` (last day of its newest zero report),
    both None where there is none; `silent_since`, the day after the later one, or the day on which it began to take
    part; and `waiting`, `overdue` and `oldest_due_on` of what waits for it. One statement, and one about the mandate.
    """
    today = local_day(now, actor.time_zone)
    rows = directory.agencies(
        role=SPEAKS[asked.subject], level=None, region=None, parent=None, in_force_on=today, q=None
    )
    rows = rows.filter(_read_by(actor, on=today))
    if asked.agency is not None:
        rows = rows.filter(code=asked.agency)
    reports = ZeroReport.objects.with_withdrawal().filter(
        agency=OuterRef("pk"), subject=asked.subject, withdrawal__isnull=True
    )
    last = _last_finding() if asked.subject == "findings" else _last_answer(actor)
    rows = rows.annotate(
        acted_on=Subquery(last, output_field=DateField()),
        reported_until=Subquery(reports.order_by("-period_until").values("period_until")[:1]),
        **_owed(actor, now=now),
    )
    # The greatest of what is there: PostgreSQL leaves out what is null.
    heard: Any = Greatest("acted_on", "reported_until")
    next_day = Cast(Func(heard, template="(%(expressions)s + 1)"), DateField())
    rows = rows.annotate(
        silent_since=Case(
            When(acted_on__isnull=True, reported_until__isnull=True, then=F("valid_from")), default=next_day
        )
    )
    return rows.filter(silent_since__lte=today - asked.weeks * WEEK) if asked.weeks else rows


def weeks_silent(since: date, *, on: date) -> int:
    """How many full weeks have passed without a word; 0 while it has spoken of this very day."""
    return max((on - since).days // WEEK.days, 0)


def reads_all(actor: Actor, *, on: date) -> bool:
    """Whether the actor reads every agency's silence: an auditor, or the examiner whose mandate is in force then."""
    return actor.is_auditor or directory.mandates(in_force_on=on).filter(agency=actor.agency_id).exists()


def _read_by(actor: Actor, *, on: date) -> Q:
    if reads_all(actor, on=on):
        return Q()
    own = Q(pk=actor.agency_id)
    if "election_supervisor" not in actor.roles:
        return own
    return own | Q(parent=actor.agency_id) | Q(parent__parent=actor.agency_id)


def _last_finding() -> Any:
    """The day on which an office registered its newest finding; no more of it is told."""
    rows = Finding.objects.filter(office=OuterRef("pk")).order_by().values("office")
    return rows.annotate(last=Max("registered_on")).values("last")


def _last_answer(actor: Actor) -> Any:
    """The day, where the agency is, of its newest answer to a referral that the actor sees."""
    rows = Referral.objects.visible_to(actor).filter(to_agency=OuterRef("pk"), answered_by=OuterRef("pk"))
    last = rows.order_by().values("to_agency").annotate(last=Max("answered_at")).values("last")
    return last.annotate(
        day=Cast(Func(OuterRef("time_zone"), F("last"), function="timezone", output_field=DateField()), DateField())
    ).values("day")


def _owed(actor: Actor, *, now: datetime) -> dict[str, Any]:
    """What waits for the agency, of what the actor sees."""
    open_ = Referral.objects.visible_to(actor).filter(to_agency=OuterRef("pk"), status="open").order_by()
    grouped = open_.values("to_agency")
    late = Count("pk", filter=Q(due_at__lte=now))
    none = Value(0, output_field=IntegerField())
    return {
        "waiting": Coalesce(Subquery(grouped.annotate(found=Count("pk")).values("found")), none),
        "overdue": Coalesce(Subquery(grouped.annotate(found=late).values("found")), none),
        "oldest_due_on": Subquery(grouped.annotate(found=Min("due_on")).values("found")),
    }
