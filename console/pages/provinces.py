"""Wilayah: which provinces, as a map of squares and as a table. Every number of casefiles links to its list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast, get_args

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from agencies import regions
from casefiles.sight.places import Measure, Place, places
from casefiles.sight.waiting import NATIONAL
from console import words
from console.http import PageRequest
from console.pages.asking import AddressForm
from console.pages.overview import Figure, to_list

MEASURES: Final[Mapping[str, Promise]] = {
    "casefiles": gettext_lazy("Perkara"),
    "findings": gettext_lazy("Temuan"),
    "officers": gettext_lazy("Pegawai yang dikenali"),
    "late": gettext_lazy("Lewat tenggat"),
}
SHADES: Final = 3
SIDE: Final = 84
"""Of a square, in units of the picture."""
NOTHING: Final = Place(0, 0, 0, 0)


class MeasureForm(AddressForm):
    """What the map shows."""

    measure = forms.ChoiceField(
        label=gettext_lazy("Yang digambar"),
        required=False,
        choices=[(name, MEASURES[name]) for name in get_args(Measure)],
    )


@dataclass(frozen=True, slots=True)
class Square:
    """A province on the map: its short and its whole name, the number, how dark, and where."""

    short: str
    name: str
    value: int
    shade: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Line:
    """A province in the table."""

    name: str
    findings: int
    officers: int
    casefiles: Figure
    late: Figure


def show(request: HttpRequest) -> HttpResponse:
    """The page. It shows numbers and no casefile, so no read is recorded."""
    page = cast("PageRequest", request)
    form = MeasureForm(request.GET, auto_id="wilayah_%s", use_required_attribute=False)
    if not form.is_valid():
        return render(request, "console/provinces.html", {"form": form, "refused": True}, status=400)
    measure = form.cleaned_data["measure"] or "casefiles"
    found = places(page.actor, now=page.now)
    tiles = regions.tiles()
    return render(
        request,
        "console/provinces.html",
        {
            "form": form,
            "measure": MEASURES[measure],
            "squares": _squares(found, measure),
            "lines": [_line(code, found[code]) for code in (*(tile.code for tile in tiles), NATIONAL) if code in found],
            "side": SIDE - 4,
            "middle": (SIDE - 4) // 2,
            "width": (max(tile.column for tile in tiles) + 1) * SIDE,
            "height": (max(tile.row for tile in tiles) + 1) * SIDE,
        },
    )


def _squares(found: Mapping[str, Place], measure: str) -> list[Square]:
    names = regions.load()
    values = {tile.code: int(getattr(found.get(tile.code, NOTHING), measure)) for tile in regions.tiles()}
    most = max(values.values())
    return [
        Square(
            short=tile.short,
            name=words.spelt(names[tile.code].name),
            value=values[tile.code],
            # Rounded up, so that no number but 0 is drawn as 0.
            shade=-(-values[tile.code] * SHADES // most) if most else 0,
            x=tile.column * SIDE,
            y=tile.row * SIDE,
        )
        for tile in regions.tiles()
    ]


def _line(code: str, place: Place) -> Line:
    name = str(words.NATIONAL) if code == NATIONAL else words.spelt(regions.load()[code].name)
    return Line(
        name=name,
        findings=place.findings,
        officers=place.officers,
        casefiles=Figure(name, place.casefiles, to_list(province=code)),
        late=Figure(name, place.late, to_list(province=code, late_from=1, order="due"), "late" if place.late else ""),
    )
