"""Bytes on their way in: counted, hashed and sealed as they come. Nothing readable of them is ever on the disk."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from contents import sealing
from contents.errors import ContentError, Damaged, Differs, NoRoom, NotWhatItSays
from contents.storage import Store

MOST: Final = 50 * 1024 * 1024
"""Bytes of one content."""
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
BEGINS: Final = {PDF: b"%PDF-", JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n"}
"""How a file of each media type that is taken in begins, with its first byte."""
ENDS: Final = {PDF: b"%%EOF", JPEG: b"\xff\xd9", PNG: b"IEND\xaeB`\x82"}
"""How it ends. What follows that is flagged: another file may hide there."""
TRAILING: Final = "trailing_data"
_TAIL: Final = 1024
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Offered:
    """What a request says of the bytes that it brings: their SHA-256, and their number where it is told beforehand."""

    digest: bytes
    length: int | None


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to come in: the content of that document, as its descriptor has it. `digest` is its SHA-256."""

    content: UUID
    document: UUID
    media_type: str
    size: int
    digest: bytes


class Draft:
    """A content that is coming in. It ends with `finish`, or with `discard`; killed between, it leaves rubbish.

    `take` notes the first thing that is wrong in `refused` and wants no more bytes after that. It may run in one thread
    while another one discards the draft, as when the server leaves a sender: who comes second waits, and a draft that
    was discarded takes nothing. A number of a closed file may be another file's by then.
    """

    def __init__(self, store: Store, intent: Intent) -> None:
        """Raises `NoRoom`."""
        self.intent = intent
        self.key = sealing.draw_key()
        self.path: Path = store.incoming / f"{secrets.token_hex(20)}.part"
        self.received = 0
        self.refused: ContentError | None = None
        self.flags: tuple[str, ...] = ()
        self._digest = hashlib.sha256()
        self._sealer = sealing.Sealer(self.key, content=intent.content)
        self._head, self._tail = b"", b""
        self._turn = threading.Lock()
        try:
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        except OSError as why:
            raise _understood(why) from why

    def take(self, data: bytes) -> bool:
        """Take the next bytes; False where no more are wanted."""
        with self._turn:
            if self.refused is not None or self._file < 0:
                return False
            try:
                self._take(data)
            except ContentError as why:
                self.refused = why
                self._drop()
            return self.refused is None

    def finish(self) -> None:
        """All has come: the last chunk is written. Raises what is wrong with it, and then nothing is left of it."""
        with self._turn:
            try:
                self._finish()
            except ContentError:
                self._drop()
                raise

    def discard(self) -> None:
        """Leave nothing of it."""
        with self._turn:
            self._drop()

    def _finish(self) -> None:
        if self.refused is not None:
            raise self.refused
        if self.received < self.intent.size:
            raise Differs("length")
        if self._head != BEGINS[self.intent.media_type]:
            raise NotWhatItSays
        if self._digest.digest() != self.intent.digest:
            raise Damaged
        if not self._tail.rstrip(b"\r\n \x00").endswith(ENDS[self.intent.media_type]):
            self.flags = (TRAILING,)
        self._write(self._sealer.finish())
        os.close(self._file)
        self._file = -1

    def _take(self, data: bytes) -> None:
        self.received += len(data)
        if self.received > self.intent.size:
            raise Differs("length")
        begins = BEGINS[self.intent.media_type]
        if len(self._head) < len(begins):
            self._head = (self._head + data)[: len(begins)]
            if not begins.startswith(self._head):
                raise NotWhatItSays
        self._tail = (self._tail + data)[-_TAIL:]
        self._digest.update(data)
        for chunk in self._sealer.take(data):
            self._write(chunk)

    def _write(self, sealed: bytes) -> None:
        left = memoryview(sealed)
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError as why:
            raise _understood(why) from why

    def _drop(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self.path.unlink(missing_ok=True)


def _understood(why: OSError) -> Exception:
    return NoRoom(why.strerror or "") if why.errno in _FULL else why
