"""A sheet of A4 and a poster for meetings: what the list names before the designation of candidates, and from it on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse

from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.rows import AnnexRow, Phase
from console import telling, words
from console.public import acts, may_i, site

PHASES: Final[dict[str, Phase]] = {"sebelum": "before", "sejak": "after"}
"""By their word in the address."""


def sheet(request: HttpRequest, phase: str) -> HttpResponse:
    """Every form of the list in that phase: item, act, class, level, certainty."""
    return _printed(request, phase, "sheet")


def poster(request: HttpRequest, phase: str) -> HttpResponse:
    """The everyday acts in large letters, with what they are in that phase."""
    return _printed(request, phase, "poster")


def _printed(request: HttpRequest, phase: str, template: str) -> HttpResponse:
    if phase not in PHASES:
        raise Http404
    catalogue = load_catalogue()
    day = may_i.today(request)
    rows = sorted(
        (
            row
            for row in catalogue.annex
            if row.phase == PHASES[phase] and row.in_force(on=day) and row.form != acts.OTHER
        ),
        key=_order,
    )
    decree = catalogue.codes("annex_edition").get(f"edition_{rows[0].edition}") if rows else None
    said: dict[str, Any] = {
        "is_before": PHASES[phase] == "before",
        "lines": [_line(row) for row in rows],
        "shouts": list(_shouts(rows)),
        "decree": (decree.label_en if words.is_english() else decree.label_id) if decree else "",
        "version": catalogue.version,
        "day": telling.day(day),
        "address": request.build_absolute_uri(site.address("may_i")),
    }
    return site.page(request, template, said)


def _line(row: AnnexRow) -> dict[str, Any]:
    return {
        "item": row.annex_item or "—",
        "act": words.code("violations", row.form),
        "class": words.code("violation_class", row.violation_class),
        "level": words.code("sanctions-and-levels", row.level) if row.level else "",
        "is_sure": row.certainty in {"seen", "code"},
    }


def _shouts(rows: Iterable[AnnexRow]) -> Iterable[dict[str, Any]]:
    by_form = {row.form: row for row in rows}
    for act in acts.EVERYDAY.values():
        if (row := by_form.get(act.form)) is not None:
            yield _line(row) | {"shout": act.shout}


def _order(row: AnnexRow) -> tuple[bool, int]:
    """By their number in the annex; those without one last."""
    found = re.search("[0-9]+", row.annex_item or "")
    return found is None, int(found.group()) if found else 0
