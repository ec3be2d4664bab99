"""The moments that entries name, against their order, the witnesses that saw them, and the verifier's own clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Final

from .entries import OPENED, Entry, place
from .report import Report

APART: Final = timedelta(minutes=15)
"""How far clocks may stand apart, and how long one transaction (a hand-over of all cases) may keep its entries back."""

Seen = tuple[int, datetime]
"""How many leaves a witness saw, and when."""


class Times:
    """Takes the entries in the order of the log."""

    def __init__(self, report: Report, *, now: datetime, seen: Iterable[Seen] = ()) -> None:
        self._report, self._ahead = report, now + APART
        sights = sorted(seen)
        self._sizes = [size for size, _ in sights]
        # Whoever saw a larger tree saw the leaf too: of all of them the earliest counts.
        self._seen = list(accumulate((at for _, at in reversed(sights)), min))[::-1]
        self._sight = 0
        self._latest = datetime.min.replace(tzinfo=UTC)

    def take(self, said: Entry, *, index: int | None) -> None:
        """Check when an entry says it was recorded. What is no moment was named when its form was checked."""
        try:
            recorded = datetime.fromisoformat(said["recorded_at"])
            if recorded < self._latest:
                if recorded < self._latest - APART:
                    self._report.add("time-backwards", index=index, member="recorded_at", **place(said))
            elif (index, said["kind"]) != (0, OPENED):
                # What a register recorded before its log was opened, law and agencies, comes after the opening.
                self._latest = recorded
        except (ValueError, TypeError, KeyError):
            return
        if recorded > self._ahead:
            self._report.add("time-ahead", index=index, member="recorded_at", **place(said))
        if index is None:
            return
        while self._sight < len(self._sizes) and self._sizes[self._sight] <= index:
            self._sight += 1
        if self._sight < len(self._sizes) and recorded > self._seen[self._sight] + APART:
            self._report.add("time-after-witness", index=index, member="recorded_at", **place(said))
