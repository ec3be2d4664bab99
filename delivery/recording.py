"""What becomes of a subscription, as entries of the log (`audit.recording`).

The digest leaves out its address (only host and digest: a path may hold a receiver's secret), its secrets and its place
in the feed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from audit import recording
from audit.ledger import Author
from audit.requests import RequestFacts
from delivery.models import Webhook

COLUMNS: Final = (
    "id", "client_id", "agency_id", "host", "url_digest", "types", "status", "secrets", "created_at",
)  # fmt: skip
"""The row's columns by which `record` is taken. `audit.verify.kept` reads the same."""


def by_courier() -> Author:
    """What the pump found: a receiver that proved itself, failed too often, or is gone."""
    return recording.by_operator("deliver")


def record(
    act: str,
    webhook: Webhook,
    *,
    author: Author,
    now: datetime,
    request: RequestFacts | None = None,
    is_first: bool = False,
) -> None:
    """Append `webhook.<act>` inside the transaction that stored the row."""
    kind = f"webhook.{act}"
    recording.record(kind, webhook, COLUMNS, author=author, now=now, request=request, is_first=is_first)
