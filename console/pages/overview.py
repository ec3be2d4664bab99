"""Ringkasan: where cases wait, and how late. Every number links to the list that it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from casefiles.flow import OPEN
from casefiles.sight import waiting
from casefiles.sight.waiting import AGES, Overview, PartyDelay
from casefiles.sight.weeks import Weeks
from console import tallies, telling, words
from console.http import PageRequest
from console.pages.log import verification_told
from verifications import asking

LINE_WIDTH, LINE_HEIGHT = 110, 24
"""Of a line of weeks, in units of its picture."""
AGAIN_AFTER_S = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it counts, and where its list is; `signal` colours it beside its words."""

    label: str
    value: int
    href: str
    signal: str = ""
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A small line of twelve weeks: its points in a field of `LINE_WIDTH` by `LINE_HEIGHT`, and the last of them."""

    points: str
    last_x: int
    last_y: float


@dataclass(frozen=True, slots=True)
class Delay:
    """A party's row: what waits, what is late, and how late on average, net and gross."""

    label: str
    value: Figure
    late: Figure
    net: float | None
    gross: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a bar chart: `width` is the bar's length and `late` that of its late part, of 100."""

    label: str
    value: Figure
    late: Figure
    width: float
    late_width: float


def show(request: HttpRequest) -> HttpResponse:
    """The page. It shows numbers and no casefile, so no read is recorded."""
    page = cast("PageRequest", request)
    counted = tallies.of(page.actor, now=page.now)
    if counted is None:
        return _being_counted(request)
    found, lines = counted.overview, counted.weeks
    return render(
        request,
        "console/overview.html",
        {
            "counted_at": telling.instant(counted.at) if counted.is_kept else None,
            "figures": _figures(found, lines),
            "weeks": [
                (telling.day(monday, short=True), *numbers)
                for monday, *numbers in zip(
                    lines.mondays, lines.waiting, lines.late, lines.submitted, lines.closed, strict=True
                )
            ],
            "parties": [_delay(row) for row in found.by_party],
            "states": _by_state(found),
            "ages": _by_age(found),
            "turns": _by_turn(found),
            "verification": verification_told(asking.last_ended()),
            "is_empty": not found.total("waiting") and not found.closed,
        },
    )


def _being_counted(request: HttpRequest) -> HttpResponse:
    """What is shown until the worker has counted for the first time. The page asks again by itself."""
    answer = render(request, "console/being_counted.html")
    answer.headers["Refresh"] = str(AGAIN_AFTER_S)
    return answer


def to_list(**asked: str | int) -> str:
    """The list of casefiles with these filters."""
    return f"{reverse('casefiles')}?{urlencode(asked)}"


def _figures(found: Overview, lines: Weeks) -> list[Figure]:
    late, first = found.total("late"), lines.mondays[0].isoformat()
    return [
        Figure(_("Perkara yang menunggu"), found.total("waiting"), to_list(open=1), line=_line(lines.waiting)),
        Figure(
            _("Lewat tenggat"),
            late,
            to_list(late_from=1, order="due"),
            "late" if late else "on-time",
            _line(lines.late),
        ),
        Figure(
            _("Jatuh tempo dalam 7 hari"),
            found.total("soon"),
            to_list(due_within=waiting.SOON, order="due"),
            "soon" if found.total("soon") else "",
        ),
        Figure(
            _("Masuk dalam 12 pekan"), sum(lines.submitted), to_list(submitted_from=first), line=_line(lines.submitted)
        ),
        Figure(_("Selesai"), found.closed, to_list(state="closed"), line=_line(lines.closed)),
        Figure(_("Data diblokir"), found.blocked, to_list(blocked=1), "soon" if found.blocked else ""),
    ]


def _line(numbers: Sequence[int]) -> Line:
    """From left to right; the highest number touches the top, and 0 the bottom."""
    most = max(*numbers, 1)
    step = LINE_WIDTH // (len(numbers) - 1)
    heights = [round(LINE_HEIGHT - number * LINE_HEIGHT / most, 1) for number in numbers]
    points = [f"{place * step},{height}" for place, height in enumerate(heights)]
    return Line(points=" ".join(points), last_x=step * (len(numbers) - 1), last_y=heights[-1])


def _delay(row: PartyDelay) -> Delay:
    label = str(words.PARTIES[row.party])
    return Delay(
        label=label,
        value=Figure(label, row.waiting, to_list(party=row.party, open=1)),
        late=Figure(label, row.late, to_list(party=row.party, late_from=1), "late" if row.late else ""),
        net=row.net,
        gross=row.gross,
    )


def _by_state(found: Overview) -> list[Bar]:
    most = max((counts["waiting"] for counts in found.by_state.values()), default=0)
    return [
        _bar(str(words.STATES[state]), found.by_state[state], most, state=str(state))
        for state in OPEN
        if state in found.by_state
    ]


def _by_turn(found: Overview) -> list[Bar]:
    most = max((row["waiting"] for row in found.by_turn), default=0)
    return [_bar(row["name"], row, most, turn=row["code"], open=1) for row in found.by_turn]


def _bar(label: str, counts: object, most: int, **asked: str | int) -> Bar:
    numbers = cast("dict[str, int]", counts)
    scale = 100 / most if most else 0
    return Bar(
        label,
        Figure(label, numbers["waiting"], to_list(**asked)),
        Figure(label, numbers["late"], to_list(**{**asked, "late_from": 1}), "late" if numbers["late"] else ""),
        round(numbers["waiting"] * scale, 1),
        round(numbers["late"] * scale, 1),
    )


def _by_age(found: Overview) -> list[Figure]:
    figures = []
    for name, first, last in AGES:
        asked: dict[str, str | int] = {"late_from": first, "order": "due"}
        if last is not None:
            asked["late_until"] = last
        label = (
            _("%(first)s hari atau lebih") % {"first": first}
            if last is None
            else _("%(first)s sampai %(last)s hari") % {"first": first, "last": last}
        )
        figures.append(Figure(label, found.total(name), to_list(**asked)))
    return figures
