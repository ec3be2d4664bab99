"""From quarantine to a verdict: the scanner's word, and what a PDF holds besides pages.

`scan` is one content's way; whoever calls it (a job of the queue, the command `scan_contents`) may be killed anywhere:
the content is still in quarantine then, and is scanned again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from audit.recording import by_operator
from contents import clamd, keeping, pdf_flags, pdf_signatures, recording
from contents.errors import Unreadable
from contents.models import CLEAN, INFECTED, QUARANTINED, SCAN_FAILED, Content
from contents.pdf_signatures import SignatureFact
from contents.receiving import PDF

logger = logging.getLogger("lintas.contents")

CLIENT: Final = "scan"
"""As what the operator's machine signs what it found in the log."""


def waiting(*, also_failed: bool = False) -> list[UUID]:
    """The contents in quarantine, the oldest first; also those that could not be judged before."""
    statuses = (QUARANTINED, SCAN_FAILED) if also_failed else (QUARANTINED,)
    return list(Content.objects.filter(status__in=statuses).order_by("created_at", "pk").values_list("pk", flat=True))


def scan(ident: UUID, *, now: Callable[[], datetime]) -> str:
    """Scan one content and note what was found; returns its status after that.

    One that was judged or erased meanwhile is left as it is. Raises `clamd.ScannerDown` and
    `StoreDown`, and then nothing is noted.
    """
    content = Content.objects.select_related("document").filter(pk=ident).first()
    if content is None or content.status not in (QUARANTINED, SCAN_FAILED):
        return content.status if content is not None else ""
    flags, signatures = list(content.flags), None
    try:
        verdict = clamd.scan(keeping.opened_content(content, 0, content.size))
        if content.document.media_type == PDF and verdict.is_clean:
            flags += pdf_flags.flags_of(keeping.opened_content(content, 0, content.size))
            signatures = _signatures(content, now=now())
    except Unreadable as why:
        logger.critical("content %s cannot be read: %s", ident, why)
        verdict = clamd.Verdict(failed="unreadable")
    return _noted(ident, verdict, flags=sorted(set(flags)), signatures=signatures, now=now())


def _signatures(content: Content, *, now: datetime) -> list[SignatureFact] | None:
    """What its signatures are worth; None where the operator installed no roots."""
    roots = settings.LINTAS_PADES_ROOTS
    if roots is None:
        return None
    return pdf_signatures.signatures_of(keeping.opened_content(content, 0, content.size), roots=roots, now=now)


@transaction.atomic
def _noted(
    ident: UUID,
    verdict: clamd.Verdict,
    *,
    flags: list[str],
    signatures: list[SignatureFact] | None,
    now: datetime,
) -> str:
    document = Content.objects.values_list("document", flat=True).get(pk=ident)
    keeping.hold_document(document)
    content = Content.objects.get(pk=ident)
    if content.status not in (QUARANTINED, SCAN_FAILED):
        return content.status
    content.status = CLEAN if verdict.is_clean else INFECTED if verdict.name else SCAN_FAILED
    content.finding, content.flags, content.scanned_at = verdict.name or verdict.failed, flags, now
    content.signatures = signatures
    content.save(update_fields=("status", "finding", "flags", "signatures", "scanned_at"))
    recording.record("scanned", content, author=by_operator(CLIENT), now=now)
    return content.status
