"""A paper for an act: its descriptor in a form made of the shape, its file taken in and scanned as a system's is.

What was typed into the act's form waits meanwhile (`console.desk.kept`), and the form opens with it afterwards.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, BinaryIO, Final, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from casefiles import flow
from casefiles.errors import Erased
from casefiles.intake.documents import Descriptor
from console import words
from console.desk import connection, forms
from console.desk.acting import NotDone, Paper, brought, faults_beside_the_file
from console.desk.casework import case_of
from console.desk.forms import Around, Form
from console.desk.kept import NO_CASEFILE, PAPER, Ticket, ident_in
from console.desk.officers import closed, officers_only
from console.desk.proof import officer_now, proves_first
from console.http import PageRequest

OF_THE_FILE: Final = frozenset({"media_type", "size", "sha256"})
"""What nobody types: the file says it."""
REFUSES_THE_FILE: Final = frozenset({"content-not-accepted", "content-too-large"})
"""Refusals that are about the file alone, before anything else was looked at."""
CONTROLS: Final = frozenset({"csrfmiddlewaretoken", "_act", "_form"})


@officers_only
def show(request: HttpRequest, ident: UUID | None = None) -> HttpResponseBase:
    """The form of a paper; a POST registers it and goes back to the form that asks for it.

    Without a casefile (`ident`) that is the form of a finding.
    """
    page = cast("PageRequest", request)
    if not connection.is_open():
        return closed(request)
    actor = officer_now(page)
    if actor is None:
        return proves_first(request)
    number = ""
    if ident is not None:
        try:
            number = case_of(page, ident, route="/meja/{id}/dokumen").facts["number"]
        except Erased:
            return render(request, "console/erased.html", status=410)
    given = page.POST if page.method == "POST" else page.GET
    said: dict[str, Any] = {"ident": ident, "number": number, "title": _("Dokumen baru")}
    act = given.get("_act", "")
    said |= {"act": act if act in flow.ROWS else "", "kept": ident_in(given.get("_form")), "action": request.path}
    said["back"] = _back_to(ident, said["act"], said["kept"])
    typed = {
        name: [str(value) for value in values]
        for name, values in page.POST.lists()
        if name not in CONTROLS and name not in OF_THE_FILE
    }
    form = forms.form_of(Descriptor, Around(documents=(), zone=page.actor.time_zone, typed=typed), without=OF_THE_FILE)
    if page.method != "POST":
        return render(request, "console/desk/paper.html", said | {"form": form})
    file = page.FILES.get("file")
    paper = Paper(
        ticket=_ticket_of(page, ident, said["kept"]),
        actor=actor,
        body=form.body(),
        file=cast("BinaryIO", file or BytesIO()),
        now=page.now,
        request_id=page.request_id,
        language="en" if words.is_english() else "id",
    )
    try:
        document = brought(paper)
    except NotDone as refusal:
        said |= _refused(paper, form, refusal, is_missing=file is None)
        return render(request, "console/desk/paper.html", said, status=422 if file is None else refusal.status)
    return HttpResponseRedirect(_back_to(ident, said["act"], said["kept"], document=document))


def _refused(paper: Paper, form: Form, refusal: NotDone, *, is_missing: bool) -> dict[str, Any]:
    """What the page says of it: all that is wrong at once, each beside what it is about."""
    said: dict[str, Any] = {"form": form, "refused": True}
    faults = refusal.faults
    if refusal.code in REFUSES_THE_FILE:
        said["file_errors"] = [_("Pilih berkasnya: PDF, JPEG, atau PNG.") if is_missing else refusal.sentence]
        faults = faults_beside_the_file(paper)
    elif refusal.code != "invalid-body":
        said["refusal"] = refusal.sentence
    for fault in faults:
        form.complain(fault.pointer, fault.sentence)
    return said


def _ticket_of(page: PageRequest, ident: UUID | None, waiting: str) -> Ticket:
    """For which form the paper is brought: the one that waits for it, or any of the casefile."""
    casefile = ident or NO_CASEFILE
    return Ticket(UUID(waiting) if waiting else casefile, page.person.user_id, casefile, PAPER, 0)


def _back_to(ident: UUID | None, act: str, kept: str, *, document: UUID | None = None) -> str:
    """The form that asks for a paper, with what was typed into it, and the new paper where there is one."""
    if ident is None:
        where = reverse("desk_finding")
    elif not act:
        return reverse("desk_casefile", args=[ident])
    else:
        where = reverse("desk_act", args=[ident, act])
    query = {"lanjut": kept} | ({"dokumen": str(document)} if document else {})
    return f"{where}?{urlencode(query)}"
