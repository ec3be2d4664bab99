"""Do a verification: the whole database as the reader role, in one process, saying how far it is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now
from procrastinate.exceptions import JobAborted

from audit.verify.anchors import read_anchors
from audit.verify.db import Extent, verify_db
from audit.verify.progress import Progress
from audit.verify.report import KEPT, CannotDecide, Report
from verifications.models import Verification

EVERY_S: Final = 1.0
"""Seconds between two notes of how far it is."""
EXTENT: Final = Extent(jobs=1)
"""All of it, in this process: a worker is one among several, and the machine has others to serve."""
NO_READER: Final = (
    "the worker was not given DATABASE_READER_URL, as which the verifier reads (docs/runbook.md); lintas-verify run by "
    "hand does not need it"
)


def run(ident: UUID, *, goes_on: Callable[[], None]) -> None:
    """Verify, and keep the verdict. Nothing happens where it was done already. `goes_on` may raise JobAborted."""
    mine = Verification.objects.filter(pk=ident, ended_at__isnull=True)
    if not mine.exists():
        return
    noted = -EVERY_S

    def progress(part: str, done: int, total: int | None) -> None:
        nonlocal noted
        if time.monotonic() - noted < EVERY_S:
            return
        noted = time.monotonic()
        mine.update(part=part[:60], done=done, total=total)
        goes_on()

    report = Report()
    _verify(report, progress)
    size = report.verified.get("size", report.checked.get("entries"))
    mine.update(
        ended_at=Now(),
        verdict=report.exit_code,
        size=int(size) if size is not None else None,
        report={language: _told(report, indonesian=language == "id") for language in ("id", "en")},
    )


def _verify(report: Report, progress: Progress, *, extent: Extent = EXTENT) -> None:
    try:
        if not settings.LINTAS_VERIFIER_URL:
            raise CannotDecide(NO_READER)
        anchors = read_anchors(keys=(), policy_file=settings.LINTAS_WITNESS_POLICY_FILE)
        verify_db(
            settings.LINTAS_VERIFIER_URL,
            anchors=anchors,
            report=report,
            trust_genesis=not anchors.keys,
            extent=extent,
            progress=progress,
        )
    except CannotDecide as why:
        report.add("stopped", why=str(why).rstrip("."))
    except JobAborted:
        raise
    except Exception as why:
        # No message of the error: it might quote content.
        report.add("stopped", why=f"unexpected {type(why).__name__}; please report it")


def _told(report: Report, *, indonesian: bool) -> Any:
    """The report as it is kept: of the notes, of which a long log may have one for each entry, the first ones."""
    told = json.loads(report.as_json(indonesian=indonesian))
    return told | {"notes": told["notes"][:KEPT], "notes_count": len(told["notes"])}
