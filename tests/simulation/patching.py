"""One attribute of the product replaced for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def patched(owner: Any, name: str, value: Any) -> Iterator[None]:
    """`owner.name` is `value` while the block lasts, in all threads."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def replaced(text: str, old: str, new: str) -> str:
    """The text with one passage replaced; a passage that is not there any more is an error, never a fault unplanted."""
    assert text.count(old) >= 1, f"{old!r} is not in the text"
    return text.replace(old, new)
