"""The template for people: the sheet `Kasus` to fill in, an example, what each column means, the codes to choose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from xlsxwriter import Workbook

from api.http.bodies import catalogue_lists
from api.importing.excel import COLUMNS, DAYS, SHEET
from casefiles import shapes
from casefiles.catalogue import book

ROWS: Final = 5_000
"""Rows that are prepared: formats and drop-downs."""
_CODES: Final = "Kode"
_HEADINGS: Final = (
    "Kolom / Column", "Arti", "Meaning", "Wajib / Required", "Bentuk / Form", "Contoh / Example",
)  # fmt: skip
_HINTS: Final = (
    (
        "Isi lembar Kasus mulai baris kedua, satu pegawai per baris; jangan ubah baris pertama. / Fill in the "
        "sheet Kasus "
        "from its second row, one officer a row; leave the first row as it is."
    ),
    (
        "Tempel dengan Paste Special > Values, supaya format teks dan tanggal tetap. / Paste with Paste Special "
        "> Values, "
        "so that the formats of text and dates stay."
    ),
    (
        "NIP adalah teks 18 angka: Excel membulatkan bilangan sepanjang itu. / A NIP is text of 18 digits: Excel "
        "rounds "
        "numbers of that length."
    ),
    (
        "Beberapa pegawai dalam satu nomor register: satu baris per pegawai, dengan bentuk dan tanggal perbuatan "
        "yang sama. "
        "/ Several officers under one register number: a row each, with the same form and day of the act."
    ),
)


def write(path: Path) -> None:
    """Write the template there. Raises OSError where that cannot be done."""
    lists = {name: codes for name, member in COLUMNS.items() if (codes := _codes(member))}
    with Workbook(str(path), {"in_memory": False}) as workbook:
        bold = workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True})
        formats = {
            "day": workbook.add_format({"num_format": "yyyy-mm-dd"}),
            "text": workbook.add_format({"num_format": "@"}),
        }
        sheet = workbook.add_worksheet(SHEET)
        example = workbook.add_worksheet("Contoh")
        _explain(workbook.add_worksheet("Keterangan"), bold, workbook.add_format({"text_wrap": True, "valign": "top"}))
        codes = workbook.add_worksheet(_CODES)
        ranges = _fill_codes(codes, lists)
        for place, (name, member) in enumerate(COLUMNS.items()):
            form = formats["day" if name in DAYS else "text"]
            for one in (sheet, example):
                one.write_string(0, place, name, bold)
                one.set_column(place, place, max(14, len(name) + 2), form)
            sheet.write_comment(0, place, _comment(member))
            if name in ranges:
                sheet.data_validation(1, place, ROWS, place, {"validate": "list", "source": ranges[name]})
            if (value := _example(member)) is not None:
                example.write_string(1, place, value, formats["text"])
        for one in (sheet, example):
            one.freeze_panes(1, 1)
        sheet.activate()


def _codes(member: shapes.Member) -> list[str]:
    if member.choices:
        return [str(choice) for choice in member.choices]
    mark = member.mark(shapes.Code)
    if mark is None:
        return []
    catalogue = book.load()
    return [code for name in catalogue_lists(mark.list_name) for code in catalogue.codes(name)]


def _fill_codes(sheet: Any, lists: Mapping[str, list[str]]) -> dict[str, str]:
    """A column of codes for each drop-down; the range of each by the column it is for."""
    ranges = {}
    for place, (name, codes) in enumerate(lists.items()):
        sheet.write_string(0, place, name)
        sheet.set_column(place, place, 28)
        for number, code in enumerate(codes, 1):
            sheet.write_string(number, place, code)
        letter = _letter(place)
        ranges[name] = f"={_CODES}!${letter}$2:${letter}${len(codes) + 1}"
    return ranges


def _letter(place: int) -> str:
    return (chr(ord("A") + place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _explain(sheet: Any, bold: Any, plain: Any) -> None:
    for line, hint in enumerate(_HINTS):
        sheet.merge_range(line, 0, line, len(_HEADINGS) - 1, hint, plain)
        sheet.set_row(line, 32)
    first = len(_HINTS) + 1
    for place, (heading, width) in enumerate(zip(_HEADINGS, (24, 42, 42, 18, 30, 30), strict=True)):
        sheet.write_string(first, place, heading, bold)
        sheet.set_column(place, place, width)
    for line, (name, member) in enumerate(COLUMNS.items(), first + 1):
        doc = member.doc
        told = (
            name,
            doc.id if doc else "",
            doc.en if doc else "",
            "ya / yes" if member.required else "",
            _form(name, member),
            _example(member) or "",
        )
        for place, text in enumerate(told):
            sheet.write_string(line, place, text, plain)


def _form(name: str, member: shapes.Member) -> str:
    if name in DAYS:
        return "tanggal / date"
    if _codes(member):
        return f"pilihan (lembar {_CODES}) / choice (sheet {_CODES})"
    if member.mark(shapes.AgencySlug):
        return "kode instansi / agency code (GET /api/v1/agencies)"
    if member.mark(shapes.RegionDots):
        return "kode wilayah / region code"
    return "teks / text"


def _comment(member: shapes.Member) -> str:
    doc = member.doc
    words = f"{doc.id} / {doc.en}" if doc else member.name
    return words + ("\n(wajib / required)" if member.required else "")


def _example(member: shapes.Member) -> str | None:
    return str(member.doc.example) if member.doc is not None and member.doc.example is not None else None
