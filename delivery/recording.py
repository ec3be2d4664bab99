"""What becomes of a subscription, as entries of the log: each webhook is a stream of its own.

An entry's `record` is the digest of the row, without its address (only host and digest: a path may hold a receiver's
secret), its secrets and its place in the feed. `after` commits to the same under a salt that lies in the row.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from agencies.actor import Actor
from audit import evidence, ledger
from audit.ledger import Author
from audit.requests import RequestFacts
from delivery.models import Webhook

COLUMNS: Final = (
    "id", "client_id", "agency_id", "host", "url_digest", "types", "status", "secrets", "created_at",
)  # fmt: skip
"""The row's columns by which `record` is taken. `audit.verify.kept` reads the same."""

PARTY: Final = "recorder"


def by_client(actor: Actor) -> Author:
    """The subscriber's own act."""
    return Author(party=PARTY, agency=actor.agency_code, client=actor.client_id, key=actor.key_thumbprint)


def by_courier() -> Author:
    """What the pump found: a receiver that proved itself, failed too often, or is gone."""
    return Author(party="operator", agency=settings.LINTAS_OPERATOR, client="deliver")


def record(
    act: str,
    webhook: Webhook,
    *,
    author: Author,
    now: datetime,
    request: RequestFacts | None = None,
    is_first: bool = False,
) -> None:
    """Append `webhook.<act>` inside the transaction that stored the row, and keep the salt in the row."""
    row = {name: _plain(getattr(webhook, name)) for name in COLUMNS}
    state = ledger.commit(row)
    webhook.salt = state.salt
    webhook.save(update_fields=("salt",))
    ledger.append_committed(
        stream=webhook.pk,
        kind=f"webhook.{act}",
        state=state,
        record=ledger.digest_of(row),
        now=now,
        author=author,
        request=request,
        is_first=is_first,
    )
    if request is not None:
        evidence.keep(request.signed, request_id=request.id, now=now)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return ledger.instant(value)
    return str(value) if isinstance(value, UUID) else value
