"""Eight keep-alive connections that ask for as long as a round lasts: two processes with four threads each.

The processes live for the whole run, so that a driver keeps its connection and knows the versions of its casefiles.
"""

from __future__ import annotations

import multiprocessing
import socket
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

PROCESSES, THREADS = 2, 4
Key = tuple[str, int, str]  # side, size, operation


class Driver(Protocol):
    """One connection with one kind of request."""

    def step(self) -> None:
        """Ask once; raises on an answer that is not the expected one."""

    def close(self) -> None:
        """Close the connection."""


@dataclass
class Round:
    """What came of one round: requests answered, seconds from the first to the last, latencies in seconds."""

    count: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.count / self.seconds if self.seconds else 0.0


class Generators:
    """The load generator's processes. `make(key, number)` builds the driver of connection `number` (0 to 7)."""

    def __init__(self, make: Callable[[Key, int], Driver]) -> None:
        context = multiprocessing.get_context("fork")
        self.pipes, self.children = [], []
        for process in range(PROCESSES):
            ours, theirs = context.Pipe()
            child = context.Process(target=_serve, args=(theirs, make, process), daemon=True)
            child.start()
            theirs.close()
            self.pipes.append(ours)
            self.children.append(child)

    def run(self, key: Key, seconds: float) -> Round:
        """One round of all connections. Raises what a driver raised."""
        start_at = time.monotonic() + 0.02
        for pipe in self.pipes:
            pipe.send((key, start_at, seconds))
        whole = Round()
        failed = ""
        for pipe in self.pipes:
            answer = pipe.recv()
            if isinstance(answer, str):
                failed = answer
                continue
            whole.count += answer.count
            whole.seconds = max(whole.seconds, answer.seconds)
            whole.latencies += answer.latencies
        if failed:
            raise RuntimeError(f"{key} went wrong:\n{failed}")
        return whole

    def close(self) -> None:
        """End the processes."""
        for pipe in self.pipes:
            pipe.close()
        for child in self.children:
            child.join(5)
            if child.is_alive():
                child.terminate()


def _serve(pipe: Any, make: Callable[[Key, int], Driver], process: int) -> None:
    drivers: dict[tuple[Key, int], Driver] = {}
    while True:
        try:
            key, start_at, seconds = pipe.recv()
        except EOFError:
            return
        try:
            for stale in [one for one in drivers if one[0][2] != key[2]]:
                drivers.pop(stale).close()  # PostgreSQL takes a hundred connections, and no operation comes back
            for thread in range(THREADS):
                number = process * THREADS + thread
                if (key, number) not in drivers:
                    drivers[key, number] = make(key, number)
            mine = [drivers[key, process * THREADS + thread] for thread in range(THREADS)]
            pipe.send(_round(mine, start_at, seconds))
        except Exception:
            pipe.send(traceback.format_exc())


def _round(drivers: list[Driver], start_at: float, seconds: float) -> Round:
    found, faults = Round(), []
    ends = [0.0] * len(drivers)

    def ask(index: int, driver: Driver) -> None:
        try:
            time.sleep(max(0.0, start_at - time.monotonic()))
            until = start_at + seconds
            last = start_at
            taken = []
            while last < until:
                driver.step()
                now = time.monotonic()
                taken.append(now - last)
                last = now
            ends[index] = last
            found.latencies += taken
        except Exception:
            faults.append(traceback.format_exc())

    threads = [threading.Thread(target=ask, args=(index, driver)) for index, driver in enumerate(drivers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise RuntimeError(faults[0])
    found.count, found.seconds = len(found.latencies), max(ends) - start_at
    return found


class Connection:
    """HTTP/1.1 with keep-alive, by hand: a client library would cost more processor than the server under test."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def send(self, method: str, path: str, *, headers: str, body: bytes = b"") -> tuple[int, bytes]:
        """Status and body. `headers` are lines, each with its CRLF."""
        length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if method == "POST" else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n{headers}{length}\r\n"
        self.socket.sendall(head.encode() + body)
        while (end := self.rest.find(b"\r\n\r\n")) < 0:
            self._more()
        lines, self.rest = self.rest[:end].lower(), self.rest[end + 4 :]
        status = int(lines[9:12])
        if (at := lines.find(b"content-length:")) >= 0:
            return status, self._take(int(lines[at + 15 :].split(b"\r", 1)[0]))
        if b"transfer-encoding: chunked" not in lines:
            raise RuntimeError(f"an answer without a length: {lines!r}")
        found = b""
        while size := int(self._line(), 16):
            found += self._take(size)
            self._line()
        self._line()
        return status, found

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def _more(self) -> None:
        got = self.socket.recv(262_144)
        if not got:
            raise RuntimeError("the server closed the connection")
        self.rest += got

    def _take(self, count: int) -> bytes:
        while len(self.rest) < count:
            self._more()
        found, self.rest = self.rest[:count], self.rest[count:]
        return found

    def _line(self) -> bytes:
        while (end := self.rest.find(b"\r\n")) < 0:
            self._more()
        found, self.rest = self.rest[:end], self.rest[end + 2 :]
        return found
