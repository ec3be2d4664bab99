"""The moments that entries name, against their order, the witnesses that saw them, and the verifier's own clock."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Final

from .entries import OPENED, Entry, place
from .report import Report

APART: Final = timedelta(minutes=15)
"""How far clocks may stand apart, and how long one transaction (a hand-over of all cases) may keep its entries back."""

AT_ONCE: Final = timedelta(seconds=60)
"""How long after a revocation an act may have been recorded that was under way when it came."""

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
LARGEST: Final = (1 << 63) - 1
"""No tree has more leaves, whatever a checkpoint says."""


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 2000, rounded down; PostgreSQL counts from there. Raises `TypeError` without a time zone."""
    return (moment - EPOCH) // MILLISECOND


def moved(instant: str, by: timedelta) -> str:
    """The instant so much later, spelled as entries spell one."""
    later = datetime.fromisoformat(instant).astimezone(UTC) + by
    return later.strftime("%Y-%m-%dT%H:%M:%S.") + f"{later.microsecond // 1000:03d}Z"


class Seen:
    """When witnesses saw trees of which size: 16 bytes for each cosignature, however many there are."""

    def __init__(self, sights: Iterable[tuple[int, datetime]] = ()) -> None:
        self.sizes, self._moments = array("q"), array("q")
        self._is_settled = True
        for size, at in sights:
            self.add(size, at)

    def add(self, size: int, at: datetime) -> None:
        """A witness saw that many leaves at that moment."""
        self.sizes.append(min(size, LARGEST))
        self._moments.append(milliseconds(at))
        self._is_settled = False

    def before(self, index: int) -> int | None:
        """When a witness first saw the leaf, in milliseconds since 2000; None where none did."""
        if not self._is_settled:
            self._settle()
        number = bisect_right(self.sizes, index)
        return self._moments[number] if number < len(self.sizes) else None

    def _settle(self) -> None:
        sights = sorted(zip(self.sizes, self._moments, strict=True))
        self.sizes = array("q", (size for size, _ in sights))
        # Whoever saw a larger tree saw the leaf too: of all of them the earliest counts.
        self._moments = array("q", accumulate((at for _, at in reversed(sights)), min))
        self._moments.reverse()
        self._is_settled = True


class Times:
    """Takes the entries in the order of the log."""

    def __init__(self, report: Report, *, now: datetime, seen: Seen | None = None) -> None:
        self._report, self._ahead = report, now + APART
        self._seen = seen or Seen()
        self._latest = datetime.min.replace(tzinfo=UTC)

    def take(self, entry: Entry, *, index: int | None) -> None:
        """Check when an entry says it was recorded. What is no moment was named when its form was checked."""
        try:
            recorded = datetime.fromisoformat(entry["recorded_at"])
            if recorded < self._latest:
                if recorded < self._latest - APART:
                    self._report.add("time-backwards", index=index, member="recorded_at", **place(entry))
            elif (index, entry["kind"]) != (0, OPENED):
                # What a register recorded before its log was opened, law and agencies, comes after the opening.
                self._latest = recorded
        except (ValueError, TypeError, KeyError):
            return
        if recorded > self._ahead:
            self._report.add("time-ahead", index=index, member="recorded_at", **place(entry))
        if index is None:
            return
        seen = self._seen.before(index)
        if seen is not None and recorded - EPOCH > timedelta(milliseconds=seen) + APART:
            self._report.add("time-after-witness", index=index, member="recorded_at", **place(entry))
