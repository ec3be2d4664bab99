"""Uploads of 50 MB against `cp` and SHA-256 of the same bytes, and the memory that the service takes for one.

./run bench --only uploads                                    on a sandbox of its own
.venv/bin/python -m benchmarks.contents .run/sandbox.json     on one that runs

Memory is by how much a worker of the server grows at its peak (VmHWM of /proc), of all of them together, so it can be
told only where the server runs on this machine and belongs to who asks.
"""

from __future__ import annotations

import contextlib
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


def listening(port: int) -> list[int]:
    """The processes that have a socket listening on that port of this machine."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{line[9]}]" for line in lines if line[3] == "0A" and int(line[1].split(":")[1], 16) == port}
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if sockets & {str(file.readlink()) for file in (process / "fd").iterdir()}:
                found.append(int(process.name))
    return found


def status(pid: int, name: str) -> int:
    """A line of /proc/PID/status, in bytes."""
    told = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) * 1024 for line in told.splitlines() if line.startswith(f"{name}:")), 0)


def grown(act: Callable[[], object], pids: list[int]) -> int:
    """By how many bytes these processes grow together at their peaks while it is done."""
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    before = {pid: status(pid, "VmRSS") for pid in pids}
    act()
    return sum(max(0, status(pid, "VmHWM") - before[pid]) for pid in pids)


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
        pids = listening(int(base_url.rpartition(":")[2]))
        first = b"\xff\xd8\xff" + os.urandom(MOST - 5) + b"\xff\xd9"
        memory = grown(lambda: uploaded(client, first), pids)
        print(f"the first upload of {MOST / MB:.0f} MB: the server's {len(pids)} workers grow by {memory / MB:.1f} MB")
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
