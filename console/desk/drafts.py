"""Rancangan: what a colleague drafted, shown to whoever is to perform it, with what has changed since.

Only another officer of the agency performs it, by confirming what the page told. The page is the drafter's, too, who
may withdraw it, and mend what was sent back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from agencies.actor import Actor
from casefiles import flow
from casefiles.errors import Erased
from casefiles.flow.finding import FindingGiven
from console import telling, words
from console.desk import acting, acts, connection, drafting, finding, forwarding, kept
from console.desk.acting import Asked, NotDone, Wanted
from console.desk.casework import Case, case_of, documents_of, form_for, own_papers, steps_since
from console.desk.forms import Form
from console.desk.kept import NO_CASEFILE, Ticket
from console.desk.officers import closed, officers_only
from console.desk.proof import officer_now, proves_first
from console.http import PageRequest
from console.models import Draft
from console.models import Form as FormRow

SALT: Final = "lintas.console.desk.draft.1"
ROUTE: Final = "/meja/rancangan/{id}"


@officers_only
def show(request: HttpRequest, ident: UUID) -> HttpResponseBase:
    """The draft; a POST performs it, sends it back, withdraws it, or opens it to be mended. 404 of other agencies."""
    page = cast("PageRequest", request)
    if not connection.is_open():
        return closed(request)
    actor = officer_now(page)
    if actor is None:
        return proves_first(request, back=request.path)
    row = drafting.of_agency(ident, agency=page.actor.agency_id)
    if row is None:
        raise Http404
    if row.state not in drafting.OPEN or row.expires_at <= page.now or row.kept is None:
        return _settled(page, row)
    try:
        case = None if row.casefile == NO_CASEFILE else case_of(page, row.casefile, route=ROUTE)
    except Erased:
        return render(request, "console/erased.html", status=410)
    if case is not None and row.transition not in flow.ROWS:
        raise Http404
    desk = _Desk(page, row, actor, case)
    step = STEPS.get(page.POST.get("_step", "")) if page.method == "POST" else None
    return step(desk) if step is not None else desk.shown()


def _settled(page: PageRequest, row: Draft) -> HttpResponse:
    """What became of a draft that waits no more."""
    form = FormRow.objects.filter(pk=row.pk, done_at__isnull=False).first()
    if page.method == "POST" and row.performer_id == page.person.pk and form is not None:
        return acts.to_receipt(_ticket(page, row, row.version), again=True)
    said = _head(row) | {
        "ident": None if row.casefile == NO_CASEFILE else row.casefile,
        "state": row.state if row.state in {"done", "withdrawn"} else "expired",
        "settled_at": telling.instant(row.settled_at),
        "performer": row.performer.name if row.performer else "",
        "entry": form.entry if form else "",
        "is_performer": row.performer_id == page.person.pk,
    }
    return render(page, "console/desk/draft_over.html", said, status=409 if page.method == "POST" else 200)


def _ticket(page: PageRequest, row: Draft, version: int) -> Ticket:
    return Ticket(row.pk, page.person.user_id, row.casefile, row.transition, version)


def _head(row: Draft) -> dict[str, Any]:
    return {
        "draft": row,
        "what": title_of(row.transition),
        "drafter": row.drafter.name,
        "drafted_at": telling.instant(row.drafted_at),
        "proved_at": telling.instant(row.proved_at),
        "factor": words.FACTORS.get(row.factor, row.factor),
        "expires_at": telling.instant(row.expires_at),
    }


def title_of(transition: str) -> str:
    """What a draft is called: its act, or that it is a finding."""
    return _("Temuan baru") if transition == finding.NAME else words.step(transition)


@dataclass(frozen=True, slots=True)
class _Desk:
    """A draft that waits, in front of an officer; `case` is its casefile as it stands, None of a finding."""

    page: PageRequest
    row: Draft
    actor: Actor
    case: Case | None

    @property
    def is_mine(self) -> bool:
        """Whether this person drafted it."""
        return self.row.drafter_id == self.page.person.pk

    def shown(
        self, *, refusal: NotDone | None = None, fault: str = "", typed: str = "", status: int = 200
    ) -> HttpResponse:
        """The draft, what would come of it, and what may be done with it."""
        page, row, case = self.page, self.row, self.case
        form = self._form()
        version = case.version if case is not None else 0
        seal = signing.dumps([str(row.pk), page.person.user_id, version], salt=SALT)
        said = _head(row) | {
            "form": form,
            "ident": row.casefile if case is not None else None,
            "number": case.facts["number"] if case is not None else "",
            "since": steps_since(page, case.id, row.version) if case is not None and version != row.version else [],
            "is_mine": self.is_mine,
            "is_returned": row.state == "returned",
            "remark": drafting.remark_of(row),
            "returned_by": row.returned_by.name if row.returned_by else "",
            "seal": seal,
            "fault": fault,
            "typed": typed,
            "most": drafting.REMARK_AT_MOST,
        }
        # Who read a version that is older now reads what has changed, and may confirm that.
        is_asked = refusal is None or refusal.code == "stale-version"
        if is_asked and row.state == "waits" and not self.is_mine:
            try:
                said |= self._consequences(version)
            except NotDone as against:
                refusal = against
        if refusal is not None:
            for one in refusal.faults:
                form.complain(one.pointer, one.sentence)
            said["refusal"] = refusal.sentence
            status = refusal.status if page.method == "POST" else status
        return render(page, "console/desk/draft.html", said, status=status)

    def confirmed(self) -> HttpResponse:
        """Perform it once, and lead on to the receipt."""
        try:
            ident, user, version = signing.loads(self.page.POST.get("_seal", ""), salt=SALT, max_age=kept.LIVES)
        except (signing.BadSignature, ValueError, TypeError):
            return acts.foreign(self.page)
        if (ident, user) != (str(self.row.pk), self.page.person.user_id):
            return acts.foreign(self.page)
        try:
            is_new = self._performed(int(version))
        except NotDone as refusal:
            return self.shown(refusal=refusal)
        ticket = _ticket(self.page, self.row, int(version))
        if not is_new and not acts.was_done(ticket):  # a colleague was faster
            return HttpResponseRedirect(reverse("desk_draft", args=[self.row.pk]))
        return acts.to_receipt(ticket, again=not is_new)

    def sent_back(self) -> HttpResponse:
        """Give it back to who drafted it, with a remark."""
        remark = " ".join(self.page.POST.get("remark", "").split())
        if self.is_mine:
            return self.shown(fault=_("Rancangan sendiri ditarik kembali, bukan dikembalikan."), status=409)
        if not 1 <= len(remark) <= drafting.REMARK_AT_MOST:
            fault = _("Tulis apa yang perlu diubah, paling panjang %(most)s huruf.") % {"most": drafting.REMARK_AT_MOST}
            return self.shown(fault=fault, typed=remark, status=422)
        drafting.send_back(self.row, self.page.person, remark=remark, now=self.page.now)
        return self._again()

    def withdrawn(self) -> HttpResponse:
        """Take one's own draft back."""
        if not self.is_mine:
            return self.shown(fault=_("Hanya perancangnya yang menarik rancangan kembali."), status=409)
        drafting.withdraw(self.row, self.page.person, now=self.page.now)
        return self._again()

    def mended(self) -> HttpResponse:
        """Withdraw one's own draft and open its form again, with what was typed and the casefile as it stands."""
        if not self.is_mine:
            return self.shown(fault=_("Hanya perancangnya yang mengubah rancangan."), status=409)
        typed = drafting.typed_in(self.row)
        if not drafting.withdraw(self.row, self.page.person, now=self.page.now):
            return self._again()
        version = self.case.version if self.case is not None else 0
        ticket = kept.new_ticket(
            user=self.page.person.user_id, casefile=self.row.casefile, transition=self.row.transition, version=version
        )
        kept.keep(ticket, typed, now=self.page.wall)
        act = [self.row.casefile, self.row.transition]
        where = reverse("desk_act", args=act) if self.case is not None else reverse("desk_finding")
        return HttpResponseRedirect(f"{where}?lanjut={ticket.form}")

    def _again(self) -> HttpResponse:
        response = HttpResponseRedirect(reverse("desk_draft", args=[self.row.pk]))
        response.status_code = 303
        return response

    # -- the act itself -----------------------------------------------------------------------------------------------

    def _form(self) -> Form:
        typed = drafting.typed_in(self.row)
        if self.case is None:
            return form_for(self.page, FindingGiven, typed, documents=own_papers(self.page))
        shape = cast("type[Any]", flow.ROWS[self.row.transition].takes)
        return form_for(self.page, shape, typed, documents=documents_of(self.page, self.case))

    def _asked(self, version: int) -> dict[str, Any]:
        """Raises `NotDone` where the person drafted it, or the drafter acts for the agency no more."""
        if self.is_mine:
            raise NotDone(403, "own-draft", _("Rancangan sendiri dicatat orang lain dari instansi Anda."), (), None)
        if self.row.state != "waits":
            raise NotDone(409, "draft-settled", _("Rancangan ini tidak menunggu Anda lagi."), (), None)
        if not drafting.is_by_an_officer(self.row):
            sentence = _("Perancangnya bukan petugas instansi Anda lagi. Kembalikan, dan isi formulirnya sekali lagi.")
            raise NotDone(409, "drafter-ended", sentence, (), None)
        return {
            "ticket": _ticket(self.page, self.row, version),
            "actor": drafting.performing(self.row, self.actor),
            "body": self._form().body(),
            "now": self.page.now,
            "request_id": self.page.request_id,
            "language": "en" if words.is_english() else "id",
        }

    def _consequences(self, version: int) -> dict[str, Any]:
        asked = self._asked(version)
        if self.case is None:
            return finding.consequences(forwarding.tried(Asked(**asked)))
        after = acting.tried(Wanted(**asked, row=flow.ROWS[self.row.transition]))
        return acts.consequences(self.case, after)

    def _performed(self, version: int) -> bool:
        asked = self._asked(version)
        if self.case is None:
            return forwarding.forwarded(Asked(**asked))
        return acting.performed(Wanted(**asked, row=flow.ROWS[self.row.transition]))


STEPS: Final[Mapping[str, Callable[[_Desk], HttpResponse]]] = {
    "confirm": _Desk.confirmed,
    "return": _Desk.sent_back,
    "withdraw": _Desk.withdrawn,
    "mend": _Desk.mended,
}
"""What a button of the page does, by its value; anything else shows the page."""
