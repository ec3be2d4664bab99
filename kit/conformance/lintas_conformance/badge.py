"""The badge: a small picture with version and day, grey where the contract is another one than was tested."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any, Final

GREEN, RED, GREY = "#0b5d2a", "#9b1c1c", "#6b6b6b"
WIDTH: Final = 330
SPLIT: Final = 62


def is_outdated(report: Mapping[str, Any], *, openapi_digest: str) -> bool:
    """Whether the contract has changed since the report was made."""
    return bool(report["openapi_digest"] != openapi_digest)


def words(report: Mapping[str, Any], *, openapi_digest: str) -> tuple[str, str]:
    """What the badge says, and its colour."""
    day = report["judged_at"][:10]
    version = f"v{report['openapi_version']} {report['openapi_digest'][:8]}, {day}"
    if is_outdated(report, openapi_digest=openapi_digest):
        return f"usang / outdated: {version}", GREY
    counts = report["counts"]
    judged = counts["held"] + counts["broken"]
    return f"{counts['held']}/{judged}, {version}", GREEN if report["passed"] else RED


def badge(report: Mapping[str, Any], *, openapi_digest: str) -> str:
    """The badge as SVG; its text is its name for a screen reader, too."""
    said, colour = words(report, openapi_digest=openapi_digest)
    label = html.escape(f"Lintas: {said}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="24" role="img" aria-label="{label}">'
        f"<title>{label}</title>"
        f'<rect width="{WIDTH}" height="24" rx="4" fill="{colour}"/>'
        f'<path d="M4 0h{SPLIT - 4}v24H4a4 4 0 0 1-4-4V4a4 4 0 0 1 4-4z" fill="#333"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="12">'
        f'<text x="{SPLIT / 2}" y="16" text-anchor="middle">Lintas</text>'
        f'<text x="{(SPLIT + WIDTH) / 2}" y="16" text-anchor="middle">{html.escape(said)}</text>'
        "</g></svg>\n"
    )
