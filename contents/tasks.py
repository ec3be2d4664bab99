"""The job of the queue that scans one content."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from procrastinate import JobContext

from contents.clamd import ScannerDown
from contents.errors import StoreDown
from jobs.queue import defer, deferring, job

logger = logging.getLogger("lintas.contents")

AGAIN_AFTER: Final = timedelta(seconds=60)
"""How long a content waits where scanner or store does not answer; then it is tried again, for as long as it takes."""


@job(queue="scans")
def scan(context: JobContext, *, content: str) -> None:
    """Scan a content, and note what was found; nothing where that was done already."""
    from contents import scanning

    ident = UUID(content)
    try:
        status = scanning.scan(ident, now=lambda: datetime.now(UTC))
    except (ScannerDown, StoreDown) as why:
        which = "scanner" if isinstance(why, ScannerDown) else "store"
        logger.warning("the %s does not answer, content %s waits: %s", which, ident, why)
        with deferring():
            defer(scan, at=datetime.now(UTC) + AGAIN_AFTER, content=ident)
    else:
        logger.info("content %s is %s", ident, status)
