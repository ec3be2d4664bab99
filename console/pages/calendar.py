"""Kalender: the days off of a year, each with the decree that makes it one, in any version ever counted with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import formats
from django.utils.translation import gettext_lazy

from agencies import calendar
from agencies.calendar import Day
from console import telling, words
from console.http import PageRequest


class CalendarForm(forms.Form):
    """Which year, of which version."""

    year = forms.ChoiceField(label=gettext_lazy("Tahun"), required=False)
    version = forms.ChoiceField(label=gettext_lazy("Versi kalender"), required=False)

    def __init__(self, query: QueryDict, *, versions: Sequence[str], years: Sequence[str]) -> None:
        super().__init__(query, auto_id="kalender_%s", use_required_attribute=False)
        chosen: Any = self.fields
        chosen["version"].choices = [(version, version) for version in versions]
        chosen["year"].choices = [(year, year) for year in years]


def show(request: HttpRequest) -> HttpResponse:
    """The days; of this year, and of the newest version, where nothing else is asked."""
    page = cast("PageRequest", request)
    versions = calendar.versions()
    if not versions:
        return render(request, "console/calendar.html", {"is_empty": True})
    asked = request.GET.get("version")
    found = calendar.load(asked if asked in versions else versions[0])
    years = sorted({str(day.year) for day in found.days}, reverse=True)
    form = CalendarForm(request.GET, versions=versions, years=years)
    if not form.is_valid():
        return render(request, "console/calendar.html", {"form": form, "refused": True}, status=400)
    year = form.cleaned_data["year"] or str(page.now.astimezone(telling.zone()).year)
    return render(
        request,
        "console/calendar.html",
        {
            "form": form,
            "year": year,
            "version": found.version,
            "is_current": found.version == versions[0],
            "days": [_told(day) for date, day in sorted(found.days.items()) if str(date.year) == year],
        },
    )


def _told(day: Day) -> dict[str, Any]:
    return {
        "date": telling.day(day.date),
        "weekday": formats.date_format(day.date, "l"),
        "name": day.name_id,
        "kind": words.DAYS_OFF.get(day.kind, day.kind),
        "decree": day.decree,
        "is_estimate": day.is_estimate,
        "source": day.source,
    }
