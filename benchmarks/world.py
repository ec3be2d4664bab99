"""Who takes part in the benchmark: the sandbox's agencies, some hundred invented offices and employers, and callers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from joserfc.jwk import ECKey

from agencies import clients, entries, keys, registration, sandbox, tokens
from agencies.models import Client, ClientKey
from benchmarks.spread import CALLING_OFFICES, PROVINCES, office, offices_for
from casefiles.catalogue import book, versions


@dataclass(frozen=True)
class World:
    """Access tokens by agency code, and how many offices and employers were invented."""

    tokens: dict[str, str]
    offices: int
    employers: int


def build(*, casefiles: int, now: datetime) -> World:
    """Register everybody."""
    offices = employers = offices_for(casefiles)
    sandbox.seed(issuer=settings.LINTAS_BASE_URL, now=now)
    versions.load(book.load(), now=now)
    _invent("bawaslu-prov-uji", PROVINCES, role="election_supervisor", level="province", parent="'bawaslu-ri'")
    parent = f"'bawaslu-prov-uji-' || lpad((1 + i %% {PROVINCES})::text, 3, '0')"
    _invent("bawaslu-uji", offices, role="election_supervisor", level="regency", parent=parent)
    _invent("pemda-uji", employers, role="employer", level="regency", parent="NULL")
    for number in range(1, CALLING_OFFICES + 1):
        _client(office(number), now=now)
    return World(tokens=_tokens(now=now), offices=offices, employers=employers)


def build_small(*, offices: int, now: datetime) -> World:
    """Register the sandbox's agencies and a few offices more, each with its entry in the log; no employers."""
    sandbox.seed(issuer=settings.LINTAS_BASE_URL, now=now)
    versions.load(book.load(), now=now)
    for number in range(1, offices + 1):
        entry = entries.AgencyEntry(
            code=office(number),
            name=f"Instansi uji {number}",
            roles=["election_supervisor"],
            level="regency",
            region="13.06",
            parent="bawaslu-sumatera-barat",
            valid_from=date(2012, 1, 1),
        )
        registration.register_agency(entry, now=now)
        _client(office(number), now=now)
    return World(tokens=_tokens(now=now), offices=offices, employers=0)


def _tokens(*, now: datetime) -> dict[str, str]:
    issued = {}
    for client in Client.objects.select_related("agency"):
        issued[client.agency.code] = token = tokens.generate()
        key = ClientKey.objects.get(client=client)
        proven = tokens.ProvenClient(client=client, key=key, thumbprint=key.thumbprint)
        # The one liberty taken: a token of a day instead of ten minutes.
        tokens.issue(token, proven=proven, scopes=" ".join(client.scopes), expires=now + timedelta(days=1))
    return issued


def cursor() -> Any:
    """A cursor that sends finished SQL text: several statements at once, and no parameter for the planner to guess."""
    connection.ensure_connection()
    return psycopg.ClientCursor(connection.connection)


def _invent(prefix: str, count: int, *, role: str, level: str, parent: str) -> None:
    code = f"'{prefix}-' || lpad(i::text, 3, '0')"
    with cursor() as sending:
        sending.execute(
            f"""
            WITH made AS (
                INSERT INTO auth_group (name) SELECT 'agency:' || {code} FROM generate_series(1, %s) i
                RETURNING id, name
            )
            INSERT INTO agencies_agency (code, name, roles, level, region, parent_id, time_zone, valid_from, stream,
                group_id)
            SELECT {code}, 'Instansi uji ' || i, ARRAY[%s], %s, '',
                (SELECT id FROM agencies_agency WHERE code = {parent}),
                'Asia/Jakarta', '2012-01-01', gen_random_uuid(), made.id
            FROM generate_series(1, %s) i JOIN made ON made.name = 'agency:' || {code}
            """,
            [count, role, level, count],
        )


def _client(code: str, *, now: datetime) -> None:
    client_id, key = f"{code}-system", ECKey.generate_key("P-256")
    private = {**key.as_dict(private=True), "kid": "k1", "alg": "ES256"}
    clients.register_client(
        client_id=client_id,
        name=code,
        agency=code,
        scopes=["findings:write", "casefiles:read", "casefiles:write", "documents:read", "documents:write"],
        offers=(
            clients.KeyOffer(
                jwk={name: private[name] for name in ("kty", "crv", "x", "y")},
                proof=keys.prove(private, client_id=client_id, audience=settings.LINTAS_BASE_URL),
                kid="k1",
            ),
        ),
        issuer=settings.LINTAS_BASE_URL,
        now=now,
    )
