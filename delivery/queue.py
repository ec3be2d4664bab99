"""What a pump takes from the database and writes back. Each function is one transaction, of milliseconds.

A pump claims a subscription for a while (`lease`), sends without a transaction, and notes the attempt and the new
cursor in one statement that asks whether the claim still holds. A pump that dies leaves a claim that runs out: then
another sends the same event again. Nothing is skipped, whatever dies when.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from agencies import delegations
from audit import holds
from audit.holds import Hold
from audit.ids import uuid7
from audit.models import Entry
from delivery import messages, recording, schedule
from delivery.messages import Message, Upcoming
from delivery.models import Delivery, Webhook
from delivery.sender import Reply

logger = logging.getLogger("lintas.delivery")

LEASE: Final = timedelta(seconds=60)
"""How long a claim holds without a note; an exchange takes 15 s at most."""
SCOPE: Final = "webhooks:write"
MOST_ASKED: Final = 20
"""Things asked for that one claim sends, so that events wait for no more."""
KEPT_FOR: Final = timedelta(days=30)
"""How far the log of deliveries goes back."""
FORGOTTEN_AT_ONCE: Final = 1_000
"""Deliveries that one transaction deletes, with their attempts."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A subscription that this pump works on, what was asked for, and the challenge while it is unproven."""

    webhook: Webhook
    lease: UUID
    asked: Sequence[Delivery]
    challenge: Delivery | None


HAS_EVENTS: Final = f"""(
    EXISTS (SELECT FROM audit_sighting s WHERE s.agency = w.agency_id AND s.index > w.cursor)
    OR EXISTS (
        SELECT FROM agencies_delegation d, agencies_agency e WHERE {delegations.SERVES}
        AND EXISTS (SELECT FROM audit_sighting s WHERE s.agency = e.id AND s.index > w.cursor)
    )
)"""  # noqa: S608 - constants
"""In SQL, that subscription `w` of client `c` has an event before it: its agency's, or that of an employer of a vendor.
It wants `now` and `scope` (`messages.SCOPE`)."""

# A client that was taken off the register, or lost the scope, gets nothing; its cursor waits. An address that has not
# proved itself gets its challenge and nothing else, not even what was asked for while another address was in force.
_CLAIM: Final = f"""
WITH due AS (
    SELECT w.id FROM delivery_webhook w JOIN agencies_client c ON c.id = w.client_id
    WHERE w.status <> 'deleted' AND w.leased_until <= %(now)s AND c.active AND '{SCOPE}' = ANY (c.scopes) AND (
        (w.due_at <= %(now)s AND (
            w.status = 'unproven'
            OR (w.status = 'active' AND {HAS_EVENTS})
        ))
        OR (w.proven_at IS NOT NULL AND EXISTS (
            SELECT FROM delivery_delivery d WHERE d.webhook_id = w.id AND d.asked_at IS NOT NULL
        ))
    )
    ORDER BY w.due_at, w.id LIMIT %(most)s FOR UPDATE OF w SKIP LOCKED
)
UPDATE delivery_webhook w SET lease = %(lease)s, leased_until = %(until)s FROM due WHERE w.id = due.id RETURNING w.id
"""  # noqa: S608 - a constant


def claim(*, now: datetime, most: int) -> list[Claim]:
    """Claim up to so many subscriptions that have something due and that nobody works on."""
    lease = uuid4()
    given: dict[str, Any] = {"now": now, "most": most, "lease": lease, "until": now + LEASE, "scope": messages.SCOPE}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, given)
        claimed = [ident for (ident,) in cursor.fetchall()]
    if not claimed:
        return []
    asked: dict[UUID, list[Delivery]] = {}
    for one in Delivery.objects.filter(webhook__in=claimed, asked_at__isnull=False).order_by("asked_at", "pk"):
        asked.setdefault(one.webhook_id, []).append(one)
    challenges = {
        one.webhook_id: one
        for one in Delivery.objects.filter(webhook__in=claimed, kind="challenge", status="pending").order_by("pk")
    }
    return [
        Claim(
            webhook=webhook,
            lease=lease,
            asked=asked.get(webhook.pk, [])[:MOST_ASKED] if webhook.proven_at else (),
            challenge=challenges.get(webhook.pk) if webhook.status == "unproven" else None,
        )
        for webhook in Webhook.objects.filter(pk__in=claimed).select_related("agency")
    ]


def upcoming(webhook: Webhook, *, most: int, now: datetime) -> Upcoming:
    """The next events of a claimed subscription."""
    return messages.upcoming(webhook, most=most, now=now)


def again(webhook: Webhook, delivery: Delivery, *, now: datetime) -> Message | None:
    """What that delivery sends; None where a vendor may not be told of it any more."""
    return messages.again(webhook, delivery, now=now)


def may_be_told(webhook: Webhook, message: Message, *, now: datetime) -> bool:
    """Whether every employer for whom a vendor's receiver would be told still lets it read its events."""
    return message.agencies.keys() <= messages.employers_of(webhook, now=now).keys()


# -- what came of it --------------------------------------------------------------------------------------------------

# That something was delivered is not waited for until it is on the disk: a database that loses the last half second
# has it delivered again, and skips nothing. A failure, and what the log is told, is waited for.
_NOTE: Final = """
WITH held AS (
    UPDATE delivery_webhook SET cursor = %(cursor)s, attempts = %(attempts)s, due_at = %(due_at)s,
        failing_since = CASE WHEN %(delivered)s THEN NULL ELSE coalesce(failing_since, %(now)s) END,
        leased_until = %(until)s, lease = CASE WHEN %(goes_on)s THEN lease END
    WHERE id = %(webhook)s AND lease = %(lease)s
    RETURNING id, CASE WHEN %(delivered)s THEN set_config('synchronous_commit', 'off', true) END
), noted AS (
    INSERT INTO delivery_delivery
        (id, webhook_id, kind, event, type, index, status, attempts, token, next_attempt_at, created_at, delivered_at,
        agencies)
    SELECT %(delivery)s, id, 'event', %(event)s, %(type)s, %(index)s, %(status)s, 1, '', %(next)s, %(now)s,
        CASE WHEN %(delivered)s THEN %(now)s::timestamptz END, %(agencies)s::varchar[]
    FROM held
    ON CONFLICT (webhook_id, index) DO UPDATE SET status = excluded.status,
        attempts = delivery_delivery.attempts + 1, next_attempt_at = excluded.next_attempt_at,
        delivered_at = coalesce(excluded.delivered_at, delivery_delivery.delivered_at), agencies = excluded.agencies
    RETURNING id, attempts
)
INSERT INTO delivery_attempt (delivery_id, number, at, outcome, status, latency_ms, answer)
SELECT id, attempts, %(now)s, %(outcome)s, %(code)s, %(latency)s, %(answer)s FROM noted
"""

_NOTE_ASKED: Final = """
WITH held AS (
    UPDATE delivery_webhook SET leased_until = %(until)s WHERE id = %(webhook)s AND lease = %(lease)s RETURNING id
), noted AS (
    UPDATE delivery_delivery d SET status = %(status)s, attempts = d.attempts + 1, asked_at = NULL,
        delivered_at = CASE WHEN %(delivered)s THEN %(now)s::timestamptz ELSE d.delivered_at END
    FROM held WHERE d.id = %(delivery)s RETURNING d.id, d.attempts
)
INSERT INTO delivery_attempt (delivery_id, number, at, outcome, status, latency_ms, answer)
SELECT id, attempts, %(now)s, %(outcome)s, %(code)s, %(latency)s, %(answer)s FROM noted
"""


def note_event(claim: Claim, message: Message, reply: Reply, *, now: datetime, is_last: bool = False) -> bool:
    """Note an attempt at the oldest event; the cursor moves on in the same statement where it was delivered.

    True where the claim still held and the receiver took it: only then may the next event follow. After the last event
    and after a failure the claim is given back with it.
    """
    webhook, delivered = claim.webhook, reply.is_delivered
    goes_on = delivered and not is_last
    attempts = 0 if delivered else webhook.attempts + 1
    wait = timedelta() if delivered else schedule.wait(attempts, asked_s=reply.asked_s)
    is_over = wait is None or reply.outcome == "gone"
    due_at = now + (wait or timedelta())
    status = "delivered" if delivered else "paused" if is_over else "pending"
    with transaction.atomic():
        held = _execute(
            _NOTE,
            {
                "cursor": message.index if delivered else webhook.cursor,
                "attempts": attempts,
                "due_at": due_at,
                "event": message.id,
                "type": message.type,
                "index": message.index,
                "next": None if delivered or is_over else due_at,
                "delivery": uuid7(now),
                "status": status,
                "goes_on": goes_on,
                "agencies": sorted(message.agencies.values()),
                **_noted(claim, reply, now=now),
                "until": now + LEASE if goes_on else now,
            },
        )
        if held and is_over:
            _stop(webhook, reply, now=now)
    if held and delivered:
        webhook.cursor = message.index if message.index is not None else webhook.cursor
    webhook.attempts = attempts
    return held and delivered


def note_asked(claim: Claim, delivery: Delivery, reply: Reply, *, now: datetime) -> bool:
    """Note what came of a ping or a redelivery: one attempt, which changes nothing else. False: the claim is gone."""
    status = "delivered" if reply.is_delivered else "failed"
    return _execute(_NOTE_ASKED, {"delivery": delivery.pk, "status": status, **_noted(claim, reply, now=now)})


def note_challenge(claim: Claim, delivery: Delivery, reply: Reply, *, now: datetime) -> bool:
    """Note whether the receiver proved itself; tried again by the same schedule where it did not."""
    webhook = claim.webhook
    attempts = webhook.attempts + 1
    wait = timedelta() if reply.is_delivered else schedule.wait(attempts, asked_s=reply.asked_s)
    is_over = wait is None or reply.outcome == "gone"
    status = "delivered" if reply.is_delivered else "failed" if is_over else "pending"
    with transaction.atomic():
        if not _execute(_NOTE_ASKED, {"delivery": delivery.pk, "status": status, **_noted(claim, reply, now=now)}):
            return False
        webhook.attempts, webhook.due_at = (0 if reply.is_delivered else attempts), now + (wait or timedelta())
        webhook.failing_since = None if reply.is_delivered else webhook.failing_since or now
        if reply.is_delivered:
            webhook.status, webhook.proven_at = "active", now
        webhook.save(update_fields=("attempts", "due_at", "failing_since", "status", "proven_at"))
        if reply.is_delivered:
            recording.record("proven", webhook, author=recording.by_courier(), now=now)
        elif is_over:
            _stop(webhook, reply, now=now)
    return True


def _stop(webhook: Webhook, reply: Reply, *, now: datetime) -> None:
    """The attempts are spent, or the receiver is gone: nothing is sent before its subscriber says so."""
    is_gone = reply.outcome == "gone"
    webhook.status, webhook.pause_reason = ("disabled", "gone") if is_gone else ("paused", "attempts-spent")
    webhook.changed_at = now
    webhook.save(update_fields=("status", "pause_reason", "changed_at"))
    recording.record(webhook.status, webhook, author=recording.by_courier(), now=now)
    logger.critical("webhook %s of agency %s is %s: %s", webhook.pk, webhook.agency_id, webhook.status, reply.outcome)


def skip(claim: Claim, *, until: int, now: datetime) -> None:
    """Move the cursor over events of types that the subscription does not want."""
    _execute(
        "UPDATE delivery_webhook SET cursor = %(until)s, leased_until = %(now)s "
        "WHERE id = %(webhook)s AND lease = %(lease)s",
        {"until": until, "now": now, "webhook": claim.webhook.pk, "lease": claim.lease},
    )


def release(claim: Claim, *, now: datetime) -> None:
    """Give the claim back."""
    _execute(
        "UPDATE delivery_webhook SET lease = NULL, leased_until = %(now)s WHERE id = %(webhook)s AND lease = %(lease)s",
        {"now": now, "webhook": claim.webhook.pk, "lease": claim.lease},
    )


def forget(*, now: datetime, batch: int = FORGOTTEN_AT_ONCE) -> int:
    """Delete what was sent longer ago than `KEPT_FOR`, a transaction for each batch; returns the number of deliveries.

    A legal hold keeps what was sent to the webhooks of its agency, in its span, or of the steps of its casefile.
    """
    done = 0
    while True:
        with transaction.atomic():
            old = over(now=now).exclude(held(holds.wait_for_holds())).values_list("pk", flat=True)[:batch]
            gone = Delivery.objects.filter(pk__in=list(old)).delete()[1].get("delivery.Delivery", 0)
        done += gone
        if gone < batch:
            return done


def over(*, now: datetime) -> QuerySet[Delivery]:
    """What was sent so long ago that its time is over."""
    old = Delivery.objects.filter(created_at__lt=now - KEPT_FOR, asked_at__isnull=True)
    return old.exclude(status="pending")


def held(standing: Iterable[Hold]) -> Q:
    """What of the deliveries these holds keep."""
    found = Q(pk=None)
    for hold in standing:
        if hold.agency is not None:
            found |= Q(webhook__in=Webhook.objects.filter(agency__code=hold.agency))
        elif hold.span is not None:
            found |= Q(created_at__gte=hold.span[0], created_at__lt=hold.span[1])
        elif hold.casefile is not None:
            found |= Q(event__in=Entry.objects.filter(stream=hold.casefile).values("uuid"))
    return found


def disconnect() -> None:
    """Let go of this thread's connection to the database; the next act makes a new one."""
    connection.close()


def echoes(delivery: Delivery, body: bytes) -> bool:
    """Whether the answer is `{"challenge": …}` with the token that was sent."""
    try:
        said = json.loads(body)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("challenge") == delivery.token


def _noted(claim: Claim, reply: Reply, *, now: datetime) -> dict[str, Any]:
    return {
        "webhook": claim.webhook.pk,
        "lease": claim.lease,
        "until": now + LEASE,
        "now": now,
        "delivered": reply.is_delivered,
        "outcome": reply.outcome,
        "code": reply.status,
        "latency": reply.latency_ms,
        "answer": reply.text,
    }


def _execute(statement: str, parameters: dict[str, Any]) -> bool:
    """Whether a row was written."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return bool(cursor.rowcount > 0)
