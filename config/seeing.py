"""What is seen of each request, at both doors: a count, a line of the log, and where it is wanted a trace.

The handler stands around all of Django, so it knows the route that was found and the answer that leaves. Nothing here
holds a body, a value of a query, a header, a name or a NIP: a route is told by its template.
"""

from __future__ import annotations

import gc
import logging
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_resolver

from api.http import arriving, caller_ids, traffic
from casefiles import flow, personal_numbers
from casefiles.catalogue import book
from config.tracing import Tracing

logger = logging.getLogger("lintas.request")

BEGAN: Final = "lintas.began"
"""In the environment of a request: when it was whole, by the process's clock (`time.perf_counter`)."""
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_CONVERTER: Final = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_GROUP: Final = re.compile(r"\(\?P<([^<>]+)>[^()]*\)")


class SeeingHandler(WSGIHandler):
    """Django's handler, which notes each answer."""

    def __init__(self) -> None:
        super().__init__()
        self._traffic = traffic.of_this_process()
        self._tracing = Tracing.begun()
        self._writes_lines = settings.LINTAS_REQUEST_LOG
        self._looks = bool(self._traffic or self._tracing or self._writes_lines)

    def get_response(self, request: HttpRequest) -> Any:
        """Answer it, and note the answer."""
        if not self._looks:
            return super().get_response(request)
        began: float = request.META.get(BEGAN) or time.perf_counter()
        statements = Statements()
        upload: arriving.Upload | None = request.META.get(arriving.UPLOAD)
        asks_for_body = upload is not None and upload.draft is None
        with ExitStack() as stack:
            if self._writes_lines or self._tracing:
                for connection in connections.all():
                    stack.enter_context(connection.execute_wrapper(statements))
            span = stack.enter_context(self._tracing.request(request)) if self._tracing else None
            statements.tracing = self._tracing
            response = super().get_response(request)
            route, status = route_of(request), response.status_code
            if span is not None:
                span.answered(route, status=status, request_id=_request_id(request))
        if asks_for_body and upload is not None and upload.draft is not None:
            # No answer yet: the view is asked again once the body has come.
            return response
        took_s = time.perf_counter() - began
        if self._traffic is not None:
            self._traffic.note(traffic.method_of(request), route, status=status, took_s=took_s)
        if self._writes_lines:
            _write(request, response, route=route, took_s=took_s, statements=statements.count)
        return response


class Statements:
    """Counts what Django sends to the database, and has each traced where somebody traces."""

    def __init__(self) -> None:
        self.count = 0
        self.tracing: Tracing | None = None

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Send it on."""
        self.count += 1
        if self.tracing is None:
            return execute(sql, params, many, context)
        with self.tracing.statement(sql if isinstance(sql, str) else ""):
            return execute(sql, params, many, context)


def made_ready() -> SeeingHandler:
    """Django with its routes, the law and the rules read: `/livez` answers once the first request costs no more.

    What is made here stays, so garbage is looked for neither meanwhile (a sixth of the start) nor among it later.
    """
    gc.disable()
    django.setup(set_prefix=False)
    made = SeeingHandler()
    book.load()
    _ = get_resolver().url_patterns
    flow.digest()
    gc.freeze()
    gc.enable()
    return made


def route_of(request: HttpRequest) -> str:
    """The template of the request's route, for example `/api/v1/casefiles/{casefile}`; `other` where none matched."""
    match = request.resolver_match
    if match is None:
        return traffic.OTHER
    return "/" + _GROUP.sub(r"{\1}", _CONVERTER.sub(r"{\1}", match.route)).replace("^", "").rstrip("$").lstrip("/")


def trace_of(request: HttpRequest) -> str | None:
    """The trace that the caller works in (W3C Trace Context), if its header says one that can be kept."""
    sent = _TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    # Anybody may write it, and a log outlives an erasure.
    return sent[1] if sent is not None and not personal_numbers.is_or_could_be_in(sent[1]) else None


def _request_id(request: HttpRequest) -> str | None:
    drawn = getattr(request, "request_id", None)
    return str(drawn) if drawn is not None else None


def _write(request: HttpRequest, response: HttpResponseBase, *, route: str, took_s: float, statements: int) -> None:
    # A system's call has its actor as `auth`, a page that of whoever signed in; a person is in no line.
    caller = getattr(request, "auth", None)
    actor = caller or getattr(request, "actor", None)
    logger.info(
        "answered",
        extra={
            "request_id": _request_id(request),
            "caller_request_id": caller_ids.of(request) or None,
            "trace_id": trace_of(request),
            "client": getattr(caller, "client_id", None),
            "agency": getattr(actor, "agency_code", None),
            "method": traffic.method_of(request),
            "route": route,
            "status": response.status_code,
            "duration_ms": round(took_s * 1000, 1),
            "statements": statements,
        },
    )
