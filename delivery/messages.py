"""What is sent: the feed's items as they are, and the two messages that are no events. Never anything personal.

A subscription to some types only has a chain of its own: `previous` is the index of the event that it got before, and
`skipped` says how many of its agency's events of other types lie between. So a gap is noticed, and the feed proves it.
An event's bytes are the same whenever they are made, for an attempt, a redelivery or a replay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from audit.ledger import instant
from casefiles.sight import feed
from delivery.models import Delivery, Webhook

CASEFILES: Final = "/api/v1/casefiles/"
"""How the address of a casefile begins, as in the feed."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `id` is its `webhook-id`, `index` its place in the log (None: it is no event)."""

    id: UUID
    type: str
    index: int | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The next events of a subscription, and the index of the last one that was looked at, of whichever type."""

    messages: Sequence[Message]
    looked_until: int


def upcoming(webhook: Webhook, *, most: int) -> Upcoming:
    """What comes after its cursor: up to `most` events of its agency, those of other types left out."""
    page = feed.page(
        agency=webhook.agency_id,
        after=webhook.cursor,
        limit=most,
        base_url=settings.LINTAS_BASE_URL,
        casefiles=CASEFILES,
    )
    found: list[Message] = []
    previous, skipped, looked_until = None, 0, webhook.cursor
    for item in json.loads(page.items):
        looked_until = item["logindex"]
        if webhook.types and item["type"] not in webhook.types:
            skipped += 1
            continue
        if not webhook.types:
            previous, skipped = item["previous"], 0
        elif not found:
            previous, skipped = feed.before(agency=webhook.agency_id, index=item["logindex"], types=webhook.types)
        found.append(_event(item, previous=previous, skipped=skipped))
        previous, skipped = item["logindex"], 0
    return Upcoming(messages=found, looked_until=looked_until)


def again(webhook: Webhook, delivery: Delivery) -> Message:
    """What a delivery was, or is to be: an event read from the log again, a ping, a challenge."""
    if delivery.index is None:
        more = {"challenge": delivery.token} if delivery.token else {}
        return _notice(webhook, delivery, more)
    page = feed.page(
        agency=webhook.agency_id,
        after=delivery.index - 1,
        limit=1,
        base_url=settings.LINTAS_BASE_URL,
        casefiles=CASEFILES,
    )
    (item,) = json.loads(page.items)
    previous, skipped = item["previous"], 0
    if webhook.types:
        previous, skipped = feed.before(agency=webhook.agency_id, index=item["logindex"], types=webhook.types)
    return _event(item, previous=previous, skipped=skipped)


def _event(item: Mapping[str, Any], *, previous: int | None, skipped: int) -> Message:
    shown = {**item, "previous": previous, "skipped": skipped}
    # `data` last, as in the feed.
    shown["data"] = shown.pop("data")
    return Message(id=UUID(item["id"]), type=item["type"], index=item["logindex"], body=_written(shown))


def _notice(webhook: Webhook, delivery: Delivery, more: Mapping[str, str]) -> Message:
    said = {
        "specversion": "1.0",
        "id": str(delivery.event),
        "source": settings.LINTAS_BASE_URL,
        "type": delivery.type,
        "subject": f"webhooks/{webhook.pk}",
        "time": _time(delivery.created_at),
        "data": {"webhook": str(webhook.pk), **more},
    }
    return Message(id=delivery.event, type=delivery.type, index=None, body=_written(said))


def _time(moment: datetime) -> str:
    return instant(moment)


def _written(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
