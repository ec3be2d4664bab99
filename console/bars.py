"""A picture of one column of a table: a bar for each row, with its label and its number, drawn by the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST: Final = 24
"""Rows that are drawn; the table beside the picture has all of them."""
WIDTH, ROW, LABEL, NUMBER = 720, 26, 250, 70
"""Of the picture, in its own units: its width, a row's height, and the room for labels and numbers."""
LONGEST: Final = 34
"""Letters of a label; the table has it whole."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: where it stands, how long its bar is, and its number (None: withheld)."""

    label: str
    number: int | None
    y: int
    text_y: int
    length: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The bars, the size of the picture, and whether the table has more rows than these."""

    bars: Sequence[Bar]
    width: int
    height: int
    label_width: int
    has_more: bool


def picture_of(rows: Sequence[tuple[str, int | None]], *, in_order: bool) -> Picture | None:
    """The largest rows, or the last ones where they have an order of their own; None where there is nothing to draw."""
    if not any(number for _, number in rows):
        return None
    chosen = list(rows[-MOST:]) if in_order else sorted(rows, key=lambda row: -(row[1] or 0))[:MOST]
    most = max(number or 0 for _, number in chosen) or 1
    bars = [
        Bar(
            label=label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…",
            number=number,
            y=place * ROW + 4,
            text_y=place * ROW + 19,
            length=round((number or 0) / most * (WIDTH - LABEL - NUMBER)),
        )
        for place, (label, number) in enumerate(chosen)
    ]
    return Picture(bars, WIDTH, len(bars) * ROW + 4, LABEL, has_more=len(rows) > len(chosen))
