"""What is registered beside the casefiles (findings, documents, preventions, zero reports, what went to SIASN) as
entries of the log.

Each is a stream of its own, named by its id. An entry's `record` is the digest of the row, ids and codes only. `after`
and `payload` commit to everything personal, under a salt that lies with the content (`facts_salt` of one of its rows),
so that an erasure takes it along. Nobody has such a stream in a feed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from django.db import connection
from django.db.models import Model

from agencies.actor import Actor
from audit import ledger
from audit.ledger import Sealed
from audit.recording import plain
from audit.requests import RequestFacts
from casefiles.models import Document, Finding, HukdisHandover, Payload, Prevention, ZeroReport

Noun = Literal["finding", "document", "prevention", "zero_report", "hukdis"]

COLUMNS: Final[dict[Noun, tuple[type[Model], tuple[str, ...]]]] = {
    # Number and key of the register are left to the step that corrects them, whose entry commits to them.
    "finding": (
        Finding,
        ("id", "office_id", "source", "election", "mandate_id", "known_on", "registered_on", "created_at"),
    ),
    "document": (
        Document,
        ("id", "owner_id", "type", "number", "date", "media_type", "size", "sha256", "signature_status",
         "evidence_kind", "created_at"),
    ),
    "prevention": (
        Prevention,
        ("id", "office_id", "kind", "held_on", "election", "region", "addressed_id", "created_at"),
    ),
    "zero_report": (
        ZeroReport,
        ("id", "agency_id", "subject", "election", "period_from", "period_until", "reported_by_id", "created_at"),
    ),
    "hukdis": (HukdisHandover, ("id", "casefile_id", "version", "sanction_version", "agency_id", "created_at")),
}  # fmt: skip
"""The rows' columns by which `record` is taken. `audit.verify.kept` reads the same."""


def fresh_salt() -> bytes:
    """The salt of one commitment, to be stored with the content."""
    return secrets.token_bytes(32)


def recorded(
    noun: Noun, ident: UUID, *, salt: bytes, actor: Actor, now: datetime, request: RequestFacts | None = None,
    is_first: bool = True, what: str = "recorded",
) -> Sealed:  # fmt: skip
    """Append the entry of a record, or of its next version, inside the transaction that stored row and content.

    `what` is the second word of the entry's kind.
    """
    digest, state = _read(noun, ident, salt=salt)
    return ledger.append_committed(
        stream=ident,
        kind=f"{noun}.{what}",
        state=state,
        record=digest,
        now=now,
        author=actor.as_recorder(),
        request=request,
        is_first=is_first,
    )


def first_recorded(
    noun: Noun, row: Mapping[str, Any], content: Any, *, salt: bytes, actor: Actor, now: datetime, request: RequestFacts
) -> Sealed:
    """The first entry of a record whose row and content are yet to be stored, for the statement that stores all three.

    `row` has at least the columns of the noun, as they will be stored, and `id`.
    """
    return ledger.sealed_committed(
        stream=row["id"],
        kind=f"{noun}.recorded",
        state=ledger.commit([content], salt=salt),
        record=ledger.digest_of({name: plain(row[name]) for name in COLUMNS[noun][1]}),
        now=now,
        author=actor.as_recorder(),
        request=request,
        is_first=True,
    )


def redacted(noun: Noun, ident: UUID, *, now: datetime) -> None:
    """Append what an erasure left of a record: something else than before, or nothing. The operator's own command."""
    contents = Payload.objects.filter(**{noun: ident}, seq__gte=1, answer__isnull=True)
    left = contents.filter(given__isnull=False).order_by("-seq").first()
    salt = fresh_salt()
    if left is not None:
        left.facts_salt = salt
        left.save(update_fields=["facts_salt"])
    digest, state = _read(noun, ident, salt=salt)
    kind = f"{noun}.{'redacted' if left else 'erased'}"
    ledger.append_committed(stream=ident, kind=kind, state=state, record=digest, now=now)


def _read(noun: Noun, ident: UUID, *, salt: bytes) -> tuple[bytes, ledger.Commitment]:
    """The digest of the row as it is stored, and the commitment to its content."""
    model, columns = COLUMNS[noun]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)}, (SELECT coalesce(jsonb_agg(p.given ORDER BY p.seq), '[]')::text "  # noqa: S608 - our own columns
            f"FROM casefiles_payload p WHERE p.{noun}_id = r.id AND p.seq >= 1 AND p.answer IS NULL) "
            f"FROM {model._meta.db_table} r WHERE id = %s",
            [ident],
        )
        *row, contents = cursor.fetchone()
    record = {name: plain(value) for name, value in zip(columns, row, strict=True)}
    return ledger.digest_of(record), ledger.commit(json.loads(contents), salt=salt)
