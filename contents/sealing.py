"""How contents are sealed: chunk by chunk with a key of their own, and that key with the operator's.

    sealed  = chunk 0 || chunk 1 || …        each AES-256-GCM of 64 KiB of the content (the last may be shorter) || tag
    nonce   = number of the chunk (11 bytes) || 1 for the last chunk, else 0
    data    = the id of the content (16 bytes), authenticated with each chunk

A data key seals one content, once, so that a counter may be the nonce. A chunk that is changed, moved, left out or cut
off at the end is noticed when it is read; any part can be read without what is before it.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contents.errors import Misconfigured, Unreadable

CHUNK: Final = 64 * 1024
TAG: Final = 16
KEY: Final = 32
_NONCE: Final = 12


def sealed_size(size: int) -> int:
    """How many bytes a content of `size` bytes takes in the store."""
    return size + TAG * chunks_of(size)


def chunks_of(size: int) -> int:
    """How many chunks it has; one at least."""
    return max(1, -(-size // CHUNK))


def draw_key() -> bytes:
    """A fresh data key."""
    return secrets.token_bytes(KEY)


class Sealer:
    """Seals one content from its beginning to its end."""

    def __init__(self, key: bytes, *, content: UUID) -> None:
        self._cipher, self._content = AESGCM(key), content.bytes
        self._number = 0
        self._rest = b""

    def take(self, data: bytes) -> Iterator[bytes]:
        """The chunks that are full now. What may be the last one waits for `finish`."""
        whole = self._rest + data
        begin = 0
        while len(whole) - begin > CHUNK:
            yield self._sealed(whole[begin : begin + CHUNK], is_last=False)
            begin += CHUNK
        self._rest = whole[begin:]

    def finish(self) -> bytes:
        """The last chunk."""
        return self._sealed(self._rest, is_last=True)

    def _sealed(self, chunk: bytes, *, is_last: bool) -> bytes:
        sealed = self._cipher.encrypt(_nonce(self._number, is_last=is_last), chunk, self._content)
        self._number += 1
        return sealed


def within(size: int, start: int, stop: int) -> tuple[int, int]:
    """Where the chunks that hold the bytes from `start` up to `stop` (exclusive) lie in the store."""
    first, last = start // CHUNK, max(start, stop - 1) // CHUNK
    begin = first * (CHUNK + TAG)
    return begin, min((last + 1) * (CHUNK + TAG), sealed_size(size))


def unsealed(
    sealed: Iterator[bytes], key: bytes, *, content: UUID, size: int, start: int, stop: int
) -> Iterator[bytes]:
    """The bytes of the content from `start` up to `stop`, of what lies `within` the store. Raises `Unreadable`."""
    cipher, last = AESGCM(key), chunks_of(size) - 1
    number, at = start // CHUNK, start // CHUNK * CHUNK
    rest = b""
    while at < max(stop, 1):
        wanted = min(CHUNK, size - number * CHUNK) + TAG
        while len(rest) < wanted:
            more = next(sealed, b"")
            if not more:
                raise Unreadable(f"{content}: chunk {number} is cut off")
            rest += more
        chunk, rest = rest[:wanted], rest[wanted:]
        try:
            plain = cipher.decrypt(_nonce(number, is_last=number == last), chunk, content.bytes)
        except InvalidTag as why:
            raise Unreadable(f"{content}: chunk {number} is not as it was sealed") from why
        yield plain[max(0, start - at) : stop - at]
        number, at = number + 1, at + CHUNK


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(_NONCE - 1, "big") + (b"\x01" if is_last else b"\x00")


# -- the operator's keys -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Ring:
    """The operator's keys by name; the newest wraps, all of them open."""

    keys: Mapping[str, bytes]
    newest: str

    def wrap(self, key: bytes, *, content: UUID) -> str:
        """A data key, wrapped for that content."""
        nonce = os.urandom(_NONCE)
        wrapped = nonce + AESGCM(self.keys[self.newest]).encrypt(nonce, key, content.bytes)
        return f"{self.newest}:{base64.b64encode(wrapped).decode()}"

    def open(self, wrapped: str, *, content: UUID) -> bytes:
        """The data key of that content. Raises `Unreadable`."""
        name, _, text = wrapped.partition(":")
        if name not in self.keys:
            raise Unreadable(f"{content}: the key {name!r} is not in LINTAS_CONTENTS_KEY_FILE")
        try:
            raw = base64.b64decode(text, validate=True)
            return AESGCM(self.keys[name]).decrypt(raw[:_NONCE], raw[_NONCE:], content.bytes)
        except (InvalidTag, ValueError) as why:
            raise Unreadable(f"{content}: its key was wrapped otherwise or for another content") from why


def read_ring(path: Path | None) -> Ring:
    """The key file: a line `name key` each, the newest last, the key 32 bytes in base64. Raises `Misconfigured`."""
    if path is None:
        raise Misconfigured("LINTAS_CONTENTS_KEY_FILE is not set: where the key of the contents lies or shall lie.")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as why:
        raise Misconfigured(
            f"LINTAS_CONTENTS_KEY_FILE={path} cannot be read: {why.strerror}. Draw one: manage.py open_contents "
            f"--draw-key"
        ) from why
    except UnicodeDecodeError as why:
        raise Misconfigured(f"LINTAS_CONTENTS_KEY_FILE={path} is no text. Put the key file back.") from why
    keys: dict[str, bytes] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, text = line.strip().partition(" ")
        try:
            raw = base64.b64decode(text, validate=True)
        except binascii.Error:
            raw = b""
        if len(raw) != KEY or not name.isalnum() or name in keys:
            raise Misconfigured(f"LINTAS_CONTENTS_KEY_FILE={path}, line {number}: not `name key` with 32 bytes.")
        keys[name] = raw
    if not keys:
        raise Misconfigured(
            f"LINTAS_CONTENTS_KEY_FILE={path} holds no key. Put the key file back; "
            "or, where nothing was kept yet, delete it and draw one: manage.py open_contents --draw-key"
        )
    return Ring(keys=keys, newest=next(reversed(keys)))


def draw_ring(path: Path, *, name: str) -> bool:
    """Write a key file that this user alone reads; False where one is there already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{name} {base64.b64encode(draw_key()).decode()}\n")
        file.flush()
        os.fsync(file.fileno())
    return True
