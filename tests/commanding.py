"""Management commands without a process for each: it would take two seconds to start, and the command a tenth of one.

`within` runs one in the process of the tests. `python -m tests.commanding '["migrate", "--check"]' …` runs several in
one process that ends afterwards.
"""

from __future__ import annotations

import gc
import io
import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import django
from django.core.management import CommandError, call_command
from django.test import override_settings

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

    from config.roles import Roles

blockers: list[DjangoDbBlocker] = []
"""The one that keeps tests from the database: the session's first fixture puts it here."""


def within(roles: Roles, role: str, command: Sequence[str], *, base_url: str) -> str:
    """Run a command as that role, on the database of `roles`, for the service at that address; returns what it said.

    Raises AssertionError with its complaint where it refuses.
    """
    from tests.callers import signed_in_at

    origin = os.environ.get("LINTAS_LOG_ORIGIN") or f"{urlsplit(base_url).netloc}/log/1"
    own = {"LINTAS_BASE_URL": base_url, "LINTAS_LOG_ORIGIN": origin, "LINTAS_SANDBOX": True}
    said = io.StringIO()
    with blockers[0].unblock(), signed_in_at(getattr(roles, role)), override_settings(**own):
        try:
            call_command(*command, stdout=said)
        except CommandError as why:
            raise AssertionError(f"manage.py {' '.join(command)} failed:\n{why}") from why
    return said.getvalue()


if __name__ == "__main__":
    gc.set_threshold(50_000, 20, 20)
    django.setup()
    for given in sys.argv[1:]:
        call_command(*json.loads(given))
