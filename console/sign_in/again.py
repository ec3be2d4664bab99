"""The second factor again: before what is more than reading, unless it was given within the last quarter of an hour."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode

from console.sign_in import sessions


def proved(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view, for whoever has just proved who they are; others prove it first and come back to the page.

    What was typed into a form that came too late is not kept: the form is shown again.
    """

    @wraps(view)
    def asked_again(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        now = request.wall  # type: ignore[attr-defined]  # console.http.DoorMiddleware
        if sessions.proved_lately(request, now=now):
            return view(request, *args, **kwargs)
        return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")

    return asked_again
