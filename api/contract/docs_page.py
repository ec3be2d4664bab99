"""The contract for people and programs: `/api/docs`, `/api/v1/openapi.yaml`, `/api/v1/openapi.json`.

The checked-in files are served as they lie; `./run check` proves that they are what the server would generate.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from api.contract.openapi import files
from api.contract.openapi.parts import YAML, OpenAPIQuery
from api.http import preconditions, queries
from api.http.problems import Problem, problem_response
from api.http.view import now_of
from casefiles.catalogue.book import load as load_catalogue


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """`GET /api/docs`: the document to read and to try out."""
    return render(request, "api/docs.html")


@require_safe
def openapi_yaml(request: HttpRequest) -> HttpResponse:
    """`GET /api/v1/openapi.yaml`: 3.0.3, or 3.1 with `version=3.1`."""
    return _file(request, files.kept_yaml, YAML)


@require_safe
def openapi_json(request: HttpRequest) -> HttpResponse:
    """`GET /api/v1/openapi.json`: the same as JSON."""
    return _file(request, files.kept_json, "application/json")


def _file(request: HttpRequest, read: Callable[[str], bytes], media_type: str) -> HttpResponse:
    try:
        asked = queries.parse(
            OpenAPIQuery,
            request.META.get("QUERY_STRING", ""),
            catalogue=load_catalogue(),
            now=now_of(request),
            time_zone=settings.TIME_ZONE,
        )
    except Problem as problem:
        return problem_response(request, problem)
    body = read(asked.version)
    tag = preconditions.etag(1, body)
    if preconditions.is_unchanged(request.headers.get("If-None-Match"), tag):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type=media_type)
    response["ETag"] = tag
    response["Cache-Control"] = "public, max-age=300"
    return response
