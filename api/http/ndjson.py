"""A body of many JSON objects, one a line (`application/x-ndjson`): a batch.

What is wrong with the body as a whole refuses all of it; what is wrong with a line is that line's own answer, so each
is read by itself when its turn comes (`strict.loads`).
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest

from api.http.problems import ErrorItem, Problem

MEDIA_TYPE: Final = "application/x-ndjson"
MOST_LINES: Final = 5_000
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def lines_of(request: HttpRequest) -> tuple[tuple[int, bytes], ...]:
    """The lines with their numbers from 1; blank ones are passed over, but counted, so that an editor agrees.

    Raises Problem `batch-too-large`, `unsupported-media-type`, or `malformed-json` for what is no list of lines.
    """
    most = settings.LINTAS_MAX_BATCH_BYTES
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isascii() and length.isdigit() and int(length) > most:
        raise _too_large("batch-bytes")
    media_type, *parameters = (part.strip().lower() for part in request.headers.get("Content-Type", "").split(";"))
    charset = next((part.partition("=")[2].strip('" ') for part in parameters if part.startswith("charset")), "utf-8")
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if media_type != MEDIA_TYPE or charset not in {"utf-8", "utf8"} or encoding not in {"", "identity"}:
        raise Problem("unsupported-media-type", headers={"Accept": MEDIA_TYPE})
    body = request.read(most + 1)
    if len(body) > most:
        raise _too_large("batch-bytes")
    # A signature is held against `request.body`, which Django would refuse to read beyond the size of one act.
    request._body = body  # Django's own place for it
    if body.startswith(_MARKS):
        raise Problem("malformed-json", errors=[ErrorItem("byte-order-mark")])
    if body.lstrip().startswith(b"["):
        raise Problem("malformed-json", errors=[ErrorItem("array-for-lines")])
    found = tuple((number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip())
    if not found:
        raise Problem("malformed-json", errors=[ErrorItem("empty-body")])
    if len(found) > MOST_LINES:
        raise _too_large("batch-lines")
    return found


def _too_large(code: str) -> Problem:
    params = {"lines": MOST_LINES, "megabytes": settings.LINTAS_MAX_BATCH_BYTES // 1024**2}
    return Problem("batch-too-large", params=params, errors=[ErrorItem(code, params=params)])
