"""Fill one side's database, in a process of its own: `python -m benchmarks.seeding lintas --casefiles 1000 --out FILE`.

The environment names the database, its owner and the side's settings (`grounds.environment`). `lintas` writes the
plan of requests and the walked cases to FILE; `naive` reads the cases from `--templates` and writes its own plan.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django


def main() -> None:
    """Seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=("lintas", "naive"))
    parser.add_argument("--casefiles", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--templates", type=Path)
    chosen = parser.parse_args()
    django.setup()
    found: dict[str, Any]
    if chosen.side == "lintas":
        from benchmarks import data

        found = data.seed(casefiles=chosen.casefiles, now=datetime.now(UTC))
    else:
        from benchmarks.naive import seed

        templates = json.loads(chosen.templates.read_text(encoding="utf-8"))["templates"]
        found = seed.seed(casefiles=chosen.casefiles, templates=templates)
    chosen.out.touch(mode=0o600)
    chosen.out.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
