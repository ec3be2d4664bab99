"""The proof: a receipt is redeemed and verified without the service, and two systems follow the feed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from demo.client import Answer, Client
from demo.printing import Said
from demo.story import EXAMINER_NOW, REGENCY, SUPERVISOR
from demo.walk import Case, Surprise, Walk

PAGE = "7"


@dataclass(frozen=True)
class Kept:
    """What an agency keeps for ten years, as files in one folder."""

    receipt: Path
    proof: Path
    keys: Path


def proving(walk: Walk, *, folder: Path, policy: Path | None) -> None:
    """Redeem the last receipt of the first case, verify it offline, then live from the feed alone."""
    walk.screen.chapter(
        Said("Pembuktian: tidak seorang pun perlu percaya kepada operator", "Proof: nobody has to trust the operator")
    )
    lecturer, officer = walk.cases[:2]
    kept = _redeemed(walk, lecturer, folder)
    _verified(walk, kept, policy=policy)
    _followed(walk, SUPERVISOR, lecturer, range(1, lecturer.version + 1))
    _followed(walk, EXAMINER_NOW, officer, range(1, officer.version + 1))
    _followed(walk, REGENCY, officer, range(0))


def _redeemed(walk: Walk, case: Case, folder: Path) -> Kept:
    receipt = case.receipt
    client = walk[EXAMINER_NOW]
    found = walk.reads(
        EXAMINER_NOW,
        "/log/entries",
        Said("Janji ditagih: entri itu punya tempat dalam pohon", "The promise is redeemed: the entry has its place"),
        lambda data: {
            "leaves with that hash": (len(data["data"]), 1),
            "leaf": (data["data"][0]["leaf_hash"], receipt["leaf_hash"]),
        },
        shows=lambda data: [f"indeks/index {data['data'][0]['index']} dari/of {data['size']}"],
        leaf_hash=receipt["leaf_hash"],
    )["data"][0]
    folder.mkdir(parents=True, exist_ok=True)
    kept = Kept(folder / "receipt.json", folder / f"{found['index']}.tlog-proof", folder / "jwks.json")
    # A checkpoint covers the leaf a second later at most; `get` waits for it.
    proof = client.get(f"/log/entries/{found['index']}/receipt")
    kept.receipt.write_bytes(orjson.dumps(receipt))
    kept.proof.write_bytes(proof.content)
    kept.keys.write_bytes(client.download("/.well-known/jwks.json"))
    lines = proof.content.decode().splitlines()
    walk.tells(
        EXAMINER_NOW,
        Said("Berkas bukti diunduh, untuk sepuluh tahun ke depan", "The proof is downloaded, for ten years to come"),
        proof,
        {"format": (lines[0], "c2sp.org/tlog-proof@v1")},
        [
            f"{len(proof.content)} byte, {sum(line.startswith('— ') for line in lines)} tanda tangan/signatures",
            str(kept.proof),
        ],
    )
    return kept


def _verified(walk: Walk, kept: Kept, *, policy: Path | None) -> None:
    if policy is None:
        # No witness is known here: the verifier wants to be told that the operator is taken at its word.
        policy = kept.keys.with_name("operator-alone.policy")
        keys = orjson.loads(kept.keys.read_bytes())["keys"]
        policy.write_text("".join(f"log {key['vkey']}\n" for key in keys if "vkey" in key) + "quorum none\n")
    command = ["receipt", str(kept.receipt), "--proof", str(kept.proof), "--jwks", str(kept.keys)]
    command += ["--policy", str(policy)]
    _runs_verifier(
        walk,
        command,
        Said("Diperiksa tanpa jaringan: utuh", "Verified without the network: sound"),
        exit_code=0,
    )
    forged = kept.receipt.with_name("forged.json")
    said = orjson.loads(kept.receipt.read_bytes())
    forged.write_bytes(orjson.dumps({**said, "seq": said["seq"] + 1}))
    _runs_verifier(
        walk,
        ["receipt", str(forged), *command[2:]],
        Said("Satu angka diubah: ketahuan", "One figure changed: noticed"),
        exit_code=1,
    )
    walk.safeguards += 1


def _runs_verifier(walk: Walk, command: list[str], says: Said, *, exit_code: int) -> None:
    # -I would hide the checkout; nothing but the verifier and its libraries is imported either way.
    done = subprocess.run(
        [sys.executable, "-m", "audit.verify", *command], capture_output=True, text=True, check=False, timeout=60
    )
    answer = Answer(method="lintas-verify", path=command[0], status=done.returncode, headers={}, content=b"", data=None)
    walk.tells(
        EXAMINER_NOW,
        says,
        answer,
        {"exit code": (done.returncode, exit_code)},
        (done.stdout + done.stderr).splitlines()[:6],
    )


def _followed(walk: Walk, agency: str, case: Case, versions: range) -> None:
    """Follow the agency's feed to its end; of that case exactly these versions are in it, each once and in order.

    That a party has opened a version is an event, too, and makes no version.
    """
    client = walk[agency]
    events, pages, answer = _feed(client)
    mine = [
        event for event in events if event["data"]["casefile"] == case.id and event["data"]["transition"] is not None
    ]
    before: list[int | None] = [None, *(event["logindex"] for event in events)]
    walk.tells(
        agency,
        Said(
            f"Sistem {agency} mengikuti peristiwanya sampai habis",
            f"The system of {agency} follows its events to the end",
        ),
        answer,
        {
            "versions of the case": ([event["data"]["version"] for event in mine], list(versions)),
            "each names the one before it": ([event["previous"] for event in events], before[:-1]),
        },
        [
            f"{len(events)} peristiwa dalam {pages} halaman / events in {pages} pages",
            *(f"{event['logindex']} {event['type']}" for event in mine[:2]),
            *(["…"] if len(mine) > 3 else []),
            *(f"{event['logindex']} {event['type']}" for event in mine[2:][-1:]),
        ],
    )


def _feed(client: Client) -> tuple[list[dict[str, Any]], int, Answer]:
    events: list[dict[str, Any]] = []
    after, pages = -1, 0
    while True:
        try:
            answer = client.get("/events", after=str(after), limit=PAGE)
        except httpx.HTTPError as error:
            raise Surprise(f"{client.agency} GET /events: no answer ({error}).") from error
        pages += 1
        events += answer.data["data"]
        if answer.data["next_after"] == answer.data["head"] and len(answer.data["data"]) < int(PAGE):
            return events, pages, answer
        after = answer.data["next_after"]
