"""Ringkasan: where cases wait, and how late. Every number links to the list that it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from casefiles.flow import OPEN
from casefiles.sight import waiting
from casefiles.sight.waiting import AGES, Overview
from console import words
from console.http import PageRequest


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it counts, and where its list is; `signal` colours it beside its words."""

    label: str
    value: int
    href: str
    signal: str = ""


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
    found = waiting.overview(page.actor, now=page.now)
    return render(
        request,
        "console/overview.html",
        {
            "figures": _figures(found),
            "states": _by_state(found),
            "ages": _by_age(found),
            "turns": _by_turn(found),
            "is_empty": not found.total("waiting") and not found.closed,
        },
    )


def to_list(**asked: str | int) -> str:
    """The list of casefiles with these filters."""
    return f"{reverse('casefiles')}?{urlencode(asked)}"


def _figures(found: Overview) -> list[Figure]:
    late = found.total("late")
    return [
        Figure(_("Perkara yang menunggu"), found.total("waiting"), to_list(open=1)),
        Figure(_("Lewat tenggat"), late, to_list(late_from=1, order="due"), "late" if late else "on-time"),
        Figure(
            _("Jatuh tempo dalam 7 hari"),
            found.total("soon"),
            to_list(due_within=waiting.SOON, order="due"),
            "soon" if found.total("soon") else "",
        ),
        Figure(_("Selesai"), found.closed, to_list(state="closed")),
    ]


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
