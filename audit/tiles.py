"""Publishes the tree as a folder of tiles and a checkpoint, for a proxy or a CDN (C2SP tlog-tiles).

The folder says itself how far it is: tiles first, each whole or not there, the checkpoint last. Whoever is killed in
between leaves tiles that no checkpoint names yet, and the next round writes the same bytes again. A checkpoint is
published only where the tiles in the folder lead to its root.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

from audit import reading
from audit.nodes import LogBroken
from audit.tlog import notes, tiles
from audit.tlog.notes import BadNote, Checkpoint
from audit.tlog.tiles import HASH, HEIGHT, WIDTH, BadTile, Tile

CHECKPOINT: Final = "checkpoint"
_PART: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")

Hashes = Callable[[int, int, int], bytes]
"""The hashes of the nodes of a level, from an index on, so many: 32 bytes each, one after the other."""


class CannotPublish(LogBroken):
    """The folder is not this log's, or the tables do not hold together; the message says which and what to do."""


class Folder:
    """Where one log's tiles and checkpoint lie. One process at a time writes into it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def published(self) -> str | None:
        """The checkpoint that stands there."""
        try:
            return (self.path / CHECKPOINT).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def read(self, tile: Tile) -> bytes:
        """A tile. Raises `CannotPublish` where it is missing."""
        try:
            return (self.path / tile.path).read_bytes()
        except FileNotFoundError:
            raise CannotPublish(
                f"{self.path / tile.path} is missing. Empty {self.path}: everything is written anew."
            ) from None

    def publish(self, text: str, *, sizes: Sequence[int], hashes: Hashes) -> bool:
        """Write the tiles of that checkpoint, and then it; False where it stands there already.

        `sizes` are those of all checkpoints up to this one that were signed since the one that stands there: each has
        its partial tiles. Raises `CannotPublish`, or OSError where the disk does not take it or another process writes
        here.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        alone = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return self._publish(text, sizes=sizes, hashes=hashes)
        finally:
            os.close(alone)

    def _publish(self, text: str, *, sizes: Sequence[int], hashes: Hashes) -> bool:
        new = notes.read_checkpoint(notes.read_note(text).text)
        standing = self.published()
        if standing == text:
            return False
        before = self._continued(standing, new)
        so_far = before
        for size in sorted({size for size in sizes if before < size < new.size} | {new.size}):
            for tile in tiles.new_tiles(so_far, size):
                self._write_tile(tile, hashes)
            so_far = size
        self._forget_partials(before, new.size)
        try:
            found = tiles.root(size=new.size, fetch=self.read)
        except BadTile as why:
            raise CannotPublish(f"{why}. Empty {self.path}: everything is written anew.") from why
        if found != new.root:
            raise CannotPublish(
                f"The tiles in {self.path} do not lead to the root of the checkpoint of {new.size} leaves. If "
                f"lintas-verify finds the log sound, empty the folder: everything is written anew."
            )
        self._write(self.path / CHECKPOINT, text.encode())
        return True

    def _continued(self, standing: str | None, new: Checkpoint) -> int:
        """The size that stands there. Raises `CannotPublish` where the new one does not continue it."""
        if standing is None:
            return 0
        try:
            old = notes.read_checkpoint(notes.read_note(standing).text)
        except BadNote as why:
            raise CannotPublish(f"{self.path / CHECKPOINT} is no checkpoint: {why}. Empty {self.path}.") from why
        if old.origin != new.origin:
            raise CannotPublish(f"{self.path} holds the log {old.origin}, and this one is {new.origin}.")
        if old.size > new.size or (old.size == new.size and old.root != new.root):
            raise CannotPublish(
                f"{self.path} shows {old.size} leaves, and the newest witnessed checkpoint has {new.size} or another "
                f"root: an older backup was restored, or the log was changed. docs/runbook.md, A restore."
            )
        return old.size

    def _write_tile(self, tile: Tile, hashes: Hashes) -> None:
        content = hashes(tile.level * HEIGHT, tile.index * WIDTH, tile.width)
        if len(content) != tile.width * HASH:
            raise CannotPublish(f"Nodes of {tile.path} are missing in the database. Run lintas-verify.")
        path = self.path / tile.path
        if path.exists() and path.read_bytes() == content:
            return
        self._write(path, content)

    def _forget_partials(self, before: int, after: int) -> None:
        """Take away the partial tiles whose full tile is there; who misses one asks for the full one."""
        for tile in tiles.new_tiles(before, after):
            if tile.width == WIDTH and (stale := self.path / f"{tile.path}.p").is_dir():
                shutil.rmtree(stale)

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        """Put a whole file in its place, on the disk before its name is."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def folder_of(origin: str, *, root: Path) -> Folder:
    """The folder of that log below `root`: `lintas.example.go.id/log/1` lies in `log/1`, as its URL says.

    A fork has another origin, and so another folder. Raises `CannotPublish`.
    """
    parts = origin.split("/")[1:]
    if not all(_PART.fullmatch(part) for part in parts):
        raise CannotPublish(f"The log's origin {origin!r} names no folder: use letters, digits, '.', '_' and '-'.")
    return Folder(root.joinpath(*parts))


def newest() -> str | None:
    """The checkpoint to publish: the newest that the policy's quorum saw; None before there is one."""
    signed = reading.checkpoint()
    if signed is None or not reading.policy().is_met(notes.read_note(signed.text)):
        return None
    return signed.text


def publish(root: Path) -> int | None:
    """Bring the folder up to the newest witnessed checkpoint; returns its size, None where nothing was new.

    Raises `CannotPublish`, OSError, and whatever the database raises.
    """
    text = newest()
    if text is None:
        return None
    new = notes.read_checkpoint(notes.read_note(text).text)
    if new.origin != settings.LINTAS_LOG_ORIGIN:
        raise CannotPublish(f"The log is {new.origin}, and LINTAS_LOG_ORIGIN says {settings.LINTAS_LOG_ORIGIN}.")
    folder = folder_of(new.origin, root=root)
    standing = folder.published()
    with connection.cursor() as cursor:
        # Sizes that were signed since: at most 256 of a tile differ in what they show.
        cursor.execute(
            "SELECT DISTINCT size FROM audit_checkpoint WHERE size > %s AND size < %s",
            [notes.read_checkpoint(notes.read_note(standing).text).size if standing else 0, new.size],
        )
        sizes = [size for (size,) in cursor.fetchall()]
    return new.size if folder.publish(text, sizes=sizes, hashes=stored) else None


def stored(level: int, start: int, count: int) -> bytes:
    """The stored hashes of the nodes of that level, from an index on; fewer where some are missing."""
    with connection.cursor() as cursor:
        if level:
            cursor.execute(
                "SELECT hash FROM audit_node WHERE level = %s AND index >= %s AND index < %s ORDER BY index",
                [level, start, start + count],
            )
        else:
            cursor.execute(
                "SELECT leaf_hash FROM audit_leaf WHERE index >= %s AND index < %s ORDER BY index",
                [start, start + count],
            )
        return b"".join(bytes(digest) for (digest,) in cursor.fetchall())
