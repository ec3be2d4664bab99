"""What no row names goes: rubbish of uploads that were cut off, and files of erased contents."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import islice
from typing import Final

from contents import storage
from contents.models import ERASED, Content

AFTER_S: Final = 24 * 3600.0
"""Seconds after which what has no row will never have one: no upload takes as long."""
_TOGETHER: Final = 1000


@dataclass(frozen=True, slots=True)
class Swept:
    """How many drafts and files were taken away, and how many contents have no file."""

    drafts: int
    files: int
    missing: int


def sweep(*, after_s: float = AFTER_S) -> Swept:
    """Take away drafts and files that nobody will ever name; count the contents whose file is gone."""
    store = storage.opened()
    drafts = 0
    for path in store.incoming.glob("*.part"):
        if path.stat().st_mtime < time.time() - after_s:
            path.unlink(missing_ok=True)
            drafts += 1
    files, names = 0, store.older_than(after_s)
    while some := list(islice(names, _TOGETHER)):
        used = set(Content.objects.filter(name__in=some).exclude(status=ERASED).values_list("name", flat=True))
        for name in some:
            if name not in used:
                store.delete(name)
                files += 1
    kept = Content.objects.exclude(status=ERASED).values_list("name", flat=True).iterator()
    return Swept(drafts=drafts, files=files, missing=sum(not store.exists(name) for name in kept))
