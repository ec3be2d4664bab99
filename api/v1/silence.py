"""`/silent-agencies` and `/agencies/{agency}/register-gaps`: who has said nothing, which numbers a register skips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpResponse

from api.contract.operations import Operation
from api.http import pagination
from api.http.queries import Paged
from api.http.view import DoorRequest, DoorView, shown
from casefiles.catalogue.law import local_day
from casefiles.sight import register_gaps, silent
from casefiles.sight.register_gaps import GapsAsked, Series
from casefiles.sight.silent import SilentFilters


@dataclass(frozen=True, kw_only=True)
class SilentList(SilentFilters, Paged):
    """GET /silent-agencies."""


class SilentAgenciesView(DoorView):
    """Who owes what, and has said nothing since when. It tells of agencies and of no casefile: no read is recorded."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    queries: ClassVar = {"get": SilentList}
    operations: ClassVar = {
        "get": Operation(
            "list_silent_agencies",
            tag="zero-reports",
            id="Siapa diam, sejak kapan, dan apa yang ditunggu darinya",
            en="Who is silent, since when, and what is owed",
            description=(
                "Pemeriksa yang mandatnya berlaku dan auditor membaca setiap instansi; instansi lain membaca dirinya, "
                "kantor Bawaslu juga kantor di bawahnya. `silent_since` adalah hari sesudah temuan atau jawaban "
                "terakhir, atau sesudah laporan nihil terakhir yang tidak ditarik; bila tidak pernah ada, hari "
                "instansi itu mulai ikut serta. Diam bukan pelanggaran, dan bukan nihil.\n\n"
                "The examiner whose mandate is in force and auditors read every agency; others read themselves, an "
                "office of Bawaslu those below it as well. `silent_since` is the day after its last finding or answer, "
                "or after its last zero report that was not withdrawn; where there never was one, the day on which it "
                "began to take part. Silence is no breach, and is not none."
            ),
            answer="SilentAgencyPage",
        )
    }

    def get(self, request: DoorRequest) -> HttpResponse:
        """One page, by code."""
        asked = request.asked(SilentList)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        rows = silent.silent_seen(request.actor, asked, now=request.now)
        today = local_day(request.now, request.actor.time_zone)
        body = pagination.page(
            list(pagination.after(rows, ("code",), window.after)[: window.fetch]),
            of=window,
            position=lambda row: (row.code,),
            shown=lambda row: {
                "agency": {"code": row.code, "name": row.name},
                "subject": asked.subject,
                "acted_on": row.acted_on,
                "reported_until": row.reported_until,
                "never": row.acted_on is None and row.reported_until is None,
                "silent_since": row.silent_since,
                "weeks": silent.weeks_silent(row.silent_since, on=today),
                "waiting": row.waiting,
                "overdue": row.overdue,
                "oldest_due_on": row.oldest_due_on,
            },
        )
        return shown(request, body)


class RegisterGapsView(DoorView):
    """The numbers that an office's register skips."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    queries: ClassVar = {"get": GapsAsked}
    operations: ClassVar = {
        "get": Operation(
            "list_register_gaps",
            tag="findings",
            id="Nomor register yang terlewat",
            en="Numbers that a register skips",
            description=(
                "Bagi pemeriksa yang mandatnya berlaku, auditor, kantor itu sendiri, dan kantor di atasnya. Register "
                "Bawaslu memuat lebih dari temuan netralitas: nomor yang tidak ada di sini adalah pertanyaan, bukan "
                "kesalahan. Nomor sebelum yang pertama dan sesudah yang terakhir tidak diduga; nomor berbentuk lain "
                "dihitung pada `unread`.\n\n"
                "For the examiner whose mandate is in force, auditors, the office itself and those above it. Bawaslu's "
                "register holds more than findings of neutrality: a number that is not here is a question, no fault. "
                "Nothing is supposed before the first number or after the last; numbers of another form are counted "
                "by `unread`."
            ),
            answer="RegisterGaps",
            refuses=("not-your-office",),
        )
    }

    def get(self, request: DoorRequest, agency: str) -> HttpResponse:
        """All series of that office. It tells of numbers and of no casefile: no read is recorded."""
        asked = request.asked(GapsAsked)
        today = local_day(request.now, request.actor.time_zone)
        found = register_gaps.gaps(request.actor, agency, asked, on=today)
        return shown(
            request,
            {
                "office": {"code": found.office.code, "name": found.office.name},
                "series": [_series(one) for one in found.series],
                "unread": found.unread,
            },
        )


def _series(one: Series) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "election": one.election,
        "level": one.level,
        "bawaslu_place": {"of_bawaslu": one.place},
        "year": one.year,
        "first": one.first,
        "last": one.last,
        "present": one.present,
        "missing": one.missing,
        "ranges": [{"from": first, "until": last} for first, last in one.ranges],
        "repeated": list(one.repeated),
    }
