"""An act in a form: filled in, shown in plain words, confirmed, done once.

The form carries a sealed ticket: its key, whose it is, and the version that the person saw. Filled in, the act is tried
without storing anything; what is refused comes back with everything that was typed. What would come of it is told, and
done only when that is confirmed. Whoever sends the same form twice gets the same receipt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agencies.actor import Actor
from agencies.models import User
from casefiles import flow
from casefiles.errors import Erased
from casefiles.file import CaseFile
from casefiles.flow import Transition
from console import words
from console.desk import connection, drafting, forms, kept
from console.desk.acting import NotDone, Wanted, performed, tried
from console.desk.casework import Case, case_of, documents_of, form_for, steps_since, turn_in_words
from console.desk.forms import Around, Form
from console.desk.kept import NoTicket, Ticket
from console.desk.officers import closed, officers_only
from console.desk.pages import reasons_in_words
from console.desk.proof import officer_now, proves_first
from console.http import PageRequest
from console.models import Form as FormRow
from people import four_eyes

CONTROLS: Final = frozenset({"csrfmiddlewaretoken", "_ticket", "_step", "_grow"})
"""Names of the page's own; everything else is a field of the body."""
ROUTE: Final = "/meja/{id}/{transition}"


def keep_for_later(request: HttpRequest) -> str:
    """Keep what was typed into a form that came too late; where to go on after signing in, or "" where nothing is kept.

    Called before anybody is known: the ticket says whose form it is, and nobody else is shown what was kept.
    """
    try:
        ticket = kept.opened(request.POST.get("_ticket", ""))
    except NoTicket:
        return ""
    if isinstance(request.user, User) and request.user.pk != ticket.user:
        return ""  # somebody else's form, in the browser of who sits there now
    kept.keep(ticket, typed_in(request), now=request.wall)  # type: ignore[attr-defined]  # PageRequest
    return f"{request.path}?{urlencode({'lanjut': str(ticket.form)})}"


def typed_in(request: HttpRequest) -> dict[str, list[str]]:
    """What was typed, by name."""
    return {name: [str(value) for value in values] for name, values in request.POST.lists() if name not in CONTROLS}


@officers_only
def show(request: HttpRequest, ident: UUID, transition: str) -> HttpResponseBase:
    """The form; a POST tries the act, or performs it once it was confirmed."""
    page = cast("PageRequest", request)
    if not connection.is_open():
        return closed(request)
    actor = officer_now(page)
    if actor is None:
        return proves_first(request, back=keep_for_later(request) if request.method == "POST" else "")
    sent = None
    if request.method == "POST":
        sent = _ticket_of(page, ident, transition)
        if sent is None:
            return foreign(page)
        if was_done(sent):  # asked before sight is, which the act itself may have ended
            return to_receipt(sent, again=True)
    try:
        case = case_of(page, ident, route=ROUTE)
    except Erased:
        return render(request, "console/erased.html", status=410)
    if sent is not None:
        return _sent(_Desk(page, case, _row_of(case, transition), sent, actor))
    came_back = kept.kept_for(page.person.user_id, request.GET.get("lanjut", ""))
    if came_back is not None and (came_back[0].casefile, came_back[0].transition) == (ident, transition):
        row, typed = _row_of(case, transition), came_back[1]
        if (paper := kept.ident_in(request.GET.get("dokumen"))) and row.takes is not None:
            typed = with_paper(row.takes, typed, paper)
        note = _("Yang Anda ketik masih ada. Periksa, lalu lanjutkan.")
        return _Desk(page, case, row, came_back[0], actor).filled(typed, note=note)
    fresh = case.row(transition)
    if fresh is None or fresh.takes is None:
        raise Http404
    ticket = kept.new_ticket(user=page.person.user_id, casefile=ident, transition=transition, version=case.version)
    return _Desk(page, case, fresh, ticket, actor).filled({})


show.keeps = keep_for_later  # type: ignore[attr-defined]  # read by sign_in.middleware


def _ticket_of(page: PageRequest, ident: UUID, transition: str) -> Ticket | None:
    """The ticket that came with the form; None where it is not this page's and this person's."""
    try:
        ticket = kept.opened(page.POST.get("_ticket", ""))
    except NoTicket:
        return None
    mine = (page.person.user_id, ident, transition)
    return ticket if (ticket.user, ticket.casefile, ticket.transition) == mine else None


def _sent(desk: _Desk) -> HttpResponse:
    page, ticket = desk.page, desk.ticket
    typed = typed_in(page)
    if grows := page.POST.get("_grow", ""):
        return desk.filled(typed, grows=grows)
    step = page.POST.get("_step", "check")
    if step == "document":
        kept.keep(ticket, typed, now=page.wall)
        query = urlencode({"_act": desk.row.name, "_form": str(ticket.form)})
        return HttpResponseRedirect(f"{reverse('desk_paper', args=[desk.case.id])}?{query}")
    if step == "edit":
        return desk.filled(typed)
    if step == "draft":
        return desk.drafted(typed)
    return desk.confirmed(typed) if step == "confirm" else desk.checked(typed)


def kept_as_draft(page: PageRequest, ticket: Ticket, actor: Actor) -> HttpResponse:
    """What was typed, and tried before, becomes a draft; on to its page."""
    ident = drafting.draft(ticket, typed_in(page), actor=actor, now=page.now)
    response = HttpResponseRedirect(reverse("desk_draft", args=[ident]))
    response.status_code = 303
    return response


def with_paper(shape: type[Any], typed: dict[str, list[str]], paper: str) -> dict[str, list[str]]:
    """What was typed, with a new paper chosen in the first empty question that asks for one."""
    form = forms.form_of(shape, Around(documents=(), zone="UTC", typed=dict(typed)))
    place = next((one.name for one in form.fields() if one.is_paper and one.is_empty), None)
    return {**typed, place: [paper]} if place else dict(typed)


def _row_of(case: Case, transition: str) -> Transition:
    """The row, also where the casefile has moved on meanwhile and it may be tried no more: trying says why."""
    row = case.row(transition) or flow.ROWS.get(transition)
    if row is None or row.takes is None or row.creates or not row.routed:
        raise Http404
    return row


def was_done(ticket: Ticket) -> bool:
    """Whether the form led to an act already."""
    return FormRow.objects.filter(pk=ticket.form, user=ticket.user, done_at__isnull=False).exists()


def to_receipt(ticket: Ticket, *, again: bool) -> HttpResponse:
    """On to the receipt, which says where it was sent `again`."""
    where = reverse("desk_receipt", args=[ticket.form])
    response = HttpResponseRedirect(f"{where}?lagi=1" if again else where)
    response.status_code = 303
    return response


def foreign(page: PageRequest) -> HttpResponse:
    """A ticket that was changed, belongs to another page or person, or is older than a day: nothing is done."""
    return render(page, "console/desk/foreign.html", status=400)


@dataclass(frozen=True, slots=True)
class _Desk:
    """A form on its way: the page, the casefile as it stands, the row, and the ticket."""

    page: PageRequest
    case: Case
    row: Transition
    ticket: Ticket
    actor: Actor

    def filled(
        self, typed: Mapping[str, Sequence[str]], *, note: str = "", grows: str = "", refusal: NotDone | None = None
    ) -> HttpResponse:
        """The form with what was typed, and what was wrong with it."""
        form = self._form(typed, grows=grows)
        ticket, said = self.ticket, self._said()
        status = 200
        if refusal is not None:
            status = refusal.status
            sentence = refusal.sentence
            if refusal.code == "invalid-body":
                sentence = _("Isian yang disebut di bawah perlu diperbaiki.")
            said |= {"refusal": sentence, "code": refusal.code}
            for fault in refusal.faults:
                form.complain(fault.pointer, fault.sentence)
            if refusal.code == "stale-version" and refusal.current is not None:
                said["since"] = steps_since(self.page, self.case.id, ticket.version)
                ticket = replace(ticket, version=refusal.current)
        reasons = next((reasons for row, reasons in self.case.available if row.name == self.row.name), ())
        said |= {"form": form, "note": note, "ticket": ticket.sealed(), "blocked": reasons_in_words(reasons)}
        return render(self.page, "console/desk/form.html", said, status=status)

    def checked(self, typed: Mapping[str, Sequence[str]]) -> HttpResponse:
        """What would come of the act, in plain words, to be confirmed; or the form with every reason against it."""
        form = self._form(typed)
        try:
            after = tried(self._wanted(form))
        except NotDone as refusal:
            return self.filled(typed, refusal=refusal)
        said = {**self._said(), "form": form, "ticket": self.ticket.sealed(), **consequences(self.case, after)}
        said |= drafting.told_to(self.actor)
        return render(self.page, "console/desk/summary.html", said)

    def confirmed(self, typed: Mapping[str, Sequence[str]]) -> HttpResponse:
        """Do it once, and lead on to the receipt; where the agency has come to want two officers, draft it."""
        if four_eyes.wanted_by(self.actor.agency_id):
            return self.drafted(typed)
        try:
            is_new = performed(self._wanted(self._form(typed)))
        except NotDone as refusal:
            return self.filled(typed, refusal=refusal)
        return to_receipt(self.ticket, again=not is_new)

    def drafted(self, typed: Mapping[str, Sequence[str]]) -> HttpResponse:
        """Keep it for another officer to perform; what would be refused now is no draft."""
        try:
            tried(self._wanted(self._form(typed)))
        except NotDone as refusal:
            return self.filled(typed, refusal=refusal)
        return kept_as_draft(self.page, self.ticket, self.actor)

    def _form(self, typed: Mapping[str, Sequence[str]], *, grows: str = "") -> Form:
        shape, documents = cast("type[Any]", self.row.takes), documents_of(self.page, self.case)
        return form_for(self.page, shape, typed, documents=documents, grows=grows)

    def _wanted(self, form: Form) -> Wanted:
        return Wanted(
            ticket=self.ticket,
            actor=self.actor,
            row=self.row,
            body=form.body(),
            now=self.page.now,
            request_id=self.page.request_id,
            language="en" if words.is_english() else "id",
        )

    def _said(self) -> dict[str, Any]:
        return {
            "ident": self.case.id,
            "number": self.case.facts["number"],
            "state": words.STATES[self.case.facts["state"]],
            "turn": turn_in_words(self.case.facts, self.case.names),
            "action": reverse("desk_act", args=[self.case.id, self.row.name]),
            "back": reverse("desk_casefile", args=[self.case.id]),
            "title": words.step(self.row.name),
            "article": self.row.article,
        }


def consequences(case: Case, after: CaseFile) -> dict[str, Any]:
    """The casefile after the act: its state, whose turn it is then, and until when."""
    return {
        "state_after": words.STATES[after["state"]],
        "outcome_after": words.OUTCOMES.get(after.get("outcome") or ""),
        "turn_after": turn_in_words(after, case.names),
        "moves": after["state"] != case.facts["state"],
    }
