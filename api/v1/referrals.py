"""`/referrals`: what waits for whom, soonest due first. Here the examiner pulls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpResponse

from api.contract.operations import Operation
from api.http import pagination
from api.http.queries import Counted
from api.http.view import DoorRequest, DoorView, shown
from api.v1 import presenting
from casefiles.sight.referrals import ReferralFilters, as_rows, referrals_seen


@dataclass(frozen=True, kw_only=True)
class ReferralList(ReferralFilters, Counted):
    """GET /referrals."""


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
        rows = referrals_seen(request.actor, asked, now=request.now)
        referrals = list(as_rows(pagination.after(rows, ("due_at", "pk"), window.after))[: window.fetch])
        body = pagination.page(
            referrals,
            of=window,
            position=lambda row: (presenting.instant(row["due_at"]), str(row["id"])),
            shown=lambda row: presenting.referral(row, now=request.now, language=request.language),
            count=pagination.count(rows) if window.counts else None,
        )
        presenting.record_access(
            request, route="/referrals", shown=[row["casefile_id"] for row in referrals[: asked.limit]]
        )
        return shown(request, body)
