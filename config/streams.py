"""Bodies too large for memory: an upload on its way into a draft, an answer on its way out. No thread waits for either.

A thread is taken for as long as a part is hashed, sealed and written, or read and opened, and no longer. Who sends or
reads too slowly is left: after some grace each second must bring its share.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeAlias

from contents.receiving import MOST, Draft

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

BATCH: Final = 256 * 1024
"""Bytes that are worked on together."""
LEAST_PER_S: Final = 32 * 1024
"""Bytes that each second after the grace must bring: 50 MB take 27 minutes at most."""
AT_ONCE_EACH: Final = 2
"""Uploads of one client (of one address, until it is known) that one process takes in at a time."""
AT_ONCE: Final = 16
"""Uploads that one process takes in at a time."""
DRAINED_S: Final = 5.0
"""Seconds for which the body of a refused upload is read and thrown away, so that its sender gets to read why."""


class Uploading:
    """The uploads that a process takes in."""

    def __init__(self, *, grace_s: float) -> None:
        self._grace_s = grace_s
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="upload")
        self._now: Counter[bytes] = Counter()

    async def take(self, receive: Receive, draft: Draft, *, whose: bytes) -> str | None:
        """Read the body into the draft; returns what is wrong with how it came. What is wrong with it the draft knows.

        Where something is wrong with how it came, nothing is left of the draft.
        """
        if self._now[whose] >= AT_ONCE_EACH or self._now.total() >= AT_ONCE:
            draft.discard()
            return "too-many-at-once"
        self._now[whose] += 1
        fault: str | None = "body-cut"
        try:
            fault = await self._taken(receive, draft)
        finally:
            self._now[whose] -= 1
            if not self._now[whose]:
                del self._now[whose]
            if fault is not None:
                # A thread may be writing into it still, where this task was cancelled: that one is waited for, by a
                # thread and not by the loop, and the draft goes whether or not this task is cancelled once more.
                await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._threads, draft.discard))
        return fault

    async def _taken(self, receive: Receive, draft: Draft) -> str | None:
        loop, pace = asyncio.get_running_loop(), Pace(self._grace_s)
        batch: list[bytes] = []
        waiting = 0
        while True:
            try:
                async with asyncio.timeout(pace.left(draft.received + waiting)):
                    message = await receive()
            except TimeoutError:
                return "content-too-slow"
            if message["type"] != "http.request":
                return "body-cut"
            batch.append(message.get("body", b""))
            waiting += len(batch[-1])
            is_over = not message.get("more_body")
            if waiting >= BATCH or is_over:
                wants_more = await loop.run_in_executor(self._threads, draft.take, b"".join(batch))
                batch, waiting = [], 0
                if is_over or not wants_more:
                    return None

    async def drain(self, scope: Mapping[str, Any], receive: Receive) -> None:
        """Throw a refused body away, for a while; not that of a sender who asked before sending it."""
        if any(name == b"expect" for name, _ in scope["headers"]):
            return
        thrown = 0
        try:
            async with asyncio.timeout(DRAINED_S):
                while thrown <= MOST:
                    message = await receive()
                    thrown += len(message.get("body", b""))
                    if message["type"] != "http.request" or not message.get("more_body"):
                        return
        except TimeoutError:
            return


class Pace:
    """How long a transfer may wait for its next part."""

    def __init__(self, grace_s: float) -> None:
        self._until = time.monotonic() + grace_s

    def left(self, moved: int) -> float:
        """Seconds until so many bytes are too few."""
        return max(0.0, self._until + moved / LEAST_PER_S - time.monotonic())


class Parts:
    """A long answer, part by part; `by_line` each as soon as it is made, which may take its time."""

    def __init__(self, parts: Iterator[bytes], close: Callable[[], None] | None, *, by_line: bool = False) -> None:
        self._parts, self._close, self._by_line = parts, close, by_line

    async def send(
        self, send: Send, status: int, headers: list[tuple[bytes, bytes]], *, threads: ThreadPoolExecutor
    ) -> None:
        """Send it all, or leave a reader who is too slow. The connection is cut where a part cannot be read."""
        loop, pace, sent = asyncio.get_running_loop(), Pace(DRAINED_S * 2), 0
        try:
            await send({"type": "http.response.start", "status": status, "headers": headers})
            while part := await loop.run_in_executor(threads, self._next):
                async with asyncio.timeout(DRAINED_S if self._by_line else pace.left(sent)):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                sent += len(part)
            await send({"type": "http.response.body", "body": b""})
        finally:
            if self._close is not None:
                await loop.run_in_executor(threads, self._close)

    def _next(self) -> bytes:
        """The next parts together; empty at the end."""
        together: list[bytes] = []
        size = 0
        for part in self._parts:
            together.append(part)
            size += len(part)
            if size >= BATCH or self._by_line:
                break
        return b"".join(together)
