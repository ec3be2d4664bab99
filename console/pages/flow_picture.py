"""Where the states stand in a picture of the flow, and how bands and arrows run between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from casefiles import flow
from casefiles.flow import OPEN, State
from casefiles.sight.moves import Move
from casefiles.sight.waiting import ENTERED
from console import words

COLUMNS: Final[Mapping[str, int]] = {
    ENTERED: 0,
    "submitted": 1,
    "identity_requested": 2,
    "returned": 3,
    "under_examination": 4,
    "recommended": 5,
    "disputed": 6,
    "awaiting_sanction": 7,
    "sanction_reported": 8,
    "contested": 9,
    "closed": 10,
}
"""From left to right. The usual way runs to the right; whatever runs to the left is drawn below, as a way back."""
ROWS: Final[Mapping[str, int]] = {"identity_requested": 1, "returned": 1, "disputed": 1, "contested": 1}
"""States beside the usual way stand lower."""
STEP, BAR, HEIGHT, TOP, LOWER, THINNEST = 142, 14, 200, 40, 70, 1.5
"""Of the bands, in units of the picture: from column to column, a state's width, the tallest state, the space above,
how much lower the states beside the way begin, and the thinnest band.
"""
BOX, BOX_STEP, BOX_HEIGHT, LINE = 138, 152, 52, 96
"""Of the boxes: width, from column to column, height, from row to row."""


@dataclass(frozen=True, slots=True)
class Node:
    """A state: its label (one or two lines), where its bar stands and how tall it is."""

    code: str
    label: list[tuple[str, int]]
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Band:
    """A move: its path, how wide it is drawn, whether it leads back, what it says, and where its number stands."""

    path: str
    width: float
    is_back: bool
    title: str
    number: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A state of the diagram; `visits` are the numbers of the case's steps that led to it."""

    label: list[tuple[str, int]]
    x: int
    y: int
    mark: str
    visits: str


def label_of(code: str) -> str:
    """The state in words."""
    return str(words.ENTERED if code == ENTERED else words.STATES[code])


def lines_of(text: str, *, y: int, most: int = 15) -> list[tuple[str, int]]:
    """The words in lines of about so many characters, each with its height; the last one is at `y`."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return [(line, y - 15 * (len(lines) - 1 - place)) for place, line in enumerate(lines)]


# -- the bands of a period --------------------------------------------------------------------------------------------


def bands(moves: Sequence[Move]) -> tuple[list[Node], list[Band], int, int]:
    """States and moves as they are drawn, and the picture's width and height."""
    incoming: defaultdict[str, int] = defaultdict(int)
    outgoing: defaultdict[str, int] = defaultdict(int)
    for move in moves:
        if not _is_back(move):
            outgoing[move.source] += move.casefiles
            incoming[move.target] += move.casefiles
    codes = [code for code in COLUMNS if any(code in (move.source, move.target) for move in moves)]
    value = {code: max(incoming[code], outgoing[code]) for code in codes}
    unit = HEIGHT / max(value.values(), default=1) if any(value.values()) else 1.0
    places = {code: place for place, code in enumerate(codes)}
    nodes = {
        code: Node(
            code=code,
            label=lines_of(label_of(code), y=TOP + LOWER * ROWS.get(code, 0) - 8),
            x=places[code] * STEP,
            y=TOP + LOWER * ROWS.get(code, 0),
            height=round(max(value[code] * unit, 4), 1),
        )
        for code in codes
    }
    bottom = max((node.y + node.height for node in nodes.values()), default=0)
    drawn = list(_drawn(moves, nodes, unit, bottom))
    return list(nodes.values()), drawn, max(len(codes) - 1, 0) * STEP + BOX, round(bottom + 90)


def _is_back(move: Move) -> bool:
    return COLUMNS[move.target] <= COLUMNS[move.source]


def _drawn(moves: Sequence[Move], nodes: Mapping[str, Node], unit: float, bottom: float) -> Iterator[Band]:
    left: defaultdict[str, float] = defaultdict(float)
    right: defaultdict[str, float] = defaultdict(float)
    for move in sorted(moves, key=lambda move: (COLUMNS[move.target], COLUMNS[move.source])):
        source, target = nodes[move.source], nodes[move.target]
        width = move.casefiles * unit
        title = f"{label_of(move.source)} → {label_of(move.target)}: {move.casefiles}"
        if _is_back(move):
            path, width = _below(source, target, bottom), max(min(width, 12), THINNEST)
            x, y = (source.x + target.x) / 2, _depth(source, target, bottom) * 0.75 + source.y * 0.25 + 18
        else:
            x, y = source.x + BAR + 5, source.y + right[move.source] + width / 2 + 5
            path = _across(source, target, right[move.source] + width / 2, left[move.target] + width / 2)
            right[move.source] += width
            left[move.target] += width
        wide = round(max(width, THINNEST), 1)
        yield Band(path, wide, _is_back(move), title, move.casefiles, round(x), round(y))


def _across(source: Node, target: Node, down: float, down_there: float) -> str:
    x, y, to_x, to_y = source.x + BAR, source.y + down, target.x, target.y + down_there
    middle = (x + to_x) / 2
    return f"M{x} {y:.1f}C{middle:.0f} {y:.1f} {middle:.0f} {to_y:.1f} {to_x} {to_y:.1f}"


def _below(source: Node, target: Node, bottom: float) -> str:
    x, y, to_x, to_y = source.x + BAR / 2, source.y + source.height, target.x + BAR / 2, target.y + target.height
    deep = _depth(source, target, bottom)
    return f"M{x:.0f} {y:.1f}C{x:.0f} {deep:.0f} {to_x:.0f} {deep:.0f} {to_x:.0f} {to_y:.1f}"


def _depth(source: Node, target: Node, bottom: float) -> float:
    """Down to where a way back is pulled."""
    return bottom + 30 + min(abs(source.x - target.x) / 12, 70)


# -- the diagram with one case's way ----------------------------------------------------------------------------------


def diagram(path: Sequence[str]) -> dict[str, object]:
    """Every state as a box, every usual arrow, and the case's own way through them: the states as it came to them."""
    order = [code for code in COLUMNS if code != ENTERED]
    at = {code: (place * BOX_STEP, ROWS.get(code, 0) * LINE) for place, code in enumerate(order)}
    ways = list(pairwise(path))
    usual = [pair for pair in _usual() if pair not in set(ways)]
    boxes = []
    for code in order:
        x, y = at[code]
        visits = [str(number) for number, state in enumerate(path, 1) if state == code]
        text = lines_of(label_of(code), y=0, most=14)
        middle = y + 54 - 15 * (len(text) - 1) // 2 + 5
        mark = "is-here" if path and path[-1] == code else "is-passed" if visits else ""
        label = [(line, middle + 15 * place) for place, (line, _) in enumerate(text)]
        boxes.append(Box(label, x, y + 28, mark, ", ".join(visits)))
    return {
        "boxes": boxes,
        "usual": [_arrow(at[source], at[target]) for source, target in usual],
        "own": [_arrow(at[source], at[target], bow=number) for number, (source, target) in enumerate(ways)],
        "width": (len(order) - 1) * BOX_STEP + BOX + 4,
        "height": LINE * 2 + 28,
        "box": BOX,
        "box_height": BOX_HEIGHT,
        "text_x": BOX // 2,
    }


def _usual() -> set[tuple[str, str]]:
    """What the flow's table lets happen, without what may happen in every open state and without ways back."""
    rows = [row for row in flow.FLOW if row.source and not set(row.source) >= set(OPEN)]
    pairs = {(source, row.target) for row in rows for source in row.source if isinstance(row.target, State)}
    return {(str(source), str(target)) for source, target in pairs if COLUMNS[target] > COLUMNS[source]}


def _arrow(source: tuple[int, int], target: tuple[int, int], *, bow: int = 0) -> str:
    """From box to box: to the right between their sides, to the left below them; `bow` keeps two ways apart."""
    (x, y), (to_x, to_y) = source, target
    y, to_y = y + 28 + BOX_HEIGHT // 2, to_y + 28 + BOX_HEIGHT // 2
    if to_x > x and (to_x - x == BOX_STEP or y != to_y):
        x, middle = x + BOX, (x + BOX + to_x) // 2
        return f"M{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}"
    over = to_x > x
    half = BOX_HEIGHT // 2
    start, end = (y - half, to_y - half) if over else (y + half, to_y + half)
    deep = min(start, end) - 26 if over else max(start, end) + 26 + 5 * (bow % 4)
    return f"M{x + BOX // 2} {start}C{x + BOX // 2} {deep} {to_x + BOX // 2} {deep} {to_x + BOX // 2} {end}"
