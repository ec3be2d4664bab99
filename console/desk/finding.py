"""Temuan di meja: a small office forwards a finding, with as many officers and violations as it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agencies.actor import Actor
from casefiles.flow.finding import FindingGiven
from casefiles.intake.findings import TakenIn
from console import words
from console.desk import connection, drafting, kept
from console.desk.acting import Asked, NotDone
from console.desk.acts import foreign, keep_for_later, kept_as_draft, to_receipt, typed_in, was_done, with_paper
from console.desk.casework import form_for, own_papers, turn_in_words
from console.desk.forms import Form
from console.desk.forwarding import forwarded, tried
from console.desk.kept import NO_CASEFILE, NoTicket, Ticket, ident_in
from console.desk.officers import closed, officers_only
from console.desk.proof import officer_now, proves_first
from console.http import PageRequest
from people import four_eyes

NAME: Final = "submit"
SUPERVISOR: Final = "election_supervisor"


@officers_only
def show(request: HttpRequest) -> HttpResponseBase:
    """The form of a finding; a POST tries it, or forwards it once that was confirmed. 403 for other agencies."""
    page = cast("PageRequest", request)
    if SUPERVISOR not in page.actor.roles:
        raise PermissionDenied
    if not connection.is_open():
        return closed(request)
    actor = officer_now(page)
    if actor is None:
        return proves_first(request, back=keep_for_later(request) if request.method == "POST" else "")
    if request.method == "POST":
        return _sent(page, actor)
    came_back = kept.kept_for(page.person.user_id, request.GET.get("lanjut", ""))
    if came_back is not None and came_back[0].transition == NAME:
        typed = came_back[1]
        if paper := ident_in(request.GET.get("dokumen")):
            typed = with_paper(FindingGiven, typed, paper)
        note = _("Yang Anda ketik masih ada. Periksa, lalu lanjutkan.")
        return _Finding(page, came_back[0], actor).filled(typed, note=note)
    ticket = kept.new_ticket(user=page.person.user_id, casefile=NO_CASEFILE, transition=NAME, version=0)
    return _Finding(page, ticket, actor).filled({"origin_office": [page.actor.agency_code]})


show.keeps = keep_for_later  # type: ignore[attr-defined]  # read by sign_in.middleware


def _sent(page: PageRequest, actor: Actor) -> HttpResponse:
    try:
        ticket = kept.opened(page.POST.get("_ticket", ""))
    except NoTicket:
        return foreign(page)
    if (ticket.user, ticket.casefile, ticket.transition) != (page.person.user_id, NO_CASEFILE, NAME):
        return foreign(page)
    if was_done(ticket):
        return to_receipt(ticket, again=True)
    finding = _Finding(page, ticket, actor)
    typed = typed_in(page)
    step = page.POST.get("_step", "check")
    if grows := page.POST.get("_grow", ""):
        return finding.filled(typed, grows=grows)
    if step == "document":
        kept.keep(ticket, typed, now=page.wall)
        query = urlencode({"_act": NAME, "_form": str(ticket.form)})
        return HttpResponseRedirect(f"{reverse('desk_finding_paper')}?{query}")
    if step == "edit":
        return finding.filled(typed)
    if step == "draft":
        return finding.drafted(typed)
    return finding.confirmed(typed) if step == "confirm" else finding.checked(typed)


@dataclass(frozen=True, slots=True)
class _Finding:
    """A finding's form on its way."""

    page: PageRequest
    ticket: Ticket
    actor: Actor

    def filled(
        self, typed: Mapping[str, Sequence[str]], *, note: str = "", grows: str = "", refusal: NotDone | None = None
    ) -> HttpResponse:
        """The form with what was typed, and what was wrong with it."""
        form = self._form(typed, grows=grows)
        said = self._said() | {"form": form, "note": note}
        if refusal is not None:
            for fault in refusal.faults:
                form.complain(fault.pointer, fault.sentence)
            is_invalid = refusal.code == "invalid-body"
            said["refusal"] = _("Isian yang disebut di bawah perlu diperbaiki.") if is_invalid else refusal.sentence
        return render(self.page, "console/desk/form.html", said, status=refusal.status if refusal else 200)

    def checked(self, typed: Mapping[str, Sequence[str]]) -> HttpResponse:
        """What would come of it, in plain words, to be confirmed; or the form with every reason against it."""
        form = self._form(typed)
        try:
            taken = tried(self._asked(form))
        except NotDone as refusal:
            return self.filled(typed, refusal=refusal)
        said = self._said() | {"form": form, **consequences(taken), **drafting.told_to(self.actor)}
        return render(self.page, "console/desk/summary.html", said)

    def confirmed(self, typed: Mapping[str, Sequence[str]]) -> HttpResponse:
        """Forward it once, and lead on to the receipts; where the agency has come to want two officers, draft it."""
        if four_eyes.wanted_by(self.actor.agency_id):
            return self.drafted(typed)
        try:
            is_new = forwarded(self._asked(self._form(typed)))
        except NotDone as refusal:
            return self.filled(typed, refusal=refusal)
        return to_receipt(self.ticket, again=not is_new)

    def drafted(self, typed: Mapping[str, Sequence[str]]) -> HttpResponse:
        """Keep it for another officer to forward; what would be refused now is no draft."""
        try:
            tried(self._asked(self._form(typed)))
        except NotDone as refusal:
            return self.filled(typed, refusal=refusal)
        return kept_as_draft(self.page, self.ticket, self.actor)

    def _form(self, typed: Mapping[str, Sequence[str]], *, grows: str = "") -> Form:
        return form_for(self.page, FindingGiven, typed, documents=own_papers(self.page), grows=grows)

    def _asked(self, form: Form) -> Asked:
        return Asked(
            ticket=self.ticket,
            actor=self.actor,
            body=form.body(),
            now=self.page.now,
            request_id=self.page.request_id,
            language="en" if words.is_english() else "id",
        )

    def _said(self) -> dict[str, Any]:
        return {
            "title": _("Temuan baru"),
            "action": reverse("desk_finding"),
            "back": reverse("desk"),
            "ticket": self.ticket.sealed(),
        }


def consequences(taken: TakenIn) -> dict[str, Any]:
    """What the finding makes: so many casefiles, in which state, and whose turn each is."""
    first = taken.steps[0].facts
    return {
        "makes": len(taken.steps),
        "state_after": words.STATES[first["state"]],
        "turn_after": turn_in_words(first, dict(taken.names)),
        "warnings": [one["en" if words.is_english() else "id"] for one in taken.warnings],
    }
