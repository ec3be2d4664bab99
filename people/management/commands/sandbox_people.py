"""`manage.py sandbox_people --sandbox-file FILE`: people who sign in to a sandbox's console, and their codes now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from people import sandbox


class Command(BaseCommand):
    """Run as the owner, on a sandbox alone: its secrets are given away."""

    database_role = "owner"
    requires_system_checks = ()
    help = (
        "Sees to it that the sandbox's people can sign in to the console, and prints how; type it again for new codes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the sandbox's file."""
        parser.add_argument("--sandbox-file", type=Path, default=settings.LINTAS_RUN_DIR / "sandbox.json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed who is missing, write the file, print the table."""
        if not settings.LINTAS_SANDBOX:
            raise CommandError("This is no sandbox: people are invited by `manage.py invite_person`.")
        path: Path = options["sandbox_file"]
        said = json.loads(path.read_text(encoding="utf-8"))
        listed = said.get("people", [])
        people = sandbox.seed(listed, now=timezone.now())
        if people != listed:
            path.write_text(json.dumps({**said, "people": people}, indent=1) + "\n", encoding="utf-8")
        widest = max(len(person["email"]) for person in people)
        for person in people:
            self.stdout.write(
                f"{person['email']:<{widest}} {person['password']}  TOTP {person['totp_secret']}  code now "
                f"{sandbox.code(person['totp_secret'], now=timezone.now())}  {person['agency']}, {person['role']}"
            )
