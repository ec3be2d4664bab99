"""Who may act at the desk: an agency's officers. Readers and managers read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

OFFICER: Final = "officer"


def closed(request: HttpRequest) -> HttpResponse:
    """503: this console has no connection to act over (`DATABASE_DESK_URL`)."""
    said = {
        "title": _("Meja tertutup"),
        "advice": _("Konsol ini hanya untuk membaca: mejanya belum dibuka operator. Tidak ada yang dicatat."),
    }
    return render(request, "console/error.html", said, status=503)


def officers_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view, for officers; 403 for everybody else who has signed in."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.person.role != OFFICER:  # type: ignore[attr-defined]  # PageRequest
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return asked
