"""Subscriptions, what was delivered to them, and every attempt.

A subscription keeps its place in the feed (`cursor`) and nothing of what it delivers: what is to be sent is read from
the log each time, so nothing can be forgotten, and a replay sets the cursor back.
"""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from agencies.models import Agency, Client

STATUSES: Final = ("unproven", "active", "paused", "disabled", "deleted")
"""Before its receiver echoed the challenge; at work; failed too often or held by its subscriber; told by the receiver
that it is gone (410); ended, which is kept because its entries are.
"""
KINDS: Final = ("event", "ping", "challenge")
DELIVERY_STATUSES: Final = ("pending", "delivered", "failed", "paused")


class Webhook(models.Model):
    """One subscription of one client: of its agency's events, or of those of the employers that delegated to a vendor.

    The secrets are sealed for the courier (`delivery.keys`). `lease` is the claim of a pump that works on it until
    `leased_until`; whoever changes the row takes the claim away, so that what that pump notes afterwards is dropped.
    """

    id = models.UUIDField(primary_key=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="webhooks")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="webhooks")
    url = models.TextField()
    # What the log names of the address: its path may hold a secret of the receiver's.
    host = models.CharField(max_length=253)
    url_digest = models.CharField(max_length=64)
    types = ArrayField(models.CharField(max_length=80), default=list)
    status = models.CharField(max_length=10, default="unproven")
    pause_reason = models.CharField(max_length=20, blank=True, default="")
    proven_at = models.DateTimeField(null=True)
    secret = models.BinaryField()
    secret_before = models.BinaryField(null=True)
    secret_before_until = models.DateTimeField(null=True)
    # How many secrets it has had.
    secrets = models.PositiveIntegerField(default=1)
    cursor = models.BigIntegerField()
    # Attempts that the oldest event has cost, and when the next is due.
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    # Of the registration: who repeats it with the same key gets the same subscription.
    key_digest = models.BinaryField()
    fingerprint = models.BinaryField()
    # The mailbox that is told before a pause (`delivery.warning`), when it was and whether the mail server took it;
    # `warns_at` is the claim of a courier that tells it.
    contact = models.CharField(max_length=254, blank=True, default="", db_default="")
    warned_at = models.DateTimeField(null=True)
    warning = models.CharField(max_length=10, blank=True, default="", db_default="")
    warns_at = models.DateTimeField(null=True)
    # Opens the newest entry's commitment to the row (`delivery.recording`).
    salt = models.BinaryField(default=b"")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("client", "key_digest"), name="a_key_registers_one_webhook"),
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="a_webhook_has_a_known_status"),
            models.CheckConstraint(
                condition=Q(secret_before__isnull=True) | Q(secret_before_until__isnull=False),
                name="a_former_secret_ends",
            ),
            models.CheckConstraint(
                condition=Q(warning="", warned_at__isnull=True)
                | Q(warning__in=("sent", "refused"), warned_at__isnull=False),
                name="a_warning_has_its_moment",
            ),
            models.CheckConstraint(condition=Q(cursor__gte=-1), name="a_cursor_is_a_place_in_the_log"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class Delivery(models.Model):
    """One thing that is sent to one subscription; its id is the `webhook-id` of a ping or a challenge.

    An event has its id from the log. `asked_at` marks what is sent once more, or once at all, because somebody asked.
    """

    id = models.UUIDField(primary_key=True)
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    kind = models.CharField(max_length=10)
    event = models.UUIDField()
    type = models.CharField(max_length=80)
    index = models.BigIntegerField(null=True)
    status = models.CharField(max_length=10, default="pending")
    attempts = models.PositiveSmallIntegerField(default=0)
    # What a challenge wants echoed; empty for all others.
    token = models.CharField(max_length=43, blank=True, default="")
    asked_at = models.DateTimeField(null=True)
    # For which employers (their codes) a vendor's receiver was told of the event last; empty for all others.
    agencies = ArrayField(models.CharField(max_length=80), default=list, db_default=[])
    next_attempt_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("webhook", "index"), name="an_event_is_one_delivery"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="a_delivery_is_of_a_known_kind"),
            models.CheckConstraint(condition=Q(status__in=DELIVERY_STATUSES), name="a_delivery_has_a_known_status"),
            models.CheckConstraint(
                condition=Q(kind="event", index__isnull=False) | (~Q(kind="event") & Q(index__isnull=True)),
                name="an_event_has_a_place_in_the_log",
            ),
        )
        indexes = (
            models.Index(fields=("webhook",), condition=Q(asked_at__isnull=False), name="asked_deliveries"),
            models.Index(fields=("webhook", "-created_at"), name="deliveries_by_webhook"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class Attempt(models.Model):
    """One attempt: how it ended (`delivery.sender.OUTCOMES`), the status, the first part of the answer as text."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    outcome = models.CharField(max_length=30)
    status = models.PositiveSmallIntegerField(null=True)
    latency_ms = models.PositiveIntegerField()
    answer = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("delivery", "number"), name="an_attempt_has_a_number"),)

    def __str__(self) -> str:
        return f"{self.delivery_id}/{self.number}"
