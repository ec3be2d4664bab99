"""Unduhan: asking for an export, seeing how it comes along, taking it, and the list of one's own.

Nobody sees another person's. A page that waits asks again by itself (`Refresh`), without a script.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from casefiles.sight.casefiles import sight_of
from console import tasks, telling
from console.exports import asked, storage
from console.http import PageRequest
from console.models import Export
from console.recording import record
from console.sign_in.again import proved
from jobs import gauges
from jobs.queue import defer, deferring, under_way

LISTED: Final = 50
LONGEST_QUERY: Final = 4_000
AT_ONCE: Final = 5
"""Exports of one person that may be under way."""
AGAIN_AFTER_S: Final = 3
SLOW_AFTER_S: Final = 15
"""Seconds without a worker before the page says so."""
STATES: Final[Mapping[str, Promise]] = {
    "waiting": gettext_lazy("menunggu giliran"),
    "doing": gettext_lazy("sedang dibuat"),
    "done": gettext_lazy("siap diunduh"),
    "deleted": gettext_lazy("sudah dihapus"),
    "refused": gettext_lazy("tidak dapat dibuat"),
    "failed": gettext_lazy("gagal"),
}
UNFINISHED: Final = frozenset({"waiting", "doing"})
FAULTS: Final[Mapping[str, Promise]] = {
    "too-many": gettext_lazy("Barisnya terlalu banyak untuk satu berkas. Pakai saringan yang lebih sempit."),
    "not-seen": gettext_lazy("Instansi Anda tidak, atau tidak lagi, berhak melihatnya."),
    "person-ended": gettext_lazy("Akun yang memintanya sudah berakhir."),
    "too-old": gettext_lazy("Permintaan ini menunggu lebih dari sehari. Mintalah sekali lagi."),
    "filters": gettext_lazy("Saringannya tidak berlaku lagi. Mintalah sekali lagi dari halamannya."),
    "beyond-head": gettext_lazy("Nomor log itu belum ada."),
    "erased": gettext_lazy("Isi perkara ini sudah dihapus menurut hukum."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One export in words."""

    id: UUID
    title: Promise
    format: Promise
    filters: list[tuple[str, str]]
    asked_at: str
    state: str
    said: Promise
    fault: Promise | None
    export: Export

    @property
    def percent(self) -> int | None:
        """How far it is, where that is known."""
        total = self.export.rows_total
        return min(100 * self.export.rows_done // total, 100) if total else None


def show(request: HttpRequest) -> HttpResponse:
    """The list of one's own; with POST, one more."""
    page = cast("PageRequest", request)
    if request.method == "POST":
        return _ask(page)
    rows = list(Export.objects.filter(user=page.person.user_id).order_by("-asked_at")[:LISTED])
    return render(request, "console/downloads.html", {"lines": _lines(page, rows)})


def one(request: HttpRequest, ident: UUID) -> HttpResponse:
    """How it comes along; while it does, the page comes again by itself."""
    page = cast("PageRequest", request)
    (line,) = _lines(page, [_own(page, ident)])
    queue = gauges.read() if line.state in UNFINISHED else None
    waited = (page.now - line.export.asked_at).total_seconds()
    said = {
        "line": line,
        "no_worker": line.state == "waiting" and queue is not None and not queue.workers and waited > SLOW_AFTER_S,
        "ahead": queue.waiting - 1 if queue is not None and line.state == "waiting" else 0,
        "again_after": AGAIN_AFTER_S,
    }
    response = render(request, "console/download.html", said)
    if line.state in UNFINISHED:
        response.headers["Refresh"] = str(AGAIN_AFTER_S)
    return response


def file(request: HttpRequest, ident: UUID) -> HttpResponse | FileResponse:
    """The file itself; taking it is recorded."""
    page = cast("PageRequest", request)
    export = _own(page, ident)
    if not export.stored_as or (export.expires_at and export.expires_at <= page.now):
        return HttpResponseRedirect(reverse("download", args=[ident]))
    try:
        opened = storage.path_of(export.stored_as).open("rb")
    except FileNotFoundError:
        return render(request, "console/download_gone.html", {"ident": ident}, status=410)
    record(page, route="/unduhan/{id}/berkas", shown=[export.casefile] if export.casefile else ())
    media_type, ending = asked.MEDIA_TYPES[export.format]
    response = FileResponse(opened, as_attachment=True, filename=_name(export, ending), content_type=media_type)
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(export.sha256)).decode()}:"
    return response


def _name(export: Export, ending: str) -> str:
    kind = {"casefiles": "perkara", "statistics": "statistik", "accesses": "akses", "casefile": "berkas"}[export.kind]
    return f"lintas-{kind}-{export.asked_at:%Y%m%d-%H%M%S}.{ending}"


# -- asking ------------------------------------------------------------------------------------------------------------


def dossier(request: HttpRequest, ident: UUID) -> HttpResponse:
    """The two kinds of file that there are of one casefile."""
    page = cast("PageRequest", request)
    if sight_of(page.actor, ident) is None:
        raise Http404
    if request.method == "POST":
        return _put(page, Asked("casefile", "pdf", casefile=ident))
    return render(request, "console/dossier.html", {"ident": ident, "may_open": page.actor.is_auditor})


@proved
def dossier_with_content(request: HttpRequest, ident: UUID) -> HttpResponse:
    """The one that opens what the log commits to, the NIP in it: for auditors who have just proved who they are."""
    page = cast("PageRequest", request)
    if sight_of(page.actor, ident) is None:
        raise Http404
    if not page.actor.is_auditor:
        raise PermissionDenied
    if request.method == "POST":
        return _put(page, Asked("casefile", "pdf", casefile=ident, opens_content=True))
    return render(request, "console/dossier.html", {"ident": ident, "opens_content": True})


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for."""

    kind: str
    format: str
    query: str = ""
    casefile: UUID | None = None
    opens_content: bool = False


def _ask(page: PageRequest) -> HttpResponse:
    given = page.POST
    wanted = Asked(given.get("kind", ""), given.get("format", ""), given.get("query", ""))
    fits = wanted.kind != "casefile" and wanted.format in asked.FORMATS_OF.get(wanted.kind, ())
    if not fits or len(wanted.query) > LONGEST_QUERY:
        return _refused(page, [_("Bentuk berkas itu tidak ada untuk halaman ini.")])
    form = asked.filters_of(wanted.kind, wanted.query, actor=page.actor)
    if not form.is_valid():
        return _refused(page, [text for texts in form.errors.values() for text in texts])
    return _put(page, wanted)


def _put(page: PageRequest, wanted: Asked) -> HttpResponse:
    """Note it, together with its job, and lead to the page that waits."""
    if len(_under_way(page)) >= AT_ONCE:
        reason = _("Sudah ada %(number)s unduhan Anda yang belum selesai. Tunggu sampai salah satunya selesai.")
        return _refused(page, [reason % {"number": AT_ONCE}], status=429)
    with deferring():
        export = Export.objects.create(
            id=uuid4(),
            user_id=page.person.user_id,
            agency_id=page.actor.agency_id,
            person_name=page.person.name,
            purpose=page.purpose,
            language=get_language() or settings.LANGUAGE_CODE,
            kind=wanted.kind,
            format=wanted.format,
            query=wanted.query,
            casefile=wanted.casefile,
            opens_content=wanted.opens_content,
            request_id=page.request_id,
            asked_at=page.now,
        )
        export.job = defer(tasks.make_export, export=export.pk)
        export.save(update_fields=("job",))
    return HttpResponseRedirect(reverse("download", args=[export.pk]))


def _under_way(page: PageRequest) -> list[Export]:
    # What was asked for earlier is refused when its turn comes.
    recent = Export.objects.filter(
        user=page.person.user_id, made_at__isnull=True, fault="", asked_at__gt=page.now - asked.LIVES
    )
    rows = list(recent.order_by("-asked_at"))
    live = under_way({row.job for row in rows if row.job is not None})
    return [row for row in rows if row.job in live]


def _refused(page: PageRequest, reasons: list[Any], *, status: int = 400) -> HttpResponse:
    return render(page, "console/download_refused.html", {"reasons": reasons}, status=status)


# -- telling -----------------------------------------------------------------------------------------------------------


def _own(page: PageRequest, ident: UUID) -> Export:
    """That export of this person. Raises Http404 for everybody else's."""
    found = Export.objects.filter(pk=ident, user=page.person.user_id).first()
    if found is None:
        raise Http404
    return found


def _lines(page: PageRequest, rows: list[Export]) -> list[Line]:
    live = under_way({row.job for row in rows if row.job is not None and row.made_at is None and not row.fault})
    lines = []
    for row in rows:
        state = _state(row, live, page)
        lines.append(
            Line(
                id=row.pk,
                title=asked.TITLES[row.kind],
                format=asked.FORMATS[row.format],
                filters=_filters(page, row),
                asked_at=telling.instant(row.asked_at),
                state=state,
                said=STATES[state],
                fault=FAULTS.get(row.fault) if row.fault else None,
                export=row,
            )
        )
    return lines


def _state(row: Export, live: Mapping[int, str], page: PageRequest) -> str:
    if row.fault:
        return "refused"
    if row.made_at is not None:
        return "done" if row.stored_as and row.expires_at and row.expires_at > page.now else "deleted"
    if row.job in live:
        return "doing" if live[cast("int", row.job)] == "doing" else "waiting"
    return "failed"


def _filters(page: PageRequest, row: Export) -> list[tuple[str, str]]:
    """The filters as they were asked for, each parameter by its field's label; no question to the database."""
    if row.kind == "casefile":
        return []
    people = [("", ""), (page.actor.client_id, page.person.name)]
    form = asked.filters_of(row.kind, row.query, actor=page.actor, people=people)
    return asked.as_asked(form)
