"""Angka: the newest published snapshot. None is published yet, and the page says so rather than show live numbers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from console.public import site


def show(request: HttpRequest) -> HttpResponse:
    """What will stand here, and where numbers are to be had until then."""
    return site.page(request, "figures", {})
