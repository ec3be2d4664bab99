"""Alur: how casefiles moved from state to state in a span of days, and how they ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casefiles.flow import State
from casefiles.sight.moves import Move, Moved, moved
from console import telling, words
from console.http import PageRequest
from console.pages import flow_picture
from console.pages.asking import AddressForm
from console.pages.moments import DayField
from console.pages.overview import Figure, to_list

USUAL_DAYS: Final = 84
"""The span where none is asked for: twelve weeks."""


class SpanForm(AddressForm):
    """From which day to which, both included."""

    first = DayField(label=gettext_lazy("Sejak hari"))
    last = DayField(label=gettext_lazy("Sampai hari"))

    def clean(self) -> dict[str, Any]:
        """The earlier first."""
        given = super().clean()
        if given.get("first") and given.get("last") and given["first"] > given["last"]:
            self.add_error("last", _("Yang pertama harus lebih dahulu."))
        return given


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: from where to where, how many, and where their list is."""

    source: str
    target: str
    number: Figure


def show(request: HttpRequest) -> HttpResponse:
    """The page. It shows numbers and no casefile, so no read is recorded."""
    page = cast("PageRequest", request)
    form = SpanForm(request.GET, auto_id="alur_%s", use_required_attribute=False)
    if not form.is_valid():
        return render(request, "console/flow.html", {"form": form, "refused": True}, status=400)
    today = page.now.astimezone(telling.zone()).date()
    last = form.cleaned_data["last"] or max(form.cleaned_data["first"] or today, today)
    first = form.cleaned_data["first"] or last - timedelta(days=USUAL_DAYS - 1)
    found = moved(page.actor, first=first, last=last, now=page.now)
    span = {"moved_since": first.isoformat(), "moved_until": last.isoformat()}
    nodes, bands, width, height = flow_picture.bands(found.moves)
    return render(
        request,
        "console/flow.html",
        {
            "form": form,
            "first": telling.day(first),
            "last": telling.day(last),
            "lines": [_line(move, span) for move in sorted(found.moves, key=_place)],
            "outcomes": _outcomes(found, span),
            "picture": {"nodes": nodes, "bands": bands, "width": width, "height": height, "bar": flow_picture.BAR},
        },
    )


def _place(move: Move) -> tuple[int, int]:
    """In the order of the flow."""
    return flow_picture.COLUMNS[move.source], flow_picture.COLUMNS[move.target]


def _line(move: Move, span: dict[str, str]) -> Line:
    source, target = flow_picture.label_of(move.source), flow_picture.label_of(move.target)
    href = to_list(moved_from=move.source, moved_to=move.target, **span)
    return Line(source, target, Figure(f"{source} → {target}", move.casefiles, href))


def _outcomes(found: Moved, span: dict[str, str]) -> list[Figure]:
    asked: dict[str, Any] = {"moved_to": State.CLOSED.value, **span}
    return [
        Figure(str(words.OUTCOMES[outcome]), number, to_list(**asked, outcome=outcome))
        if outcome
        else Figure(_("Dibuka kembali sesudahnya"), number, to_list(**asked, open=1))
        for outcome, number in found.outcomes.items()
    ]
