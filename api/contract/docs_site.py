"""`/docs`: the documentation as one site, where it was built (`./run docs`); elsewhere there is no such route.

The files are served as they lie. Their content policy is the pages' own and the hashes of the scripts and styles that
stand in them (`policy.json`): the theme has a few, and nothing else runs.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from api.http import preconditions
from api.http.problems import Problem, problem_response

POLICY: Final = "policy.json"
_SECONDS: Final = 300
"""For how long anybody may keep a page."""


@require_safe
def show(request: HttpRequest, path: str = "") -> HttpResponse:
    """A file of the site; a folder's is its `index.html`."""
    home = Path(settings.LINTAS_DOCS) if settings.LINTAS_DOCS else None
    if home is None or not (home / POLICY).is_file():
        return problem_response(request, Problem("unknown-route"))
    if request.path == "/docs":
        return HttpResponseRedirect("/docs/")
    file = _file(home, path)
    if file is None:
        return problem_response(request, Problem("not-found"))
    body = file.read_bytes()
    tag = preconditions.etag(1, body)
    if preconditions.is_unchanged(request.headers.get("If-None-Match"), tag):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type=_media_type(file))
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={_SECONDS}"
    response["Content-Security-Policy"] = _policy(home, (home / POLICY).stat().st_mtime_ns)
    return response


def _file(home: Path, path: str) -> Path | None:
    """The file at that path within the site, and nothing outside of it."""
    root = home.resolve()
    found = (root / path).resolve()
    if found.is_dir():
        found /= "index.html"
    return found if found.is_relative_to(root) and found.is_file() and found.name != POLICY else None


def _media_type(file: Path) -> str:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith("javascript") else kind


@lru_cache(maxsize=2)
def _policy(home: Path, made: int) -> str:
    """The policy of every page, with what stands in these; read again when the site was built anew."""
    hashes: Mapping[str, list[str]] = json.loads((home / POLICY).read_text(encoding="ascii"))
    update = {name: ["'self'", *found] for name, found in hashes.items()}
    policy: str = build_policy(update=update)
    return policy
