"""Casefiles, findings and officers by the province of the office that submitted them.

Counted over the same rows as the list that shows them (`casefiles.sight.waiting`), so that the two agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from django.db.models import Count, F
from django.db.models.functions import Left

from agencies.actor import Actor
from casefiles.models import Payload
from casefiles.sight.waiting import NATIONAL, WaitingFilters, is_late, waiting_seen

Measure: TypeAlias = Literal["casefiles", "findings", "officers", "late"]


@dataclass(frozen=True, slots=True)
class Place:
    """The numbers of one province. An officer counts once, however many casefiles they have; the unidentified not."""

    casefiles: int
    findings: int
    officers: int
    late: int


def places(actor: Actor, *, now: datetime) -> Mapping[str, Place]:
    """What the actor sees, by the province's code (`NATIONAL` for offices of none), in two statements."""
    rows = waiting_seen(actor, WaitingFilters(), now=now).order_by()
    current = Payload.objects.filter(casefile__in=rows.values("pk"), seq=F("casefile__version"), seq__gte=1)
    officers = dict(
        current.exclude(nip="")
        .values_list(Left("casefile__submitter__region", 2))
        .annotate(Count("nip", distinct=True))
        .order_by()
    )
    counted = rows.values_list(Left("submitter__region", 2)).annotate(
        casefiles=Count("pk"),
        findings=Count("finding", distinct=True),
        late=Count("pk", filter=is_late(1, None, now=now)),
    )
    return {
        code or NATIONAL: Place(casefiles, findings, officers.get(code, 0), late)
        for code, casefiles, findings, late in counted
    }
