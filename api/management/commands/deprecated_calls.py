"""`manage.py deprecated_calls`: which clients still make calls that end, so that somebody can write to them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from api.http import deprecation


class Command(BaseCommand):
    """One line for each client and call, the latest call first."""

    help = "Say which clients still make calls that end, how often, and when last."
    database_role = "owner"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them."""
        found = deprecation.calls()
        for row in found:
            ends = f"{row['sunset']:%Y-%m-%d}" if row["sunset"] else "not decided"
            self.stdout.write(
                f"{row['operation']}  {row['client']}  {row['calls']} calls, "
                f"the last on {row['last_at']:%Y-%m-%d}; ends: {ends}"
            )
        if not found:
            self.stdout.write("Nobody makes a call that ends.")
