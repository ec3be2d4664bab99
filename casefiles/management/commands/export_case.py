"""`manage.py export_case`: one casefile with its entries, proofs and what opens them, for `lintas-verify case`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from agencies import system
from audit import access
from casefiles import register_time
from casefiles.exporting import exported
from casefiles.management.commands.who_saw import kept_for_its_reader
from casefiles.operations import named_casefile

COMMAND = "manage.py export_case"
NOTICE = "PERSONAL DATA / DATA PRIBADI: this file names people. Keep it, send it and destroy it as the law demands."


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
            document = export(options["casefile"], now=register_time.now())
            # The notice has the first line to itself, before anything personal.
            file.write("{" + f'"notice": {json.dumps(NOTICE)},\n')
            file.write(json.dumps(document, ensure_ascii=False, indent=1)[2:] + "\n")
        self.stdout.write(f"{len(document['versions'])} versions. {NOTICE}")
        self.stdout.write(f"Verify: lintas-verify case {out} --key VKEY")


def export(casefile: str, *, now: datetime) -> dict[str, Any]:
    """The casefile as `exported`, and recorded as read by the operator. Raises `CommandError`, `NoOperator`."""
    row = named_casefile.find(casefile)
    if row is None:
        raise CommandError("There is no casefile of that number or id.")
    document = exported(row.pk, now=now)
    access.record(
        at=now,
        request_id=uuid4(),
        agency=system.operator(COMMAND).agency_id,
        client=COMMAND,
        route=COMMAND,
        purpose="operation",
        shown=[UUID(document["casefile"])],
    )
    return document
