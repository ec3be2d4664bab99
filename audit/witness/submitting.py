"""The log's side of tlog-witness: one submission, one outcome, within a bounded time. Keeps nothing."""

from __future__ import annotations

import base64
import contextlib
import http.client
import queue
import re
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from time import time as clock
from urllib.parse import urlsplit

from ..tlog import notes
from ..tlog.notes import BadNote, Note, VerifierKey

MAX_ANSWER = 64 * 1024
TIMEOUT_S = 5.0
MOST_AHEAD_S = 86_400
LAST_SECOND = 253_402_300_799
"""The end of the year 9999, beyond which calendars have no dates."""
_SIZE = re.compile("(0|[1-9][0-9]{0,18})\n?")
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The witness's signature line (without newline), verified, and the POSIX second it states."""

    line: str
    time: int


@dataclass(frozen=True, slots=True)
class Behind:
    """The witness knows another size than the one the proof began at.

    Up to the size submitted: submit again, with a proof from there. Larger: it has seen more of this log than we have.
    """

    size: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The witness does not sign this; the same again would be refused again."""

    status: int
    text: str

    @property
    def contests(self) -> bool:
        """Whether it says that this history does not continue the one it knows."""
        return self.status in (409, 422)


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No answer, or none of a working witness: try again later."""

    reason: str


Outcome = Cosigned | Behind | Refused | Unreachable


def submit(
    *, url: str, note: str, old_size: int, proof: Sequence[bytes], key: VerifierKey, timeout: float = TIMEOUT_S,
    now: float | None = None,
) -> Outcome:  # fmt: skip
    """Ask the witness at `url` (its submission prefix) to cosign a signed checkpoint.

    `note` is the whole signed note, `proof` the consistency proof from `old_size` (empty from 0, and from its own
    size), `key` the witness's vkey, `timeout` the seconds that all of it may take, `now` the POSIX second (the clock's
    where none is given). Raises BadNote for a note that is none; everything else, whatever the network or the witness
    does, is an outcome.
    """
    text = notes.read_note(note).text
    lines = [f"old {old_size}", *(base64.b64encode(digest).decode() for digest in proof)]
    try:
        exchange = _Exchange(url, ("\n".join(lines) + "\n\n" + note).encode(), timeout=timeout)
    except ValueError as why:
        return Unreachable(f"the address cannot be used: {why}")
    answer = exchange.run()
    if isinstance(answer, str):
        return Unreachable(answer)
    return _judge(answer, text=text, key=key, old_size=old_size, now=clock() if now is None else now)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    content_type: str
    body: bytes


def _judge(answer: _Answer, *, text: str, key: VerifierKey, old_size: int, now: float) -> Outcome:
    if len(answer.body) > MAX_ANSWER:
        return Unreachable("the answer is longer than 64 KB")
    shown = _shown(answer.body)
    if answer.status == 200:
        return _cosignature(answer.body, text=text, key=key, now=now)
    if answer.status == 409 and answer.content_type == "text/x.tlog.size":
        size = _SIZE.fullmatch(answer.body.decode("ascii", "replace"))
        if size and int(size[1]) != old_size:
            return Behind(int(size[1]))
        # That very size was submitted from: what differs is the root.
        return Refused(409, f"it knows another tree of that size: {shown}" if size else shown)
    if answer.status >= 500 or answer.status in (408, 429):
        return Unreachable(f"it answered {answer.status}: {shown}")
    if 300 <= answer.status < 400:
        return Refused(answer.status, "it redirects, which is not followed")
    return Refused(answer.status, shown)


def _cosignature(body: bytes, *, text: str, key: VerifierKey, now: float | None = None) -> Cosigned | Refused:
    """The witness's own line; `now` in POSIX seconds. A time that lies far ahead is refused, and none is endless."""
    latest = min((clock() if now is None else now) + MOST_AHEAD_S, LAST_SECOND)
    try:
        for line in notes.read_signature_lines(body.decode(), text=text).lines:
            time = Note(text, (line,)).signed_by(key)
            if time is not None and time > latest:
                return Refused(200, f"the cosignature of {key.name} is dated more than a day ahead: its clock is wrong")
            if time is not None:
                return Cosigned(line=line, time=time)
    except (BadNote, UnicodeDecodeError) as why:
        return Refused(200, f"its answer is no cosignature of {key.name}: {why}")
    return Refused(200, f"its answer holds no cosignature of {key.name}")


def _shown(body: bytes) -> str:
    """A stranger's words, short and harmless."""
    words = body[: 4 * _SHOWN].decode("utf-8", "replace")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())[:_SHOWN]


class _Exchange:
    """One POST in a thread of its own: looking a name up, TLS and a dripping answer all count against one limit."""

    def __init__(self, url: str, body: bytes, *, timeout: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ValueError("it must begin with https:// (or http://) and name a host")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("it may hold no user, query or fragment")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or (443 if self._secure else 80)
        self._path = parts.path.rstrip("/") + "/add-checkpoint"
        self._body = body
        self._timeout = timeout
        self._over = threading.Event()
        self._socket: socket.socket | None = None
        self._result: queue.SimpleQueue[_Answer | str] = queue.SimpleQueue()

    def run(self) -> _Answer | str:
        """The answer, or why there is none."""
        threading.Thread(target=self._work, name="submitting", daemon=True).start()
        try:
            return self._result.get(timeout=self._timeout)
        except queue.Empty:
            self._over.set()
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # ends the thread's reading
            return f"no answer within {self._timeout:g} s"

    def _work(self) -> None:
        try:
            self._result.put(self._post())
        except (OSError, http.client.HTTPException, ValueError) as why:
            # ValueError: http.client's for what is neither status nor header, and for names that are no names.
            self._result.put(f"{type(why).__name__}: {_shown(str(why).encode(errors='replace'))}")

    def _post(self) -> _Answer:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        try:
            connection.sock = self._socket = socket.create_connection((self._host, self._port), timeout=self._timeout)
            if self._secure:
                connection.sock = self._socket = ssl.create_default_context().wrap_socket(
                    self._socket, server_hostname=self._host, do_handshake_on_connect=False
                )
            if self._over.is_set():
                raise TimeoutError
            if isinstance(self._socket, ssl.SSLSocket):
                self._socket.do_handshake()
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            headers = {"Content-Type": "text/plain; charset=utf-8", "Connection": "close"}
            connection.request("POST", self._path, self._body, headers)
            answer = connection.getresponse()
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return _Answer(status=answer.status, content_type=kind, body=answer.read(MAX_ANSWER + 1))
        finally:
            connection.close()
