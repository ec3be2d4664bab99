"""What becomes of a content, as entries of the log: each content is a stream of its own, named by its id.

An entry's `record` is the digest of the row; `after` commits to the same under a salt that lies in the row. The row
holds ids, a wrapped key and the scanner's words, and nothing of what the content says.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection

from agencies.actor import Actor
from audit import ledger, status
from audit.ledger import Author, Sealed
from audit.requests import RequestFacts
from contents.errors import LogPaused
from contents.models import Content

COLUMNS: Final = (
    "id", "document_id", "agency_id", "name", "key", "size", "status", "finding", "flags", "created_at", "scanned_at",
)  # fmt: skip
"""The row's columns by which `record` is taken. `audit.verify.kept` reads the same."""

PARTY: Final = "recorder"


def by_client(actor: Actor) -> Author:
    """The owner's own act."""
    return Author(party=PARTY, agency=actor.agency_code, client=actor.client_id, key=actor.key_thumbprint)


def by_operator(command: str) -> Author:
    """What a command of the operator's did or found."""
    return Author(party="operator", agency=settings.LINTAS_OPERATOR, client=command)


def ensure_log() -> None:
    """Raises `LogPaused` where the log could not keep what a receipt promises."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {status.PULSE}")
        pulse = status.read_pulse(cursor.fetchone()[0])
    if pulse is not None and (why := pulse.paused()):
        raise LogPaused(why)


def record(
    act: str,
    content: Content,
    *,
    author: Author,
    now: datetime,
    request: RequestFacts | None = None,
    is_first: bool = False,
) -> Sealed:
    """Append `content.<act>` inside the transaction that stored the row, and keep the salt in the row."""
    row = {name: _plain(getattr(content, name)) for name in COLUMNS}
    state = ledger.commit(row)
    content.salt = state.salt
    content.save(update_fields=("salt",))
    return ledger.append_committed(
        stream=content.pk,
        kind=f"content.{act}",
        state=state,
        record=ledger.digest_of(row),
        now=now,
        author=author,
        request=request,
        is_first=is_first,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return ledger.instant(value)
    return str(value) if isinstance(value, UUID) else value
