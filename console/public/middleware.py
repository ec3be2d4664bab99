"""Pages for everybody: no session, no cookie, and an answer that a cache may keep for all readers alike.

They are answered here, above sessions and signing in, so that nothing below can set a cookie or make an answer
somebody's own. The language stands in the address (`/en/…`), because an answer that depends on a cookie is no cache's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.middleware.gzip import GZipMiddleware
from django.middleware.http import ConditionalGetMiddleware
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone, translation

PUBLIC: Final = frozenset({
    "may_i", "where_to_report", "figures", "figures_of", "figures_csv", "newest_csv", "sheet", "poster", "sheet_pdf",
    "poster_pdf",
})  # fmt: skip
"""Their names; in English they end in `_en`."""
ENGLISH: Final = "_en"
CAPITAL: Final = ZoneInfo("Asia/Jakarta")
"""The zone in which days and times are told to a reader of whom nothing is known."""
KEPT: Final = "public, max-age=300, stale-while-revalidate=60, stale-if-error=86400"


def is_public(name: str | None) -> bool:
    """Whether the page of that name is for everybody."""
    return (name or "").removesuffix(ENGLISH) in PUBLIC


class PublicMiddleware:
    """Answers the public pages, and passes everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._public = GZipMiddleware(ConditionalGetMiddleware(_answered))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A public page, in the language of its address."""
        match = _matched(request)
        if match is None:
            return self.get_response(request)
        request.resolver_match = match
        language = "en" if str(match.url_name).endswith(ENGLISH) else "id"
        request.LANGUAGE_CODE = language
        with translation.override(language), timezone.override(CAPITAL):
            # Its type speaks of asynchronous servers too; this one is none.
            response = cast("HttpResponse", self._public(request))
        response.headers["Content-Language"] = language
        if response.status_code in {200, 304}:
            request.is_public = True  # type: ignore[attr-defined]  # console.http.DoorMiddleware
            response.headers["Cache-Control"] = KEPT
        return response


def _matched(request: HttpRequest) -> ResolverMatch | None:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    return match if is_public(match.url_name) else None


def _answered(request: HttpRequest) -> HttpResponse:
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    match = request.resolver_match
    if match is None:
        raise TypeError("the middleware has matched it")
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response
