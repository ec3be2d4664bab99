"""What proves a signed request years later: what was signed (RFC 9421), the signature and the public key.

A row per request, kept where it can be erased: the base holds a digest of the body, which may tell of a person to who
can guess it, and the token that the request was sent with. Entries of the request commit to the row under its salt
(`request.signature`, docs/log-format.md). The reader role sees a row once no token of its time can still be used
(`audit_settledevidence`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection

from audit import ledger
from audit.models import Evidence

SETTLES_AFTER: Final = timedelta(minutes=11)
"""A token lives for ten minutes: after that nobody can call with the one that stands in the base."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A request whose signature was verified. `alg` names the algorithm, `jwk` is the public key as registered."""

    base: str
    signature: bytes
    alg: str
    jwk: Mapping[str, str]
    thumbprint: str
    commitment: ledger.Commitment

    @property
    def digest(self) -> bytes:
        """What the entries of the request hold."""
        return self.commitment.digest


def signed(*, base: str, signature: bytes, alg: str, jwk: Mapping[str, str], thumbprint: str) -> Signed:
    """The evidence of a verified request, under a fresh salt."""
    evidence = content(base=base, signature=signature, alg=alg, jwk=jwk)
    return Signed(base, signature, alg, dict(jwk), thumbprint, ledger.commit(evidence))


def content(*, base: str, signature: bytes, alg: str, jwk: Mapping[str, str]) -> dict[str, Any]:
    """What an entry commits to, and what `GET /casefiles/{id}/evidence/{seq}` shows."""
    return {"base": base, "signature": base64.b64encode(signature).decode(), "alg": alg, "jwk": dict(jwk)}


KEPT: Final = """
evidence AS (
    INSERT INTO audit_evidence (request_id, base, signature, alg, jwk, salt, created_at)
    VALUES (%(evidence_request)s, %(evidence_base)s, %(evidence_signature)s, %(evidence_alg)s,
        %(evidence_jwk)s::jsonb, %(evidence_salt)s, %(evidence_at)s) RETURNING 1
)
"""
"""A table of a statement that keeps the evidence; `columns_of` has its parameters."""


def columns_of(signed: Signed, *, request_id: UUID, now: datetime) -> dict[str, Any]:
    """The parameters of `KEPT`."""
    return {
        "evidence_request": request_id,
        "evidence_base": signed.base,
        "evidence_signature": signed.signature,
        "evidence_alg": signed.alg,
        "evidence_jwk": json.dumps(signed.jwk),
        "evidence_salt": signed.commitment.salt,
        "evidence_at": now,
    }


def keep(signed: Signed | None, *, request_id: UUID, now: datetime) -> None:
    """Keep the evidence in a statement of its own, inside the transaction of the act; nothing where there is none."""
    if signed is not None:
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {KEPT} SELECT 1 FROM evidence", columns_of(signed, request_id=request_id, now=now))  # noqa: S608 - a constant


def erase(streams: Iterable[UUID], *, now: datetime) -> list[str]:
    """Erase the evidence of every request that made an entry of these streams; returns the requests' ids.

    Needs the owner's role, as all erasing does.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE audit_evidence SET base = NULL, signature = NULL, salt = NULL, jwk = NULL, erased_at = %s
            WHERE erased_at IS NULL AND request_id IN (
                SELECT (convert_from(body, 'UTF8')::jsonb->'request'->>'id')::uuid FROM audit_entry
                WHERE stream = ANY(%s)
            )
            RETURNING request_id::text
            """,
            [now, list(streams)],
        )
        return sorted(request for (request,) in cursor.fetchall())


def of_request(request_id: UUID) -> Evidence | None:
    """The row of that request, erased or not; None where it was not signed."""
    return Evidence.objects.filter(pk=request_id).first()
