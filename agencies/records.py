"""An agency's whole record as the entries of its stream commit to it: facts, clients with keys, delegations.

A stream has one record, whichever part of it an act was about. A member that came with a later release is told only
where it says something, so that what earlier releases told stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from django.db.models import Model

from agencies.models import Agency, Client, ClientKey, Delegation
from agencies.registration import state
from audit.ledger import instant

BESIDE: Final = ("clients__keys", "delegations__client__agency")
"""What a record tells beside the agency's own row, for `prefetch_related`."""

M = TypeVar("M", bound=Model)


def of_agency(agency: Agency) -> Mapping[str, Any]:
    """The agency with all its clients, and with every delegation that it was ever asked for.

    Asks no statement of an agency that was fetched with `BESIDE`.
    """
    delegations = sorted(agency.delegations.all(), key=lambda row: (row.requested_at, row.pk))
    told = [of_delegation(each) for each in delegations]
    return {
        **state(agency),
        "clients": [of_client(each) for each in _in_order(agency.clients.all())],
        **({"delegations": told} if told else {}),
    }


def _in_order(rows: Iterable[M]) -> list[M]:
    return sorted(rows, key=lambda row: row.pk)


def of_client(client: Client) -> Mapping[str, Any]:
    """A client with all its keys."""
    return {
        "client": client.client_id,
        "scopes": sorted(client.scopes),
        "default_purpose": client.default_purpose,
        "active": client.active,
        **(
            {"signatures_required_from": instant(client.signatures_required_from)}
            if client.signatures_required_from
            else {}
        ),
        **({"sender_constrained": True} if client.sender_constrained else {}),
        "keys": [of_key(key) for key in _in_order(client.keys.all())],
    }


def of_key(key: ClientKey) -> Mapping[str, Any]:
    """A key, by its thumbprint only."""
    return {
        "kid": key.kid,
        "alg": key.alg,
        "thumbprint": key.thumbprint,
        "valid_from": instant(key.valid_from),
        "valid_until": instant(key.valid_until) if key.valid_until else None,
        "revoked_at": instant(key.revoked_at) if key.revoked_at else None,
        **({"awaits_approval": True} if key.awaits_approval else {}),
    }


def of_delegation(delegation: Delegation) -> Mapping[str, Any]:
    """What an employer was asked for, by whom, and what became of it."""
    return {
        "id": str(delegation.pk),
        "vendor": delegation.client.agency.code,
        "client": delegation.client.client_id,
        "roles": sorted(delegation.roles),
        "scopes": sorted(delegation.scopes),
        "purposes": sorted(delegation.purposes),
        "requested_at": instant(delegation.requested_at),
        "valid_until": instant(delegation.valid_until),
        "approved_at": instant(delegation.approved_at) if delegation.approved_at else None,
        "ended_at": instant(delegation.ended_at) if delegation.ended_at else None,
    }
