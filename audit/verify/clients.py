"""Clients, keys and delegations in the database against what the agencies' streams tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg

from . import evidence
from .report import Report
from .rows import same_instant

CLIENTS: LiteralString = """
SELECT c.id, c.client_id, a.code, c.scopes, c.default_purpose, c.active,
    c.signatures_required_from, c.sender_constrained FROM agencies_client c
LEFT JOIN agencies_agency a ON a.id = c.agency_id ORDER BY c.id
"""
KEYS: LiteralString = """
SELECT k.id, c.client_id, k.kid, k.alg, k.public_jwk, k.thumbprint, k.valid_from, k.valid_until, k.revoked_at,
    k.awaits_approval
FROM agencies_clientkey k LEFT JOIN agencies_client c ON c.id = k.client_id ORDER BY k.id
"""
DELEGATIONS: LiteralString = """
SELECT d.id::text, e.code, c.client_id, v.code, d.roles, d.scopes, d.purposes, d.requested_at, d.valid_until,
    d.approved_at, d.ended_at
FROM agencies_delegation d LEFT JOIN agencies_agency e ON e.id = d.employer_id
LEFT JOIN agencies_client c ON c.id = d.client_id LEFT JOIN agencies_agency v ON v.id = c.agency_id ORDER BY d.id
"""
State = Mapping[str, Any]


def verify_clients(connection: psycopg.Connection[Any], states: list[State], *, report: Report) -> None:
    """Compare `agencies_client`, `agencies_clientkey` and `agencies_delegation` with the agencies' states.

    The states are those that the log told last.
    """
    clients = {own["client"]: (state["code"], own) for state in states for own in state["clients"]}
    keys = {(client, key["kid"]): key for client, (_, own) in clients.items() for key in own["keys"]}
    _compare_clients(connection, clients, report=report)
    _compare_keys(connection, keys, report=report)
    delegations = {str(one["id"]): (state["code"], one) for state in states for one in state.get("delegations", ())}
    _compare_delegations(connection, delegations, report=report)
    report.checked["clients"] += len(clients)


def _compare_clients(
    connection: psycopg.Connection[Any], states: Mapping[str, tuple[str, State]], *, report: Report
) -> None:
    table, missing = "agencies_client", dict(states)
    for ident, client, agency, scopes, purpose, active, required_from, constrained in connection.execute(CLIENTS):
        if client not in states:
            report.add("row-extra", table=table, row=ident)
            continue
        if missing.pop(client, None) is None:
            report.add("row-twice", table=table, column="client_id", row=ident)
        code, state = states[client]
        due = {
            "agency_id": agency == code,
            "scopes": sorted(map(str, scopes or ())) == state["scopes"],
            "default_purpose": purpose == state["default_purpose"],
            "active": active == state["active"],
            "signatures_required_from": same_instant(required_from, state.get("signatures_required_from")),
            "sender_constrained": constrained == state.get("sender_constrained", False),
        }
        _name_columns(due, table=table, row=ident, report=report)
    for client in missing:
        report.add("row-missing", table=table, row=client)


def _compare_keys(
    connection: psycopg.Connection[Any], states: Mapping[tuple[str, str], State], *, report: Report
) -> None:
    table, missing = "agencies_clientkey", dict(states)
    for ident, client, kid, alg, jwk, thumbprint, *moments, waits in connection.execute(KEYS):
        state = states.get((client, kid))
        if state is None:
            report.add("row-extra", table=table, row=ident)
            continue
        if missing.pop((client, kid), None) is None:
            report.add("row-twice", table=table, column="kid", row=ident)
        due = {
            "alg": alg == state["alg"],
            # The key itself is told by its thumbprint, which nobody can find another key for.
            "public_jwk": evidence.thumbprint(jwk) == state["thumbprint"],
            "thumbprint": thumbprint == state["thumbprint"],
            "awaits_approval": waits == state.get("awaits_approval", False),
        }
        for column, moment in zip(("valid_from", "valid_until", "revoked_at"), moments, strict=True):
            due[column] = same_instant(moment, state[column])
        _name_columns(due, table=table, row=ident, report=report)
    for client, kid in missing:
        report.add("row-missing", table=table, row=f"{client}/{kid}")


def _compare_delegations(
    connection: psycopg.Connection[Any], states: Mapping[str, tuple[str, State]], *, report: Report
) -> None:
    table, missing = "agencies_delegation", dict(states)
    for ident, employer, client, vendor, *rights, asked, until, approved, ended in connection.execute(DELEGATIONS):
        if missing.pop(ident, None) is None:
            report.add("row-extra" if ident not in states else "row-twice", table=table, row=ident)
            continue
        code, state = states[ident]
        due = {
            "employer_id": employer == code,
            "client_id": (vendor, client) == (state["vendor"], state["client"]),
            "requested_at": same_instant(asked, state["requested_at"]),
            "valid_until": same_instant(until, state["valid_until"]),
            "approved_at": same_instant(approved, state["approved_at"]),
            "ended_at": same_instant(ended, state["ended_at"]),
        }
        for column, held in zip(("roles", "scopes", "purposes"), rights, strict=True):
            due[column] = sorted(map(str, held or ())) == state[column]
        _name_columns(due, table=table, row=ident, report=report)
    for ident in missing:
        report.add("row-missing", table=table, row=ident)


def _name_columns(due: Mapping[str, bool], *, table: str, row: int | str, report: Report) -> None:
    for column, fits in due.items():
        if not fits:
            report.add("column-differs", table=table, column=column, row=row)
