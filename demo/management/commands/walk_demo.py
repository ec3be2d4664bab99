"""`manage.py walk_demo --base-url URL --sandbox-file FILE`: two cases through a running sandbox, over HTTP."""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from demo import cases
from demo.client import clients
from demo.doorbell import ringing
from demo.printing import Said, Screen
from demo.proving import proving
from demo.walk import Surprise, Walk


class Command(BaseCommand):
    """Touches no database: everything goes through the API. What it verifies offline it keeps beside the keys' file."""

    database_role = "web"
    help = "Walks two whole cases through a running sandbox over HTTP, checking and printing every step."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add where the sandbox answers, and the file with its clients' keys."""
        parser.add_argument("--base-url", required=True)
        parser.add_argument("--sandbox-file", type=Path, required=True)
        parser.add_argument("--policy", type=Path, help="the witnesses that must have seen the log; else its key alone")
        parser.add_argument(
            "--webhooks", action="store_true", help="also listen on this machine for webhooks; a courier must run"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk; a CommandError, and so a non-zero exit, at the first surprise."""
        base_url: str = options["base_url"].rstrip("/")
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot write an arrow gets a question mark, not a traceback.
            getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
        # The screen tells every request already.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        requests = 0

        def count(_: httpx.Request) -> None:
            nonlocal requests
            requests += 1

        with httpx.Client(base_url=base_url, timeout=20, event_hooks={"request": [count]}) as http:
            walk = Walk(clients=_clients(options["sandbox_file"], http), screen=Screen(Console(highlight=False)))
            try:
                cases.walk_everything(walk)
                proving(walk, folder=options["sandbox_file"].parent / "kept", policy=options["policy"])
                if options["webhooks"]:
                    ringing(walk)
            except Surprise as surprise:
                raise CommandError(f"The walk stopped. {surprise}") from surprise
            except httpx.HTTPError as error:
                raise CommandError(f"The walk stopped: no answer from {base_url} ({error}).") from error
        took = time.monotonic() - walk.began
        walk.screen.summary(
            [
                Said(f"{len(walk.cases)} perkara", f"{len(walk.cases)} casefiles"),
                Said(f"{walk.transitions} transisi", f"{walk.transitions} transitions"),
                Said(
                    f"{walk.safeguards} penolakan dan penjagaan",
                    f"{walk.safeguards} refusals and safeguards, each as documented",
                ),
                Said(f"{requests} permintaan dalam {took:.1f} detik", f"{requests} requests in {took:.1f} s"),
            ],
            {
                "API": f"{base_url}/api/v1",
                "Dokumentasi / docs": f"{base_url}/api/docs",
                "Masalah / problems": f"{base_url}/api/v1/problems",
                **{case.number: f"{base_url}/api/v1/casefiles/{case.id}/timeline" for case in walk.cases},
                "Checkpoint": f"{base_url}/api/v1/log/checkpoint",
                "Kunci / keys": str(options["sandbox_file"]),
            },
        )


def _clients(sandbox_file: Path, http: httpx.Client) -> Any:
    try:
        return clients(sandbox_file, http)
    except (OSError, json.JSONDecodeError, KeyError) as error:
        raise CommandError(
            f"{sandbox_file} does not hold the sandbox's keys ({error}). `./run serve --sandbox` writes it."
        ) from error
