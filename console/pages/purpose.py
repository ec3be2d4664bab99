"""For what somebody reads: asked once, kept with the session, written beside every read."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from agencies import purposes
from console import words
from console.http import PageRequest
from console.sign_in.sessions import PURPOSE


def choose(request: HttpRequest) -> HttpResponse:
    """The purposes; a choice holds until the session ends."""
    page = cast("PageRequest", request)
    if request.method == "POST" and (chosen := request.POST.get("purpose")) in purposes.CODES:
        request.session[PURPOSE] = chosen
        return HttpResponseRedirect(reverse("overview"))
    codes = [(code, words.code("reading_purpose", code), code == page.purpose) for code in purposes.CODES]
    return render(request, "console/purpose.html", {"purposes": codes})
