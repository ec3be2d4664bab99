"""`manage.py export_case`: one casefile with its entries, proofs and what opens them, for `lintas-verify case`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from agencies import system
from audit import access, ledger
from audit.models import Entry, Evidence, Opening
from casefiles.identifiers import number_key
from casefiles.management.commands.who_saw import kept_for_its_reader
from casefiles.models import Attachment, Casefile, Payload, Transition
from casefiles.operations import erasure, proofs

FORMAT = "lintas-case-export/1"
COMMAND = "manage.py export_case"
NOTICE = "PERSONAL DATA / DATA PRIBADI: this file names people. Keep it, send it and destroy it as the law demands."

RECORD = (
    "id", "number", "version", "state", "came_from", "outcome", "election", "forms", "violation_class", "overdue_level",
    "data_block", "legal_hold", "created_at", "updated_at", "addressee_id", "employer_id", "examiner_id", "mandate_id",
    "submitter_id", "finding_id", "open_referral_id", "history_type", "history_user_id", "step_agency",
)  # fmt: skip
"""The columns of a version's row that its entry's `record` is taken over (`casefiles.transitions.step`)."""


class Command(BaseCommand):
    """Signs in as the web's role, which can record the read."""

    database_role = "web"
    help = (
        "Writes one casefile with entries, proofs and content to a file (mode 600) that lintas-verify case checks, and "
        "records that it was read."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--casefile", required=True, help="its number or id")
        parser.add_argument("--out", required=True, type=Path, help="a file that is not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        with kept_for_its_reader(out) as file, transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            said = export(options["casefile"], now=datetime.now(UTC))
            # The notice has the first line to itself, before anything personal.
            file.write("{" + f'"notice": {json.dumps(NOTICE)},\n')
            file.write(json.dumps(said, ensure_ascii=False, indent=1)[2:] + "\n")
        self.stdout.write(f"{len(said['versions'])} versions. {NOTICE}")
        self.stdout.write(f"Verify: lintas-verify case {out} --key VKEY")


def export(casefile: str, *, now: datetime) -> dict[str, Any]:
    """The casefile as `exported`, and recorded as read by the operator. Raises `CommandError`, `NoOperator`."""
    said = exported(casefile, now=now)
    access.record(
        at=now,
        request_id=uuid4(),
        agency=system.operator(COMMAND).agency_id,
        client=COMMAND,
        route=COMMAND,
        purpose="operation",
        shown=[UUID(said["casefile"])],
    )
    return said


def exported(casefile: str, *, now: datetime) -> dict[str, Any]:
    """The casefile of that number or id, as the file holds it. Raises `CommandError`."""
    try:
        wanted: dict[str, Any] = {"pk": UUID(casefile)}
    except ValueError:
        wanted = {"number": number_key(casefile)}
    row = Casefile.objects.filter(**wanted).first()
    if row is None:
        raise CommandError("There is no casefile of that number or id.")
    contents = {one.seq: one for one in Payload.objects.filter(casefile=row.pk, seq__gte=1)}
    steps = {one.seq: one for one in Transition.objects.filter(casefile=row.pk).select_related("agency")}
    records = {one["version"]: one for one in Casefile.history.filter(id=row.pk).values(*RECORD)}
    entries = list(Entry.objects.filter(stream=row.pk).select_related("leaf").order_by("seq"))
    said = [json.loads(bytes(one.body)) for one in entries]
    signed = Evidence.objects.in_bulk([one["request"]["id"] for one in said if one["request"]["signature"]])
    return {
        "format": FORMAT,
        "made_at": ledger.instant(now),
        "casefile": str(row.pk),
        "number": row.number,
        "version": row.version,
        "versions": [
            {
                **proofs.entry(entry),
                "content": _content(contents.get(entry.seq), row.pk),
                "transition": _transition(steps.get(entry.seq)),
                "record": _record(records.get(entry.seq)),
                "evidence": _proven(told, signed, now=now),
            }
            for entry, told in zip(entries, said, strict=True)
        ],
        "erasure": _erasure(row.pk),
        "parties": proofs.parties({one["actor"]["agency"] for one in said}),
    }


def _proven(said: Mapping[str, Any], rows: Mapping[UUID, Evidence], *, now: datetime) -> dict[str, Any] | None:
    """What proves the signature of a version's request; not while the token in it can still be used."""
    row = rows.get(UUID(said["request"]["id"])) if said["request"]["signature"] else None
    return proofs.proven(row) if row is not None and proofs.is_settled(row, now=now) else None


def _content(content: Payload | None, casefile: UUID) -> dict[str, Any] | None:
    if content is None or content.erased_at is not None:
        return None
    digests = {
        str(one.document_id): one.document.sha256
        for one in Attachment.objects.filter(casefile=casefile, seq=content.seq).select_related("document")
    }
    attachments: Any = content.attachments or []
    return {
        "given": content.given,
        "given_salt": bytes(content.given_salt or b"").hex(),
        "facts": content.facts,
        "facts_salt": bytes(content.facts_salt or b"").hex(),
        "attachments": [{**one, "sha256": digests.get(one["document"])} for one in attachments],
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
