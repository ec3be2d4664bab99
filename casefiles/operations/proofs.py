"""Entries of the log as files carry them: with proof, with what they open to, and with the streams of who acted."""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from agencies.models import Agency
from audit import evidence, reading
from audit.models import Entry, Evidence, Opening
from audit.reading import Reader

# The bytes of an entry are told beside its proof, so the proof need not hold them.
ALL = Reader(agency=0, code="", reads_all=True, streams=())


def step(casefile: UUID, number: int) -> Entry | None:
    """The entry of that step of a casefile, with its place in the tree; who may see it is asked by the caller."""
    return Entry.objects.filter(stream=casefile, seq=number).select_related("leaf").first()


def entry(row: Entry) -> dict[str, Any]:
    """An entry with its place and proof; both null while it has none."""
    return entries([row])[0]


def entries(rows: Sequence[Entry]) -> list[dict[str, Any]]:
    """The same of many, fetched with their leaves: four statements at most, however many they are."""
    indexes = [_index(row) for row in rows]
    proofs = reading.receipts([index for index in indexes if index is not None], reader=ALL)
    return [
        {
            "index": index,
            "leaf_hash": bytes(row.leaf_hash).hex(),
            "body": bytes(row.body).decode(),
            "proof": proofs.get(index) if index is not None else None,
        }
        for row, index in zip(rows, indexes, strict=True)
    ]


def _index(row: Entry) -> int | None:
    leaf = getattr(row, "leaf", None)
    return leaf.index if leaf else None


def parties(codes: Collection[str], people: Collection[str] = ()) -> list[dict[str, Any]]:
    """The streams of these agencies, whole: which clients and keys they had. Nothing in them is personal.

    With them those of the vendors that asked them for a delegation: their clients speak in the agencies' streams; and
    those of these `people` (ids), which tell of which agency they were, and as what.
    """
    asked_by = Q(clients__delegations__employer__code__in=codes)
    streams = Agency.objects.filter(Q(code__in=codes) | asked_by).distinct().values_list("stream", flat=True)
    whole = [*streams, *map(UUID, people)]
    rows = Opening.objects.filter(entry__stream__in=whole).select_related("entry__leaf")
    openings = list(rows.order_by("entry__stream", "entry__seq"))
    told = entries([opening.entry for opening in openings])
    return [
        {
            **each,
            "given": opening.given,
            "given_salt": bytes(opening.given_salt).hex(),
            "state": opening.state,
            "state_salt": bytes(opening.state_salt).hex(),
        }
        for each, opening in zip(told, openings, strict=True)
    ]


def proven(row: Evidence | None) -> dict[str, Any] | None:
    """What proves a signed request, with the salt that opens its entries' commitment; None where nothing is kept."""
    if row is None or row.base is None or row.signature is None or row.salt is None:
        return None
    return {
        "base": row.base,
        "signature": base64.b64encode(bytes(row.signature)).decode(),
        "alg": row.alg,
        "jwk": row.jwk,
        "salt": bytes(row.salt).hex(),
    }


def is_settled(row: Evidence, *, now: datetime) -> bool:
    """Whether the token in the base has run out, so that the base may be handed to others."""
    return row.created_at + evidence.SETTLES_AFTER <= now
