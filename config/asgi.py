"""The door for the server: `granian --interface asginl config.asgi:application`. A whole request first, then a thread.

A body is read here, without a thread, until a deadline; Django sees requests that are whole. So nobody who sends half a
request holds anything but a socket, and `/livez` is answered whatever the threads are doing. What was wrong on the way
is told to Django's outermost layer (`api.http.middleware`), which answers with a problem in the caller's language.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import resource
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any, Final, TypeAlias
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.utils import timezone

from api.http import addresses, arriving, traffic
from config import seeing
from config.streams import Parts, Uploading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

Scope: TypeAlias = Mapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Answered: TypeAlias = tuple[int, list[tuple[bytes, bytes]], "bytes | Parts"]
Wsgi: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

BODY_WITHIN_S: Final = float(os.environ.get("LINTAS_BODY_WITHIN_S", "10"))
"""Seconds within which a body has to be whole."""
READ_AT_MOST: Final = 1024 * 1024
"""Bytes of a body that are read. More than the API takes: it answers 413 by itself."""
BATCHES: Final = "/api/v1/batches"
BATCH_AT_MOST: Final = settings.LINTAS_MAX_BATCH_BYTES + 1
"""Bytes of a batch that are read: it is many acts in one body."""
PAPERS: Final = re.compile(r"/meja/(?:[0-9a-f-]{36}|temuan)/dokumen")
PAPER_AT_MOST: Final = 51 * 1024 * 1024
"""Bytes of a form with a paper (the console's) that are read; they count as a batch does."""
BATCH_WITHIN: Final = 6
"""How many times as long as any other body a batch or a paper may take."""
BATCHES_READ: Final = 4
BATCHES_READ_EACH: Final = 1
BATCHES_OF_STRANGERS: Final = 2
"""Batches that are read at a time, of everybody, of one caller, and of strangers: each may fill memory with that."""
THREADS: Final = int(os.environ.get("LINTAS_THREADS", "16"))
"""Requests that one process works on at a time."""
AT_ONCE_EACH: Final = 6
"""Of one client; the others wait without a thread."""
HEAVY_BYTES: Final = 32 * 1024
"""A body beyond this (dozens of officers and violations) may take a second of one process's computing."""
HEAVY_AT_ONCE_EACH: Final = 1
"""Requests with such a body that one process works on for one client at a time, beside the others."""
WAITS_AT_MOST_S: Final = 5.0
"""Seconds for which they wait; then they are told to come again."""
CLIENTS_REMEMBERED: Final = 10_000

# RFC 9110, 5.3: these are lists, and a list may come in several lines. Any other field comes once.
LISTS: Final = frozenset(
    b"accept accept-charset accept-encoding accept-language cache-control connection cookie forwarded"
    b" if-none-match pragma te trailer transfer-encoding upgrade via warning x-forwarded-for x-forwarded-host"
    b" x-forwarded-proto".split()
)
OF_PROXIES: Final = frozenset(
    b"forwarded via x-real-ip x-client-ip x-cluster-client-ip true-client-ip cf-connecting-ip x-original-url"
    b" x-original-host x-rewrite-url x-host front-end-https".split()
)
"""What proxies say of a request, or somebody in their name. Django and whatever stands on it never see these, nor any
`X-Forwarded-…`, nor a name with an underscore, which WSGI cannot tell from the one with a hyphen."""
LIVE: Final = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"3")]
WITHOUT_BODY: Final = frozenset({"GET", "HEAD"})


class Gone(threading.Event):
    """Set when the caller has gone; whoever waits on their behalf asks to be woken."""

    def __init__(self) -> None:
        super().__init__()
        self._wake: Callable[[], None] | None = None

    def wakes(self, wake: Callable[[], None]) -> None:
        """Call this when the caller goes, at once where they are gone already."""
        self._wake = wake
        if self.is_set():
            wake()

    def set(self) -> None:
        """Note that the caller has gone."""
        super().set()
        if self._wake is not None:
            self._wake()


class Turn:
    """A request's place among those of its caller, who is known by their address until their token was looked at."""

    def __init__(self, lane: asyncio.Semaphore, learn: Callable[[str], None], *, keeps: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._lane: asyncio.Semaphore | None = lane
        self._learn = learn
        self._keeps = keeps

    def is_of(self, client: str) -> None:
        """The caller is this client (told from a thread): their later requests queue with the client's.

        A stranger's place is free from now on, or a client's long poll would hold one of all who share the address; a
        heavy request `keeps` its place, as it polls nothing.
        """
        self._loop.call_soon_threadsafe(self._known, client)

    def _known(self, client: str) -> None:
        self._learn(client)
        if not self._keeps:
            self.end()

    def end(self) -> None:
        """Give the place to the next one, once."""
        if self._lane is not None:
            self._lane.release()
            self._lane = None


class Door:
    """An ASGI application around a WSGI one; one instance per process."""

    def __init__(self, wsgi: Wsgi, *, body_within_s: float = BODY_WITHIN_S, threads: int = THREADS) -> None:
        self._wsgi = wsgi
        self._body_within_s = body_within_s
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._uploading = Uploading(grace_s=body_within_s)
        # By whose they are, and whether they are for heavy requests.
        self._lanes: dict[tuple[bytes, bool], asyncio.Semaphore] = {}
        self._users: Counter[tuple[bytes, bool]] = Counter()
        # By whose they are, and whether that is an address only.
        self._batches: Counter[tuple[bytes, bool]] = Counter()
        # By a digest of the token, which is nobody's to keep.
        self._client_of: dict[bytes, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        # Django reads `put` as `PUT`: what holds for one here holds for the other. The age of a signature or a proof is
        # taken now: the body of a batch may take a minute, and the request may wait for its turn.
        scope = {**scope, "method": scope["method"].upper(), arriving.ARRIVED: timezone.now()}
        if scope["path"] == "/livez" and scope["method"] in {"GET", "HEAD"}:
            await _send(send, 200, LIVE, b"ok\n" if scope["method"] == "GET" else b"")
            return
        if scope["path"] == "/metrics" and settings.ROOT_URLCONF == "console.urls" and traffic.may_ask(_sent(scope)):
            # The console's requests; the register's numbers are told by the API's process.
            told = await asyncio.to_thread(traffic.exposition)
            await _send(send, 200, [(b"content-type", traffic.PROMETHEUS.encode())], told.encode())
            return
        fault = _fault(scope)
        if fault is None and scope["method"] == "PUT" and arriving.PATH.fullmatch(scope["path"]):
            await self._upload(scope, receive, send)
            return
        body = b""
        if fault is None and scope["method"] not in WITHOUT_BODY:
            body, fault = await self._read(scope, receive)
        gone = Gone()
        environ = _environ(scope, body, fault=fault, gone=gone)
        status, headers, answer = await self._answered(
            environ, receive, gone, token=_token(scope), address=_address(scope), is_heavy=len(body) > HEAVY_BYTES
        )
        if fault is not None:
            # What is left of the body is not read: nothing more can come on this connection.
            headers.append((b"connection", b"close"))
        await self._sent(send, status, headers, answer)

    async def _read(self, scope: Scope, receive: Receive) -> tuple[bytes, str | None]:
        """The body, and what is wrong with how it came."""
        if (most := _most(scope["path"])) is not None:
            client = self._client_of.get(_token(scope))
            whose = (client or _address(scope), client is None)
            of_strangers = sum(count for (_, is_stranger), count in self._batches.items() if is_stranger)
            if (
                self._batches[whose] >= BATCHES_READ_EACH
                or self._batches.total() >= BATCHES_READ
                or (client is None and of_strangers >= BATCHES_OF_STRANGERS)
            ):
                return b"", "too-many-at-once"
            self._batches[whose] += 1
            try:
                return await _within(self._body_within_s * BATCH_WITHIN, receive, most=most)
            finally:
                self._batches[whose] -= 1
                if not self._batches[whose]:
                    del self._batches[whose]
        return await _within(self._body_within_s, receive, most=READ_AT_MOST)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an upload: the view is asked before the body is read, and again when it has come."""
        token, address = _token(scope), _address(scope)
        upload = arriving.Upload()

        async def asked(fault: str | None) -> Answered:
            environ = _environ(scope, b"", fault=fault, gone=Gone())
            environ[arriving.UPLOAD] = upload
            if "HTTP_TRANSFER_ENCODING" in environ:
                # How long it is shows when it has come.
                environ["CONTENT_LENGTH"] = ""
            return await self._answered(environ, None, Gone(), token=token, address=address, is_heavy=False)

        status, headers, answer = await asked(None)
        if upload.draft is None:
            await self._uploading.drain(scope, receive)
        else:
            whose = self._client_of.get(token) or address
            fault = await self._uploading.take(receive, upload.draft, whose=whose)
            upload.is_whole = fault is None
            status, headers, answer = await asked(fault)
            # Refused at the door the second time (the token has run out meanwhile), the view has not seen it.
            upload.draft.discard()
        if not upload.is_whole:
            headers.append((b"connection", b"close"))
        await self._sent(send, status, headers, answer)

    async def _sent(self, send: Send, status: int, headers: list[tuple[bytes, bytes]], answer: bytes | Parts) -> None:
        if isinstance(answer, bytes):
            await _send(send, status, headers, answer)
        else:
            await answer.send(send, status, headers, threads=self._threads)

    async def _answered(
        self, environ: dict[str, Any], receive: Receive | None, gone: Gone, *, token: bytes, address: bytes,
        is_heavy: bool,
    ) -> Answered:  # fmt: skip
        """What the application answers; one client's requests take turns, so that they leave threads to others."""
        client = self._client_of.get(token)
        environ[seeing.BEGAN] = time.perf_counter()
        whose = (client or address, is_heavy)
        lane = self._lanes.setdefault(whose, asyncio.Semaphore(HEAVY_AT_ONCE_EACH if is_heavy else AT_ONCE_EACH))
        self._users[whose] += 1
        try:
            async with asyncio.timeout(WAITS_AT_MOST_S):
                await lane.acquire()
        except TimeoutError:
            environ["lintas.fault"] = environ["lintas.fault"] or "too-many-at-once"
            return await self._worked(environ, receive, gone)
        else:
            turn = Turn(lane, lambda known: self._learn(token, known), keeps=is_heavy)
            if client is None:
                environ["lintas.turn"] = turn
            try:
                return await self._worked(environ, receive, gone)
            finally:
                turn.end()
        finally:
            self._users[whose] -= 1
            if not self._users[whose]:
                del self._users[whose], self._lanes[whose]

    async def _worked(self, environ: dict[str, Any], receive: Receive | None, gone: Gone) -> Answered:
        """What the application answers, from a thread; whether the caller has gone meanwhile is told to it.

        Nobody listens for that (`receive`) while the body has not been read.
        """
        working: asyncio.Future[Answered] = asyncio.get_running_loop().run_in_executor(
            self._threads, _run, self._wsgi, environ
        )
        if receive is None:
            return await working
        leaving: asyncio.Future[Any] = asyncio.ensure_future(_left(receive))
        try:
            waiting: set[asyncio.Future[Any]] = {working, leaving}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                gone.set()
            return await working
        finally:
            leaving.cancel()

    def _learn(self, token: bytes, client: str) -> None:
        """Remember whose token it is, now that the application has found out: a client may hold many."""
        if len(self._client_of) >= CLIENTS_REMEMBERED:
            self._client_of.clear()
        self._client_of[token] = client.encode()


# -- the request -------------------------------------------------------------------------------------------------------


async def _within(seconds: float, receive: Receive, *, most: int) -> tuple[bytes, str | None]:
    """The body, if it is whole in time, and what is wrong with it."""
    try:
        async with asyncio.timeout(seconds):
            return await _body(receive, most=most)
    except TimeoutError:
        return b"", "request-timeout"


async def _body(receive: Receive, *, most: int) -> tuple[bytes, str | None]:
    """The body, and what is wrong with it."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"", "body-cut"
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body") or size > most:
            return b"".join(parts), None


def _fault(scope: Scope) -> str | None:
    """What is wrong with the request before its body is read."""
    names = Counter(name for name, _ in scope["headers"])
    for name, times in names.items():
        if times > 1 and name not in LISTS:
            return f"header-repeated:{name.decode('latin-1')}"
    if b"%2f" in scope.get("raw_path", b"").lower():
        return "unknown-route"
    if scope["method"] in WITHOUT_BODY:
        lengths = {value.strip() for name, value in scope["headers"] if name == b"content-length"}
        if b"transfer-encoding" in names or lengths - {b"0"}:
            return "body-not-expected"
    return None


def _most(path: str) -> int | None:
    """How many bytes are read of a body that is larger than others; None of all others."""
    if path == BATCHES:
        return BATCH_AT_MOST
    return PAPER_AT_MOST if settings.ROOT_URLCONF == "console.urls" and PAPERS.fullmatch(path) else None


def _token(scope: Scope) -> bytes:
    """A digest of the token that was sent, empty where none was."""
    sent = _sent(scope)
    return hashlib.sha256(sent).digest() if sent else b""


def _sent(scope: Scope) -> bytes:
    return next((value for name, value in scope["headers"] if name == b"authorization"), b"")


def _address(scope: Scope) -> bytes:
    """What stands for a caller until they are known: the address they call from. Anybody can draw a new token."""
    return addresses.address(*_told(scope)).encode()


def _told(scope: Scope) -> tuple[str, str]:
    """The connection's address, and what proxies and others wrote of those behind it."""
    forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").decode("latin-1")
    return str((scope.get("client") or ("",))[0]), forwarded


def _environ(scope: Scope, body: bytes, *, fault: str | None, gone: Gone) -> dict[str, Any]:
    """The request as WSGI has it (PEP 3333). `lintas.fault` says what was wrong on the way, `lintas.gone` who left."""
    server = scope.get("server") or ("localhost", 80)
    reached = "https" if settings.LINTAS_BEHIND_PROXY and settings.HTTPS else scope.get("scheme", "http")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": addresses.caller(*_told(scope)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": reached,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "lintas.fault": fault,
        "lintas.gone": gone,
        arriving.ARRIVED: scope[arriving.ARRIVED],
    }
    for name, value in scope["headers"]:
        if b"_" in name or name in OF_PROXIES or name.startswith(b"x-forwarded"):
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in {"CONTENT_LENGTH", "CONTENT_TYPE"}:
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]}, {text}" if key in environ else text
    # Some clients (.NET) send chunks and no length, and Django reads nothing without one.
    if "HTTP_TRANSFER_ENCODING" in environ:
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ


async def _left(receive: Receive) -> None:
    """Wait until the caller has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


# -- the answer --------------------------------------------------------------------------------------------------------


def _run(wsgi: Wsgi, environ: dict[str, Any]) -> Answered:
    """Call the application in this thread."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        started[:] = [status, headers]

    parts = wsgi(environ, start_response)
    close = getattr(parts, "close", None)
    # A long answer is sent as it is read: it is never in memory as a whole.
    is_long = getattr(parts, "streaming", False) and environ["REQUEST_METHOD"] != "HEAD"
    body: bytes | Parts
    try:
        by_line = getattr(parts, "line_by_line", False)
        body = Parts(iter(parts), close, by_line=by_line) if is_long else b"".join(parts)
    finally:
        if close is not None and not is_long:
            close()
    status, headers = started
    return int(status[:3]), [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in headers], body


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _as_many_sockets_as_allowed() -> None:
    """A socket is all that half a request may hold, so let the process have what its keeper grants."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


_as_many_sockets_as_allowed()
application = Door(seeing.made_ready())
