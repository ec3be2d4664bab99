"""The outermost layer: request id, the one reading of the clock, headers of every answer, and no HTML errors.

Whatever Django or a library answers with 4xx or 5xx outside the door (unknown paths, wrong methods of plain views, a
bad Host, a crash) leaves as a problem.
"""

from __future__ import annotations

import difflib
import re
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from typing import cast

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.module_loading import import_string

from api.http import caller_ids, deprecation, quotas, security
from api.http.arriving import ARRIVED
from api.http.problems import MEDIA_TYPE, Problem, problem_response, request_id
from api.http.view import in_milliseconds

API_VERSION = "1.0.0"

# Problems, and what /readyz says of a process that is not; everything else with 4xx or 5xx is a library's page.
_OUR_OWN = (MEDIA_TYPE, "application/json")

MAX_URI = 8_000
MAX_HEADERS = 32 * 1024

_BY_STATUS = {
    400: "malformed-request",
    404: "unknown-route",
    405: "method-not-allowed",
    413: "body-too-large",
    414: "uri-too-long",
    431: "headers-too-long",
}


class DoorMiddleware:
    """First in `MIDDLEWARE`, so that it also sees what the other layers answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Note id and time, refuse what cannot be a request of ours, and dress the answer."""
        request.wall = in_milliseconds(timezone.now())  # type: ignore[attr-defined]  # read by api.http.view
        request.arrived = request.META.get(ARRIVED, request.wall)  # type: ignore[attr-defined]  # the same
        # Ours alone names the request in the log: an id that a caller chose could be another request's (`caller_ids`).
        request.request_id = uuid.uuid4()  # type: ignore[attr-defined]  # read by api.http.problems.request_id
        refused = _refused(request)
        if refused is not None:
            return self._dressed(request, problem_response(request, refused))
        response = self.get_response(request)
        if response.status_code >= 400 and not response.headers.get("Content-Type", "").startswith(_OUR_OWN):
            response = _as_problem(request, response)
        security.note(request, response)
        return self._dressed(request, response)

    @staticmethod
    def _dressed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        headers = response.headers
        headers["X-Request-Id"] = str(request_id(request))
        for name, value in (*quotas.fields_for(request).items(), *deprecation.fields_for(request).items()):
            headers[name] = value
        if chosen := caller_ids.of(request):
            headers[caller_ids.ANSWERED_AS] = chosen
        headers["X-Content-Type-Options"] = "nosniff"
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if _is_call(request) or "json" in headers.get("Content-Type", ""):
            # An answer that is no page may load nothing, even where a browser shows it as one.
            headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        if not response.streaming and "Content-Length" not in headers and response.status_code not in {204, 304}:
            headers["Content-Length"] = str(len(cast("HttpResponse", response).content))
        if settings.LINTAS_BASE_URL.startswith("https://"):
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if request.path.startswith("/api/"):
            headers["API-Version"] = API_VERSION
            # A party's answer is its own; with an ETag it may be kept and asked for again.
            headers.setdefault("Cache-Control", "private, no-cache" if "ETag" in headers else "no-store")
            if not headers["Cache-Control"].startswith("public"):
                # What everybody may keep is the same for everybody.
                patch_vary_headers(response, ("Authorization", "Accept-Language"))
        return response


class PagesMiddleware:
    """What only pages and files need (`PAGES_MIDDLEWARE`), around everything but the calls of machines.

    They cost a call more than its routing does, and what they would add to its answer the door adds by itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.call = self.page = get_response
        for name in reversed(settings.PAGES_MIDDLEWARE):
            self.page = import_string(name)(self.page)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Hand a call to its view at once, and everything else through the layers."""
        return (self.call if _is_call(request) else self.page)(request)


def _is_call(request: HttpRequest) -> bool:
    return request.path_info.startswith(("/api/v1", "/oauth/"))


def _refused(request: HttpRequest) -> Problem | None:
    if (fault := request.META.get("lintas.fault")) is not None and (fault != NO_BODY or _takes_get(request)):
        return _fault(fault)
    if len(request.META.get("PATH_INFO", "")) + len(request.META.get("QUERY_STRING", "")) > MAX_URI:
        return Problem("uri-too-long")
    if sum(len(name) + len(value) for name, value in request.headers.items()) > MAX_HEADERS:
        return Problem("headers-too-long")
    try:
        request.get_host()
    except DisallowedHost:
        return Problem("unknown-host")
    return None


NO_BODY = "body-not-expected"


def _takes_get(request: HttpRequest) -> bool:
    """Whether the route exists and answers GET. If not, the caller is told that, whether a body was sent or not."""
    try:
        function = resolve(request.path_info).func
    except Resolver404:
        return False
    view = getattr(function, "cls", None) or getattr(function, "view_class", None)
    return view is None or hasattr(view, "get")


def _fault(fault: str) -> Problem:
    """What the server found wrong before the request came here (`config.asgi`)."""
    code, _, name = fault.partition(":")
    if code == "header-repeated":
        return Problem(code, params={"name": name})
    return Problem(code, headers={"Retry-After": "1"} if code == "too-many-at-once" else {})


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    status = response.status_code
    code = _BY_STATUS.get(status, "internal" if status >= 500 else "malformed-request")
    members = {}
    if code == "unknown-route" and (near := nearest_route(request.path)):
        members["did_you_mean"] = near
    headers = {"Allow": response.headers["Allow"]} if "Allow" in response.headers else {}
    return problem_response(request, Problem(code, members=members, headers=headers))


# -- did you mean -----------------------------------------------------------------------------------------------------


def nearest_route(path: str) -> str | None:
    """The path template somebody probably meant, for example `/api/v1/casefiles/{casefile}/recommend`."""
    asked = [part for part in path.split("/") if part][:12]
    best: tuple[float, str] = (0.0, "")
    for template in _templates(settings.ROOT_URLCONF):
        parts = [part for part in template.split("/") if part]
        if len(parts) != len(asked):
            continue
        scores = [
            1.0 if want.startswith("{") else _likeness(want, have) for want, have in zip(parts, asked, strict=True)
        ]
        if scores and min(scores) >= 0.5:
            # Among equals the template with fewer placeholders says more.
            best = max(best, (sum(scores) / len(scores) - 0.01 * template.count("{"), template))
    return best[1] if best[0] >= 0.75 else None


def _likeness(want: str, have: str) -> float:
    if want == have:
        return 1.0
    return difflib.SequenceMatcher(None, want, have[:60].lower().replace("_", "-")).ratio()


@cache
def _templates(urlconf: str) -> tuple[str, ...]:
    return tuple(sorted({"/" + template for template in _walk(get_resolver(urlconf), "")}))


def _walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for route in resolver.url_patterns:
        here = prefix + re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", str(route.pattern))
        if isinstance(route, URLPattern):
            if "(" not in here and "^" not in here:
                yield here
        else:
            yield from _walk(route, here)
