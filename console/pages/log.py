"""Log: is it true. Size, root, and who outside has signed that they saw it; only signatures that fit are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agencies.actor import Actor
from audit import quorum, reading, status
from audit.reading import Reader
from audit.tlog import notes
from audit.tlog.notes import BadNote, VerifierKey
from audit.verify.words import CHECKED, VERDICTS
from console import telling, words
from console import verifier as verifier_page
from console.http import PageRequest
from console.soundness import complaints
from verifications import asking
from verifications.models import Verification

LOOK_AGAIN_S: Final = 5
"""Seconds after which a page that shows a verification under way is loaded again."""


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
    standing = asking.standing()
    response = render(
        request,
        "console/log.html",
        {
            "verification": verification_told(standing.ended),
            "under_way": _under_way(standing),
            "was_given_up": standing.was_given_up,
            "may_verify": may_verify(cast("PageRequest", request).actor),
            "is_told": request.GET.get("sedang") == "1",
            "checkpoint": checkpoint,
            "size": reading.size(),
            "complaints": complaints(status.health(), has_witnesses=bool(_asked())),
            "api": settings.LINTAS_BASE_URL,
            "page_digest": verifier_page.digest(),
        },
    )
    if standing.is_under_way:
        # The address is said: at `/log#verifikasi` a browser that is only told to refresh moves to the heading instead.
        response.headers["Refresh"] = f"{LOOK_AGAIN_S}; url={reverse('log')}"
    return response


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Put a verification of the whole log into the queue; whoever asks while one runs is told of that one."""
    page = cast("PageRequest", request)
    if not may_verify(page.actor):
        raise PermissionDenied
    _, is_new = asking.ask(page.actor, now=page.wall)
    return HttpResponseRedirect(f"{reverse('log')}{'' if is_new else '?sedang=1'}#verifikasi")


def may_verify(actor: Actor) -> bool:
    """Auditors, examiners and the operator: it reads the whole database, which takes a while."""
    return actor.is_auditor or bool(actor.roles & {"examiner", "operator"})


def _under_way(standing: asking.Standing) -> dict[str, Any] | None:
    running = standing.newest
    if running is None or not standing.is_under_way:
        return None
    return {
        "asked": telling.instant(running.asked_at),
        "part": running.part,
        "done": running.done,
        "total": running.total,
        "percent": min(100, running.done * 100 // running.total) if running.total else None,
    }


def verification_told(ended: Verification | None) -> dict[str, Any] | None:
    """A verification that ended, in the reader's language."""
    if ended is None or ended.verdict is None:
        return None
    english = words.is_english()
    report = (ended.report or {}).get("en" if english else "id", {})
    return {
        "verdict": VERDICTS[ended.verdict][0 if english else 1],
        "signal": ("on-time", "late", "soon")[ended.verdict],
        "at": telling.instant(ended.ended_at),
        "asked": telling.instant(ended.asked_at),
        "size": ended.size,
        "checked": [
            (CHECKED[name][0 if english else 1], number)
            for name, number in report.get("checked", {}).items()
            if name in CHECKED and number
        ],
        "findings": [finding["sentence"] for finding in report.get("findings", ())],
        "more": max(report.get("count", 0) - len(report.get("findings", ())), 0),
        "notes": [note["sentence"] for note in report.get("notes", ())],
        "more_notes": max(report.get("notes_count", 0) - len(report.get("notes", ())), 0),
    }


def verifier(request: HttpRequest) -> HttpResponse:
    """The page that verifies without us, to be kept as a file: it runs a script, which no page of ours may."""
    response = HttpResponse(verifier_page.page(), content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{verifier_page.PAGE.name}"'
    return response


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
