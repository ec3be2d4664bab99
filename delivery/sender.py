"""One exchange with a receiver: connected to a checked address, bounded in time and size, never a redirect followed.

asyncio with h11 rather than a client library: such a client resolves names itself, and bounds each read but not the
whole. A `Line` keeps its connection for the next message of the same subscription.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final

import h11

from delivery import addresses
from delivery.addresses import AddressRefused, Endpoint

CONNECT_S: Final = 5.0
"""Seconds to resolve the name and connect, TLS included."""
TOTAL_S: Final = 15.0
"""Seconds for the whole exchange, whatever the receiver does meanwhile."""
MOST_BYTES: Final = 64 * 1024
"""Bytes of an answer's body that are read; a receiver that sends more has been heard nevertheless."""
MOST_PARTS: Final = 512
"""Parts (chunks) of an answer's body that are read: each costs computing, however small it is, on the one loop."""
MOST_BEFORE: Final = 16
"""Interim answers (1xx) that may come before the answer."""
KEPT_CHARACTERS: Final = 1024

OUTCOMES: Final = (
    "delivered", "refused", "redirected", "gone", "not-echoed", "timed-out", "not-connected", "tls-failed",
    "not-http", "name-unresolved", "address-not-public", "secret-unreadable", "delegation-ended", *addresses.WORDS,
)  # fmt: skip
"""How an attempt can end."""
ENDED: Final = "delegation-ended"
"""The outcome where nothing was sent, because who was to be told may not know of it any more."""

Still = Callable[[], Awaitable[bool]]
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# Of its own: a name server that hangs holds a thread, and must hold up nothing else.
_resolvers = ThreadPoolExecutor(max_workers=64, thread_name_prefix="resolve")


@dataclass(frozen=True, slots=True)
class Reply:
    """How an exchange ended; `text` is the beginning of the answer, `asked_s` its `Retry-After` in seconds."""

    outcome: str
    latency_ms: int
    status: int | None = None
    text: str = ""
    body: bytes = b""
    asked_s: float | None = None

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver took it: any 2xx."""
        return self.outcome == "delivered"


@cache
def _trust() -> ssl.SSLContext:
    """The system's store of certificates, read once."""
    return ssl.create_default_context()


async def resolved(host: str, port: int) -> Sequence[str]:
    """Every address of that name. Raises `AddressRefused`."""
    import socket

    loop = asyncio.get_running_loop()
    try:
        found = await loop.run_in_executor(
            _resolvers, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        )
    except (OSError, UnicodeError):
        raise AddressRefused("name-unresolved") from None
    return [str(one[4][0]) for one in found]


class _NotAnyMore(Exception):
    """Who was to be told may not know of it any more."""


class Line:
    """A way to one subscription's receiver. Use it from one task; `close` it at the end."""

    def __init__(self, url: str, *, resolve: Resolve = resolved, tls: ssl.SSLContext | None = None) -> None:
        self._url = url
        self._resolve = resolve
        self._tls = tls
        self._http: h11.Connection | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, headers: Sequence[tuple[str, str]], body: bytes, *, still: Still | None = None) -> Reply:
        """Send it and hear the answer. Whatever goes wrong is an outcome; what `still` raises comes through.

        `still` is asked once the receiver is connected to, right before anything is sent; nothing is where it says no.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        outcome = "not-connected"
        try:
            async with asyncio.timeout(TOTAL_S):
                reply = await self._exchanged(headers, body, began=began, still=still)
        except _NotAnyMore:
            outcome = ENDED
        except TimeoutError:
            outcome = "timed-out"
        except AddressRefused as why:
            outcome = why.code
        except ssl.SSLError:
            outcome = "tls-failed"
        except h11.ProtocolError:
            outcome = "not-http"
        except OSError:
            pass
        else:
            return reply
        self.close()
        return Reply(outcome=outcome, latency_ms=_since(began, loop.time()))

    def close(self) -> None:
        """Let the connection go, without waiting for the other side."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._http = self._reader = self._writer = None

    async def _exchanged(
        self, headers: Sequence[tuple[str, str]], body: bytes, *, began: float, still: Still | None
    ) -> Reply:
        """As `_exchange`; once more where a connection that was kept turns out to have been closed meanwhile."""
        was_kept = self._http is not None
        try:
            return await self._exchange(headers, body, began=began, still=still)
        except (h11.RemoteProtocolError, ConnectionError):
            if not was_kept:
                raise
            self.close()
            return await self._exchange(headers, body, began=began, still=still)

    async def _exchange(
        self, headers: Sequence[tuple[str, str]], body: bytes, *, began: float, still: Still | None
    ) -> Reply:
        to = addresses.endpoint(self._url)
        if self._http is None:
            async with asyncio.timeout(CONNECT_S):
                await self._connect(to)
        http, reader, writer = self._http, self._reader, self._writer
        if http is None or reader is None or writer is None:
            raise ConnectionError
        if still is not None and not await still():
            raise _NotAnyMore
        request = h11.Request(
            method="POST",
            target=to.path,
            headers=[
                ("host", to.authority),
                ("user-agent", "Lintas-Webhook/1"),
                ("content-type", "application/cloudevents+json; charset=utf-8"),
                ("content-length", str(len(body))),
                *headers,
            ],
        )
        sent = [http.send(request), http.send(h11.Data(data=body)), http.send(h11.EndOfMessage())]
        writer.write(b"".join(part for part in sent if part))
        await writer.drain()
        response, heard = await _heard(http, reader)
        if http.our_state is h11.DONE and http.their_state is h11.DONE:
            http.start_next_cycle()
        else:
            self.close()
        loop = asyncio.get_running_loop()
        return Reply(
            outcome=_outcome(response.status_code),
            latency_ms=_since(began, loop.time()),
            status=response.status_code,
            text=_readable(heard),
            body=heard,
            asked_s=_retry_after(response),
        )

    async def _connect(self, to: Endpoint) -> None:
        here = addresses.loopback_of(to)
        found = [here] if here else addresses.checked(await self._resolve(to.host, to.port))
        tls = (self._tls or _trust()) if to.is_tls else None
        failed: OSError | None = None
        for address in found:
            try:
                self._reader, self._writer = await asyncio.open_connection(
                    address, to.port, ssl=tls, server_hostname=to.host if tls else None, limit=MOST_BYTES
                )
            except ssl.SSLError:
                raise
            except OSError as why:
                failed = why
            else:
                self._http = h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=16 * 1024)
                return
        raise failed or ConnectionError()


async def _heard(http: h11.Connection, reader: asyncio.StreamReader) -> tuple[h11.Response, bytes]:
    """The answer, and its body up to `MOST_BYTES` or `MOST_PARTS`. Raises `h11.RemoteProtocolError`, OSError."""
    response: h11.Response | None = None
    body = bytearray()
    parts = interim = 0
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            http.receive_data(await reader.read(MOST_BYTES))
        elif isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.Data):
            body += event.data[: MOST_BYTES - len(body)]
            parts += 1
            if (len(body) >= MOST_BYTES or parts >= MOST_PARTS) and response is not None:
                return response, bytes(body)
        elif isinstance(event, h11.InformationalResponse):
            interim += 1
            if interim > MOST_BEFORE:
                raise h11.RemoteProtocolError("interim answers do not end")
        elif isinstance(event, h11.EndOfMessage) and response is not None:
            return response, bytes(body)
        elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
            raise h11.RemoteProtocolError("no whole answer came")


def _outcome(status: int) -> str:
    if 200 <= status < 300:
        return "delivered"
    if 300 <= status < 400:
        return "redirected"
    return "gone" if status == 410 else "refused"


def _readable(body: bytes) -> str:
    """The beginning of the answer as text that a table and a terminal can hold."""
    text = body[: 4 * KEPT_CHARACTERS].decode("utf-8", errors="replace")[:KEPT_CHARACTERS]
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "\ufffd", text)


def _retry_after(response: h11.Response) -> float | None:
    """`Retry-After` in seconds; its form as a date is not read, because it says whose clock is right."""
    value = next((value for name, value in response.headers if name == b"retry-after"), b"")
    return float(value) if re.fullmatch(rb"[0-9]{1,9}", value) else None


def _since(began: float, now: float) -> int:
    return max(0, round((now - began) * 1000))
