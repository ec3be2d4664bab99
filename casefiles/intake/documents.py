"""Descriptors: what a file is and its digest. The file itself stays with its owner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db import connection

from agencies.actor import Actor
from audit.ids import uuid7
from audit.ledger import Sealed
from audit.requests import RequestFacts
from casefiles import references
from casefiles.models import Document
from casefiles.shapes import Between, Code, Date, Doc, Identifier, Lasting, NotAfterToday, Sha256, Text
from casefiles.transitions import committing


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """POST /documents: the descriptor of one file."""

    type: Annotated[str, Code("document-types"), Doc(id="Jenis dokumen", en="Type", example="assessment")]
    title: Annotated[str, Text(300), Doc(id="Judul", en="Title", example="Kajian dugaan pelanggaran")]
    number: Annotated[str, Text(120), Identifier(), Doc(id="Nomor", en="Number", example="12/PL/2024")] | None = None
    date: Annotated[Date, NotAfterToday(), Doc(id="Tanggal", en="Date", example="2024-10-06")] | None = None
    media_type: Annotated[
        str,
        Text(100, pattern=r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}"),
        Lasting(),
        Doc(id="Jenis media", en="Media type", example="application/pdf"),
    ]
    size: Annotated[int, Between(1, 10_000_000_000), Doc(id="Ukuran dalam bita", en="Size in bytes", example=18233)]
    sha256: Annotated[
        Sha256,
        Doc(
            id="SHA-256 isi berkas",
            en="SHA-256 of the content",
            example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
    ]
    signature_status: Annotated[
        str, Code("signature_status"), Doc(id="Tanda tangan elektronik", en="Signature", example="unknown")
    ] = "unknown"
    evidence_kind: Annotated[str, Code("evidence_kind"), Doc(id="Jenis bukti", en="Evidence kind")] | None = None
    held_by: Annotated[str, Text(200), Doc(id="Disimpan oleh", en="Held by")] | None = None
    archive_ref: Annotated[str, Text(200), Identifier(), Doc(id="Rujukan arsip", en="Archive reference")] | None = None


def register(*, actor: Actor, given: Descriptor, now: datetime, request: RequestFacts | None = None) -> Sealed:
    """Store a descriptor for the actor's agency; free text goes to the erasable place.

    Returns its entry, whose stream is its id.
    """
    ident, salt = uuid7(now), committing.fresh_salt()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH document AS (
                INSERT INTO casefiles_document (id, owner_id, type, number, date, media_type, size, sha256,
                    signature_status, evidence_kind, created_at)
                VALUES (%(id)s, %(owner)s, %(type)s, %(number)s, %(date)s, %(media_type)s, %(size)s, %(sha256)s,
                    %(signature_status)s, %(evidence_kind)s, %(now)s)
            )
            INSERT INTO casefiles_payload (document_id, seq, given, facts_salt, nip, name_key, created_at)
            VALUES (%(id)s, 1, %(free)s::jsonb, %(salt)s, '', '', %(now)s)
            """,
            {
                "id": ident,
                "owner": actor.agency_id,
                "type": given.type,
                "number": given.number or "",
                "date": given.date,
                "media_type": given.media_type,
                "size": given.size,
                "sha256": given.sha256,
                "signature_status": given.signature_status,
                "evidence_kind": given.evidence_kind or "",
                "now": now,
                "free": references.as_json(free_text(given)),
                "salt": salt,
            },
        )
    return committing.recorded("document", ident, salt=salt, actor=actor, now=now, request=request)


def free_text(given: Descriptor) -> dict[str, Any]:
    """What of a descriptor is free text, and so may name a person."""
    return {"title": given.title, "held_by": given.held_by, "archive_ref": given.archive_ref}


def owned(mentioned: Iterable[tuple[str, UUID]], *, actor: Actor) -> set[str]:
    """Those of the documents mentioned (pointer and id) that the actor's agency owns."""
    wanted = [document for _, document in mentioned]
    if not wanted:
        return set()
    found = Document.objects.filter(pk__in=wanted, owner=actor.agency_id)
    return {str(pk) for pk in found.values_list("pk", flat=True)}
