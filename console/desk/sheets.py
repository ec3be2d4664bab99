"""A sheet of findings: the template that a small office fills in, and what is read of it when it comes back.

A row is a finding of one officer and one act, in the questions of the finding's form; its headings are the form's
labels, in either language. A sheet may come from anywhere: it is unpacked within bounds and packed anew before it is
read, and what has formulas, macros or a million rows is refused with what to do.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO, Final

from django.utils import translation
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter import Workbook

from casefiles.flow.finding import FindingGiven
from console.desk import choosing, forms
from console.desk.choosing import Row
from console.desk.fields import Field, Part, Rows
from console.desk.forms import Around

SHEET: Final = "Temuan"
MOST: Final = 100
"""Rows of one sheet; whoever has more sends several, or has a system."""
PACKED: Final = 1024 * 1024
UNPACKED: Final = 16 * 1024 * 1024
"""Bytes of the file, and of all its parts when unpacked."""
PARTS: Final = 200
_COLUMNS: Final = 200
_PLACE: Final = re.compile(r"""\br\s*=\s*["']([A-Z]{0,4})([0-9]{1,9})["']""")
_FORMULA: Final = re.compile(r"<(?:\w+:)?f[\s/>]")
_EXACT: Final = 10**15
"""Excel keeps fifteen digits of a number."""


class Unreadable(Exception):
    """The file is no sheet that can be read; the message says what to do, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row that was filled in: its number as Excel shows it, what stands in it by the form's names, what is lost."""

    number: int
    typed: Mapping[str, str]
    spoiled: Sequence[str]


# -- the template ------------------------------------------------------------------------------------------------------


def headings(form: forms.Form) -> list[tuple[Field, str]]:
    """The form's questions with what their columns are called; the first row of each list alone."""
    return list(_headed(form.parts, ()))


def _headed(parts: Sequence[Part], within: tuple[str, ...]) -> Iterator[tuple[Field, str]]:
    for part in parts:
        if isinstance(part, Field):
            # Which violations are an officer's is no question where there is one of each.
            if part.name != "subjects.0.violations" and part.name != "violations.0.number":
                yield part, ": ".join((*within, part.label))
        elif isinstance(part, Rows):
            for row in part.parts[:1]:
                yield from _headed(row.parts, (*within, part.label))
        else:
            yield from _headed(part.parts, (*within, part.label))


def blank(documents: Sequence[Row], *, zone: str) -> forms.Form:
    """The finding's form with nothing typed."""
    return forms.form_of(FindingGiven, Around(documents=documents, zone=zone))


def template(documents: Sequence[Row], *, zone: str) -> bytes:
    """The workbook to fill in, in the reader's language."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as workbook:
        bold = workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "text_wrap": True, "valign": "top"})
        text = workbook.add_format({"num_format": "@"})
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        sheet, told = workbook.add_worksheet(SHEET), workbook.add_worksheet(_("Keterangan"))
        for place, heading in enumerate((_("Kolom"), _("Wajib"), _("Keterangan"), _("Pilihan"))):
            told.write_string(0, place, heading, bold)
        told.set_column(0, 3, 48, wrapped)
        for place, (field, heading) in enumerate(headings(blank(documents, zone=zone))):
            sheet.write_string(0, place, heading, bold)
            choices = [label for _code, label in field.options[: choosing.OFFERED]]
            for column, said in enumerate(
                (heading, _("ya") if field.required else "", field.hint, "; ".join(choices)[:30_000])
            ):
                told.write_string(place + 1, column, said, wrapped)
            if _is_a_menu(choices):
                menu = {"validate": "list", "source": choices, "error_type": "warning"}
                sheet.data_validation(1, place, MOST, place, menu)
        sheet.set_column(0, _COLUMNS, 24, text)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def _is_a_menu(choices: Sequence[str]) -> bool:
    """Whether Excel takes them as the choices of a cell: 255 characters, parted by commas."""
    return 0 < len(",".join(choices)) <= 255 and not any("," in one for one in choices)


# -- what comes back ---------------------------------------------------------------------------------------------------


def read(file: BinaryIO, documents: Sequence[Row], *, zone: str) -> list[Line]:
    """The rows that were filled in. Raises `Unreadable`."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(_packed_anew(file)))
        if SHEET not in workbook.sheet_names:
            raise Unreadable(_("Tidak ada lembar “%(sheet)s”. Pakai templatnya.") % {"sheet": SHEET})
        sheet = workbook.get_sheet_by_name(SHEET)
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as why:
        raise Unreadable(_("Berkas ini bukan XLSX yang dapat dibaca. Simpan sebagai Excel Workbook (.xlsx).")) from why
    if sheet.total_height > MOST + 1 or sheet.total_width > _COLUMNS:
        raise _too_much()
    rows = enumerate(sheet.iter_rows(), (sheet.start[0] if sheet.start else 0) + 1)
    names = _names_of([str(cell).strip() for cell in next(rows, (0, []))[1]], documents, zone=zone)
    lines = [_line(number, dict(zip(names, cells, strict=False))) for number, cells in rows]
    found = [line for line in lines if line.typed or line.spoiled]
    if not found:
        raise Unreadable(_("Lembarnya belum diisi: isi mulai baris kedua, satu temuan per baris."))
    if len(found) > MOST:
        raise _too_much()
    return found


def _packed_anew(file: BinaryIO) -> bytes:
    """The same parts, unpacked within bounds and packed anew. Raises `Unreadable`, or what `zipfile` raises."""
    out, left = io.BytesIO(), UNPACKED
    with zipfile.ZipFile(file) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as anew:
        if len(packed.infolist()) > PARTS:
            raise _too_much()
        for info in packed.infolist():
            if "vbaProject" in info.filename or "macro" in info.filename.lower():
                raise Unreadable(_("Berkas ini memuat makro. Salin isinya ke templat tanpa makro."))
            if info.flag_bits & 1:
                raise Unreadable(_("Berkas ini bersandi. Simpan tanpa kata sandi."))
            with packed.open(info) as part:
                content = part.read(left + 1)
            left -= len(content)
            if left < 0:
                raise _too_much()
            if info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml"):
                _check_sheet(content)
            anew.writestr(info.filename, content)
    return out.getvalue()


def _check_sheet(content: bytes) -> None:
    """A cell far below or far to the right would be read as all that lies before it. Raises `Unreadable`."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as why:
        raise Unreadable(_("Berkas ini bukan XLSX yang dapat dibaca. Simpan sebagai Excel Workbook (.xlsx).")) from why
    if _FORMULA.search(text):
        raise Unreadable(_("Berkas ini memuat rumus. Tempel isinya sebagai nilai (Paste Special > Values)."))
    for column, row in _PLACE.findall(text):
        # The explanation has a row for each question; no sheet of ours has more than either.
        if int(row) > max(MOST + 1, _COLUMNS) or _number_of(column) > _COLUMNS:
            raise _too_much()


def _number_of(column: str) -> int:
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _too_much() -> Unreadable:
    return Unreadable(
        _("Berkas ini terlalu besar: paling banyak %(most)s temuan dalam satu lembar. Bagi menjadi beberapa berkas.")
        % {"most": MOST}
    )


def _names_of(heading: Sequence[str], documents: Sequence[Row], *, zone: str) -> list[str]:
    known: dict[str, str] = {}
    for language in ("id", "en"):
        with translation.override(language):
            known |= {told: field.name for field, told in headings(blank(documents, zone=zone))}
    unknown = [text for text in heading if text and text not in known]
    names = [known.get(text, "") for text in heading]
    if unknown or len({name for name in names if name}) != len([name for name in names if name]):
        raise Unreadable(_("Baris judulnya bukan milik templat. Unduh templatnya, dan jangan ubah baris pertama."))
    return names


def _line(number: int, cells: Mapping[str, Any]) -> Line:
    typed: dict[str, str] = {}
    spoiled: list[str] = []
    for name, cell in cells.items():
        if not name:
            continue
        if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
            spoiled.append(name)  # the last digits are lost, as of a NIP in a number's cell
        elif text := _written(cell):
            typed[name] = text
    return Line(number, typed, spoiled)


def _written(cell: Any) -> str:
    """A cell as somebody would type it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not (cell.hour or cell.minute) else cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def as_typed(line: Line, documents: Sequence[Row], *, zone: str) -> dict[str, list[str]]:
    """What stands in the row, as it would be typed into the form: labels of choices become their codes.

    Labels may be of either language, as headings may: whoever filled in the sheet may read another than whoever sends
    it. What is one officer and one act needs no numbers; they are put in.
    """
    mine, other = _choices(documents, zone=zone), "id" if translation.get_language() == "en" else "en"
    found, unknown = dict[str, list[str]](), dict[str, str]()
    for name, text in line.typed.items():
        rows = choosing.fitting(text, mine.get(name, ()))
        found[name] = [rows[0][0] if len(rows) == 1 else text]
        if name in mine and not rows:
            unknown[name] = text
    if unknown:
        with translation.override(other):
            theirs = _choices(documents, zone=zone)
        for name, text in unknown.items():
            rows = choosing.fitting(text, theirs[name])
            found[name] = [rows[0][0] if len(rows) == 1 else text]
    return found | {"violations.0.number": ["1"], "subjects.0.violations": ["1"]}


def _choices(documents: Sequence[Row], *, zone: str) -> dict[str, list[Row]]:
    """The choices of each question that has some, as they are told in the language of now."""
    asked = blank(documents, zone=zone).fields()
    return {
        field.name: [(code, str(label)) for code, label in field.options]
        for field in asked
        if field.options and field.kind in {"select", "checks", "search"}
    }
