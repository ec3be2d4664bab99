"""Tenggat: which deadlines fall when, by whoever is obliged. Every number links to the list that it counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from casefiles.sight import due
from casefiles.sight.due import By, Heat, Row, Span
from console import telling, words
from console.http import PageRequest
from console.pages.overview import to_list

SHADES: Final = 3
LABEL, CELL, HEIGHT, HEAD = 280, 96, 34, 30
"""Of the picture, in its own units: the width of names and of a cell, the height of a row and of the head."""
LONGEST: Final = 36
"""Characters of a name that the picture has room for; its table has the whole name."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, where its list is, which span it belongs to, and how dark and where it is drawn."""

    value: int
    href: str
    span: str
    shade: int
    x: int
    text_x: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row of table and picture; `short` is the name as far as it fits into the picture."""

    label: str
    short: str
    cells: list[Cell]
    total: int
    href: str
    y: int
    text_y: int


def show(request: HttpRequest) -> HttpResponse:
    """The page, by party or by agency. It shows numbers and no casefile, so no read is recorded."""
    page = cast("PageRequest", request)
    by: By = "agency" if request.GET.get("by") == "agency" else "party"
    found = due.heat(page.actor, by=by, today=page.now.astimezone(telling.zone()).date(), now=page.now)
    heads = [_head(span) for span in found.spans]
    return render(
        request,
        "console/deadlines.html",
        {
            "by": by,
            "heads": [(label, LABEL + place * CELL + CELL // 2) for place, label in enumerate(heads)],
            "lines": list(_lines(found, by, heads)),
            "has_more": found.has_more,
            "most": due.MOST_ROWS,
            "picture": {
                "width": LABEL + len(heads) * CELL,
                "height": HEAD + len(found.rows) * HEIGHT,
                "cell": CELL - 2,
                "row": HEIGHT - 2,
            },
        },
    )


def _head(span: Span) -> str:
    if span.first is None:
        return _("sebelumnya")
    if span.last is None:
        return _("sesudahnya")
    # A week goes by its Monday, whose year is understood.
    return telling.day(span.first, short=True).rpartition(" ")[0]


def _lines(found: Heat, by: By, heads: list[str]) -> Iterator[Line]:
    most = max((number for row in found.rows for number in row.numbers), default=0)
    for place, row in enumerate(found.rows):
        label = str(words.PARTIES.get(row.code, row.code)) if by == "party" else row.name
        whose = {"party" if by == "party" else "turn": row.code}
        yield Line(
            label=label,
            short=label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…",
            cells=list(_cells(row, found, heads, whose, most)),
            total=row.total,
            href=to_list(**whose, open=1, order="due"),
            y=HEAD + place * HEIGHT,
            text_y=HEAD + place * HEIGHT + HEIGHT // 2 + 4,
        )


def _cells(row: Row, found: Heat, heads: list[str], whose: dict[str, str], most: int) -> Iterator[Cell]:
    for place, (number, span, head) in enumerate(zip(row.numbers, found.spans, heads, strict=True)):
        asked = dict(whose)
        if span.first is not None:
            asked["due_from"] = span.first.isoformat()
        if span.last is not None:
            asked["due_until"] = span.last.isoformat()
        yield Cell(
            value=number,
            href=to_list(**asked, order="due"),
            span=head,
            # Rounded up, so that no number but 0 is drawn as 0.
            shade=-(-number * SHADES // most) if most else 0,
            x=LABEL + place * CELL,
            text_x=LABEL + place * CELL + CELL // 2,
        )
