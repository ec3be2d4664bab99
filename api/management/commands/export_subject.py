"""`manage.py export_subject`: everything that is held on one officer, in one file, for whoever answers them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from casefiles import register_time
from casefiles.management import choosing
from casefiles.management.commands.who_saw import kept_for_its_reader
from casefiles.operations import subjects
from contents import keeping

NOTICE = "PERSONAL DATA / DATA PRIBADI: this file is about one person. Hand it to them, or destroy it."
COUNTED = ("casefiles", "preventions", "as_official", "zero_reports")


class Command(BaseCommand):
    """Signs in as the web's role, which can record the read."""

    database_role = "web"
    help = "Writes all that is held on one officer to a file (mode 600), and records that it was read."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        choosing.add_whom(parser)
        parser.add_argument("--reference", required=True, help="the request's number at the data-protection officer's")
        parser.add_argument("--out", required=True, type=Path, help="a file that is not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        officer = choosing.whom(options, command="manage.py export_subject", write=self.stdout.write)
        if officer is None:
            return
        with kept_for_its_reader(options["out"]) as file, transaction.atomic():
            document = subjects.export(
                officer, reference=options["reference"], now=register_time.now(), contents=keeping.shown_of
            )
            file.write(json.dumps({"notice": NOTICE, **document}, ensure_ascii=False, indent=1) + "\n")
        counts = ", ".join(f"{len(document[name])} {name}" for name in COUNTED)
        self.stdout.write(f"{counts}. {NOTICE}")
