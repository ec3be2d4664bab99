"""How the webhooks of an agency are doing: no address beyond its host, no secret, no answer of a receiver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from delivery.models import Attempt, Webhook


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt: when, how it ended (`delivery.sender.OUTCOMES`), and the status that was answered."""

    at: datetime
    outcome: str
    status: int | None


@dataclass(frozen=True, slots=True)
class WebhookHealth:
    """A subscription; `cursor` is its place in the log, `failed` the newest attempt that was not delivered."""

    client: str
    host: str
    status: str
    pause_reason: str
    cursor: int
    attempts: int
    failing_since: datetime | None
    last: Tried | None
    failed: Tried | None


def webhooks_of(agency: int) -> Sequence[WebhookHealth]:
    """Those of that agency (its primary key) that were not ended, oldest first, in two statements."""
    tries = Attempt.objects.filter(delivery__webhook=OuterRef("pk")).order_by("-at", "-pk").values("pk")
    rows = (
        Webhook.objects.filter(agency=agency)
        .exclude(status="deleted")
        .annotate(last=Subquery(tries[:1]), failed=Subquery(tries.exclude(outcome="delivered")[:1]))
        .order_by("created_at", "pk")
        .values_list("client__client_id", "host", "status", "pause_reason", "cursor", "attempts", "failing_since",
                     "last", "failed")
    )  # fmt: skip
    found = list(rows)
    wanted = {pk for row in found for pk in row[-2:] if pk is not None}
    attempts = Attempt.objects.filter(pk__in=wanted).values_list("pk", "at", "outcome", "status")
    tried = {pk: Tried(at, outcome, status) for pk, at, outcome, status in attempts}
    return [WebhookHealth(*row[:-2], tried.get(row[-2]), tried.get(row[-1])) for row in found]
