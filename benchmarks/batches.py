"""A batch of findings against as many single posts, on a sandbox that runs.

./run serve --sandbox                                         in one terminal
.venv/bin/python -m benchmarks.batches .run/sandbox.json      in another
"""

from __future__ import annotations

import hashlib
import json
import secrets
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from api.http.ndjson import MEDIA_TYPE
from demo.client import Client, clients

ROUNDS = 5
LINES = 100
OFFICE = "bawaslu-kota-padang"


def finding(document: str) -> dict[str, Any]:
    """A finding of its own, with one officer."""
    return {
        "register_number": f"{secrets.token_hex(6)}/TM/2024",
        "source": "finding",
        "origin_office": OFFICE,
        "election": "pilkada-2024",
        "known_on": "2024-10-02",
        "registered_on": "2024-10-03",
        "clarification": {"held": True, "held_on": "2024-10-05"},
        "assessment": {"summary": "Ukuran.", "documents": [document]},
        "violations": [
            {"number": 1, "form": "social_media_engagement", "act_date": "2024-09-29", "description": "Ukuran."}
        ],
        "subjects": [{"name": "Pegawai Rekaan", "violations": [1]}],
    }


def timed(act: Callable[[], object]) -> float:
    """How long it took, in seconds."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def one_by_one(client: Client, document: str) -> None:
    """Each finding a request."""
    for _ in range(LINES):
        client.post("/findings", finding(document))


def together(http: httpx.Client, token: str, document: str) -> None:
    """All of them one request; every line has to be done."""
    lines = [json.dumps({"act": "submit", "body": finding(document)}) for _ in range(LINES)]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": MEDIA_TYPE, "Idempotency-Key": uuid.uuid4().hex}
    answer = http.post("/api/v1/batches", content="\n".join(lines), headers=headers)
    end = json.loads(answer.raise_for_status().text.splitlines()[-1])
    if end["done"] != LINES:
        raise RuntimeError(f"{end} instead of {LINES} lines done")


def main(sandbox_file: Path) -> None:
    """Measure in turns, and print lines a second and the ratio."""
    base_url = json.loads(sandbox_file.read_text())["base_url"]
    with httpx.Client(base_url=base_url, timeout=120) as http:
        client = clients(sandbox_file, http)[OFFICE]
        described = {
            "type": "assessment", "title": "Ukuran", "media_type": "application/pdf", "size": 1,
            "sha256": hashlib.sha256(b"x").hexdigest(),
        }  # fmt: skip
        document: str = client.post("/documents", described).data["id"]
        single, batch = [], []
        for number in range(ROUNDS):
            single.append(timed(lambda: one_by_one(client, document)))
            batch.append(timed(lambda: together(http, client.token(), document)))
            print(f"{number + 1}: single {LINES / single[-1]:.0f}/s, batch {LINES / batch[-1]:.0f}/s")
        ratio = statistics.median(single) / statistics.median(batch)
        print(f"a line of a batch takes {1 / ratio:.2f} of the time of a single post")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
