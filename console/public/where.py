"""Ke mana melapor? The supervisor's offices for a region. Reports are taken there, not here."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from agencies import offices, regions
from console import words
from console.public import may_i, site


def show(request: HttpRequest) -> HttpResponse:
    """The form, and the offices of the region it names: its own, the province's, the national one."""
    chosen = request.GET.get("region", "")
    region = regions.load().get(chosen)
    said: dict[str, Any] = {"places": may_i.options(chosen), "asked": bool(chosen)}
    if region is None:
        unknown = bool(chosen)
        return site.page(request, "where", said | {"unknown": unknown}, status=400 if unknown else 200)
    found = offices.supervisors(region, on=may_i.today(request))
    return site.page(request, "where", said | {"region": words.spelt(region.name), "offices": found})
