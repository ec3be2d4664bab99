"""Statistik, hukuman: what agencies imposed beside what was recommended. Every number links to its list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast, get_args

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casefiles.sight.comparisons import MOST_ROWS, By, Compared, compared
from console import words
from console.http import PageRequest
from console.pages.asking import AddressForm
from console.pages.overview import Figure, to_list

DIMENSIONS: Final[Mapping[By, Promise]] = {
    "form": gettext_lazy("Bentuk pelanggaran"),
    "employer": gettext_lazy("Instansi pegawai"),
    "position_kind": gettext_lazy("Jenis jabatan"),
}
_LISTS: Final = {"form": "violations", "position_kind": "position_kind"}


class ByForm(AddressForm):
    """By what."""

    by = forms.ChoiceField(
        label=gettext_lazy("Menurut"), required=False, choices=[(name, DIMENSIONS[name]) for name in get_args(By)]
    )


def show(request: HttpRequest) -> HttpResponse:
    """The page. It shows numbers and no casefile, so no read is recorded."""
    page = cast("PageRequest", request)
    form = ByForm(request.GET, auto_id="hukuman_%s", use_required_attribute=False)
    if not form.is_valid():
        return render(request, "console/comparisons.html", {"form": form, "refused": True}, status=400)
    by = cast("By", form.cleaned_data["by"] or "form")
    comparisons = words.choices("comparison")
    lines = compared(page.actor, by=by, now=page.now)
    said = {
        "form": form,
        "by": DIMENSIONS[by],
        "heads": [label for _code, label in comparisons],
        "rows": [_row(line, by, comparisons) for line in lines],
        "most": MOST_ROWS if len(lines) == MOST_ROWS else None,
    }
    return render(request, "console/comparisons.html", said)


def _row(line: Compared, by: By, comparisons: list[tuple[str, str]]) -> tuple[str, list[tuple[str, Figure]]]:
    label = _label(line, by)
    # Of what is not known there is no filter, and so no list.
    asked = {} if line.key is None else {by: line.key}
    return label, [
        (head, Figure(label, number, to_list(**asked, comparison=code) if asked else ""))
        for code, head in comparisons
        for number in (line.numbers.get(code, 0),)
    ]


def _label(line: Compared, by: By) -> str:
    if line.key is None:
        return _("tidak diketahui")
    return words.code(_LISTS[by], line.key) if by in _LISTS else line.name or line.key
