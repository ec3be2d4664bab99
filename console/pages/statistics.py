"""Statistik: the tables as press and public may have them, with the moment of the log that they were counted at."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, cast, get_args
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casefiles.errors import BeyondHead, TooManyRows
from casefiles.statistics import measures
from casefiles.statistics.count import Counted, Line, Question, count
from casefiles.statistics.disclosure import THRESHOLD
from casefiles.statistics.measures import AGENCIES, STANDING, DimensionName
from console import bars, telling, words
from console.http import PageRequest
from console.pages.asking import AddressForm
from console.pages.moments import DayField
from console.recording import record

BY: Final = tuple(name for name in get_args(DimensionName) if name not in STANDING)
"""Dimensions of the published tables, as the API has them."""
LISTED: Final = frozenset({"election", "form", "violation_class", "submitter", "examiner", "employer", "position_kind"})
"""Dimensions that the list of casefiles has a filter for."""
OF_MEASURE: Final = {
    "open": [("open", "on")],
    "not_proven": [("outcome", "not_proven")],
    "closed": [("outcome", outcome) for outcome in words.OUTCOMES if outcome != "merged"],
}
"""Measures that the list can show, with its filters."""


class StatisticsForm(AddressForm):
    """What is counted, by what, of which days and as of which place in the log."""

    unit = forms.ChoiceField(label=gettext_lazy("Yang dihitung"), required=False, choices=list(words.UNITS.items()))
    by = forms.ChoiceField(
        label=gettext_lazy("Menurut"),
        required=False,
        choices=[("", "—"), *((name, words.DIMENSIONS[name]) for name in BY)],
    )
    submitted_from = DayField(label=gettext_lazy("Masuk sejak hari"))
    submitted_until = DayField(label=gettext_lazy("Masuk sebelum hari"))
    as_of = forms.IntegerField(label=gettext_lazy("Pada nomor log"), required=False, min_value=0, max_value=10**15 - 1)

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query, auto_id="statistik_%s", use_required_attribute=False)

    def clean(self) -> dict[str, Any]:
        """No period of no day."""
        given = super().clean()
        first, last = given.get("submitted_from"), given.get("submitted_until")
        if isinstance(first, date) and isinstance(last, date) and last <= first:
            self.add_error("submitted_until", _("Jangka waktu itu kosong."))
        return given

    def question(self) -> Question:
        """What is asked, once it is valid."""
        given = self.cleaned_data
        return Question(
            unit=given["unit"] or "casefiles",
            by=(given["by"],) if given["by"] else (),
            submitted_from=given["submitted_from"],
            submitted_until=given["submitted_until"],
            as_of=given["as_of"],
            publish=True,
        )


def show(request: HttpRequest) -> HttpResponse:
    """The table. It names no casefile; that somebody counted is recorded, as in the API."""
    page = cast("PageRequest", request)
    form = StatisticsForm(request.GET)
    if not form.is_valid():
        return render(request, "console/statistics.html", {"form": form, "refused": True}, status=400)
    question = form.question()
    try:
        counted = count(question, actor=page.actor)
    except BeyondHead as beyond:
        form.add_error("as_of", _("Log baru sampai nomor %(head)s.") % {"head": beyond.head})
    except TooManyRows:
        form.add_error("by", _("Barisnya terlalu banyak. Pilih jangka waktu yang lebih pendek."))
    else:
        record(page, route="/statistik", shown=())
        said = {"form": form, "query": request.GET.urlencode(), **_told(page, question, counted)}
        return render(request, "console/statistics.html", said)
    return render(request, "console/statistics.html", {"form": form, "refused": True}, status=400)


def _told(page: PageRequest, question: Question, counted: Counted) -> dict[str, Any]:
    of_unit = measures.measures_of(question.unit)
    by = question.by[0] if question.by else None
    rows = [(key_of(by, line, counted), cells_of(line)) for line in counted.rows] if by else []
    drawn = [(label, cells[0][1]) for label, cells in rows] or cells_of(counted.totals)
    return {
        "picture": bars.picture_of(drawn, in_order=by in {None, "month"}),
        "of": words.UNITS[question.unit],
        "by": words.DIMENSIONS[by] if by else "",
        "heads": [words.MEASURES[measure.code] for measure in of_unit],
        "rows": [
            (label, linked(question, counted, line, cells))
            for (label, cells), line in zip(rows, counted.rows, strict=True)
        ]
        if by
        else [],
        "are_rows_withheld": by is not None and not counted.rows and any(counted.totals.numbers.values()),
        "totals": linked(question, counted, counted.totals, cells_of(counted.totals)),
        "merged": counted.merged,
        "has_withheld": counted.totals.suppressed or any(line.suppressed for line in counted.rows),
        "threshold": THRESHOLD,
        "index": counted.index,
        "recorded": telling.instant(counted.recorded_at),
        "head": counted.head,
        "digest": counted.digest,
        "edition": measures.EDITION,
        "sees_all": page.actor.is_auditor,
        "definitions": definitions_of(question, of_unit),
    }


def linked(
    question: Question, counted: Counted, line: Line, cells: list[tuple[str, int | None]]
) -> list[tuple[str, int | None, str]]:
    """The cells with the address of the list that each counts; empty where there is no such list.

    The list shows how things stand now, and every case on a line of its own.
    """
    is_now = counted.index == counted.head and not question.submitted_from and not question.submitted_until
    key = dict(zip(question.by, line.key, strict=False))
    is_listed = all(name in LISTED and value is not None for name, value in key.items())
    if question.unit != "casefiles" or not is_now or not is_listed:
        return [(*cell, "") for cell in cells]
    asked = [(name, str(value)) for name, value in key.items()]
    return [
        (
            head,
            number,
            f"{reverse('casefiles')}?{urlencode([*asked, *OF_MEASURE[code]])}" if code in OF_MEASURE and number else "",
        )
        for code, (head, number) in zip(line.numbers, cells, strict=True)
    ]


def key_of(by: str | None, line: Line, counted: Counted) -> str:
    """What a row is called."""
    (key,) = line.key
    return telling.key(by or "", key, counted.names.get(str(key)) if by in AGENCIES else None)


def cells_of(line: Line) -> list[tuple[str, int | None]]:
    """Its numbers with what they count; None is withheld."""
    return [(str(words.MEASURES[code]), number) for code, number in line.numbers.items()]


def definitions_of(question: Question, of_unit: tuple[measures.Definition, ...]) -> list[tuple[str, str]]:
    """Every word of the table, and what exactly it counts."""

    def text(definition: measures.Definition) -> str:
        return definition.en if words.is_english() else definition.id

    found = [(str(words.UNITS[one.code]), text(one)) for one in measures.UNITS if one.code == question.unit]
    found += [(str(words.DIMENSIONS[one.code]), text(one)) for one in measures.DIMENSIONS if one.code in question.by]
    return found + [(str(words.MEASURES[one.code]), text(one)) for one in of_unit]
