"""`manage.py seed_cases --sandbox-file FILE`: a case in every state of a running sandbox, listed in that file."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import httpx
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.client import Refused, clients
from demo.seeding import seed_cases


class Command(BaseCommand):
    """Touches no database: every step is sent to the service at the file's `base_url`, by the client of its party."""

    database_role = "web"
    help = "Walks a case into every state of a running sandbox, and lists them in the file with its clients' keys."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file with the clients' keys."""
        parser.add_argument("--sandbox-file", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk what is missing. A CommandError where the service refuses a step or does not answer."""
        path: Path = options["sandbox_file"]
        logging.getLogger("httpx").setLevel(logging.WARNING)
        said = json.loads(path.read_text(encoding="utf-8"))
        with httpx.Client(base_url=said["base_url"], timeout=30) as http:
            try:
                cases = seed_cases(clients(path, http), said.get("cases", ()))
            except Refused as refused:
                errors = "".join(
                    f"\n  {one.get('pointer')}: {one['code']}. {one.get('detail')}" for one in refused.errors
                )
                raise CommandError(f"{refused}{errors}") from refused
            except httpx.HTTPError as error:
                raise CommandError(f"No answer from {said['base_url']} ({error}).") from error
        _replace(path, json.dumps({**said, "cases": cases}, indent=1) + "\n")
        self.stdout.write("\n".join(f"{one['state']:<20}{one['outcome'] or '':<12}{one['number']}" for one in cases))


def _replace(path: Path, text: str) -> None:
    """Put a file that only its owner reads in the place of another, whole or not at all."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.rename(path)
