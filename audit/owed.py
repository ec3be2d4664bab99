"""The entries for which a receipt is owed: a command collects what it made, and prints the receipts afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audit.ledger import Sealed

_collected: ContextVar[list[Sealed] | None] = ContextVar("collected", default=None)


def collect(sealed: Sealed) -> Sealed:
    """Note the entry, where somebody collects; returns it."""
    if (collected := _collected.get()) is not None:
        collected.append(sealed)
    return sealed


@contextmanager
def collecting() -> Iterator[list[Sealed]]:
    """The entries that `append_open` makes while the block lasts, for who owes a receipt for each.

    A block within another one holds its entries back: whoever began it collects them again once they stay.
    """
    made: list[Sealed] = []
    token = _collected.set(made)
    try:
        yield made
    finally:
        _collected.reset(token)
