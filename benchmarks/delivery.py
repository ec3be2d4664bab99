"""Webhooks per second against a plain loop, and signed against unsigned writes, on a sandbox that runs.

./run bench --only webhooks                                   on a sandbox of its own
.venv/bin/python -m benchmarks.delivery .run/sandbox.json     on one that runs

The receiver is one process of its own and answers each message after `LATENCY_S`, as one in another city would. First
the courier of the sandbox delivers its feeds, from their beginning, to many subscriptions that have proved themselves
before; then one `requests.Session` posts as many of the same bodies, one after the other. Of signed writes only the
sending is timed: they are signed beforehand.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import httpx
import requests

from demo import signing
from demo.client import Client, Refused, clients

LATENCY_S: Final = 0.02
WEBHOOKS: Final = 5
"""As many as a client may have."""
LOOP: Final = 400
"""Bodies that the plain loop posts."""
WRITES: Final = 150
ROUNDS: Final = 5
WITHIN_S: Final = 120.0


def receive(line: Connection) -> None:
    """A receiver until it is told to end: echoes challenges, takes the rest, tells how many came and when."""
    times: list[float] = []
    bodies: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
                body = await reader.readexactly(int(length.split(b":")[1]))
                token = json.loads(body)["data"].get("challenge")
                if token is None:
                    await asyncio.sleep(LATENCY_S)
                    times.append(time.monotonic())
                    bodies.append(body)
                said = json.dumps({"challenge": token}).encode() if token else b"{}"
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1024)
        line.send(server.sockets[0].getsockname()[1])
        while True:
            asked = await asyncio.get_running_loop().run_in_executor(None, line.recv)
            if asked == "end":
                return
            line.send((len(times), times[0] if times else 0.0, times[-1] if times else 0.0, bodies[:LOOP]))
            if asked == "forget":
                times.clear()
                bodies.clear()

    asyncio.run(serve())


def subscribed(every: dict[str, Client], url: str) -> list[tuple[Client, str]]:
    """Subscriptions that have proved themselves, five of each client that may have them."""
    made = []
    for client in every.values():
        try:
            for number in range(WEBHOOKS):
                answer = client.post("/webhooks", {"url": f"{url}/{client.agency}/{number}"})
                made.append((client, str(answer.data["id"])))
        except Refused:
            continue
    until = time.monotonic() + WITHIN_S
    for client, ident in made:
        while client.get(f"/webhooks/{ident}").data["status"] != "active":
            if time.monotonic() > until:
                raise SystemExit(f"webhook {ident} was not proven within {WITHIN_S:.0f} s")
            time.sleep(0.1)
    return made


def replayed(made: list[tuple[Client, str]]) -> None:
    """Set them back to the beginning of the log, so that all have something due while none is registered any more."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: one[0].post(f"/webhooks/{one[1]}/replay", {"from_index": 0}), made))


def delivered(every: dict[str, Client], url: str, line: Connection) -> tuple[int, int, float, list[bytes]]:
    """Subscriptions, events, events per second, and some of their bodies."""
    made = subscribed(every, url)
    line.send("forget")
    line.recv()
    try:
        replayed(made)
        count, still_since = -1, time.monotonic()
        while time.monotonic() - still_since < 3.0:
            time.sleep(0.5)
            line.send("told")
            now, first, last, bodies = line.recv()
            if now != count:
                count, still_since = now, time.monotonic()
        return len(made), count, count / max(last - first, 0.001), bodies
    finally:
        for client, ident in made:
            client.delete(f"/webhooks/{ident}")


def looped(bodies: list[bytes], url: str) -> float:
    """Bodies per second of one session that posts them one after the other."""
    with requests.Session() as session:
        session.trust_env = False
        began = time.monotonic()
        for body in bodies:
            session.post(url, data=body, headers={"Content-Type": "application/cloudevents+json"}, timeout=15)
        return len(bodies) / (time.monotonic() - began)


def written(client: Client, http: httpx.Client, *, signs: bool) -> float:
    """Descriptors registered per second, one after the other."""
    token, issuer = client.token(), client._issuer
    sent: list[tuple[bytes, dict[str, str]]] = []
    for _ in range(WRITES):
        described: dict[str, Any] = {
            "type": "evidence", "title": "Ukuran", "media_type": "image/jpeg", "size": 1, "sha256": "ab" * 32,
        }  # fmt: skip
        body = json.dumps(described).encode()
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        if signs:
            url = f"{issuer}/api/v1/documents"
            headers |= signing.signed("POST", url, body, headers, client.identity.private_jwk)
        sent.append((body, headers))
    began = time.monotonic()
    for body, headers in sent:
        http.post("/api/v1/documents", content=body, headers=headers).raise_for_status()
    return WRITES / (time.monotonic() - began)


def main(sandbox_file: Path) -> None:
    """Measure both, and print a line for each."""
    base_url = json.loads(sandbox_file.read_text())["base_url"]
    line, theirs = multiprocessing.Pipe()
    receiver = multiprocessing.get_context("spawn").Process(target=receive, args=(theirs,), daemon=True)
    receiver.start()
    url = f"http://127.0.0.1:{line.recv()}/hook"
    with httpx.Client(base_url=base_url, timeout=30, trust_env=False) as http:
        every = clients(sandbox_file, http)
        subscriptions, events, rate, bodies = delivered(every, url, line)
        plain = looped(bodies, url)
        print(
            f"{events} events to {subscriptions} webhooks: {rate:.0f}/s; a loop of requests.Session: {plain:.0f}/s; "
            f"ratio {rate / plain:.1f} (the receiver answers after {LATENCY_S * 1000:.0f} ms)"
        )
        client = every["bawaslu-kota-padang"]
        rounds = [(written(client, http, signs=False), written(client, http, signs=True)) for _ in range(ROUNDS)]
        unsigned, signed = (statistics.median(one) for one in zip(*rounds, strict=True))
        print(f"writes: unsigned {unsigned:.0f}/s, signed {signed:.0f}/s, ratio {signed / unsigned:.2f}")
    line.send("end")
    receiver.join(5)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
