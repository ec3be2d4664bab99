"""A sheet of A4 and a poster for meetings: what the list names before the designation of candidates, and from it on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import typst
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

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


def sheet_pdf(request: HttpRequest, phase: str) -> HttpResponse:
    """The sheet as a file of one page (PDF/UA-1, PDF/A-2a)."""
    return _as_file(request, phase, is_poster=False)


def poster_pdf(request: HttpRequest, phase: str) -> HttpResponse:
    """The poster as a file of one page (PDF/UA-1, PDF/A-2a)."""
    return _as_file(request, phase, is_poster=True)


def _printed(request: HttpRequest, phase: str, template: str) -> HttpResponse:
    said = _said(request, phase)
    return site.page(request, template, said | {"file": site.address(f"{template}_pdf", phase)})


def _as_file(request: HttpRequest, phase: str, *, is_poster: bool) -> HttpResponse:
    said = _said(request, phase)
    lead = _before(is_poster=is_poster) if said["is_before"] else _after(is_poster=is_poster)
    rows = said["shouts"] if is_poster else said["lines"]
    parts = {
        "poster": is_poster,
        "language": "en" if words.is_english() else "id",
        "title": lead[0],
        "lead": lead[1],
        "heads": [_("Butir"), _("Perbuatan"), _("Golongan"), _("Tingkat")],
        "lines": [_plain(row, is_poster=is_poster) for row in rows],
        "ask": _("Ragu? Tanyakan dahulu:"),
        "address": said["address"],
        "foot": " ".join((
            f"{said['decree']}.",
            _("* belum diperiksa ahli hukum."),
            _("Katalog %(version)s, dicetak %(day)s.") % {"version": said["version"], "day": said["day"]},
            _("Keterangan, bukan putusan."),
        )),
    }  # fmt: skip
    midnight = datetime.combine(may_i.today(request), time(), tzinfo=UTC)
    answer = HttpResponse(
        _compiled(json.dumps(parts, ensure_ascii=False), int(midnight.timestamp())), content_type="application/pdf"
    )
    answer["Content-Disposition"] = f'inline; filename="{"poster" if is_poster else "lembar"}-{phase}.pdf"'
    return answer


@lru_cache(maxsize=32)
def _compiled(said: str, made: int) -> bytes:
    """The PDF of that JSON; the compiler refuses what is not accessible or not to be archived."""
    made_pdf = typst.compile(
        (Path(__file__).parent / "sheet.typ").read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"said": said},
        pdf_standards=["ua-1", "a-2a"],
        timestamp=made,
    )
    return bytes(made_pdf)


def _before(*, is_poster: bool) -> tuple[str, str]:
    if is_poster:
        return _("ASN netral"), _("Sebelum calon ditetapkan")
    return _("Netralitas ASN sebelum penetapan calon"), _(
        "Sampai sehari sebelum calon ditetapkan, perbuatan ini melanggar kode etik, kecuali yang disebut pelanggaran "
        "disiplin."
    )


def _after(*, is_poster: bool) -> tuple[str, str]:
    if is_poster:
        return _("ASN netral"), _("Sejak calon ditetapkan")
    return _("Netralitas ASN sejak penetapan calon"), _(
        "Sejak hari calon ditetapkan, perbuatan yang sama menjadi pelanggaran disiplin."
    )


def _plain(row: dict[str, Any], *, is_poster: bool) -> dict[str, str]:
    """A row as the compiler gets it: text alone."""
    if is_poster:
        return {"act": str(row["shout"]), "sort": ", ".join(filter(None, (row["class"], row["level"])))}
    mark = "" if row["is_sure"] else " *"
    return {"item": row["item"], "act": row["act"] + mark, "sort": row["class"], "level": row["level"] or "—"}


def _said(request: HttpRequest, phase: str) -> dict[str, Any]:
    """What sheet and poster of that phase say. Raises Http404 where there is no such phase."""
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
    return {
        "is_before": PHASES[phase] == "before",
        "lines": [_line(row) for row in rows],
        "shouts": list(_shouts(rows)),
        "decree": (decree.label_en if words.is_english() else decree.label_id) if decree else "",
        "version": catalogue.version,
        "day": telling.day(day),
        "address": f"{settings.LINTAS_CONSOLE_BASE_URL}{site.address('may_i')}",
    }


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
