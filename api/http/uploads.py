"""What an upload says of itself in its headers, and its body where the server leaves that to the view.

See `api.http.arriving` for the other way.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from django.http import HttpRequest

from api.http.arriving import UPLOAD, Upload
from api.http.problems import ErrorItem, Problem
from contents.receiving import Draft, Offered

PART: Final = 256 * 1024
"""Bytes that are taken in together."""

_ITEM: Final = re.compile(r"([a-z][a-z0-9-]*)=:([A-Za-z0-9+/]*={0,2}):")


def of(request: HttpRequest) -> Upload | None:
    """The upload that the server holds for this request; None where the view has to read the body."""
    found = request.META.get(UPLOAD)
    return found if isinstance(found, Upload) else None


def offered(request: HttpRequest, *, media_types: tuple[str, ...]) -> Offered:
    """Digest and length as the headers have them.

    Raises Problem `content-not-accepted`, `upload-digest-missing`, `upload-digest-malformed`.
    """
    media_type = request.headers.get("Content-Type", "").split(";")[0].strip().lower()
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if media_type not in {"", "application/octet-stream", *media_types} or encoding not in {"", "identity"}:
        raise Problem("content-not-accepted", headers={"Accept": ", ".join(media_types)})
    length = request.headers.get("Content-Length", "")
    # A body in chunks has no length beforehand; the server notes how long it was when it has come.
    is_stated = length.isascii() and length.isdigit() and "Transfer-Encoding" not in request.headers
    return Offered(digest=_sha256(request.headers.get("Content-Digest")), length=int(length) if is_stated else None)


def _sha256(header: str | None) -> bytes:
    """The SHA-256 of `Content-Digest: sha-256=:…:` (RFC 9530, 2); other algorithms beside it are passed over."""
    if header is None:
        raise Problem("upload-digest-missing")
    for item in header.split(","):
        matched = _ITEM.fullmatch(item.strip())
        if matched is None:
            raise Problem("upload-digest-malformed", errors=[ErrorItem("digest-spelling")])
        if matched[1] == "sha-256":
            try:
                digest = base64.b64decode(matched[2], validate=True)
            except binascii.Error:
                digest = b""
            if len(digest) != 32:
                raise Problem("upload-digest-malformed", errors=[ErrorItem("digest-length")])
            return digest
    raise Problem("upload-digest-malformed", errors=[ErrorItem("digest-algorithm")])


def read_into(draft: Draft, body: HttpRequest) -> None:
    """Read the body in this thread. What is wrong with it is noted in the draft."""
    for part in _parts(body):
        if not draft.take(part):
            return


def _parts(body: HttpRequest) -> Iterator[bytes]:
    while part := body.read(PART):
        yield part
