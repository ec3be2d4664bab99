"""One casefile with its entries, proofs and what opens them, as `lintas-verify case` reads it.

The operator's command writes it whole. A dossier of the console holds what its reader may open: a version's content is
one commitment, so it is opened whole or not at all, and a version that is not opened says so.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from audit import evidence, ledger
from audit.models import Entry, Evidence, Opening
from casefiles.models import Attachment, Casefile, Payload, Transition
from casefiles.operations import erasure, proofs

FORMAT = "lintas-case-export/1"

RECORD = (
    "id", "number", "version", "state", "came_from", "outcome", "election", "forms", "violation_class", "overdue_level",
    "data_block", "legal_hold", "created_at", "updated_at", "addressee_id", "employer_id", "examiner_id", "mandate_id",
    "submitter_id", "finding_id", "open_referral_id", "history_type", "history_user_id", "step_agency",
)  # fmt: skip
"""The columns of a version's row that its entry's `record` is taken over (`casefiles.transitions.step`)."""

Opens: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any], str], bool]
"""Whether the reader may have a version's content: the file after it, what the step was given, and by which agency."""


def exported(casefile: UUID, *, now: datetime, until: int | None = None, opens: Opens | None = None) -> dict[str, Any]:
    """The casefile as the file holds it: up to version `until`, where that is given; without `opens`, all is opened.

    The caller has asked for sight of the casefile. Raises `Casefile.DoesNotExist`.
    """
    row = Casefile.objects.get(pk=casefile)
    last = row.version if until is None else min(until, row.version)
    contents = {payload.seq: payload for payload in Payload.objects.filter(casefile=row.pk, seq__gte=1, seq__lte=last)}
    steps = {step.seq: step for step in Transition.objects.filter(casefile=row.pk).select_related("agency")}
    records = {record["version"]: record for record in Casefile.history.filter(id=row.pk).values(*RECORD)}
    entries = list(Entry.objects.filter(stream=row.pk, seq__lte=last).select_related("leaf").order_by("seq"))
    bodies = [json.loads(bytes(entry.body)) for entry in entries]
    digests: defaultdict[int, dict[UUID, str]] = defaultdict(dict)
    for attachment in Attachment.objects.filter(casefile=row.pk, seq__lte=last).select_related("document"):
        digests[attachment.seq][attachment.document_id] = attachment.document.sha256
    signed = evidence.settled(body["request"]["id"] for body in bodies if body["request"]["signature"])
    proven = proofs.entries(entries)
    return {
        "format": FORMAT,
        "made_at": ledger.instant(now),
        "casefile": str(row.pk),
        "number": row.number,
        "version": last,
        "versions": [
            {
                **told,
                **_opened(contents.get(entry.seq), digests[entry.seq], steps.get(entry.seq), opens),
                "transition": _transition(steps.get(entry.seq)),
                "record": _record(records.get(entry.seq)),
                "evidence": _proven(body, signed),
            }
            for entry, body, told in zip(entries, bodies, proven, strict=True)
        ],
        "erasure": _erasure(row.pk),
        "parties": proofs.parties(
            {body["actor"]["agency"] for body in bodies},
            {body["actor"].get(name) for body in bodies for name in ("person", "drafted_by")} - {None},
        ),
    }


def _opened(
    content: Payload | None, digests: Mapping[UUID, str], step: Transition | None, opens: Opens | None
) -> dict[str, Any]:
    """A version's content, or that it is not this reader's to open."""
    opened = _content(content, digests)
    if opened is not None and opens is not None:
        by = step.agency.code if step is not None else ""
        if not opens(opened["facts"], opened["given"], by):
            return {"content": None, "withheld": True}
    return {"content": opened}


def _proven(body: Mapping[str, Any], rows: Mapping[UUID, Evidence]) -> dict[str, Any] | None:
    """What proves the signature of a version's request; not while the token in it can still be used."""
    row = rows.get(UUID(body["request"]["id"])) if body["request"]["signature"] else None
    return proofs.proven(row)


def _content(content: Payload | None, digests: Mapping[UUID, str]) -> dict[str, Any] | None:
    if content is None or content.erased_at is not None:
        return None
    attachments: Any = content.attachments or []
    return {
        "given": content.given,
        "given_salt": bytes(content.given_salt or b"").hex(),
        "facts": content.facts,
        "facts_salt": bytes(content.facts_salt or b"").hex(),
        "attachments": [{**salted, "sha256": digests.get(UUID(salted["document"]))} for salted in attachments],
    }


def _transition(step: Transition | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "seq": step.seq,
        "name": step.name,
        "from": step.from_state or None,
        "to": step.to_state,
        "party": step.party,
        "agency": step.agency.code,
        "client": step.client,
        "occurred_at": ledger.instant(step.occurred_at),
        "recorded_at": ledger.instant(step.recorded_at),
        "legal_basis": step.legal_basis,
        "request_id": str(step.request_id),
    }


def _record(row: dict[str, Any] | None) -> dict[str, Any] | None:
    """The version's row, as its entry's `record` is taken over it: the file's number, its state, nothing personal."""
    return None if row is None else {name: _spelled(value) for name, value in row.items()}


def _spelled(value: Any) -> Any:
    if isinstance(value, datetime):
        return ledger.instant(value)
    return str(value) if isinstance(value, UUID) else value


def _erasure(casefile: UUID) -> dict[str, Any] | None:
    """The entry that says that the casefile was erased, with what opens it; nothing in it is personal."""
    opening = (
        Opening.objects.filter(entry__stream=erasure.STREAM, state__casefile=str(casefile))
        .select_related("entry__leaf")
        .order_by("entry__seq")
        .last()
    )
    if opening is None:
        return None
    return {**proofs.entry(opening.entry), "state": opening.state, "state_salt": bytes(opening.state_salt).hex()}
