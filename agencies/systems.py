"""The systems of an agency, until when their keys are valid, and one of them as who acts. No key is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from agencies import purposes
from agencies.actor import Actor
from agencies.models import Client, ClientKey


class NoSystem(LookupError):
    """The agency has no system that could act."""


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


def acting(agency: int, *, now: datetime) -> Actor:
    """A system of that agency, acting with its first key that holds, without a token: in a sandbox alone.

    Raises `NoSystem`.
    """
    holds = Q(awaits_approval=False, revoked_at__isnull=True) & (Q(valid_until__isnull=True) | Q(valid_until__gt=now))
    key = (
        ClientKey.objects.select_related("client__agency__group", "client__agency__parent")
        .filter(holds, client__agency=agency, client__active=True, client__signatures_required_from__isnull=True)
        .order_by("pk")
        .first()
    )
    if key is None:
        raise NoSystem
    client, owner = key.client, key.client.agency
    above = (owner.parent_id, owner.parent.parent_id if owner.parent else None)
    return Actor(
        client_pk=client.pk,
        client_id=client.client_id,
        agency_id=owner.pk,
        agency_code=owner.code,
        agency_name=owner.name,
        roles=frozenset(owner.roles),
        scopes=frozenset(client.scopes),
        user_pk=client.user_id,
        group_pk=owner.group_id,
        time_zone=owner.time_zone,
        ancestors=tuple(one for one in above if one is not None),
        token_pk=0,
        key_thumbprint=key.thumbprint,
        default_purpose=client.default_purpose or purposes.of_roles(owner.roles),
    )
