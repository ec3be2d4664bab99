"""`manage.py who_saw`: who was shown something of one officer between two moments."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from casefiles import register_time
from casefiles.management import choosing
from casefiles.operations import subjects


class Command(BaseCommand):
    """Signs in as the web's role, which can record that the record was read."""

    database_role = "web"
    help = "Writes every read that showed something of one officer to a file (mode 600), oldest first."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        choosing.add_whom(parser)
        parser.add_argument("--from", required=True, dest="since", help="an instant: 2026-11-01T00:00:00+07:00")
        parser.add_argument("--until", required=True, help="the instant before which it ends")
        parser.add_argument("--out", required=True, type=Path, help="a file that is not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        since, until = _instant(options["since"]), _instant(options["until"])
        if since >= until:
            raise CommandError("--from harus sebelum --until. / --from has to lie before --until.")
        officer = choosing.whom(options, command="manage.py who_saw", write=self.stdout.write)
        if officer is None:
            return
        with kept_for_its_reader(options["out"]) as file, transaction.atomic():
            reads = subjects.readers(officer, since=since, until=until, now=register_time.now())
            document = {"from": options["since"], "until": options["until"], "reads": reads}
            file.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        by = sorted({read["agency"]["code"] for read in reads})
        self.stdout.write(f"{len(reads)} reads by {len(by)} agencies: {', '.join(by) or 'none'}")


@contextmanager
def kept_for_its_reader(out: Path) -> Iterator[TextIO]:
    """A new file that its owner alone can read, gone again where the block fails. Raises `CommandError`."""
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as why:
        raise CommandError(f"{out} cannot be written: {why.strerror}") from why
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is no instant. Example: 2026-11-01T00:00:00+07:00") from None
    if moment.tzinfo is None:
        raise CommandError(f"{text} names no time zone. Example: 2026-11-01T00:00:00+07:00")
    return moment
