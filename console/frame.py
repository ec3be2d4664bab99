"""What stands around every page: who reads, for what, in which language, and how the log is doing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit import status
from console import words
from console.desk.officers import OFFICER
from console.sign_in import agency_login
from console.soundness import complaints

SECTIONS = (
    ("desk", _("Meja")),
    ("overview", _("Ringkasan")),
    ("casefiles", _("Perkara")),
    ("deadlines", _("Tenggat")),
    ("flow", _("Alur")),
    ("provinces", _("Wilayah")),
    ("offices", _("Instansi")),
    ("statistics", _("Statistik")),
    ("catalogue", _("Katalog")),
    ("accesses", _("Akses")),
    ("log", _("Log")),
    ("downloads", _("Unduhan")),
)
OFFICERS_ONLY = {"desk"}
AUDITORS_ONLY = {"accesses"}
"""Sections that nobody else can use; what others may read of it they reach from a casefile."""
WITHIN = {
    "casefile": "casefiles",
    "difference": "casefiles",
    "reveal": "casefiles",
    "search": "casefiles",
    "box": "casefiles",
    "save_view": "casefiles",
    "deadline": "deadlines",
    "office": "offices",
    "comparisons": "statistics",
    "snapshots": "statistics",
    "snapshot_csv": "statistics",
    "calendar": "catalogue",
    "dossier": "casefiles",
    "dossier_with_content": "casefiles",
    "download": "downloads",
    "download_file": "downloads",
    "desk_casefile": "desk",
    "desk_act": "desk",
    "desk_finding": "desk",
    "desk_finding_paper": "desk",
    "desk_paper": "desk",
    "desk_receipt": "desk",
}
"""Of which section a page is that is none itself."""


def around(request: HttpRequest) -> dict[str, Any]:
    """For every template."""
    person = getattr(request, "person", None)
    found: dict[str, Any] = {
        "language": "en" if words.is_english() else "id",
        "sandbox": settings.LINTAS_SANDBOX,
        "here": request.get_full_path() if request.method == "GET" else "/",
    }
    if person is None:
        found["agency_login"] = agency_login.offered()
    # An error's page asks the database nothing more.
    if person is None or not hasattr(request, "resolver_match") or getattr(request, "is_error", False):
        return found
    at = request.resolver_match.url_name if request.resolver_match else ""
    audits = request.actor.is_auditor  # type: ignore[attr-defined]  # PageRequest
    section = WITHIN.get(at or "", at)
    return found | {
        "person": person,
        "sections": [
            (name, reverse(name), label, name == section)
            for name, label in SECTIONS
            if (audits or name not in AUDITORS_ONLY) and (person.role == OFFICER or name not in OFFICERS_ONLY)
        ],
        "purpose": words.code("reading_purpose", request.purpose),  # type: ignore[attr-defined]  # PageRequest
        "health": (health := status.health()),
        "complaints_of_log": complaints(health),
    }
