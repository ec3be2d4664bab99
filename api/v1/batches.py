"""`/batches`: up to 5,000 findings, acceptances, acknowledgements and sanction reports in one body, line by line.

The answer comes line by line as well, while the work goes on. Whoever lost it sends the same body with the same key:
what was done is told again, and only what is missing is done.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from api.contract.operations import LinesBody, Operation
from api.http import batching, ndjson, pagination, quotas, rendering, security
from api.http.batching import Run
from api.http.problems import Problem
from api.http.queries import Paged, Writing
from api.http.quotas import Holder
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.models import Batch
from api.v1 import batch_lines, presenting
from casefiles.shapes import Doc

Lines = tuple[tuple[int, bytes], ...]

AT_ONCE: Final = 4
"""Batches that one process works on; each takes a thread for as long as a line needs it."""
AT_ONCE_EACH: Final = 2
"""Of one client: a vendor's works for many employers, and leaves places to others."""
_working: Final[Counter[int]] = Counter()
_trying: Final[set[Holder]] = set()
"""Who only tries a batch here now: one each, or a client would take the places of all."""
_turn: Final = threading.Lock()

KEEP_EVERY_S: Final = 1.0
"""Seconds after which a run says that it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResults(Paged):
    """GET /batches/{batch}/results."""

    refused: (
        Annotated[
            bool,
            Doc(id="true: hanya yang ditolak; false: hanya yang diterima", en="true: refused; false: accepted"),
        ]
        | None
    ) = None  # fmt: skip


class BatchesView(DoorView):
    """Send many acts together."""

    required_scopes: ClassVar = {"post": None}
    queries: ClassVar = {"post": Writing}
    produces: ClassVar = (ndjson.MEDIA_TYPE,)
    keyed: ClassVar = True
    operations: ClassVar = {
        "post": Operation(
            "send_batch",
            tag="batches",
            id="Kirim banyak perbuatan sekaligus",
            en="Send many acts together",
            description=(
                "Satu objek JSON per baris (`application/x-ndjson`), paling banyak 5.000 baris dan 8 MB. Tiap baris "
                "adalah satu perbuatan dengan transaksi, kunci, dan tanda terimanya sendiri, diperiksa seperti "
                "panggilan tunggalnya: scope, hak lihat, versi, dan penjaga. Jawabannya juga baris demi baris: `kind` "
                "`batch`, lalu `line` untuk tiap baris, lalu `end`. Jawaban tanpa `end` terputus: kirim lagi badan "
                "dan kunci yang sama; yang sudah selesai dijawab ulang, hanya sisanya dikerjakan. Baris yang ditolak "
                "diperbaiki dan dikirim sebagai batch baru dengan kunci baru. Tiap baris dihitung dalam kuota tulis; "
                "satu klien mengerjakan satu batch pada satu saat.\n\n"
                "One JSON object a line (`application/x-ndjson`), at most 5,000 lines and 8 MB. Each line is one act "
                "with its own transaction, key and receipt, judged as its single call is: scope, sight, version and "
                "guards. The answer comes line by line as well: `kind` `batch`, then a `line` for each line, then "
                "`end`. An answer without `end` was cut: send the same body with the same key again; what was done is "
                "told again, and only the rest is done. Mend refused lines and send them as a new batch under a new "
                "key. Each line counts against the quota of writes; a client has one batch worked on at a time."
            ),
            body=LinesBody(ndjson.MEDIA_TYPE, tuple(batch_lines.SHAPES.values())),
            answer="BatchAnswer",
            media_type=ndjson.MEDIA_TYPE,
            refuses=("insufficient-scope", "batch-too-large", "batch-in-progress", "too-many-at-once"),
        )
    }

    def read_body(self, request: HttpRequest) -> Any:
        """The lines, each to be read when its turn comes."""
        return ndjson.lines_of(request)

    def _check_scope(self, request: DoorRequest, method: str) -> None:
        """Each act asks for its own; who holds none of them is refused at once."""
        if not request.actor.scopes & set(batch_lines.SCOPES.values()):
            raise Problem("insufficient-scope", params={"scope": "casefiles:write"})

    def post(self, request: DoorRequest) -> HttpResponseBase:
        """Begin, or go on where an earlier run was cut, and answer line by line."""
        lines: Lines = request.json
        batch = run = None
        if not request.validates_only:
            body = request._request.body
            batch = batching.opened(request, lines=len(lines), body=body)
        _take_place(request.actor.client_pk)
        try:
            whose = quotas.holder_of(request.actor)
            if batch is None:
                _begin_trying(whose)
            else:
                run = batching.begun(batch, whose=whose)
        except BaseException:
            _give_place_back(request.actor.client_pk)
            raise
        working = _Working(request, lines, batch, run)
        response = StreamingHttpResponse(working, content_type=ndjson.MEDIA_TYPE)
        # Every line is sent as soon as it is there (`config.asgi`).
        response.line_by_line = True  # type: ignore[attr-defined]
        if batch is not None:
            response["Location"] = _href(batch.pk)
        return response


class _Working:
    """The lines of an answer, each made when it is asked for. Whoever leaves half way closes it."""

    def __init__(self, request: DoorRequest, lines: Lines, batch: Batch | None, run: Run | None) -> None:
        self._request, self._lines, self._batch, self._run = request, lines, batch, run
        self._parts = self._made()
        self._is_open = True
        self._told: set[str] = set()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the places back, once."""
        if self._is_open:
            self._is_open = False
            if self._run is not None:
                self._run.end()
            else:
                _trying.discard(quotas.holder_of(self._request.actor))
            _give_place_back(self._request.actor.client_pk)

    def _made(self) -> Iterator[bytes]:
        batch = self._batch
        known = batching.answers(batch) if batch is not None else {}
        yield _line({"kind": "batch", "batch": _named(batch), "lines": len(self._lines), "answered": len(known)})
        counted = {"done": 0, "refused": 0}
        stopped: Problem | None = None
        kept = time.monotonic()
        for number, line in self._lines:
            if stopped is None and self._run is not None and time.monotonic() - kept >= KEEP_EVERY_S:
                kept = time.monotonic()
                stopped = None if self._run.goes_on() else batching.taken()
            if number in known:
                status, said, is_kept = (*known[number], True)
            elif stopped is not None:
                continue
            else:
                came = batch_lines.done(self._request, number, line, batch=batch.pk if batch is not None else None)
                status, said, is_kept, stopped = came.status, came.said, came.is_kept, came.ends
                self._tell_security(came)
            if is_kept or batch is None:
                counted["refused" if status >= 400 else "done"] += 1
            yield _line({"kind": "line", **batch_lines.shown(number, status, said, language=self._request.language)})
        left = len(self._lines) - sum(counted.values())
        yield _line({"kind": "end", **counted, "left": left, "stopped": self._why(stopped)})

    def _tell_security(self, came: batch_lines.Done) -> None:
        """What a line was refused with is told as the single call's refusal is: of each code once in a batch."""
        problem = came.said.get("problem")
        if problem is not None and (code := problem["en"]["code"]) not in self._told:
            self._told.add(code)
            reasons = [one["code"] for one in problem["en"].get("errors", ())]
            security.note_refusal(self._request._request, code, reasons, status=came.status)

    def _why(self, stopped: Problem | None) -> Any:
        if stopped is None:
            return None
        return stopped.in_language(self._request.language, instance=f"urn:uuid:{self._request.request_id}")


class BatchView(DoorView):
    """How far one's own batch is."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    operations: ClassVar = {
        "get": Operation(
            "read_batch",
            tag="batches",
            id="Kemajuan satu batch",
            en="How far a batch is",
            description=(
                "Hanya batch klien sendiri. `running` salah dan `left` lebih dari 0: kirim lagi badan dan kunci yang "
                "sama. / One's own batches only. Where `running` is false and `left` is above 0, send the same body "
                "and key again."
            ),
            answer="Batch",
        )
    }

    def get(self, request: DoorRequest, batch: str) -> HttpResponse:
        """Lines done, refused and left."""
        kept = batching.own(request, identifier(batch))
        far = batching.progress(kept)
        return shown(
            request,
            {
                "id": str(kept.pk),
                "created_at": kept.created_at,
                "lines": far.lines,
                "done": far.done,
                "refused": far.refused,
                "left": far.left,
                "running": batching.is_running(kept, whose=quotas.holder_of(request.actor)),
                "href": _href(kept.pk),
                "results": f"{_href(kept.pk)}/results",
            },
        )


class BatchResultsView(DoorView):
    """What came of the lines of one's own batch."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": BatchResults}
    operations: ClassVar = {
        "get": Operation(
            "list_batch_results",
            tag="batches",
            id="Jawaban tiap baris",
            en="What came of each line",
            description=(
                "Menurut nomor baris. Memuat id, versi, dan tanda terima, bukan isi barisnya; berakhir bersama "
                "jawaban tersimpan. / By line number. Ids, versions and receipts, not what the lines said; they end "
                "when kept answers do."
            ),
            answer="BatchResultPage",
        )
    }

    def get(self, request: DoorRequest, batch: str) -> HttpResponse:
        """One page, by line number."""
        asked = request.asked(BatchResults)
        kept = batching.own(request, identifier(batch))
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        page = list(
            pagination.after(batching.results(kept, refused=asked.refused), ("number",), window.after)[: window.fetch]
        )
        body = pagination.page(
            page,
            of=window,
            position=lambda row: (row.number,),
            shown=lambda row: batch_lines.shown(row.number, row.status, row.said, language=request.language),
        )
        made = [UUID(one["id"]) for item in body["data"] for one in item.get("casefiles", ())]
        presenting.record_access(request, route="/batches/{id}/results", shown=made)
        return shown(request, body)


def _take_place(client: int) -> None:
    """Raise Problem `too-many-at-once` where this process works on as many as it may, or as many of one client."""
    with _turn:
        if _working.total() >= AT_ONCE or _working[client] >= AT_ONCE_EACH:
            raise Problem("too-many-at-once", headers={"Retry-After": "5"})
        _working[client] += 1


def _give_place_back(client: int) -> None:
    with _turn:
        _working[client] -= 1
        if not _working[client]:
            del _working[client]


def _begin_trying(whose: Holder) -> None:
    """Raise Problem `batch-in-progress` while they only try another batch in this process."""
    with _turn:
        if whose in _trying:
            raise batching.taken()
        _trying.add(whose)


def _href(batch: UUID) -> str:
    return f"{presenting.API}/batches/{batch}"


def _named(batch: Batch | None) -> dict[str, str] | None:
    return None if batch is None else {"id": str(batch.pk), "href": _href(batch.pk)}


def _line(data: Any) -> bytes:
    return rendering.dumps(data) + b"\n"
