"""`/statistics/snapshots`: freeze a set of numbers under a name, list what was frozen, read it, take it as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpResponse

from api.contract.operations import CSV, Operation
from api.http import pagination
from api.http.idempotency import Answer, Owner, once, owner_seen
from api.http.idempotency_key import request_facts
from api.http.problems import Problem
from api.http.queries import Paged, Writing
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from casefiles.models import Snapshot
from casefiles.queries import SnapshotQuerySet
from casefiles.statistics import snapshot_files, snapshots
from casefiles.statistics.snapshots import SnapshotGiven
from casefiles.transitions.unit import Unit


@dataclass(frozen=True, kw_only=True)
class SnapshotList(Paged):
    """GET /statistics/snapshots."""


class SnapshotsView(DoorView):
    """Freeze numbers, or list what was frozen."""

    required_scopes: ClassVar = {"get": "casefiles:read", "post": "casefiles:read"}
    queries: ClassVar = {"get": SnapshotList, "post": Writing}
    operations: ClassVar = {
        "get": Operation(
            "list_snapshots",
            tag="statistics",
            id="Daftar cuplikan angka",
            en="Snapshots of numbers",
            description=(
                "Yang terbit terlihat oleh siapa pun; yang belum, oleh pemeriksa dan auditor.\n\nPublished ones are "
                "seen by everybody, others by examiners and auditors."
            ),
            answer="SnapshotPage",
        ),
        "post": Operation(
            "take_snapshot",
            tag="statistics",
            id="Bekukan angka",
            en="Freeze numbers",
            description=(
                "Pemeriksa dan auditor membekukan satu set tabel pada satu nomor log, dengan nama. Cuplikan tidak "
                "pernah berubah, apa pun yang digabungkan, dibuka kembali, atau dihapus kemudian; entrinya dalam log "
                "memuat komitmen atas setiap bitanya. Semua tabelnya ditahan bersama-sama: tidak ada sel 1-4, dan "
                "tidak ada yang dapat dihitung dari tabel lain dalam cuplikan itu. Dengan `published: true` cuplikan "
                "langsung terbit, juga pada halaman Angka tanpa token; sesudahnya tidak dapat ditarik. Untuk "
                "menerbitkan yang belum terbit, bekukan lagi pada `as_of` yang sama. Angkanya dihitung atas perkara "
                "yang terlihat oleh instansi Anda (`sight`).\n\n"
                "Examiners and auditors freeze a set of tables as of one index of the log, under a name. A snapshot "
                "never changes, whatever is merged, reopened or erased later; its entry in the log commits to each of "
                "its bytes. All its tables are withheld together: no cell of 1-4, and none that follows from another "
                "table of the snapshot. With `published: true` it is published at once, also on the page Angka "
                "without a token, and cannot be taken back. To publish one that is not, freeze again at the same "
                "`as_of`. The numbers are counted over the casefiles that your agency sees (`sight`)."
            ),
            body=SnapshotGiven,
            answer="SnapshotRecorded",
            status=201,
            tagged=True,
            located=True,
            refuses=("wrong-party", "not-in-office", "near-published", "snapshot-exists", "beyond-head"),
        ),
    }
    keyed: ClassVar = True

    def get(self, request: DoorRequest) -> HttpResponse:
        """One page, newest first, without the tables."""
        asked = request.asked(SnapshotList)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        rows = _visible(request)
        page = list(pagination.after(rows, ("-pk",), window.after)[: window.fetch])
        body = pagination.page(page, of=window, position=lambda row: (str(row.pk),), shown=_public)
        return shown(request, body)

    def post(self, request: DoorRequest) -> HttpResponse:
        """Freeze them; no casefile changes."""

        def act(_: Unit, __: None) -> Answer:
            given = request.given(SnapshotGiven)
            sealed = snapshots.take(actor=request.actor, given=given, now=request.now, request=request_facts(request))
            return Answer(
                data={
                    **_whole(_visible(request).get(pk=sealed.stream)),
                    "receipt": presenting.receipt(sealed),
                },
                owner=Owner("snapshot", sealed.stream),
                status=201,
                version=1,
                location=f"{presenting.API}/statistics/snapshots/{sealed.stream}",
            )

        return once(request, act, sight=owner_seen(lambda: _visible(request)))


class SnapshotView(DoorView):
    """One snapshot."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    operations: ClassVar = {
        "get": Operation(
            "read_snapshot", tag="statistics", id="Satu cuplikan angka", en="One snapshot", answer="Snapshot",
            tagged=True,
        )
    }  # fmt: skip

    def get(self, request: DoorRequest, snapshot: str) -> HttpResponse:
        """The numbers as they were frozen."""
        return shown(request, _whole(_found(request, snapshot)), version=1)


class SnapshotFileView(DoorView):
    """One snapshot as a file for a spreadsheet."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    produces: ClassVar = (CSV, "application/json")
    operations: ClassVar = {
        "get": Operation(
            "read_snapshot_csv",
            tag="statistics",
            id="Satu cuplikan angka sebagai CSV",
            en="One snapshot as CSV",
            description=(
                "Satu baris per sel: tabel, kunci, nama, ukuran, angka; kosong: ditahan. UTF-8 dengan BOM, koma.\n\n"
                "One line per cell: table, key, name, measure, number; empty: withheld. UTF-8 with a BOM, commas."
            ),
            answer="SnapshotFile",
            media_type=CSV,
        )
    }

    def get(self, request: DoorRequest, snapshot: str) -> HttpResponse:
        """The file."""
        row = _found(request, snapshot)
        response = HttpResponse(snapshot_files.csv_of(row), content_type=f"{CSV}; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{snapshot_files.file_name(row)}"'
        return response


def _visible(request: DoorRequest) -> SnapshotQuerySet:
    return snapshots.visible(request.actor)


def _found(request: DoorRequest, snapshot: str) -> Snapshot:
    row: Snapshot | None = _visible(request).filter(pk=identifier(snapshot)).first()
    if row is None:
        raise Problem("not-found")
    return row


def _public(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": row.name,
        "index": row.index,
        "published": row.published,
        "taken_by": {"code": row.agency.code, "name": row.agency.name},
        "created_at": row.created_at,
        "digest": snapshots.digest_of(row),
        "href": f"{presenting.API}/statistics/snapshots/{row.pk}",
    }


def _whole(row: Any) -> dict[str, Any]:
    return {**_public(row), "content": snapshots.read(row)}
