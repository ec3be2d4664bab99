"""What the sandbox's own calls have in common: they exist in a sandbox alone, and take JSON by its media type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from api.http import bodies, rendering, strict
from api.http.problems import Problem, problem_response
from api.http.view import answer, now_of
from casefiles.catalogue import book

T = TypeVar("T")


def controlling(**views: Callable[..., dict[str, Any]]) -> Callable[..., HttpResponse]:
    """The view of functions by method, each of which returns what is answered."""

    def view(request: HttpRequest, **path: str) -> HttpResponse:
        try:
            if not settings.LINTAS_SANDBOX_CONTROL:
                raise Problem("unknown-route")
            act = views.get((request.method or "").lower())
            if act is None:
                raise Problem("method-not-allowed", headers={"Allow": ", ".join(sorted(views)).upper()})
            response = answer(rendering.dumps(act(request, **path)))
        except Problem as refused:
            return problem_response(request, refused)
        response["Cache-Control"] = "no-store"
        return response

    return view


def given(request: HttpRequest, shape: type[T]) -> T:
    """The body as that shape. Raises the problems of `api.http.strict` and `api.http.bodies`."""
    return bodies.parse(
        shape, as_json(request), catalogue=book.load(), now=now_of(request), time_zone=settings.TIME_ZONE
    )


def as_json(request: HttpRequest) -> Any:
    """The body, which must be JSON by its media type, so that no page of another site posts one."""
    strict.check_size(len(request.body))
    strict.check_media_type(request.headers.get("Content-Type", ""), request.headers.get("Content-Encoding", ""))
    return strict.loads(request.body)
