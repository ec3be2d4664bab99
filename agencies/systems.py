"""The systems of an agency and until when their keys are valid. No key is among what this returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from agencies.models import Client


@dataclass(frozen=True, slots=True)
class System:
    """A client: its id, whether it is active, how many of its keys hold now, and until when the last of them does.

    `until` is None where one holds without end, or none holds.
    """

    client_id: str
    active: bool
    keys: int
    until: datetime | None


def systems_of(agency: int, *, now: datetime) -> Sequence[System]:
    """Those of that agency (its primary key), by their id, in one statement."""
    holds = Q(keys__revoked_at__isnull=True, keys__valid_from__lte=now) & (
        Q(keys__valid_until__isnull=True) | Q(keys__valid_until__gt=now)
    )
    rows = (
        Client.objects.filter(agency=agency)
        .values("client_id", "active")
        .annotate(
            held=Count("keys", filter=holds),
            endless=Count("keys", filter=holds & Q(keys__valid_until__isnull=True)),
            until=Max("keys__valid_until", filter=holds),
        )
        .order_by("client_id")
    )
    return [
        System(row["client_id"], row["active"], row["held"], None if row["endless"] else row["until"]) for row in rows
    ]
