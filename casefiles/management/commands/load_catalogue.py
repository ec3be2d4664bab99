"""`manage.py load_catalogue [--root DIR] [--check]`: the law as data is validated whole and put on record."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.management.receipted import ReceiptedCommand
from casefiles.catalogue import book, versions
from casefiles.catalogue.book import CatalogueError


class Command(ReceiptedCommand):
    """Run as the owner."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Validates the catalogue's files whole and puts their version on record, as one entry of the log."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--root", type=Path, default=book.DATA, help="a folder other than the one deployed")
        parser.add_argument("--check", action="store_true", help="validate only; store nothing, ask no database")

    def handle(self, *args: Any, **options: Any) -> None:
        root: Path = options["root"]
        if not root.is_dir():
            raise CommandError(f"There is no folder {root}.")
        try:
            found = book.load(root)
        except CatalogueError as why:
            raise CommandError(f"Nothing was loaded.\n{why}") from why
        rows = sum(found.counts().values())
        summary = f"version {found.version}, {len(found.counts())} lists, {rows} rows, digest {found.digest}"
        if options["check"]:
            self.stdout.write(f"Well: {summary}.")
            return
        try:
            done = versions.load(found, now=dt.datetime.now(dt.UTC))
        except versions.LoadRefused as why:
            raise CommandError(f"Nothing was loaded. {why}") from why
        self.stdout.write(f"Loaded: {summary}." if done else f"Nothing to do: {summary} is on record.")
