"""`./run soak --minutes N`: offices that submit, act, read and follow at a steady rate, and what must hold meanwhile.

Nothing acknowledged is lost, nothing is answered with 5xx, times stay within the latency contract, memory does not
grow. The rate is the design's: a hundred times the national peak, whose day is squeezed into an hour; `--share` takes a
part. A time is that of one request from its sending to its whole answer, seen by a client on the same machine. What a
rate asks for and the machine cannot do is told as `behind`, never left out.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import statistics
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from demo.client import Client, Identity, Intention, Refused, clients

SUBMISSIONS_AN_HOUR: Final = 13_000
TRANSITIONS_AN_HOUR: Final = 120_000
READS_A_WRITE: Final = 2
CONTRACT_MS: Final[Mapping[str, tuple[int, int, int]]] = {"read": (50, 150, 300), "write": (100, 300, 500)}
"""Milliseconds at p50, p95 and p99."""
QUANTILES: Final = (50, 95, 99)
GROWS_AT_MOST: Final = 0.10
"""Of the resident memory of the first third of the run, by the last third, per process of the server."""
OFFICE: Final = "bawaslu-kota-padang"


class Noting(httpx.HTTPTransport):
    """Notes status and seconds of each answer; long polls apart."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen = seen

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it."""
        began = time.perf_counter()
        answer = super().handle_request(request)
        answer.read()
        took = time.perf_counter() - began
        kind = "wait" if "wait=" in request.url.query.decode() else "read" if request.method == "GET" else "write"
        with self._seen.lock:
            self._seen.answers.append((kind, answer.status_code, took))
        return answer


@dataclass
class Seen:
    """What all clients met together."""

    answers: list[tuple[str, int, float]] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    """The version by casefile that was acknowledged last."""
    followed: dict[str, int] = field(default_factory=dict)
    """The highest version by casefile that the feed told of."""
    gaps: int = 0
    behind_s: float = 0.0
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def untold(self) -> list[str]:
        """The casefiles of which the feed has not told what was acknowledged."""
        with self.lock:
            return sorted(one for one, version in self.acknowledged.items() if self.followed.get(one, 0) < version)


@dataclass(frozen=True)
class Verdict:
    """What was measured, and everything that did not hold."""

    lines: list[str]
    faults: list[str]


def soak(
    sandbox_file: Path, *, base_url: str, seconds: float, share: float = 1.0, writers: int = 5, followers: int = 1,
    pids: Sequence[int] = (),
) -> Verdict:  # fmt: skip
    """Load that server for so long, and judge. `pids` are the server's processes, whose memory is watched."""
    seen, over = Seen(), threading.Event()
    with httpx.Client(base_url=base_url, timeout=30) as session:
        identity = clients(sandbox_file, session)[OFFICE].identity
        head = Client(identity, session).get("/events", after="-1", limit="1").data["head"]
    began = time.monotonic()
    pace = Pace(writers=writers, share=share, began=began, until=began + seconds)
    threads = [
        threading.Thread(target=_guarded, args=(seen, _write, identity, base_url, seen, pace)) for _ in range(writers)
    ]
    feeding = [
        threading.Thread(target=_guarded, args=(seen, _follow, identity, base_url, seen, over, str(head)))
        for _ in range(followers)
    ]
    memory: list[dict[int, int]] = []
    for thread in (*threads, *feeding):
        thread.start()
    while any(thread.is_alive() for thread in threads):
        memory.append({pid: resident(pid) for pid in pids})
        time.sleep(min(1.0, seconds / 12))
    # The feed is written when an entry has its place, a moment after its answer.
    patience = time.monotonic() + 60
    while seen.untold() and time.monotonic() < patience and not seen.faults:
        time.sleep(0.2)
    over.set()
    for thread in feeding:
        thread.join()
    return judged(seen, lost=_lost(identity, base_url, seen), memory=memory, seconds=seconds)


class Pace:
    """When the next story of any writer is due, so that together they keep the rate."""

    def __init__(self, *, writers: int, share: float, began: float, until: float) -> None:
        self._each_s = 3600 / (SUBMISSIONS_AN_HOUR * share)
        self._began, self.until, self._number = began, until, itertools.count()
        self.acts = round(TRANSITIONS_AN_HOUR / SUBMISSIONS_AN_HOUR)
        self._lock = threading.Lock()

    def wait(self) -> float | None:
        """Wait for the next turn; the seconds by which it is late, None where the run is over."""
        with self._lock:
            due = self._began + next(self._number) * self._each_s
        now = time.monotonic()
        if max(due, now) >= self.until:
            return None
        time.sleep(max(0.0, due - now))
        return max(0.0, now - due)


def _guarded(seen: Seen, act: object, *arguments: object) -> None:
    try:
        act(*arguments)  # type: ignore[operator]  # one of the two below
    except Exception as why:
        with seen.lock:
            seen.faults.append(f"{type(why).__name__}: {why}")


@contextmanager
def _calling(identity: Identity, base_url: str, seen: Seen) -> Iterator[Client]:
    with httpx.Client(base_url=base_url, timeout=45, transport=Noting(seen)) as session:
        yield Client(identity, session)


def _write(identity: Identity, base_url: str, seen: Seen, pace: Pace) -> None:
    """Forward findings, add notes to each, and read what was written."""
    with _calling(identity, base_url, seen) as client:
        while (late := pace.wait()) is not None:
            with seen.lock:
                seen.behind_s = max(seen.behind_s, late)
            made = client.send(Intention("/findings", _finding(client))).data["casefiles"][0]
            casefile, version = made["id"], made["version"]
            _acknowledge(seen, casefile, version)
            for number in range(pace.acts):
                note = {
                    "code": "withdrawal_requested", "date": "2024-10-10",
                    "occurred_at": f"2024-10-{10 + number:02d}T10:00:00+07:00", "text": f"{casefile} {number}",
                }  # fmt: skip
                answer = client.send(Intention(f"/casefiles/{casefile}/note", note, f'"{version}"'))
                version = answer.data["version"]
                _acknowledge(seen, casefile, version)
                for read in range(READS_A_WRITE):
                    client.get(f"/casefiles/{casefile}" if read % 2 else f"/casefiles/{casefile}/timeline")
                if time.monotonic() > pace.until:
                    break


def _finding(client: Client) -> dict[str, Any]:
    """A finding of one officer, with a document of its own."""
    content = uuid.uuid4().hex.encode()
    digest = hashlib.sha256(content).hexdigest()
    described = {"type": "assessment", "title": "Kajian", "media_type": "text/plain", "size": 32, "sha256": digest}
    document = client.post("/documents", described).data["id"]
    return {
        "occurred_at": "2024-10-09T09:00:00+07:00",
        "register_number": str(uuid.uuid4()),
        "source": "report",
        "origin_office": OFFICE,
        "election": "pilkada-2024",
        "known_on": "2024-10-02",
        "registered_on": "2024-10-03",
        "clarification": {"held": True, "held_on": "2024-10-05"},
        "assessment": {"summary": "Menyukai unggahan calon.", "documents": [document]},
        "reporter": {"kind": "voter", "name": "Pelapor Beban"},
        "violations": [
            {
                "number": 1,
                "form": "social_media_engagement",
                "act_date": "2024-09-29",
                "channel": "facebook",
                "interaction": "like",
                "contest": {"office": "mayor", "region": "13.71"},
                "description": "Menyukai unggahan calon.",
            }
        ],
        # Another officer each time, as in the country: a second case of one officer would ask whether it is the same.
        "subjects": [{"name": f"Pegawai {uuid.uuid4().hex[:12]}", "violations": [1]}],
    }


def _acknowledge(seen: Seen, casefile: str, version: int) -> None:
    with seen.lock:
        seen.acknowledged[casefile] = version


def _follow(identity: Identity, base_url: str, seen: Seen, over: threading.Event, after: str) -> None:
    """Follow the feed by long polls, and count where it skips."""
    before: int | None = None
    with _calling(identity, base_url, seen) as client:
        while not over.is_set():
            try:
                page = client.get("/events", after=after, limit="100", wait="2").data
            except Refused as refused:
                # A client has one poll waiting at a time.
                if refused.status not in {409, 429}:
                    raise
                time.sleep(0.5)
                continue
            for item in page["data"]:
                with seen.lock:
                    seen.gaps += before is not None and item["previous"] != before
                    told = item["data"]
                    if "casefile" in told:
                        seen.followed[told["casefile"]] = max(seen.followed.get(told["casefile"], 0), told["version"])
                before = item["logindex"]
            after = str(page["next_after"])


def _lost(identity: Identity, base_url: str, seen: Seen) -> list[str]:
    """Casefiles that are not there at the version that was acknowledged, or that the feed never told of."""
    lost = seen.untold()
    with httpx.Client(base_url=base_url, timeout=45) as session:
        client = Client(identity, session)
        for casefile, version in seen.acknowledged.items():
            if client.casefile(casefile)["version"] < version:
                lost.append(casefile)
    return lost


def judged(seen: Seen, *, lost: Sequence[str], memory: Sequence[Mapping[int, int]], seconds: float) -> Verdict:
    """Lines to print, and what did not hold."""
    lines = [
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}. Where others use them too, times say little.",
        f"{len(seen.acknowledged)} casefiles, {len(seen.answers)} answers in {seconds:.0f} s",
        f"Writers were behind their rate by {seen.behind_s:.1f} s at most",
    ]
    faults = list(seen.faults)
    for kind, contract in CONTRACT_MS.items():
        times = [took * 1000 for one, status, took in seen.answers if one == kind and status < 500]
        found = quantiles(times)
        said = ", ".join(f"p{q} {ms:.0f} ({most})" for q, ms, most in zip(QUANTILES, found, contract, strict=True))
        lines.append(f"{kind}s: {len(times)}, ms {said}")
        faults += [
            f"{kind}s are slow: p{q} {ms:.0f} ms, and the contract says {most}"
            for q, ms, most in zip(QUANTILES, found, contract, strict=True)
            if ms > most
        ]
    failed = [status for _, status, _ in seen.answers if status >= 500]
    lines.append(f"5xx: {len(failed)}; lost: {len(lost)}; gaps in the feed: {seen.gaps}")
    faults += [f"{len(failed)} answers of 5xx"] if failed else []
    faults += [f"{len(lost)} casefiles are lost: {', '.join(lost[:3])}"] if lost else []
    faults += [f"{seen.gaps} gaps in the feed"] if seen.gaps else []
    for pid, (before, after) in grown(memory).items():
        lines.append(f"process {pid}: {before / 2**20:.0f} MiB, then {after / 2**20:.0f} MiB")
        if after > before * (1 + GROWS_AT_MOST):
            faults.append(f"process {pid} grew from {before / 2**20:.0f} to {after / 2**20:.0f} MiB")
    return Verdict(lines=lines, faults=faults)


def quantiles(times: Sequence[float]) -> list[float]:
    """p50, p95 and p99; zeros where nothing was measured."""
    if len(times) < 2:
        return [times[0] if times else 0.0] * len(QUANTILES)
    cut = statistics.quantiles(times, n=100, method="inclusive")
    return [cut[q - 1] for q in QUANTILES]


def grown(memory: Sequence[Mapping[int, int]]) -> dict[int, tuple[int, int]]:
    """Median bytes by process: of the second sixth of the run, when all is loaded, and of the last sixth."""
    part = len(memory) // 6
    if part < 1:
        return {}
    early, late = memory[part : 2 * part], memory[-part:]
    return {
        pid: (
            round(statistics.median(one.get(pid, 0) for one in early)),
            round(statistics.median(one.get(pid, 0) for one in late)),
        )
        for pid in memory[-1]
    }


def resident(pid: int) -> int:
    """Bytes in memory of a process; 0 where it has ended."""
    try:
        line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    except (OSError, StopIteration):
        return 0
    return int(line.split()[1]) * 1024


def children(pid: int) -> list[int]:
    """That process and its children."""
    found = [pid]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
        except (OSError, ValueError):
            continue
    return sorted(found)


def main() -> int:
    """Load the sandbox whose keys these are; exit 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="./run soak", description=__doc__)
    parser.add_argument("sandbox_file", type=Path)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--server", type=int, required=True, help="the server's process id")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--share", type=float, default=1.0, help="of a hundred times the national peak (1.0)")
    chosen = parser.parse_args()
    verdict = soak(
        chosen.sandbox_file, base_url=chosen.base_url, seconds=chosen.minutes * 60, share=chosen.share,
        pids=children(chosen.server),
    )  # fmt: skip
    print("\n".join(f"  {line}" for line in verdict.lines))
    for fault in verdict.faults:
        print(f"  ! {fault}")
    return 1 if verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main())
