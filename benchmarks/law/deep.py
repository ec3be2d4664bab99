"""One casefile of very many steps: what a step, its page and its timeline cost at the end against the beginning.

    python -m benchmarks.law.deep --out FILE --steps 20000

as the owner of an empty migrated database. The examiner asks the employer for the officer's identity and recalls the
file, in turns, through the API in this process.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import django

from benchmarks import grounds
from benchmarks.log import ground
from benchmarks.log.table import Figure, ratio
from benchmarks.progress import step

STEPS, QUICK_STEPS = 20_000, 400
# No sequencer runs beside it; after a while of silence nothing would be accepted any more.
UNWATCHED = {"LINTAS_LOG_ALARM_AFTER_S": "86400"}
SAMPLE = 40
"""Steps and reads that are timed at each end."""


def measure(quick: bool) -> list[Figure]:
    """Walk the case and time both ends."""
    steps = QUICK_STEPS if quick else STEPS
    with tempfile.TemporaryDirectory(prefix="lintas-bench-") as name:
        folder = Path(name)
        out, keys = folder / "deep.json", ground.log_environment(folder)
        with ground.fresh("law_deep", folder) as on, step(f"Taking one casefile through {steps:,} steps"):
            command = ("benchmarks.law.deep", "--out", str(out), "--steps", str(steps))
            grounds.python("lintas", on, *command, LINTAS_DB_ROLE="owner", **keys, **UNWATCHED)
        return figures(json.loads(out.read_text(encoding="utf-8")))


def compare(*, steps: int, now: datetime, sample: int = SAMPLE) -> dict[str, Any]:
    """Seconds of each step, detail and page of the timeline at the beginning and the end of a casefile of that length.

    Django must be set up, the database migrated and otherwise empty, the role the owner's.
    """
    from benchmarks import walk, world

    walker, era = walk.Walker(world.build_small(offices=1, now=now).tokens), walk.ERAS[1]
    casefile = walker.walk(era, steps=1, week=0)
    version = 1

    def move() -> None:
        nonlocal version
        name, body = ("request-identity", {"employer": walk.EMPLOYER}) if version % 2 else ("recall", RECALLED)
        walker.post(era.examiner, f"/casefiles/{casefile}/{name}", body, version)
        version += 1

    def read(tail: str) -> Callable[[], None]:
        headers = {"authorization": f"Bearer {walker.tokens[era.examiner]}"}

        def ask() -> None:
            answer = walker.client.get(f"/api/v1/casefiles/{casefile}{tail}", headers=headers)
            assert answer.status_code == 200, answer.content

        return ask

    def timed() -> dict[str, list[float]]:
        acts = {"step": move, "detail": read(""), "timeline": read("/timeline")}
        return {name: [_seconds(act) for _ in range(sample)] for name, act in acts.items()}

    for _ in range(sample // 2):
        move()
    first = timed()
    while version < steps - sample:
        move()
    return {"first": first, "last": timed(), "steps": version}


RECALLED = {"reason": {"code": "no_answer"}}


def _seconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def figures(found: dict[str, Any]) -> list[Figure]:
    """The lines of the table: 1 is as fast as at the beginning."""
    names = {
        "step": "the last steps",
        "detail": "the casefile at its end",
        "timeline": "the first page of its timeline",
    }
    return [
        Figure(
            "deep",
            f"{text} of {found['steps']:,}",
            ratio([1 / one for one in found["last"][name]], [1 / one for one in found["first"][name]]),
            f"the same after {SAMPLE // 2} steps",
            f"{median(found['last'][name]) * 1000:.1f} ms, {median(found['first'][name]) * 1000:.1f} before",
        )
        for name, text in names.items()
    ]


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    chosen = parser.parse_args()
    django.setup()
    chosen.out.write_text(json.dumps(compare(steps=chosen.steps, now=datetime.now(UTC))), encoding="utf-8")


if __name__ == "__main__":
    main()
