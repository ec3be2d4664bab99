"""What is sent: the feed's items as they are, and the two messages that are no events. Never anything personal.

A subscription to some types only has a chain of its own: `previous` is the index of the event that it got before, and
`skipped` says how many of its agency's events of other types lie between. So a gap is noticed, and the feed proves it.
An event's bytes are the same whenever they are made, for an attempt, a redelivery or a replay.

A vendor's subscription gets the events of all employers that let its client read them. `data.agencies` says for which
an event is, each with the index of its event before, because each has a feed and so a chain of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from agencies import delegations
from audit.ledger import instant
from casefiles.sight import feed
from delivery.models import Delivery, Webhook

SCOPE: Final = "events:read"
"""What an employer has to have delegated, so that a vendor's receiver is told of its events."""
CASEFILES: Final = "/api/v1/casefiles/"
"""How the address of a casefile begins, as in the feed."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `id` is its `webhook-id`, `index` its place in the log (None: it is no event)."""

    id: UUID
    type: str
    index: int | None
    body: bytes
    agencies: Mapping[int, str] = field(default_factory=dict)
    """For which employers (primary key, code) a vendor's receiver is told; empty where it is an agency's own."""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The next events of a subscription, and the index of the last one that was looked at, of whichever type."""

    messages: Sequence[Message]
    looked_until: int


def employers_of(webhook: Webhook, *, now: datetime) -> Mapping[int, str]:
    """For whom a vendor's subscription is told now: the employers whose events its client may read. One statement."""
    return delegations.served(webhook.client_id, scope=SCOPE, now=now)


def upcoming(webhook: Webhook, *, most: int, now: datetime) -> Upcoming:
    """What comes after its cursor: up to `most` events of its agency, those of other types left out.

    A vendor's are those of the employers that let it read them now.
    """
    if delegations.VENDOR in webhook.agency.roles:
        return _of_employers(webhook, employers_of(webhook, now=now), after=webhook.cursor, most=most)
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


def again(webhook: Webhook, delivery: Delivery, *, now: datetime) -> Message | None:
    """What a delivery was, or is to be: an event read from the log again, a ping, a challenge.

    None where it was told to a vendor for employers that do not let it read their events any more.
    """
    if delivery.index is None:
        more = {"challenge": delivery.token} if delivery.token else {}
        return _notice(webhook, delivery, more)
    if delegations.VENDOR in webhook.agency.roles:
        found = _of_employers(webhook, employers_of(webhook, now=now), after=delivery.index - 1, most=1, filters=False)
        return next((one for one in found.messages if one.index == delivery.index), None)
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


def _of_employers(
    webhook: Webhook, employers: Mapping[int, str], *, after: int, most: int, filters: bool = True
) -> Upcoming:
    """The events of these employers after that index, one message for each place in the log.

    `filters` says that types which the subscription does not want are left out.
    """
    found = feed.shared(
        agencies=employers, after=after, limit=most, base_url=settings.LINTAS_BASE_URL, casefiles=CASEFILES
    )
    wanted = [one for one in found if not (filters and webhook.types) or one[1]["type"] in webhook.types]
    if webhook.types:
        chain = feed.before_each([(agency, item["logindex"]) for agency, item in wanted], types=webhook.types)
    else:
        chain = [(item["previous"], 0) for _, item in wanted]
    told: dict[int, list[tuple[int, Mapping[str, Any], dict[str, Any]]]] = {}
    for (agency, item), (previous, skipped) in zip(wanted, chain, strict=True):
        place = {"agency": employers[agency], "previous": previous, "skipped": skipped}
        told.setdefault(item["logindex"], []).append((agency, item, place))
    messages = [_for(employers, one) for one in told.values()]
    return Upcoming(messages=messages, looked_until=found[-1][1]["logindex"] if found else after)


def _for(employers: Mapping[int, str], told: Sequence[tuple[int, Mapping[str, Any], dict[str, Any]]]) -> Message:
    """One event for all employers that it is told for, each with its place in that employer's feed.

    Whose turn it became is told where one of them still sees the casefile.
    """
    _, item, _ = told[0]
    turn = next((one["data"]["turn"] for _, one, _ in told if one["data"]["turn"]), None)
    places = sorted((place for _, _, place in told), key=lambda place: str(place["agency"]))
    shown = {**item, "data": {**item["data"], "turn": turn, "agencies": places}}
    message = _event(shown, previous=None, skipped=0)
    return replace(message, agencies={agency: employers[agency] for agency, _, _ in told})


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
