"""`/sandbox/kit/{file}`: the kit's clients and two example bodies, for whoever has the sandbox and no checkout.

Served where `/sandbox` is. The clients of one file come as they lie in `kit/`. `lintas-client.tar.gz` holds the source
of the library, with the parts of ours that it is built with, so that pip makes a package of it.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from api.http.problems import Problem, problem_response
from api.v1.sandbox_lines import LIBRARY

ROOT: Final = Path(__file__).resolve().parents[2]
FILES: Final[Mapping[str, str]] = {
    "lintas.sh": "kit/bash/lintas.sh",
    "lintas.php": "kit/php/lintas.php",
    "webhook.php": "kit/php/webhook.php",
    "lintas.mjs": "kit/node/lintas.mjs",
    "Lintas.java": "kit/java/Lintas.java",
    "document.json": "openapi/examples/register_document.json",
    "finding.json": "openapi/examples/submit_finding.json",
}
"""Where each lies."""
OF_THE_LIBRARY: Final = ("kit/python", "audit/tlog", "audit/verify")
"""kit/python/pyproject.toml takes the verifier's rules from the two beside it."""


@require_safe
def show(request: HttpRequest, file: str) -> HttpResponse:
    """The file."""
    if not (settings.LINTAS_SANDBOX_CONTROL and settings.LINTAS_SANDBOX_ASKS) or file not in (*FILES, LIBRARY):
        return problem_response(request, Problem("unknown-route"))
    if file == LIBRARY:
        return HttpResponse(_library(), content_type="application/gzip")
    kind = "application/json" if file.endswith(".json") else "text/plain; charset=utf-8"
    return HttpResponse((ROOT / FILES[file]).read_bytes(), content_type=kind)


def _library() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for folder in OF_THE_LIBRARY:
            for path in sorted((ROOT / folder).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    archive.add(path, f"lintas/{path.relative_to(ROOT)}")
    return packed.getvalue()
