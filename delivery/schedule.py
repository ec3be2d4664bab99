"""When a delivery is tried again: ten attempts over 75 hours, then the subscription is paused."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from delivery.models import Webhook

_HOUR: Final = 3600.0
DELAYS: Final[Sequence[float]] = (
    0, 5, 300, 1800, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR,
)  # fmt: skip
"""Seconds before each attempt, counted from the end of the one before."""
JITTER: Final = 0.1
"""Share by which a wait is longer or shorter, so that all do not come at once to a receiver that is back."""
LONGEST_S: Final = 24 * _HOUR
"""The longest wait that a receiver may ask for (`Retry-After`)."""


def delays() -> Sequence[float]:
    """The schedule in force; only a sandbox on its own machine has another."""
    return settings.LINTAS_WEBHOOK_SCHEDULE or DELAYS


def wait(attempts: int, *, asked_s: float | None = None) -> timedelta | None:
    """How long to wait after so many attempts; None where they are spent. `asked_s` is the receiver's `Retry-After`."""
    known = delays()
    if attempts >= len(known):
        return None
    drawn = known[attempts] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - jitter, no secret
    return timedelta(seconds=max(drawn, min(asked_s or 0.0, LONGEST_S)))


def pauses_at(webhook: Webhook) -> datetime | None:
    """When a subscription will be paused unless its receiver answers until then: known a day before."""
    is_last = webhook.attempts == len(delays()) - 1 and webhook.status in ("unproven", "active")
    return webhook.due_at if is_last else None
