"""`manage.py seed_sandbox --base-url URL --out FILE [--keys-of FILE]`: the world of scripts, demo and tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from agencies import sandbox
from agencies.registration import RegistrationRefused


class Command(BaseCommand):
    """Run as the owner, on a database of its own."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Registers the sandbox's agencies, mandates and clients, and writes their private keys to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add where the sandbox answers, the file for the keys, and one of an earlier sandbox whose keys stay."""
        parser.add_argument("--base-url", required=True)
        parser.add_argument("--out", type=Path, required=True)
        parser.add_argument("--keys-of", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed all of it, or nothing."""
        earlier = json.loads(options["keys_of"].read_text(encoding="utf-8"))["clients"] if options["keys_of"] else []
        kept = {client["client_id"]: client["private_jwk"] for client in earlier}
        try:
            given_away = sandbox.seed(issuer=options["base_url"], now=timezone.now(), kept=kept)
        except RegistrationRefused as refused:
            raise CommandError("The sandbox was not seeded.\n" + "\n".join(refused.reasons)) from refused
        sandbox.write(options["out"], base_url=options["base_url"], given_away=given_away)
        self.stdout.write(f"{len(given_away)} clients; their private keys are in {options['out']}")
