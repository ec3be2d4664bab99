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
from casefiles.sight.referral_page import page_of
from casefiles.sight.referrals import ReferralFilters, referrals_seen


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
        count = pagination.count(rows) if window.counts else None
        with presenting.recording(request, route="/referrals") as read:
            page = page_of(
                pagination.after(rows, ("due_at", "pk"), window.after),
                limit=asked.limit,
                now=request.now,
                language=request.language,
                read=read,
            )
        return shown(request, pagination.page_in_bytes(page.items, of=window, last=page.last, count=count))
