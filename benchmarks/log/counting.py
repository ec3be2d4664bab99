"""How many SQL statements a GET costs, in process: `python -m benchmarks.log.counting PLAN OUT`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import django


def main() -> None:
    """Count, when the request is not the first of its kind."""
    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks.probe import send_in_process

    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    headers = f"Authorization: Bearer {plan['token']}\r\n"
    for _ in range(3):
        status, body = send_in_process("GET", plan["path"], headers=headers)
        if status != 200:
            raise RuntimeError(f"GET {plan['path']}: {status} {body[:500]!r}")
    with CaptureQueriesContext(connection) as captured:
        send_in_process("GET", plan["path"], headers=headers)
    Path(sys.argv[2]).write_text(json.dumps(len(captured)), encoding="utf-8")


if __name__ == "__main__":
    main()
