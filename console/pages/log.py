"""Log: is it true. Size, root, and who outside has signed that they saw it; only signatures that fit are shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from audit import quorum, reading, status
from audit.reading import Reader
from audit.tlog import notes
from audit.tlog.notes import BadNote, VerifierKey
from console import telling
from console.http import PageRequest
from console.soundness import complaints

PAGE: Final = settings.BASE_DIR / "docs" / "verify" / "lintas-verify.html"
"""The page that verifies in a browser and asks nobody; made by `./run openapi`."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness of this installation's policy, and when it signed this checkpoint; empty while it has not."""

    name: str
    key: str
    signed_at: str
    fits: bool = True


def show(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint that enough witnesses signed, and what is to be said of the log now."""
    found = reading.checkpoint()
    checkpoint = None
    if found is not None:
        note = notes.read_note(found.text)
        body = notes.read_checkpoint(note.text)
        checkpoint = {
            "text": found.text,
            "size": body.size,
            "root": body.root.hex(),
            "origin": body.origin,
            "witnesses": [_witness(name, key, note) for name, key in _asked()],
        }
    return render(
        request,
        "console/log.html",
        {
            "checkpoint": checkpoint,
            "size": reading.size(),
            "complaints": complaints(status.health(), has_witnesses=bool(_asked())),
            "api": settings.LINTAS_BASE_URL,
            "page_digest": hashlib.sha256(_page()).hexdigest(),
        },
    )


def verifier(request: HttpRequest) -> HttpResponse:
    """The page that verifies without us, to be kept as a file: it runs a script, which no page of ours may."""
    response = HttpResponse(_page(), content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{PAGE.name}"'
    return response


@cache
def _page() -> bytes:
    return PAGE.read_bytes()


def proof(request: HttpRequest, index: int) -> HttpResponse:
    """The C2SP tlog-proof of an entry, as a file that verifies without us; 404 while no checkpoint covers it.

    The entry's own bytes, which name nobody, are in it where the reader's agency had sight of it.
    """
    actor = cast("PageRequest", request).actor
    reader = Reader(agency=actor.agency_id, code=actor.agency_code, reads_all=actor.is_auditor, streams=())
    found = reading.receipt(index, reader=reader) if index < reading.size() else None
    if found is None:
        raise Http404
    response = HttpResponse(found, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{index}.tlog-proof"'
    return response


def _asked() -> list[tuple[str, VerifierKey]]:
    """The witnesses of the policy file, by name; none where it cannot be read, which is complained of elsewhere."""
    try:
        policy = reading.policy()
    except quorum.BadPolicyFile:
        return []
    return [] if policy.quorum == "none" else [(witness.name, witness.key) for witness in policy.witnesses]


def _witness(name: str, key: VerifierKey, note: notes.Note) -> Witness:
    try:
        seen = note.signed_by(key)
    except BadNote:
        return Witness(name, str(key), "", fits=False)
    return Witness(name, str(key), "" if seen is None else telling.instant(datetime.fromtimestamp(seen, UTC)))
