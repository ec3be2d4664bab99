"""Traces of requests by OpenTelemetry, where the operator names a collector; an extra (locks/traces.lock).

A span a request and one a statement, told by route template and by the statement's first word: no path, no query, no
parameter, no text of SQL. A caller's `traceparent` is the parent of its request's span.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from api.http import traffic

HOW_TO_INSTALL: Final = (
    "LINTAS_TRACES_URL is set, and OpenTelemetry is not installed. Type: pip install --require-hashes -r "
    "locks/traces.lock, or unset it. / Pasang locks/traces.lock, atau hapus LINTAS_TRACES_URL."
)


class RequestSpan:
    """The span of one request."""

    def __init__(self, span: Any, error: Any) -> None:
        self._span, self._error = span, error

    def answered(self, route: str, *, status: int, request_id: str | None) -> None:
        """Note where it went and how it was answered; 5xx is an error of ours."""
        self._span.update_name(f"{self._span.attributes['http.request.method']} {route}")
        self._span.set_attribute("http.route", route)
        self._span.set_attribute("http.response.status_code", status)
        if request_id is not None:
            self._span.set_attribute("lintas.request_id", request_id)
        if status >= 500:
            self._span.set_status(self._error)


class Tracing:
    """Spans to a collector. `exporter` takes the place of the one that speaks OTLP over HTTP."""

    def __init__(self, url: str, *, exporter: Any = None) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.trace import SpanKind, StatusCode
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
        except ImportError as why:
            raise ImproperlyConfigured(HOW_TO_INSTALL) from why
        name = "lintas-console" if settings.ROOT_URLCONF == "console.urls" else "lintas-web"
        self._provider = TracerProvider(resource=Resource.create({"service.name": name}))
        # Sent from a thread of its own; a collector that is away costs spans and no request.
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter(endpoint=url, timeout=5)))
        self._tracer = self._provider.get_tracer("lintas")
        self._parents = TraceContextTextMapPropagator()
        self._server, self._client, self._error = SpanKind.SERVER, SpanKind.CLIENT, StatusCode.ERROR

    @classmethod
    def begun(cls) -> Tracing | None:
        """As the settings want it; None where no collector is named. Raises ImproperlyConfigured."""
        return cls(settings.LINTAS_TRACES_URL) if settings.LINTAS_TRACES_URL else None

    @contextmanager
    def request(self, request: HttpRequest) -> Iterator[RequestSpan]:
        """The span of this request, until the block ends."""
        sent = request.headers.get("traceparent")
        parent = self._parents.extract({"traceparent": sent}) if sent else None
        # The name is set with the answer: the route is not known before.
        with self._tracer.start_as_current_span(
            "request", context=parent, kind=self._server, record_exception=False,
            attributes={"http.request.method": traffic.method_of(request)},
        ) as span:  # fmt: skip
            yield RequestSpan(span, self._error)

    def statement(self, sql: str) -> AbstractContextManager[Any]:
        """The span of one statement: its first word is its name. What the database says of an error may hold values."""
        return self._tracer.start_as_current_span(
            (sql.split(maxsplit=1) or ["statement"])[0].upper()[:16],
            kind=self._client, attributes={"db.system.name": "postgresql"}, record_exception=False,
            set_status_on_exception=False,
        )  # fmt: skip

    def flush(self) -> None:
        """Send what waits."""
        self._provider.force_flush()
