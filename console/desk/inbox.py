"""Meja: what waits for the reader's agency, soonest due first, and what is expected of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, cast

import orjson
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from casefiles.catalogue.law import local_day
from casefiles.sight.referral_page import page_of
from casefiles.sight.referrals import ReferralFilters, referrals_seen
from console import telling, words
from console.desk import drafting
from console.desk.drafts import title_of
from console.desk.officers import officers_only
from console.http import PageRequest
from console.recording import read
from delivery import mail
from people import morning_mails
from people.models import LANGUAGES

ON_A_PAGE: Final = 50
SOON: Final = 3
"""Days before the due day from which on a referral is marked."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One open referral. `left` are whole days until the due day where the agency sits, negative once it has passed."""

    casefile: str
    number: str
    state: str
    purpose: str
    asked_by: str
    since: str
    due_on: str
    left: int
    late: int
    expected: Sequence[str]


@officers_only
def show(request: HttpRequest) -> HttpResponse:
    """A page of the open referrals to the reader's agency, in one statement that also records the read."""
    return _shown(request)


@require_POST
@officers_only
def choose_mail(request: HttpRequest) -> HttpResponse:
    """Turn the reader's own morning mail on, in a language, or off; anything else is told, and changes nothing."""
    page, wanted = cast("PageRequest", request), request.POST.get("mail", "")
    if wanted == "off":
        morning_mails.turn_off(page.person)
    elif wanted not in LANGUAGES:
        return _shown(request, fault=_("Pilih surel pagi dengan salah satu tombol di bawah."), status=422)
    elif not mail.is_offered():
        return _shown(
            request, fault=_("Surel pagi belum dapat dikirim: operator belum menyetel peladen surel."), status=409
        )
    else:
        morning_mails.turn_on(page.person, language="en" if wanted == "en" else "id")
    return HttpResponseRedirect(f"{reverse('desk')}#surel")


def _shown(request: HttpRequest, *, fault: str = "", status: int = 200) -> HttpResponse:
    page = cast("PageRequest", request)
    seal = signing.Signer(sep=".", salt=f"lintas.console.desk.1.{page.actor.agency_id}")
    after, is_stale = _opened(request.GET.get("after", ""), seal)
    rows = referrals_seen(page.actor, ReferralFilters(), now=page.now)
    if after is not None:
        due_at, ident = after
        rows = rows.filter(due_at__gte=due_at).exclude(due_at=due_at, pk__lte=ident)
    found = page_of(
        rows.order_by("due_at", "pk"),
        limit=ON_A_PAGE,
        now=page.now,
        language="en" if words.is_english() else "id",
        read=read(page, route="/meja"),
    )
    said = {
        "rows": [waiting_of(item, now=page.now) for item in orjson.loads(found.items)],
        "drafts": [_draft_of(one) for one in drafting.listed(page.actor, page.person, now=page.now)],
        "is_stale": is_stale,
        "may_forward": "election_supervisor" in page.actor.roles,
        "first": reverse("desk") if after else "",
        "soon": SOON,
        "fault": fault,
        "mail": morning_mails.switch_of(page.person),
        "mail_is_offered": mail.is_offered(),
        "next": f"{reverse('desk')}?after={seal.sign_object(list(found.last))}" if found.last else "",
    }
    return render(request, "console/desk/inbox.html", said, status=status)


def _draft_of(one: drafting.Listed) -> dict[str, Any]:
    return {
        "id": one.id,
        "what": title_of(one.transition),
        "number": one.number,
        "drafter": one.drafter,
        "is_mine": one.is_mine,
        "is_returned": one.is_returned,
        "expires_at": telling.instant(one.expires_at),
    }


def _opened(text: str, seal: signing.Signer) -> tuple[tuple[datetime, str] | None, bool]:
    """Where the page begins, and whether a place was given that fits no more: then the list begins anew."""
    if not text:
        return None, False
    try:
        due_at, ident = seal.unsign_object(text)
        return (datetime.fromisoformat(due_at), str(ident)), False
    except (signing.BadSignature, ValueError):
        return None, True


def waiting_of(item: Mapping[str, Any], *, now: datetime) -> Waiting:
    """An item of the page of referrals, as the list and the morning mail tell it."""
    due_on = date.fromisoformat(item["due_on"])
    return Waiting(
        casefile=item["casefile"]["id"],
        number=item["casefile"]["number"],
        state=str(words.STATES[item["casefile"]["state"]]),
        purpose=str(words.PURPOSES[item["purpose"]]),
        asked_by=item["from"]["name"],
        since=telling.day(local_day(datetime.fromisoformat(item["opened_at"]), item["time_zone"])),
        due_on=telling.day(due_on),
        left=(due_on - local_day(now, item["time_zone"])).days,
        late=item["days_late"] if item["overdue"] else 0,
        expected=[words.step(name) for name in item["expects"] if name != "note"],
    )
