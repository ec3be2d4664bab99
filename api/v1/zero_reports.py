"""`/zero-reports`: say that there was nothing to report, and read who has said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse

from agencies import queries as directory
from api.contract.operations import Operation
from api.http import pagination
from api.http.idempotency import Answer, Owner, once, owner_seen
from api.http.idempotency_key import request_facts
from api.http.problems import Problem
from api.http.queries import Paged, Writing
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from casefiles.intake import zero_reports
from casefiles.intake.zero_reports import ZeroReportFilters, ZeroReportGiven, ZeroReportWithdrawn
from casefiles.models import ZeroReport
from casefiles.queries import ZeroReportQuerySet
from casefiles.transitions.unit import Unit


@dataclass(frozen=True, kw_only=True)
class ZeroReportList(ZeroReportFilters, Paged):
    """GET /zero-reports."""


class ZeroReportsView(DoorView):
    """Report that there was nothing, or list what was reported so, as far as the caller may see."""

    required_scopes: ClassVar = {"get": "casefiles:read", "post": "casefiles:write"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": ZeroReportList, "post": Writing}
    operations: ClassVar = {
        "get": Operation(
            "list_zero_reports",
            tag="zero-reports",
            id="Daftar laporan nihil",
            en="Zero reports",
            description=(
                "Terlihat oleh instansi itu sendiri, kantor Bawaslu di atasnya, pemeriksa yang mandatnya berlaku, dan "
                "auditor. Instansi pegawai tidak melihat laporan instansi lain.\n\nSeen by the agency itself, the "
                "offices of Bawaslu above it, the examiner whose mandate is in force, and auditors. An employer never "
                "sees another's."
            ),
            answer="ZeroReportPage",
        ),
        "post": Operation(
            "record_zero_report",
            tag="zero-reports",
            id="Laporkan nihil",
            en="Report that there was nothing",
            description=(
                "`findings`: kantor pengawas pemilu, untuk dirinya atau kantor di bawahnya, tidak meregister temuan "
                "netralitas. `sanctions`: instansi pegawai, untuk dirinya sendiri, tidak menjatuhkan hukuman dan tidak "
                "ada yang ditunggu darinya. Keduanya dengan scope `casefiles:write`. Ditolak bila register mencatat "
                "lain. Laporan tidak pernah diubah: yang keliru tetap ada beserta `contradicted_by`; tarik dengan "
                "`/withdraw`, lalu laporkan periode yang benar.\n\n"
                "`findings`: an election supervisor, for itself or an office below it, registered no neutrality "
                "finding. `sanctions`: an employer, for itself, imposed no sanction and none was outstanding. "
                "Both with the scope `casefiles:write`. Refused where the register says otherwise. A "
                "report is never changed: a wrong one stays, with its `contradicted_by`; withdraw it by `/withdraw`, "
                "then report the right period."
            ),
            body=ZeroReportGiven,
            answer="ZeroReportRecorded",
            status=201,
            tagged=True,
            located=True,
            refuses=("wrong-party", "not-your-office", "zero-report-exists", "register-says-otherwise"),
        ),
    }
    keyed: ClassVar = True

    def get(self, request: DoorRequest) -> HttpResponse:
        """One page, newest first; nobody's name stands in it."""
        asked = request.asked(ZeroReportList)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        rows = zero_reports.reports_seen(request.actor, asked, now=request.now)
        page = list(pagination.after(rows, ("-pk",), window.after)[: window.fetch])
        against = zero_reports.contradicted([row.pk for row in page], actor=request.actor)
        body = pagination.page(
            page, of=window, position=lambda row: (str(row.pk),), shown=lambda row: _public(row, against)
        )
        presenting.record_access(request, route="/zero-reports", shown=[UUID(item["id"]) for item in body["data"]])
        return shown(request, body)

    def post(self, request: DoorRequest) -> HttpResponse:
        """Record it; it moves no casefile."""

        def act(_: Unit, __: None) -> Answer:
            given = request.given(ZeroReportGiven)
            sealed = zero_reports.record(
                actor=request.actor, given=given, now=request.now, request=request_facts(request)
            )
            return Answer(
                data={
                    **_whole(request, _visible(request).get(pk=sealed.stream)),
                    "receipt": presenting.receipt(sealed),
                },
                owner=Owner("zero_report", sealed.stream),
                status=201,
                version=1,
                location=f"{presenting.API}/zero-reports/{sealed.stream}",
            )

        return once(request, act, sight=owner_seen(lambda: _visible(request)))


class ZeroReportView(DoorView):
    """One zero report."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    recorded: ClassVar = ("get",)
    operations: ClassVar = {
        "get": Operation(
            "read_zero_report", tag="zero-reports", id="Satu laporan nihil", en="One zero report", answer="ZeroReport",
            tagged=True,
        )
    }  # fmt: skip

    def get(self, request: DoorRequest, zero_report: str) -> HttpResponse:
        """What was said, who answers for it, and how many casefiles contradict it now."""
        ident = identifier(zero_report)
        row = _visible(request).filter(pk=ident).first()
        if row is None:
            raise Problem("not-found")
        data = _whole(request, row)
        presenting.record_access(request, route="/zero-reports/{id}", shown=[ident])
        return shown(request, data, version=1 if row.withdrawal is None else 2)


class WithdrawView(DoorView):
    """Withdraw one zero report."""

    required_scopes: ClassVar = {"post": "casefiles:write"}
    queries: ClassVar = {"post": Writing}
    keyed: ClassVar = True
    operations: ClassVar = {
        "post": Operation(
            "withdraw_zero_report",
            tag="zero-reports",
            id="Tarik laporan nihil",
            en="Withdraw a zero report",
            description=(
                "Oleh instansi itu, yang melaporkannya, atau kantor Bawaslu di atasnya. Laporan tetap terbaca dengan "
                "`withdrawn` dan tidak dihitung lagi; periode yang sama dapat dilaporkan kembali.\n\n"
                "By the agency itself, by who reported it, or by an office of Bawaslu above it. The report stays "
                "readable with `withdrawn` and counts no more; the same period may be reported again."
            ),
            body=ZeroReportWithdrawn,
            answer="ZeroReportRecorded",
            tagged=True,
            refuses=("not-your-office", "withdrawn-already"),
        )
    }

    def post(self, request: DoorRequest, zero_report: str) -> HttpResponse:
        """Record the withdrawal; the report's second entry."""
        ident = identifier(zero_report)

        def seen(_: Owner | None) -> ZeroReport:
            row: ZeroReport | None = _visible(request).select_related("agency__parent").filter(pk=ident).first()
            if row is None:
                raise Problem("not-found")
            return row

        def act(_: Unit, __: None) -> Answer:
            given = request.given(ZeroReportWithdrawn)
            sealed = zero_reports.withdraw(
                actor=request.actor,
                report=seen(None),
                given=given,
                now=request.now,
                request=request_facts(request),
            )
            return Answer(
                data={**_whole(request, seen(None)), "receipt": presenting.receipt(sealed)},
                owner=Owner("zero_report", ident),
                version=2,
            )

        return once(request, act, sight=seen)


def _visible(request: DoorRequest) -> ZeroReportQuerySet:
    return zero_reports.visible_reports(request.actor, now=request.now)


def _public(row: Any, against: Mapping[UUID, int]) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "agency": {"code": row.agency.code, "name": row.agency.name},
        "subject": row.subject,
        "election": row.election or None,
        "period": {"from": row.period_from, "until": row.period_until},
        "reported_by": {"code": row.reported_by.code, "name": row.reported_by.name},
        "created_at": row.created_at,
        "contradicted_by": against.get(row.pk, 0),
        "withdrawn_at": row.withdrawal,
        "href": f"{presenting.API}/zero-reports/{row.pk}",
    }


def _whole(request: DoorRequest, row: Any) -> dict[str, Any]:
    content = zero_reports.content_of(row.pk, whole=row.sees_all)
    return {
        **_public(row, zero_reports.contradicted([row.pk], actor=request.actor)),
        "letter": presenting.in_order(content.get("letter"), ("number", "date", "document")),
        "official": presenting.in_order(content.get("official"), ("name", "nip", "position")),
        "text": content.get("text"),
        "withdrawal": _withdrawal(content.get("withdrawal"), row),
    }


def _withdrawal(held: Mapping[str, Any] | None, row: Any) -> dict[str, Any] | None:
    if held is None:
        return None
    official = presenting.in_order(held.get("official"), ("name", "nip", "position"))
    by, known = held.get("withdrawn_by"), {row.agency.code: row.agency.name, row.reported_by.code: row.reported_by.name}
    withdrawn_by = presenting.named(by, known if by is None or by in known else directory.names({by}))
    return {"reason": held.get("reason"), "official": official, "withdrawn_by": withdrawn_by}
