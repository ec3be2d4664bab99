"""Erasure of a content: its key and its file are destroyed, its row and its entries stay.

The key goes within the erasure's own transaction; without it nobody reads a copy of the file, in a backup or on a disk
that was not wiped. The file goes after the commit; where that fails or the process dies, `sweep_contents` takes it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.recording import by_operator
from contents import keeping, recording, storage
from contents.errors import ContentError
from contents.models import ERASED, Content

logger = logging.getLogger("lintas.contents")


def destroy(documents: Sequence[UUID], *, now: datetime) -> int:
    """Destroy the contents of these documents, inside the caller's transaction; returns how many. The owner's role."""
    names: list[str] = []
    for document in sorted(documents):
        keeping.hold_document(document)
        content = Content.objects.filter(document=document).exclude(status=ERASED).first()
        if content is None:
            continue
        names.append(content.name)
        content.status, content.key, content.finding, content.flags = ERASED, "", "", []
        content.signatures = None
        content.save(update_fields=("status", "key", "finding", "flags", "signatures"))
        recording.record("erased", content, author=by_operator("manage.py"), now=now)
    if names:
        transaction.on_commit(lambda: delete_files(names))
    return len(names)


def delete_files(names: Sequence[str]) -> None:
    """Take the files away; what cannot be taken away now is unreadable, and `sweep_contents` finds it."""
    for name in names:
        try:
            storage.opened().delete(name)
        except (ContentError, OSError) as why:
            logger.error("a file of an erased content is still there (manage.py sweep_contents): %s", why)
