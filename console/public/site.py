"""What stands around a public page: the other pages, and the same page in the other language."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from console import words
from console.public.middleware import ENGLISH

SECTIONS: Final = (
    ("may_i", _("Bolehkah?")),
    ("where_to_report", _("Ke mana melapor?")),
    ("figures", _("Angka")),
)
WITHIN: Final = {"sheet": "may_i", "poster": "may_i", "figures_of": "figures"}


def address(name: str, *args: str) -> str:
    """The path of that public page in the language that is spoken."""
    return reverse(f"{name}{ENGLISH}" if words.is_english() else name, args=args)


def page(request: HttpRequest, template: str, said: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The page, with what stands around it."""
    match = request.resolver_match
    name = str(match.url_name if match else "may_i").removesuffix(ENGLISH)
    args = list(match.kwargs.values()) if match else []
    query = request.META.get("QUERY_STRING", "")
    other = reverse(name if words.is_english() else f"{name}{ENGLISH}", args=args)
    section = WITHIN.get(name, name)
    around = {
        "public_sections": [(address(one), label, one == section) for one, label in SECTIONS],
        "other_language": f"{other}?{query}" if query else other,
    }
    return render(request, f"console/public/{template}.html", said | around, status=status)
