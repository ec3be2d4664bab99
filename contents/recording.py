"""What becomes of a content, as entries of the log (`audit.recording`).

The row holds ids, a wrapped key and the scanner's words, and nothing of what the content says.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from audit import recording
from audit.ledger import Author, Sealed
from audit.requests import RequestFacts
from contents.models import Content

COLUMNS: Final = (
    "id", "document_id", "agency_id", "name", "key", "size", "status", "finding", "flags", "created_at", "scanned_at",
)  # fmt: skip
"""The row's columns by which `record` is taken, and `signatures` where somebody looked for them. `audit.verify.kept`
reads the same.
"""


def record(
    act: str,
    content: Content,
    *,
    author: Author,
    now: datetime,
    request: RequestFacts | None = None,
    is_first: bool = False,
) -> Sealed:
    """Append `content.<act>` inside the transaction that stored the row."""
    kind = f"content.{act}"
    columns = (*COLUMNS, *(("signatures",) if content.signatures is not None else ()))
    return recording.record(kind, content, columns, author=author, now=now, request=request, is_first=is_first)
