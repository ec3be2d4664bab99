"""`manage.py export_hukdis`: what is to go to SIASN, one casefile a line, for whoever hands it over in bulk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from agencies import system
from agencies.models import Agency
from audit import access, ledger
from casefiles import register_time
from casefiles.catalogue.siasn import Because, HukdisRecord
from casefiles.management.commands.who_saw import kept_for_its_reader
from casefiles.operations import hukdis
from casefiles.operations.hukdis import HandedOver, Held

COMMAND = "manage.py export_hukdis"
NOTICE = "PERSONAL DATA / DATA PRIBADI: this file names people. Hand it over, or destroy it."
ZONE = ZoneInfo("Asia/Jakarta")


class Command(BaseCommand):
    """Signs in as the web's role, which can record the read."""

    database_role = "web"
    help = (
        "Writes the hukdis payloads of all casefiles with a sanction that were written to or handed over since a day "
        "to a file (mode 600), one casefile a line, and records that they were read."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", required=True, type=_day, help="first day, as 2026-11-01 (Asia/Jakarta)")
        parser.add_argument("--agency", help="code of an employer: its officers only")
        parser.add_argument("--out", required=True, type=Path, help="a file that is not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        agency: str | None = options["agency"]
        if agency is not None and not Agency.objects.filter(code=agency).exists():
            raise CommandError(f"There is no agency {agency}. GET /api/v1/agencies lists their codes.")
        now, since = register_time.now(), datetime.combine(options["since"], time(), ZONE)
        casefiles = ready = waiting = 0
        with kept_for_its_reader(options["out"]) as file, transaction.atomic():
            file.write(json.dumps({"notice": NOTICE, "since": options["since"].isoformat(), "agency": agency}) + "\n")
            for batch in hukdis.held_since(since, employer=agency, now=now):
                for found in batch:
                    file.write(json.dumps(line(found), ensure_ascii=False) + "\n")
                    ready += sum(not record.waits for record in found.records)
                    waiting += sum(bool(record.waits) for record in found.records)
                casefiles += len(batch)
                _record(batch, now=now)
        self.stdout.write(f"{casefiles} casefiles, {ready} records to hand over, {waiting} that wait. {NOTICE}")


def line(found: Held) -> dict[str, Any]:
    """One casefile as a line of the file: the members of GET /casefiles/{id}/hukdis, both languages."""
    return {
        "casefile": str(found.casefile),
        "number": found.facts["number"],
        "version": found.version,
        "employer": found.facts.get("employer"),
        "nip": found.facts["subject"].get("nip"),
        "entry": {"index": found.index, "leaf_hash": found.leaf_hash},
        "records": [_told(record) for record in found.records],
        "handed_over": [_handed_over(one) for one in found.handed_over],
    }


def _handed_over(one: HandedOver) -> dict[str, Any]:
    """What tells a record that SIASN has from one that it has not: without it the same record would be made twice."""
    return {
        "sanction_version": one.sanction_version,
        "version": one.version,
        "digest": one.digest,
        "siasn_id": one.siasn_id,
        "agency": one.agency,
        "at": ledger.instant(one.at),
        "index": one.index,
    }


def _told(record: HukdisRecord) -> dict[str, Any]:
    return {
        "sanction_version": record.sanction_version,
        "sanction": record.sanction,
        "status": record.status,
        "payload": dict(record.payload),
        "digest": hukdis.digest_of(record),
        "certainty": dict(record.certainty),
        "unfilled": [{"member": why.member, **_said(why)} for why in record.unfilled],
        "waits": [_said(why) for why in record.waits],
    }


def _said(why: Because) -> dict[str, str]:
    return {"code": why.code, "id": why.id, "en": why.en}


def _record(batch: Sequence[Held], *, now: datetime) -> None:
    access.record(
        at=now,
        request_id=uuid4(),
        agency=system.operator(COMMAND).agency_id,
        client=COMMAND,
        route=COMMAND,
        purpose="operation",
        shown=[found.casefile for found in batch],
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is no day. Example: 2026-11-01") from None
