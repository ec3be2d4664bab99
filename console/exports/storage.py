"""The folder of the files: random names, for their owner's group alone, whole or not there."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

DRAFT: Final = ".draft"
"""What is being written ends so; nobody is ever given it."""


def folder() -> Path:
    """`LINTAS_EXPORTS_DIR`, made where it is missing."""
    place: Path = settings.LINTAS_EXPORTS_DIR
    place.mkdir(mode=0o750, parents=True, exist_ok=True)
    return place


@contextmanager
def drafted() -> Iterator[Path]:
    """A path to write to, in a folder of its own for whatever the writing needs besides.

    `keep` takes the file out; what is left when the block ends is deleted.
    """
    place = folder() / f"{secrets.token_hex(24)}{DRAFT}"
    place.mkdir(mode=0o700)
    try:
        yield place / "file"
    finally:
        shutil.rmtree(place)


def keep(draft: Path) -> tuple[str, int, str]:
    """Bring it to the disk under its own name; returns name, size in bytes and SHA-256."""
    draft.chmod(0o640)
    with draft.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
        size = os.fstat(file.fileno()).st_size
    name = draft.parent.name.removesuffix(DRAFT)
    draft.rename(folder() / name)
    return name, size, digest


def path_of(stored_as: str) -> Path:
    """Where that file lies. Raises ValueError for what is no name of ours."""
    if len(stored_as) != 48 or not set(stored_as) <= set("0123456789abcdef"):
        raise ValueError("no name of an export's file")
    place: Path = settings.LINTAS_EXPORTS_DIR
    return place / stored_as


def delete(stored_as: str) -> None:
    """Delete it; nothing happens where it is gone."""
    path_of(stored_as).unlink(missing_ok=True)


def clear(known: set[str], *, older_than: float) -> int:
    """Delete what no export has, and drafts of dead workers, last written before that time (seconds since 1970).

    Returns how many.
    """
    strays = [one for one in folder().iterdir() if one.name not in known and one.stat().st_mtime < older_than]
    for path in strays:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(strays)
