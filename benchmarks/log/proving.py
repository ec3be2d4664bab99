"""Proofs at the size of the log: bytes, milliseconds over HTTP, statements, and microseconds to verify one offline."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from audit.tlog.notes import read_vkey
from audit.tlog.proof import read_proof
from audit.tlog.tree import leaf_hash, verify_inclusion
from benchmarks import grounds
from benchmarks.load import Connection
from benchmarks.log import ground
from benchmarks.log.table import Figure, ratio
from config.roles import Roles

PATH = "/api/v1/log/entries/{}/receipt"


def measure(plan: Mapping[str, Any], *, port: int, tries: int, seed: int = 11) -> dict[str, Any]:
    """Ask for receipts of random entries, in turns as an auditor, who is shown the entry, and as an office, who mostly
    is not; `/livez`, which touches no table, lies between.
    """
    draw, connection = Random(seed), Connection(port)
    auditor, party = (f"Authorization: Bearer {plan['tokens'][code]}\r\n" for code in ("bpk", plan["party"]))
    files: dict[str, list[bytes]] = {"with": [], "without": []}
    seconds: dict[str, list[float]] = {"receipt": [], "nothing": []}
    for n in range(tries + 10):
        path = PATH.format(draw.randrange(plan["size"]))
        began = time.perf_counter()
        status, file = connection.send("GET", path, headers=auditor)
        took = time.perf_counter() - began
        began = time.perf_counter()
        connection.send("GET", "/livez", headers="")
        nothing = time.perf_counter() - began
        other, partys = connection.send("GET", path, headers=party)
        if status != 200 or other != 200:
            raise RuntimeError(f"GET {path}: {status}, {other} {file[:500]!r}")
        if n < 10:  # warm
            continue
        seconds["receipt"].append(took)
        seconds["nothing"].append(nothing)
        for one in (file, partys):
            files["with" if b"\nextra " in one else "without"].append(one)
    connection.close()
    return {"seconds": seconds, "bytes": {kind: median(map(len, some)) for kind, some in files.items()}} | offline(
        files["with"], vkey=plan["vkey"]
    )


def offline(files: list[bytes], *, vkey: str) -> dict[str, Any]:
    """Seconds to verify a path, and a whole file with its signature, against the path's hashes alone."""
    key = read_vkey(vkey)
    found: dict[str, list[float]] = {"path": [], "file": [], "hashes": []}
    steps = []
    for file in files:
        began = time.perf_counter()
        proof = read_proof(file.decode())
        leaf = leaf_hash(proof.extra or b"")
        checkpoint, _ = proof.verify(leaf=leaf, keys=[key])
        found["file"].append(time.perf_counter() - began)
        began = time.perf_counter()
        verify_inclusion(leaf=leaf, index=proof.index, size=checkpoint.size, path=proof.path, root=checkpoint.root)
        found["path"].append(time.perf_counter() - began)
        began = time.perf_counter()
        digest = leaf
        for step in proof.path:
            digest = sha256(b"\x01" + step + digest).digest()
        found["hashes"].append(time.perf_counter() - began)
        steps.append(len(proof.path))
    return {"offline": found, "steps": median(steps), "size": checkpoint.size}


def statements(on: Roles, plan: Mapping[str, Any], *, folder: Path) -> float:
    """SQL statements for one receipt, counted in process."""
    out, given = folder / "receipt-statements.json", folder / "receipt-plan.json"
    given.touch(mode=0o600)
    given.write_text(json.dumps({"token": plan["tokens"]["bpk"], "path": PATH.format(plan["size"] // 2)}))
    subprocess.run(
        [sys.executable, "-m", "benchmarks.log.counting", str(given), str(out)],
        cwd=grounds.ROOT, env=grounds.environment("lintas", on, **ground.log_environment(folder)), check=True,
    )  # fmt: skip
    return float(json.loads(out.read_text()))


def figures(found: Mapping[str, Any], *, counted: float) -> list[Figure]:
    """The lines of the table."""
    seconds, whole = found["seconds"], found["offline"]
    micro = {kind: median(values) * 1e6 for kind, values in whole.items()}
    sizes = found["bytes"]
    return [
        Figure(
            "proofs",
            f"GET /log/entries/{{index}}/receipt of {found['size']:,}",
            ratio(seconds["nothing"], seconds["receipt"]),
            "GET /livez (no table touched)",
            f"{median(seconds['receipt']) * 1000:.2f} ms, {counted:g} statements",
        ),
        Figure(
            "proofs",
            f"the proof file, {found['steps']:g} hashes",
            sizes["without"] / sizes["with"] if "without" in sizes else None,
            "the file with the entry's bytes",
            f"{sizes.get('without', 0):,.0f} bytes, with the entry {sizes['with']:,.0f}",
        ),
        Figure(
            "proofs",
            "verify the path offline",
            ratio(whole["hashes"], whole["path"]),
            "its hashes alone",
            f"{micro['path']:.0f} µs; the whole file, signature and all, {micro['file']:.0f} µs",
        ),
    ]
