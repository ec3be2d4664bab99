"""Perkara: the list, with filters, an exact count up to 10,000 and pages by keyset."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, cast
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agencies.actor import Actor
from agencies.naming import names_then
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.law import local_day
from casefiles.sight import projection, waiting
from casefiles.sight.casefiles import ListedCasefile, agencies_in
from console import words
from console.http import PageRequest
from console.pages import qualifiers, views
from console.pages.filters import ORDERS, FilterForm
from console.recording import record

ON_A_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A casefile as the list shows it. Days are whole days where the reader's agency sits."""

    id: UUID
    number: str
    name: str
    employer: str
    state: str
    outcome: str
    turn: str
    purpose: str
    since: date | None
    waiting: int | None
    due_on: date | None
    late: int


def show(request: HttpRequest) -> HttpResponse:
    """A page of the list; a filter that says nothing sensible is explained and shows no row."""
    page = cast("PageRequest", request)
    form = FilterForm(request.GET)
    if not form.is_valid():
        return render(request, "console/casefiles.html", {"form": form, "refused": True}, status=400)
    rows = waiting.waiting_seen(page.actor, form.asked(), now=page.now)
    seal = _seal(page.actor, form)
    after, is_stale = _opened(request.GET.get("after", ""), seal)
    found, beyond = waiting.page(rows, order=form.chosen_order, after=after, most=ON_A_PAGE)
    record(page, route="/perkara", shown=[row.id for row in found])
    number, is_capped = waiting.count(rows)
    query = form.query.urlencode()
    return render(
        request,
        "console/casefiles.html",
        {
            "form": form,
            "chips": list(form.chips()),
            "query": query,
            "views": views.of(page.person),
            "rows": rows_of(page, found),
            "count": number,
            "capped": is_capped,
            "order": ORDERS[form.chosen_order],
            "is_stale": is_stale,
            "first": f"{reverse('casefiles')}?{query}" if after else None,
            "next": f"{reverse('casefiles')}?{query}&after={seal.sign_object(list(beyond))}" if beyond else None,
        },
    )


@require_POST
def box(request: HttpRequest) -> HttpResponse:
    """The search in one box: on to the list with the filters that it means, or what of it was not understood."""
    text = request.POST.get("q", "")
    query, faults = qualifiers.read(text)
    form = FilterForm(query)
    if not faults and form.is_valid():
        return HttpResponseRedirect(f"{reverse('casefiles')}?{query.urlencode()}" if query else reverse("casefiles"))
    said = {"form": form, "refused": True, "faults": faults, "box": text[: qualifiers.LONGEST]}
    return render(request, "console/casefiles.html", said, status=400)


def rows_of(page: PageRequest, found: Sequence[ListedCasefile]) -> list[Row]:
    """Those casefiles as the reader sees them, in their order."""
    names = names_then(set().union(*(agencies_in(row.facts) for row in found)))
    catalogue = load_catalogue()
    rows = []
    for row in found:
        viewer = projection.viewer_of(page.actor, row.facts)
        seen, _ = projection.project(row.facts, viewer=viewer, catalogue=catalogue)
        rows.append(_row(row.id, seen, names(row.updated_at), now=page.now, zone=page.actor.time_zone))
    return rows


def _row(ident: UUID, seen: Mapping[str, Any], names: Mapping[str, str], *, now: datetime, zone: str) -> Row:
    turn = seen.get("turn")
    since = local_day(datetime.fromisoformat(turn["since"]), zone) if turn else None
    employer = seen.get("employer")
    return Row(
        id=ident,
        number=seen["number"],
        name=seen["subject"].get("name") or "",
        employer=names.get(employer, employer) if employer else "",
        state=str(words.STATES[seen["state"]]),
        outcome=str(words.OUTCOMES[seen["outcome"]]) if seen.get("outcome") else "",
        turn=names.get(turn["agency"], turn["agency"]) if turn else "",
        purpose=str(words.PURPOSES[turn["purpose"]]) if turn else "",
        since=since,
        waiting=(local_day(now, zone) - since).days if since else None,
        due_on=date.fromisoformat(turn["due_on"]) if turn else None,
        late=days_late(turn, now=now),
    )


def days_late(turn: Mapping[str, Any] | None, *, now: datetime) -> int:
    """Whole days since the due day ended where its holder sits; 0 before, and where nobody has the turn."""
    if turn is None or now < (due_at := datetime.fromisoformat(turn["due_at"])):
        return 0
    return (now - due_at).days + 1


# -- the seal: a position belongs to one agency's list with these filters ---------------------------------------------


def _seal(actor: Actor, form: FilterForm) -> signing.Signer:
    bound = hashlib.sha256(f"{actor.agency_id}?{form.query.urlencode()}".encode()).hexdigest()
    return signing.Signer(sep=".", salt=f"lintas.console.page.1.{bound}")


def _opened(text: str, seal: signing.Signer) -> tuple[tuple[str, ...] | None, bool]:
    """The position, and whether one was given that fits no more: then the list begins anew and says so."""
    if not text:
        return None, False
    try:
        return tuple(str(part) for part in seal.unsign_object(text)), False
    except signing.BadSignature:
        return None, True
