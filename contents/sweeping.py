"""Delete files that no row names: what uploads left that were cut off, and files of erased contents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from contents import storage
from contents.models import ERASED, Content

AFTER: Final = timedelta(days=1)
"""How long after it came what has no row will never have one: no upload takes as long."""
_TOGETHER: Final = 1000


@dataclass(frozen=True, slots=True)
class Swept:
    """How many drafts and files were taken away, and how many contents have no file."""

    drafts: int
    files: int
    missing: int


def sweep(*, before: datetime) -> Swept:
    """Take away drafts and files from before that moment that no row names; count the contents whose file is gone."""
    store = storage.opened()
    drafts = 0
    for path in store.incoming.glob("*.part"):
        if path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            drafts += 1
    files, names = 0, store.before(before)
    while some := list(islice(names, _TOGETHER)):
        used = set(Content.objects.filter(name__in=some).exclude(status=ERASED).values_list("name", flat=True))
        for name in some:
            if name not in used:
                store.delete(name)
                files += 1
    kept = Content.objects.exclude(status=ERASED).values_list("name", flat=True).iterator()
    return Swept(drafts=drafts, files=files, missing=sum(not store.exists(name) for name in kept))
