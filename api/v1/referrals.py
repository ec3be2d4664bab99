"""`/referrals`: what waits for whom, soonest due first. Here the examiner pulls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.http import HttpResponse

from api.contract.operations import Operation
from api.http import pagination
from api.http.language import Language
from api.http.queries import Counted
from api.http.view import DoorRequest, DoorView, shown
from api.v1 import presenting
from casefiles import flow
from casefiles.catalogue.rows import Purpose
from casefiles.flow import Party, State
from casefiles.models import Referral
from casefiles.shapes import AgencyCode, Date, Doc, Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralList(Counted):
    """GET /referrals."""

    to: Annotated[AgencyCode, Doc(id="Kepada: me atau kode instansi", en="To: me or an agency code", example="me")] = (
        "me"
    )
    from_: Annotated[AgencyCode, Doc(id="Dari: kode instansi", en="From: an agency code")] | None = None
    status: Annotated[
        Literal["open", "answered", "voided", "any"],
        Doc(id="Status", en="Status: open, answered, voided or any", example="open"),
    ] = "open"
    purpose: (
        Annotated[
            Purpose,
            Doc(id="Keperluan", en="Purpose"),
        ]
        | None
    ) = None
    overdue: Annotated[bool, Doc(id="Lewat tenggat", en="Overdue")] | None = None
    paused: Annotated[bool, Doc(id="Pemeriksa memberi perpanjangan", en="The examiner granted more time")] | None = None
    due_from: Annotated[Date, Doc(id="Jatuh tempo sejak", en="Due on that day or later")] | None = None
    due_before: Annotated[Date, Doc(id="Jatuh tempo sebelum", en="Due before that day")] | None = None
    casefile: Annotated[UUID, Ref("casefile"), Doc(id="Perkara", en="Casefile")] | None = None


FIELDS = {
    "case_number": "casefile__number",
    "case_state": "casefile__state",
    "case_version": "casefile__version",
    "from_code": "from_agency__code",
    "from_name": "from_agency__name",
    "to_code": "to_agency__code",
    "to_name": "to_agency__name",
    "by_code": "answered_by__code",
    "by_name": "answered_by__name",
}


class ReferralsView(DoorView):
    """The referrals the caller sees; by default the open ones addressed to it."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": ReferralList}
    operations: ClassVar = {
        "get": Operation("list_referrals", tag="referrals", id="Yang menunggu", en="What waits", answer="ReferralPage")
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """One page, soonest due first."""
        asked = request.asked(ReferralList)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        rows = _filtered(asked, request)
        ordered = pagination.after(rows, ("due_at", "pk"), window.after)
        found = list(ordered.values(*_COLUMNS, **{name: F(path) for name, path in FIELDS.items()})[: window.fetch])
        body = pagination.page(
            found,
            of=window,
            position=lambda row: (presenting.instant(row["due_at"]), str(row["id"])),
            shown=lambda row: referral(row, now=request.now, language=request.language),
            count=pagination.count(rows) if window.counts else None,
        )
        presenting.record_access(
            request, route="/referrals", shown=[row["casefile_id"] for row in found[: asked.limit]]
        )
        return shown(request, body)


_COLUMNS = (
    "id",
    "casefile_id",
    "purpose",
    "party",
    "status",
    "opened_at",
    "opened_seq",
    "clock_from",
    "due_on",
    "original_due_on",
    "missed_due_on",
    "due_at",
    "time_zone",
    "answered_at",
    "answered_seq",
    "answered_with",
    "days_late",
    "paused_days",
    "continues_id",
    "rule",
)


def _filtered(asked: ReferralList, request: DoorRequest) -> QuerySet[Any]:
    mine = asked.to in {"me", request.actor.agency_code}
    conditions: dict[str, Any] = {}
    if mine:
        conditions["to_agency"] = request.actor.agency_id
    elif asked.to != "any":
        conditions["to_agency__code"] = asked.to
    if asked.from_ is not None:
        conditions["from_agency__code"] = asked.from_
    if asked.status != "any":
        conditions["status"] = asked.status
    for name in ("purpose", "casefile"):
        if (value := getattr(asked, name)) is not None:
            conditions[name] = value
    if asked.due_before is not None:
        conditions["due_on__lt"] = asked.due_before
    if asked.due_from is not None:
        conditions["due_on__gte"] = asked.due_from
    if asked.paused is not None:
        conditions["paused_days__gt" if asked.paused else "paused_days"] = 0
    if asked.overdue is not None:
        # An answered referral was late by its days; an open one is late from due_at on, and once a due day was missed.
        missed = Q(due_at__lte=request.now) | Q(missed_due_on__isnull=False)
        late = missed if asked.status == "open" else Q(days_late__gt=0)
        visible = Referral.objects.visible_to(request.actor)
        rows = visible.filter(late) if asked.overdue else visible.exclude(late)
        return rows.filter(**conditions)
    return Referral.objects.visible_to(request.actor).filter(**conditions)


def referral(row: Mapping[str, Any], *, now: Any, language: Language) -> dict[str, Any]:
    """A referral as it is shown; one that is open counts its lateness until today."""
    is_open = row["status"] == "open"
    return {
        "id": str(row["id"]),
        "casefile": {
            "id": str(row["casefile_id"]),
            "number": row["case_number"],
            "state": row["case_state"],
            "version": row["case_version"],
            "href": presenting.casefile_href(row["casefile_id"]),
        },
        "purpose": row["purpose"],
        "party": row["party"],
        "from": {"code": row["from_code"], "name": row["from_name"]},
        "to": {"code": row["to_code"], "name": row["to_name"]},
        "status": row["status"],
        "opened_at": row["opened_at"],
        "clock_from": row["clock_from"],
        "due_on": row["due_on"],
        "original_due_on": row["original_due_on"],
        "missed_due_on": row["missed_due_on"],
        "due_at": row["due_at"],
        "time_zone": row["time_zone"],
        "overdue": is_open and (row["missed_due_on"] is not None or now >= row["due_at"]),
        "answered_at": row["answered_at"],
        "answered_by": {"code": row["by_code"], "name": row["by_name"]} if row["by_code"] else None,
        "answered_with": row["answered_with"] or None,
        "days_late": presenting.days_late(row, now=now) if is_open else row["days_late"],
        "paused_days": row["paused_days"],
        "continues": str(row["continues_id"]) if row["continues_id"] else None,
        "rule": presenting.spoken_rule(row["rule"], language),
        "expects": list(flow.expected_of(Party(row["party"]), State(row["case_state"]))) if is_open else [],
    }
