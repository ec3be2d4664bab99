"""Katalog: which law is applied, in which version, row by row with its basis and how sure it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.rows import Row
from casefiles.catalogue.versions import on_record, stored
from console import telling, words
from console.pages.moments import DayField

Reading: TypeAlias = Callable[[Any], str]
Columns: TypeAlias = Sequence[tuple[Promise, Reading]]


def _label(row: Any) -> str:
    return str(row.label_en if words.is_english() else row.label_id)


def _of(list_name: str, name: str) -> Reading:
    """The label of the code that the row has there; empty where it has none."""
    return lambda row: words.code(list_name, value) if (value := getattr(row, name)) else ""


def _all_of(list_name: str, name: str) -> Reading:
    return lambda row: ", ".join(words.code(list_name, value) for value in getattr(row, name)) or _("semua")


def _word(said: Mapping[str, Promise], name: str) -> Reading:
    return lambda row: str(said.get(value, value)) if (value := getattr(row, name)) else ""


def _plain(name: str) -> Reading:
    return lambda row: str(getattr(row, name) or "")


def _days(name: str) -> Reading:
    return lambda row: f"{getattr(row, name)} {words.DAY_BASES[row.day_basis]}"


_NAME: Final = (gettext_lazy("Nama"), _label)
_CODE: Final = (gettext_lazy("Kode"), _plain("code"))
SHEETS: Final[Mapping[str, Columns]] = {
    "annex": (
        (gettext_lazy("Bentuk pelanggaran"), _of("violations", "form")),
        (gettext_lazy("Masa"), _word(words.PHASES, "phase")),
        (gettext_lazy("Edisi"), _plain("edition")),
        (gettext_lazy("Butir"), _plain("annex_item")),
        (gettext_lazy("Golongan"), _of("violation_class", "violation_class")),
        (gettext_lazy("Hukuman"), _of("sanctions-and-levels", "level")),
    ),
    "sanctions": (
        _NAME,
        (gettext_lazy("Rumpun"), _word(words.FAMILIES, "family")),
        (gettext_lazy("Tingkat"), _of("sanction-levels", "level")),
        (gettext_lazy("Mulai berlaku"), _word(words.EFFECTS, "effect")),
        (gettext_lazy("Upaya"), _word(words.REMEDIES, "remedy")),
        (gettext_lazy("Jenis pegawai"), _all_of("employment_kind", "employment_kinds")),
    ),
    "deadlines": (
        _NAME,
        (gettext_lazy("Keperluan"), _word(words.PURPOSES, "purpose")),
        (gettext_lazy("Lama"), _days("days")),
        (gettext_lazy("Dihitung sejak"), _word(words.CLOCK_STARTS, "starts_from")),
    ),
    "ladder": (
        (gettext_lazy("Pihak"), _word(words.PARTIES, "party")),
        (gettext_lazy("Keperluan"), _word(words.PURPOSES, "purpose")),
        (gettext_lazy("Tingkat"), _plain("level")),
        _NAME,
        (gettext_lazy("Hari sesudah tenggat"), _days("offset_days")),
        (gettext_lazy("Yang bertindak"), lambda row: _acting(row.by_role)),
    ),
    "routing": (
        (gettext_lazy("Peran terlapor"), lambda row: _role_of(row.role)),
        (gettext_lazy("Tingkat instansi pegawai"), _all_of("agency_levels", "levels")),
        (gettext_lazy("Kepada"), _word(words.ADDRESSEES, "addressee")),
    ),
    "siasn": (
        (gettext_lazy("Anggota"), _plain("member")),
        (gettext_lazy("Nama"), lambda row: _ours(row.member, row.code)),
        (gettext_lazy("Pada SIASN"), _plain("siasn")),
        (gettext_lazy("Jenis pegawai"), _all_of("employment_kind", "employment_kinds")),
        (gettext_lazy("Jenis pemilihan"), lambda row: _election_kind(row.election_kind)),
    ),
    "stages": (
        (gettext_lazy("Pemilihan"), _of("elections", "election")),
        (gettext_lazy("Tahap pemilihan"), _of("stage", "stage")),
        (gettext_lazy("Jabatan"), _all_of("contest_office", "offices")),
        (gettext_lazy("Wilayah"), lambda row: row.region or _("semua")),
        (gettext_lazy("Keputusan"), lambda row: row.decree or _("belum tercatat")),
    ),
    "elections": (_NAME, (gettext_lazy("Hari pemungutan suara"), lambda row: telling.day(row.voting_on))),
}
"""The lists with columns of their own; all others are codes with their labels."""
FIRST: Final = "annex"


def _acting(role: str) -> str:
    return "" if role == "none" else words.code("agency_roles", role)


_OURS: Final = {
    "jenisHukumanId": "sanctions",
    "masaBulan": "sanctions",
    "jenisTingkatHukumanId": "sanction-levels",
    "alasanHukumanDisiplinId": "violations",
}
"""The lists of our words that members of SIASN's record are mapped from; others are written out."""


def _ours(member: str, code: str) -> str:
    return words.code(_OURS[member], code) if member in _OURS else code


def _election_kind(kind: str | None) -> str:
    return _("semua") if kind is None else words.code("election_kind", kind)


def _role_of(role: str) -> str:
    return _("semua") if role == "any" else words.code("position_roles", role)


class CatalogueForm(forms.Form):
    """Which list, of which version, as it holds on which day."""

    list = forms.ChoiceField(label=gettext_lazy("Daftar"), required=False)
    version = forms.ChoiceField(label=gettext_lazy("Versi katalog"), required=False)
    valid_on = DayField(label=gettext_lazy("Hanya yang berlaku pada hari"))
    since = forms.ChoiceField(label=gettext_lazy("Bandingkan dengan versi"), required=False)

    def __init__(self, query: QueryDict, *, versions: Sequence[str]) -> None:
        super().__init__(query, auto_id="katalog_%s", use_required_attribute=False)
        chosen: Any = self.fields
        current = load_catalogue()
        names = (*SHEETS, *(name for name in current.lists if name not in SHEETS))
        chosen["list"].choices = [(name, _title(current, name)) for name in names]
        chosen["version"].choices = [(version, version) for version in versions]
        chosen["since"].choices = [("", "—"), *chosen["version"].choices]


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its cells with their heads, and what every row says of itself."""

    cells: list[tuple[str, str]]
    period: str
    basis: str
    source: str
    certainty: str
    is_sure: bool
    note: str


def show(request: HttpRequest) -> HttpResponse:
    """A list. The law is nobody's secret, so no read is recorded."""
    versions = on_record()
    form = CatalogueForm(request.GET, versions=versions)
    if not form.is_valid():
        return render(request, "console/catalogue.html", {"form": form, "refused": True}, status=400)
    given = form.cleaned_data
    name, current = given["list"] or FIRST, load_catalogue()
    catalogue = current if given["version"] in ("", current.version) else stored(given["version"])
    header = _header(catalogue, name)
    said = {"form": form, "version": catalogue.version, "is_current": catalogue is current, "digest": catalogue.digest}
    if header is None:
        form.add_error("list", _("Versi katalog itu belum mempunyai daftar ini."))
        return render(request, "console/catalogue.html", said | {"refused": True}, status=400)
    columns = SHEETS.get(name, (_NAME, _CODE))
    if given["since"]:
        since = current if given["since"] == current.version else stored(given["since"])
        said |= {"since": since.version, "differences": _differences(since, catalogue, name, columns)}
    rows = [row for row in _rows(catalogue, name) if given["valid_on"] is None or row.in_force(on=given["valid_on"])]
    said |= {
        "title": _title(catalogue, name),
        "list_version": header["version"],
        "source": header["source"],
        "heads": [head for head, _reading in columns],
        "lines": [_line(row, columns) for row in rows],
    }
    return render(request, "console/catalogue.html", said)


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that only one of two versions has; what was changed is one row of each, side by side."""

    is_new: bool
    line: Line


def _differences(before: Catalogue, after: Catalogue, name: str, columns: Columns) -> list[Difference]:
    """What the list lost and gained, in the order of its first column. Where the older version lacks it, all is new."""
    old = _rows(before, name) if _header(before, name) is not None else ()
    new = _rows(after, name)
    found = [Difference(is_new=False, line=_line(row, columns)) for row in old if row not in new]
    found += [Difference(is_new=True, line=_line(row, columns)) for row in new if row not in old]
    return sorted(found, key=lambda one: (one.line.cells[0][1], one.is_new))


def _header(catalogue: Catalogue, name: str) -> Mapping[str, Any] | None:
    """What the list says about itself; None where this version has no such list."""
    if name in catalogue.lists:
        found = catalogue.lists[name]
        return {key: getattr(found, key) for key in ("title_id", "title_en", "version", "source")}
    return catalogue.headers.get(name)


def _title(catalogue: Catalogue, name: str) -> str:
    header = _header(catalogue, name) or {}
    return str(header.get("title_en" if words.is_english() else "title_id", name))


def _rows(catalogue: Catalogue, name: str) -> Sequence[Row]:
    if name in catalogue.lists:
        return catalogue.lists[name].rows
    rows: Sequence[Row] = getattr(catalogue, name)
    return rows


def _line(row: Row, columns: Columns) -> Line:
    return Line(
        cells=[(str(head), reading(row)) for head, reading in columns],
        period=_period(row.valid_from, row.valid_until),
        basis=row.legal_basis or "",
        source=row.source or "",
        certainty=str(words.CERTAINTIES[row.certainty]),
        is_sure=row.certainty in {"seen", "code"},
        note=(row.note_en if words.is_english() else row.note_id) or "",
    )


def _period(first: date | None, until: date | None) -> str:
    """Both ends in words; `until` is the first day on which the row holds no longer."""
    begins = _("sejak %(day)s") % {"day": telling.day(first, short=True)} if first else ""
    ends = _("sebelum %(day)s") % {"day": telling.day(until, short=True)} if until else ""
    return " ".join(filter(None, (begins, ends))) or _("selalu")
