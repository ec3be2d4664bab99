"""Who may act at the desk: an agency's officers. Readers and managers read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

OFFICER: Final = "officer"


def officers_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view, for officers; 403 for everybody else who has signed in."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.person.role != OFFICER:  # type: ignore[attr-defined]  # PageRequest
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return asked
