"""`manage.py released_contract`: fails where the contract breaks the released one and the changelog does not say so."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from api.contract import openapi
from api.contract.openapi import released
from api.contract.openapi.files import ROOT


class Command(BaseCommand):
    database_role = "web"
    help = "Holds the contract against the released one; --release makes today's the released one. Needs no database."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--release", action="store_true", help="today's contract is released: keep it")

    def handle(self, *args: Any, **options: Any) -> None:
        document = openapi.document()
        if options["release"]:
            released.RELEASED.parent.mkdir(exist_ok=True)
            released.RELEASED.write_text(released.as_json(document), encoding="utf-8")
            self.stdout.write(str(released.RELEASED.relative_to(ROOT)))
            return
        found = released.unnamed(
            document,
            released=released.RELEASED.read_text(encoding="utf-8"),
            changelog=released.CHANGELOG.read_text(encoding="utf-8"),
        )
        if found:
            lines = "\n".join(f"- {released.MARK}{one}." for one in found)
            raise CommandError(
                "Clients of the released contract break. Take it back, or say so in the first section of "
                f"CHANGELOG.md, in these words:\n{lines}"
            )
