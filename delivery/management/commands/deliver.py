"""`manage.py deliver`: the pump, until it is told to end."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from delivery import keys
from delivery.pump import Pump


class Command(BaseCommand):
    """Run with LINTAS_DB_ROLE=courier and LINTAS_COURIER_KEY_FILE; as many as one likes share the work."""

    database_role = "courier"
    requires_system_checks = ()
    help = "Delivers webhooks until it is told to end; several share the work."

    def handle(self, *args: Any, **options: Any) -> None:
        """Deliver; on SIGTERM or Ctrl-C finish what is under way."""
        try:
            key = keys.read(settings.LINTAS_COURIER_KEY_FILE)
        except keys.NoCourierKey as why:
            raise CommandError(str(why)) from why
        stopping: list[int] = []
        for name in (signal.SIGTERM, signal.SIGINT):
            # A list, not an event: a handler must not wait for a lock that it may have interrupted.
            signal.signal(name, lambda number, _: stopping.append(number))
        pump = Pump(key=key, clock=lambda: datetime.now(UTC))
        asyncio.run(pump.run(over=lambda: bool(stopping)))
