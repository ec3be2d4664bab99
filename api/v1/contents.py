"""`/documents/{id}/content`: the bytes that a descriptor describes, brought by its owner and read by who sees them."""

from __future__ import annotations

import base64
import re
from typing import Any, ClassVar, Final
from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from api.contract.operations import BytesBody, Operation
from api.http import rendering, uploads
from api.http.idempotency_key import request_facts
from api.http.preconditions import is_unchanged
from api.http.problems import Problem
from api.http.view import DoorRequest, DoorView, answer, identifier
from api.v1 import presenting
from casefiles.sight import first_readings
from contents import keeping
from contents.keeping import Reading
from contents.models import Content
from contents.receiving import BEGINS

MEDIA_TYPES: Final = tuple(BEGINS)
ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}

_NOT_IN_NAMES: Final = '\\/:*?"<>|'
_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
# Nothing that the bytes say is obeyed, should a browser show them all the same.
_POLICY: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"


class ContentView(DoorView):
    """The content of one document."""

    required_scopes: ClassVar = {"get": "documents:read", "put": "documents:write"}
    recorded: ClassVar = ("get",)
    raw: ClassVar = ("put",)
    produces: ClassVar = ("application/json", *MEDIA_TYPES, "application/octet-stream")
    operations: ClassVar = {
        "put": Operation(
            "upload_content",
            tag="documents",
            id="Unggah isi berkas",
            en="Upload the content of a document",
            description=(
                "Byte berkas itu sendiri, tanpa kompresi, paling banyak 50 MB (PDF, JPEG, PNG). `Content-Digest: "
                "sha-256=:…:` wajib dan harus sama dengan `sha256` keterangannya; ukurannya juga. Diterima berarti "
                "`quarantined`: isi baru dapat dibaca sesudah pemindai menyatakannya bersih. Ulangi dengan byte yang "
                "sama: 204; byte lain: 409. Ambil token baru dahulu; dengan `Expect: 100-continue` penolakan datang "
                "sebelum isinya dikirim.\n\n"
                "The bytes themselves, uncompressed, 50 MB at most (PDF, JPEG, PNG). `Content-Digest: sha-256=:…:` is "
                "required and must equal the descriptor's `sha256`; so must the size. Taken in means `quarantined`: "
                "the content can be read once the scanner has called it clean. The same bytes again: 204; others: "
                "409. Buy a fresh token first; with `Expect: 100-continue` a refusal comes before the bytes are sent."
            ),
            body=BytesBody(MEDIA_TYPES),
            answer="ContentUploaded",
            status=201,
            refuses=(
                "content-not-offered",
                "not-your-document",
                "erased",
                "upload-digest-missing",
                "upload-digest-malformed",
                "content-not-accepted",
                "content-too-large",
                "content-differs",
                "content-damaged",
                "content-not-what-it-says",
                "content-over-quota",
                "content-no-room",
                "content-too-slow",
                "writes-paused",
            ),
        ),
        "get": Operation(
            "read_content",
            tag="documents",
            id="Baca isi berkas",
            en="Read the content of a document",
            description=(
                "Hanya isi yang bersih, kepada yang boleh melihat sidik keterangannya. `Range` satu rentang. "
                "Pembacaan dicatat.\n\n"
                "Clean content only, for whoever is shown the descriptor's digest. `Range`: one range. The read is "
                "recorded."
            ),
            answer=None,
            bytes=MEDIA_TYPES,
            refuses=("content-not-offered", "content-absent", "content-not-clean", "range-not-satisfiable"),
        ),
    }

    def put(self, request: DoorRequest, document: str) -> HttpResponse:
        """Take the bytes in; see `api.http.uploads` for why the server may ask twice."""
        ident = identifier(document)
        offered = uploads.offered(request._request, media_types=MEDIA_TYPES)
        upload = uploads.of(request._request)
        come = upload.draft if upload is not None and upload.is_whole else None
        try:
            intent = keeping.intend(actor=request.actor, document=ident, offered=offered, now=request.now)
            if isinstance(intent, Content):
                return self._here_already(come)
            draft = come or keeping.begin(intent)
        except BaseException:
            if come is not None:
                come.discard()
            raise
        if come is None and upload is not None:
            upload.draft = draft
            return HttpResponse(status=202)
        if come is None:
            uploads.read_into(draft, request._request)
        kept, sealed = keeping.keep(actor=request.actor, draft=draft, now=request.now, request=request_facts(request))
        if sealed is None:
            return HttpResponse(status=204)
        body = {"document": str(ident), "content": keeping.shown(kept), "receipt": presenting.receipt(sealed)}
        return answer(rendering.dumps(body), status=201)

    @staticmethod
    def _here_already(come: Any) -> HttpResponse:
        if come is not None:
            come.discard()
        return HttpResponse(status=204)

    def get(self, request: DoorRequest, document: str) -> HttpResponseBase:
        """The bytes, or a range of them."""
        ident = identifier(document)
        reading = keeping.readable(actor=request.actor, document=ident)
        size, sha256 = reading.content.size, reading.document.sha256
        tag = f'"1.{sha256[:8]}"'
        headers = {
            "ETag": tag,
            "Accept-Ranges": "bytes",
            "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:",
            "Content-Disposition": _disposition(reading),
            "Content-Security-Policy": _POLICY,
        }
        if is_unchanged(request.headers.get("If-None-Match"), tag):
            return HttpResponse(status=304, headers=headers)
        start, stop = _range(request, size=size, tag=tag)
        status = 206 if (start, stop) != (0, size) else 200
        if status == 206:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        headers["Content-Length"] = str(stop - start)
        media_type = reading.document.media_type
        presenting.record_access(request, route="/documents/{id}/content", shown=[ident])
        first_readings.note_document(
            document=ident, actor=request.actor, now=request.now, request=request_facts(request)
        )
        if request.method == "HEAD":
            return HttpResponse(status=status, headers=headers, content_type=media_type)
        return StreamingHttpResponse(
            reading.parts(start, stop), status=status, headers=headers, content_type=media_type
        )


def _range(request: DoorRequest, *, size: int, tag: str) -> tuple[int, int]:
    """Which bytes are asked for (RFC 9110, 14): one range; of several, or of none that is understood, all of them.

    Raises Problem `range-not-satisfiable`.
    """
    matched = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if matched is None or request.headers.get("If-Range", tag) != tag:
        return 0, size
    first, last = matched[1], matched[2]
    if not first and not last:
        return 0, size
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return 0, size
    if start >= stop:
        raise Problem("range-not-satisfiable", params={"size": size}, headers={"Content-Range": f"bytes */{size}"})
    return start, stop


def _disposition(reading: Reading) -> str:
    """As a file to keep, under its title (RFC 8187); never shown in place."""
    ending = ENDINGS[reading.document.media_type]
    fit = "".join(sign if sign.isprintable() and sign not in _NOT_IN_NAMES else " " for sign in reading.title)
    title = " ".join(fit.split())[:120].strip(". ") or "dokumen"
    return f"attachment; filename=\"dokumen.{ending}\"; filename*=UTF-8''{quote(f'{title}.{ending}', safe='')}"
