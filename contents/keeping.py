"""What an agency does with the content of a document: bring it, once, and read it when it is clean.

Sight is that of the descriptor (`casefiles.sight.documents`). Only the owner brings the content, and only the bytes
that the descriptor describes; a repetition of these changes nothing.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from agencies.actor import Actor
from audit import ledger, status
from audit.ids import uuid7
from audit.ledger import Sealed
from audit.requests import RequestFacts
from audit.turns import one_at_a_time
from casefiles.errors import Erased, NotVisible
from casefiles.models import Document
from casefiles.queries import DocumentQuerySet
from casefiles.sight.documents import as_seen, visible_documents
from contents import recording, sealing, storage, tasks
from contents.errors import (
    Absent,
    ContentError,
    Difference,
    Differs,
    LogPaused,
    NotAccepted,
    NotClean,
    NotYours,
    OverQuota,
    TooLarge,
    Unreadable,
)
from contents.models import CLEAN, ERASED, Content
from contents.receiving import BEGINS, MOST, Draft, Intent, Offered
from jobs.queue import defer, deferring

logger = logging.getLogger("lintas.contents")

DIGEST: Final = "sha256"


# -- bringing it -------------------------------------------------------------------------------------------------------


def intend(*, actor: Actor, document: UUID, offered: Offered, now: datetime) -> Intent | Content:
    """What may come in; or the content, where it is here already.

    Raises `NotOffered`, `NotVisible`, `NotYours`, `Erased`, `NotAccepted`, `TooLarge`, `Differs`, `OverQuota`,
    `LogPaused`.
    """
    storage.opened()
    row = with_content(visible_documents(actor)).filter(pk=document).first()
    if row is None:
        raise NotVisible
    if row.owner_id != actor.agency_id:
        raise NotYours
    kept: Content | None = getattr(row, "content", None)
    if (kept is not None and kept.status == ERASED) or _is_erased(document):
        raise Erased
    if row.media_type not in BEGINS:
        raise NotAccepted
    if row.size > MOST:
        raise TooLarge
    wrong: list[Difference] = []
    if offered.digest.hex() != row.sha256:
        wrong.append("digest")
    if offered.length is not None and offered.length != row.size:
        wrong.append("length")
    if wrong:
        raise Differs(*wrong)
    if kept is not None:
        return kept
    _ensure_quota(actor, row.size)
    _ensure_log()
    return Intent(
        content=uuid7(now), document=document, media_type=row.media_type, size=row.size, digest=offered.digest
    )


def begin(intent: Intent) -> Draft:
    """Begin to take it in. Raises `NoRoom`, `Misconfigured`."""
    sealing.read_ring(settings.LINTAS_CONTENTS_KEY_FILE)
    return Draft(storage.opened(), intent)


def keep(*, actor: Actor, draft: Draft, now: datetime, request: RequestFacts) -> tuple[Content, Sealed | None]:
    """Keep what has come in: the file first, then its row, its entry and the job to scan it in one transaction.

    Without an entry where a twin kept the same bytes meanwhile. Raises what `Draft.finish` does, `Erased`, `OverQuota`;
    then nothing is left of it. A process that is killed between file and row leaves a file that no key opens
    (`sweep_contents` takes it away).
    """
    draft.finish()
    store, name = storage.opened(), storage.draw_name()
    try:
        wrapped = sealing.read_ring(settings.LINTAS_CONTENTS_KEY_FILE).wrap(draft.key, content=draft.intent.content)
        store.put(name, draft.path)
        with deferring():
            kept, sealed = _stored(actor, draft, name=name, wrapped=wrapped, now=now, request=request)
    except BaseException:
        draft.discard()
        _deleted(store, name)
        raise
    if sealed is None:
        _deleted(store, name)
    return kept, sealed


def _stored(
    actor: Actor, draft: Draft, *, name: str, wrapped: str, now: datetime, request: RequestFacts
) -> tuple[Content, Sealed | None]:
    intent = draft.intent
    one_at_a_time(f"contents of {actor.agency_id}")
    hold_document(intent.document)
    kept = Content.objects.filter(document=intent.document).first()
    if (kept is not None and kept.status == ERASED) or _is_erased(intent.document):
        raise Erased
    if kept is not None:
        return kept, None
    _ensure_quota(actor, intent.size)
    _ensure_log()
    content = Content.objects.create(
        id=intent.content,
        document_id=intent.document,
        agency_id=actor.agency_id,
        name=name,
        key=wrapped,
        size=intent.size,
        flags=list(draft.flags),
        created_at=now,
    )
    sealed = recording.record("uploaded", content, author=actor.as_recorder(), now=now, request=request, is_first=True)
    defer(tasks.scan, content=content.pk)
    return content, sealed


def hold_document(document: UUID) -> None:
    """One act on the content of a document at a time, until the transaction ends."""
    one_at_a_time(f"content of {document}")


def used_by(agency: int) -> int:
    """Bytes of the contents that the agency has here."""
    kept = Content.objects.filter(agency=agency).exclude(status=ERASED)
    return int(kept.aggregate(used=Sum("size"))["used"] or 0)


def most_bytes() -> int:
    """Bytes that one agency may have here."""
    return int(settings.LINTAS_CONTENTS_QUOTA_MB) * 1024 * 1024


def _ensure_log() -> None:
    """Raises `LogPaused` where the log could not keep what a receipt promises."""
    if why := status.why_paused():
        raise LogPaused(why)


def _ensure_quota(actor: Actor, size: int) -> None:
    used = used_by(actor.agency_id)
    if used + size > most_bytes():
        raise OverQuota(used=used, most=most_bytes())


_IS_ERASED: Final = "SELECT EXISTS (SELECT FROM casefiles_payload WHERE document_id = %s AND erased_at IS NOT NULL)"


def _is_erased(document: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_IS_ERASED, [document])
        return bool(cursor.fetchone()[0])


def _deleted(store: storage.Store, name: str) -> None:
    """Take away what no row names. Where that fails, `sweep_contents` will."""
    with contextlib.suppress(ContentError, OSError):
        store.delete(name)


# -- reading it --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """A clean content that this actor may read, with its descriptor and its title."""

    content: Content
    document: Document
    title: str

    def parts(self, start: int, stop: int) -> Iterator[bytes]:
        """Its bytes from `start` up to `stop`. The first part is read at once. Raises `Unreadable`."""
        parts = opened_content(self.content, start, stop)
        try:
            first = next(parts, b"")
        except Unreadable as why:
            logger.critical("content %s cannot be read: %s", self.content.pk, why)
            raise
        return _chained(first, parts)


def readable(*, actor: Actor, document: UUID) -> Reading:
    """The content of that document, for an actor that sees its digest.

    Raises `NotVisible` where the actor sees no such document or not what it holds, `Absent`, `NotClean`.
    """
    storage.opened()
    row = with_content(visible_documents(actor)).filter(pk=document).first()
    if row is None:
        raise NotVisible
    seen = as_seen(actor, [row])[row.pk]
    if DIGEST in seen.hidden:
        raise NotVisible
    content: Content | None = getattr(row, "content", None)
    if content is None or content.status == ERASED:
        raise Absent
    if content.status != CLEAN:
        raise NotClean(content.status)
    return Reading(content=content, document=row, title=str(seen.text.get("title") or ""))


def opened_content(content: Content, start: int, stop: int) -> Iterator[bytes]:
    """The bytes of a content from `start` up to `stop`, whatever its status. Raises `Unreadable`."""
    key = sealing.read_ring(settings.LINTAS_CONTENTS_KEY_FILE).open(content.key, content=content.pk)
    sealed = storage.opened().open(content.name, *sealing.within(content.size, start, stop))
    return sealing.unsealed(sealed, key, content=content.pk, size=content.size, start=start, stop=stop)


def with_content(rows: DocumentQuerySet) -> DocumentQuerySet:
    """These documents with what is known of their contents, in the same statement."""
    return rows.select_related("content")


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def shown(content: Content | None) -> dict[str, Any]:
    """How the content stands, beside its descriptor. One that was erased is absent."""
    if content is None or content.status == ERASED:
        return {
            "status": "absent",
            "finding": None,
            "flags": [],
            "signatures": None,
            "uploaded_at": None,
            "scanned_at": None,
        }
    return {
        "status": content.status,
        "finding": content.finding or None,
        "flags": list(content.flags),
        "signatures": content.signatures,
        "uploaded_at": content.created_at,
        "scanned_at": content.scanned_at,
    }


def shown_of(documents: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """How the contents of these documents stand, with their sizes; none of a document without one."""
    kept = Content.objects.filter(document__in=list(documents)).exclude(status=ERASED)
    return {row.document_id: {"size": row.size, **shown(row), **_moments(row)} for row in kept}


def _moments(content: Content) -> dict[str, str | None]:
    scanned = content.scanned_at
    return {
        "uploaded_at": ledger.instant(content.created_at),
        "scanned_at": ledger.instant(scanned) if scanned else None,
    }


def offer() -> dict[str, Any] | None:
    """What this installation takes in; None where it keeps no contents."""
    if not storage.is_offered():
        return None
    return {"media_types": list(BEGINS), "most_bytes": MOST, "agency_bytes": most_bytes()}
