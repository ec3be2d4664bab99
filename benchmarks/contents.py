"""Uploads and downloads of 50 MB against `cp` and SHA-256 of the same bytes, on a sandbox that runs.

./run serve --sandbox                                         in one terminal
.venv/bin/python -m benchmarks.contents .run/sandbox.json     in another
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from contents.receiving import MOST
from demo.client import Client, clients

ROUNDS = 5
OFFICE = "bawaslu-kota-padang"
MB = 1024 * 1024


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def copied(source: Path, target: Path) -> None:
    """What a clerk does: copy the file, see that it is on the disk, and compute its digest."""
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
        hashlib.file_digest(file, "sha256")


def uploaded(client: Client, data: bytes) -> float:
    described = {
        "type": "evidence", "title": "Ukuran", "media_type": "image/jpeg", "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip
    document = client.post("/documents", described).data["id"]
    return timed(lambda: client.upload(document, data))


def main(sandbox_file: Path) -> None:
    base_url = json.loads(sandbox_file.read_text())["base_url"]
    with tempfile.TemporaryDirectory() as name, httpx.Client(base_url=base_url, timeout=120) as http:
        client, folder = clients(sandbox_file, http)[OFFICE], Path(name)
        ours: list[float] = []
        theirs: list[float] = []
        for number in range(ROUNDS):
            data = b"\xff\xd8\xff" + os.urandom(64) * ((MOST - 5) // 64) + b"\xff\xd9"
            (folder / "source").write_bytes(data)
            ours.append(uploaded(client, data))
            theirs.append(timed(lambda: copied(folder / "source", folder / "target")))
            print(f"{number + 1}: upload {ours[-1]:.2f} s, cp and SHA-256 {theirs[-1]:.2f} s")
        mine, cp = statistics.median(ours), statistics.median(theirs)
        print(f"upload {MOST / MB / mine:.0f} MB/s, cp and SHA-256 {MOST / MB / cp:.0f} MB/s, ratio {mine / cp:.1f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
