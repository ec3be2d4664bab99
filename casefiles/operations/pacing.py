"""How many casefiles a batch takes: as many as it holds for a tenth of a second, on whatever machine it runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AIM_S = 0.1
"""Whoever works on one of the casefiles waits for so long at the most, or for twice that while the pace is found."""
FIRST, FEWEST = 100, 10
TELLS_EVERY_S = 5.0


class Pace:
    """The size of the next batch, by how long the last one took; never more than `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.size = min(FIRST, most)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Time a batch of `size`, from before its transaction to the end of the commit."""
        began = time.monotonic()
        yield
        self.took(time.monotonic() - began)

    def took(self, seconds: float) -> None:
        """Go slower or faster, by half or twice at the most: one batch may have met a busy moment."""
        fits = self.size * AIM_S / max(seconds, 0.001)
        self.size = min(self._most, max(FEWEST, round(min(max(fits, self.size / 2), self.size * 2))))


def teller(logger: logging.Logger, sentence: str) -> Callable[[int], None]:
    """What tells how far a command has come: `sentence`, with the number so far, every few seconds."""
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= TELLS_EVERY_S:
            last = time.monotonic()
            logger.info(sentence, done)

    return tell
