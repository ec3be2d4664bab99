"""How many SQL statements a request costs, in process: `python -m benchmarks.probe SIDE --plan FILE --out FILE`.

Transaction control (BEGIN, COMMIT, savepoints) counts: each is a round trip.
"""

from __future__ import annotations

import argparse
import json
from functools import cache
from pathlib import Path
from typing import Any

import django

WARM, COUNTED = 4, 4


def main() -> None:
    """Count."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=("lintas", "naive", "console"))
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    django.setup()
    plan = json.loads(chosen.plan.read_text(encoding="utf-8"))
    chosen.out.write_text(json.dumps(statements(chosen.side, plan)), encoding="utf-8")


def statements(side: str, plan: dict[str, Any]) -> dict[str, float]:
    """Statements per request, by operation, of requests that are not the first of their kind."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks.requests import operations

    found = {}
    for operation, kind in operations(side).items():
        asking = kind(side, plan, 0, send_in_process)
        for _ in range(WARM):
            asking.step()
        with CaptureQueriesContext(connection) as captured:
            for _ in range(COUNTED):
                asking.step()
        found[operation] = len(captured) / COUNTED
    return found


def send_in_process(method: str, path: str, *, headers: str, body: bytes = b"") -> tuple[int, bytes]:
    """As `load.Connection.send`, through Django's handler."""
    said = dict(line.split(": ", 1) for line in headers.split("\r\n") if line)
    answer = _client().generic(method, path, body, content_type="application/json", headers=said)
    return answer.status_code, answer.content


@cache
def _client() -> Any:
    from django.test import Client

    return Client(SERVER_NAME="127.0.0.1")


if __name__ == "__main__":
    main()
