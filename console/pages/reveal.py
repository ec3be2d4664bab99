"""The whole NIP of an officer, for a reason that is chosen each time: a read of its own in the record."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from agencies import purposes
from casefiles.catalogue.book import load as load_catalogue
from casefiles.errors import Erased
from casefiles.sight import projection
from casefiles.sight.casefiles import sight_of
from casefiles.sight.versions import Wanted, kept_versions
from console import words
from console.http import PageRequest
from console.recording import read
from console.sign_in.again import proved

ROUTE = "/perkara/{id}/nip"


@proved
def show(request: HttpRequest, ident: UUID) -> HttpResponse:
    """Ask for the reason; then the NIP, once. 404 alike for what does not exist and what is not seen."""
    page = cast("PageRequest", request)
    sight = sight_of(page.actor, ident)
    if sight is None:
        raise Http404
    reason = request.POST.get("reason", "")
    said: dict[str, Any] = {
        "ident": ident,
        "reasons": [(code, words.code("reading_purpose", code)) for code in purposes.CODES],
    }
    if request.method != "POST":
        return render(request, "console/reveal.html", said)
    if reason not in purposes.CODES:
        return render(request, "console/reveal.html", said | {"refused": True}, status=400)
    page.purpose = reason
    try:
        # The statement that reads the file records the read, or shows nothing.
        versions = kept_versions(
            ident, Wanted(first=1, most=1, until=sight.until), read=read(page, route=ROUTE, shown=[ident])
        )
    except Erased:
        return render(request, "console/erased.html", status=410)
    facts: Any = versions[-1].facts
    seen, _withheld = projection.project(
        facts, viewer=projection.viewer_of(page.actor, facts), catalogue=load_catalogue()
    )
    said |= {"number": seen["number"], "name": seen["subject"].get("name"), "nip": seen["subject"].get("nip")}
    return render(
        request, "console/reveal.html", said | {"shown": True, "reason": words.code("reading_purpose", reason)}
    )
