"""Where sealed contents lie: a port of four verbs (put, open, delete, exists), and a folder behind it.

`LINTAS_CONTENTS` chooses: the path of a folder, or `s3://bucket/prefix` (`contents.s3`). A store knows names and bytes,
and nothing of what they are. Names are drawn here, so none of them comes from a caller.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

from django.conf import settings

from contents.errors import Misconfigured, NotOffered, Unreadable

PART: Final = 1024 * 1024
"""Bytes that are read of a store at a time."""
_NAME: Final = re.compile(r"[0-9a-f]{40}")


class Store(Protocol):
    """What a store does. `incoming` is a folder on this machine where a file is written before it is put."""

    incoming: Path

    def put(self, name: str, file: Path) -> None:
        """Take over that file of `incoming` under a name; when this returns, it outlives the machine's power."""

    def open(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        """Its bytes from `start` up to `stop`, in parts. Raises `Unreadable` at once where there is no such name.

        `StoreDown`, then or between two parts, where the store does not answer.
        """

    def delete(self, name: str) -> None:
        """Take it away; nothing happens where it is not there."""

    def exists(self, name: str) -> bool:
        """Whether it is there."""

    def before(self, moment: datetime) -> Iterator[str]:
        """The names that were there before that moment: for `sweep_contents`, which knows those in use."""


def draw_name() -> str:
    """A fresh name: 160 random bits, which say nothing of the content."""
    return secrets.token_hex(20)


def is_drawn(name: str) -> bool:
    """Whether it could be a name of `draw_name`."""
    return _NAME.fullmatch(name) is not None


def is_offered() -> bool:
    """Whether this installation keeps contents at all."""
    return bool(settings.LINTAS_CONTENTS)


def opened() -> Store:
    """The store that the settings name. Raises `NotOffered`, `Misconfigured`."""
    if not is_offered():
        raise NotOffered
    return _opened(settings.LINTAS_CONTENTS, str(settings.LINTAS_RUN_DIR))


@lru_cache(maxsize=4)
def _opened(where: str, run_dir: str) -> Store:
    if where.startswith("s3://"):
        from contents.s3 import Bucket

        return Bucket(where, incoming=Path(run_dir) / "contents-incoming")
    return Folder(Path(where))


class Folder:
    """Files in folders of 256, readable by this user and its group: the worker, which scans, is another user.

    A file gets its name only when all of it is on the disk (`fsync`, `rename`, `fsync` of the folder), so that a name
    that is there stands for a whole file, wherever the machine stopped.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.incoming = root / "incoming"
        try:
            self.incoming.mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as why:
            raise Misconfigured(f"LINTAS_CONTENTS={root} cannot be used: {why.strerror}.") from why

    def put(self, name: str, file: Path) -> None:
        """See `Store`."""
        path = self._path(name)
        path.parent.mkdir(mode=0o750, exist_ok=True)
        _flushed(file)
        file.rename(path)
        _flushed(path.parent)
        _flushed(self._root)

    def open(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        """See `Store`."""
        path = self._path(name)
        if not path.exists():
            raise Unreadable(f"{name} is not in the folder of the contents")
        return _parts(path, start, stop)

    def delete(self, name: str) -> None:
        """See `Store`."""
        self._path(name).unlink(missing_ok=True)

    def exists(self, name: str) -> bool:
        """See `Store`."""
        return self._path(name).exists()

    def before(self, moment: datetime) -> Iterator[str]:
        """See `Store`."""
        for path in self._root.glob("[0-9a-f][0-9a-f]/*"):
            if is_drawn(path.name) and path.stat().st_mtime < moment.timestamp():
                yield path.name

    def _path(self, name: str) -> Path:
        if not is_drawn(name):
            raise Unreadable("a name that was not drawn here")
        return self._root / name[:2] / name


def _parts(path: Path, start: int, stop: int) -> Iterator[bytes]:
    try:
        with path.open("rb", buffering=0) as file:
            file.seek(start)
            at = start
            while at < stop and (part := file.read(min(PART, stop - at))):
                at += len(part)
                yield part
    except OSError as why:
        raise Unreadable(f"{path.name} cannot be read: {why.strerror}") from why


def _flushed(path: Path) -> None:
    """Wait until the disk has it, a file or a folder's list."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
