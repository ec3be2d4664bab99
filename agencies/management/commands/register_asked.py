"""`manage.py register_asked`: `register_client` for whoever asks again and again, in one process.

Each line of the input names a file; each line of the output says, as JSON, whether its clients were registered and what
the command said. To start the command anew takes seconds of computing, the registration a tenth of one.
"""

import json
import sys
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection


class Command(BaseCommand):
    database_role = "owner"
    requires_system_checks = ()
    help = "In a sandbox: registers the clients of each file that a line of the input names. ./run starts it."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LINTAS_SANDBOX_ASKS:
            raise CommandError("This is for a sandbox on this machine. Elsewhere type: manage.py register_client FILE")
        for line in sys.stdin:
            said = StringIO()
            try:
                call_command("register_client", line.rstrip("\n"), "--quiet-receipts", stdout=said)
                told = {"done": True, "lines": said.getvalue().splitlines()}
            except CommandError as refused:
                told = {"done": False, "lines": str(refused).splitlines()}
            self.stdout.write(json.dumps(told))
            self.stdout.flush()
            if not connection.in_atomic_block:
                connection.close()  # who waits for hours keeps none
