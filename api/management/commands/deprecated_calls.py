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
        for one in found:
            ends = f"{one['sunset']:%Y-%m-%d}" if one["sunset"] else "not decided"
            self.stdout.write(
                f"{one['operation']}  {one['client']}  {one['calls']} calls, the last on {one['last_at']:%Y-%m-%d}; "
                f"ends: {ends}"
            )
        if not found:
            self.stdout.write("Nobody makes a call that ends.")
