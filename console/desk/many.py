"""Banyak temuan: a sheet of findings, each row tried and answered on a page, and forwarded once that is confirmed.

Each row is an act of its own, by the same functions as a finding's form and with a receipt of its own. Its key is made
of who sends it and what it says: a list that broke off half way, or is uploaded again, goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, cast
from uuid import UUID, uuid5

import orjson
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from agencies.actor import Actor
from casefiles.flow.finding import FindingGiven
from console import words
from console.desk import connection, finding, forwarding, kept, sheets
from console.desk.acting import Asked, NotDone, refused_to_one
from console.desk.acts import foreign, was_done
from console.desk.casework import form_for, own_papers
from console.desk.forms import Form
from console.desk.kept import NO_CASEFILE, NoTicket, Ticket
from console.desk.officers import closed, officers_only
from console.desk.proof import officer_now, proves_first
from console.desk.sheets import Line, Unreadable
from console.http import PageRequest
from people import four_eyes

NAME: Final = "submit-list"
"""Stands for the transition in the ticket of a list."""
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@officers_only
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in."""
    page = _supervisor(request)
    content = sheets.template(own_papers(page), zone=page.actor.time_zone)
    response = HttpResponse(content, content_type=_XLSX)
    response["Content-Disposition"] = 'attachment; filename="temuan.xlsx"'
    return response


@officers_only
def show(request: HttpRequest) -> HttpResponseBase:
    """The page of a list; a POST with a file tries its rows, and one that confirms them forwards them."""
    page = _supervisor(request)
    if not connection.is_open():
        return closed(request)
    actor = officer_now(page)
    if actor is None:
        return proves_first(request, back=request.path)
    if page.method != "POST":
        return _page(page)
    desk = _List(page, actor, own_papers(page))
    if page.POST.get("_step") == "confirm":
        return desk.confirmed()
    file: Any = page.FILES.get("file")
    if file is None or not file.size:
        return _page(page, fault=_("Pilih berkasnya: templat yang sudah diisi (.xlsx)."), status=422)
    if file.size > sheets.PACKED:
        return _page(page, fault=_("Berkas paling besar 1 MB."), status=413)
    try:
        lines = sheets.read(file.file, desk.documents, zone=actor.time_zone)
    except Unreadable as why:
        return _page(page, fault=str(why), status=422)
    return desk.checked(lines)


def _supervisor(request: HttpRequest) -> PageRequest:
    page = cast("PageRequest", request)
    if finding.SUPERVISOR not in page.actor.roles:
        raise PermissionDenied
    return page


def _page(page: PageRequest, *, fault: str = "", status: int = 200, **said: Any) -> HttpResponse:
    two = four_eyes.wanted_by(page.actor.agency_id)
    said |= {"fault": fault, "most": sheets.MOST, "two": two}
    return render(page, "console/desk/many.html", said, status=status)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became, or would become, of a row: `faults` where it is refused, `form` (the key) where it is forwarded."""

    number: int
    what: str
    faults: Sequence[str] = ()
    makes: int = 0
    form: UUID | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that is to be forwarded: its key, what was typed by the form's names, and what Excel has spoiled of it."""

    number: int
    what: str
    key: UUID
    typed: dict[str, list[str]]
    spoiled: list[str]


@dataclass(frozen=True, slots=True)
class _List:
    """A list on its way."""

    page: PageRequest
    actor: Actor
    documents: Sequence[tuple[str, str]]

    def checked(self, lines: Sequence[Line]) -> HttpResponse:
        """Try every row; nothing is stored but what was typed, for the confirmation."""
        page = self.page
        ticket = kept.new_ticket(user=page.person.user_id, casefile=NO_CASEFILE, transition=NAME, version=0)
        try:
            forwarding.count_list(self._asked(ticket, {}), len(lines))
        except NotDone as refusal:
            return _page(page, fault=refusal.sentence, status=refusal.status)
        rows = [self._row(line) for line in lines]
        answers = [self._answer(ticket, row, self._tried) for row in rows]
        clean = sum(not answer.faults for answer in answers)
        kept.keep(ticket, {str(row.number): [orjson.dumps(asdict(row)).decode()] for row in rows}, now=page.wall)
        said: dict[str, Any] = {"answers": answers, "ticket": ticket.sealed()}
        said |= {"clean": clean, "wrong": len(answers) - clean}
        return _page(page, status=200 if clean else 422, **said)

    def confirmed(self) -> HttpResponse:
        """Forward every row that is accepted; each is its own act, and those that were done before stay done."""
        page = self.page
        try:
            ticket = kept.opened(page.POST.get("_ticket", ""))
        except NoTicket:
            return foreign(page)
        if (ticket.user, ticket.transition) != (page.person.user_id, NAME):
            return foreign(page)
        if four_eyes.wanted_by(self.actor.agency_id):
            return _page(page, fault=refused_to_one().sentence, status=409)
        found = kept.kept_for(page.person.user_id, str(ticket.form))
        if found is None:
            return _page(page, fault=_("Daftar ini tidak disimpan lagi. Unggah sekali lagi."), status=409)
        rows = [
            _Row(**{**told, "key": UUID(told["key"])})
            for texts in found[1].values()
            if (told := orjson.loads(texts[0]))
        ]
        try:
            forwarding.count_list(self._asked(ticket, {}), len(rows))
        except NotDone as refusal:
            return _page(page, fault=refusal.sentence, status=refusal.status)
        answers = [self._answer(ticket, row, self._forwarded) for row in rows]
        done = sum(not answer.faults for answer in answers)
        return _page(page, answers=answers, done=done, wrong=len(answers) - done, is_over=True)

    def _row(self, line: Line) -> _Row:
        """The row as it would be typed into the form. Its papers are looked for now: forwarded, they are free no more.

        The same person's row with the same content has the same key, and is the same act.
        """
        blank = sheets.blank(self.documents, zone=self.actor.time_zone)
        labels = {field.name: heading for field, heading in sheets.headings(blank)}
        said = _("%(column)s: Excel membulatkan bilangan sepanjang ini. Tulis sebagai teks.")
        written = orjson.dumps(dict(line.typed), option=orjson.OPT_SORT_KEYS).decode()
        return _Row(
            number=line.number,
            what=line.typed.get("register_number", ""),
            key=uuid5(NO_CASEFILE, f"{self.page.person.id}\n{written}"),
            typed=sheets.as_typed(line, self.documents, zone=self.actor.time_zone),
            spoiled=[said % {"column": labels[name]} for name in line.spoiled],
        )

    def _answer(self, ticket: Ticket, row: _Row, do: Callable[[Asked], Answer]) -> Answer:
        answer = Answer(row.number, row.what)
        if row.spoiled:
            return replace(answer, faults=row.spoiled)
        own = replace(ticket, form=row.key, transition=finding.NAME)
        if was_done(own):
            return replace(answer, form=row.key, again=True)
        form = form_for(self.page, FindingGiven, row.typed, documents=self.documents)
        try:
            done = do(self._asked(own, form.body()))
        except NotDone as refusal:
            return replace(answer, faults=_told(refusal, form))
        return replace(done, number=row.number, what=row.what)

    def _tried(self, asked: Asked) -> Answer:
        return Answer(0, "", makes=len(forwarding.tried(asked, is_counted=True).steps))

    def _forwarded(self, asked: Asked) -> Answer:
        is_new = forwarding.forwarded(asked, is_counted=True)
        return Answer(0, "", form=asked.ticket.form, again=not is_new)

    def _asked(self, ticket: Ticket, body: dict[str, Any]) -> Asked:
        return Asked(
            ticket=ticket,
            actor=self.actor,
            body=body,
            now=self.page.now,
            request_id=self.page.request_id,
            language="en" if words.is_english() else "id",
        )


def _told(refusal: NotDone, form: Form) -> list[str]:
    """Every reason against a row, with the column that it is about."""
    for fault in refusal.faults:
        form.complain(fault.pointer, fault.sentence)
    told = [*form.errors, *(f"{label}: {sentence}" for _ident, label, sentence in form.complaints())]
    return told or [refusal.sentence]
